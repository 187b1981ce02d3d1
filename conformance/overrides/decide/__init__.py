"""The deciders of the overrides suite: pure functions of what was seen; they also run in `pytest-vessel replay`."""

from pytest_vessel.conformance.overrides.decide import (
    capture,
    choice,
    drivers,
    faults,
    fdio,
    layout,
    libc,
    loading,
    log,
)

__all__ = ["capture", "choice", "drivers", "faults", "fdio", "layout", "libc", "loading", "log"]
