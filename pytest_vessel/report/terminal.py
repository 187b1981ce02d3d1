"""What a conformance run prints: lines made from the record alone. Pure; the caller writes and colours them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pytest_vessel.clause import Level
from pytest_vessel.judge.offer import Offer
from pytest_vessel.judge.profile import Profile, State, profiles
from pytest_vessel.judge.verdict import Verdict
from pytest_vessel.observation import tree
from pytest_vessel.record.line import CaseLine, Record, Started
from pytest_vessel.report import control, escape, known

_WIDTH = max(len(verdict) for verdict in Verdict)
_LABEL_WIDTH = 26
_FOLDED = (Verdict.UNSUPPORTED, Verdict.FACT)
_STYLES = {Verdict.PASS: "green", Verdict.FAIL: "red", Verdict.ERROR: "red", Verdict.INCONCLUSIVE: "yellow"}
_MARKS = {tree.MISSING: "red", tree.ADDED: "green", tree.OTHER: "yellow"}
_STATES = {State.CONFORMANT: "green", State.NOT_CONFORMANT: "red", State.UNDECIDED: "yellow"}


@dataclass(frozen=True)
class Line:
    """One line of output: escaped text, and a colour that only repeats what the words say."""

    text: str
    style: str = ""


def block_lines(block: str) -> Iterator[Line]:
    """The lines of a failure block; those that tell what differs in a folder have the colour of their mark."""
    for text in block.splitlines():
        yield Line(text, _MARKS.get(text.lstrip()[:2], ""))


def header(started: Started) -> list[str]:
    """What stands above a run: harness, seed, user, kernel, implementations."""
    environment, settings = started.environment, started.settings
    user = settings.user or f"uid {environment.get('uid', '?')}"
    lines = [
        f"vessel: {started.harness.get('pytest_vessel', '?')}, seed {started.seed}, "
        f"unprivileged user {user}, kernel {environment.get('kernel', '?')}"
    ]
    lines += [f"vessel: implementation {_described(offer)}" for offer in started.implementations]
    return [escape.line(line) for line in lines]


def _described(offer: Offer) -> str:
    absent = f"; {offer.absent}" if offer.absent else ""
    return f"{offer.name} ({', '.join(part for part in (offer.version, offer.address) if part)}{absent})"


def summary(record: Record, *, verbose: bool = False, planned: bool = True) -> Iterator[Line]:
    """Verdict lines, facts and profiles of each implementation, in the order of the catalogue.

    `verbose` shows each unsupported, planned and deselected row too, instead of their number; `planned` false leaves
    the planned ones out.
    """
    for offer in record.started.implementations:
        cases = record.of(offer.name)
        yield Line(escape.line(f"-- {_described(offer)}"), "bold")
        yield from verdict_lines(cases, verbose=verbose)
        if planned:
            yield from _counts(record.started, cases, verbose=verbose)
        yield from _controls(cases, verbose=verbose)
        yield from _mends(cases)
        yield from (Line(escape.line(text), style) for text, style in known.paragraph(record, offer.name))
        yield from _facts(cases)
        yield from _profiles(_shown_profiles(record, offer))
        yield Line("")


def verdict_lines(cases: Iterable[CaseLine], *, verbose: bool = False) -> Iterator[Line]:
    """`pass          LOCK-010            evidence`, one a case; facts stand in a table of their own."""
    for case in cases:
        if case.verdict is Verdict.FACT or (not verbose and _is_folded(case)):
            continue
        yield verdict_line(case)


def verdict_line(case: CaseLine) -> Line:
    """The line of one case."""
    text = f"{case.verdict:<{_WIDTH}} {case.row.label:<{_LABEL_WIDTH}} {case.decision.text}{known.mark(case)}"
    return Line(escape.line(text.rstrip()), known.style(case) or _STYLES.get(case.verdict, ""))


def _is_folded(case: CaseLine) -> bool:
    return case.verdict in _FOLDED or case.reason == "deselected"


def _counts(started: Started, cases: Sequence[CaseLine], *, verbose: bool) -> Iterator[Line]:
    planned = [clause for clause in started.clauses if clause.planned and clause.suite in started.settings.suites]
    if verbose:
        for clause in planned:
            yield Line(escape.line(f"{'planned':<{_WIDTH}} {clause.id:<{_LABEL_WIDTH}} {clause.sentence}"))
        return
    counts = Counter("deselected" if case.reason == "deselected" else str(case.verdict) for case in cases)
    folded = [f"{counts[word]} {word}" for word in ("unsupported", "deselected") if counts[word]]
    folded += [f"{len(planned)} clause{'s' * (len(planned) != 1)} planned"] if planned else []
    if folded:
        yield Line(f"{', '.join(folded)} (-v shows them)")


def _controls(cases: Iterable[CaseLine], *, verbose: bool) -> Iterator[Line]:
    for text in control.summary_lines(cases, verbose=verbose):
        yield Line(escape.line(text))


def _mends(cases: Iterable[CaseLine]) -> Iterator[Line]:
    """What would let more be decided here, each once."""
    counts = Counter(case.mend for case in cases if case.mend and case.verdict is Verdict.INCONCLUSIVE)
    for mend, count in counts.items():
        yield Line(escape.line(f"to decide {count} more: {mend}"), "yellow")


def _facts(cases: Iterable[CaseLine]) -> Iterator[Line]:
    facts = [case for case in cases if case.verdict is Verdict.FACT]
    if facts:
        yield Line("facts:")
    for case in facts:
        yield Line(escape.line(f"  {case.row.label:<{_LABEL_WIDTH}} {case.evidence}"))


def profiles_of(record: Record, offer: Offer) -> tuple[Profile, ...]:
    """The profiles of one implementation in this run."""
    verdicts = {(case.row.clause, case.row.case): case.verdict for case in record.of(offer.name)}
    return profiles(record.started.clauses, verdicts, offer)


def _shown_profiles(record: Record, offer: Offer) -> list[Profile]:
    """Those that this run is about."""
    ran = {record.started.clause(case.row.clause).profile_of(case.row.case) for case in record.of(offer.name)}
    return [profile for profile in profiles_of(record, offer) if profile.name in ran]


def _profiles(found: Iterable[Profile]) -> Iterator[Line]:
    yield Line("profiles:")
    for profile in found:
        if not profile.offered:
            yield Line(escape.line(f"  {profile.name:<20} not offered"))
            continue
        because = f"; not: {_some(profile.because)}" if profile.because else ""
        without = f" (not counted, no such choice: {_some(profile.without)})" if profile.without else ""
        passed = f"{profile.passed} of {profile.of} MUST cases passed"
        text = f"  {profile.name:<20} {profile.state:<15} {passed}{because}{without}"
        yield Line(escape.line(text), _STATES[profile.state])


def _some(names: Sequence[str], limit: int = 6) -> str:
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def last_lines(record: Record) -> list[Line]:
    """What can be said of each implementation, in one line each; the end of a run's output."""
    lines = [_last_line(offer, record) for offer in record.started.implementations]
    if not record.finished.complete:
        lines.insert(0, Line(escape.line(f"incomplete: {record.finished.incomplete_because}"), "yellow"))
    return lines


def _last_line(offer: Offer, record: Record) -> Line:
    cases = record.of(offer.name)
    found = [profile for profile in _shown_profiles(record, offer) if profile.offered]
    parts = []
    for state in (State.CONFORMANT, State.NOT_CONFORMANT):
        if names := [profile.name for profile in found if profile.state is state]:
            parts.append(f"{state} in {', '.join(names)}")
    undecided = [profile.name for profile in found if profile.state is State.UNDECIDED]
    parts += [f"undecided in {', '.join(undecided)}"] if undecided else []
    failed = any(profile.state is State.NOT_CONFORMANT for profile in found)
    text = f"{offer.name}: {'; '.join(parts) or 'nothing to decide'}{_below(cases)}{known.known_failures(cases)}"
    counts = failed and not known.all_tolerated(cases)
    return Line(escape.line(text), "red" if counts else "yellow" if failed or undecided else "green")


def _below(cases: Iterable[CaseLine]) -> str:
    """SHOULD and MAY clauses that failed: they decide no profile, but are not to be overlooked."""
    levels = Counter(str(case.level) for case in cases if case.verdict is Verdict.FAIL and case.level is not Level.MUST)
    return "".join(f"; {count} {level} failed" for level, count in sorted(levels.items()))
