"""`--vessel-user`: whom clauses about permissions run as, and who may be asked for."""

from __future__ import annotations

import grp
import json
import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from pytest_vessel.system import environment

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")
SAYS_WHO = """
[implementation]
name = "says-who"
version = ["id", "-un"]
[verbs]
run = ["no-such-program", "{runtime}", "{argv}"]
remove = ["sh", "-c", "id -un -r >&2; id -Gn >&2; ls -ld $1 >&2; exit 1", "sh", "{runtime}"]
[layout]
src = "{runtime}"
ref = "{src}/.ref"
"""
BY_PERMISSION, BY_LOCK = "LOCK-086[runtime]", "LOCK-081[ofd]"


@dataclass(frozen=True)
class Ran:
    status: int
    shown: str
    record: tuple[dict[str, Any], ...]

    def said(self, clause: str) -> str:
        """What the program said in a case, by the text of its line."""
        (line,) = (line for line in self.record if line["line"] == "case" and line["row"]["clause"] == clause[:8])
        assert line["verdict"] == "fail", line
        return json.dumps(line["observation"])


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="vessel-test-") as name:
        os.chmod(name, 0o777)
        (Path(name) / "says-who.toml").write_text(SAYS_WHO)
        yield Path(name)


def run(folder: Path, *options: str, user: str | None = None) -> Ran:
    argv = [sys.executable, "-P", "-m", "pytest", "-p", "vessel", "-p", "no:cacheprovider", "--vessel-report", "report"]
    argv += ["--vessel-impl", "./says-who.toml", "--vessel-clause", f"{BY_PERMISSION},{BY_LOCK}", *options]
    entry = pwd.getpwnam(user) if user else None
    identity = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []} if entry else {}
    kept = {name: os.environ[name] for name in ("PATH", "PYTEST_ADDOPTS")}
    environ = {**kept, "HOME": str(folder), "TMPDIR": str(folder)}
    done = subprocess.run(argv, cwd=folder, env=environ, capture_output=True, text=True, check=False, **identity)
    record = folder / "report" / "run.jsonl"
    lines = record.read_text().splitlines() if record.exists() else []
    return Ran(done.returncode, done.stdout + done.stderr, tuple(map(json.loads, lines)))


@AS_ROOT
@pytest.mark.parametrize(
    ("options", "user"),
    [((), "nobody"), (("--vessel-user", "daemon"), "daemon"), (("--vessel-user=daemon", "-n1"), "daemon")],
)
def test_clauses_about_permissions_run_as_that_user(folder: Path, options: tuple[str, ...], user: str) -> None:
    if problem := environment.look("user", user).problem:
        pytest.skip(problem)
    ran = run(folder, *options)
    group = grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name
    assert f"unprivileged user {user}, kernel" in ran.shown
    assert ran.record[0]["settings"]["user"] == user
    assert f"{user}\\n{group}\\n" in ran.said(BY_PERMISSION)
    assert f" {user} " in ran.said(BY_PERMISSION), "the runtime belongs to that user"
    assert "root" in ran.said(BY_LOCK), "all other clauses run as ourselves"
    assert user not in ran.said(BY_LOCK)


@AS_ROOT
@pytest.mark.parametrize(("given", "shown"), [((), False), (("--vessel-user", "daemon"), True)])
def test_the_command_that_runs_it_again_says_so(folder: Path, given: tuple[str, ...], shown: bool) -> None:
    if problem := environment.look("user", "daemon").problem:
        pytest.skip(problem)
    assert ("--vessel-user daemon" in run(folder, *given).shown) is shown


@AS_ROOT
def test_whoever_is_not_root_is_that_user(folder: Path) -> None:
    if problem := environment.look("user").problem:
        pytest.skip(problem)
    ran = run(folder, user="nobody")
    assert f"unprivileged user uid {pwd.getpwnam('nobody').pw_uid}, kernel" in ran.shown
    assert "nobody" in ran.said(BY_PERMISSION)
    assert "nobody" in ran.said(BY_LOCK)
    assert run(folder, "--vessel-user", "nobody", user="nobody").status == ran.status
    refused = run(folder, "--vessel-user", "daemon", user="nobody")
    assert refused.status == 4
    assert "--vessel-user: only root can become 'daemon'" in refused.shown
    assert "Leave the option out: you are an unprivileged user already." in refused.shown


@pytest.mark.parametrize("name", ["nobdy", "deamon"])
def test_unknown_users_are_told_the_nearest(folder: Path, name: str) -> None:
    ran = run(folder, "--vessel-user", name)
    assert ran.status == 4
    assert f"--vessel-user: unknown user '{name}'" in ran.shown
    assert f"Did you mean '{'nobody' if name == 'nobdy' else 'daemon'}'?" in ran.shown
    assert not ran.record
