"""Scripts as texts: complete, quoted, of one form for every implementation, or a reason why there is none."""

from __future__ import annotations

import base64
import gzip
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_scene import ACME, ARGV, ENVIRONMENT, FINDING, SCENE, clause_of, failing, labels

from pytest_vessel.judge.verdict import Finding
from pytest_vessel.record.scene import Call, Folder, Scene
from pytest_vessel.report.by_hand import Script, script_of
from pytest_vessel.report.by_hand.fragments import functions_for, scene
from pytest_vessel.report.by_hand.scenario import Scenario
from pytest_vessel.report.by_hand.table import REASONS, SCENARIOS, scenario_of
from pytest_vessel.report.by_hand.words import Unspeakable, comment, shell_word
from pytest_vessel.row import unlabel

WITH_SCRIPT = 312
"""Cases that have a script; the number may grow, not shrink."""


def script(label: str, **changes: object) -> Script:
    return script_of(failing(label, **changes), clause_of(label), ACME, {"kernel": "6.18"})


def shell(text: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    environ = {"PATH": "/usr/bin:/bin", "WORK": "/w o", "RUNTIME": "/r", "PROBE": "/p"}
    return subprocess.run(
        ["sh", *arguments, "-c", text], env=environ, capture_output=True, timeout=60, check=False, stdin=-3
    )


def test_every_case_that_can_fail_has_a_script_or_a_reason() -> None:
    found = {label: script(label) for label in labels()}
    assert not [label for label, one in found.items() if bool(one.text) == bool(one.because)]
    assert {label for label, one in found.items() if one.text} >= set(SCENARIOS) & set(labels())
    assert {one.because for one in found.values() if one.because} == set(REASONS.values())
    assert sum(bool(one.text) for one in found.values()) >= WITH_SCRIPT


def test_the_manual_counts_them() -> None:
    written = sum(not isinstance(scenario_of(failing(label).row), str) for label in labels())
    manual = Path(__file__).parents[3] / "docs" / "by-hand.md"
    assert f"{written} of the {len(labels())} cases" in manual.read_text()


def test_rows_are_of_clauses_and_cases_that_exist() -> None:
    known = {*labels(), *(unlabel(label)[0] for label in labels())}
    assert not ({*SCENARIOS, *REASONS} - known)


@pytest.mark.parametrize(
    "label", [label for label in labels() if isinstance(scenario_of(failing(label).row), Scenario)]
)
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


def test_what_the_harness_filled_is_filled_again() -> None:
    provider = Folder(
        "$WORK/provider",
        files={"/usr/lib/it's.so": "H4sIAA=="},
        copies={"/lib64/ld.so.2": "/lib64/ld.so.2", "/probe": "$PROBE"},
        links={"$WORK/outside/x": "../$WORK/outside/x"},
        empty=("/dev",),
    )
    text = script("OVER-042[soname]", scene=replace(SCENE, folders=(provider,))).text
    lines = [
        'mkdir -p "$WORK"/provider',
        'mkdir -p "$WORK"/provider/dev',
        """put_file "$WORK"'/provider/usr/lib/it'"'"'s.so' H4sIAA==""",
        'put_copy "$WORK"/provider/lib64/ld.so.2 /lib64/ld.so.2',
        'put_copy "$WORK"/provider/probe "$PROBE"',
        'put_link "$WORK"/provider"$WORK"/outside/x ../"$WORK"/outside/x',
    ]
    assert "\n".join(lines) in text


def test_a_file_is_put_there_as_it_was(tmp_path: Path) -> None:
    (function,) = (text for text in functions_for("put_file a b") if text.startswith("put_file"))
    content = base64.b64encode(gzip.compress(b"\x7fELF\0made\n")).decode()
    assert shell(f"{function}\nput_file {tmp_path}/usr/lib/x.so {content}").returncode == 0
    assert (tmp_path / "usr/lib/x.so").read_bytes() == b"\x7fELF\0made\n"


def link(name: str, target: str) -> dict[str, str]:
    return {"name": name, "target": target}


def test_the_links_of_a_capture_that_are_due() -> None:
    wanted = [link("liba.so.1", "/run/provider/lib/liba.so.1.2"), link("libb.so.1", "$WORK/outside/libb.so.1")]
    text = script("OVER-042[soname]", observation={"wanted": wanted, "witness": None}).text
    assert (
        """\nDUE='liba.so.1=/run/provider/lib/liba.so.1.2 libb.so.1='"$WORK"/outside/libb.so.1\nWITNESS=''\n""" in text
    )
    assert "witness() {" not in text


def test_a_refusal_that_is_due_has_its_witness() -> None:
    calls = (*SCENE.calls, replace(SCENE.calls[-1], argv=("/opt/acme", "capture", "libwitness.so.1")))
    seen = {"wanted": None, "witness": {"wanted": [link("libwitness.so.1", "/lib/libwitness.so.1")]}}
    text = script("OVER-044[nothing-left]", scene=replace(SCENE, calls=calls), observation=seen).text
    assert "\nLEFT=nothing\nDUE=refusal\nWITNESS=libwitness.so.1=/lib/libwitness.so.1\n" in text
    assert re.search(r"^subject\(\).*?libz.so.1.*^witness\(\).*?libwitness.so.1", text, re.MULTILINE | re.DOTALL)


LAID = {"architecture": "x86", "provider_inside": "/run/provider"}
LEAD = {"origin": "the provider's", "file": "/lib/liba.so.1"}


@pytest.mark.parametrize(
    ("label", "seen", "lines"),
    [
        (
            "OVER-004[lib]",
            {"given": [{"soname": "a", "file": "/lib/x86/a.1"}]},
            "DUE=lib/x86/a=/run/provider/lib/x86/a.1",
        ),
        ("OVER-004[elsewhere]", {"given": [{"soname": "a", "file": "/opt/a.1"}]}, "DUE=lib/x86/a=/opt/a.1"),
        ("OVER-024", {"given": [{"soname": "a", "file": "/opt/a.1"}]}, "DUE='lib/x86/a=*/opt/a.1'"),
        (
            "OVER-006[equal]",
            {"soname": "a", "provider": [1], "runtime": [1], "rule": ""},
            "DUE='lib/x86/a=?*'\nABSENT=''",
        ),
        ("OVER-006[newer]", {"soname": "a", "provider": [1], "runtime": [2], "rule": ""}, "DUE=''\nABSENT=lib/x86/a"),
        (
            "OVER-008[container]",
            {"soname": "a", "provider": [2], "runtime": [1], "rule": "container"},
            "DUE=''\nABSENT=lib/x86/a\nSOME_IN=lib/x86",
        ),
        ("OVER-009", {"family": ["c"], "data": {"/l": LEAD}}, "ABSENT=lib/x86/c\nSOME_IN=lib/x86\nLEADS=/l=runtime"),
        ("OVER-010[gl]", {"family": ["c"], "data": {"/l": LEAD}}, "LEADS=/l=provider"),
        ("OVER-014[missing]", {"wanted": {"b": LEAD, "c": None}}, "ABSENT=c\nSOME_IN=''\nLEADS=b=provider"),
        ("OVER-022", {"given": {"x86": [{"soname": "a", "file": "/a.1"}]}}, "DUE='lib/x86/a=*/a.1'"),
        ("OVER-025", {"wanted": {"a": "the provider's"}}, "LOADS=a=provider"),
        (
            "OVER-016[two]",
            {"wanted": ["/a.so", "/b.so"], "folder": "vulkan/icd.d", "named_by": ["VK_A", "VK_B"]},
            "MORE=numbered\nWANTED='/a.so /b.so'\nFOLDER=vulkan/icd.d\nNAMED_BY='VK_A VK_B'",
        ),
        (
            "OVER-015[no-library]",
            {"wanted": [None], "folder": "vulkan/implicit_layer.d", "named_by": []},
            "WANTED=nothing\nFOLDER=vulkan/implicit_layer.d\nNAMED_BY=''",
        ),
        ("OVER-061", {"names": ["lib", "share"]}, "DECOYS='lib share'"),
        ("OVER-066", {}, "PART=share\nDELAY_US=500000"),
        ("OVER-094[does-nothing]", {}, "ANSWER=poke_enter=@arg1=2f62696e2f7472756500\nMESSAGE=no"),
        ("OVER-021", {"variables": {"VK_A": "x", "VK_B": ""}}, "VARIABLES='VK_A VK_B'"),
    ],
)
def test_what_is_due_of_overrides(label: str, seen: dict[str, object], lines: str) -> None:
    assert f"\n{lines}\n" in script(label, observation={**LAID, **seen}).text


def test_two_copies_are_compared_as_they_were_made() -> None:
    calls = (*SCENE.calls, Call("prepare", ("/opt/acme", "prepare", "$WORK/runtimes/other", "$PARENT"), ENVIRONMENT))
    text = script("OVER-082", scene=replace(SCENE, calls=calls)).text
    assert re.search(
        r'^subject\(\).*?prepare "\$RUNTIME".*^second\(\).*?/runtimes/other ', text, re.MULTILINE | re.DOTALL
    )


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
