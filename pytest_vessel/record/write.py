"""Writing into a report folder: the record line by line, everything else aside and renamed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TextIO

from pytest_vessel.errors import UsageProblem
from pytest_vessel.record.line import Line
from pytest_vessel.record.text import encode

RECORD_NAME = "run.jsonl"


class RecordWriter:
    """Appends lines to `run.jsonl`; each is on its way to the file before the next test starts."""

    def __init__(self, folder: Path) -> None:
        """Create the folder and an empty record; an older record there is replaced.

        Raises:
            UsageProblem: the folder cannot be created or written.
        """
        self.path = folder / RECORD_NAME
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file: TextIO = open(self.path, "w", encoding="ascii")  # noqa: SIM115
        except OSError as problem:
            raise UsageProblem(
                f"cannot be written: {problem.strerror}",
                where=f"--vessel-report {folder}",
                mend="Name a folder that you may write, or one that can be created.",
            ) from None

    def append(self, line: Line) -> None:
        """Write one line out."""
        self._file.write(encode(line) + "\n")
        self._file.flush()

    def close(self) -> None:
        """No more lines."""
        self._file.close()


def write_aside(path: Path, text: str, *, mode: int | None = None) -> None:
    """Write a file under another name and rename it: readers see the old one or the new one, whole.

    `mode`: its permissions; by default those of any new file.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_text(text, encoding="utf-8", errors="backslashreplace")
        if mode is not None:
            aside.chmod(mode)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
