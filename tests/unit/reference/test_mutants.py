"""Each mutant has its defect, shown on what it does; the reference does not."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import inspect
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from reference_world import (
    LIMIT_S,
    NOBODY,
    OFD_EXCLUSIVE,
    OFD_SHARED,
    PROBE,
    Talk,
    as_root,
    children,
    conflict,
    done,
    held,
    is_gone,
    make_runtime,
    snapshot,
    talking,
    until,
    waiters,
)

from pytest_vessel import clause
from pytest_vessel.mutant import MUTANTS, NAMES
from pytest_vessel.reference.lock import EXCLUSIVE, SHARED, Locking
from pytest_vessel.reference.trouble import BUSY, Trouble
from pytest_vessel.system.compile import probe

REFERENCE = ("pytest_vessel.reference",)
BUSY_RUN = ("", BUSY)


class World:
    """A program, sound or not, and a runtime for it to use."""

    def __init__(self, folder: Path, program: tuple[str, ...]) -> None:
        self.folder = folder
        self.program = program
        self.runtime = folder / "rt"
        self.ref = self.runtime / ".ref"
        make_runtime(self.runtime)

    def done(self, *words: str, user: int | None = None) -> tuple[str, int]:
        """What a verb printed on stdout (its first word), and its status."""
        result = done(*words, program=self.program, user=user)
        return (result.stdout.split() or [""])[0], result.returncode

    def run(self) -> tuple[str, int]:
        return self.done("run", str(self.runtime), "--", PROBE, "talk", "n")

    def lock(self, *options: str, file: Path | None = None) -> tuple[str, int]:
        return self.done("lock", *options, str(file or self.ref), "--", str(probe()), "talk", "n")

    def remove(self, user: int | None = None) -> int:
        return self.done("remove", str(self.runtime), user=user)[1]

    @contextmanager
    def running(self) -> Iterator[Talk]:
        with talking("run", str(self.runtime), "--", PROBE, "talk", "n", program=self.program) as talk:
            yield talk

    @contextmanager
    def locking(self, *options: str, wait: bool = True) -> Iterator[Talk]:
        words = ("lock", *options, str(self.ref), "--", str(probe()), "talk", "n")
        with talking(*words, program=self.program, wait=wait) as talk:
            yield talk


def seen_in_run(world: World) -> object:
    with world.running():
        return conflict(world.ref)


def seen_in_lock(world: World) -> object:
    with world.locking():
        return conflict(world.ref)


def flock_while_running(world: World) -> object:
    with world.running(), world.ref.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return "flock"
        return conflict(world.ref)


def run_beside_posix(world: World) -> object:
    with held(world.ref, "posix"):
        return world.run()


def run_when_busy(world: World) -> object:
    with held(world.ref):
        return world.run()


def lock_when_busy(world: World) -> object:
    with held(world.ref):
        return world.lock()


def run_beside_a_user(world: World) -> object:
    with held(world.ref, mode="shared"):
        return world.run()


def run_as_somebody_else(world: World) -> object:
    world.ref.chmod(0o444)
    return world.done("run", str(world.runtime), "--", PROBE, "talk", "n", user=NOBODY)


def lock_after_the_main_process(world: World) -> object:
    with world.running() as talk:
        talk.ask("daemon 0")
        (first,) = (
            int(word) for word in Path(f"/proc/{talk.process.pid}/task/{talk.process.pid}/children").read_text().split()
        )
        until(lambda: len(Path(f"/proc/{first}/task/{first}/children").read_text().split()) == 1, "one process left")
        return conflict(world.ref)


def lock_after_the_run(world: World) -> object:
    world.run()
    return conflict(world.ref)


def run_without_lock_file(world: World) -> object:
    world.ref.unlink()
    with world.running() as talk:
        talk.ask("pids")
        return world.ref.exists()


def mode_of_a_new_lock_file(world: World) -> object:
    world.ref.unlink()
    world.run()
    return oct(world.ref.stat().st_mode & 0o777)


def run_with_a_dangling_link(world: World) -> object:
    world.ref.unlink()
    world.ref.symlink_to(world.folder / "outside")
    return world.run()[1], (world.folder / "outside").exists()


def run_with_a_folder(world: World) -> object:
    world.ref.unlink()
    world.ref.mkdir()
    return world.run()


def run_with_a_fifo(world: World) -> object:
    world.ref.unlink()
    os.mkfifo(world.ref)
    words = ("run", str(world.runtime), "--", PROBE, "talk", "n")
    with talking(*words, program=world.program, wait=False) as talk:

        def ended_or_blocked() -> bool:
            if talk.process.poll() is not None:
                return True
            wchans = [Path(f"/proc/{child}/wchan").read_text() for child in children(talk.process.pid)]
            return any("wait_for_partner" in wchan for wchan in wchans)

        until(ended_or_blocked, "an end, or a wait for the other end")
        return talk.process.poll()


def descriptors_in_run(world: World) -> object:
    with world.running() as talk:
        return len(talk.ask("fds").split())


def descriptors_in_lock(world: World) -> object:
    with world.locking() as talk:
        return len(talk.ask("fds").split())


def runtime_after_run(world: World) -> object:
    before = snapshot(world.runtime)
    world.run()
    return snapshot(world.runtime) == before


def link_inside(world: World) -> object:
    with world.running() as talk:
        return talk.ask("stat /.ref").split()[0]


def inode_inside(world: World) -> object:
    with world.running() as talk:
        return talk.ask("stat /.ref").split()[2] == str(world.ref.stat().st_ino)


def remove_in_use(world: World) -> object:
    with held(world.ref, mode="shared"):
        return world.remove(), world.runtime.exists()


def remove_beside_one_byte(world: World) -> object:
    with held(world.ref, mode="shared", start=1000, length=1):
        return world.remove(), world.runtime.exists()


def remove_what_is_not_writable(world: World) -> object:
    for path in [world.folder, *world.folder.rglob("*")]:
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    world.ref.chmod(0o444)
    with held(world.ref, mode="shared"):
        return world.remove(NOBODY), world.runtime.exists()


def status_of_lock(world: World) -> object:
    with world.locking() as talk:
        talk.ask("status 3")
        return talk.end()


def lock_that_waits(world: World) -> object:
    return waits(world, "--wait")


def lock_that_does_not_wait(world: World) -> object:
    return waits(world)


def waits(world: World, *options: str) -> object:
    with held(world.ref), world.locking(*options, wait=False) as talk:
        until(lambda: waiters(world.ref) or talk.process.poll() is not None, "a waiter, or an end")
        waited = talk.process.poll() is None
        talk.process.send_signal(signal.SIGTERM)
        talk.process.wait(LIMIT_S)
        return waited


def lock_missing(world: World) -> object:
    return world.lock(file=world.folder / "new")[1]


def lock_missing_to_be_created(world: World) -> object:
    return world.lock("--create", file=world.folder / "new")[1]


READY = ("vessel-ready", 0)
ONE_BYTE = ("ofd shared", 0, 1)

# mutant, what is looked at, what the reference shows, what the mutant shows
SHOWN: list[tuple[str, Callable[[World], object], object, object]] = [
    ("null", World.run, READY, ("", 0)),
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
    with held(unsound.ref), talking(*words, program=unsound.program) as talk:
        assert talk.ask("pids").startswith("pids ")
    with held(unsound.ref):
        assert unsound.run()[1] == BUSY
    assert seen_in_run(unsound) == OFD_SHARED


def locking_of(name: str) -> Locking:
    flaw = MUTANTS[name].flaw
    assert issubclass(flaw, Locking)
    return flaw()


def answering(monkeypatch, number: int, *commands: int) -> None:
    original = fcntl.fcntl

    def call(descriptor: int, command: int, argument: bytes) -> object:
        if command in commands:
            raise OSError(number, os.strerror(number))
        return original(descriptor, command, argument)

    monkeypatch.setattr(fcntl, "fcntl", call)


OFD = (fcntl.F_OFD_SETLK, fcntl.F_OFD_SETLKW)
ALL = (*OFD, fcntl.F_SETLK, fcntl.F_SETLKW)


def test_no_fallback(tmp_path, monkeypatch):
    answering(monkeypatch, errno.EINVAL, *OFD)
    with pytest.raises(Trouble, match="cannot be locked"):
        locking_of("no-fallback").take(str(tmp_path / "f"), SHARED, create=True)


def test_fallback_unlocked(tmp_path, monkeypatch):
    answering(monkeypatch, errno.EINVAL, *OFD)
    os.close(locking_of("fallback-unlocked").take(str(tmp_path / "f"), SHARED, create=True))
    answering(monkeypatch, errno.ENOLCK, *OFD)
    with pytest.raises(Trouble, match="cannot be locked"):
        locking_of("fallback-unlocked").take(str(tmp_path / "f"), SHARED, create=True)


def test_ignores_lock_errors(tmp_path, monkeypatch):
    with held(new := touched(tmp_path)), pytest.raises(Trouble, match="in use"):
        locking_of("ignores-lock-errors").take(str(new), SHARED)
    answering(monkeypatch, errno.ENOLCK, *ALL)
    os.close(locking_of("ignores-lock-errors").take(str(new), SHARED))


def test_nameless_errors(tmp_path, monkeypatch):
    answering(monkeypatch, errno.ENOLCK, *ALL)
    with pytest.raises(Trouble, match=r"^cannot lock: No locks available$"):
        locking_of("nameless-errors").take(str(touched(tmp_path)), SHARED)


@pytest.mark.parametrize("wait", [False, True])
def test_eintr_is_success(tmp_path, monkeypatch, wait):
    locking = locking_of("eintr-is-success")
    descriptor = locking.take(str(file := touched(tmp_path)), SHARED, wait=wait)
    assert conflict(file) == OFD_SHARED
    os.close(descriptor)
    monkeypatch.setattr(inspect.getmodule(type(locking)), "_libc", Interrupted())
    descriptor = locking.take(str(file), SHARED, wait=wait)
    assert conflict(file) is None
    os.close(descriptor)


class Interrupted:
    def fcntl(self, *_: object) -> int:
        ctypes.set_errno(errno.EINTR)
        return -1


def test_tests_then_deletes(tmp_path):
    file = touched(tmp_path)
    descriptor = locking_of("tests-then-deletes").take(str(file), EXCLUSIVE)
    assert conflict(file) is None
    os.close(descriptor)


def touched(folder: Path) -> Path:
    (folder / "f").touch()
    return folder / "f"


def test_mutants_are_those_that_the_clauses_name():
    named = {name for row in clause.load() for name in row.kills}
    assert set(NAMES) == named | {"null"}


@pytest.mark.parametrize("name", NAMES)
def test_mutant_says_its_defect_and_what_it_stands_for(name):
    assert "Stands for" in MUTANTS[name].defect
    assert MUTANTS[name].verbs


@pytest.mark.parametrize("name", NAMES)
def test_mutant_is_a_small_override(name):
    flaw = MUTANTS[name].flaw
    assert len(inspect.getsource(flaw).splitlines()) <= 25
    steps = [step for step in vars(flaw) if not step.startswith("__") or step == "__init__"]
    inherited = {step for base in flaw.__mro__[1:] for step in vars(base)}
    assert set(steps) <= inherited, "a mutant overrides steps, it adds none"


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"null", "never-unlocks", "locks-exclusively"}))
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
