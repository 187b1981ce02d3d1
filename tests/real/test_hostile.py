"""HARN: implementations that misbehave: a verdict in time, in bounded memory, and no harm outside the work folder.

Each group is one true run; `hostile_world` holds what must hold of all of them: nothing outside of the work folder has
changed, nothing runs or is mounted any more, no work folder stays, the record fits its schema, the terminal is sane.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import hostile_programs as programs
import pytest
from hostile_world import HANGING_TIMEOUT_S, SHORT_TIMEOUT_S, Programs, Run, World, opened

from pytest_vessel.system import compile, environment

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
OF_TIME, OF_OUTPUT, OF_PROCESSES = (f"ended by us at the bound on {word}" for word in ("time", "output", "processes"))
TOOL, DIRECT = "LOCK-090[shared]", "LOCK-010"

Open = Callable[..., World]


@pytest.fixture
def world() -> Iterator[Open]:
    """A world of these programs; gone, with all that they have left, at the end of the test."""
    entered = []

    def open_one(of: Programs, **words: str) -> World:
        entered.append(opened(of, **words))
        return entered[-1].__enter__()

    yield open_one
    for one in entered:
        one.__exit__(None, None, None)


def verdicts(run: Run, label: str) -> dict[str, str]:
    return {name: found[label] for name, found in run.verdicts.items()}


def all_are(run: Run, word: str, *labels: str) -> None:
    for label in labels:
        assert verdicts(run, label) == dict.fromkeys(run.verdicts, word)


def nobody() -> int:
    if problem := environment.look("user").problem:
        pytest.skip(problem)
    user = environment.unprivileged_user(None)
    assert user is not None
    return user.uid


@pytest.mark.parametrize("user", ["ourselves", pytest.param("unprivileged", marks=AS_ROOT)])
def test_what_never_starts_a_payload(world: Open, user: str) -> None:
    hostile = world(programs.BEFORE)
    run = hostile.run(
        f"{TOOL},{DIRECT}", timeout_s=HANGING_TIMEOUT_S, user=nobody() if user == "unprivileged" else None
    )
    all_are(run, "fail", TOOL, DIRECT)
    assert run.status == 1
    for name in ("hangs", "hangs-without-end", "spins", "ends-everybody", "closes-its-streams", "leaves-daemons"):
        assert OF_TIME in run.said(name, TOOL)


def test_what_goes_wrong_after_a_payload(world: Open) -> None:
    run = world(programs.AFTER).run(f"{TOOL},{DIRECT}", timeout_s=SHORT_TIMEOUT_S)
    all_are(run, "pass", DIRECT)
    assert verdicts(run, TOOL) == dict.fromkeys(programs.AFTER, "fail") | {"leaves-daemons-after": "pass"}
    assert OF_TIME in run.said("hangs-after-against-every-signal", TOOL)


def test_a_gigabyte_of_output(world: Open) -> None:
    run = world(programs.FLOODS).run(f"{TOOL},{DIRECT}")
    assert verdicts(run, DIRECT) == dict.fromkeys(programs.FLOODS, "fail") | {"floods-after": "pass"}
    all_are(run, "fail", TOOL)
    for name in programs.FLOODS:
        assert OF_OUTPUT in run.said(name, TOOL)


def test_forks_without_end(world: Open) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder) / "forks.c", Path(folder) / "forks"
        source.write_text(programs.FORKS_IN_C)
        compile.build(source, program, os.uname().machine)
        run = world({**programs.FORKS, "forks-fast": program}).run(TOOL, timeout_s=HANGING_TIMEOUT_S)
    all_are(run, "fail", TOOL)
    for name in run.verdicts:
        assert any(bound in run.said(name, TOOL) for bound in (OF_TIME, OF_PROCESSES))


def test_a_payload_that_is_not_ours(world: Open) -> None:
    run = world(programs.LIES).run(f"{TOOL},LOCK-094", timeout_s=SHORT_TIMEOUT_S)
    all_are(run, "fail", TOOL)
    for name in programs.LIES:
        line = run.case(name, "LOCK-094")
        assert line["verdict"] in ("error", "fail", "not_applicable"), name
        assert line["verdict"] != "error" or line["why"].startswith("HarnessError: "), line["why"]
    assert run.said("answers-garbage", "LOCK-094").startswith("; HarnessError: what answers is not the payload")


def test_escapes_reach_nobody(world: Open) -> None:
    run = world({**programs.SPEAKS, **programs.VERSIONS}).run(f"{TOOL},LOCK-094", "-v")
    assert verdicts(run, TOOL) == dict.fromkeys(programs.VERSIONS, "pass") | {"speaks-in-escapes": "fail"}
    assert r"\x1b[31mred\x1b]0;title\x07 \x00 \\xff\\xfe \x9b \u202etxt" in run.shown
    assert "(unknown (ended by us at the bound on output)," in run.shown


@pytest.mark.full
def test_a_version_that_never_comes(world: Open) -> None:
    run = world(programs.SLOW_VERSIONS).run(TOOL)
    all_are(run, "pass", TOOL)
    assert "(unknown (ended by us at the bound on time)," in run.shown


def test_what_is_planted_in_a_runtime(world: Open) -> None:
    run = world(programs.PLANTS).run(f"{DIRECT},LOCK-020")
    all_are(run, "pass", DIRECT)
    all_are(run, "fail", "LOCK-020")
    assert "huge: appeared" in run.said("plants-a-file-of-a-terabyte", "LOCK-020")


@pytest.mark.parametrize("user", ["ourselves", pytest.param("unprivileged", marks=AS_ROOT)])
def test_removers_that_put_links_in_our_way(world: Open, user: str) -> None:
    """As root the harness gives files to the unprivileged user, who may have put a link there meanwhile."""
    hostile = world(programs.REMOVERS)
    clauses = "LOCK-081[ofd],LOCK-086[runtime],LOCK-085[runtime]"
    run = hostile.run(clauses, user=nobody() if user == "unprivileged" else None)
    for found in run.verdicts.values():
        assert set(found.values()) <= {"fail", "error"}
        assert "fail" in found.values()
    if user == "ourselves" and os.geteuid() == 0:
        why = run.said("puts-a-link-in-place-of-the-runtime", "LOCK-086[runtime]")
        assert "leads out of the work folder" in why


def test_a_runtime_that_is_a_link_after_its_first_run(world: Open) -> None:
    run = world(programs.LINKERS).run("LOCK-016,LOCK-019[symlink-out],LOCK-020")
    (found,) = run.verdicts.values()
    assert found == {"LOCK-016": "error", "LOCK-019[symlink-out]": "error", "LOCK-020": "fail"}
    assert "leads out of the work folder" in run.said(*programs.LINKERS, "LOCK-016")


def test_installers_that_name_a_folder_of_others(world: Open) -> None:
    places = ("/", "/etc", "relative", "", "$CANARY", "$VESSEL_WORK/../../..")
    hostile = world(
        {f"installs-elsewhere-{n}": programs.HONEST + f'printf "%s\\n" "{place}"\n' for n, place in enumerate(places)},
        verbs='install = ["./NAME", "install", "{tree}", "{name}"]',
    )
    run = hostile.run("LOCK-010,LOCK-016,LOCK-018")
    all_are(run, "error", "LOCK-010", "LOCK-016", "LOCK-018")
    assert "what install names on stdout leads out of the work folder, to /etc" in run.said(
        "installs-elsewhere-1", "LOCK-018"
    )


def test_a_layout_that_names_a_folder_of_others(world: Open) -> None:
    hostile = world({"lies-elsewhere": programs.HONEST + 'honest "$@"\n'}, src="/etc")
    run = hostile.run("LOCK-010,LOCK-016")
    all_are(run, "error", "LOCK-010", "LOCK-016")
    assert "layout.src leads out of the work folder, to /etc" in run.said("lies-elsewhere", "LOCK-010")


COPIES = ("LOCK-021[payload]", "LOCK-028", "LOCK-030", "LOCK-065")


def test_what_is_planted_among_copies(world: Open) -> None:
    run = world(programs.COPIERS).run(",".join(COPIES))
    assert set(run.verdicts["copies-honestly"].values()) == {"pass"}
    assert set(run.verdicts["swaps-the-lock-of-the-parent"].values()) == {"fail"}
    wrong = [line for line in run.cases if line["verdict"] == "error"]
    assert wrong
    for line in wrong:
        assert "leads out of the work folder" in line["why"]


@AS_ROOT
def test_mounts_in_copies(world: Open) -> None:
    run = world(programs.MOUNTERS_OF_COPIES).run(",".join(COPIES))
    assert set(run.verdicts["mounts-the-canary-on-the-parent"].values()) == {"fail"}
    assert "error" not in run.verdicts["mounts-the-canary-in-a-copy"].values()


@AS_ROOT
def test_what_only_root_can_do(world: Open) -> None:
    run = world(programs.MOUNTS).run(f"{DIRECT},LOCK-020", timeout_s=HANGING_TIMEOUT_S)
    all_are(run, "fail", "LOCK-020")
    for name in ("mounts-over-everything", "unmounts-everything"):
        assert OF_TIME in run.said(name, DIRECT)
