"""The fenced blocks of our pages, and what is expected of them.

A line `<!-- file: NAME -->` before a block: it is that file in the page's folder, for the commands of the page.
A line `<!-- fails -->` before a block of tests: they fail, and the page says so.
A line `<!-- full -->` before a block of commands: they take minutes, and are run by `tools/test --full` alone.
A line `<!-- needs: NAME -->` before a block of tests: without that package they are skipped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/*.md", "benchmarks/*.md")

INSTALLS = {
    "pip install": "needs an index, and changes the environment",
    "python -m build": "needs an index; tests/packaging builds",
    "apt install": "changes the machine",
    "tools/bootstrap": "changes the machine; tests/packaging runs it",
    "tools/vessel": "bootstraps first; tests/packaging runs it",
    "tools/test": "runs these tests",
}
"""Commands that are not run here, and why: these only have to exist."""

_BLOCK = re.compile(r"(?:^<!-- (?P<note>[^\n]*) -->\n+)?^ *```(?P<kind>\w*)\n(?P<text>.*?)^ *```$", re.M | re.S)


@dataclass(frozen=True)
class Block:
    page: str
    line: int
    kind: str
    text: str
    note: str

    @property
    def id(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def file(self) -> str:
        """The name under which the commands of the page find it; empty for none."""
        return self.note.removeprefix("file: ") if self.note.startswith("file: ") else ""


def blocks(*kinds: str) -> list[Block]:
    """The blocks of these kinds, of all pages."""
    paths = [path for pattern in PAGES for path in sorted(ROOT.glob(pattern))]
    found = []
    for path in paths:
        text = path.read_text(encoding="utf-8")
        for match in _BLOCK.finditer(text):
            line = text.count("\n", 0, match.start("text"))
            found.append(
                Block(str(path.relative_to(ROOT)), line, match["kind"], match["text"], (match["note"] or "").strip())
            )
    return [block for block in found if block.kind in kinds]


@dataclass(frozen=True)
class Step:
    """One command of a console block, and the output that the page shows."""

    command: str
    shown: tuple[str, ...]


def steps(block: Block) -> list[Step]:
    """The commands of a console block: lines that begin with `$ `; a `\\` at the end goes on in the next line."""
    found: list[tuple[str, list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found and found[-1][0].endswith("\\") and not found[-1][1]:
            found[-1] = (found[-1][0] + "\n" + line, [])
        else:
            found[-1][1].append(line)
    return [Step(command, tuple(shown)) for command, shown in found]


def missing(shown: tuple[str, ...], output: str) -> str | None:
    """The first shown line that does not come in the output, in this order; `...` stands for anything."""
    rest = output.splitlines()
    for line in shown:
        if not line.strip() or line.strip() == "...":
            continue
        words = (re.escape(part) for part in line.strip().split("..."))
        wanted = re.compile(r"\s+".join(".*".join(words).replace("\\ ", " ").split()))
        for place, candidate in enumerate(rest):
            if wanted.fullmatch(" ".join(candidate.split())):
                rest = rest[place + 1 :]
                break
        else:
            return line
    return None
