"""What all tests share."""

from __future__ import annotations

import signal

from hypothesis import settings

settings.register_profile("no deadline", deadline=None)  # a slow machine is no failure
settings.load_profile("no deadline")

# Whoever starts the tests in the background of a shell has them ignore it, and all that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = ["pytester"]
