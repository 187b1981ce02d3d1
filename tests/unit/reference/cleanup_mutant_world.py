"""What can be looked at in a program that cleans up copies, sound or not: each look is a function."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from copy_mutant_world import CopyWorld
from reference_world import NOBODY, done, held, until, waiters


def unused(world: CopyWorld) -> object:
    world.plant()
    return world.done("collect"), world.left()


def unused_linked(world: CopyWorld) -> object:
    world.plant(ref="link")
    return world.done("collect"), world.left()


def unused_dangling(world: CopyWorld) -> object:
    world.plant(ref="dangling")
    return world.done("collect"), world.left()


def unused_without_file(world: CopyWorld) -> object:
    world.plant(ref="")
    return world.done("collect"), world.left()


def in_use(world: CopyWorld) -> object:
    with held(world.plant() / ".ref", mode="shared"):
        return world.done("collect"), world.left()


def in_use_exclusively(world: CopyWorld) -> object:
    with held(world.plant() / ".ref"):
        return world.done("collect"), world.left()


def in_use_posix(world: CopyWorld) -> object:
    with held(world.plant() / ".ref", "posix", "shared"):
        return world.done("collect"), world.left()


def in_use_in_part(world: CopyWorld) -> object:
    with held(world.plant() / ".ref", mode="shared", start=1000, length=1):
        return world.done("collect"), world.left()


def in_use_linked(world: CopyWorld) -> object:
    with held(world.plant(ref="link") / ".ref", mode="shared"):
        return world.done("collect"), world.left()


def waits_for_a_copy(world: CopyWorld) -> object:
    copy = world.plant()
    with held(copy / ".ref", mode="shared"), world.started("collect") as talk:
        until(lambda: talk.process.poll() is not None or waiters(copy / ".ref"), "an end, or a wait")
        waits = talk.process.poll() is None
        talk.process.kill()
        return waits


def beside_a_maker(world: CopyWorld) -> object:
    """What a pass leaves while somebody makes a copy; None where it waits."""
    world.plant()
    with held(world.parent_file, mode="shared"), world.started("collect") as talk:
        until(lambda: talk.process.poll() is not None or waiters(world.parent_file), "an end, or a wait")
        ended = talk.process.poll() is not None
        talk.process.kill()
        return world.left() if ended else None


def beside_another_cleaner(world: CopyWorld) -> object:
    world.plant()
    with held(world.parent_file):
        return world.left() if world.done("collect") == 0 else None


def beside_a_posix_maker(world: CopyWorld) -> object:
    world.plant()
    with held(world.parent_file, "posix", "shared"):
        return world.left() if world.done("collect") == 0 else None


def behind_one_in_use(world: CopyWorld) -> object:
    with held(world.plant("tmp-a") / ".ref", mode="shared"):
        world.plant("tmp-b")
        return world.done("collect"), world.left()


def parent_file(world: CopyWorld) -> object:
    """Whether it is the same after a pass."""
    world.plant()
    world.parent_file.touch()
    before = os.open(world.parent_file, os.O_PATH)
    try:
        world.done("collect")
        return world.parent_file.exists() and os.path.samestat(os.fstat(before), world.parent_file.stat())
    finally:
        os.close(before)


def shared_file(world: CopyWorld) -> object:
    """Mode of a file outside that a copy has by a hard link, after a pass."""
    outside = outside_of(world) / "file"
    outside.chmod(0o444)
    (world.plant() / "usr/shared").hardlink_to(outside)
    world.done("collect")
    return oct(outside.stat().st_mode & 0o777), world.left()


def other_names(world: CopyWorld) -> object:
    (world.parent / "keep").mkdir()
    (world.parent / "tmp-file").touch()
    world.done("collect")
    return world.left()


def outside_of(world: CopyWorld) -> Path:
    (world.folder / "outside").mkdir()
    (world.folder / "outside/file").touch()
    return world.folder / "outside"


def link_named_like_a_copy(world: CopyWorld) -> object:
    outside = outside_of(world)
    (world.parent / "tmp-link").symlink_to(outside)
    world.done("collect")
    return outside.exists()


def link_in_a_copy(world: CopyWorld) -> object:
    outside = outside_of(world)
    (world.plant() / "usr/link").symlink_to(outside)
    world.done("collect")
    return (outside / "file").exists(), world.left()


def link_far_away(world: CopyWorld) -> object:
    """Nothing that is far from PARENT is touched, whoever cleans up."""
    deeper = world.folder / "a/b/p"
    shutil.copytree(world.parent, deeper)
    outside = outside_of(world)
    (deeper / "tmp-x").mkdir()
    (deeper / "tmp-x/link").symlink_to(outside)
    (deeper / "tmp-link").symlink_to(outside)
    done("collect", str(deeper), program=world.program)
    return (outside / "file").exists()


def lock_file_outside(world: CopyWorld) -> object:
    world.plant(ref="outside")
    world.done("collect")
    return (world.folder / "made-outside").exists()


def lock_file_is_a_fifo(world: CopyWorld) -> object:
    """Whether the pass ends."""
    return _ends(world, "fifo", "wait_for_partner")


def lock_file_is_a_folder(world: CopyWorld) -> object:
    """The same."""
    return _ends(world, "folder", "pause")


def _ends(world: CopyWorld, ref: str, wait: str) -> bool:
    """Whether the pass ends beside a copy with such a lock file, or waits in that function of the kernel."""
    world.plant(ref=ref)
    with world.started("collect") as talk:

        def ended_or_blocked() -> bool:
            if talk.process.poll() is not None:
                return True
            return wait in Path(f"/proc/{talk.process.pid}/wchan").read_text()

        until(ended_or_blocked, "an end, or a wait")
        ended = talk.process.poll() is not None
        talk.process.kill()
        return ended


def undeletable(world: CopyWorld) -> object:
    """What a pass leaves beside a copy that is another's, and whether it names that."""
    stubborn = world.plant("tmp-a")
    other = world.plant("tmp-b")
    for path in (world.parent, world.parent_file, other, *other.rglob("*"), stubborn, stubborn / ".ref"):
        os.chown(path, NOBODY, NOBODY)
    said = world.errors("collect", user=NOBODY)
    return [name for name in world.left() if name != "tmp-a"], str(stubborn) in said


def unwritable_in_use(world: CopyWorld) -> object:
    copy = world.plant()
    for path in (world.parent, *world.parent.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    (copy / ".ref").chmod(0o444)
    with held(copy / ".ref", mode="shared"):
        world.done("collect", user=NOBODY)
        return world.left()
