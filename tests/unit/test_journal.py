"""What the record keeps of a case: templates instead of folders, events in order, bounded."""

from __future__ import annotations

from pathlib import Path

from pytest_vessel.fixtures.journal import KEPT_EVENTS, Journal
from pytest_vessel.record.scene import Copies, Event, Folder, Ground
from pytest_vessel.system import compile

WORK = Path("/t/vessel-1/case")
RUNTIME = WORK / "runtimes" / "rtabc"


def ground(folder: str = str(RUNTIME), tree: str = "") -> Ground:
    return Ground("merged-usr", folder, tree, str(RUNTIME), f"{RUNTIME}/.ref", ("/.ref",))


def test_folders_become_variables_and_a_dollar_stays_one() -> None:
    journal = Journal(WORK)
    journal.runtime(RUNTIME, ground())
    journal.knows_probe("/cache/probe")
    journal.call("run", ["/bin/acme", f"--at={RUNTIME}/usr", f"{WORK}/work", "/cache/probe", "$WORK"], {"PATH": "/bin"})
    (call,) = journal.scene().calls
    assert call.argv == ("/bin/acme", "--at=$RUNTIME/usr", "$WORK/work", "$PROBE", "$$WORK")
    assert call.environment == {}


def test_a_work_folder_with_a_dollar() -> None:
    journal = Journal(Path("/t/$x"))
    journal.call("run", ["/bin/acme", "/t/$x/work"], {"HOME": "/t/$x/home"}, by_hand='cd "/t/$x/work"')
    (call,) = journal.scene().calls
    assert (call.argv[1], call.environment, call.by_hand) == (
        "$WORK/work",
        {"HOME": "$WORK/home"},
        'cd "$WORK/work"',
    )


def test_the_first_runtime_is_the_one_that_counts() -> None:
    journal = Journal(WORK)
    journal.runtime(RUNTIME, ground())
    journal.runtime(WORK / "runtimes" / "other", ground("x"))
    found = journal.scene().ground
    assert found == Ground("merged-usr", "$WORK/runtimes/rtabc", "", "$RUNTIME", "$RUNTIME/.ref", ("/.ref",))


def test_every_folder_of_copies_is_called_alike_and_the_first_one_counts() -> None:
    journal = Journal(WORK)
    for word in ("a", "b"):
        parent = f"{WORK}/parents/{word}"
        copy = f"{parent}/tmp-copy"
        in_copy = (f"{copy}/.ref", f"{copy}/usr", f"{copy}/usr/over", "/over")
        journal.parent(Copies(parent, f"{parent}/.ref", f"{parent}/tmp-*", *in_copy), copy)
        journal.call("collect", ["/acme", parent], {})
    scene = journal.scene()
    in_copy = ("$COPY/.ref", "$COPY/usr", "$COPY/usr/over", "/over")
    assert scene.copies == Copies("$WORK/parents/a", "$PARENT/.ref", "$PARENT/tmp-*", *in_copy)
    assert [call.argv for call in scene.calls] == [("/acme", "$PARENT")] * 2


def test_an_installed_runtime_has_no_folder_of_ours() -> None:
    journal = Journal(WORK)
    journal.runtime(RUNTIME, ground("", f"{WORK}/trees/rtabc"))
    found = journal.scene().ground
    assert found is not None
    assert (found.folder, found.tree, found.src) == ("", "$WORK/trees/rtabc", "$RUNTIME")


def test_filled_folders_are_told_as_they_were_first(tmp_path: Path) -> None:
    probe = compile.probe()
    journal = Journal(tmp_path, str(probe))
    provider = tmp_path / "provider"
    outside = Path(f"{provider}{tmp_path}/outside")
    for folder in (outside, provider / "dev$", provider / "libexec/vessel"):
        folder.mkdir(parents=True)
    (outside / "link").symlink_to(f"../..{tmp_path}/outside/x")
    (provider / "libexec/vessel/probe").write_bytes(probe.read_bytes())
    journal.folders(provider)
    (provider / "later").symlink_to("/")
    journal.folders(provider)
    (told,) = journal.scene().folders
    assert told == Folder(
        "$WORK/provider",
        copies={"/libexec/vessel/probe": "$PROBE"},
        links={"$WORK/outside/link": "../..$WORK/outside/x"},
        empty=("/dev$$",),
    )


def test_launchers_and_holders_are_numbered() -> None:
    journal = Journal(WORK)
    assert [journal.call("run", ["/a"], {}) for _ in range(2)] == ["launcher", "launcher 2"]
    assert [journal.holder("holds a lock") for _ in range(3)] == ["holder", "holder 2", "holder 3"]
    assert journal.scene().events[0] == Event("launcher", "starts (run)", "begin")


def test_the_same_in_a_row_is_counted() -> None:
    journal = Journal(WORK)
    for what in ("asks", "asks", "asks", "ends", "asks"):
        journal.note("launcher", what)
    assert [(event.what, event.times) for event in journal.scene().events] == [("asks", 3), ("ends", 1), ("asks", 1)]


def test_events_are_bounded() -> None:
    journal = Journal(WORK)
    for number in range(KEPT_EVENTS + 5):
        journal.note("launcher", f"does {number}")
    scene = journal.scene()
    assert (len(scene.events), scene.left_out) == (KEPT_EVENTS, 5)


def test_another_state_of_the_lock_is_another_event() -> None:
    journal = Journal(WORK)
    journal.note("payload", "runs", lock="no lock")
    journal.note("payload", "runs", lock="OFDLCK shared lock, whole file")
    assert [event.lock for event in journal.scene().events] == ["no lock", "OFDLCK shared lock, whole file"]
