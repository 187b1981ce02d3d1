"""The real implementations, and what becomes of a test about one that is not on this machine."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from pytest_vessel.adapter.registry import resolve

BOOTSTRAPPED = ("bubblewrap", "flatpak")
"""tools/bootstrap installs them: one that is missing is a failure, but with VESSEL_REAL=optional."""

BY_CHOICE = ("pressure-vessel", "systemd-nspawn", "capsule-capture-libs")
"""Whoever wants to test them installs them."""

QUICK = ("bubblewrap",)
"""Those that CI has the time for."""


def as_params(*names: str) -> list[object]:
    """Names of implementations as values of a parameter; the others are tested in full only."""
    return [name if name in QUICK else pytest.param(name, marks=pytest.mark.full) for name in names]


EVERY = as_params(*BOOTSTRAPPED, *BY_CHOICE)


def require(name: str) -> None:
    """Skip or fail the test where this implementation is not here."""
    offer = resolve(name, base=Path("/")).offer
    if not offer.absent:
        return
    if name in BY_CHOICE:
        pytest.skip(f"{offer.absent}: {offer.mend}")
    _missing(f"{offer.absent}: {offer.mend}")


def require_strace() -> None:
    """Skip or fail the test where there is no strace."""
    if not shutil.which("strace"):
        _missing("there is no strace")


def _missing(what: str) -> None:
    message = f"{what} (or set VESSEL_REAL=optional to do without)"
    pytest.skip(message) if os.environ.get("VESSEL_REAL") == "optional" else pytest.fail(message)


def environ(home: Path) -> dict[str, str]:
    """What a run is started with: little, and where programs are."""
    kept = {
        name: os.environ[name] for name in ("PATH", "PYTEST_ADDOPTS", "VESSEL_PRESSURE_VESSEL") if name in os.environ
    }
    return {**kept, "HOME": str(home), "LANG": "C.UTF-8"}
