"""Read the log of `strace -f -xx -y -o FILE` (see `system.trace` for all options) as calls, signals and exits. Pure.

Every string and every path of a descriptor is in hexadecimal there: no quote, newline or `<unfinished ...>` in a file
name can be taken for strace's own. Lines are told apart as strace(1) describes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from pytest_vessel.observation.trace import Call, Exit, Signal, Superseded, Trace
from pytest_vessel.system.straceargs import arguments, readable, unhex

_LINE = re.compile(r"(?P<pid>\d+) +(?P<delta>\d+\.\d+) (?P<rest>.*)")
_UNFINISHED = re.compile(r"(?P<text>\w+\(.*?) ?(?:<unfinished \.\.\.>|<detached \.\.\.>)")
_NEVER_BACK = re.compile(r"(?P<text>\w+\(.*?) ?<unfinished \.\.\.>\)? += \?")
_RESUMED = re.compile(r"<\.\.\. (?P<name>\w+) resumed>(?P<text>.*)")
_WHOLE = re.compile(r"\w+\(.*")
_SIGNAL = re.compile(r"--- (?:stopped by )?(?P<name>SIG\w+)(?: (?P<details>\{.*\}))? ---")
_EXITED = re.compile(r"\+\+\+ exited with (?P<status>\d+) \+\+\+")
_KILLED = re.compile(r"\+\+\+ killed by (?P<signal>SIG\w+)(?: \(core dumped\))? \+\+\+")
_SUPERSEDED = re.compile(r"\+\+\+ superseded by execve in pid (?P<by>\d+) \+\+\+")

_RESULT = re.compile(
    r"\) += (?P<value>-?\w+|\?(?: <unavailable>)?|<unavailable>)"
    r"(?:<(?P<path>(?:\\x[0-9a-f]{2})*)>(?:\(deleted\))?)?"
    r"(?: (?P<errno>E[A-Z0-9?]+))?"
    r"(?: \((?P<note>.*?)\))?(?P<injected>(?: \((?:INJECTED|DELAYED).*?\))*)"
    r"(?: <(?P<duration>\d+\.\d+)>)?"
)
_NAME = re.compile(r"(\w+)\(")


@dataclass
class _Begun:
    """A call whose end has not come yet."""

    text: str
    line: int
    at_s: float


@dataclass
class _Reader:
    calls: list[Call] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)
    exits: list[Exit] = field(default_factory=list)
    superseded: list[Superseded] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    begun: dict[int, _Begun] = field(default_factory=dict)
    at_s: float = 0.0
    number: int = 0

    def read(self, line: str) -> None:
        self.number += 1
        if (found := _LINE.fullmatch(line)) is None:
            self.unread.append(line)
            return
        self.at_s += float(found["delta"])
        if not (self._event(int(found["pid"]), found["rest"]) or self._call(int(found["pid"]), found["rest"])):
            self.unread.append(line)

    def _event(self, pid: int, rest: str) -> bool:
        if found := _SIGNAL.fullmatch(rest):
            details = readable(found["details"] or "")
            self.signals.append(Signal(pid, found["name"], details, self.number, self.at_s))
        elif found := _EXITED.fullmatch(rest):
            self._end(Exit(pid, int(found["status"]), None, self.number, self.at_s))
        elif found := _KILLED.fullmatch(rest):
            self._end(Exit(pid, None, found["signal"], self.number, self.at_s))
        elif found := _SUPERSEDED.fullmatch(rest):
            self._supersede(pid, int(found["by"]))
        else:
            return False
        return True

    def _end(self, end: Exit) -> None:
        self.exits.append(end)
        self.abandon(end.pid)

    def _supersede(self, pid: int, by: int) -> None:
        """What the leader was about never ends; the exec that thread `by` began ends as the leader's."""
        self.superseded.append(Superseded(pid, by, self.number, self.at_s))
        self.abandon(pid)
        if by in self.begun:
            self.begun[pid] = self.begun.pop(by)

    def abandon(self, pid: int) -> None:
        """Whatever the thread was about did not end."""
        if begun := self.begun.pop(pid, None):
            self._add_endless(pid, begun)

    def _add_endless(self, pid: int, begun: _Begun) -> None:
        name, args = begun.text.split("(", 1)
        parsed, _end = arguments(args)
        self.calls.append(Call(pid, name, parsed, None, begun.line, None, begun.at_s))

    def _call(self, pid: int, rest: str) -> bool:
        if found := _RESUMED.fullmatch(rest):
            return self._resume(pid, found["name"], found["text"])
        if lost := self.begun.get(pid):
            self.unread.append(f"{pid} {lost.text} (nothing says how this ended)")
            self.abandon(pid)
        begun = _Begun(rest, self.number, self.at_s)
        if found := _UNFINISHED.fullmatch(rest) or _NEVER_BACK.fullmatch(rest):
            begun.text = found["text"]
            self.begun[pid] = begun
            if found.re is _NEVER_BACK:
                self.abandon(pid)
            return True
        return bool(_WHOLE.fullmatch(rest)) and self._finish(pid, begun)

    def _resume(self, pid: int, name: str, text: str) -> bool:
        begun = self.begun.pop(pid, None)
        if begun is None and text.strip() == ") = ?":
            return True  # strace tells the end of a call that it was not asked for, in a thread that an execve(2) ended
        if begun is None or not begun.text.startswith(name + "("):
            return False
        begun.text += text
        return self._finish(pid, begun)

    def _finish(self, pid: int, begun: _Begun) -> bool:
        name, rest = begun.text.split("(", 1)
        args, end = arguments(rest)
        result = _RESULT.fullmatch(rest, end)
        if result is None:
            return False
        returned = _number(result["value"])
        path = None if result["path"] is None else unhex(result["path"])
        note = readable(" ".join(part for part in (result["note"], result["injected"].strip()) if part))
        duration_s = None if returned is None or result["duration"] is None else float(result["duration"])
        left = None if returned is None and result["errno"] is None else self.number
        times = (begun.line, left, begun.at_s, duration_s)
        self.calls.append(Call(pid, name, args, returned, *times, result["errno"], note, path))
        return True


def _number(text: str) -> int | None:
    if not text[-1:].isalnum():
        return None
    if text.startswith("0x"):
        return int(text, 16)
    return int(text, 8) if text.startswith("0") else int(text)


def read(lines: Iterable[str]) -> Trace:
    """The trace that these lines of one log tell, without line ends; `cut` where a thread has no end.

    Never raises for what a line says: what cannot be understood is in `unread`.
    """
    reader = _Reader()
    for line in lines:
        reader.read(line)
    for pid in list(reader.begun):
        reader.abandon(pid)
    calls = sorted(reader.calls, key=lambda call: call.entered)
    seen = {call.pid for call in calls} - {one.by for one in reader.superseded}
    return Trace(
        calls=tuple(calls),
        signals=tuple(reader.signals),
        exits=tuple(reader.exits),
        superseded=tuple(reader.superseded),
        unread=tuple(reader.unread),
        cut=not reader.exits or bool(seen - {end.pid for end in reader.exits}),
    )
