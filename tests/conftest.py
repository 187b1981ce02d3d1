"""What all tests share."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import settings

settings.register_profile("no deadline", deadline=None)  # a slow machine is no failure
settings.load_profile("no deadline")

# Whoever starts the tests in the background of a shell has them ignore it, and all that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = ["pytester"]


@pytest.fixture(autouse=True, scope="session")
def quiet_options() -> str:
    """The pytest that tests start leaves out heavy plugins of others: no part of this, and 0.5 s of processor each."""
    os.environ["PYTEST_ADDOPTS"] = options = "-p no:benchmark -p no:hypothesispytest"
    return options
