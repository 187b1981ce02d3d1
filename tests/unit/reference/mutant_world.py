"""What can be looked at in a program, sound or not: each look is a function of a world."""

from __future__ import annotations

import fcntl
import os
import signal
from collections.abc import Iterator, Set
from contextlib import contextmanager
from pathlib import Path

import pytest
from reference_world import (
    LIMIT_S,
    NOBODY,
    PROBE,
    Talk,
    children,
    conflict,
    done,
    held,
    make_runtime,
    snapshot,
    talking,
    until,
    waiters,
)

from pytest_vessel.mutant import MUTANTS
from pytest_vessel.reference.trouble import BUSY
from pytest_vessel.system.compile import probe

REFERENCE = ("pytest_vessel.reference",)
BUSY_RUN = ("", BUSY)

NEED_NO_PROVIDER = {
    name
    for name, mutant in MUTANTS.items()
    if not all(".overriding." in path or path.startswith("capture") for path in mutant.paths())
}
"""Mutants that are not the reference where nobody gives libraries."""


def every_fourth(names: Set[str], first: int = 0) -> list[object]:
    """Names as values of a parameter: from the `first` on every fourth in CI, all in full."""
    return [
        pytest.param(name, marks=[] if number % 4 == first else pytest.mark.full)
        for number, name in enumerate(sorted(names))
    ]


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
