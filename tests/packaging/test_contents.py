"""The wheel and the sdist hold exactly what they should.

What is expected follows from the files that git knows, so a new module needs no change here, and a file that is
forgotten in pyproject.toml or MANIFEST.in, or that strays in, fails.
"""

from __future__ import annotations

import configparser
import email
import os
import stat
import subprocess
import tomllib
import zipfile
from pathlib import Path

from distributions import ROOT, Built, run_build

PACKAGES = {"pytest_vessel/": "pytest_vessel/", "conformance/": "pytest_vessel/conformance/"}
PACKAGES["fixtures/"] = "pytest_vessel/fixtures/"
MACHINE = os.uname().machine
PROBE = f"pytest_vessel/fixtures/probe/probe-{MACHINE}"
MODULE = "pytest_vessel/libraries/_ordinary.abi3.so"
NOT_IN_SDIST = {".gitignore", ".ci/run"}
MADE_FOR_SDIST = {"PKG-INFO", "setup.cfg"}
DIST_INFO = {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "top_level.txt", "licenses/LICENSE"}


def files_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def test_wheel_holds_the_packages_what_was_compiled_and_nothing_else(built: Built, tracked: frozenset[str]) -> None:
    packaged = {
        target + name.removeprefix(source)
        for name in tracked
        for source, target in PACKAGES.items()
        if name.startswith(source)
    }
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    information = {f"pytest_vessel-{version}.dist-info/{name}" for name in DIST_INFO}
    assert files_below(built.wheel_tree) == packaged | information | {PROBE, MODULE}


def test_sdist_holds_every_tracked_file_and_nothing_else(built: Built, tracked: frozenset[str]) -> None:
    found = {name for name in files_below(built.sdist_tree) if not name.startswith("pytest_vessel.egg-info/")}
    assert found == (tracked - NOT_IN_SDIST) | MADE_FOR_SDIST


def test_sdist_files_are_what_the_checkout_has(built: Built, tracked: frozenset[str]) -> None:
    for name in tracked - NOT_IN_SDIST:
        packed, source = built.sdist_tree / name, ROOT / name
        assert packed.read_bytes() == source.read_bytes(), name
        assert packed.stat().st_mode & 0o111 == source.stat().st_mode & 0o111, name


def test_nothing_else_stands_at_the_top_of_site_packages(built: Built) -> None:
    tops = {path.name for path in built.wheel_tree.iterdir() if not path.name.endswith(".dist-info")}
    assert tops == {"pytest_vessel"}
    (top_level,) = built.wheel_tree.glob("*.dist-info/top_level.txt")
    assert top_level.read_text().split() == ["pytest_vessel"]


def test_wheel_is_named_for_its_machine_and_the_stable_abi(built: Built) -> None:
    assert built.wheel.name.endswith(f"-cp311-abi3-linux_{MACHINE}.whl")
    (tags,) = built.wheel_tree.glob("*.dist-info/WHEEL")
    assert email.message_from_string(tags.read_text()).get_all("Tag") == [f"cp311-abi3-linux_{MACHINE}"]


def test_carried_probe_is_executable_and_speaks(built: Built, tmp_path: Path) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        assert stat.S_IMODE(archive.getinfo(PROBE).external_attr >> 16) == 0o755
        probe = Path(archive.extract(PROBE, tmp_path))
    probe.chmod(0o755)
    done = subprocess.run([probe, "talk", "x"], stdin=subprocess.DEVNULL, capture_output=True, check=True)
    assert done.stdout.startswith(b"vessel-ready x ")


def test_metadata(built: Built) -> None:
    (metadata,) = built.wheel_tree.glob("*.dist-info/METADATA")
    said = email.message_from_string(metadata.read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert said["Name"] == "pytest-vessel"
    assert said["Version"] == project["version"]
    assert said["Requires-Python"] == ">=3.11"
    assert said["License-Expression"] == "MIT"
    assert "Framework :: Pytest" in said.get_all("Classifier", [])
    needed = {line for line in said.get_all("Requires-Dist", []) if "extra ==" not in line}
    assert needed == set(project["dependencies"])
    assert said["Description-Content-Type"] == "text/markdown"
    assert str(said.get_payload()).strip(), "the README is the long description"


def test_entry_points(built: Built) -> None:
    (points,) = built.wheel_tree.glob("*.dist-info/entry_points.txt")
    said = configparser.ConfigParser()
    said.read(points)
    assert dict(said["pytest11"]) == {"vessel": "pytest_vessel.plugin"}
    assert dict(said["console_scripts"]) == {"pytest-vessel": "pytest_vessel.cli:main"}


def test_wheel_for_another_machine_without_compiler_is_a_clear_error(copy_of_checkout: Path, tmp_path: Path) -> None:
    done = run_build(copy_of_checkout, tmp_path, "--wheel", VESSEL_MACHINE="vax")
    assert done.returncode != 0
    assert "no static probe for vax: the probe knows x86_64 and aarch64" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_wheel_without_compiler_is_a_clear_error(copy_of_checkout: Path, tmp_path: Path) -> None:
    broken = tmp_path / "path" / "ziglang"
    broken.mkdir(parents=True)
    (broken / "__init__.py").touch()
    (broken / "__main__.py").write_text("raise SystemExit('broken')")
    path = {"PATH": "/nonexistent", "PYTHONPATH": str(broken.parent), "CC": "/nonexistent/cc"}
    done = run_build(copy_of_checkout, tmp_path / "out", "--wheel", **path)
    assert done.returncode != 0
    assert "a wheel carries a static program, and it cannot be compiled" in done.stderr
    assert "apt install gcc" in done.stderr
