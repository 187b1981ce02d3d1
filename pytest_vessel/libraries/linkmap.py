"""The list of objects that the loader of glibc makes: breadth first, filters before what they filter (dl-deps.c)."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_vessel.errors import LibraryError
from pytest_vessel.libraries import paths
from pytest_vessel.libraries.effort import LOOKS_OF_A_MOVE, Effort
from pytest_vessel.libraries.elf import Need, Tag
from pytest_vessel.libraries.found import Look
from pytest_vessel.libraries.loader import Loader
from pytest_vessel.libraries.node import Hit, Node
from pytest_vessel.libraries.search import Search


class LinkMap:
    """Two lists, as the loader has them: the chain of all objects, which it shows, and the list of turns.

    They differ where a filter was met. What stands before the program in the chain is neither shown nor found again.
    """

    def __init__(
        self, search: Search, effort: Effort, main: Node, loader: Loader, library_path: str, *, explain: bool
    ) -> None:
        self._search = search
        self._effort = effort
        self._main = main
        self._facts = loader
        self._loader = loader.node()
        self._library_path = paths.prefixes(library_path, search.values(main), ":;") if library_path else ()
        self._explain = explain
        self._chain = [main, self._loader]
        self._turns = [main]
        self._done: set[Node] = set()
        self._listed = {main}
        self._known: dict[str, Node] = {}
        self._files: dict[tuple[int, int], Node] = {}
        main.names.append("")
        self._loader.names.append(loader.path)
        self._index()

    def visit(self, preloaded: Sequence[str]) -> None:
        """Load all that is needed, and what is needed by that.

        Raises:
            LibraryError: as the loader would.
        """
        for name in preloaded:
            self._preload(name)
        place = 0
        while place < len(self._turns):
            node = self._turns[place]
            self._done.add(node)
            if node.hit:
                self._visit(node, place)
            while place < len(self._turns) and self._turns[place] in self._done:
                place += 1
        self._check_crashes()

    def _check_crashes(self) -> None:
        if self._chain[0] is self._loader:
            raise LibraryError("filters its own loader, which crashes of that", where=self._main.path)
        first = next(node for node in self._turns if node.hit)
        if self._facts.refuses_filters_of_a_program and first is not self._main:
            raise LibraryError("is a filter, and its loader takes none as a program", where=self._main.path)

    def shown(self) -> list[Node]:
        """The chain behind the program; the loader behind its predecessor in the list of turns, if it has one."""
        chain = [node for node in self._chain if node is not self._loader]
        found = [node for node in self._turns if node.hit]
        always = len(found) if self._facts.is_always_listed else 0
        place = found.index(self._loader, 1) if self._loader in found[1:] else always
        if place:
            chain.insert(chain.index(found[place - 1]) + 1, self._loader)
        return chain[chain.index(self._main) + 1 :]

    def _preload(self, name: str) -> None:
        """The loader itself only prints a message when this fails."""
        try:
            node = self._load(name, self._main, may_miss=False)
        except LibraryError:
            return
        if node and node not in self._listed:
            self._append(node)

    def _append(self, node: Node) -> None:
        self._listed.add(node)
        self._turns.append(node)

    def _visit(self, node: Node, place: int) -> None:
        self._effort.spend(len(node.elf.needs))
        for need in node.elf.needs:
            tag, written = need
            name = paths.expand(written, self._search.values(node)) if "$" in written else written
            if tag is not Tag.NEEDED:
                place += self._filter(need, name, node, place)
                continue
            found = self._known.get(name) if name else None
            if found:  # as in most cases: a file of a large root is needed dozens of times
                found.needed_by.append(node.path)
            else:
                found = self._load_checked(need, name, node)
            if found not in self._listed:
                self._append(found)

    def _load_checked(self, need: Need, name: str | None, node: Node) -> Node:
        if not name and need.name:
            raise LibraryError(f"needs {need.name!r}, and its tokens have no value here", where=node.path)
        try:
            found = self._load(name or "", node)
        except LibraryError as problem:
            raise LibraryError(
                f"{problem.what}; needed by {node.path}", where=problem.where or node.path, mend=problem.mend
            ) from None
        assert found
        return found

    def _filter(self, need: Need, name: str | None, node: Node, place: int) -> bool:
        """Put the filtee before its filter, which stands at `place`; whether that moved the filter."""
        try:
            filtee = self._load_checked(need, name, node)
        except LibraryError:
            if need.tag is Tag.AUXILIARY:
                return False
            raise
        if filtee in self._listed:
            later = [at for at in range(place + 1, len(self._turns)) if self._turns[at] is filtee]
            if not later:
                return False
            del self._turns[later[0]]
        self._effort.spend(LOOKS_OF_A_MOVE)
        self._listed.add(filtee)
        self._turns.insert(place, filtee)
        self._done.discard(filtee)
        self._chain.remove(filtee)
        self._chain.insert(self._chain.index(node), filtee)
        self._index()
        return True

    def _load(self, name: str, needer: Node, *, may_miss: bool = True) -> Node | None:
        """What a name stands for: an object that has it already, or the file that a search finds."""
        if known := self._known.get(name):
            known.needed_by.append(needer.path)
            return known
        looks: list[Look] | None = [] if self._explain else None
        hit = self._search.find(name, needer, self._library_path, looks)
        if hit and (known := self._files.get(hit.file.identity)):
            known.names.append(name)
            known.needed_by.append(needer.path)
            self._known[name] = known
            return known
        return self._add(name, hit, needer, looks or []) if hit or may_miss else None

    def _add(self, name: str, hit: Hit | None, needer: Node, looks: list[Look]) -> Node:
        node = Node(name, hit, needer, looks)
        self._chain.append(node)
        if hit:
            node.names += name, hit.path
            self._remember(node)
        return node

    def _index(self) -> None:
        self._known.clear()
        self._files.clear()
        for node in self._chain[self._chain.index(self._main) :]:
            if node.hit:
                self._remember(node)

    def _remember(self, node: Node) -> None:
        """By names, and by its file; the program is known by its SONAME alone, the loader not by its file."""
        for name in node.names:
            self._known.setdefault(name, node)
        if node.elf.soname:
            self._known.setdefault(node.elf.soname, node)
        if node is not self._main and node is not self._loader:
            self._files.setdefault(node.file.identity, node)
