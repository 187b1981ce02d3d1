"""The deciders of the overrides suite: pure functions of what was seen; they also run in `pytest-vessel replay`."""

from pytest_vessel.conformance.overrides.decide import capture, choice, layout, libc

__all__ = ["capture", "choice", "layout", "libc"]
