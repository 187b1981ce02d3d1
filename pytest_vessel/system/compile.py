"""The static probe: the one that a wheel carries, or one that is built on first use.

`probe` is what the harness calls; `build` is also what makes the wheel. The program itself and its conversation:
`fixtures/sources/probe.c`.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import stat
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import resources, util
from pathlib import Path

from pytest_vessel.errors import Inconclusive

Compiler = tuple[str, ...]

MACHINES = {"x86_64": 62, "aarch64": 183}
"""The machines that the probe knows, by the name of uname(2), with the `e_machine` of their ELF files."""

FLAGS = (
    *("-O2", "-static", "-nostdlib", "-ffreestanding", "-fno-stack-protector", "-fno-pie", "-no-pie"),
    *("-fno-asynchronous-unwind-tables", "-s", "-Wl,--build-id=none", "-Wl,-z,noexecstack"),
)
MODE = 0o755
TIMEOUT_S = 300.0
"""For one compiler call: ziglang's first one builds its own cache."""

_MEND = "install a C compiler (apt install gcc), or `pip install ziglang`, or name one in the environment variable CC"


def probe(machine: str | None = None) -> Path:
    """Return the static probe for `machine` (default: this one): a file of mode 0755, made when there is none yet.

    In order: the binary carried by the installed package; one in the cache; a new one in the cache, built with `$CC`,
    cc, gcc, clang or ziglang. Safe in several processes at once.
    Not guaranteed: that the folders above it are open to other users, or that its file system allows execution.

    Raises:
        Inconclusive: the machine is not known to the probe, or no compiler here can build for it.
    """
    wanted = machine or os.uname().machine
    _require_known(wanted)
    package = Path(str(resources.files("pytest_vessel.fixtures")))
    source = package / "sources" / "probe.c"
    carried = package / "probe" / f"probe-{wanted}"
    if _is_probe(carried, wanted):
        return carried if _is_open(carried) else _cached_copy(carried, wanted)
    return _cached_build(source, wanted)


def build(source: Path, target: Path, machine: str) -> None:
    """Compile `source` for `machine` to `target`: written aside and renamed, never seen half-written.

    Raises:
        Inconclusive: no compiler here can build it; the message says what each one said.
    """
    _require_known(machine)
    _build_as(lambda compiler: target, source, machine)


def compilers(machine: str) -> Iterator[Compiler]:
    """Yield the command of each compiler worth a try for `machine`, best first, whether or not it is installed."""
    if machine == os.uname().machine:
        if chosen := os.environ.get("CC", "").strip():
            yield tuple(shlex.split(chosen))
        yield from (("cc",), ("gcc",), ("clang",))
    else:
        yield (f"{machine}-linux-gnu-gcc",)
        yield ("clang", f"--target={machine}-linux-gnu", "-fuse-ld=lld")
    yield (sys.executable, "-m", "ziglang", "cc", "-target", f"{machine}-linux-musl")


def cache_folder() -> Path:
    """Return our cache folder, made if need be.

    `$XDG_CACHE_HOME/pytest-vessel` or `$HOME/.cache/pytest-vessel`; where that cannot be written,
    `pytest-vessel-cache-UID` of mode 0700 in the folder for temporary files.

    Raises:
        Inconclusive: none of them can be written, or is ours alone to write.
    """
    candidates = [(Path(tempfile.gettempdir()) / f"pytest-vessel-cache-{os.getuid()}", 0o700)]
    named, home = Path(os.environ.get("XDG_CACHE_HOME", "")), Path(os.environ.get("HOME", ""))
    if named.is_absolute():
        candidates.insert(0, (named / "pytest-vessel", 0o755))
    elif home.is_absolute() and home.is_dir():  # a home that does not exist is not ours to make
        candidates.insert(0, (home / ".cache" / "pytest-vessel", 0o755))
    for folder, mode in candidates:
        if _is_ours(folder, mode):
            return folder
    raise Inconclusive(
        "no folder to keep the probe in", where=str(folder), mend="set XDG_CACHE_HOME to a folder that you can write"
    )


def _require_known(machine: str) -> None:
    if machine not in MACHINES:
        known = " and ".join(MACHINES)
        raise Inconclusive(f"no static probe for {machine}: the probe knows {known}", mend="use one of these machines")


def _cached_build(source: Path, machine: str) -> Path:
    folder, text = cache_folder(), source.read_bytes()

    def target_of(compiler: Compiler) -> Path:
        return folder / _name(machine, text, *compiler, *FLAGS)

    for built in map(target_of, compilers(machine)):
        if _is_probe(built, machine) and _is_open(built):
            return built
    return _build_as(target_of, source, machine)


def _build_as(target_of: Callable[[Compiler], Path], source: Path, machine: str) -> Path:
    said = []
    for compiler in compilers(machine):
        target = target_of(compiler)
        complaint = _try(compiler, source, target, machine)
        if complaint is None:
            return target
        said.append(f"{shlex.join(compiler)}: {complaint}")
    raise Inconclusive(f"no static probe for {machine}: {'; '.join(said)}", where=str(source), mend=_MEND)


def _cached_copy(carried: Path, machine: str) -> Path:
    content = carried.read_bytes()
    copy = cache_folder() / _name(machine, content, "carried")
    if not (_is_probe(copy, machine) and _is_open(copy)):
        with tempfile.TemporaryDirectory(dir=copy.parent) as aside:
            made = Path(aside) / copy.name
            made.write_bytes(content)
            _publish(made, copy)
    return copy


def _name(machine: str, content: bytes, *words: str) -> str:
    key = hashlib.sha256(b"\0".join([content, *(os.fsencode(word) for word in words)]))
    return f"probe-{machine}-{key.hexdigest()[:32]}"


def _try(compiler: Compiler, source: Path, target: Path, machine: str) -> str | None:
    """Build with one compiler; what is wrong with it, or None."""
    if shutil.which(compiler[0]) is None or ("ziglang" in compiler and util.find_spec("ziglang") is None):
        return "not installed"
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".building-") as aside:
        made = Path(aside) / target.name
        argv = [*compiler, *FLAGS, "-o", str(made), str(source)]
        try:
            done = subprocess.run(
                argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=TIMEOUT_S
            )
        except (OSError, subprocess.TimeoutExpired) as problem:
            return str(problem)
        if done.returncode != 0:
            said = (done.stderr.strip() or done.stdout.strip()).splitlines()
            return next((each for each in said if "error" in each), said[0] if said else f"status {done.returncode}")
        if not _is_probe(made, machine):
            return f"did not make a static program for {machine}"
        _publish(made, target)
    return None


def _publish(made: Path, target: Path) -> None:
    made.chmod(MODE)
    with open(made, "rb") as file:
        os.fsync(file.fileno())
    made.rename(target)


def _is_probe(path: Path, machine: str) -> bool:
    """Whether `path` is a whole static executable for `machine` (elf(5): 64 bits, ET_EXEC, no PT_INTERP)."""
    try:
        content = path.read_bytes()
        kind, its_machine = struct.unpack_from("<HH", content, 16)
        (table,) = struct.unpack_from("<Q", content, 32)
        size, count = struct.unpack_from("<HH", content, 54)
        kinds = [struct.unpack_from("<I", content, table + size * index)[0] for index in range(count)]
    except (OSError, struct.error):
        return False
    return content[:5] == b"\x7fELF\x02" and (kind, its_machine) == (2, MACHINES[machine]) and 3 not in kinds


def _is_open(path: Path) -> bool:
    return path.stat().st_mode & 0o555 == 0o555


def _is_ours(folder: Path, mode: int) -> bool:
    """Make `folder`; whether it is a real folder that we own, can write, and nobody else can."""
    with suppress(OSError):
        folder.mkdir(mode, parents=True, exist_ok=True)
        seen = folder.lstat()
        safe = stat.S_ISDIR(seen.st_mode) and seen.st_uid == os.geteuid() and not seen.st_mode & 0o022
        return safe and os.access(folder, os.W_OK | os.X_OK)
    return False
