"""The bench that an adapter is tried out on: runtimes that can be told apart, locks in the way, names of files."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pytest_vessel.adapter.contract import WORDS
from pytest_vessel.adapter.protocol import Adapter, Fill
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.installed import Runtime
from pytest_vessel.fixtures.opening import opened
from pytest_vessel.fixtures.running import PATIENT
from pytest_vessel.observation.locks import Kind, Mode
from pytest_vessel.settings import Settings
from pytest_vessel.system import environment, workshop
from pytest_vessel.system.bpf import Chosen
from pytest_vessel.system.identity import Identity, identity_of
from pytest_vessel.system.lockholder import Holder
from pytest_vessel.system.sysroot import Builder, Layout
from pytest_vessel.system.talk import Talk

GREETINGS = "share/vessel"
"""The folder in every `/usr` that says whose it is."""
_MARK = "is-"
_NAMES = (
    *("runtime", "name", "src", "parent", "provider", "file", "tree", "work"),
    *("container", "dest", "link_prefix", "knowledge_file", "root"),
)
_PLACEHOLDERS = tuple(f"{{{name}}}" for name in _NAMES)
"""Those that have values in the verbs that are tried, beside `{argv}` and `{patterns}`."""


@dataclass(frozen=True)
class Marked:
    """The content of a runtime that can be told from every other: a file in it has its name."""

    name: str

    @property
    def key(self) -> str:
        """Its name."""
        return f"marked:{self.name}"

    def fill(self, src: Path, layout: Layout) -> None:
        """Put the file in."""
        greetings = layout.usr(src) / GREETINGS
        greetings.mkdir(parents=True)
        (greetings / f"{_MARK}{self.name}").touch()


class Bench:
    """One implementation with a work folder of ours, and what it is given to work on."""

    def __init__(self, implementation: Implementation, builder: Builder) -> None:
        self.implementation, self.builder = implementation, builder
        self._names: dict[Path, str] = {implementation.work: "WORK"}
        self._shared: dict[tuple[Layout, str], Runtime] = {}

    def offers(self, capability: str) -> bool:
        """Whether the adapter offers a verb, a choice's value or a role."""
        return self.implementation.offers(capability)

    def has(self, verb: str) -> bool:
        """Whether there is such a verb; a clean-up that is part of `copy` is none."""
        return self.offers(verb) and not (verb == "collect" and self.implementation.adapter.collects_in_copy)

    def values(self, choice: str, known: Mapping[str, str]) -> tuple[str, ...]:
        """Those of the values that suites know which the adapter offers."""
        return tuple(value for value in known if self.offers(f"choices.{choice}.{value}"))

    def layouts(self) -> tuple[Layout, ...]:
        """The layouts of runtimes that it takes, as it says; both, where it names others alone."""
        return tuple(layout for layout in Layout if self.offers(f"choices.layout.{layout}")) or tuple(Layout)

    def runtime(self, layout: Layout, name: str = "first") -> Runtime:
        """A runtime of its own whose content says its name. Raises as `Implementation.runtime`."""
        runtime = self.implementation.runtime(layout, Marked(name))
        self.name(runtime.src, "SRC")
        return runtime

    def shared(self, layout: Layout, name: str) -> Runtime:
        """The same for all who do not change it."""
        if (layout, name) not in self._shared:
            self._shared[layout, name] = self.runtime(layout, name)
        return self._shared[layout, name]

    def runtime_at(self, layout: Layout, inner: str) -> Runtime:
        """A runtime whose content lies in another place than the adapter says: at `inner` in its folder."""
        folder = self.implementation.work / "runtimes" / f"at-{layout}-{inner or 'top'}"
        src = folder / inner
        if not src.exists():
            src.parent.mkdir(parents=True, exist_ok=True)
            self.builder.build(src, layout, Marked("first"))
        return Runtime(folder.name, layout, folder, src, src / ".ref", (), self.implementation.work)

    def name(self, folder: Path, name: str) -> None:
        """From now on a folder is called so."""
        self._names[folder] = name

    def spelled(self, path: str | Path) -> str:
        """A path, or text with paths in it, with the folders by their names."""
        text = str(path)
        for folder in sorted(self._names, key=lambda one: len(str(one)), reverse=True):
            text = text.replace(str(folder), self._names[folder])
        return text

    def file_of(self, identity: Identity) -> str:
        """The spelled path of the file below the work folder that this is; empty where it is none of those."""
        for folder, _folders, names in os.walk(self.implementation.work):
            for path in (Path(folder, name) for name in names):
                if not path.is_symlink() and identity_of(path) == identity:
                    return self.spelled(path)
        return ""

    @contextmanager
    def locked(self, file: Path, mode: Mode = Mode.EXCLUSIVE) -> Iterator[None]:
        """Locks of ours on a file, for the time of a `with` block: one of fcntl and one of flock."""
        holder = Holder(self.implementation.stage.workshop)
        try:
            for kind in (Kind.OFD, Kind.FLOCK):
                holder.lock(file, mode, kind)
            yield
        finally:
            holder.close()

    def gated(self) -> tuple[Chosen, ...]:
        """The system calls to hold, to see who asks again and again for a lock; none where there is no gate."""
        return () if environment.lacks(("gate",)) else PATIENT

    def untried(self, verb: str, tried: Container[str]) -> tuple[str, ...]:
        """Placeholders of a verb that have one value here."""
        line = " ".join(self.command(verb))
        return tuple(sorted(name for name in _PLACEHOLDERS if name in line and name not in tried))

    def command(self, verb: str, choices: Mapping[str, str] | None = None) -> tuple[str, ...]:
        """The words and variables of a verb, each placeholder as itself; to see what stands in them."""
        words = {name: (f"{{{name}}}",) for name in WORDS}
        fill = Fill({name[1:-1]: name for name in _PLACEHOLDERS}, words, choices or {})
        command = self.implementation.adapter.command(verb, fill)
        return (*command.argv, *command.environment.values())


def content_inside(talk: Talk) -> str:
    """The name of the runtime that the payload sees; empty where it is none of ours."""
    names = talk.ask("list", f"/usr/{GREETINGS}")[1:]
    return next((name.removeprefix(_MARK) for name in names if name.startswith(_MARK)), "")


def contents_below(folder: Path) -> Iterator[tuple[str, Path]]:
    """Each runtime's content below a folder of this machine: its name, and the folder that is shown as `/usr`."""
    for path in sorted(folder.rglob(f"{_MARK}*")):
        if path.parts[-3:-1] == tuple(GREETINGS.split("/")):
            yield path.name.removeprefix(_MARK), path.parents[2]


@contextmanager
def opened_bench(adapter: Adapter) -> Iterator[Bench]:
    """A bench for one implementation; nothing of it stays.

    Raises:
        HarnessError: no work folder can be made.
    """
    with workshop.opened() as shop:
        builder = Builder(shop.folder)
        with opened(adapter, shop, builder, Settings(seed="0"), "check") as implementation:
            yield Bench(implementation, builder)
