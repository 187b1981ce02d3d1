"""The libraries that a loader would load for a file of a root."""

from __future__ import annotations

import os
import re
from functools import cached_property

from pytest_vessel.errors import LibraryError
from pytest_vessel.libraries import loader, processor
from pytest_vessel.libraries.effort import Effort
from pytest_vessel.libraries.elf import Elf, Tag
from pytest_vessel.libraries.elf_header import ET_DYN, Abi
from pytest_vessel.libraries.files import File, Files
from pytest_vessel.libraries.found import Closure, Loaded, Rule, Stage
from pytest_vessel.libraries.linkmap import LinkMap
from pytest_vessel.libraries.loader import Loader
from pytest_vessel.libraries.musl import MuslMap
from pytest_vessel.libraries.node import Hit, Node
from pytest_vessel.libraries.ordinary import IS_BUILT, Ordinary
from pytest_vessel.libraries.processor import Processor
from pytest_vessel.libraries.rootfs import Root
from pytest_vessel.libraries.search import Search, check_extent

_PRELOAD = "/etc/ld.so.preload"


class Libraries:
    """The closures of one root. What was read once is remembered, so many files of a root take little time.

    Args:
        root: the top folder; `/` is this machine's.
        library_path: LD_LIBRARY_PATH of the program; that of this process is never read.
        cwd: the folder inside the root that relative paths in files begin at.
        chosen: the processor that will run the program; None for that of this machine.

    Attributes:
        root: that folder, as those inside see it.

    Raises:
        LibraryError: there is no such folder.

    Not guaranteed: programs that are setuid are treated as others; a library that a program opens while it runs
    (dlopen) is not found; a root that changes is to be opened anew.
    """

    rooted: type[Root] = Root
    files: type[Files] = Files
    ordinary: type[Ordinary] | None = Ordinary if IS_BUILT else None

    def __init__(
        self,
        root: str | os.PathLike[str] = "/",
        *,
        library_path: str = "",
        cwd: str = "/",
        chosen: Processor | None = None,
    ) -> None:
        self.root = self.rooted(root)
        self._library_path = library_path
        self._cwd = cwd
        self._processor = chosen
        self._effort = Effort()
        self._facts: dict[str, File] = {}
        self._programs = self.files(self.root, None, self._facts)
        self._loaders: dict[tuple[str, Abi], tuple[Loader, Files, Search]] = {}
        asks_rules = library_path or self._preloaded
        self._ordinary = None if asks_rules or not self.ordinary else self.ordinary(self.root)

    def closure(self, path: str, *, explain: bool = False) -> Closure:
        """What is loaded for a program or library; `path` is inside the root.

        `explain` has each object tell what else was looked at.

        Raises:
            LibraryError: it is not there, is not for any loader, or needs something that its loader refuses.
        """
        if self._ordinary and not explain and (found := self._ordinary.closure(path, self._loader_of)):
            return found
        return self._closure(path, explain)

    def _closure(self, path: str, explain: bool) -> Closure:
        self._effort.begin()
        main = self._main(path)
        elf = main.elf
        if elf.kind == ET_DYN and not elf.is_dynamic:
            raise LibraryError("has no dynamic section", where=path, mend="Name what these debug symbols are of.")
        if not elf.is_dynamic or not (elf.needs or self._preloaded):
            check_extent(main.file)
            return Closure(self.root.path, main.path, elf.interpreter, ())
        chosen, files, search = self._loader_of(elf)
        if chosen.libc == "musl":
            nodes = MuslMap(self.root, files, self._effort, main, chosen, self._library_path).visit()
        else:
            check_extent(main.file)
            objects = LinkMap(search, self._effort, main, chosen, self._library_path, explain=explain)
            objects.visit(self._preloaded)
            nodes = objects.shown()
        # For a program that needs nothing nothing is listed, although filters and preloaded libraries are loaded.
        shown = nodes if any(need.tag is Tag.NEEDED for need in elf.needs) else []
        return Closure(self.root.path, main.path, chosen.path, tuple([node.fact() for node in shown]))

    def find(self, name: str, abi: Abi) -> Loaded | None:
        """The file that a library of this ABI which names no folders gets for a name; None where there is none.

        Raises:
            LibraryError: the root has no loader of glibc for this ABI, or that would refuse the file.
        """
        self._effort.begin()
        hit = self._search_for(abi).find_usual(name)
        return Node(name, hit, None).loaded() if hit else None

    def has_loader(self, abi: Abi) -> bool:
        """Whether the root has a loader for this ABI: without one nothing in it can be loaded."""
        try:
            loader.usual(self.root, Elf(abi, ET_DYN, None))
        except LibraryError:
            return False
        return True

    def names(self, abi: Abi) -> frozenset[str]:
        """The names by which `find` may find something: those in the cache, or else in the default folders.

        Raises:
            LibraryError: as `find`.
        """
        return self._search_for(abi).names()

    def file(self, path: str) -> File:
        """The facts of one file, of whatever ABI; `path` is inside the root.

        Raises:
            LibraryError: it is not there, or is no library that a loader could load.
        """
        file = self._main(path).file
        check_extent(file)
        return file

    def _search_for(self, abi: Abi) -> Search:
        found, _files, search = self._loader_of(Elf(abi, ET_DYN, None))
        if found.libc != "glibc":
            raise LibraryError(f"has the loader of {found.libc}", where=self.root.path, mend="Name a root with glibc.")
        return search

    def _main(self, path: str) -> Node:
        """The file itself; the kernel gives a program the path without links."""
        real = self.root.resolve(path)
        file = self._programs.take(real) if isinstance(real, str) else real
        if isinstance(file, int):
            problem = f"cannot be opened in {self.root.path}: {os.strerror(file)}"
            mend = "Name a program or library that you may read, by its path inside the root."
            raise LibraryError(problem, where=path, mend=mend)
        return Node("", Hit(file.real_path, file, Rule(Stage.PATH)), None)

    def _loader_of(self, main: Elf) -> tuple[Loader, Files, Search]:
        path = main.interpreter or loader.usual(self.root, main)
        key = path, main.abi
        if key not in self._loaders:
            chosen = self._processor or processor.of_this_machine(main.abi)
            found = loader.read_loader(self.root, path, main.abi, chosen)
            files = self.files(self.root, main.abi, self._facts)
            self._loaders[key] = found, files, Search(self.root, found, files, self._cwd, self._effort)
        return self._loaders[key]

    @cached_property
    def _preloaded(self) -> list[str]:
        """The names in /etc/ld.so.preload: parted by blanks or colons; a comment ends with its line."""
        text = os.fsdecode(self.root.content(_PRELOAD) or b"")
        return re.sub("#[^\n]*", "", text).replace(":", " ").split()
