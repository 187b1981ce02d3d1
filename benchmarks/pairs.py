"""Two or more ways to do one piece of work, in turn, so that each meets the same machine."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

LEAST_ROUNDS, MOST_ROUNDS = 3, 25
BUDGET_S = 5.0
"""For all rounds of one row; the least number of rounds may take longer."""

Way = Callable[[], object]


@dataclass(frozen=True)
class Row:
    """One piece of work, done by us and by peers.

    Times are medians; a ratio, ours divided by the peer's, is the median of those of the rounds. `more_ms`: our best
    time without the peer's best one, for what else runs on the machine only ever adds.
    """

    work: str
    ours_ms: float
    peers_ms: dict[str, float]
    ratio: dict[str, float]
    more_ms: dict[str, float]


@dataclass(frozen=True)
class Goal:
    """What a figure should be at most, and what it is here."""

    what: str
    bound: str
    measured: float
    met: bool


def at_most(what: str, bound: float, measured: float) -> Goal:
    return Goal(what, f"<= {bound:g}", round(measured, 3), measured <= bound)


def measure(work: str, ours: Way, peers: Mapping[str, Way], between: Way = lambda: None) -> Row:
    """All ways once unmeasured, then in rounds; every other one backwards. `between` follows each, unmeasured."""
    ways = {"": ours, **peers}
    rounds: list[dict[str, float]] = []
    for way in ways.values():
        way()
        between()
    end = time.monotonic() + BUDGET_S
    while len(rounds) < LEAST_ROUNDS or (len(rounds) < MOST_ROUNDS and time.monotonic() < end):
        order = list(ways) if len(rounds) % 2 else list(reversed(ways))
        rounds.append({name: _time_ms(ways[name], between) for name in order})
    medians = {name: round(statistics.median(one[name] for one in rounds), 3) for name in ways}
    ratios = {name: round(statistics.median(one[""] / one[name] for one in rounds), 4) for name in peers}
    best = {name: min(one[name] for one in rounds) for name in ways}
    more = {name: round(best[""] - best[name], 3) for name in peers}
    return Row(work, medians.pop(""), medians, ratios, more)


def _time_ms(way: Way, between: Way) -> float:
    gc.collect()  # what the way before has left is not to be collected on the time of this one
    began = time.perf_counter()
    way()
    taken_s = time.perf_counter() - began
    between()
    return taken_s * 1000


@dataclass(frozen=True)
class Report:
    """What one subject has measured."""

    machine: dict[str, str]
    rows: list[Row]
    goals: list[Goal]

    def as_json(self) -> dict[str, object]:
        return asdict(self)

    def lines(self) -> list[str]:
        """For readers: the machine, a table of the rows in Markdown, and how each goal stands."""
        named = ", ".join(f"{key} {value}" for key, value in self.machine.items())
        peers = list(dict.fromkeys(name for row in self.rows for name in row.peers_ms))
        lines = [named, "", f"| work | ours, ms | {' | '.join(f'{name}, ms (x)' for name in peers)} |"]
        lines.append(f"|{'---|' * (len(peers) + 2)}")
        for row in self.rows:
            cells = [f"{row.peers_ms[name]:.1f} ({row.ratio[name]:.2f})" if name in row.ratio else "" for name in peers]
            lines.append(f"| {row.work} | {row.ours_ms:.1f} | {' | '.join(cells)} |")
        lines.append("")
        lines += [f"{'met' if one.met else 'MISSED'}: {one.what}: {one.measured:g}, {one.bound}" for one in self.goals]
        return lines
