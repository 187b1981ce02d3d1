"""What all tests share."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("no deadline", deadline=None)  # a slow machine is no failure
settings.load_profile("no deadline")

pytest_plugins = ["pytester"]
