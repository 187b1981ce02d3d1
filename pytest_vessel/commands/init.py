"""`pytest-vessel init [FILE]`: asks how a program is called, and writes an adapter."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pytest_vessel.errors import UsageProblem

if TYPE_CHECKING:
    from pathlib import Path

_EPILOG = "Exit status: 0 it is written, 4 an answer cannot be used, or the file is there already. See docs/check.md."


def add_to(commands: Any) -> None:
    """Describe the command to the parser."""
    parser = commands.add_parser("init", help="ask how a program is called, and write an adapter", epilog=_EPILOG)
    parser.add_argument("file", nargs="?", metavar="FILE", help="the file to write (default: NAME.toml)")
    parser.set_defaults(command=_init)


def _init(arguments: argparse.Namespace) -> int:
    from pathlib import Path

    from pytest_vessel.adapter.asking import asked
    from pytest_vessel.adapter.draft import text
    from pytest_vessel.record.write import write_aside

    if arguments.file:
        _require_new(Path(arguments.file))
    try:
        with _ended_by_interrupts():
            draft = asked()
    except EOFError:
        raise UsageProblem("the answers ended before the questions did", mend="Nothing was written.") from None
    path = Path(arguments.file or f"{draft.name}.toml")
    _require_new(path)
    try:
        write_aside(path, text(draft))
    except OSError as problem:
        raise UsageProblem(f"cannot be written: {problem.strerror}", where=str(path)) from None
    address = path if path.is_absolute() else f"./{path}"
    print(f"\n{path} is written. See what it does:\n  pytest-vessel check {address}")
    return 0


@contextmanager
def _ended_by_interrupts() -> Iterator[None]:
    """End at once, as nothing has been made yet: Python would see one that comes just before a read after it only."""
    handler = signal.getsignal(signal.SIGINT)
    if handler is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


def _require_new(path: Path) -> None:
    if path.exists() or path.is_symlink():
        raise UsageProblem("is there already", where=str(path), mend="Name another file, or remove that one.")
