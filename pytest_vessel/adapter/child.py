"""A child process that answers: one JSON object a line, question and answer by turns, on its stdin and stdout."""

from __future__ import annotations

import json
import os
import weakref
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from pytest_vessel.adapter.asked import Values, adapter_of
from pytest_vessel.adapter.command import CommandAdapter
from pytest_vessel.errors import AdapterError, VesselError
from pytest_vessel.system import stage, workshop
from pytest_vessel.system.kept import Kept, Order
from pytest_vessel.system.stage import Stage

ANSWER_TIMEOUT_S = 10.0
ANSWER_LIMIT_KIB = 64
_LIFE_TIMEOUT_S = 24 * 3600.0
_SHOWN_CHARACTERS = 200
_MEND = "For each line on stdin it writes one line of JSON to stdout, and flushes it; it ends at the end of stdin."


def adapter_of_child(
    argv: Sequence[str], address: str, folder: Path, *, mend: str = _MEND, timeout_s: float = ANSWER_TIMEOUT_S
) -> CommandAdapter:
    """The adapter that a child process answers for.

    Args:
        argv: its program (an absolute path) and arguments.
        address: what `--vessel-impl` takes, and errors call it.
        folder: where programs with a slash count from.
        mend: what to do where it does not answer as it should.
        timeout_s: bound on one answer.

    Raises:
        AdapterError: it does not answer in time, or its answer does not fit; then it is ended.
    """
    child = _Child(argv, address, mend, timeout_s)
    try:
        return adapter_of(child, address, folder)
    except AdapterError:
        child.end()
        raise


class _Child:
    """The answers of a child process. See `Answers`.

    It runs under a keeper, with our environment and working folder, from the first question on until this object is
    gone. It may answer that it has no answer (`error`); after what is no answer it is ended, and every further question
    has the same error.
    """

    def __init__(self, argv: Sequence[str], address: str, mend: str, timeout_s: float) -> None:
        self._argv, self._address, self._mend, self._timeout_s = tuple(argv), address, mend, timeout_s
        self._trouble: AdapterError | None = None
        self._started: tuple[Stage, Kept] | None = None
        self._stack = ExitStack()
        self.end = weakref.finalize(self, self._stack.close)

    def describe(self) -> Mapping[str, Any]:
        """See `Answers.describe`."""
        return self._ask("describe", {})

    def command(self, verb: str, values: Values) -> Mapping[str, Any]:
        """See `Answers.command`."""
        return self._ask("command", {"verb": verb, "values": values})

    def _ask(self, question: str, about: Mapping[str, Any]) -> dict[str, Any]:
        where = f"{self._address} {question}"
        if self._trouble is None:
            try:
                answer = self._answer(json.dumps({question: about}).encode() + b"\n")
            except VesselError as problem:
                self._trouble = AdapterError(problem.what, where=where, mend=problem.mend or self._mend)
                self.end()
        if self._trouble is not None:
            raise self._trouble from None
        if "error" in answer:
            raise AdapterError(f"says: {answer['error']}", where=where, mend="That is its own message.")
        return answer

    def _answer(self, question: bytes) -> dict[str, Any]:
        there, call = self._started = self._started or self._start()
        there.pump()
        if call.out:
            raise AdapterError(f"says something unasked: {_shown(call.out)}")
        call.say(question)
        limit_size_bytes = ANSWER_LIMIT_KIB << 10
        there.until(
            lambda: b"\n" in call.out or len(call.out) > limit_size_bytes or not call.sources(), self._timeout_s
        )
        line, end, rest = bytes(call.out).partition(b"\n")
        if len(line) > limit_size_bytes:
            raise AdapterError(f"answers more than {ANSWER_LIMIT_KIB} KiB")
        if not end:
            if not call.sources():
                raise AdapterError(f"ended before it answered: {call.ending()}")
            raise AdapterError(f"does not answer within {self._timeout_s:g} s")
        call.out[:] = rest
        return _understood(line)

    def _start(self) -> tuple[Stage, Kept]:
        there = self._stack.enter_context(stage.opened(self._stack.enter_context(workshop.opened())))
        order = Order(self._argv, dict(os.environ), os.getcwd(), timeout_s=_LIFE_TIMEOUT_S)
        return there, there.start(order)


def _understood(line: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(line)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise AdapterError(f"answers what is no JSON object: {_shown(line)}")
    return answer


def _shown(data: bytes | bytearray) -> str:
    return repr(bytes(data[:_SHOWN_CHARACTERS]).decode("utf-8", "backslashreplace"))
