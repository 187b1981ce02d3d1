"""Whatever a root holds: a clear answer within a second of processor time, and 64 MiB more than before."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import stat
import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from agreement import Case, answer, disagreements
from both_ways import BothWays
from damage import DYNAMIC_HEADER, PAGE_BYTES, STRINGS, WHOLE, changed, overlapping
from random_roots import INTERPRETER
from tracing import glibc

from pytest_vessel.system.made_cache import Entry, cache
from pytest_vessel.system.made_elf import NEEDED, Made

MOST_S, MOST_KIB = 1.0, 64 << 10
"""The program headers of stack and note, which can be something else."""
LIBRARY = "usr/lib/liba.so"
CHILD = r"""
import json, re, sys, time
from pytest_vessel.errors import LibraryError
from pytest_vessel.libraries.closure import Libraries
def peak_kib():
    with open("/proc/self/status") as file:
        return int(re.search(r"VmHWM:\s+(\d+) kB", file.read())[1])
before_kib, began = peak_kib(), time.process_time()
try:
    found = Libraries(sys.argv[1]).closure("/prog")
    said = "".join(f"[{one.name}]" for one in found.missing) or "all: " + " ".join(one.path for one in found.objects)
except LibraryError as problem:
    said = str(problem)
print(json.dumps([said, time.process_time() - began, peak_kib() - before_kib]))
"""
WITHOUT_PRIVILEGES = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all")


@dataclass(frozen=True)
class Answer:
    said: str
    took_s: float
    more_kib: int


def ask(root: Path, *before: str) -> Answer:
    """What a process of its own says of the program."""
    argv = [*before, sys.executable, "-c", CHILD, str(root)]
    done = subprocess.run(argv, stdout=subprocess.PIPE, text=True, timeout=60, check=True)
    return Answer(*json.loads(done.stdout))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("lib64", "usr/lib", "etc"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(os.path.realpath(INTERPRETER), tmp_path / INTERPRETER[1:])
    (tmp_path / "prog").write_bytes(Made([(NEEDED, "liba.so")], INTERPRETER).content)
    return tmp_path


def check(answer: Answer, expected: str) -> None:
    assert re.search(expected, answer.said, re.S)
    assert answer.took_s < MOST_S
    assert answer.more_kib < MOST_KIB


PLACELESS = r"^/usr/lib/liba.so: {}.*; needed by /prog"
REFUSED = r"^/usr/lib/liba.so: {}.* \(at offset 0x[0-9a-f]+\); needed by /prog"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        pytest.param(b"GROUP ( libz.so.1 )\n", "is no ELF file", id="text"),
        pytest.param(b"", "is no ELF file", id="empty"),
        pytest.param(WHOLE[:40], "is cut short", id="half a header"),
        pytest.param(WHOLE[:64], "is cut short", id="nothing but a header"),
        pytest.param(changed(54, "<H", 0), "has program headers of 0 bytes", id="headers of no size"),
        pytest.param(changed(32, "<Q", 2**63), "is cut short", id="headers at 2^63"),
        pytest.param(changed(DYNAMIC_HEADER + 32, "<Q", 2**63), "is cut short", id="a section of 2^63 bytes"),
        pytest.param(changed(STRINGS, "<Q", 2**63), "has names, but no table", id="strings outside"),
    ],
)
def test_files(root: Path, content: bytes, what: str) -> None:
    (root / LIBRARY).write_bytes(content)
    check(ask(root), REFUSED.format(what))


@pytest.mark.parametrize(
    ("count", "what"),
    [
        pytest.param(1, "has a name without an end", id="a name without an end"),
        pytest.param(20_000, "has a dynamic section without an end", id="20,000 names of 1 MiB"),
        pytest.param(1_000_000, "has a dynamic section without an end", id="a million entries"),
    ],
)
def test_long_names(root: Path, count: int, what: str) -> None:
    (root / LIBRARY).write_bytes(Made([(NEEDED, "x" * (1 << 20)), *[(NEEDED, 1)] * count]).content)
    check(ask(root), REFUSED.format(what))


def _device(path: Path) -> None:
    if os.geteuid():
        pytest.skip("root alone may make devices")
    os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))  # /dev/zero, which does not end


def _unreadable(path: Path) -> None:
    path.write_bytes(WHOLE)
    path.chmod(0)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(path))


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        pytest.param(os.mkfifo, PLACELESS.format("is no regular file"), id="FIFO"),
        pytest.param(_device, PLACELESS.format("is no regular file"), id="device"),
        pytest.param(os.mkdir, PLACELESS.format("is no regular file"), id="folder"),
        pytest.param(_socket, r"^\[liba.so\]$", id="socket"),
        pytest.param(_unreadable, r"^\[liba.so\]$", id="unreadable"),
        pytest.param(lambda path: path.symlink_to("liba.so"), r"^\[liba.so\]$", id="link to itself"),
        pytest.param(lambda path: path.symlink_to("/usr/lib/liba.so/.."), r"^\[liba.so\]$", id="link in a loop"),
    ],
)
def test_what_is_no_file(root: Path, make: Callable[[Path], object], expected: str) -> None:
    make(root / LIBRARY)
    check(ask(root, *(() if os.geteuid() else WITHOUT_PRIVILEGES)), expected)


def test_needs_in_a_circle(root: Path) -> None:
    (root / LIBRARY).write_bytes(Made([(NEEDED, "libb.so")]).content)
    (root / "usr/lib/libb.so").write_bytes(Made([(NEEDED, "liba.so"), (NEEDED, "libb.so")]).content)
    check(ask(root), "^all: /usr/lib/liba.so /usr/lib/libb.so$")


def test_names_that_are_no_text(root: Path) -> None:
    name = "lib\udcff\n\x1b[2J.so"
    (root / LIBRARY).write_bytes(Made([(NEEDED, name), (NEEDED, f"{name}.1")]).content)
    (root / "usr/lib" / name).write_bytes(Made().content)
    check(ask(root), re.escape(f"[{name}.1]"))


@pytest.mark.skipif(not shutil.which("bwrap"), reason="loaders are asked in bubblewrap")
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(overlapping((0, 2 * PAGE_BYTES)), r"^\[lib2.so\]$", id="in the middle"),
        pytest.param(overlapping(), PLACELESS.format("has a last segment that begins"), id="first and last"),
    ],
)
def test_segments_that_overlap(root: Path, content: bytes, expected: str) -> None:
    """What is mapped last counts; the loader says the same."""
    (root / LIBRARY).write_bytes(content)
    check(ask(root), expected)
    assert not disagreements(root, [Case(answer(BothWays(root), "/prog"), glibc("", INTERPRETER, "/prog"))])


ENTRIES = [Entry(f"lib{number}.so", f"/l/lib{number}.so", level="x86-64-v2") for number in range(50)]
HEAD_WORDS = range(20, 48, 4)
"""Where the numbers in the head of a cache stand: counts, sizes, and where its extension is."""


@pytest.mark.parametrize("value", [0, 2**31, 2**32 - 1])
@pytest.mark.parametrize("place", [*HEAD_WORDS, 48 + 4, 48 + 8, 48 + 16])
def test_caches(root: Path, place: int, value: int) -> None:
    """Each number of the head and of an entry: the library is found in its default folder all the same."""
    content = bytearray(cache([*ENTRIES, Entry("liba.so", "/nowhere/liba.so")]))
    struct.pack_into("<I", content, place, value)
    (root / "etc/ld.so.cache").write_bytes(content)
    (root / LIBRARY).write_bytes(Made().content)
    check(ask(root), "^all: /usr/lib/liba.so$")
