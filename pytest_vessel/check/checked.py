"""An adapter tried out: what was seen, what follows from it, and which clauses it makes decidable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_vessel.check import drive, trials
from pytest_vessel.check.bench import Bench, opened_bench
from pytest_vessel.check.notices import notices
from pytest_vessel.check.seen import Driven, Effect, Notice
from pytest_vessel.plan import PlannedCase, rows_of
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
        notices: what the reader should know.
        decidable: cases by the verbs that they call.
        others: cases that are not decided here, by the reason.
    """

    name: str
    version: str
    address: str
    driven: tuple[Driven, ...]
    effects: tuple[Effect, ...]
    notices: tuple[Notice, ...]
    decidable: tuple[Group, ...]
    others: tuple[Group, ...]

    @property
    def sound(self) -> bool:
        """Whether every verb could be driven, and nothing was noticed that makes verdicts wrong."""
        return not any(notice.wrong for notice in self.notices)


def check(address: str) -> Checked:
    """Try an adapter out: some seconds, and more where an implementation waits.

    Raises:
        UsageProblem, AdapterError: there is no such implementation.
        HarnessError: no work folder can be made.
    """
    rows = [row for row in rows_of(address) if not row.clause.planned]
    with opened_bench(address) as bench:
        offer = bench.implementation.offer
        if offer.absent:
            driven, effects, found = (), (), (Notice("implementation.version", offer.absent, offer.mend),)
        else:
            driven, effects = _tried(bench)
            found = notices(driven, effects)
        return Checked(
            offer.name,
            offer.version,
            offer.address,
            driven,
            effects,
            found,
            decidable=_groups(rows, decidable=True),
            others=_groups(rows, decidable=False),
        )


def _tried(bench: Bench) -> tuple[tuple[Driven, ...], tuple[Effect, ...]]:
    """Verbs first; then the trials of those that could be driven, each in a layout in which it could."""
    driven = tuple(drive.drive_all(bench))
    layouts = {seen.verb: Layout(seen.layout or bench.layouts()[0]) for seen in driven[::-1] if seen.works}
    effects = [one for verb, layout in reversed(layouts.items()) for one in trials.try_all(bench, verb, layout)]
    return driven, tuple(effects)


def _groups(rows: Sequence[PlannedCase], *, decidable: bool) -> tuple[Group, ...]:
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if decidable and row.decision is None:
            verbs = [need for need in row.clause.case(row.case).needs if "." not in need]
            found.setdefault((", ".join(verbs), ""), []).append(label(row.clause.id, row.case))
        elif row.decision is not None and not decidable:
            found.setdefault((row.decision.text, row.decision.mend), []).append(label(row.clause.id, row.case))
    return tuple(Group(reason, tuple(cases), mend) for (reason, mend), cases in found.items())
