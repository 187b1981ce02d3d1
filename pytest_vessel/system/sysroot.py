"""Build the trees that serve as runtimes: a merged /usr, or a complete root.

Every tree holds the static probe at `/usr/libexec/vessel/probe` and a lock file `.ref` at its top; a `Source` puts
more into it.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from pytest_vessel.errors import NO_ROOM, Inconclusive, LibraryError, SourceError
from pytest_vessel.libraries.closure import Libraries
from pytest_vessel.system import compile


class Layout(StrEnum):
    """What SRC is: the folder shown as `/usr`, or the one shown as `/`."""

    MERGED_USR = "merged-usr"
    COMPLETE_ROOT = "complete-root"

    def usr(self, src: Path) -> Path:
        """The folder of SRC that is `/usr` inside."""
        return src if self is Layout.MERGED_USR else src / "usr"


class Source(Protocol):
    """Where the content of a runtime comes from."""

    @property
    def key(self) -> str:
        """A word that says what is in it: trees of one key are built once."""

    def fill(self, src: Path, layout: Layout) -> None:
        """Put the content below `src`, an empty folder that will be shown as the layout says.

        Raises:
            Inconclusive: this machine does not have it.
            SourceError: it cannot be used.
        """


@dataclass(frozen=True)
class HostPrograms:
    """Programs of this machine with the libraries that they need; names are looked up in PATH."""

    programs: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The programs' names."""
        return "host:" + ",".join(sorted(self.programs))

    def fill(self, src: Path, layout: Layout) -> None:
        """Copy programs to `bin` or `sbin`, as here; libraries to the same place below `usr` as on this machine."""
        libraries = Libraries()
        usr = layout.usr(src)
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
        Inconclusive: there is no probe for this machine, or no room, or the source is not to be had.
        SourceError: the source cannot be used.
    """
    try:
        _build(folder, layout, source, ref)
    except OSError as problem:
        if problem.errno not in NO_ROOM:
            raise
        mend = "Make room there, or set TMPDIR to a folder that has some."
        raise Inconclusive(f"cannot be filled: {problem.strerror}", where=str(folder), mend=mend) from None


def _build(folder: Path, layout: Layout, source: Source, ref: bool) -> None:
    folder.mkdir(parents=True)
    source.fill(folder, layout)
    _furnish(folder, layout.usr(folder))
    if layout is Layout.COMPLETE_ROOT:
        for name in _MOUNT_POINTS:
            if not os.path.lexists(folder / name):
                (folder / name).mkdir(mode=0o1777 if name == "tmp" else 0o755)
        for name in TOP_LINKS:
            if (folder / "usr" / name).is_dir() and not os.path.lexists(folder / name):
                (folder / name).symlink_to(f"usr/{name}")
    if ref:
        make_ref(folder / ".ref")


def make_ref(ref: Path) -> None:
    """Make an empty lock file of mode 0644."""
    ref.touch()
    ref.chmod(0o644)


def _furnish(folder: Path, usr: Path) -> None:
    """Put in what every runtime has. What the source has put there leads nowhere else, or is replaced."""
    probe = _real_folder(folder, usr / "libexec" / "vessel") / "probe"
    share = _real_folder(folder, usr / "share" / "vessel")
    greeting, link, empty = share / "greeting.txt", share / "link.txt", share / "empty"
    for path in (probe, greeting, link):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
    shutil.copy(compile.probe(), probe)
    probe.chmod(0o755)
    greeting.write_text("hello from the runtime\n")
    link.symlink_to(greeting.name)
    for made in (empty, usr / "bin"):
        _real_folder(folder, made)


def _real_folder(top: Path, folder: Path) -> Path:
    """Make a folder below `top`; no link is followed on the way.

    Raises:
        SourceError: something else is there.
    """
    for path in reversed((folder, *folder.parents)):
        if path.is_relative_to(top):
            if path.is_symlink() or not (path.is_dir() or not path.exists()):
                raise SourceError("is no folder", where=str(path), mend="The probe must go there: leave it out.")
            path.mkdir(exist_ok=True)
    return folder


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
        _clone(self._built[key], folder)
        if ref:
            make_ref(folder / ".ref")


def copy_hard_linked(src: Path, copy: Path, *, apart: Sequence[str] = (".ref",)) -> None:
    """A mutable copy: folders of its own, files hard-linked, those named `apart` (at the top) copied.

    A lock file must never be hard-linked: one inode would make one lock of two.

    Raises:
        OSError: `copy` exists, or something cannot be linked.
    """
    _clone(src, copy, "-l")
    for name in apart:
        if os.path.lexists(copy / name):
            (copy / name).unlink()
            shutil.copy2(src / name, copy / name, follow_symlinks=False)


def _clone(source: Path, target: Path, *how: str) -> None:
    """Copy a folder by cp(1), which takes half as long as Python; `target` must not exist."""
    target.mkdir(parents=True)
    argv = ["cp", "-aT", *how, "--", str(source), str(target)]  # also busybox has these
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace")
    if done.returncode:
        raise OSError(f"{source} cannot be copied: {done.stderr.strip()}")


def detach(src: Path, name: str | os.PathLike[str]) -> Path:
    """Give a file of a hard-linked copy its own content, so that it can be written and the original stays as it is.

    A link in the copy is followed. Returns the file's path; where there is none, that of a new one.

    Raises:
        ValueError: it lies outside of `src`, or a link leads there.
        OSError: it is a folder, or cannot be copied.
    """
    file = (src / name).resolve()
    if not file.is_relative_to(src.resolve()):
        raise ValueError(f"{name}: leads out of {src}")
    if file.exists():
        aside = file.with_name(f".{secrets.token_hex(8)}")
        shutil.copy2(file, aside)
        aside.replace(file)
    return file
