"""What a run prints, from its record alone."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from made_up_record import ACME, CASES, FAIL, MUST, SETTINGS, case, record

from pytest_vessel.judge.verdict import Finding, Verdict
from pytest_vessel.report import terminal


def texts(**options: bool) -> list[str]:
    return [line.text for line in terminal.summary(record(), **options)]


def test_summary_in_the_order_of_the_catalogue() -> None:
    assert texts() == [
        "-- acme (acme 1.0, /opt/acme.toml)",
        "pass           MADE-001                   all is well",
        "inconclusive   MADE-002[a]                no gate here",
        "fail           MADE-002[b]                SRC/.ref: no lock",
        "fail           MADE-003                   SRC/.ref: no lock; SRC/.ref: no lock",
        "1 unsupported, 1 clause planned (-v shows them)",
        "to decide 1 more: Use Linux 5.5.",
        "facts:",
        "  MADE-004                   it is so",
        "profiles:",
        "  made/up              not conformant  1 of 4 MUST cases passed; not: MADE-002[b] "
        "(not counted, no such choice: MADE-005)",
        "",
    ]


def test_verbose_summary_folds_nothing() -> None:
    long = texts(verbose=True)
    assert "unsupported    MADE-005                   the adapter of acme offers no choices.colour.red" in long
    assert "planned        MADE-006                   The sentence of MADE-006." in long
    assert not any("-v shows" in text for text in long)


def test_deselected_rows_are_counted() -> None:
    left = case("MADE-001", "", MUST, Verdict.NOT_RUN, reason="deselected", why="left out")
    lines = [line.text for line in terminal.summary(record(left, *CASES[2:]))]
    assert "1 unsupported, 1 deselected, 1 clause planned (-v shows them)" in lines
    assert not any(line.startswith("not_run") for line in lines)


def test_last_lines() -> None:
    (line,) = terminal.last_lines(record())
    assert line.text == "acme: not conformant in made/up; 1 SHOULD failed"
    assert line.style == "red"
    lost = case("MADE-001", "", MUST, Verdict.NOT_RUN, reason="lost")
    assert [line.text for line in terminal.last_lines(record(lost))] == [
        "incomplete: lost",
        "acme: undecided in made/up",
    ]


def test_colours_only_repeat_the_words() -> None:
    styles = {line.text.split()[0]: line.style for line in terminal.verdict_lines(CASES)}
    assert styles == {"pass": "green", "inconclusive": "yellow", "fail": "red"}


def test_header() -> None:
    assert terminal.header(record().started) == [
        "vessel: 0.1.0, seed 5eed, unprivileged user nobody, kernel 6.18",
        "vessel: implementation acme (acme 1.0, /opt/acme.toml)",
    ]
    unprivileged = record(settings=replace(SETTINGS, user=None))
    assert "unprivileged user uid 0" in terminal.header(unprivileged.started)[0]
    absent = record(offers=(replace(ACME, absent="not installed"),))
    assert terminal.header(absent.started)[1].endswith("acme (acme 1.0, /opt/acme.toml; not installed)")


def test_several_implementations_stand_apart() -> None:
    other = replace(ACME, name="other", version="")
    lines = [line.text for line in terminal.summary(record(offers=(ACME, other)))]
    assert [line for line in lines if line.startswith("--")] == [
        "-- acme (acme 1.0, /opt/acme.toml)",
        "-- other (/opt/acme.toml)",
    ]
    assert terminal.last_lines(record(offers=(ACME, other)))[1].text == "other: nothing to decide"


def test_long_lists_are_cut() -> None:
    assert terminal._some(list("abcdefgh")) == "a, b, c, d, e, f and 2 more"
    assert terminal._some(list("abcdef")) == "a, b, c, d, e, f"


@given(st.text(st.characters(codec=None)))
def test_no_text_breaks_a_line(text: str) -> None:
    found = Finding("thing", "odd", text, text)
    bad = case("MADE-002", "b", MUST, FAIL, findings=(found,), mend=text)
    offer = replace(ACME, version=text, address=text, absent=text)
    run = record(bad, offers=(offer,))
    for line in [*terminal.summary(run), *terminal.last_lines(run)]:
        assert line.text.isprintable() or not set(line.text) & set("\n\r\x1b\x07\t")
        assert len(line.text.splitlines()) <= 1
    assert all(len(line.splitlines()) == 1 for line in terminal.header(run.started))
