"""What can be looked at in a program that makes and cleans up copies, sound or not: each look is a function."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from pathlib import Path

from copy_world import content, lock_file, tree
from reference_world import (
    NOBODY,
    PROBE,
    Talk,
    children,
    conflict,
    done,
    held,
    is_gone,
    make_runtime,
    talking,
    until,
    waiters,
)


class CopyWorld:
    """A program, a runtime, and a folder of copies: `FOLDER/runtimes/rt`, `FOLDER/parents/p`."""

    def __init__(self, folder: Path, program: tuple[str, ...], layout: str = "merged-usr") -> None:
        self.folder, self.program = folder, program
        self.runtime, self.parent = folder / "runtimes/rt", folder / "parents/p"
        self.source_file, self.parent_file = self.runtime / ".ref", self.parent / ".ref"
        make_runtime(self.runtime, layout)
        self.parent.mkdir(parents=True)
        self.parent_file.touch()

    def words(self, verb: str, *options: str) -> tuple[str, ...]:
        """The command line of a verb; copies do not collect unless asked to."""
        if verb == "collect":
            return ("collect", str(self.parent))
        quiet = () if "collect" in options else ("--no-collect",)
        options = tuple(option for option in options if option != "collect")
        where = (str(self.runtime), str(self.parent))
        return (verb, *quiet, *options, *where, *(("--", PROBE, "talk", "n") if verb == "copy" else ()))

    def done(self, verb: str, *options: str, user: int | None = None) -> int:
        """The status of a verb."""
        return done(*self.words(verb, *options), program=self.program, user=user).returncode

    def errors(self, verb: str, *options: str, user: int | None = None) -> str:
        """What a verb says on stderr."""
        return done(*self.words(verb, *options), program=self.program, user=user).stderr

    def running(self, *options: str) -> contextlib.AbstractContextManager[Talk]:
        return talking(*self.words("copy", *options), program=self.program)

    def started(self, verb: str, *options: str) -> contextlib.AbstractContextManager[Talk]:
        return talking(*self.words(verb, *options), program=self.program, wait=False)

    def copies(self) -> list[Path]:
        return sorted(path for path in self.parent.iterdir() if path.name.startswith("tmp-"))

    def copy(self) -> Path:
        (copy,) = self.copies()
        return copy

    def plant(self, name: str = "tmp-planted", *, ref: str = "file") -> Path:
        """A copy that nobody uses, with a lock file of some kind."""
        copy = self.parent / name
        (copy / "usr").mkdir(parents=True)
        (copy / "usr/data").write_text("content")
        if ref == "file":
            (copy / ".ref").touch()
        elif ref in ("link", "dangling"):
            (copy / ".ref").symlink_to("usr/.ref")
        elif ref == "folder":
            (copy / ".ref").mkdir()
        elif ref == "fifo":
            os.mkfifo(copy / ".ref")
        elif ref == "outside":
            (copy / ".ref").symlink_to(self.folder / "made-outside")
        if ref == "link":
            (copy / "usr/.ref").touch()
        return copy

    def left(self) -> list[str]:
        """Names of what is in PARENT but its lock file."""
        return sorted(path.name for path in self.parent.iterdir() if path != self.parent_file)


# The set-up


def locks_while_running(world: CopyWorld) -> object:
    """SRC/.ref, PARENT/.ref, COPY/.ref."""
    with world.running():
        return tuple(lock_file(path) for path in (world.source_file, world.parent_file, world.copy() / ".ref"))


def copy_lock(world: CopyWorld) -> object:
    with world.running():
        return lock_file(tree(world.copy()) / ".ref")


def copy_when_source_busy(world: CopyWorld) -> object:
    with held(world.source_file):
        return world.done("copy"), len(world.copies())


def copy_when_parent_busy(world: CopyWorld) -> object:
    with held(world.parent_file):
        return world.done("copy"), len(world.copies())


def copy_beside_a_maker(world: CopyWorld) -> object:
    with held(world.parent_file, mode="shared"):
        return world.done("copy")


def copy_beside_a_maker_with_clean_up(world: CopyWorld) -> object:
    """Whether it ends, and what is left of an unused copy."""
    planted = world.plant()
    with held(world.parent_file, mode="shared"), world.started("copy", "collect") as talk:
        until(lambda: waiters(world.parent_file) or {*world.copies()} - {planted}, "a wait, or a copy")
        waits = bool(waiters(world.parent_file))
        talk.process.kill()
        return waits, planted.exists()


def message_of_a_waiter(world: CopyWorld) -> object:
    with held(world.parent_file), world.started("copy", "--wait") as talk:
        until(lambda: waiters(world.parent_file), "a waiter")
        talk.process.send_signal(signal.SIGKILL)
        return "in use" in talk.errors()


def run_when_parent_busy(world: CopyWorld) -> object:
    """The runtime lies in PARENT, so that whoever looks for that finds it."""
    make_runtime(world.parent / "rt")
    with held(world.parent_file):
        return done("run", str(world.parent / "rt"), "--", PROBE, "talk", "n", program=world.program).returncode


def unusable_parent(world: CopyWorld) -> object:
    """Whether the message names the lock file, and what is left."""
    world.parent_file.unlink()
    world.parent_file.mkdir()
    return str(world.parent_file) in world.errors("copy"), len(world.copies())


def missing_parent(world: CopyWorld) -> object:
    shutil.rmtree(world.parent)
    status = world.done("copy")
    return status, sorted(path.name for path in world.parent.parent.iterdir())


def second_copy(world: CopyWorld) -> object:
    with world.running():
        return world.done("copy"), len(world.copies())


def name_of_the_first(world: CopyWorld) -> object:
    world.done("prepare")
    return world.copy().name == "tmp-000000000001"


def mode_of_a_copy(world: CopyWorld) -> object:
    world.done("prepare")
    return oct(world.copy().stat().st_mode & 0o777)


def prepared_content(world: CopyWorld) -> object:
    status = world.done("prepare")
    return status, content(tree(world.copy())) == content(world.runtime)


def lock_after_prepare(world: CopyWorld) -> object:
    world.done("prepare")
    return conflict(world.copy() / ".ref")


def parent_after_a_failure(world: CopyWorld) -> object:
    """A file of another user that cannot be read ends the set-up."""
    os.chown(world.parent, NOBODY, NOBODY)
    (world.runtime / "secret").write_text("x")
    (world.runtime / "secret").chmod(0o600)
    status = world.done("copy", user=NOBODY)
    return status, conflict(world.parent_file), len(world.copies())


def copy_after_a_killed_one(world: CopyWorld) -> object:
    (world.parent / ".setup").touch()
    return world.done("copy")


# The copy's lock, and its holders


def inode_of_lock_file(world: CopyWorld) -> object:
    """Whether it is the runtime's, and whether it lies in the copy."""
    world.done("prepare")
    file = world.copy() / ".ref"
    return file.samefile(world.source_file), file.resolve().is_relative_to(world.copy().resolve())


def lock_after_the_main_process(world: CopyWorld) -> object:
    with world.running() as talk:
        talk.ask("daemon 0")
        (first,) = children(talk.process.pid)
        until(lambda: len(children(first)) == 1, "one process left")
        return conflict(world.copy() / ".ref")


def lock_after_the_container(world: CopyWorld) -> object:
    world.done("copy")
    return conflict(world.copy() / ".ref")


def lock_after_sigterm(world: CopyWorld) -> object:
    with world.running() as talk:
        talk.ask(f"ignore {signal.SIGTERM:d}")
        talk.process.send_signal(signal.SIGTERM)
        until(lambda: handled(talk, signal.SIGTERM), "the signal to arrive")
        return conflict(world.copy() / ".ref")


def handled(talk: Talk, number: int) -> bool:
    """Whether launcher and first process have nothing of this signal to do any more."""
    pids = [talk.process.pid, *children(talk.process.pid)]
    return not any(is_pending(pid, number) or not sleeps(pid) for pid in pids)


def is_pending(pid: int, number: int) -> bool:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return True
    masks = [int(line.split()[1], 16) for line in lines if line.startswith(("SigPnd", "ShdPnd"))]
    return any(mask >> (number - 1) & 1 for mask in masks)


def sleeps(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"


def after_the_launcher(world: CopyWorld) -> object:
    """Whether the container lives on, and its lock."""
    with world.running() as talk:
        (first,) = children(talk.process.pid)
        (payload,) = children(first)
        os.kill(talk.process.pid, signal.SIGKILL)
        talk.process.wait()
        lives = not is_gone(first) and not is_pending(first, signal.SIGKILL)  # the kernel's signal, if any, is sent
        until(lambda: lives or (is_gone(payload) and is_gone(first)), "the end of the container")
        found = lives and talk.ask("pids").startswith("pids "), conflict(world.copy() / ".ref")
        if lives:
            os.kill(first, signal.SIGKILL)
            until(lambda: is_gone(first), "its end")
        return found


def holders(file: Path) -> list[int]:
    """Pids of the processes that have a lock on a file."""
    number, found = f":{file.stat().st_ino} ", []
    for folder in Path("/proc").glob("[0-9]*/fdinfo"):
        with contextlib.suppress(OSError):
            texts = [info.read_text() for info in folder.iterdir()]
            if any("lock:" in line and number in line for text in texts for line in text.splitlines()):
                found.append(int(folder.parent.name))
    return found


def holder_is_a_stranger(world: CopyWorld) -> object:
    """Whether the lock's holder is neither launcher nor first process, and what is left when it is killed."""
    with world.running() as talk:
        ours = [talk.process.pid, *children(talk.process.pid)]
        until(lambda: holders(world.copy() / ".ref"), "a holder")
        (holder,) = holders(world.copy() / ".ref")
        if holder in ours:
            return False
        os.kill(holder, signal.SIGKILL)
        until(lambda: is_gone(holder), "its end")
        return talk.ask("pids").startswith("pids "), conflict(world.copy() / ".ref")


def daemon_after_sigterm(world: CopyWorld) -> object:
    """Whether a daemon lives on without a lock."""
    with world.running() as talk:
        talk.ask("daemon 0")
        (first,) = children(talk.process.pid)
        until(lambda: len(children(first)) == 1, "one process left")
        (daemon,) = children(first)
        talk.process.send_signal(signal.SIGTERM)
        until(lambda: is_gone(daemon) or conflict(world.copy() / ".ref") is None, "an effect")
        return not is_gone(daemon)
