"""The table of mutants: name, the reference with one step overridden, what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable

from pytest_vessel.reference.container import Root
from pytest_vessel.reference.lock import Locking
from pytest_vessel.reference.program import Program
from pytest_vessel.reference.remove import Remove
from pytest_vessel.reference.run import Run
from pytest_vessel.reference.tool import Tool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    Flawed = TypeVar("Flawed", bound=type)


class Mutant:
    """One known-bad implementation.

    Attributes:
        name: as in `kills` of the clauses.
        flaw: the class that overrides a step of the reference; its docstring is the defect.
        verbs: verbs that have the defect; the others are the reference's.
    """

    def __init__(self, name: str, flaw: type, verbs: tuple[str, ...]) -> None:
        self.name = name
        self.flaw = flaw
        self.verbs = verbs

    @property
    def defect(self) -> str:
        """What is wrong, and which real mistake it stands for."""
        return " ".join((self.flaw.__doc__ or "").split())

    def program(self) -> Program:
        """The reference with this defect, and no other."""
        if issubclass(self.flaw, Program):
            return self.flaw()
        program = Program()
        for verb in self.verbs:
            setattr(program, verb, self._flawed(getattr(program, verb)))
        return program

    def _flawed(self, sound: type) -> type:
        if issubclass(self.flaw, sound):
            return self.flaw
        step = "root" if issubclass(self.flaw, Root) else "locking"
        return type(sound.__name__, (sound,), {step: self.flaw})


MUTANTS: dict[str, Mutant] = {}


def mutant(name: str, *verbs: str) -> Callable[[Flawed], Flawed]:
    """Register a class as the mutant `name`; `verbs` only where the class does not tell which verb it is."""

    def register(flaw: Flawed) -> Flawed:
        assert name not in MUTANTS, f"two mutants are called {name}"
        MUTANTS[name] = Mutant(name, flaw, verbs or _verbs_of(flaw))
        return flaw

    return register


def _verbs_of(flaw: type) -> tuple[str, ...]:
    for verb, sound in (("run", (Run, Root)), ("lock", (Tool,)), ("remove", (Remove,))):
        if issubclass(flaw, sound):
            return (verb,)
    assert issubclass(flaw, Locking)
    raise AssertionError(f"{flaw.__name__}: a flaw in locking must say whose locking it is")
