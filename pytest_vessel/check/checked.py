"""An adapter tried out: what was seen, what follows from it, and which clauses it makes decidable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pytest_vessel.adapter.contract import VERBS
from pytest_vessel.adapter.protocol import Adapter
from pytest_vessel.check import drive, trials
from pytest_vessel.check.bench import Bench, opened_bench
from pytest_vessel.check.notices import notices
from pytest_vessel.check.seen import Driven, Effect, Notice
from pytest_vessel.judge.offer import Offer
from pytest_vessel.plan import PlannedCase, rows_by
from pytest_vessel.row import label
from pytest_vessel.system.sysroot import Layout


@dataclass(frozen=True)
class Group:
    """Cases that have the same reason to be decidable, or not: the verbs that they call, or what is missing."""

    reason: str
    cases: tuple[str, ...]
    mend: str = ""


@dataclass(frozen=True)
class Checked:
    """All that came of it.

    Attributes:
        name, version, address: of the implementation.
        driven: each verb, for each layout of a runtime.
        effects: each placeholder and choice.
        untried: verb to those of its placeholders that have one value here.
        notices: what the reader should know.
        decidable: cases by the verbs that they call.
        others: cases that are not decided here, by the reason.
    """

    name: str
    version: str
    address: str
    driven: tuple[Driven, ...]
    effects: tuple[Effect, ...]
    untried: Mapping[str, tuple[str, ...]]
    notices: tuple[Notice, ...]
    decidable: tuple[Group, ...]
    others: tuple[Group, ...]

    @property
    def sound(self) -> bool:
        """Whether every verb could be driven, and nothing was noticed that makes verdicts wrong."""
        return not any(notice.wrong for notice in self.notices)


def check(adapter: Adapter) -> Checked:
    """Try an adapter out: some seconds, and more where an implementation hangs.

    Raises:
        HarnessError: no work folder can be made.
    """
    rows = [row for row in rows_by(adapter) if not row.clause.planned]
    offer = adapter.offer
    decidable, others = _groups(rows, offer, decidable=True), _groups(rows, offer, decidable=False)
    if offer.absent:
        absent = Notice("implementation", "version", offer.absent, offer.mend)
        return Checked(offer.name, "", offer.address, (), (), {}, (absent,), decidable, others)
    with opened_bench(adapter) as bench:
        driven = tuple(drive.drive_all(bench))
        effects = tuple(_tried(bench, driven))
        undriven = [verb for verb in VERBS if bench.has(verb) and verb not in drive.DRIVERS]
        untried = {verb: bench.untried(verb, _names(effects, verb)) for verb in {one.verb: one for one in effects}}
    found = (*notices(driven, effects), *map(_planned, undriven))
    return Checked(offer.name, offer.version, offer.address, driven, effects, untried, found, decidable, others)


def _planned(verb: str) -> Notice:
    return Notice(f"verbs.{verb}", verb, "was not driven: the suite that calls it is planned", wrong=False)


def _tried(bench: Bench, driven: Sequence[Driven]) -> Iterator[Effect]:
    """The trials of the verbs that could be driven, each in a layout in which it could."""
    layouts: dict[str, str] = {}
    for seen in (one for one in driven if one.works):
        layouts.setdefault(seen.verb, seen.layout)
    for verb, layout in layouts.items():
        yield from trials.try_all(bench, verb, Layout(layout or bench.layouts()[0]))


def _names(effects: Sequence[Effect], verb: str) -> str:
    return " ".join(effect.name for effect in effects if effect.verb == verb)


def _groups(rows: Sequence[PlannedCase], offer: Offer, *, decidable: bool) -> tuple[Group, ...]:
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if decidable and row.decision is None:
            verbs = [verb for verb in row.clause.case(row.case).verbs if verb in offer.capabilities]
            found.setdefault((", ".join(verbs), ""), []).append(label(row.clause.id, row.case))
        elif row.decision is not None and not decidable:
            found.setdefault((row.decision.text, row.decision.mend), []).append(label(row.clause.id, row.case))
    return tuple(Group(reason, tuple(cases), mend) for (reason, mend), cases in found.items())
