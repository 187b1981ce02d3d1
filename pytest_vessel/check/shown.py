"""An adapter that was tried out, as lines for its author. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from textwrap import wrap

from pytest_vessel.check.checked import Checked, Group
from pytest_vessel.check.seen import Driven, Effect, Notice, RoleFile
from pytest_vessel.observation.locks import Lock, LockTable

_WIDTH = 116


def shown(found: Checked) -> Iterator[str]:
    """The whole page, line by line; text of the implementation is not escaped yet."""
    yield f"{found.name} {found.version}".rstrip() + f" ({found.address})"
    environments: dict[str, str] = {}
    for verb in dict.fromkeys(seen.verb for seen in found.driven):
        for seen in (one for one in found.driven if one.verb == verb):
            yield ""
            yield from _driven(seen, environments)
        yield from (_effect(effect) for effect in found.effects if effect.verb == verb)
        yield from (_field(name, "has one value here, and was not tried") for name in found.untried.get(verb, ()))
    yield ""
    yield from _noticed(found.notices)
    yield ""
    yield from _clauses(found)


def _field(name: str, text: str) -> str:
    return f"  {name:<13} {text}"


def _driven(seen: Driven, environments: dict[str, str]) -> Iterator[str]:
    yield f"{seen.where}: {_outcome(seen)}"
    if seen.argv:
        yield _field("argv", shlex.join(seen.argv))
    yield from _environment(seen, environments)
    for number, process in enumerate(seen.processes):
        yield _field("" if number else "processes", f"{process.pid:>7} {'  ' * process.depth}{process.name}")
    for file in seen.files:
        yield _field(file.role, _file(file))
    if seen.elsewhere:
        yield _field("other locks", ", ".join(seen.elsewhere))
    for path, leads in seen.inside:
        yield _field("inside", f"{path} leads to {leads or 'nothing'}")
    if seen.entries:
        yield _field("new in PARENT", ", ".join(f"{one.name}{'/' * one.is_folder}" for one in seen.entries))
    for content in seen.contents:
        yield _field("content", f"in {', '.join(content.found) or 'no place'}")


def _environment(seen: Driven, known: dict[str, str]) -> Iterator[str]:
    """What is added; the same a second time only by the name of the verb that had it first."""
    words = [f"{name}={text}" for name, text in seen.environment.items()]
    verb = known.setdefault("\n".join(words), seen.verb)
    yield from (_field("environment", word) for word in (words if verb == seen.verb else [f"as for {verb}"]) if words)


def _outcome(seen: Driven) -> str:
    if seen.trouble:
        return "cannot be driven"
    if seen.start is None:
        return f"{seen.ending}{_seconds(seen.took_s)}"
    if not seen.start.ready:
        return str(seen.start)
    if seen.answers is None:
        return "the payload goes on; its pid was told"
    return f"the payload runs{_seconds(seen.started_s)}; told to end: {seen.ending}{_seconds(seen.took_s)}"


def _seconds(time_s: float | None) -> str:
    return "" if time_s is None else f", {time_s:.2f} s after the start"


def _file(file: RoleFile) -> str:
    if not file.target:
        return f"there is no {file.path}"
    place = "" if file.path == file.role else f"{file.path}: "
    after = "no lock after" if file.after is None or not file.after.locks else f"after: {_table(file.after)}"
    return f"{place}{_table(file.during)}; {after}"


def _table(table: LockTable | None) -> str:
    return ", ".join(map(_lock, table.locks)) if table and table.locks else "no lock"


def _lock(lock: Lock) -> str:
    return f"{lock}, held by {' '.join(map(str, lock.holders)) or 'nobody that can be seen'}"


def _effect(effect: Effect) -> str:
    answers = "; ".join(f"{value}: {seen}" for value, seen in effect.seen.items())
    return _field(effect.name.removeprefix("layout."), f"{effect.question}: {answers}")


def _noticed(notices: Sequence[Notice]) -> Iterator[str]:
    wrong = sum(notice.wrong for notice in notices)
    yield f"{wrong} wrong, {len(notices) - wrong} to know" if notices else "nothing is wrong"
    for notice in notices:
        place = "" if notice.key == f"verbs.{notice.where}" else f"{notice.where}: "
        yield f"  {'wrong' if notice.wrong else 'known':<6} {notice.key}: {place}{notice.what}"
        if notice.mend:
            yield f"{'':<9}{notice.mend}"


def _clauses(found: Checked) -> Iterator[str]:
    """The clauses by what makes them decidable, or keeps them from it; `run ADDRESS --plan` lists each case."""
    yield f"{_count(found.decidable)} cases can be decided"
    yield from (line for group in found.decidable for line in _group(group))
    yield f"{_count(found.others)} cannot"
    yield from (line for group in found.others for line in _group(group))


def _count(groups: Sequence[Group]) -> int:
    return sum(len(group.cases) for group in groups)


def _group(group: Group) -> Iterator[str]:
    yield f"  {group.reason}: {len(group.cases)}"
    ids = dict.fromkeys(case.partition("[")[0] for case in group.cases)
    yield from (f"    {line}" for line in wrap(" ".join(ids), _WIDTH, break_on_hyphens=False))
    yield from (f"    {line}" for line in group.mend.splitlines())
