"""The table of mutants: name, the step of the reference that is another one, what is wrong with it.

The reference is a program made of classes, and the steps that can be exchanged are class attributes of them::

    Program.run       Run              .locking .root
           .copy      Copy             .locking .root .copy ──> MutableCopy   .locking .cleaning ──> Collect
                                                                .folder_of_overrides .overriding ──> Overrides
           .prepare   Prepare          .copy ──> MutableCopy
           .collect   Collect          .locking .copy_locking
           .remove    Remove           .locking
           .lock      Tool             .locking
           .capture   Capture

The *path* of a step is the names on the way to it: `copy.copy.cleaning.copy_locking`. A mutant is one small class that
takes the place of one of these classes, wherever that stands below the verbs that the mutant is for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase

from pytest_vessel.reference.program import Program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    Flawed = TypeVar("Flawed", bound=type)

REFERENCE = "pytest_vessel.reference."


class Mutant:
    """One known-bad implementation.

    Attributes:
        name: as in `kills` of the clauses.
        flaw: the class that overrides a step of the reference; its docstring is the defect.
        places: paths of steps; `*` stands for any part. What is below a place and of the class that `flaw` overrides
            is exchanged; what stands at the place itself, also where it is of a more special class. None: everything
            of that class.
    """

    def __init__(self, name: str, flaw: type, places: tuple[str, ...]) -> None:
        self.name = name
        self.flaw = flaw
        self.places = places

    @property
    def defect(self) -> str:
        """What is wrong, and which real mistake it stands for."""
        return " ".join((self.flaw.__doc__ or "").split())

    @property
    def sound(self) -> type:
        """The class of the reference that the flaw is a variant of."""
        return next(base for base in self.flaw.__mro__ if base.__module__.startswith(REFERENCE))

    @property
    def does_nothing(self) -> bool:
        """Whether it is another program altogether, which only looks like a container runtime."""
        return self.sound is Program

    @property
    def verbs(self) -> frozenset[str]:
        """The verbs that have the defect; the others are the reference's."""
        if self.does_nothing:
            return frozenset(name for name, _ in inner_steps(Program))
        return frozenset(path.partition(".")[0] for path in self.paths())

    def program(self) -> Program:
        """The reference with this defect, and no other."""
        program: type[Program] = self._flawed(Program, "")
        return program()

    def paths(self) -> tuple[str, ...]:
        """Where in the reference the defect is; the empty path for the whole program."""
        return tuple(path for path, step in steps_of(Program, "") if self._is_meant(step, path))

    def _flawed(self, step: type, path: str) -> type:
        if self._is_meant(step, path):
            return self.flaw if step is self.sound else type(step.__name__, (self.flaw, step), {})
        inner = {name: (old, self._flawed(old, below(path, name))) for name, old in inner_steps(step)}
        changed = {name: new for name, (old, new) in inner.items() if new is not old}
        return type(step.__name__, (step,), changed) if changed else step

    def _is_meant(self, step: type, path: str) -> bool:
        if issubclass(step, self.sound) and any(fnmatchcase(path, place) for place in self.places):
            return True
        below_one = not self.places or any(path.startswith(f"{place}.") for place in self.places)
        return below_one and step is self.sound


def inner_steps(step: type) -> Iterator[tuple[str, type]]:
    """The steps that a class of the reference lets others exchange: its attributes that are such classes."""
    for name in dir(step):
        inner = getattr(step, name)
        if isinstance(inner, type) and inner.__module__.startswith(REFERENCE):
            yield name, inner


def steps_of(step: type, path: str) -> Iterator[tuple[str, type]]:
    """Paths and classes of a step and of all below it."""
    yield path, step
    for name, inner in inner_steps(step):
        yield from steps_of(inner, below(path, name))


def below(path: str, name: str) -> str:
    """The path of an inner step."""
    return f"{path}.{name}" if path else name


MUTANTS: dict[str, Mutant] = {}


def mutant(name: str, *places: str) -> Callable[[Flawed], Flawed]:
    """Register a class as the mutant `name`; see `Mutant.places`."""

    def register(flaw: Flawed) -> Flawed:
        assert name not in MUTANTS, f"two mutants are called {name}"
        MUTANTS[name] = Mutant(name, flaw, places)
        return flaw

    return register
