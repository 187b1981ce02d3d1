"""What every part of a conformance run shares: settings, catalogue, implementations. Built once in each process."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pytest_vessel import clause
from pytest_vessel.adapter.protocol import Adapter
from pytest_vessel.clause import Catalogue
from pytest_vessel.errors import UsageProblem
from pytest_vessel.judge.baseline import Baseline
from pytest_vessel.judge.exception import check_exceptions
from pytest_vessel.judge.offer import Offer
from pytest_vessel.observation.codec import from_json, to_json
from pytest_vessel.record.line import Started
from pytest_vessel.row import Row
from pytest_vessel.selection import due_rows, implementations_named
from pytest_vessel.settings import Settings


@dataclass(frozen=True)
class Context:
    """One conformance run: `adapters` by the names in `offers`."""

    settings: Settings
    catalogue: Catalogue
    offers: tuple[Offer, ...]
    adapters: Mapping[str, Adapter]
    due: tuple[Row, ...]
    baseline: Baseline = field(default_factory=Baseline)

    def offer(self, name: str) -> Offer:
        """The offer of an implementation; `KeyError` where there is none of that name."""
        for offer in self.offers:
            if offer.name == name:
                return offer
        raise KeyError(name)


def build(settings: Settings, *, explicit: bool = True) -> Context:
    """Read the catalogue, find the implementations, ask each what it offers.

    Args:
        explicit: whether implementations were chosen; if not, those that node ids name are taken.

    Raises:
        UsageProblem, CatalogueError, AdapterError, BaselineError: something was chosen that cannot be had.
    """
    catalogue = clause.load()
    addresses = settings.implementations
    if not explicit:
        addresses = implementations_named(settings.choices, catalogue) or addresses
    adapters: dict[str, Adapter] = {}
    offers = []
    for adapter in [_resolve(address, settings.base) for address in addresses]:
        offer = adapter.offer
        if offer.name in adapters:
            raise UsageProblem(
                f"two implementations have the name {offer.name!r}",
                where="--vessel-impl",
                mend="Run them one after the other, or give one a name of its own.",
            )
        check_exceptions(offer, catalogue)
        adapters[offer.name] = adapter
        offers.append(offer)
    due = due_rows(catalogue, settings, [offer.name for offer in offers])
    baseline = _baseline(settings, catalogue, offers)
    return Context(settings, catalogue, tuple(offers), adapters, due, baseline)


def _baseline(settings: Settings, catalogue: Catalogue, offers: Sequence[Offer]) -> Baseline:
    if settings.baseline is None:
        return Baseline()
    from pytest_vessel.baselines.chosen import baseline_of

    return baseline_of(settings, catalogue, offers, kernel=platform.release())


def _resolve(address: str, base: str) -> Adapter:
    from pytest_vessel.adapter.registry import resolve

    return resolve(address, base=Path(base))


def to_worker(context: Context) -> Any:
    """What a worker must be told, as JSON: what was drawn, asked or made absolute here."""
    return {
        "settings": to_json(context.settings),
        "baseline": to_json(context.baseline),
        "offers": to_json(context.offers),
        "pid": os.getpid(),
    }


def on_worker(told: Any) -> Context:
    """The same context on a worker: nothing is drawn, read or asked of the implementations again, and no path counts
    from here.
    """
    settings, known = from_json(Settings, told["settings"]), from_json(tuple[Offer, ...], told["offers"])
    catalogue = clause.load()
    adapters = {offer.name: _resolve(offer.address or offer.name, settings.base) for offer in known}
    due = due_rows(catalogue, settings, [offer.name for offer in known])
    return Context(settings, catalogue, known, adapters, due, from_json(Baseline, told["baseline"]))


def started(context: Context, *, plugins: Sequence[str] = ("pytest", "pytest-xdist")) -> Started:
    """The first line of the record."""
    harness = {"pytest_vessel": version("pytest-vessel")} | {name: _version(name) for name in plugins}
    environment = {
        "kernel": platform.release(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "system": _os_name(),
        "uid": str(os.geteuid()),
    }
    return Started(
        harness=harness,
        environment=environment,
        spec=dict(context.catalogue.digests),
        implementations=context.offers,
        clauses=context.catalogue.clauses,
        due=context.due,
        settings=context.settings,
        baseline=context.baseline,
    )


def _version(distribution: str) -> str:
    from importlib.metadata import PackageNotFoundError

    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def _os_name() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", sys.platform)
    except OSError:
        return sys.platform
