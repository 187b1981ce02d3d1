"""Drivers and the JSON manifests that name them, kind by kind: what a provider of a test has beside libraries."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Manifests:
    """One kind of manifest.

    `folder`: below `share`, in a provider and in the overrides; `table`: what holds `library_path`; `beside`: what
    else a sound one has in there; `variables`: those that name them, each path of a file, or their folder where
    `by_folder` says so. Without a variable they are looked for in `folder`.
    """

    folder: str
    table: str
    beside: Mapping[str, str]
    variables: tuple[str, ...] = ()
    by_folder: bool = False

    def path(self, name: str) -> str:
        """Where one of that name lies in a root."""
        return f"usr/share/{self.folder}/{name}"

    def text(self, library_path: str | None, name: str = "made", **more: Sequence[str]) -> str:
        """A manifest that names this library, or none, and `more` beside."""
        library = {} if library_path is None else {"library_path": library_path}
        beside = {key: text.replace("NAME", name) for key, text in self.beside.items()}
        return json.dumps(
            {"file_format_version": "1.1.1" if more else "1.0.0", self.table: {**beside, **library, **more}}
        )

    @property
    def named_by(self) -> tuple[str, ...]:
        """The variables that name each path of a file."""
        return () if self.by_folder else self.variables

    def library_in(self, text: str) -> str | None:
        """The library that a manifest of this kind names; None where it names none, or is broken."""
        try:
            found = json.loads(text)[self.table].get("library_path")
        except (ValueError, KeyError, TypeError, AttributeError):
            return None
        return found if isinstance(found, str) else None

    def drivers(self, names: Sequence[str]) -> dict[str, str]:
        """The variables that ask for manifests of these names, in their order."""
        paths = [f"/usr/share/{self.folder}"] if self.by_folder else [f"/{self.path(name)}" for name in names]
        return dict.fromkeys(self.variables, ":".join(paths))


_LAYER = {
    "name": "VK_LAYER_NAME",
    "type": "GLOBAL",
    "api_version": "1.1.0",
    "implementation_version": "1",
    "description": "made for a test",
}

KINDS: Mapping[str, Manifests] = {
    "vulkan": Manifests("vulkan/icd.d", "ICD", {"api_version": "1.1.0"}, ("VK_DRIVER_FILES", "VK_ICD_FILENAMES")),
    "explicit-layer": Manifests("vulkan/explicit_layer.d", "layer", _LAYER, ("VK_LAYER_PATH",), by_folder=True),
    "implicit-layer": Manifests("vulkan/implicit_layer.d", "layer", _LAYER),
    "egl": Manifests("glvnd/egl_vendor.d", "ICD", {}, ("__EGL_VENDOR_LIBRARY_FILENAMES",)),
    "egl-platform": Manifests("egl/egl_external_platform.d", "ICD", {}, ("__EGL_EXTERNAL_PLATFORM_CONFIG_FILENAMES",)),
    "openxr": Manifests("openxr/1", "runtime", {"name": "NAME"}, ("XR_RUNTIME_JSON",)),
}

VULKAN = KINDS["vulkan"]

PATHS = {"dri": "LIBGL_DRIVERS_PATH", "va": "LIBVA_DRIVERS_PATH", "vdpau": "VDPAU_DRIVER_PATH"}
"""Kinds of drivers without manifests, and the variable that names their folders."""

VARIABLES = frozenset(PATHS.values()) | {name for kind in KINDS.values() for name in kind.variables}
"""Every variable by which a driver is found."""
