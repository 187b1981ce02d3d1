"""Reading the TOML files of a suite."""

from __future__ import annotations

import hashlib
import tomllib
from importlib.resources.abc import Traversable
from typing import Any

from pytest_vessel.errors import CatalogueError


def read(source: Traversable) -> tuple[dict[str, Any], str]:
    """The tables of a file, and the digest of its text (`sha256:...`).

    Raises:
        CatalogueError: it cannot be read, or is not TOML.
    """
    try:
        content = source.read_bytes()
        return tomllib.loads(content.decode()), "sha256:" + hashlib.sha256(content).hexdigest()
    except OSError as problem:
        raise CatalogueError(
            f"cannot be read: {problem.strerror}", where=str(source), mend="Reinstall pytest-vessel."
        ) from None
    except ValueError as problem:
        raise CatalogueError(f"is not valid TOML: {problem}", where=str(source), mend="Mend the file.") from None
