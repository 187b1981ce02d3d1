"""The C of the compiled module: without warnings, and without faults whatever files hold."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
SOURCES = sorted(str(path) for path in (HERE.parents[2] / "native").glob("*.c"))
SANITIZERS = ("asan", "ubsan")
LOAD = """
import importlib.util, sys
import pytest
spec = importlib.util.spec_from_file_location("pytest_vessel.libraries._ordinary", sys.argv[1])
sys.modules[spec.name] = importlib.util.module_from_spec(spec)
sys.exit(pytest.main(["-q", "-p", "no:xdist", "-p", "no:cacheprovider", "-m", "not full", *sys.argv[2:]]))
"""


def build(target: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Compile the module by the compiler that Python names."""
    fixed = ("-std=c11", "-shared", "-fPIC", "-DPy_LIMITED_API=0x030b0000", f"-I{sysconfig.get_path('include')}")
    argv = [sysconfig.get_config_var("CC").split()[0], *fixed, *options, *SOURCES, "-o", target]
    return subprocess.run(argv, capture_output=True, text=True)


def test_no_warnings(tmp_path: Path) -> None:
    done = build(tmp_path / "module.so", "-O2", "-Wall", "-Wextra", "-Wconversion", "-Wno-sign-conversion", "-Werror")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.full
def test_no_faults(tmp_path: Path) -> None:
    """The tests of ordinary, hostile and random roots, with the module watched by the sanitizers of the compiler."""
    module = tmp_path / "module.so"
    made = build(module, "-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    assert made.returncode == 0, made.stderr
    libraries = [
        subprocess.run(["cc", f"-print-file-name=lib{name}.so"], stdout=subprocess.PIPE, text=True).stdout.strip()
        for name in SANITIZERS
    ]
    tests = ("test_ordinary.py", "test_search_rules.py", "test_hostile_roots.py", "test_random_roots.py")
    watched = {"LD_PRELOAD": " ".join(libraries), "ASAN_OPTIONS": "detect_leaks=0", "PYTHONMALLOC": "malloc"}
    argv = [sys.executable, "-c", LOAD, str(module), *(str(HERE / name) for name in tests)]
    done = subprocess.run(argv, env={**os.environ, **watched}, capture_output=True, text=True, cwd=HERE)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert " passed" in done.stdout
