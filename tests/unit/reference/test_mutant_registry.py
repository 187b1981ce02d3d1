"""Where a mutant stands in the reference: at the steps that it is for, and nowhere else."""

from __future__ import annotations

import pytest

from pytest_vessel.mutant import MUTANTS
from pytest_vessel.mutant.registry import Mutant, steps_of
from pytest_vessel.reference.collect import Collect, CopyLocking
from pytest_vessel.reference.lock import Locking
from pytest_vessel.reference.mutable import Copy
from pytest_vessel.reference.program import Program
from pytest_vessel.reference.remove import RemovalLocking
from pytest_vessel.reference.run import Run


def is_other(program: type, path: str, sound: type) -> bool:
    step = program
    for name in path.split(".") if path else ():
        step = getattr(step, name)
    return step is not sound


def leads_to(path: str, places: tuple[str, ...]) -> bool:
    """Whether one of the places is there, or below."""
    return any(place == path or place.startswith(f"{path}." if path else "") for place in places)


@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_program_differs_where_the_mutant_says_and_nowhere_else(name: str) -> None:
    mutant = MUTANTS[name]
    program, places = type(mutant.program()), mutant.paths()
    others = {path for path, step in steps_of(Program, "") if is_other(program, path, step)}
    due = {path for path, _ in steps_of(Program, "") if leads_to(path, places)}
    assert due
    assert due <= others
    assert all(any(path.startswith(f"{place}.") for place in places) for path in others - due)


class Flaw(Locking):
    def range(self, kind: int) -> bytes:
        return b""


class RunFlaw(Run):
    def take_lock(self) -> int:
        return -1


@pytest.mark.parametrize(
    ("flaw", "places", "paths"),
    [
        (Flaw, ("run",), ("run.locking",)),
        (Flaw, ("remove",), ()),
        (Flaw, ("remove.locking",), ("remove.locking",)),
        (Flaw, ("copy",), ("copy.copy.locking", "copy.locking")),
        (RunFlaw, (), ("run",)),
        (RunFlaw, ("copy",), ("copy",)),
    ],
)
def test_places(flaw: type, places: tuple[str, ...], paths: tuple[str, ...]) -> None:
    assert Mutant("made-up", flaw, places).paths() == paths


def test_flaw_in_the_place_of_a_more_special_class_keeps_what_is_special() -> None:
    program = Mutant("made-up", Flaw, ("*.copy_locking",)).program()
    step = program.collect.copy_locking
    assert issubclass(step, Flaw)
    assert issubclass(step, CopyLocking)
    assert step.range is Flaw.range
    assert step.open is CopyLocking.open
    assert program.collect.locking is RemovalLocking
    assert issubclass(program.collect, Collect)
    assert program.copy.copy.cleaning.copy_locking.range is Flaw.range
    assert Program.collect.copy_locking is CopyLocking, "the reference itself is as it was"


def test_verbs_are_those_that_have_the_defect() -> None:
    assert MUTANTS["unlocked"].verbs == {"run", "copy", "lock"}
    assert MUTANTS["deletes-locked"].verbs == {"collect", "copy", "prepare"}
    assert MUTANTS["null"].verbs == {"run", "copy", "prepare", "collect", "remove", "lock", "capture"}
    assert MUTANTS["null"].does_nothing
    assert not MUTANTS["unlocked"].does_nothing
    assert issubclass(MUTANTS["starts-before-copy-lock"].program().copy, Copy)
