"""What follows from what was seen of an adapter, by made-up facts; and how it is shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_vessel.check.checked import Checked, Group
from pytest_vessel.check.notices import notices
from pytest_vessel.check.seen import UNTRIABLE, Content, Driven, Effect, Entry, Notice, Process, RoleFile
from pytest_vessel.check.shown import shown
from pytest_vessel.observation.codec import to_json
from pytest_vessel.observation.locks import Kind, Lock, LockTable, Mode
from pytest_vessel.observation.process import Ending, Start

LOCKED = LockTable((Lock(Kind.OFD, Mode.SHARED, holders=(12,)),), exclusive_refused=True)
REF = RoleFile("SRC/.ref", "layout.ref", "SRC/.ref", "SRC/.ref", LOCKED, LockTable())
RUN = Driven(
    "run",
    "merged-usr",
    argv=("/usr/bin/acme", "run", "SRC"),
    environment={"ACME_HOME": "WORK/work"},
    start=Start(ready=True),
    answers=True,
    ending=Ending(7),
    started_s=0.1,
    took_s=0.2,
    processes=(Process(11, "acme", 0), Process(12, "probe", 1)),
    files=(REF,),
    inside=(("/usr/.ref", "SRC/.ref"),),
)
PREPARE = Driven(
    "prepare",
    ending=Ending(0),
    entries=(Entry("tmp-1", is_folder=True, matches=True),),
    contents=(Content("layout.copy_tree", "COPY/usr", ("COPY/usr",)),),
    told="tmp-1",
)
WAIT = Effect("lock", "wait", "beside a lock", {"no": "ends", "yes": "waits"}, {"no": "ends", "yes": "waits"}, "starts")
PARENT = Effect("copy", "layout.parent_ref", "beside a lock", {"locked": "stops"}, {"locked": "starts"}, "starts")


def files(**changes: object) -> Driven:
    return replace(RUN, files=(replace(REF, **changes),))  # type: ignore[arg-type]


def seen(*answers: str) -> Effect:
    return replace(WAIT, seen=dict(zip(WAIT.expected, answers, strict=True)))


def test_nothing_is_wrong_with_what_is_right() -> None:
    assert notices((RUN, replace(RUN, layout="complete-root"), PREPARE), (WAIT,)) == ()


@pytest.mark.parametrize(
    ("driven", "key", "what"),
    [
        (Driven("run", trouble="no such program"), "verbs.run", "cannot be driven: no such program"),
        (replace(RUN, start=Start(ready=False, ending=Ending(1))), "verbs.run", "cannot be driven: status 1"),
        (replace(RUN, start=Start(ready=False), starts_as="complete-root"), "choices.layout", "'complete-root' alone"),
        (replace(RUN, start=Start(ready=False), starts_at="{runtime}/files"), "layout.src", "lies in {runtime}/files"),
        (replace(RUN, start=Start(ready=False), speechless=True), "verbs.run", "its stdout"),
        (replace(RUN, answers=False), "verbs.run", "its stdin"),
        (replace(RUN, ending=Ending(0)), "verbs.run", "ended with status 7, the call with status 0"),
        (files(target=""), "layout.ref", "there is no SRC/.ref"),
        (replace(files(during=LockTable()), elsewhere=("SRC/lock",)), "layout.ref", "SRC/.ref has no fcntl lock"),
        (replace(RUN, inside=(("/.ref", ""),)), "layout.ref_inside", "/.ref leads nowhere"),
        (replace(RUN, inside=(("/.ref", "SRC/x"),)), "layout.ref_inside", "/.ref leads to SRC/x, not to SRC/.ref"),
        (replace(PREPARE, entries=(Entry("copy-1", True, False),), told=None), "layout.copies", "made PARENT/copy-1"),
        (replace(PREPARE, entries=(*PREPARE.entries, Entry(".ref", False, True))), "layout.copies", "is no folder"),
        (replace(PREPARE, entries=()), "verbs.prepare", "made no folder"),
        (replace(PREPARE, contents=(Content("layout.copy_tree", "COPY", ("COPY/usr",)),)), "layout.copy_tree", "COPY"),
        (replace(PREPARE, told="", output="made tmp-1\n"), "layout.copy_from", "printed: 'made (the copy)'"),
        (replace(PREPARE, told="copy"), "layout.copy_from", "tells 'copy'"),
        (replace(PREPARE, verb="collect", entries=(), waits=True), "verbs.collect", "waits for a lock"),
    ],
)
def test_what_is_wrong_is_told_by_its_key(driven: Driven, key: str, what: str) -> None:
    (notice,) = notices((driven,), ())
    assert (notice.key, notice.wrong) == (key, True)
    assert what in notice.what


@pytest.mark.parametrize(
    ("effect", "what", "wrong"),
    [
        (seen("waits", "ends"), "'no' and 'yes' are swapped", True),
        (seen("ends", "ends"), "wait: 'yes' gives the same as 'no' (beside a lock: ends)", True),
        (seen("starts", "starts"), "gives the same", False),
        (seen("starts", "waits"), "wait: beside a lock: no: starts; yes: waits", False),
        (seen("ends", "hangs"), "yes: hangs", True),
        (replace(WAIT, expected={"no": "ends"}, seen={"no": "waits"}), "no: waits", True),
        (PARENT, "locked: starts", False),
    ],
)
def test_what_a_value_changes(effect: Effect, what: str, wrong: bool) -> None:
    (notice,) = notices((), (effect,))
    assert what in notice.what
    assert notice.wrong is wrong
    assert notice.key == effect.key
    assert ("The suite judges this" in notice.mend) is not wrong


def test_a_file_without_a_role_may_be_the_lock_file_of_the_folder_of_copies() -> None:
    made = replace(PREPARE, entries=(*PREPARE.entries, Entry(".ref", is_folder=False, matches=False)))
    (notice,) = notices((made,), (PARENT,))
    assert notice.wrong
    assert notice.mend == ".ref is new in PARENT: is that the file?"


def test_no_lock_at_all_is_for_the_suite_to_judge() -> None:
    (notice,) = notices((files(during=LockTable((Lock(Kind.FLOCK, Mode.SHARED),))),), ())
    assert not notice.wrong
    assert "(but: FLOCK shared lock, whole file)" in notice.what


def test_the_same_for_two_layouts_is_told_once() -> None:
    both = [replace(files(target=""), layout=layout) for layout in ("merged-usr", "complete-root")]
    (notice,) = notices(both, ())
    assert notice.where == "run (merged-usr), run (complete-root)"


def test_one_layout_that_cannot_be_driven_beside_one_that_can() -> None:
    (notice,) = notices((RUN, replace(RUN, layout="complete-root", start=Start(ready=False))), ())
    assert (notice.key, notice.where) == ("choices.layout", "run (complete-root)")


@pytest.mark.parametrize(("driven", "told"), [((), 1), ((files(target=""),), 0)])
def test_a_trial_that_failed_is_told_where_nothing_explains_it(driven: tuple[Driven, ...], told: int) -> None:
    failed = seen(f"{UNTRIABLE}: no such file", f"{UNTRIABLE}: no such file")
    assert sum(notice.key == "choices.wait" for notice in notices(driven, (failed,))) == told


def test_the_page() -> None:
    groups = (Group("run", ("LOCK-010", "LOCK-019[fifo]", "LOCK-019[directory]")),)
    wrong = Notice("layout.ref", "run", "there is no SRC/.ref", "Is it elsewhere?")
    page = Checked("acme", "1", "./acme.toml", (RUN, PREPARE), (WAIT,), {"run": ("{work}",)}, (wrong,), groups, ())
    text = "\n".join(shown(page))
    assert not page.sound
    assert "run (merged-usr): the payload runs, 0.10 s after the start; told to end: status 7" in text
    assert "  environment   ACME_HOME=WORK/work\n" in text
    assert "       11 acme\n                     12   probe\n" in text
    assert "  SRC/.ref      OFDLCK shared lock, whole file, held by 12; no lock after\n" in text
    assert "  {work}        has one value here, and was not tried\n" in text
    assert "1 wrong, 0 to know\n  wrong  layout.ref: run: there is no SRC/.ref\n         Is it elsewhere?\n" in text
    assert "3 cases can be decided\n  run: 3\n    LOCK-010 LOCK-019\n0 cannot" in text
    assert to_json(page)["driven"][0]["files"][0]["during"]["locks"][0]["holders"] == [12]
