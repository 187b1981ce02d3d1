"""Scripts as texts: complete, quoted, of one form for every implementation, or a reason why there is none."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_scene import ACME, ARGV, ENVIRONMENT, FINDING, SCENE, clause_of, failing, labels

from pytest_vessel.judge.verdict import Finding
from pytest_vessel.record.scene import Call, Scene
from pytest_vessel.report.by_hand import Script, script_of
from pytest_vessel.report.by_hand.fragments import functions_for, scene
from pytest_vessel.report.by_hand.table import REASONS, SCENARIOS, scenario_of
from pytest_vessel.report.by_hand.words import Unspeakable, comment, shell_word
from pytest_vessel.row import unlabel

WITH_SCRIPT = 150
"""Cases that have a script; the number may grow, not shrink."""


def script(label: str, **changes: object) -> Script:
    return script_of(failing(label, **changes), clause_of(label), ACME, {"kernel": "6.18"})


def shell(text: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    environ = {"PATH": "/usr/bin:/bin", "WORK": "/w o", "RUNTIME": "/r", "PROBE": "/p"}
    return subprocess.run(
        ["sh", *arguments, "-c", text], env=environ, capture_output=True, timeout=60, check=False, stdin=-3
    )


def is_locking(label: str) -> bool:
    """Of the overrides suite no case has a script yet, and none a reason of its own."""
    return label.startswith("LOCK-")


def test_every_case_that_can_fail_has_a_script_or_a_reason() -> None:
    found = {label: script(label) for label in labels()}
    assert not [label for label, one in found.items() if bool(one.text) == bool(one.because)]
    assert {label for label, one in found.items() if one.text} >= set(SCENARIOS) & set(labels())
    assert {one.because for label, one in found.items() if one.because and is_locking(label)} == set(REASONS.values())
    assert sum(bool(one.text) for one in found.values()) >= WITH_SCRIPT


def test_the_manual_counts_them() -> None:
    written = sum(not isinstance(scenario_of(failing(label).row), str) for label in labels())
    manual = Path(__file__).parents[3] / "docs" / "by-hand.md"
    assert f"{written} of the {len(labels())} cases" in manual.read_text()


def test_rows_are_of_clauses_and_cases_that_exist() -> None:
    known = {*labels(), *(unlabel(label)[0] for label in labels())}
    assert not ({*SCENARIOS, *REASONS} - known)


@pytest.mark.parametrize("label", sorted({*labels()} & {*SCENARIOS}))
def test_a_script_is_a_program_of_the_shell(label: str) -> None:
    text = script(label).text
    assert shell(text, "-n").stderr == b""
    assert text.startswith("#!/bin/sh\n")
    defined = set(re.findall(r"^(\w+)\(\) \{", text, re.MULTILINE))
    assert {"leave", "shows", "sound", "cannot"} <= defined
    assert re.search(r"^trap leave EXIT$", text, re.MULTILINE)
    for name in ("shows", "sound", "conflict", "await", "ran", "ended", "protected", "traced", "finish", "how", "lost"):
        assert name in defined or not re.search(
            rf"(^|[();|&!]|then|else|\$\(|one) *{name} [\"$a-z]", text, re.MULTILINE
        )


def test_what_stands_in_it() -> None:
    found = script("LOCK-012[held]")
    assert found.path == "by_hand/LOCK-012-held.sh"
    assert "# LOCK-012[held] (MUST): While an exclusive lock is held on SRC/.ref" in found.text
    assert "# Seen with acme 1.0 on 6.18:" in found.text
    assert "#   observed: SRC/.ref: no lock" in found.text
    assert re.search(r"^KIND=ofd$", found.text, re.MULTILINE)
    assert """/opt/acme run "$RUNTIME" 'it'"'"'s' -- /usr/libexec/vessel/probe talk n""" in found.text
    assert """HOME="$WORK"/home LANG=C.UTF-8""" in found.text
    assert "traced() {" in found.text
    assert "read_only() {" not in found.text


def test_it_holds_only_the_functions_that_it_uses() -> None:
    names = [text.partition("(")[0] for text in functions_for("sound 'no conflict, and how!'")]
    assert names == ["sound"]
    assert {"hold", "start", "ask", "word"} <= {text.partition("(")[0] for text in functions_for("hold a b c d 0 0")}


def test_several_implementations_have_a_folder_each() -> None:
    found = script_of(failing("LOCK-010"), clause_of("LOCK-010"), ACME, apart=True)
    assert found.path == "by_hand/acme/LOCK-010.sh"


def test_a_copy_and_its_folder() -> None:
    text = script("LOCK-042").text
    assert """subject() {  # copy, as it was started""" in text
    assert 'PARENT="$WORK"/parents/p\nPARENT_REF="$PARENT"/.ref\n' in text
    assert re.search(r'^in_copy\(\) \{.*\n  COPY=\$1\n  COPY_REF="\$COPY"/.ref$', text, re.MULTILINE)
    assert "\nREF=$PARENT_REF\n" not in text
    assert "\nREF=$PARENT_REF\n" in script("LOCK-022").text


def test_who_cleans_up_beside_a_copy_is_the_other_start_of_it() -> None:
    one, other = (replace(SCENE.calls[2], argv=("/opt/acme", "copy", word)) for word in ("quietly", "cleaning"))
    text = script("LOCK-031[copy]", scene=replace(SCENE, calls=(one, other))).text
    assert re.search(r"^subject\(\).*?quietly.*^cleaner\(\).*?cleaning", text, re.MULTILINE | re.DOTALL)


def test_where_no_verb_cleans_up_a_copy_does() -> None:
    text = script("LOCK-071[shared-ofd]", scene=replace(SCENE, calls=(SCENE.calls[2],))).text
    assert "cleaner() {  # copy, as it was started" in text


def test_the_call_before_which_something_was_lost_is_the_one_that_is_held() -> None:
    attempts = [
        {"call": "rename", "granted": True, "lost": 0, "named": True},
        {"call": "unlinkat", "granted": True, "lost": 4, "named": False},
    ]
    assert "\nCALL=unlinkat\n" in script("LOCK-085[runtime]", observation={"attempts": attempts}).text
    assert "\nCALL=rename\n" in script("LOCK-085[runtime]", observation={"attempts": attempts[:1]}).text


def test_no_script_without_a_record_of_the_start() -> None:
    for changed in (None, Scene(), replace(SCENE, calls=SCENE.calls[1:])):
        found = script("LOCK-010", scene=changed)
        assert (found.path, found.text) == ("", "")
        assert found.because == "the record does not say how 'run' was started"


def test_a_clause_that_nobody_has_written_one_for() -> None:
    reason = scenario_of(replace(failing("LOCK-010").row, clause="MADE-001"))
    assert reason == "nobody has written one for this case yet"


def test_an_adapters_own_program_is_shown_as_its_shell_text() -> None:
    install = Call("install", ("/python", "-m", "helper"), ENVIRONMENT, by_hand='cd "$WORK/work"\necho "$PWD"\n')
    assert SCENE.ground is not None
    ground = replace(SCENE.ground, folder="", tree="$WORK/trees/rt")
    text = script("LOCK-010", scene=replace(SCENE, calls=(install, *SCENE.calls), ground=ground)).text
    assert 'cd "$WORK/work"\necho "$PWD"\nEND_OF_VERB\n' in text
    assert "helper" not in text
    assert '[ -e "$WORK"/trees/rt ] || tree "$WORK"/trees/rt' in text


def test_the_unprivileged_user_and_read_only_mounts() -> None:
    calls = tuple(replace(call, user="nobody", read_only=("$RUNTIME",)) for call in SCENE.calls)
    text = script("LOCK-018", scene=replace(SCENE, calls=calls)).text
    assert "USER_NAME=nobody" in text
    assert 'read_only "$RUNTIME" "$@" $(as_user) env -i' in text
    assert 'only_read "$REF"' in text
    assert "as_user() {" in text
    assert "read_only() {" in text


def test_what_a_shell_cannot_combine_is_said() -> None:
    calls = tuple(replace(call, read_only=("$RUNTIME",)) for call in SCENE.calls)
    assert "at once" in script("LOCK-012[held]", scene=replace(SCENE, calls=calls)).because


def test_strange_text_stays_in_its_comment() -> None:
    wild = Finding("x\nrm -rf /\n", "c", "\x1b[31m\r\nrm -rf /", "\u2028rm -rf /\x00")
    text = script("LOCK-010", findings=(wild, FINDING)).text
    assert not re.search(r"^\s*rm -rf /$", text, re.MULTILINE)
    assert "\x1b" not in text
    assert shell(text, "-n").returncode == 0


def test_a_command_line_that_a_terminal_would_obey_is_not_written_down() -> None:
    calls = (replace(SCENE.calls[0], argv=(*ARGV, "\x1b]0;x\x07")),)
    found = script("LOCK-010", scene=replace(SCENE, calls=calls))
    assert not found.text
    assert "\\x1b" in found.because


PLAIN = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]))


@given(PLAIN)
def test_words_reach_the_program_as_they_were(text: str) -> None:
    template = text.replace("$", "$$")
    try:
        word = shell_word(f"$WORK/{template}$PROBE")
    except Unspeakable:
        return
    assert shell(f"printf %s {word}").stdout == f"/w o/{text}/p".encode()


@given(st.text(st.characters(codec=None)))
def test_a_comment_never_ends(text: str) -> None:
    assert all(re.fullmatch(r"#.*", line) and len(line.splitlines()) == 1 for line in comment(text))


def test_every_scene_ends_with_a_decision() -> None:
    for scenario in SCENARIOS.values():
        last = scene(scenario.scene).rstrip().splitlines()[-1].strip()
        assert last.startswith(("sound ", "shows ", "cannot ")), scenario.scene


def test_scenes_name_no_implementation() -> None:
    folder = Path(script_of.__code__.co_filename).parent
    adapters = [path.stem for path in (folder.parents[1] / "adapter").glob("*.toml")]
    assert "reference" in adapters
    names = re.compile(rf"\b({'|'.join([*adapters, 'bwrap'])})\b", re.IGNORECASE)
    found = {path.name: names.findall(path.read_text()) for path in folder.rglob("*") if path.suffix in (".py", ".sh")}
    assert not {name: words for name, words in found.items() if words}
