"""An OCI image, from a layout folder or an archive of one (OCI image-spec, image-layout.md, layer.md)."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pytest_vessel.errors import Inconclusive, SourceError
from pytest_vessel.runtimes import stream
from pytest_vessel.runtimes.bounds import Bounds
from pytest_vessel.runtimes.place import place_cached
from pytest_vessel.runtimes.unpack import Layer, unpack
from pytest_vessel.system.sysroot import Layout

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
"""What OCI calls the machines that the probe knows."""

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_DOCUMENT_BYTES = 4 << 20
_INDEXES = 4
_NAME = "org.opencontainers.image.ref.name"
_MEND = "Export it anew, for example: skopeo copy docker://IMAGE oci:FOLDER:NAME"


@dataclass(frozen=True)
class Image:
    """An image, as `pytest_vessel.sources.oci` describes it."""

    path: Path
    reference: str
    bounds: Bounds

    @property
    def key(self) -> str:
        """The digest of its manifest; for an archive, of the file, and which image of it."""
        return self._found()[0]

    def fill(self, src: Path, layout: Layout) -> None:
        """Unpack its layers, if that was not done before, and copy what the layout shows."""
        place_cached(*self._found(), src, layout)

    def _found(self) -> tuple[str, Callable[[Path], None]]:
        """The key of what is there now, and what makes exactly that."""
        if self.path.is_dir():
            image = self._in(self.path)
            return f"oci:{image.manifest}", partial(self._unpack, image)
        digest = stream.digest_at(self.path)
        return f"oci:{digest}:{self.reference}", partial(self._unpack_archive, digest)

    def _unpack(self, image: ImageLayout, root: Path) -> None:
        unpack(image.layers(self.bounds), root, self.bounds)

    def _unpack_archive(self, digest: str, root: Path) -> None:
        with tempfile.TemporaryDirectory(dir=root.parent) as folder:
            unpack([Layer(str(self.path), stream.opened(self.path, self.bounds, digest))], Path(folder), self.bounds)
            self._unpack(self._in(Path(folder)), root)

    def _in(self, folder: Path) -> ImageLayout:
        return ImageLayout(folder, self.reference, str(self.path))


class ImageLayout:
    """A folder with `index.json` and `blobs`. No blob is used before its digest was checked.

    Args:
        folder: where it is.
        reference: name or digest of the image; empty where there is only one.
        shown: what messages call it.

    Raises:
        SourceError: it is none, or has no such image, or several.
        Inconclusive: the image is for other machines.
    """

    def __init__(self, folder: Path, reference: str, shown: str) -> None:
        self._folder, self._shown = folder, shown
        index = self._parsed(self._content(folder / "index.json", "index.json"), "index.json")
        rows = self._rows(index, "manifests")
        if reference:
            rows = [row for row in rows if reference in (row["digest"], _annotation(row))]
            if not rows:
                raise self._wrong(f"there is no image {reference!r} in it", "Look into its index.json.")
        self.manifest = self._manifest(rows)

    def layers(self, bounds: Bounds) -> Iterator[Layer]:
        """Its layers, the lowest first."""
        manifest = self._document(self.manifest)
        rows = self._rows(manifest, "layers")
        (config,) = self._rows({"config": [manifest.get("config")]}, "config")
        rootfs = self._document(config["digest"]).get("rootfs")
        digests = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
        if not isinstance(digests, list) or len(digests) != len(rows):
            raise self._wrong("its config has no diff_ids, one for each layer")
        for number, (row, digest) in enumerate(zip(rows, digests, strict=True), 1):
            opened = stream.opened(self._blob(row["digest"]), bounds, row["digest"])
            yield Layer(f"{self._shown}: layer {number}", opened, whiteouts=True, digest=str(digest))

    def _manifest(self, rows: list[dict[str, Any]], depth: int = 0) -> str:
        """The digest of the one manifest for this machine, also from an index in the index."""
        fitting = {row["digest"]: row for row in rows if _is_for_us(row)}
        if not fitting:
            raise Inconclusive(f"has no image for {_platform()}", where=self._shown, mend="Get that one too.")
        if len(fitting) > 1:
            names = ", ".join(_annotation(row) or digest for digest, row in fitting.items())
            raise self._wrong(f"has several images: {names}", "Name one of them as reference.")
        (digest,) = map(str, fitting)
        document = self._document(digest)
        if "manifests" not in document:
            return digest
        if "layers" in document or depth == _INDEXES:
            raise self._wrong("has an index that is a manifest too, or too many in each other")
        return self._manifest(self._rows(document, "manifests"), depth + 1)

    def _document(self, digest: str) -> dict[str, Any]:
        content = self._content(self._blob(digest), f"blob {digest}")
        if (found := f"sha256:{hashlib.sha256(content).hexdigest()}") != digest:
            raise self._wrong(f"blob {digest} is {found}")
        return self._parsed(content, digest)

    def _content(self, file: Path, name: str) -> bytes:
        """What a document holds, up to the first byte that is too many."""
        try:
            with stream.open_regular(file) as opened:
                return opened.read(_DOCUMENT_BYTES + 1)
        except SourceError as problem:
            raise self._wrong(f"{name} {problem.what}") from None

    def _parsed(self, content: bytes, name: str) -> dict[str, Any]:
        if len(content) > _DOCUMENT_BYTES:
            raise self._wrong(f"{name} has more than {_DOCUMENT_BYTES} bytes")
        try:
            document = json.loads(content)
        except (ValueError, RecursionError) as problem:
            raise self._wrong(f"{name} is no JSON: {problem}") from None
        if not isinstance(document, dict):
            raise self._wrong(f"{name} is no JSON object")
        return document

    def _rows(self, document: dict[str, Any], key: str) -> list[dict[str, Any]]:
        """Descriptors, each with a digest that is one."""
        rows = document.get(key)
        for row in rows if isinstance(rows, list) else [None]:
            if not isinstance(row, dict) or not _DIGEST.fullmatch(str(row.get("digest"))):
                raise self._wrong(f"{key!r} has not a list of descriptors with sha256 digests")
        return list(rows or ())

    def _blob(self, digest: str) -> Path:
        return self._folder.joinpath("blobs", *digest.split(":"))

    def _wrong(self, what: str, mend: str = _MEND) -> SourceError:
        return SourceError(what, where=self._shown, mend=mend)


def _annotation(row: dict[str, Any]) -> str:
    annotations = row.get("annotations")
    return str(annotations.get(_NAME, "")) if isinstance(annotations, dict) else ""


def _platform() -> str:
    machine = os.uname().machine
    return f"linux/{ARCHITECTURES.get(machine, machine)}"


def _is_for_us(row: dict[str, Any]) -> bool:
    """Whether a descriptor names this machine's platform, or none."""
    platform = row.get("platform")
    return not isinstance(platform, dict) or f"{platform.get('os')}/{platform.get('architecture')}" == _platform()
