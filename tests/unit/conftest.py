"""A workshop for all tests of a module, and a stage for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pytest_vessel.system import stage as stages
from pytest_vessel.system import workshop as workshops
from pytest_vessel.system.stage import Stage
from pytest_vessel.system.workshop import Workshop


@pytest.fixture(scope="module")
def workshop() -> Iterator[Workshop]:
    with workshops.opened() as opened:
        yield opened


@pytest.fixture
def stage(workshop: Workshop) -> Iterator[Stage]:
    with stages.opened(workshop) as opened:
        yield opened
