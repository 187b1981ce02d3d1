"""One call that is attended to: what is seen of it while it goes on, and when it is over."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from pytest_vessel.check.bench import Bench
from pytest_vessel.check.seen import TOLD_STATUS, Driven, Process, RoleFile
from pytest_vessel.conformance.locking import doing
from pytest_vessel.errors import VesselError
from pytest_vessel.fixtures.running import Running
from pytest_vessel.observation.process import Ending, Start
from pytest_vessel.system import locks
from pytest_vessel.system.identity import Identity, identity_of
from pytest_vessel.system.payload import runs_probe

Role = tuple[str, str, Path]
"""A file with a role: as clauses call it, the key that says where it is, and that place."""


@dataclass
class Attended:
    """One call of a verb, from its start to its end.

    Attributes:
        begin: starts it.
        layout: of the runtime that it is given.
        roles: the files with a role, asked for while the payload runs.
        inside: paths inside that are promised to lead to the lock file.
        look: sees more while the payload runs, or when the call is over where it has none.
        running: the call, once it has begun.
    """

    bench: Bench
    verb: str
    begin: Callable[[], Running]
    layout: str = ""
    roles: Callable[[], Sequence[Role]] = tuple
    inside: tuple[str, ...] = ()
    look: Callable[[Driven], Driven] = lambda seen: seen
    running: Running = field(init=False)

    def with_payload(self) -> Driven:
        """A call whose payload is looked at while it runs, and then told to end."""
        began_s = time.monotonic()
        self.running = running = self.begin()
        start = running.start()
        started_s = time.monotonic() - began_s
        if start.ready:
            running.settle()
        pids, roles = running.call.processes(), [one for one in self.roles() if self._declared(one)]
        seen = replace(
            self._started(),
            start=start,
            started_s=round(started_s, 3) if start.ready else None,
            processes=tuple(_processes(pids)),
            files=tuple(map(self._file, roles)),
            elsewhere=self._elsewhere(pids, roles),
        )
        if start.ready:
            seen = replace(seen, answers=running.talk.answers(), inside=tuple(self._inside()))
        else:
            seen = replace(seen, speechless=runs_probe(pids) is True)
        return self._over(self.look(seen), ended(running, TOLD_STATUS), roles)

    def without_payload(self) -> Driven:
        """A call that should come to its end by itself."""
        self.running = running = self.begin()
        start = running.start()
        ending = running.wait() if start.ending else ended(running)
        seen = self.look(replace(self._started(), waits=start.waits, output=ending.output))
        return self._over(seen, ending, ())

    def with_process_left(self) -> Driven:
        """A call that tells, in its last line, the pid of a payload that goes on; its launcher may end or stay."""
        self.running = running = self.begin()
        running.settle()
        call = running.call
        pids, lines = call.processes(), bytes(call.out).decode("utf-8", "backslashreplace").splitlines()
        payloads = [_pids_of(pid) for pid in pids if running.talk.is_payload(pid)]
        seen = replace(self._started(), processes=tuple(_processes(pids)))
        running.stop()
        trouble, mend = _not_left(payloads, lines[-1] if lines else "", call.ending())
        seen = replace(seen, start=Start(ready=not trouble), trouble=trouble, mend=mend)
        return self._over(seen, call.ending(), ())

    def _declared(self, role: Role) -> bool:
        return not role[1].startswith("layout.") or self.bench.offers(role[1])

    def _file(self, one: Role) -> RoleFile:
        role, key, file = one
        identity = identity_of(file)
        target = self.bench.file_of(identity) if identity else ""
        return RoleFile(role, key, self.bench.spelled(file), target, doing.look(file))

    def _started(self) -> Driven:
        order, clean = self.running.call.order, self.bench.implementation.clean_environment()
        return Driven(
            self.verb,
            self.layout,
            argv=tuple(map(self.bench.spelled, order.argv)),
            environment={name: self.bench.spelled(text) for name, text in order.env.items() if clean.get(name) != text},
        )

    def _elsewhere(self, pids: Sequence[int], roles: Sequence[Role]) -> tuple[str, ...]:
        """Files below the work folder that are locked and have no role."""
        known = {identity_of(file) for _role, _key, file in roles}
        return tuple(sorted(filter(None, map(self.bench.file_of, locks.locked_by(pids) - known))))

    def _inside(self) -> Iterator[tuple[str, str]]:
        with suppress(VesselError):  # a payload that does not answer is told of by itself
            for path in self.inside:
                leads = self.running.talk.identity(path)
                yield path, (self.bench.file_of(_identity(*leads)) or "a file that is none of ours") if leads else ""

    def _over(self, seen: Driven, ending: Ending, roles: Sequence[Role]) -> Driven:
        after = {role: doing.look(file) for role, _key, file in roles}
        took_s = self.running.call.ended_after_s
        return replace(
            seen,
            ending=ending,
            took_s=None if took_s is None else round(took_s, 3),
            files=tuple(replace(one, after=after[one.role]) for one in seen.files),
        )


def ended(running: Running, status: int = 0) -> Ending:
    """How a call ended: a payload was told to, with this status; who has none, or waits, is ended by us."""
    if running.talk.ready or running.call.ended:
        return running.finish(status)
    running.stop()
    return running.call.ending()


def _not_left(payloads: Sequence[Sequence[str]], told: str, ending: Ending) -> tuple[str, str]:
    """What is wrong with the pid that was told, and what to do; empty where it is the payload's."""
    if not payloads:
        return f"no process executes {{argv}} when all is at rest ({ending})", "It goes on until it is ended."
    if not any(told in pids for pids in payloads):
        return f"the last line of its stdout is {told!r}, not the pid of {{argv}}", "Print the pid last."
    return "", ""


def _pids_of(pid: int) -> list[str]:
    """The pids of a process in each pid namespace that it is in: proc_pid_status(5), NSpid."""
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/status").read_text("utf-8", "backslashreplace").splitlines()
        return next(line.split()[1:] for line in lines if line.startswith("NSpid:"))
    return []


def _identity(device: str, inode: int) -> Identity:
    """As the probe tells it (`major:minor`), as stat(2) gives it."""
    major, minor = map(int, device.split(":"))
    return os.makedev(major, minor), inode


def _processes(pids: Sequence[int]) -> Iterator[Process]:
    depths: dict[int, int] = {}
    for pid in pids:
        with suppress(OSError, IndexError):
            name, _, rest = Path(f"/proc/{pid}/stat").read_text("utf-8", "backslashreplace").rpartition(") ")
            depths[pid] = depths.get(int(rest.split()[1]), -1) + 1
            yield Process(pid, name.partition(" (")[2], depths[pid])
