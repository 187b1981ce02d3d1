"""LOCK-082 to 084, 087, 088: crashes and errors at each call of a pass, a removal, a set-up; set-ups and passes
in any interleaving."""

from __future__ import annotations

from pytest_vessel.collect import clause
from pytest_vessel.conformance.locking import exploring_runtime
from pytest_vessel.conformance.locking.exploring import COLLECTING, PASS, SECOND, SET_UP, stage_of
from pytest_vessel.conformance.locking.exploring_runtime import REMOVAL
from pytest_vessel.conformance.locking.outsiders import Outsider, User
from pytest_vessel.conformance.locking.seen import SRC_REF
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.explorer import explore, interleave
from pytest_vessel.fixtures.holders import HolderFactory
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.installed import Runtime
from pytest_vessel.observation.exploration import Exploration, Point
from pytest_vessel.system.bpf import DELETES, EXECS, RELEASES, SET_LOCKS

_ERRORS = {
    **dict.fromkeys((one.name for one in SET_LOCKS), "ENOLCK"),
    **dict.fromkeys((one.name for one in DELETES), "EIO"),
    **dict.fromkeys((one.name for one in (*RELEASES, *EXECS)), ""),
}
"""The error that a call may get: for those that are not named, ENOSPC; for those that cannot fail so, none."""

_TURNS = {
    "set-up-held": (SET_UP, PASS, SET_UP, PASS),
    "pass-held": (PASS, SET_UP, PASS, SET_UP),
    "two-set-ups": (SET_UP, SECOND, PASS, SET_UP),
    "collecting-held": (COLLECTING, SET_UP, COLLECTING, SET_UP),
    "beside-collecting": (SET_UP, COLLECTING, SET_UP, COLLECTING),
}
"""By the case."""


@clause("LOCK-084")
def test_interleavings(implementation: Implementation, vessel_holder: HolderFactory, case: str, judge: Judge) -> None:
    judge(interleave(stage_of(implementation, vessel_holder), _TURNS[case], implementation.settings))


@clause("LOCK-082[killed]", "LOCK-082[error]")
def test_passes_that_are_cut_short(
    implementation: Implementation, vessel_holder: HolderFactory, case: str, judge: Judge
) -> None:
    judge(_cut_short(implementation, vessel_holder, PASS, case))


@clause("LOCK-082[runtime-killed]")
def test_removals_that_are_killed(implementation: Implementation, judge: Judge) -> None:
    stage = exploring_runtime.stage_of(implementation, later=True)
    judge(explore(stage, REMOVAL, _killed, implementation.settings))


@clause("LOCK-082[runtime-error]")
def test_removals_that_get_errors(implementation: Implementation, vessel_holder: HolderFactory, judge: Judge) -> None:
    def user(runtime: Runtime) -> Outsider:
        return User(vessel_holder, SRC_REF, runtime.lock_file, runtime.src)

    stage = exploring_runtime.stage_of(implementation, user, later=True)
    judge(explore(stage, REMOVAL, _failed, implementation.settings, meanwhile=User.name))


@clause("LOCK-083")
def test_set_ups_that_are_cut_short(
    implementation: Implementation, vessel_holder: HolderFactory, case: str, judge: Judge
) -> None:
    judge(_cut_short(implementation, vessel_holder, SET_UP, case))


@clause("LOCK-087")
def test_what_is_left_of_a_pass_goes(
    implementation: Implementation, vessel_holder: HolderFactory, judge: Judge
) -> None:
    judge(_cut_short(implementation, vessel_holder, PASS, "killed", finishing=True))


@clause("LOCK-088")
def test_what_is_left_of_a_set_up_goes(
    implementation: Implementation, vessel_holder: HolderFactory, judge: Judge
) -> None:
    judge(_cut_short(implementation, vessel_holder, SET_UP, "killed", finishing=True))


def _cut_short(
    implementation: Implementation, hold: HolderFactory, party: str, case: str, *, finishing: bool = False
) -> Exploration:
    later = dict.fromkeys((party, PASS))
    stage = stage_of(implementation, hold, later=tuple(later), finishing=finishing)
    return explore(stage, party, _killed if case == "killed" else _failed, implementation.settings)


def _killed(_point: Point) -> str:
    return "kill"


def _failed(point: Point) -> str:
    return _ERRORS.get(point.call, "ENOSPC")
