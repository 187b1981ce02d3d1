"""What a loader itself says that it would load for a file of a root: its trace, in a container over that root.

ld.so(8): LD_TRACE_LOADED_OBJECTS. A trace may run code of the root (DT_AUDIT), so it never runs outside.
"""

from __future__ import annotations

import re
from pathlib import Path

from pytest_vessel.errors import HarnessError
from pytest_vessel.system.bwrap import Sandbox
from pytest_vessel.system.kept import Order
from pytest_vessel.system.stage import Stage
from pytest_vessel.system.sysroot import Layout

_LINE = re.compile(r"^\t(\S+) => (/\S+) \(0x[0-9a-f]+\)$", re.MULTILINE)


def listed(output: str) -> list[tuple[str, str]]:
    """The name and the path of each library in what a loader lists, traced or asked to (`--list`)."""
    return _LINE.findall(output)


def loaded(stage: Stage, root: Path, loader: str, path: str) -> list[tuple[str, str]]:
    """The name and the path of each library that `loader` loads for `path`, both inside the root; itself left out.

    Raises:
        Inconclusive: no container can be made here.
        HarnessError: the loader refuses something; such a root is none to compare with.
    """
    sandbox = Sandbox(root, Layout.COMPLETE_ROOT, env={"LD_TRACE_LOADED_OBJECTS": "1"})
    call = stage.start(Order(sandbox.command([loader, path]), {}, "/"))
    stage.finish(call)
    ending = call.ending()
    if not ending.succeeded:
        raise HarnessError(f"the loader lists nothing: {ending}", where=path)
    return listed(ending.output)
