"""Writing a file of known failures anew: what changed changes, every other byte stays."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_record import ACME, CLAUSES

from pytest_vessel.baselines.file import Listed, read
from pytest_vessel.baselines.update import Update, update, updated
from pytest_vessel.clause import Catalogue
from pytest_vessel.errors import BaselineError
from pytest_vessel.judge import fail, inconclusive, passed
from pytest_vessel.judge.baseline import fingerprint
from pytest_vessel.judge.verdict import Decision
from pytest_vessel.row import Row, unlabel
from pytest_vessel.toml_text import blocks

CATALOGUE = Catalogue(CLAUSES)
PATH = Path("/there/acme.toml")
WELL, BUSY = passed("it is well"), inconclusive("no gate here")
LABELS = ["MADE-001", "MADE-002[a]", "MADE-002[b]", "MADE-003", "MADE-005"]


def ill(word: str = "ill") -> Decision:
    return fail("thing", word, expected="well", observed=word)


def done(text: str, catalogue: Catalogue = CATALOGUE, **seen: Decision) -> Update:
    """`seen`: decisions by label, with `_` for what a keyword cannot hold: `MADE_002_a`."""
    rows = {}
    for word, decision in seen.items():
        prefix, number, *case = word.split("_")
        rows[Row("acme", f"{prefix}-{number}", "".join(case))] = decision
    return updated(text, PATH, rows, catalogue=catalogue, offers=[ACME], kernel="6.18.0")


def listed(text: str) -> Mapping[str, Listed]:
    return {f"{one.known.implementation} {one.known.label}": one for one in read(text, PATH, CATALOGUE)}


THREE = f"""\
# Known failures of acme.

[acme."MADE-001"]
fingerprint = "{fingerprint(["thing: ill"])}"  # seen by somebody
findings = ["thing: ill"]
reason = '''
[not a header]
of several lines'''
owner = "us"

# This one is odd.
[acme."MADE-002[b]"]
expires = 2026-12-31
reason = "odd"
fingerprint = '{fingerprint(["thing: odd"])}'
[acme."MADE-002[b]".when]
kernel = ">=6"

[other."MADE-003"]
fingerprint = "000000000000"
reason = "of another implementation"
"""


def test_nothing_new_changes_nothing() -> None:
    same = done(THREE, MADE_001=ill(), MADE_002_a=WELL, MADE_002_b=ill("odd"), MADE_003=BUSY)
    assert same.text == THREE
    assert (same.added, same.changed, same.removed, same.kept) == ((), (), (), 3)
    assert str(same) == "0 added, 0 changed, 0 removed, 3 kept"


def test_what_was_not_decided_stays() -> None:
    assert done(THREE, MADE_001=BUSY, MADE_002_b=BUSY).text == THREE
    assert done(THREE).text == THREE


def test_first_file() -> None:
    first = done("", MADE_003=ill(), MADE_001=ill("odd"))
    assert (
        first.text
        == f"""\
# Known failures, one table for each case (pytest-vessel, docs/baselines.md).
# Write into `reason` why it fails; `owner`, `expires` and `when` are up to you.

[acme."MADE-001"]
fingerprint = "{fingerprint(["thing: odd"])}"
findings = ["thing: odd"]
reason = "to be explained"

[acme."MADE-003"]
fingerprint = "{fingerprint(["thing: ill"])}"
findings = ["thing: ill"]
reason = "to be explained"
"""
    )
    assert str(first) == "2 added, 0 changed, 0 removed, 0 kept; 2 to be explained"


def test_new_lines_stand_in_the_order_of_the_catalogue() -> None:
    more = done(THREE, MADE_002_a=ill(), MADE_003=ill())
    assert more.text == THREE.replace(
        "# This one is odd.\n",
        f'[acme."MADE-002[a]"]\nfingerprint = "{fingerprint(["thing: ill"])}"\nfindings = ["thing: ill"]\n'
        'reason = "to be explained"\n\n# This one is odd.\n',
    ).replace(
        "[other.",
        f'[acme."MADE-003"]\nfingerprint = "{fingerprint(["thing: ill"])}"\nfindings = ["thing: ill"]\n'
        'reason = "to be explained"\n\n[other.',
    )


def test_fixed_case_goes_with_its_comment_and_its_conditions() -> None:
    less = done(THREE, MADE_002_b=WELL)
    start, end = THREE.index("# This one is odd."), THREE.index("[other.")
    assert less.text == THREE[:start] + THREE[end:]
    assert less.removed == ('acme."MADE-002[b]"',)


def test_head_of_the_file_stays_when_its_first_table_goes() -> None:
    less = done(THREE, MADE_001=WELL)
    assert less.text.startswith("# Known failures of acme.\n\n# This one is odd.\n")


def test_last_table_leaves_no_empty_lines() -> None:
    text = THREE[: THREE.index("[other.")]
    assert done(text, MADE_002_b=WELL).text == THREE[: THREE.index("\n# This one is odd.")]


def test_another_failure_has_to_be_explained_anew() -> None:
    changed = done(THREE, MADE_001=ill("worse"), MADE_002_b=ill("worse"))
    found = listed(changed.text)
    new = fingerprint(["thing: worse"])
    first, second = found["acme MADE-001"].known, found["acme MADE-002[b]"].known
    assert (first.fingerprint, second.fingerprint) == (new, new)
    assert first.findings == second.findings == ("thing: worse",)
    assert first.owner == "us"
    assert first.reason.startswith("to be explained; before (thing: ill): [not a header]\nof several")
    assert second.reason == f"to be explained; before ({fingerprint(['thing: odd'])}): odd"
    assert str(second.expires) == "2026-12-31"
    assert "  # seen by somebody\n" in changed.text
    assert "# This one is odd.\n" in changed.text
    assert changed.kept == 1
    assert str(changed).endswith("2 to be explained")


def test_explanations_do_not_pile_up() -> None:
    text = done("", MADE_001=ill()).text
    again = done(done(text, MADE_001=ill("odd")).text, MADE_001=ill("worse"))
    assert listed(again.text)["acme MADE-001"].known.reason == "to be explained"


def test_line_of_other_conditions() -> None:
    elsewhere = THREE.replace(">=6", ">=7")
    assert done(elsewhere, MADE_002_b=WELL).text == elsewhere
    with pytest.raises(BaselineError, match="fails here too, but its `when` does not hold here") as caught:
        done(elsewhere, MADE_002_b=ill("odd"))
    assert 'acme.toml:12: acme."MADE-002[b]"' in caught.value.where


def test_unusual_files_are_refused_and_not_spoilt() -> None:
    dotted = f'[acme]\n"MADE-001".reason = "x"\n"MADE-001".fingerprint = "{fingerprint(["thing: ill"])}"\n'
    assert done(dotted, MADE_001=ill()).text == dotted
    for decision in (WELL, ill("odd")):
        with pytest.raises(BaselineError, match="cannot be updated in place"):
            done(dotted, MADE_001=decision)


def test_facts_are_no_failures() -> None:
    assert done(THREE, MADE_004=ill()).text == THREE


def test_line_ends_of_the_file_are_kept() -> None:
    dos = THREE.replace("\n", "\r\n")
    assert done(dos).text == dos
    more = done(dos, MADE_002_a=ill(), MADE_001=ill("worse")).text
    assert more.count("\n") == more.count("\r\n")
    assert "acme MADE-002[a]" in listed(more)


DECISIONS = st.sampled_from([WELL, BUSY, ill(), ill("odd"), ill("worse")])


@given(st.dictionaries(st.sampled_from(LABELS), DECISIONS), st.dictionaries(st.sampled_from(LABELS), DECISIONS))
def test_file_lists_what_failed_last(one: dict[str, Decision], other: dict[str, Decision]) -> None:
    text = THREE.replace('kernel = ">=6"', 'kernel = ">=5"')
    for seen in (one, other):
        rows = {Row("acme", *unlabel(word)): decision for word, decision in seen.items()}
        text = updated(text, PATH, rows, catalogue=CATALOGUE, offers=[ACME], kernel="6.18").text
        found = listed(text)
        for word, decision in seen.items():
            line = found.get(f"acme {word}")
            if decision.findings:
                assert line is not None
                assert line.known.fingerprint == fingerprint([f"thing: {decision.findings[0].code}"])
            elif decision is WELL:
                assert line is None
        assert "other MADE-003" in found
        assert updated(text, PATH, rows, catalogue=CATALOGUE, offers=[ACME], kernel="6.18").text == text


@given(st.text(st.sampled_from("[]\"'=#\n\r\t ab.")))
def test_blocks_make_up_the_file(text: str) -> None:
    source = f"{THREE}\n# {text!r}\n"
    assert "".join(block.text for block in blocks(source)) == source


def test_blocks_know_their_headers() -> None:
    assert [(block.path, block.line) for block in blocks(THREE)] == [
        ((), 1),
        (("acme", "MADE-001"), 3),
        (("acme", "MADE-002[b]"), 12),
        (("acme", "MADE-002[b]", "when"), 16),
        (("other", "MADE-003"), 19),
    ]


def write(path: Path, **seen: Decision) -> Update:
    rows = {Row("acme", word.replace("_", "-"), ""): decision for word, decision in seen.items()}
    return update(path, rows, catalogue=CATALOGUE, offers=[ACME], kernel="6.18.0")


def test_file_is_replaced_whole_and_keeps_its_mode(tmp_path: Path) -> None:
    real, link = tmp_path / "real.toml", tmp_path / "link.toml"
    real.write_text(THREE)
    real.chmod(0o640)
    link.symlink_to(real)
    before = real.stat().st_ino
    assert write(link, MADE_001=WELL).removed
    assert link.is_symlink()
    assert real.stat().st_ino != before
    assert real.stat().st_mode & 0o777 == 0o640
    assert "MADE-001" not in real.read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.toml", "real.toml"]


def test_file_without_change_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "acme.toml"
    path.write_text(THREE)
    before = path.stat()
    write(path, MADE_001=ill())
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_file_with_nothing_to_say_is_there_all_the_same(tmp_path: Path) -> None:
    write(tmp_path / "new.toml", MADE_001=WELL)
    assert read((tmp_path / "new.toml").read_text(), PATH, CATALOGUE) == ()


def test_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match="cannot be written: No such file or directory"):
        write(tmp_path / "none" / "acme.toml", MADE_001=ill())
