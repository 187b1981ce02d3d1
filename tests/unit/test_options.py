"""Options into settings."""

from __future__ import annotations

import os
import string
from argparse import Namespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vessel.clause import SUITES
from pytest_vessel.errors import UsageProblem
from pytest_vessel.options import read_settings
from pytest_vessel.settings import DEFAULT_TIMEOUT_S, Settings

UNSET: dict[str, Any] = dict.fromkeys(
    f"vessel_{name}"
    for name in ("impl", "suite", "clause", "level", "report", "user", "seed", "timeout", "explore", "schedule")
) | {
    "vessel_strict": False,
    "vessel_control": False,
    "vessel_keep": False,
    "vessel_hasty": False,
    "vessel_baseline": None,
    "vessel_baseline_update": False,
}


def settings(**options: Any) -> Settings:
    given = {f"vessel_{name}": value for name, value in options.items()}
    return read_settings(Namespace(**{**UNSET, **given}), folder="/here")


def test_defaults() -> None:
    found = settings()
    user = "nobody" if os.geteuid() == 0 else None
    assert found == Settings(seed=found.seed, user=user, base="/here", suites=SUITES, today=found.today)
    assert (found.timeout_s, found.level, found.implementations) == (DEFAULT_TIMEOUT_S, "MUST", ("reference",))


def test_a_schedule_belongs_to_a_clause() -> None:
    assert settings(schedule="set-up@fcntl:PARENT/.ref,pass", clause=["LOCK-084"]).schedule == (
        "set-up@fcntl:PARENT/.ref,pass"
    )
    with pytest.raises(UsageProblem, match="a schedule of one clause"):
        settings(schedule="set-up")


def test_what_is_no_schedule() -> None:
    with pytest.raises(UsageProblem, match="'set-up@' is no move") as caught:
        settings(schedule="set-up@,pass", clause=["LOCK-084"])
    assert caught.value.where == "--vessel-schedule"


def test_seeds_are_drawn() -> None:
    drawn = {settings().seed for _ in range(4)}
    assert len(drawn) > 1
    assert all(set(seed) <= set(string.hexdigits.lower()) for seed in drawn)


@given(st.integers(0, 2**64 - 1))
def test_any_64_bits_are_a_seed(number: int) -> None:
    assert int(settings(seed=f"{number:#x}").seed, 16) == number
    assert settings(seed=f"{number:X}").seed == f"{number:x}"


@given(st.floats(min_value=1e-3, max_value=1e6))
def test_any_time_above_nought_is_a_timeout(timeout_s: float) -> None:
    assert settings(timeout=repr(timeout_s)).timeout_s == timeout_s


@pytest.mark.parametrize("text", ["-1", "0", "inf", "nan", "1s", "", "1,5"])
def test_other_timeouts(text: str) -> None:
    with pytest.raises(UsageProblem, match="is not a time"):
        settings(timeout=text)


@given(st.sampled_from(["seed", "timeout", "level", "user"]), st.text())
def test_no_text_breaks_it(option: str, text: str) -> None:
    problem = refusal(option, text)
    assert problem is None or (problem.where == f"--vessel-{option}" and problem.mend)


def refusal(option: str, text: str) -> UsageProblem | None:
    try:
        settings(**{option: text})
    except UsageProblem as problem:
        return problem
    return None


def test_lists_are_split_and_kept_once() -> None:
    found = settings(clause=["A-1, B-2", "A-1,", "C-3[x]"], impl=["b", "a", "b"])
    assert found.clauses == ("A-1", "B-2", "C-3[x]")
    assert found.implementations == ("b", "a")


@pytest.mark.parametrize("option", ["clause", "suite"])
@pytest.mark.parametrize("values", [[""], [",", " "]])
def test_a_list_that_names_nothing_is_not_all(option: str, values: list[str]) -> None:
    with pytest.raises(UsageProblem, match="names nothing"):
        settings(**{option: values})


def test_configured_implementations_are_relative_to_their_file() -> None:
    parsed = Namespace(**UNSET)
    found = read_settings(parsed, folder="/here", configured=["a.toml", "a.toml"], configured_in="/there")
    assert (found.implementations, found.base) == (("a.toml",), "/there")
    parsed.vessel_impl = ["b.toml"]
    found = read_settings(parsed, folder="/here", configured=["a.toml"], configured_in="/there")
    assert (found.implementations, found.base) == (("b.toml",), "/here")


def test_report_folder_is_absolute() -> None:
    assert settings(report="out").report_dir == "/here/out"
    assert settings(report="/out").report_dir == "/out"


def test_levels_in_any_case() -> None:
    assert [settings(level=level).level for level in ("must", "Should", "MAY")] == ["MUST", "SHOULD", "MAY"]
