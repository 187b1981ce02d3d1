"""Each mutant of copies and clean-up has its defect, shown on what it does; the reference does not."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import cleanup_mutant_world as clean
import copy_mutant_world as see
import pytest
from copy_mutant_world import CopyWorld
from copy_world import NO_LOCKS_FOR_DELETION, Paused, altered, lock_file, paused
from mutant_world import NEED_NO_PROVIDER, REFERENCE, every_fourth
from reference_world import (
    LIMIT_S,
    OFD_EXCLUSIVE,
    OFD_SHARED,
    as_root,
    children,
    conflict,
    held,
    is_gone,
    stop_by_force,
    until,
)

from pytest_vessel.mutant import MUTANTS
from pytest_vessel.reference.lock import SHARED, Locking
from pytest_vessel.reference.trouble import BUSY

X, S = OFD_EXCLUSIVE, OFD_SHARED
PLANTED = ["tmp-planted"]
GONE, KEPT = (0, []), (0, PLANTED)

# mutant, what is looked at, what the reference shows, what the mutant shows
SHOWN: list[tuple[str, Callable[[CopyWorld], object], object, object]] = [
    ("source-unlocked-during-copy", see.copy_when_source_busy, (BUSY, 0), (0, 1)),
    ("keeps-source-locked", see.locks_while_running, (None, None, S), (S, None, S)),
    ("keeps-parent-locked", see.locks_while_running, (None, None, S), (None, S, S)),
    ("parent-unlocked", see.copy_when_parent_busy, (BUSY, 0), (0, 1)),
    ("ignores-parent-exclusive", see.copy_when_parent_busy, (BUSY, 0), (0, 1)),
    ("parent-busy-is-success", see.copy_when_parent_busy, (BUSY, 0), (0, 0)),
    ("leaves-copy-after-failure", see.copy_when_parent_busy, (BUSY, 0), (BUSY, 1)),
    ("parent-exclusive-for-copy", see.copy_beside_a_maker, 0, BUSY),
    ("silent-wait", see.message_of_a_waiter, True, False),
    ("direct-takes-parent", see.run_when_parent_busy, 0, BUSY),
    ("nameless-parent-errors", see.unusable_parent, (True, 0), (False, 0)),
    ("litters-missing-parent", see.missing_parent, (0, ["p"]), (0, ["p", "p.new"])),
    ("missing-parent-is-success", see.missing_parent, (0, ["p"]), (0, [])),
    ("stale-marker", see.copy_after_a_killed_one, 0, BUSY),
    ("copy-name-fixed", see.second_copy, (0, 2), (1, 1)),
    ("copy-name-predictable", see.name_of_the_first, False, True),
    ("copy-world-readable", see.mode_of_a_copy, "0o700", "0o755"),
    ("prepare-skips-file", see.prepared_content, (0, True), (0, False)),
    ("prepare-empties-file", see.prepared_content, (0, True), (0, False)),
    ("prepare-keeps-lock", see.lock_after_prepare, None, S),
    ("copy-unlocked", see.copy_lock, S, None),
    ("copy-locked-exclusively", see.copy_lock, S, X),
    ("copy-lock-hard-linked", see.inode_of_lock_file, (False, True), (True, True)),
    ("copy-lock-outside", see.inode_of_lock_file, (False, True), (False, False)),
    ("unlocks-copy-with-main-process", see.lock_after_the_main_process, S, None),
    ("unlocks-copy-with-main-process", see.copy_lock, S, S),
    ("never-unlocks-copy", see.lock_after_the_container, None, S),
    ("supervisor-death-unlocks", see.holder_is_a_stranger, False, (True, None)),
    ("launcher-holds-copy-lock", see.after_the_launcher, (False, None), (True, None)),
    ("payload-outlives-launcher", see.after_the_launcher, (False, None), (True, S)),
    ("sigterm-unlocks-copy", see.lock_after_sigterm, S, None),
    ("daemon-outlives-lock", see.daemon_after_sigterm, False, True),
    ("unlocked", see.copy_lock, S, ("missing",)),
    ("posix-only", see.copy_lock, S, ("posix shared", 0, 0)),
    ("locks-one-byte", see.copy_lock, S, ("ofd shared", 0, 1)),
    ("collects-unlocked", clean.in_use, KEPT, GONE),
    ("collects-without-parent-lock", clean.beside_another_cleaner, PLANTED, []),
    ("deletes-under-parent-lock", clean.beside_another_cleaner, PLANTED, []),
    ("deletes-under-parent-lock", clean.beside_a_maker, PLANTED, []),
    ("shared-parent-while-deleting", clean.beside_another_cleaner, PLANTED, PLANTED),
    ("shared-parent-while-deleting", clean.beside_a_maker, PLANTED, []),
    ("waits-for-parent", clean.beside_a_maker, PLANTED, None),
    ("waits-for-parent", see.copy_beside_a_maker_with_clean_up, (False, True), (True, True)),
    ("deletes-under-parent-lock", see.copy_beside_a_maker_with_clean_up, (False, True), (False, False)),
    ("deletes-locked", clean.in_use, KEPT, GONE),
    ("cleaner-ignores-posix", clean.in_use, KEPT, KEPT),
    ("cleaner-ignores-posix", clean.in_use_posix, KEPT, GONE),
    ("cleaner-locks-shared", clean.in_use, KEPT, GONE),
    ("cleaner-locks-shared", clean.in_use_exclusively, KEPT, KEPT),
    ("tests-first-byte", clean.in_use, KEPT, KEPT),
    ("tests-first-byte", clean.in_use_in_part, KEPT, GONE),
    ("ignores-ref-link", clean.in_use, KEPT, KEPT),
    ("ignores-ref-link", clean.in_use_linked, KEPT, GONE),
    ("keeps-linked", clean.unused_linked, GONE, KEPT),
    ("keeps-dangling", clean.unused_dangling, GONE, KEPT),
    ("keeps-dangling", clean.unused_without_file, GONE, GONE),
    ("keeps-without-lock-file", clean.unused_without_file, GONE, KEPT),
    ("keeps-everything", clean.unused, GONE, KEPT),
    ("waits-for-copy-lock", clean.waits_for_a_copy, False, True),
    ("deletes-any-name", clean.other_names, ["keep", "tmp-file"], ["tmp-file"]),
    ("deletes-files", clean.other_names, ["keep", "tmp-file"], ["keep"]),
    ("follows-candidate-symlink", clean.link_named_like_a_copy, True, False),
    ("follows-candidate-symlink", clean.link_far_away, True, True),
    ("follows-inner-symlinks", clean.link_in_a_copy, (True, []), (False, [])),
    ("follows-inner-symlinks", clean.link_far_away, True, True),
    ("opens-outside-ref", clean.lock_file_outside, False, True),
    ("hangs-on-fifo", clean.lock_file_is_a_fifo, True, False),
    ("waits-for-lock-file", clean.lock_file_is_a_folder, True, False),
    ("parent-ignores-posix", clean.beside_a_posix_maker, PLANTED, []),
    ("parent-ignores-posix", clean.beside_another_cleaner, PLANTED, PLANTED),
    ("stops-at-used", clean.behind_one_in_use, (0, ["tmp-a"]), (0, ["tmp-a", "tmp-b"])),
    ("removes-parent-lock-file", clean.parent_file, True, False),
    ("makes-writable-first", clean.shared_file, ("0o444", []), ("0o644", [])),
]

AS_ROOT: list[tuple[str, Callable[[CopyWorld], object], object, object]] = [
    ("parent-locked-after-failure", see.parent_after_a_failure, (1, None, 0), (1, S, 0)),
    ("stops-at-undeletable", clean.undeletable, ([], True), (["tmp-b"], True)),
    ("silent-undeletable", clean.undeletable, ([], True), ([], False)),
    ("unwritable-means-unused", clean.unwritable_in_use, PLANTED, []),
]

WHEN_FILLING = "pause(mutable, 'link_tree')"

# mutant, where it pauses, the locks on SRC/.ref, PARENT/.ref and COPY/.ref then: in the reference, in the mutant
STEPS = [
    ("source-unlocked-during-copy", WHEN_FILLING, (S, S, S), (None, S, S)),
    ("source-released-early", WHEN_FILLING, (S, S, S), (None, S, S)),
    ("parent-released-early", WHEN_FILLING, (S, S, S), (S, None, S)),
    ("parent-unlocked", WHEN_FILLING, (S, S, S), (S, None, S)),
    ("set-up-unprotected", WHEN_FILLING, (S, S, S), (S, None, None)),
    ("locks-source-late", "pause(mutable.MutableCopy, 'make_folder', after=True)", S, None),
    ("releases-parent-before-copy-lock", "pause(mutable.MutableCopy, 'let_go', after=True)", S, None),
    ("starts-before-copy-lock", "pause(run.Run, 'start_payload', after=True)", S, None),
]


@pytest.mark.parametrize("look", sorted({look for _, look, _, _ in SHOWN}, key=lambda look: look.__name__))
def test_reference_is_sound(world, look):
    (expected,) = {repr(sound) for _, shown, sound, _ in SHOWN if shown is look}
    assert repr(look(CopyWorld(world, REFERENCE))) == expected


@pytest.mark.parametrize(("name", "look", "bad"), [(name, look, bad) for name, look, _, bad in SHOWN])
def test_defect_shows(world, name, look, bad):
    assert look(CopyWorld(world, ("pytest_vessel.mutant", name))) == bad


@as_root
@pytest.mark.parametrize(("name", "look", "sound", "bad"), AS_ROOT)
def test_defect_shows_to_another_user(world, name, look, sound, bad):
    (world / "sound").mkdir()
    (world / "bad").mkdir()
    assert look(CopyWorld(world / "sound", REFERENCE)) == sound
    assert look(CopyWorld(world / "bad", ("pytest_vessel.mutant", name))) == bad


@pytest.mark.parametrize(("name", "pause", "sound", "bad"), STEPS)
def test_locks_at_a_step(world, name, pause, sound, bad):
    for mutant, expected in (("", sound), (name, bad)):
        (world / f"w{mutant}").mkdir()
        seen = CopyWorld(world / f"w{mutant}", REFERENCE)
        with paused(pause, *seen.words("copy"), mutant=mutant):
            locks = [lock_file(path) for path in (seen.source_file, seen.parent_file, seen.copy() / ".ref")]
            assert tuple(locks) == expected or expected in (locks[0], locks[2])


@pytest.mark.parametrize("layout", ["merged-usr", "complete-root"])
def test_complete_root_unlocked(world, layout):
    seen = CopyWorld(world, ("pytest_vessel.mutant", "complete-root-unlocked"), layout)
    assert see.copy_lock(seen) == (S if layout == "merged-usr" else None)


def test_gap_between_execs(world):
    seen = CopyWorld(world, REFERENCE)
    with paused("pause(handover, 'unlock', after=True)", *seen.words("copy"), mutant="gap-between-execs") as talk:
        assert conflict(seen.copy() / ".ref") is None
        talk.go_on()
        talk.begin()
        assert conflict(seen.copy() / ".ref") == S


@pytest.mark.parametrize(("mutant", "ready"), [("", False), ("starts-when-copy-busy", True)])
def test_starts_when_copy_busy(world, mutant, ready):
    seen = CopyWorld(world, REFERENCE)
    with paused("pause(mutable.MutableCopy, 'lock_copy')", *seen.words("copy"), mutant=mutant) as talk:
        (seen.copy() / "usr/.ref").touch()
        with held(seen.copy() / ".ref"):
            talk.go_on()
            if ready:
                talk.begin()
            else:
                assert talk.process.wait(LIMIT_S) == BUSY


@pytest.mark.parametrize(
    ("mutant", "parent", "copy"),
    [
        ("", X, X),
        ("collects-unlocked", None, None),
        ("collects-without-parent-lock", None, X),
        ("shared-parent-while-deleting", S, X),
        ("cleaner-locks-shared", X, S),
        ("unlocks-before-deleting", X, None),
        ("tests-then-deletes", X, None),
    ],
)
def test_locks_while_deleting(world, mutant, parent, copy):
    seen = CopyWorld(world, REFERENCE)
    planted = seen.plant()
    with paused("pause(collect.Collect, 'delete')", *seen.words("collect"), mutant=mutant):
        assert (conflict(seen.parent_file), conflict(planted / ".ref")) == (parent, copy)


@pytest.mark.parametrize(("mutant", "left"), [("", None), ("helper-keeps-lock", X)])
def test_helper_keeps_lock(world, mutant, left):
    seen = CopyWorld(world, REFERENCE)
    seen.plant()
    with paused("pause(collect.Collect, 'delete')", *seen.words("collect"), mutant=mutant) as talk:
        assert locks_of_helpers(talk, seen.parent_file) == (left, None)


@pytest.mark.parametrize(("mutant", "left"), [("", None), ("removal-helper-keeps-lock", X)])
def test_helper_of_a_removal_keeps_lock(world, mutant, left):
    seen = CopyWorld(world, REFERENCE)
    with paused("pause(remove.Remove, 'rename_aside')", "remove", str(seen.runtime), mutant=mutant) as talk:
        assert locks_of_helpers(talk, seen.source_file) == (left, None)


def locks_of_helpers(talk: Paused, file: Path) -> tuple[object, object]:
    """The lock on a file once a program is killed, and once its helpers are."""
    helpers = children(talk.process.pid)
    stop_by_force(talk)
    left = conflict(file)
    for helper in helpers:
        os.kill(helper, signal.SIGKILL)
    until(lambda: all(map(is_gone, helpers)), "their end")
    return left, conflict(file)


@pytest.mark.parametrize(("mutant", "stays"), [("", True), ("deletes-on-lock-error", False)])
def test_deletes_on_lock_error(world, mutant, stays):
    seen = CopyWorld(world, REFERENCE)
    words = altered(NO_LOCKS_FOR_DELETION, "remove", str(seen.runtime), mutant=mutant)
    subprocess.run(words, check=False, capture_output=True)
    assert seen.runtime.exists() == stays


@pytest.mark.parametrize(
    ("flaw", "lock"),
    [(Locking, S), *((MUTANTS[name].flaw, None) for name in ("no-recheck-after-lock", "deletes-without-recheck"))],
)
def test_recheck_after_lock(tmp_path: Path, flaw, lock):
    file, new = tmp_path / "file", tmp_path / "new"
    file.touch()
    new.touch()

    class Replaced(flaw):
        def lock(self, descriptor, path, kind, *, wait):
            if new.exists():
                new.rename(file)
            super().lock(descriptor, path, kind, wait=wait)

    descriptor = Replaced().take(str(file), SHARED)
    assert conflict(file) == lock
    os.close(descriptor)


ODD_ONES = {"null", "parrot", "copy-name-fixed", "copy-lock-hard-linked", "copy-lock-outside"}
"""Their ordinary use is odd: they do nothing, make one copy only, or cannot tell whether their own copies are used."""

KEEPERS = {"keeps-everything", "keeps-linked", "prepare-keeps-lock"}
"""They keep what nobody uses."""


@pytest.mark.parametrize("name", every_fourth(NEED_NO_PROVIDER - ODD_ONES, first=2))
def test_ordinary_use_of_a_mutant_works(world, name):
    """Only its defect sets a mutant apart: where that does not matter copies are made, run and cleaned up."""
    seen = CopyWorld(world, ("pytest_vessel.mutant", name))
    assert seen.done("prepare") == 0
    assert seen.done("copy", "collect") == 0
    assert len(seen.copies()) == 1 + (name in KEEPERS)
    with seen.running() as talk:
        assert talk.ask("stat /usr/data").startswith("stat ")
        assert talk.ask("status 7") == "ok"
        assert talk.end() == 7
    assert seen.done("collect") == 0
    assert bool(seen.left()) == (name in KEEPERS or name == "never-unlocks-copy")
