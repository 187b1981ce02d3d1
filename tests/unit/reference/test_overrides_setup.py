"""Overrides of the reference while they are made: failures, signals, the log, and which calls are made."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys

import pytest
from copy_world import altered, copies
from overrides_world import AMD64, HELPER, OVR, World, library, on_amd64
from reference_world import LIMIT_S, conflict, done, is_gone

pytestmark = on_amd64


@pytest.fixture
def world(tmp_path):
    """A provider that has something of everything."""
    made = World(tmp_path)
    made.provider(
        {
            "libGL.so.1": library("libGL.so.1"),
            f"usr/lib/{AMD64}/dri/a_dri.so": library(),
            f"usr/lib/{AMD64}/dri/b_dri.so": "a_dri.so",
            "usr/share/vulkan/icd.d/a.json": {"ICD": {"library_path": f"/usr/lib/{AMD64}/libGL.so.1"}},
        }
    )
    made.runtime({"usr/lib/vessel/abi.json": {"shared_libraries": [{"libGL.so.1": {"aliases": ["libGL.so.0"]}}]}})
    return made


EVERYTHING = {
    f"lib/{AMD64}/{name}"
    for name in ("libGL.so.1", "dri/a_dri.so", "dri/b_dri.so", "vulkan/libGL.so.1", "aliases/libGL.so.0")
} | {"share/vulkan/icd.d/a.json"}


@pytest.mark.parametrize(
    ("helper", "how"),
    [
        (("/bin/false",), "ended with status 1"),
        (("/bin/true",), "ended well, but has left no folder"),
        (("/bin/sh", "-c", "kill -9 $$"), "was ended by SIGKILL"),
        (("/nowhere/helper",), "ended with status 127"),
    ],
)
def test_a_helper_that_fails_ends_the_set_up(world, helper, how):
    result = done(argv=altered(HELPER.format(helper), *world.words()))
    assert (result.returncode, result.stdout) == (1, "")
    assert f"overrides/lib/{AMD64}: libraries cannot be captured: the helper program `capture` {how}" in result.stderr
    assert copies(world.parent) == []
    assert conflict(world.runtime_folder / ".ref") is None


def test_what_a_failing_helper_says_is_passed_on(world):
    helper = ("/bin/sh", "-c", "echo first; echo vessel-reference: second >&2; exit 3")
    result = done(argv=altered(HELPER.format(helper), *world.words()))
    assert result.stderr.splitlines()[:2] == ["vessel-reference: first", "vessel-reference: second"]


FULL = """
import errno, os, sys
from pytest_vessel.reference.program import Program, end_with
def failing(target, path, is_folder):
    raise OSError(errno.ENOSPC, "No space left on device", target, None, path)
os.symlink = failing
end_with(Program().main(sys.argv[1:]))
"""


def test_what_a_helper_cannot_make_is_named_by_its_place(world):
    result = done(argv=altered(HELPER.format((sys.executable, "-P", "-c", FULL, "capture")), *world.words()))
    first, _ = result.stderr.splitlines()
    assert first.startswith(
        f"vessel-reference: overrides/lib/{AMD64}/libGL.so.1: cannot be made: No space left on device"
    )


@pytest.mark.parametrize("verb", ["prepare", "copy"])
def test_a_signal_ends_the_helper_and_undoes_the_copy(world, tmp_path, verb):
    """The helper holds a FIFO open for as long as it lives."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    helper = ("/bin/sh", "-c", f"echo $$ > {fifo}; exec sleep infinity")
    words = [verb, *world.words()[1:], *(["--", "/nowhere"] if verb == "copy" else [])]
    process = subprocess.Popen(altered(HELPER.format(helper), *words), stderr=subprocess.PIPE)
    with fifo.open() as said:
        pid = int(said.read())
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=LIMIT_S)
    assert (process.returncode, errors) == (128 + signal.SIGTERM, b"")
    assert copies(world.parent) == []
    assert verb == "copy" or is_gone(pid)


FAILING = """
left = {count}
sound = os.{call}
def failing(*given, **named):
    global left
    if named.get("dir_fd") is not None and ({call!r} != "open" or given[1] & os.O_CREAT):
        left -= 1
        if left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
    return sound(*given, **named)
def begin(self):
    os.{call} = failing
    override(self)
override, mutable.MutableCopy.override = mutable.MutableCopy.override, begin
"""


# what is named, in order, when one after the other cannot be made
NAMED = {
    "mkdir": [
        "overrides",
        "overrides/lib",
        *(f"overrides/lib/{AMD64}/{name}" for name in ("vulkan", "dri", "aliases")),
        *(f"overrides/share{name}" for name in ("", "/vulkan", "/vulkan/icd.d")),
        "/etc/ld.so.conf",
    ],
    "symlink": [
        "overrides",
        *(f"overrides/lib/{AMD64}/{name}" for name in ("vulkan/libGL.so.1", "dri/a_dri.so", "dri/b_dri.so")),
        f"overrides/lib/{AMD64}/aliases/libGL.so.0",
    ],
    "open": ["overrides/share/vulkan/icd.d/a.json", "/etc/ld.so.conf"],
}


@pytest.mark.parametrize("call", NAMED)
def test_each_thing_that_cannot_be_made_is_fatal_and_named(world, call):
    for count, name in enumerate(NAMED[call]):
        result = done(argv=altered(FAILING.format(call=call, count=count), *world.words()))
        assert (result.returncode, result.stdout, copies(world.parent)) == (1, "", [])
        (said,) = result.stderr.splitlines()
        assert said.startswith(f"vessel-reference: {name}: ")
        assert "No space left on device" in said
    assert done(argv=altered(FAILING.format(call=call, count=len(NAMED[call])), *world.words())).returncode == 0


def test_the_log_tells_of_each_thing_that_is_made_and_can_be_compared(world):
    logs = []
    for _ in range(2):
        copy = world.copy("--log=comparable")
        (line,) = [line for line in copy.said.splitlines() if str(copy.path) in line]
        assert line == f"vessel-reference: copy: {copy.path}"
        assert str(copy.path / OVR) not in copy.said
        logs.append(copy.said.replace(copy.path.name, "tmp-"))
    assert logs[0] == logs[1]
    assert set(re.findall(r"^vessel-reference: overrides/(\S+)", logs[0], re.MULTILINE)) == EVERYTHING


def test_quiet_is_quiet(world):
    assert world.copy().said == ""


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_no_call_names_the_folder_by_an_absolute_path(world, tmp_path):
    log = tmp_path / "log"
    done(argv=["strace", "-f", "-s4096", "-o", str(log), "-e", "trace=%file", *altered("", *world.words())])
    (copy,) = copies(world.parent)
    calls = log.read_text().splitlines()
    assert not [call for call in calls if f"{copy}/{OVR}" in call or f"{copy}/overrides" in call]
    assert len([call for call in calls if re.search(r'openat\(\d+, "overrides".* = \d+$', call)]) == 1
    assert [call for call in calls if "execve(" in call and re.search(r'"--dest=/proc/self/fd/\d+/lib/', call)]


def test_folders_of_the_caller_that_are_called_likewise_stay_empty(world, tmp_path):
    folders = [tmp_path / "here" / name for name in ("overrides", "lib", "share", "usr")]
    for folder in folders:
        folder.mkdir(parents=True)
    subprocess.run(altered("", *world.words()), cwd=tmp_path / "here", check=True, capture_output=True, timeout=LIMIT_S)
    assert [list(folder.iterdir()) for folder in folders] == [[]] * 4
