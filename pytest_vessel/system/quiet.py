"""Whether a tree of processes has come to rest: every thread blocked, and none ran while we looked."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from contextlib import suppress
from pathlib import Path

_RESTING = frozenset("StTZX")
_SLEEP_CALLS = frozenset(("35", "230", "101", "115"))
"""nanosleep and clock_nanosleep on x86_64 and aarch64: who sleeps goes on by itself."""

Snapshot = tuple[tuple[str, str, str], ...]


def snapshot(pids: Iterable[int], held: Container[int] = ()) -> Snapshot | None:
    """State of every thread of these processes but the `held`; None where one runs, waits for a disk, or sleeps."""
    seen: list[tuple[str, str, str]] = []
    for pid in pids:
        with suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                if int(task.name) in held:
                    seen.append((task.name, "held", ""))
                    continue
                with suppress(OSError):
                    state = _state(task)
                    if state is None:
                        return None
                    seen.append((task.name, *state))
    return tuple(sorted(seen))


def _fields(task: Path) -> dict[str, str]:
    status = (task / "status").read_text("ascii", "replace")  # the name in it is any bytes
    return dict(line.split(":\t", 1) for line in status.split("\n") if ":\t" in line)


def _state(task: Path) -> tuple[str, str] | None:
    fields = _fields(task)
    state = fields["State"][0]
    if state not in _RESTING:
        return None
    with suppress(OSError):
        if (task / "syscall").read_text("ascii").split(" ", 1)[0] in _SLEEP_CALLS:
            return None
    return state, f"{fields['voluntary_ctxt_switches']}+{fields['nonvoluntary_ctxt_switches']}"


def is_alive(pid: int) -> bool:
    """Whether there is such a process, and it has not ended (a zombie has)."""
    with suppress(OSError):
        return _fields(Path(f"/proc/{pid}"))["State"][0] not in "ZX"
    return False


class Rest:
    """Asked again and again, says whether a tree of processes is at rest.

    It is when two looks in a row find the same threads, all blocked, with the same numbers of context switches:
    then there was a moment between them at which none could go on by itself. A thread that is held at the gate
    counts as blocked (the kernel shows it as D); one that waits for a process outside the tree may still be woken,
    which this cannot know.
    """

    def __init__(self, pids: Callable[[], Iterable[int]], held: Callable[[], Container[int]] = tuple) -> None:
        self._pids = pids
        self._held = held
        self._last: Snapshot | None = None

    def __call__(self) -> bool:
        """Look once; True when this look and the one before it agree."""
        now = snapshot(self._pids(), self._held())
        rests = now is not None and now == self._last
        self._last = now
        return rests
