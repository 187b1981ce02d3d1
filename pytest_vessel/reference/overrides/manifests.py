"""JSON manifests: what tells a loader of a driver where its library is.

Each is read in the provider and written anew in OVR, with the path of the library as the container sees it. Its
`library_path` may be absolute, relative to the manifest, or a bare name that the dynamic loader looks up; that one
stays, if the library was captured. A manifest that cannot be read, or whose library nobody can load, is told of and
left out: a loader that follows it would fail, or worse.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any

from pytest_vessel.reference.overrides.drivers import Drivers, numbers
from pytest_vessel.reference.overrides.folder import INSIDE, OverridesFolder
from pytest_vessel.reference.overrides.libraries import FOR_ALL
from pytest_vessel.reference.overrides.roots import Library, Provider
from pytest_vessel.reference.trouble import tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_vessel.reference.overrides.architecture import Architecture

MOST_BYTES = 1 << 20


@dataclass(frozen=True)
class ManifestKind:
    """Manifests that one loader looks for.

    Attributes:
        folder: in OVR.
        drivers: the folder of their libraries, below `lib/TUPLE`.
        keys: what may hold the object with the `library_path`.
        variables: each names manifests, or folders of them; the first that is set counts.
        usual: where they are looked for if none is.
        is_layer: a layer may do without a library; and it is found in its folder alone, not by a variable.
        file: its name, if there can be only one.
    """

    folder: str
    drivers: str
    keys: tuple[str, ...]
    variables: tuple[str, ...]
    usual: tuple[str, ...]
    is_layer: bool = False
    file: str = ""


def _data(folder: str) -> tuple[str, ...]:
    return f"/etc/{folder}", f"/usr/local/share/{folder}", f"/usr/share/{folder}"


EXPLICIT, IMPLICIT = "vulkan/explicit_layer.d", "vulkan/implicit_layer.d"
ICDS, VENDORS, PLATFORMS = "vulkan/icd.d", "glvnd/egl_vendor.d", "egl/egl_external_platform.d"
OPENXR = "active_runtime.json"
DATA_DIRS = "/usr/local/share:/usr/share"
"""Where data is looked for if XDG_DATA_DIRS is not set (XDG Base Directory Specification)."""

_ICD, _LAYER = ("ICD",), ("layer", "layers")
KINDS = (
    ManifestKind(f"share/{VENDORS}", "glvnd", _ICD, ("__EGL_VENDOR_LIBRARY_FILENAMES",), _data(VENDORS)),
    ManifestKind(f"share/{PLATFORMS}", "egl", _ICD, ("__EGL_EXTERNAL_PLATFORM_CONFIG_FILENAMES",), _data(PLATFORMS)),
    ManifestKind(f"share/{ICDS}", "vulkan", _ICD, ("VK_DRIVER_FILES", "VK_ICD_FILENAMES"), _data(ICDS)),
    ManifestKind(f"share/{EXPLICIT}", "explicit_layer", _LAYER, ("VK_LAYER_PATH",), _data(EXPLICIT), is_layer=True),
    ManifestKind(f"share/{IMPLICIT}", "implicit_layer", _LAYER, (), _data(IMPLICIT), is_layer=True),
    ManifestKind("share/openxr/1", "openxr", ("runtime",), ("XR_RUNTIME_JSON",), ("/etc/xdg/openxr/1",), file=OPENXR),
)


@dataclass(frozen=True)
class Manifest:
    """One manifest that could be read.

    Attributes:
        kind: which loader is to find it.
        path: in the provider.
        document: all that it says.
        parts: the objects in it that may name a library.
        libraries: what each part names: a library, a bare name, or nothing.
    """

    kind: ManifestKind
    path: str
    document: dict[str, Any]
    parts: list[dict[str, Any]]
    libraries: list[Library | str | None]


class Unusable(Exception):
    """A manifest that is left out; says why."""


class Manifests:
    """The manifests of one container: found, then written when their libraries have a place."""

    def __init__(self, folder: OverridesFolder, provider: Provider, drivers: Drivers) -> None:
        self.folder = folder
        self.provider = provider
        self.drivers = drivers
        self.found: list[Manifest] = []
        self.written: dict[ManifestKind, list[str]] = {}

    def find(self, variables: Mapping[str, str]) -> None:
        """Read the manifests, and add their libraries to the drivers."""
        for kind in KINDS:
            for path in self.paths(kind, variables):
                try:
                    manifest = self.read(kind, path)
                except Unusable as why:
                    tell(f"{path}: {why}, so this manifest is left out")
                    continue
                self.found.append(manifest)
                for library in manifest.libraries:
                    if isinstance(library, Library):
                        self.drivers.add(kind.drivers, library)

    def paths(self, kind: ManifestKind, variables: Mapping[str, str]) -> list[str]:
        """The manifests of a kind in the provider, each once: those that are named, and those in folders."""
        given = next(filter(None, map(variables.get, kind.variables)), None)
        found: dict[str, str] = {}
        for place in filter(None, given.split(":") if given else kind.usual):
            paths = [f"{place}/{name}" for name in self.provider.names(place) if name.endswith(kind.file or ".json")]
            if given and not self.provider.is_folder(place):
                paths = [place]
            for path in paths:
                found.setdefault(self.provider.real(path) or path, path)
        return list(found.values())[: 1 if kind.file else None]

    def read(self, kind: ManifestKind, path: str) -> Manifest:
        """Read one manifest, and look for its libraries."""
        try:
            document = json.loads(self.provider.content(path, MOST_BYTES))
        except OSError as problem:
            raise Unusable(f"cannot be read: {problem.strerror}") from None
        except (ValueError, RecursionError):
            raise Unusable("is no JSON") from None
        parts = [part for key in kind.keys for part in listed(document.get(key))] if isinstance(document, dict) else []
        if not parts or not all(isinstance(part, dict) for part in parts):
            raise Unusable(f"is broken: there is no object {kind.keys[0]!r} in it")
        return Manifest(kind, path, document, parts, [self.library(kind, path, part) for part in parts])

    def library(self, kind: ManifestKind, path: str, part: dict[str, Any]) -> Library | str | None:
        """What a part of a manifest names."""
        named = part.get("library_path")
        if named is None and kind.is_layer:
            return None
        if not isinstance(named, str) or not named or "\0" in named:
            raise Unusable("is broken: it names no library")
        if "/" not in named:
            return named
        if "$" in named:
            raise Unusable(f"names a library that only the dynamic loader could tell, {named}")
        found = self.provider.library(os.path.join(os.path.dirname(path), named))
        if found is None:
            raise Unusable(f"{named} is no library that can be loaded")
        return found

    def patterns(self) -> list[str]:
        """What is to be captured for manifests that name a library without a path."""
        bare = {library: None for manifest in self.found for library in manifest.libraries if isinstance(library, str)}
        return [f"{FOR_ALL}even-if-older:soname:{name}" for name in bare]

    def write(self, architectures: Sequence[Architecture]) -> None:
        """Write the manifests whose libraries have a place; one that says what another of its kind says is left out."""
        for kind in KINDS:
            texts: dict[str, Manifest] = {}
            for manifest in self.found:
                if manifest.kind == kind and (text := self.text(manifest, architectures)):
                    texts.setdefault(text, manifest)
            names = self.names(kind, [os.path.basename(manifest.path) for manifest in texts.values()])
            for name, text in zip(names, texts, strict=True):
                path = f"{kind.folder}/{name}"
                self.folder.make_folder(os.path.dirname(path))
                self.folder.write(path, text)
                self.written.setdefault(kind, []).append(f"{INSIDE}/{path}")

    def names(self, kind: ManifestKind, names: list[str]) -> list[str]:
        """What manifests of a kind are called in OVR: as before, unless two have one name; then numbers part them."""
        if kind.file:
            return [kind.file] * len(names)
        if len(set(names)) == len(names):
            return names
        between = "-" if kind.is_layer else "/"
        return [f"{number}{between}{name}" for number, name in zip(numbers(len(names)), names, strict=True)]

    def text(self, manifest: Manifest, architectures: Sequence[Architecture]) -> str | None:
        """What is written for a manifest; None where one of its libraries has no place."""
        for part, library in zip(manifest.parts, manifest.libraries, strict=True):
            if library is None:
                continue
            inside = self.path_inside(manifest.kind, library, architectures)
            if inside is None:
                tell(f"{manifest.path}: its library was not captured, so this manifest is left out")
                return None
            part["library_path"] = inside
        return json.dumps(manifest.document, indent=4) + "\n"

    def path_inside(
        self, kind: ManifestKind, library: Library | str, architectures: Sequence[Architecture]
    ) -> str | None:
        """How the container finds a library; None where it does not. A bare name stays one."""
        if isinstance(library, Library):
            return self.drivers.path_inside(kind.drivers, library)
        captured = any(self.folder.target(f"{one.folder}/{library}") for one in architectures)
        return library if captured else None

    def variables(self) -> dict[str, str]:
        """What tells loaders in the container of the manifests."""
        found: dict[str, str] = {}
        for kind, paths in self.written.items():
            value = f"{INSIDE}/{kind.folder}" if kind.is_layer else ":".join(paths)
            found |= dict.fromkeys(kind.variables, value)
            if kind.is_layer:  # of implicit layers no variable tells but this one
                found["XDG_DATA_DIRS"] = f"{INSIDE}/share:{os.environ.get('XDG_DATA_DIRS') or DATA_DIRS}"
        return found


def listed(value: object) -> list[Any]:
    """A list as it is, anything else as the only one, nothing as none."""
    return value if isinstance(value, list) else [] if value is None else [value]
