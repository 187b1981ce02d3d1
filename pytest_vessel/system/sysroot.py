"""Build the trees that serve as runtimes: a merged /usr, or a complete root.

Every tree holds the static probe at `/usr/libexec/vessel/probe` and a lock file `.ref` at its top; a `Source` puts
more into it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from pytest_vessel.errors import Inconclusive, LibraryError
from pytest_vessel.libraries.closure import Libraries
from pytest_vessel.system import compile


class Layout(StrEnum):
    """What SRC is: the folder shown as `/usr`, or the one shown as `/`."""

    MERGED_USR = "merged-usr"
    COMPLETE_ROOT = "complete-root"


class Source(Protocol):
    """Where the content of a runtime comes from."""

    @property
    def key(self) -> str:
        """A word that says what is in it: trees of one key are built once."""

    def fill(self, usr: Path) -> None:
        """Put the content below `usr`, the folder that will be `/usr`.

        Raises:
            Inconclusive: this machine does not have it.
        """


@dataclass(frozen=True)
class HostPrograms:
    """Programs of this machine with the libraries that they need; names are looked up in PATH."""

    programs: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The programs' names."""
        return "host:" + ",".join(sorted(self.programs))

    def fill(self, usr: Path) -> None:
        """Copy programs to `bin` or `sbin`, as here; libraries to the same place below `usr` as on this machine."""
        libraries = Libraries()
        for name in self.programs:
            found = shutil.which(name)
            if not found:
                raise Inconclusive(f"this machine has no program {name!r}", mend=f"Install {name}.")
            folder = "sbin" if Path(found).parent.name == "sbin" else "bin"
            _copy(Path(found), usr / folder / Path(found).name)
            for library in _loaded(libraries, found):
                inside = Path(*(part for part in library.parts[1:] if part != "usr"))
                _copy(library, usr / inside)


def _loaded(libraries: Libraries, program: str) -> tuple[Path, ...]:
    """Every file that is mapped for a program besides it, the loader included; none for a static program."""
    try:
        closure = libraries.closure(os.path.abspath(program))
    except LibraryError as problem:
        raise Inconclusive(problem.what, where=problem.where, mend="Name a program of this machine.") from None
    if closure.missing:
        names = ", ".join(missing.name for missing in closure.missing)
        raise Inconclusive(f"{program}: not found: {names}", mend="Install what it needs.")
    paths = [closure.interpreter, *(loaded.path for loaded in closure.objects)]
    return tuple(Path(path) for path in dict.fromkeys(filter(None, paths)))


def _copy(source: Path, target: Path) -> None:
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


TOP_LINKS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_MOUNT_POINTS = ("dev", "etc", "proc", "run", "sys", "tmp", "var")


def build(folder: Path, layout: Layout, source: Source, *, ref: bool = True) -> None:
    """Make the tree of a runtime in `folder`, which must not exist.

    Raises:
        Inconclusive: there is no probe for this machine, or the source is not to be had.
    """
    usr = folder if layout is Layout.MERGED_USR else folder / "usr"
    usr.mkdir(parents=True)
    _fill(usr)
    source.fill(usr)
    if layout is Layout.COMPLETE_ROOT:
        for name in _MOUNT_POINTS:
            (folder / name).mkdir(mode=0o1777 if name == "tmp" else 0o755)
        for name in TOP_LINKS:
            if (usr / name).is_dir():
                (folder / name).symlink_to(f"usr/{name}")
    if ref:
        make_ref(folder / ".ref")


def make_ref(ref: Path) -> None:
    """Make an empty lock file of mode 0644."""
    ref.touch()
    ref.chmod(0o644)


def _fill(usr: Path) -> None:
    probe = usr / "libexec" / "vessel" / "probe"
    probe.parent.mkdir(parents=True)
    shutil.copy(compile.probe(), probe)
    probe.chmod(0o755)
    share = usr / "share" / "vessel"
    share.mkdir(parents=True)
    (usr / "bin").mkdir(exist_ok=True)
    (share / "greeting.txt").write_text("hello from the runtime\n")
    (share / "link.txt").symlink_to("greeting.txt")
    (share / "empty").mkdir()


class Builder:
    """Builds runtimes; content of one key and layout is made once, and copied."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._built: dict[tuple[Layout, str], Path] = {}

    def build(self, folder: Path, layout: Layout, source: Source, *, ref: bool = True) -> None:
        """As the function `build`, from the cache where it is there: files are copied, never shared."""
        if os.statvfs(self._cache).f_flag & os.ST_NOEXEC:
            raise Inconclusive(f"{self._cache} does not allow execution", mend="Set TMPDIR to a folder that does.")
        key = (layout, source.key)
        if key not in self._built:
            made = Path(tempfile.mkdtemp(prefix="tree-", dir=self._cache)) / "tree"
            build(made, layout, source, ref=False)
            self._built[key] = made
        shutil.copytree(self._built[key], folder, symlinks=True)
        if ref:
            make_ref(folder / ".ref")


def copy_hard_linked(src: Path, copy: Path, *, apart: Sequence[str] = (".ref",)) -> None:
    """A mutable copy: folders of its own, files hard-linked, those named `apart` (at the top) copied.

    A lock file must never be hard-linked: one inode would make one lock of two.
    """

    def link(source: str, target: str) -> str:
        if os.path.dirname(source) == str(src) and os.path.basename(source) in apart:
            return str(shutil.copy2(source, target, follow_symlinks=False))
        os.link(source, target, follow_symlinks=False)
        return target

    shutil.copytree(src, copy, symlinks=True, copy_function=link)
