"""LOCK-089, 095, 096: a deletion or a start is held at each of its calls while others do what they may."""

from __future__ import annotations

from pytest_vessel.collect import clause
from pytest_vessel.conformance.locking import exploring, exploring_runtime
from pytest_vessel.conformance.locking.exploring import PASS, SET_UP, Folder
from pytest_vessel.conformance.locking.exploring_runtime import REMOVAL, START
from pytest_vessel.conformance.locking.outsiders import Outsider, Replacer, User
from pytest_vessel.conformance.locking.seen import PARENT_REF, SRC_REF
from pytest_vessel.conformance.locking.test_replaced import CHANGES
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.explorer import interleave
from pytest_vessel.fixtures.holders import HolderFactory
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.installed import Runtime


@clause("LOCK-089[copy]")
def test_user_of_a_copy(implementation: Implementation, vessel_holder: HolderFactory, judge: Judge) -> None:
    def user(folder: Folder) -> Outsider:
        return User(vessel_holder, "UNUSED/.ref", folder.unused.ref, folder.unused.folder)

    stage = exploring.stage_of(implementation, vessel_holder, outsider=user, later=(PASS,), finishing=True)
    judge(interleave(stage, (PASS, User.name), implementation.settings, outsiders=(User.name,)))


@clause("LOCK-089[runtime]")
def test_user_of_a_runtime(implementation: Implementation, vessel_holder: HolderFactory, judge: Judge) -> None:
    def user(runtime: Runtime) -> Outsider:
        return User(vessel_holder, SRC_REF, runtime.lock_file, runtime.src)

    stage = exploring_runtime.stage_of(implementation, user)
    judge(interleave(stage, (REMOVAL, User.name), implementation.settings, outsiders=(User.name,)))


@clause("LOCK-095[src-replaced]", "LOCK-095[src-deleted]", "LOCK-095[src-gone]")
def test_lock_file_of_a_start_changes(
    implementation: Implementation, vessel_holder: HolderFactory, case: str, judge: Judge
) -> None:
    def replacer(runtime: Runtime) -> Outsider:
        return Replacer(vessel_holder, SRC_REF, runtime.lock_file, CHANGES[case.removeprefix("src-")])

    stage = exploring_runtime.stage_of(implementation, replacer)
    judge(interleave(stage, (START, Replacer.name), implementation.settings, outsiders=(Replacer.name,)))


@clause("LOCK-095[parent-replaced]", "LOCK-095[parent-deleted]")
def test_lock_file_of_a_set_up_changes(
    implementation: Implementation, vessel_holder: HolderFactory, case: str, judge: Judge
) -> None:
    def replacer(folder: Folder) -> Outsider:
        return Replacer(vessel_holder, PARENT_REF, folder.parent.ref, CHANGES[case.removeprefix("parent-")])

    stage = exploring.stage_of(implementation, vessel_holder, outsider=replacer)
    judge(interleave(stage, (SET_UP, Replacer.name), implementation.settings, outsiders=(Replacer.name,)))


@clause("LOCK-096")
def test_start_and_removal(implementation: Implementation, case: str, judge: Judge) -> None:
    turns = (START, REMOVAL, START, REMOVAL) if case == "start-held" else (REMOVAL, START, REMOVAL, START)
    judge(interleave(exploring_runtime.stage_of(implementation), turns, implementation.settings))
