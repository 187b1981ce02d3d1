"""Lines of logs: arguments, noise and differences."""

from __future__ import annotations

import pytest

from pytest_vessel.conformance.overrides.loglines import differences, is_argument, quiet


@pytest.mark.parametrize(
    ("line", "argument"),
    [
        ("wrap[5]: D: \t'--bind'", True),
        ("wrap[5]: D: \t'/p/tmp-1/a b'", True),
        ("wrap: '/p/tmp-1'", True),
        ("wrap[5]: D: run: 'helper' '/p/tmp-1'", False),
        ("wrap[5]: D: 'helper' '/p/tmp-1'", False),
        ("wrap: copy: /p/tmp-1", False),
        ("wrap: Creating '/p/tmp-1'", False),
        ("", False),
    ],
)
def test_arguments_of_a_list(line: str, argument: bool) -> None:
    assert is_argument(line) is argument


def test_noise_is_taken_out() -> None:
    log = "wrap[51]: made tmp-a9X in 0.25 s\nwrap[51]: started pid 812"
    assert list(quiet(log, {"tmp-a9X": "COPY"})) == ["wrap[PID]: made COPY in TIME", "wrap[PID]: started pid PID"]


def test_what_is_in_one_log_alone() -> None:
    assert differences(["a", "b", "c"], ["a", "c", "d"]) == ("- b", "+ d")
    assert differences(["a"], ["a"]) == ()
