"""Which calls the scene of section E holds: their places, however they are named."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from pytest_vessel.conformance.overrides.faults import place_of
from pytest_vessel.fixtures.gates import GateFactory
from pytest_vessel.system.bpf import CREATES
from pytest_vessel.system.seccomp import available

pytestmark = pytest.mark.skipif(not available(), reason=available().reason)

NAMED = {
    "absolute": "os.mkdir(top + '/lib/x')",
    "by the current folder": "os.chdir(top); os.mkdir('lib/../lib/x')",
    "by a descriptor": "os.mkdir('lib/x', dir_fd=folder)",
    "by the name of a descriptor": "os.mkdir(f'/proc/self/fd/{folder}/lib/x')",
    "by the name of a descriptor of a process": "os.mkdir(f'/proc/{os.getpid()}/fd/{folder}/lib/x')",
}


@pytest.mark.parametrize("statement", NAMED.values(), ids=NAMED)
def test_place_of_a_call(workshop, stage, tmp_path: Path, statement: str) -> None:
    (tmp_path / "lib").mkdir()
    program = f"import os; top = {str(tmp_path)!r}; folder = os.open(top, os.O_RDONLY); {statement}"
    with workshop.case_folder() as work:
        gated = GateFactory(stage, work)([sys.executable, "-c", program], CREATES)
        held = gated.next()
        assert held is not None
        assert place_of(held) == tmp_path / "lib/x"
        assert gated.finish().succeeded
    assert os.listdir(tmp_path / "lib") == ["x"]
