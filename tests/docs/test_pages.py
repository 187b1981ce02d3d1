"""What our pages show is what happens: commands are run, examples pass, adapters are read, links lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet
from pages import INSTALLS, PAGES, ROOT, Block, blocks, missing, steps

from pytest_vessel import clause
from pytest_vessel.adapter.description import read
from pytest_vessel.baselines.file import read as read_known
from pytest_vessel.clause import parse

TIMEOUT_S = 600.0
_MARK = re.compile(r"\n@@(\d+)@@\n")


def environ() -> dict[str, str]:
    """A shell of a user for whom our programs are in PATH."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    kept = {name: os.environ[name] for name in ("HOME", "XDG_CACHE_HOME", "PYTEST_ADDOPTS") if name in os.environ}
    return {**kept, "PATH": path, "LANG": "C.UTF-8", "COLUMNS": "120"}


def param(block: Block) -> ParameterSet:
    return pytest.param(block, id=block.id, marks=[pytest.mark.full] if block.note == "full" else [])


def is_install(command: str) -> bool:
    return any(command.startswith(prefix) for prefix in INSTALLS)


@pytest.mark.parametrize("block", [param(block) for block in blocks("console")])
def test_commands_do_what_is_shown(block: Block, tmp_path: Path) -> None:
    for other in blocks("toml", "python", "sh", "c"):
        if other.page == block.page and other.file:
            (tmp_path / other.file).write_text(other.text)
            (tmp_path / other.file).chmod(0o755)
    todo = [step for step in steps(block) if not is_install(step.command)]
    script = "".join(f"{step.command}\ns=$?; printf '\\n@@%d@@\\n' $s; (exit $s)\n" for step in todo)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=environ(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    outputs = _MARK.split(done.stdout)[::2]
    statuses = [int(status) for status in _MARK.findall(done.stdout)]
    assert len(statuses) == len(todo), done.stdout
    for step, output, status in zip(todo, outputs, statuses, strict=False):
        assert status not in (2, 3, 4, 126, 127), f"{step.command}: status {status}\n{output}"
        lacking = missing(step.shown, output)
        assert lacking is None, f"{step.command}: not in the output: {lacking!r}\n{output}"


@pytest.mark.parametrize("block", blocks("console"), ids=lambda block: block.id)
def test_commands_that_are_not_run_exist(block: Block) -> None:
    assert steps(block)
    for step in steps(block):
        if step.command.startswith("tools/"):
            assert os.access(ROOT / step.command.split()[0], os.X_OK)


@pytest.mark.parametrize("block", [one for one in blocks("python") if not one.file], ids=lambda block: block.id)
def test_examples_run(block: Block, tmp_path: Path) -> None:
    (tmp_path / "test_example.py").write_text(block.text)
    argv = [sys.executable, "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", "error"]
    done = subprocess.run(
        [*argv, "test_example.py"],
        cwd=tmp_path,
        env=environ(),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert "def test_" in block.text, "an example is a test"
    needed = block.note.removeprefix("needs: ") if block.note.startswith("needs: ") else "pytest"
    wanted = r"\d+ failed" if block.note == "fails" else r"\d+ passed" if find_spec(needed) else r"\d+ skipped"
    assert re.search(rf"^{wanted} in ", done.stdout, re.M), done.stdout + done.stderr


@pytest.mark.parametrize("block", blocks("toml"), ids=lambda block: block.id)
def test_toml_is_accepted(block: Block, tmp_path: Path) -> None:
    found = tomllib.loads(block.text)
    assert found
    if "verbs" in found:
        (tmp_path / "adapter.toml").write_text(block.text)
        assert read(tmp_path / "adapter.toml").verbs
    for name, row in found.items():
        if re.fullmatch(r"[A-Z]+-\d+", name):
            assert parse("locking", name, row, where=block.id).cases
        if name != "exceptions" and any(re.fullmatch(r"[A-Z]+-\d+(\[.*\])?", key) for key in row):
            assert read_known(block.text, Path(block.id), clause.load())


def test_links_lead_to_files() -> None:
    for page in (path for pattern in PAGES for path in ROOT.glob(pattern)):
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in link:
                assert (page.parent / link).exists(), f"{page.relative_to(ROOT)}: {link}"


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    lost = [
        path.name for path in (ROOT / "docs").glob("*.md") if f"({path.name})" not in index and path.name != "README.md"
    ]
    assert not lost


@pytest.mark.parametrize(
    ("shown", "output", "lacking"),
    [
        (("a  b",), "x\na b\n", None),
        (("a ... c", "d"), "a b c\nd", None),
        (("d", "a"), "a\nd", "a"),
        (("a",), "a b", "a"),
    ],
)
def test_shown_lines_are_looked_for_in_order(shown: tuple[str, ...], output: str, lacking: str | None) -> None:
    assert missing(shown, output) == lacking
