"""The verdicts about real implementations are those of `docs/findings.md`: none without its row there, no row too many.

The page's tables are the only list. VESSEL_REAL=optional: a missing program is a skip instead of a failure.
"""

from __future__ import annotations

import json
import os
import pwd
import re
import subprocess
import sys
from pathlib import Path

import pytest
from real_programs import EVERY, environ, require

from pytest_vessel.adapter.registry import resolve
from pytest_vessel.system import environment

FINDINGS = Path(__file__).resolve().parents[2] / "docs" / "findings.md"
UNDECIDED = {"inconclusive", "not_run", "error"}
RUN_TIMEOUT_S = 1800.0

Verdicts = dict[tuple[str, str], str]
"""By clause id and case name."""


@pytest.fixture(params=EVERY)
def implementation(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    require(name)
    return name


def documented(implementation: str, word: str = "breaks it") -> list[str]:
    """What the page's tables say that an implementation breaks: `LOCK-002`, `LOCK-012[held]`; or `word` of it."""
    lines = [line for line in FINDINGS.read_text().splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    heads = [[cell.lower() for cell in row] for row in rows if row[0] == "clause" and row[1] == "level"]
    head = next(row for row in heads if implementation in row)
    column = head.index(implementation)
    broken = [row[0] for row in rows if len(row) == len(head) and row[column].startswith(word)]
    return [word for cell in broken for word in re.findall(r"[A-Z]+-\d+(?:\[[\w-]+\])?", cell)]


def expanded(words: list[str], verdicts: Verdicts) -> set[tuple[str, str]]:
    """The cases that the page means: a clause without a case stands for all of them that were decided."""
    cases: set[tuple[str, str]] = set()
    for word in words:
        clause, _, case = word.removesuffix("]").partition("[")
        cases |= {
            key for key in verdicts if key[0] == clause and verdicts[key] in ("pass", "fail") and case in ("", key[1])
        }
        assert any(key[0] == clause for key in cases), f"{word}: nothing of it was decided"
    return cases


def verdicts_of(implementation: str, home: Path, user: pwd.struct_passwd | None = None) -> Verdicts:
    """Run the suite, as another user where one is given, and read the report."""
    home.mkdir()
    argv = [sys.executable, "-P", "-m", "pytest", "-p", "vessel", "-p", "no:cacheprovider", "-n0", "-q"]
    argv += ["--vessel-impl", implementation, "--vessel-report", str(home / "report")]
    identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    if user:
        os.chown(home, user.pw_uid, user.pw_gid)
    done = subprocess.run(
        argv,
        cwd=home,
        env=environ(home),
        capture_output=True,
        text=True,
        timeout=RUN_TIMEOUT_S,
        check=False,
        **identity,
    )
    assert done.returncode in (0, 1), done.stdout[-4000:] + done.stderr
    (report,) = json.loads((home / "report" / "report.json").read_text())["implementations"]
    return {(row["id"], case["name"]): case["verdict"] for row in report["clauses"] for case in row["cases"]}


def _label(clause: str, case: str) -> str:
    return f"{clause}[{case}]" if case else clause


def check(implementation: str, verdicts: Verdicts) -> None:
    undecided = {_label(*key) for key, verdict in verdicts.items() if verdict in UNDECIDED}
    assert undecided == set(documented(implementation, "undecided")), "docs/findings.md differs"
    failing = {key for key, verdict in verdicts.items() if verdict == "fail"}
    assert failing == expanded(documented(implementation), verdicts), "docs/findings.md and the verdicts differ"


def test_findings_are_those_of_the_page(implementation: str, folder: Path) -> None:
    check(implementation, verdicts_of(implementation, folder / "home"))


@pytest.mark.full
def test_an_unprivileged_user_sees_the_same(implementation: str, folder: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become another user; the test above has run as one already")
    if problem := environment.lacks(["user"]):
        pytest.skip(str(problem))
    if "root" in resolve(implementation, base=Path("/")).machine("run"):
        pytest.skip(f"{implementation} is made for root")
    check(implementation, verdicts_of(implementation, folder / "home", pwd.getpwnam("nobody")))
