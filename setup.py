"""What pyproject.toml cannot say: a wheel carries programs of one machine, and is named for it.

These are the static probe and, where the headers of Python are, the module for ordinary files. The machine is this
one, or `VESSEL_MACHINE` (`VESSEL_MACHINE=aarch64 python -m build --wheel`, which needs a compiler for it: ziglang will
do, and leaves that module out). The sdist and an editable install carry no probe: it is built on first use.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py
from setuptools.errors import CompileError

HERE = Path(__file__).resolve().parent
MACHINE = os.environ.get("VESSEL_MACHINE") or os.uname().machine
ORDINARY = Extension(
    "pytest_vessel.libraries._ordinary",
    sorted(f"native/{path.name}" for path in (HERE / "native").glob("*.c")),
    depends=["native/ordinary.h"],
    define_macros=[("Py_LIMITED_API", "0x030b0000")],
    extra_compile_args=["-std=c11", "-fvisibility=hidden", "-g0"],
    py_limited_api=True,
    optional=True,  # without it the same is done in Python
)
MODULES = [ORDINARY] if os.uname().machine == MACHINE else []


class BuildWithProbe(build_py):
    """Copies the packages, and compiles the probe beside them."""

    def run(self) -> None:
        """Start from an empty folder: what an earlier build left there would be shipped."""
        if self.editable_mode:
            super().run()
            return
        shutil.rmtree(Path(self.build_lib) / "pytest_vessel", ignore_errors=True)
        super().run()
        self._build_probe(self._probe())

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """Name the probe too, so that install and uninstall know it."""
        outputs: list[str] = super().get_outputs(include_bytecode)
        return outputs if self.editable_mode else [*outputs, str(self._probe())]

    def _probe(self) -> Path:
        return Path(self.build_lib) / "pytest_vessel" / "fixtures" / "probe" / f"probe-{MACHINE}"

    def _build_probe(self, target: Path) -> None:
        sys.path.insert(0, str(HERE))
        from pytest_vessel.errors import Inconclusive
        from pytest_vessel.system.compile import build

        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            build(HERE / "fixtures" / "sources" / "probe.c", target, MACHINE)
        except Inconclusive as problem:
            raise CompileError(f"a wheel carries a static program, and it cannot be compiled: {problem}") from None
        finally:
            sys.path.remove(str(HERE))


class WheelOfOneMachine(bdist_wheel):
    """Any Python from 3.11 on, one machine: the probe is static, and the module keeps to the stable ABI."""

    def get_tag(self) -> tuple[str, str, str]:
        """Return python, abi and platform tag."""
        return (*(("cp311", "abi3") if MODULES else ("py3", "none")), f"linux_{MACHINE}")


setup(cmdclass={"build_py": BuildWithProbe, "bdist_wheel": WheelOfOneMachine}, ext_modules=MODULES)
