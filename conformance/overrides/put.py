"""Files and links of a root, written with the folders that they lie in."""

from __future__ import annotations

from pathlib import Path


def put(path: Path, content: bytes | str) -> None:
    """Write an executable file, or make a link that leads there; what is there already gives way."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    if isinstance(content, str):
        path.symlink_to(content)
    else:
        path.write_bytes(content)
        path.chmod(0o755)
