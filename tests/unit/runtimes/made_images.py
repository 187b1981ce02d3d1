"""OCI image layouts made by hand."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pytest_vessel.runtimes.oci import ARCHITECTURES

HERE = {"os": "linux", "architecture": ARCHITECTURES[os.uname().machine]}
Document = dict[str, Any]


class MadeImage:
    """A layout folder; blobs are added, and whoever wants to breaks something of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "blobs/sha256").mkdir(parents=True)
        (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')

    def blob(self, content: bytes) -> Document:
        """Returns its descriptor."""
        digest = hashlib.sha256(content).hexdigest()
        (self.folder / "blobs/sha256" / digest).write_bytes(content)
        return {"digest": f"sha256:{digest}", "size": len(content)}

    def document(self, document: Document) -> Document:
        return self.blob(json.dumps(document).encode())

    def manifest(self, layers: Sequence[bytes], *, packed: Sequence[bytes] = (), **values: Any) -> Document:
        """Returns its descriptor; `layers` are tar archives, and gzipped unless `packed` has them otherwise."""
        digests = [f"sha256:{hashlib.sha256(layer).hexdigest()}" for layer in layers]
        config = self.document({**HERE, "rootfs": {"type": "layers", "diff_ids": digests}})
        blobs = [self.blob(layer) for layer in packed or map(gzip.compress, layers)]
        return self.document({"schemaVersion": 2, "config": config, "layers": blobs, **values})

    def index(self, *rows: Document) -> Path:
        """Write the index; returns the folder."""
        (self.folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": rows}))
        return self.folder


def named(row: Document, name: str) -> Document:
    return {**row, "annotations": {"org.opencontainers.image.ref.name": name}}
