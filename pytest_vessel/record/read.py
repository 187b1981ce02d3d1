"""Reading a run record."""

from __future__ import annotations

from pathlib import Path

from pytest_vessel.errors import RecordError
from pytest_vessel.record.line import CaseLine, Finished, Record, Started
from pytest_vessel.record.text import decode
from pytest_vessel.record.write import RECORD_NAME


def read_record(path: Path) -> Record:
    """The whole record; `path` is the file, or the report folder that holds it.

    Raises:
        RecordError: the file cannot be read, is no record, or was cut off.
    """
    if path.is_dir():
        path /= RECORD_NAME
    texts = _texts(path)
    lines = [decode(text, where=f"{path}:{number}") for number, text in enumerate(texts, 1)]
    if not lines or not isinstance(lines[0], Started):
        raise RecordError("does not begin with a started line", where=str(path), mend="Give the run.jsonl of a run.")
    if not isinstance(lines[-1], Finished):
        raise RecordError(
            f"was cut off after {len(lines)} lines: there is no finished line",
            where=str(path),
            mend="The run was killed, or the file copied too early: run again.",
        )
    cases = tuple(line for line in lines[1:-1] if isinstance(line, CaseLine))
    if len(cases) != len(lines) - 2:
        raise RecordError("holds more than one run", where=str(path), mend="Keep one run in one file.")
    return Record(lines[0], cases, lines[-1], str(path))


def _texts(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii").splitlines()
    except OSError as problem:
        raise RecordError(
            f"cannot be read: {problem.strerror}", where=str(path), mend="Give the run.jsonl of a run."
        ) from None
    except UnicodeDecodeError:
        raise RecordError("is not ASCII text", where=str(path), mend="Give the run.jsonl of a run.") from None
