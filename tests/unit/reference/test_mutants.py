"""Each mutant has its defect, shown on what it does; the reference does not."""

from __future__ import annotations

import inspect
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from mutant_world import (
    BUSY_RUN,
    NEED_NO_PROVIDER,
    REFERENCE,
    World,
    descriptors_in_lock,
    descriptors_in_run,
    every_fourth,
    flock_while_running,
    inode_inside,
    link_inside,
    lock_after_the_main_process,
    lock_after_the_run,
    lock_missing,
    lock_missing_to_be_created,
    lock_that_does_not_wait,
    lock_that_waits,
    lock_when_busy,
    mode_of_a_new_lock_file,
    remove_beside_one_byte,
    remove_in_use,
    remove_what_is_not_writable,
    run_as_somebody_else,
    run_beside_a_user,
    run_beside_posix,
    run_when_busy,
    run_with_a_dangling_link,
    run_with_a_fifo,
    run_with_a_folder,
    run_without_lock_file,
    runtime_after_run,
    seen_in_lock,
    seen_in_run,
    status_of_lock,
)
from reference_world import (
    OFD_EXCLUSIVE,
    OFD_SHARED,
    PROBE,
    as_root,
    conflict,
    done,
    held,
    is_gone,
    talking,
    until,
    waiters,
)

from pytest_vessel import clause
from pytest_vessel.mutant import MUTANTS, NAMES
from pytest_vessel.reference.trouble import BUSY

READY = ("vessel-ready", 0)
HARMLESS = ("null", "parrot")
ONE_BYTE = ("ofd shared", 0, 1)

# mutant, what is looked at, what the reference shows, what the mutant shows
SHOWN: list[tuple[str, Callable[[World], object], object, object]] = [
    ("null", World.run, READY, ("", 0)),
    ("parrot", World.run, READY, READY),
    ("parrot", seen_in_run, OFD_SHARED, None),
    ("parrot", descriptors_in_run, 4, 4),
    ("parrot", lock_missing, 1, 0),
    ("unlocked", seen_in_run, OFD_SHARED, None),
    ("unlocked", seen_in_lock, OFD_SHARED, None),
    ("flock-instead", flock_while_running, OFD_SHARED, "flock"),
    ("flock-instead", seen_in_lock, OFD_SHARED, None),
    ("posix-only", seen_in_run, OFD_SHARED, ("posix shared", 0, 0)),
    ("posix-only", seen_in_lock, OFD_SHARED, ("posix shared", 0, 0)),
    ("locks-one-byte", seen_in_run, OFD_SHARED, ONE_BYTE),
    ("locks-one-byte", seen_in_lock, OFD_SHARED, ONE_BYTE),
    ("ignores-posix", run_beside_posix, BUSY_RUN, READY),
    ("ignores-posix", run_when_busy, BUSY_RUN, BUSY_RUN),
    ("locks-exclusively", seen_in_run, OFD_SHARED, OFD_EXCLUSIVE),
    ("locks-exclusively", run_beside_a_user, READY, BUSY_RUN),
    ("starts-when-busy", run_when_busy, BUSY_RUN, READY),
    ("starts-when-busy", lock_when_busy, BUSY_RUN, READY),
    ("busy-is-success", run_when_busy, BUSY_RUN, ("", 0)),
    ("unlocks-with-main-process", lock_after_the_main_process, OFD_SHARED, None),
    ("unlocks-with-main-process", lock_after_the_run, None, None),
    ("missing-means-unlocked", run_without_lock_file, True, False),
    ("private-lock-file", mode_of_a_new_lock_file, "0o644", "0o600"),
    ("follows-symlinks", run_with_a_dangling_link, (1, False), (0, True)),
    ("locks-anything", run_with_a_folder, ("", 1), READY),
    ("blocks-on-fifo", run_with_a_fifo, 1, None),
    ("leaks-descriptor", descriptors_in_run, 4, 5),
    ("leaks-descriptor", descriptors_in_lock, 4, 5),
    ("touches-runtime", runtime_after_run, True, False),
    ("no-root-link", link_inside, "stat", "errno"),
    ("private-lock-inside", inode_inside, True, False),
    ("removes-unlocked", remove_in_use, (BUSY, True), (0, False)),
    ("tests-first-byte", remove_beside_one_byte, (BUSY, True), (0, False)),
    ("tests-first-byte", remove_in_use, (BUSY, True), (BUSY, True)),
    ("tests-then-deletes", remove_in_use, (BUSY, True), (BUSY, True)),
    ("tool-hides-status", status_of_lock, 3, 0),
    ("tool-releases-early", seen_in_lock, OFD_SHARED, None),
    ("tool-always-waits", lock_that_does_not_wait, False, True),
    ("tool-never-waits", lock_that_waits, True, False),
    ("tool-always-creates", lock_missing, 1, 0),
    ("tool-never-creates", lock_missing_to_be_created, 0, 1),
]


@pytest.mark.parametrize("look", sorted({look for _, look, _, _ in SHOWN}, key=lambda look: look.__name__))
def test_reference_is_sound(world, look):
    (expected,) = {sound for _, shown, sound, _ in SHOWN if shown is look}
    assert look(World(world, REFERENCE)) == expected


@pytest.mark.parametrize(("name", "look", "bad"), [(name, look, bad) for name, look, _, bad in SHOWN])
def test_defect_shows(world, name, look, bad):
    assert look(World(world, ("pytest_vessel.mutant", name))) == bad


@as_root
@pytest.mark.parametrize(
    ("program", "result"), [(REFERENCE, READY), (("pytest_vessel.mutant", "opens-for-writing"), ("", 1))]
)
def test_opens_for_writing(world, program, result):
    assert run_as_somebody_else(World(world, program)) == result


@as_root
@pytest.mark.parametrize(
    ("program", "result"),
    [(REFERENCE, (BUSY, True)), (("pytest_vessel.mutant", "unwritable-means-unused"), (0, False))],
)
def test_unwritable_means_unused(world, program, result):
    assert remove_what_is_not_writable(World(world, program)) == result


def test_never_unlocks_leaves_a_keeper_behind(world):
    unsound = World(world, ("pytest_vessel.mutant", "never-unlocks"))
    assert lock_after_the_run(unsound) == OFD_SHARED
    name = f"{unsound.ref.stat().st_ino}"
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    keepers = [pid for pid in pids if keeps(pid, name)]
    assert len(keepers) == 1
    os.kill(keepers[0], signal.SIGKILL)
    until(lambda: is_gone(keepers[0]), "its end")
    assert conflict(unsound.ref) is None


def keeps(pid: int, inode: str) -> bool:
    try:
        return any(f":{inode} " in path.read_text() for path in Path(f"/proc/{pid}/fdinfo").iterdir())
    except OSError:
        return False


def test_starts_before_lock(world):
    """It has begun before the lock is refused: it waits for the lock with its payload running."""
    unsound = World(world, ("pytest_vessel.mutant", "starts-before-lock"))
    words = ("run", "--wait", str(unsound.runtime), "--", PROBE, "talk", "n")
    with held(unsound.ref):
        with talking(*words, program=unsound.program) as talk:
            assert talk.ask("pids").startswith("pids ")
        until(lambda: not waiters(unsound.ref), "the end of the one that waits")
    with held(unsound.ref):
        assert unsound.run()[1] == BUSY
    assert seen_in_run(unsound) == OFD_SHARED


def test_mutants_are_those_that_the_clauses_name():
    catalogue = clause.load()
    named = {name for row in catalogue for name in row.kills}
    assert named <= set(NAMES)
    assert set(NAMES) - named == set(HARMLESS) or any(row.planned for row in catalogue), "a mutant that nothing names"


@pytest.mark.parametrize("name", NAMES)
def test_mutant_says_its_defect_and_what_it_stands_for(name):
    assert "Stands for" in MUTANTS[name].defect
    assert MUTANTS[name].paths()


@pytest.mark.parametrize("name", NAMES)
def test_mutant_is_a_small_override(name):
    flaw = MUTANTS[name].flaw
    assert len(inspect.getsource(flaw).splitlines()) <= 25
    steps = [step for step in vars(flaw) if not step.startswith("__") or step == "__init__"]
    inherited = {step for base in flaw.__mro__[1:] for step in vars(base)}
    assert set(steps) <= inherited, "a mutant overrides steps, it adds none"


@pytest.mark.parametrize("name", every_fourth(NEED_NO_PROVIDER - {*HARMLESS, "never-unlocks", "locks-exclusively"}))
def test_ordinary_use_of_a_mutant_works(world, name):
    """Only its defect sets a mutant apart: where that does not matter all three verbs do their work."""
    sound = World(world, ("pytest_vessel.mutant", name))
    assert sound.run() == READY
    assert sound.lock() == READY
    assert sound.remove() == 0
    assert not sound.runtime.exists()


def test_unknown_mutant_and_list():
    result = done("run", program=("pytest_vessel.mutant", "nonsense"))
    assert result.returncode == 2
    assert "--list shows the names" in result.stderr
    listed = done("--list", program=("pytest_vessel.mutant",)).stdout.splitlines()
    assert tuple(line.split()[0] for line in listed) == NAMES
