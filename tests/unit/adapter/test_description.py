"""Adapter files: what is wrong is named by file and key, with the nearest known word."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vessel.adapter.command import CommandAdapter
from pytest_vessel.adapter.description import read
from pytest_vessel.adapter.protocol import Fill
from pytest_vessel.adapter.registry import built_in, resolve
from pytest_vessel.adapter.template import substitute
from pytest_vessel.errors import AdapterError, UsageProblem, VesselError
from pytest_vessel.toml_text import line_of

ACME = """
[implementation]
name = "acme"
version = ["sh", "-c", "echo acme 1.0"]

[verbs]
run = ["sh", "run", "{mode}", "--in={runtime}", "--", "{argv}"]
lock = ["sh", "lock", "{file}", "--", "{argv}"]

[choices]
mode = { shared = [], exclusive = ["--deep", "{name}"] }

[environment]
ACME_HOME = "{work}/{{home}}"

[layout]
src = "{runtime}/files"
ref = "{src}/.ref"
parent_ref = ""
ref_inside = { merged-usr = ["/.ref"], complete-root = [] }

[exceptions]
LOCK-047 = "by design"
"""


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    path = tmp_path / "acme.toml"
    path.write_text(ACME)
    return path


def fill(**choices: str) -> Fill:
    return Fill(
        values={"runtime": "/rt", "name": "n", "work": "/w", "file": "/f"},
        words={"argv": ("/probe", "talk", "x y")},
        choices=choices,
    )


def test_words_values_choices_and_environment(acme: Path) -> None:
    adapter = CommandAdapter(read(acme), str(acme))
    command = adapter.command("run", fill())
    assert command.argv[1:] == ("run", "--in=/rt", "--", "/probe", "talk", "x y")
    assert command.argv[0].endswith("/sh")
    assert adapter.command("run", fill(mode="exclusive")).argv[2:5] == ("--deep", "n", "--in=/rt")
    assert command.environment == {"ACME_HOME": "/w/{home}"}


def test_roles(acme: Path) -> None:
    adapter = CommandAdapter(read(acme), str(acme))
    assert adapter.role("ref", fill()) == "/rt/files/.ref"
    assert adapter.role("parent_ref", fill()) == ""
    assert adapter.role("copy_ref", fill()) is None
    assert adapter.inside("merged-usr") == ("/.ref",)


@pytest.mark.parametrize(
    ("text", "merged_usr", "complete_root"),
    [
        ('{ merged-usr = "{copy}/usr", complete-root = "{copy}" }', "/c/usr", "/c"),
        ('"{copy}/files"', "/c/files", "/c/files"),
        ('{ complete-root = "{copy}" }', None, "/c"),
    ],
)
def test_where_the_content_of_a_copy_lies(acme: Path, text: str, merged_usr: str, complete_root: str) -> None:
    acme.write_text(ACME.replace('parent_ref = ""', f"copy_tree = {text}"))
    adapter = CommandAdapter(read(acme), str(acme))
    roles = [
        adapter.role("copy_tree", Fill({"copy": "/c"}, {}, {"layout": layout}))
        for layout in ("merged-usr", "complete-root")
    ]
    assert roles == [merged_usr, complete_root]
    assert "layout.copy_tree" in adapter.offer.capabilities


@pytest.mark.parametrize(
    ("text", "host", "chosen"),
    [
        ('"/run/host"', "/run/host", "/run/host"),
        ('{ host = "/host", chosen = "/gfx" }', "/host", "/gfx"),
        ('""', "", ""),
    ],
)
def test_where_a_provider_is_seen(acme: Path, text: str, host: str, chosen: str) -> None:
    acme.write_text(ACME.replace('parent_ref = ""', f"provider_inside = {text}"))
    adapter = CommandAdapter(read(acme), str(acme))
    assert (adapter.provider_inside(Path("/")), adapter.provider_inside(Path("/srv"))) == (host, chosen)
    assert ("layout.provider_inside" in adapter.offer.capabilities) == bool(host)


@pytest.mark.parametrize(("words", "takes"), [('"--from={provider}"', True), ('"--"', False)])
def test_a_provider_is_chosen_where_the_template_says_so(acme: Path, words: str, takes: bool) -> None:
    copy = f'[verbs]\ncopy = ["sh", {words}, "{{runtime}}", "{{parent}}", "{{argv}}"]'
    layout = 'provider_inside = "/provider"\nparent_ref = ""'
    acme.write_text(ACME.replace("[verbs]", copy).replace('parent_ref = ""', layout))
    adapter = CommandAdapter(read(acme), str(acme))
    assert ("copy.provider" in adapter.offer.capabilities, "prepare.provider" in adapter.offer.capabilities) == (
        takes,
        False,
    )
    values = {**fill().values, "parent": "/p", "provider": "/srv"}
    assert ("--from=/srv" in adapter.command("copy", Fill(values, fill().words, {})).argv) == takes


def test_all_features_are_offered_unless_some_are_named(acme: Path) -> None:
    def features() -> set[str]:
        offered = CommandAdapter(read(acme), str(acme)).offer.capabilities
        return {name.removeprefix("features.overrides.") for name in offered if name.startswith("features.")}

    assert features() == {"libraries", "drivers", "manifests", "ld.so.conf", "aliases"}
    acme.write_text(f'{ACME}[features]\noverrides = ["ld.so.conf"]')
    assert features() == {"ld.so.conf"}


def test_the_reference_says_where_its_copies_are() -> None:
    adapter = resolve("reference", base=Path("/"))
    fill = Fill({"parent": "/p", "copy": "/p/tmp-1"}, {}, {"layout": "merged-usr"})
    roles = {name: adapter.role(name, fill) for name in ("parent_ref", "copies", "copy_ref", "copy_tree", "copy_from")}
    assert roles == {
        "parent_ref": "/p/.ref",
        "copies": "/p/tmp-*",
        "copy_ref": "/p/tmp-1/.ref",
        "copy_tree": "/p/tmp-1/usr",
        "copy_from": "stdout:^copy: (.*)$",
    }
    assert {"copy", "prepare", "collect", "choices.collecting.no"} <= set(adapter.offer.capabilities)


def test_the_offer(acme: Path) -> None:
    offer = CommandAdapter(read(acme), str(acme)).offer
    assert (offer.name, offer.version, offer.absent) == ("acme", "acme 1.0", "")
    assert {"run", "lock", "choices.mode.exclusive", "layout.ref", "layout.ref_inside"} <= set(offer.capabilities)
    assert "copy" not in offer.capabilities
    assert set(offer.empty) == {"layout.parent_ref", "layout.ref_inside.complete-root"}
    assert offer.exceptions == {"LOCK-047": "by design"}
    assert offer.binary_digest.startswith("sha256:")


def test_a_version_below_a_heading(acme: Path) -> None:
    acme.write_text(ACME.replace("echo acme 1.0", "echo acme:; echo '  Version: 1.0'"))
    assert CommandAdapter(read(acme), str(acme)).offer.version == "acme: Version: 1.0"


def test_a_program_that_is_not_there_says_how_to_get_it(acme: Path) -> None:
    acme.write_text(
        ACME.replace('"sh", "-c", "echo acme 1.0"', '"acme-rt", "--version"').replace(
            'name = "acme"', 'name = "acme"\nmend = "apt install acme"'
        )
    )
    offer = CommandAdapter(read(acme), str(acme)).offer
    assert (offer.absent, offer.mend) == ("acme-rt is not installed", "apt install acme")


def test_a_verb_or_choice_that_is_not_offered(acme: Path) -> None:
    adapter = CommandAdapter(read(acme), str(acme))
    with pytest.raises(AdapterError, match="no verb 'collect'"):
        adapter.command("collect", fill())
    with pytest.raises(AdapterError, match=r"choices.mode has no 'other'"):
        adapter.command("run", fill(mode="other"))
    with pytest.raises(AdapterError, match=r"\{runtime\} has no value"):
        adapter.command("run", Fill({}, {"argv": ()}, {}))


@given(st.text(alphabet=st.characters(blacklist_characters="{}")))
def test_literal_braces(text: str) -> None:
    assert substitute("{{" + text + "}}", {}) == "{" + text + "}"


@pytest.mark.parametrize("name", built_in())
def test_built_in_files_are_sound(name: str) -> None:
    assert resolve(name, base=Path("/")).offer.name == name


def test_addresses(acme: Path) -> None:
    assert resolve("./acme.toml", base=acme.parent).offer.address == str(acme)
    assert resolve("bubblewrap:path=/bin/sh", base=Path("/")).command("lock", fill()).argv[0] == "/bin/sh"
    assert resolve("mutant:unlocked", base=Path("/")).offer.name == "unlocked"


def test_a_home_is_that_of_the_address_or_of_its_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VESSEL_PRESSURE_VESSEL", "/elsewhere")
    given = resolve(f"pressure-vessel:path={tmp_path.name}", base=tmp_path.parent)
    assert given.command("lock", fill()).argv[0].startswith(f"{tmp_path}/libexec/")
    assert resolve("pressure-vessel", base=tmp_path).command("lock", fill()).argv[0].startswith("/elsewhere/libexec/")


def test_a_file_has_a_home_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_PREFIX", "/opt/acme")
    (tmp_path / "at-home.toml").write_text(
        '[implementation]\nname = "acme"\nhome = "ACME_PREFIX"\n[verbs]\nlock = ["{home}/lock", "{file}", "{argv}"]\n'
    )
    assert resolve("./at-home.toml", base=tmp_path).command("lock", fill()).argv[0] == "/opt/acme/lock"


def test_a_home_that_nobody_named_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VESSEL_PRESSURE_VESSEL", raising=False)
    offer = resolve("pressure-vessel", base=Path("/")).offer
    assert offer.absent == "$VESSEL_PRESSURE_VESSEL/bin/pressure-vessel-wrap is not installed"
    assert offer.mend.startswith("Set VESSEL_PRESSURE_VESSEL")


def test_what_its_runtimes_hold(acme: Path) -> None:
    assert (CommandAdapter(read(acme), str(acme)).programs, CommandAdapter(read(acme), str(acme)).files) == ((), ())
    acme.write_text(ACME + '[runtime]\nprograms = ["sh"]\nfiles = ["etc/ld.so.cache"]\n')
    adapter = CommandAdapter(read(acme), str(acme))
    assert (adapter.programs, adapter.files) == (("sh",), ("etc/ld.so.cache",))


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("pressure-vessel:path=/no/such", "no folder '/no/such'"),
        ("flatpack", "Did you mean 'flatpak'"),
        ("bubblewrap:pth=/bin/sh", "unknown key 'pth'"),
        ("bubblewrap:path=/no/such", "no program"),
        ("mutant:unloked", "Did you mean 'unlocked'"),
        ("", "unknown implementation"),
    ],
)
def test_addresses_that_lead_nowhere(address: str, message: str) -> None:
    with pytest.raises(UsageProblem, match=message):
        resolve(address, base=Path("/"))


@given(st.text())
def test_no_address_breaks_it(address: str) -> None:
    problem = refusal(address)
    assert problem is None or problem.mend


def refusal(address: str) -> VesselError | None:
    try:
        resolve(address, base=Path("/nonexistent"))
    except VesselError as problem:
        return problem
    return None


@pytest.mark.parametrize(
    ("program", "absent"),
    [
        ("./missing", "./missing is not installed"),
        ("./plain", "./plain is no program that can be executed"),
        ("./folder", "./folder is no program that can be executed"),
        ("no-such-program", "no-such-program is not installed"),
    ],
)
def test_the_first_program_is_looked_for_before_anything_runs(acme: Path, program: str, absent: str) -> None:
    (acme.parent / "plain").write_text("")
    (acme.parent / "folder").mkdir()
    acme.write_text(ACME.replace('version = ["sh"', f'version = ["{program}"'))
    assert CommandAdapter(read(acme), str(acme)).offer.absent == absent


TEXT = """\
implementation.name = "acme" # no header

[verbs]
# of the table
"run" = [
  "a=",
  "[b]",
]
[choices.mode]
shared = []
[layout]
copy_tree = { merged-usr = "x" }
[[odd]]
x = 1
"""


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("implementation.name", 1),
        ("implementation", 1),
        ("verbs", 3),
        ("verbs.run", 5),
        ("verbs.lock", 3),
        ("choices.mode.shared", 10),
        ("choices.mode", 9),
        ("layout.copy_tree.merged-usr", 12),
        ("odd.x", 14),
        ("other", 0),
    ],
)
def test_lines_of_keys(key: str, line: int) -> None:
    assert line_of(TEXT, key.split(".")) == line
