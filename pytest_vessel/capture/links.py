"""Where the links of a capture lead, and the folder of links itself: all of them, or none."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pytest_vessel.capture.plan import Link
from pytest_vessel.errors import LibraryError, UsageProblem


@dataclass(frozen=True)
class Rewriting:
    """How a path inside the provider is written in a link.

    Attributes:
        prefix: where the provider appears when the container runs; empty where it is at `/`.
        remaps: `(from, to)`: a path that begins with the folder `from` begins with `to` instead; the first that fits.
    """

    prefix: str = ""
    remaps: tuple[tuple[str, str], ...] = ()

    def target(self, real_path: str) -> str:
        """What a link holds for a file of the provider."""
        path = self.prefix.rstrip("/") + real_path
        for old, new in self.remaps:
            if path == old or path.startswith(f"{old.rstrip('/')}/"):
                return new.rstrip("/") + path[len(old.rstrip("/")) :]
        return path


def prefix(text: str) -> str:
    """Where the container sees the provider, as it is written; empty: at `/`.

    Raises:
        UsageProblem: it is no absolute path.
    """
    if text and not text.startswith("/"):
        mend = "Say where the container sees the provider, such as /run/host."
        raise UsageProblem("is no absolute path", where=text, mend=mend)
    return text


def remap(text: str) -> tuple[str, str]:
    """A remap as it is written, `PREFIX=TARGET`.

    Raises:
        UsageProblem: it is not two absolute paths.
    """
    old, equals, new = text.partition("=")
    if not (equals and old.startswith("/") and new.startswith("/")):
        raise UsageProblem("is no remap", where=text, mend="Write /usr=/run/host/usr: two absolute paths.")
    return old, new


def publish(links: Iterable[Link], rewriting: Rewriting, destination: Path) -> None:
    """Make the folder of links: in a folder beside it, which is renamed when it is complete.

    Raises:
        LibraryError: the destination holds something, or cannot be made; then nothing was changed.
    """
    made: Path | None = None
    part = destination
    try:
        if _holds_something(destination):
            mend = "Name a new folder, or an empty one."
            raise LibraryError("is there already, and holds something", where=str(destination), mend=mend)
        made = Path(tempfile.mkdtemp(prefix=f".{destination.name}.", dir=destination.parent))
        made.chmod(0o755)
        for link in links:
            part = destination / link.name
            (made / link.name).symlink_to(rewriting.target(link.real_path))
        part = destination
        made.rename(destination)
    except OSError as problem:
        mend = "It takes a folder that is there, that you may write to, and that has room."
        raise LibraryError(f"cannot be made: {problem.strerror}", where=str(part), mend=mend) from None
    finally:
        if made and made.exists():
            shutil.rmtree(made)


def _holds_something(path: Path) -> bool:
    """Whether it is there, and no empty folder. Raises `OSError` where it cannot be looked at."""
    return path.is_symlink() or (path.exists() and (not path.is_dir() or bool(os.listdir(path))))
