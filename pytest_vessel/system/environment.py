"""What this machine offers, and what to install or allow where it lacks something."""

from __future__ import annotations

import errno
import functools
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from pytest_vessel.errors import Inconclusive, UsageProblem
from pytest_vessel.nearest import nearest
from pytest_vessel.system import bwrap, compile, seccomp
from pytest_vessel.system.kept import User

_USERNS_MEND = (
    "Allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1, user.max_user_namespaces, "
    "kernel.apparmor_restrict_unprivileged_userns=0), or run as root."
)
_TIMEOUT_S = 20.0


@dataclass(frozen=True)
class Need:
    """One thing that clauses or adapters may need of this machine; `problem` is empty where it is there."""

    name: str
    what: str
    problem: str = ""
    mend: str = ""


def lacks(names: Iterable[str], user: str | None = None) -> Inconclusive | None:
    """The first of these needs that this machine does not meet, or None.

    Args:
        names: `gate`, `userns`, `mounts`, `root`, `user`, `probe`, `bubblewrap`, `strace`, `compiler`, `flatpak`,
            `mmdebstrap`, `zstd`.
        user: the unprivileged user that was asked for (`--vessel-user`).
    """
    for name in names:
        need = look(name, user)
        if need.problem:
            return Inconclusive(need.problem, mend=need.mend)
    return None


def look(name: str, user: str | None = None) -> Need:
    """Whether this machine meets one need. `KeyError` for an unknown name."""
    return _user(user) if name == "user" else _LOOKS[name]()


def survey(user: str | None = None) -> list[Need]:
    """Every need, for `pytest-vessel doctor`."""
    return [look(name, user) for name in NAMES]


def unprivileged_user(name: str | None) -> User | None:
    """Whom clauses about permissions run as; None: we are unprivileged ourselves.

    Raises:
        UsageProblem: no such user, or one that is root, or another than ourselves where we are not root.
    """
    wanted = name or ("nobody" if os.geteuid() == 0 else None)
    if wanted is None:
        return None
    try:
        entry = pwd.getpwnam(wanted)
    except KeyError:
        known = (user.pw_name for user in pwd.getpwall())
        raise UsageProblem(f"--vessel-user: no user {wanted!r}", mend=nearest(wanted, known)) from None
    if entry.pw_uid == 0:
        raise UsageProblem(f"--vessel-user: {wanted!r} is root", mend="Name an unprivileged user, such as nobody.")
    if os.geteuid() not in (0, entry.pw_uid):
        raise UsageProblem(f"--vessel-user: only root can become {wanted!r}", mend="Leave the option out.")
    return User(wanted, entry.pw_uid, entry.pw_gid) if os.geteuid() == 0 else None


def require_entrance(folder: Path, user: User) -> None:
    """Make sure that a user may enter every folder above `folder`, going by owner, group and mode alone.

    Raises:
        Inconclusive: one is closed to that user, so that everything below it would seem not to exist.
    """
    for above in folder.absolute().parents:
        seen = above.stat()
        needed = 0o100 if seen.st_uid == user.uid else 0o010 if seen.st_gid == user.gid else 0o001
        if not seen.st_mode & needed:
            raise Inconclusive(
                f"{user.name} may not enter {above}",
                mend="Set TMPDIR to a folder that every user may enter, such as /tmp.",
            )


def _user(name: str | None) -> Need:
    what = "an unprivileged user for clauses about permissions"
    try:
        user = unprivileged_user(name)
    except UsageProblem as problem:
        return Need("user", what, problem.what, problem.mend)
    if user is not None and (why := _cannot_run(sys.executable, user)):
        mend = "Keep this Python, or the checkout with its .venv, where every user can enter (not below /root)."
        return Need("user", what, f"{user.name} {why}", mend)
    return Need("user", f"{what}: {user.name if user else 'ourselves'}")


@functools.cache
def _cannot_run(program: str, user: User) -> str:
    """Why that user cannot run the harness's Python; empty where it can."""
    argv = [program, "-c", "import pytest_vessel.errors"]
    try:
        done = subprocess.run(
            argv, user=user.uid, group=user.gid, extra_groups=[], cwd="/", capture_output=True, timeout=_TIMEOUT_S
        )
    except OSError as problem:
        if problem.errno in (errno.EPERM, errno.EINVAL):
            return f"cannot be become here: {problem.strerror}"
        return f"cannot run {program}: {problem.strerror}"
    return "cannot import pytest_vessel" if done.returncode else ""


@functools.cache
def _gate() -> Need:
    problem = seccomp.available().reason
    mend = "Run on Linux 5.5 or newer, outside a sandbox that forbids seccomp listeners."
    return Need("gate", "hold system calls (seccomp notification)", problem, mend if problem else "")


@functools.cache
def _userns() -> Need:
    problem = _tried("kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS | kernel.CLONE_NEWPID)")
    return Need(
        "userns",
        "user namespaces",
        f"user namespaces are forbidden here: {problem}" if problem else "",
        _USERNS_MEND if problem else "",
    )


@functools.cache
def _mounts() -> Need:
    flags = "kernel.CLONE_NEWNS" if os.geteuid() == 0 else "kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS"
    problem = _tried(f"kernel.unshare({flags}); kernel.mount('none', '/', flags=kernel.MS_REC | kernel.MS_PRIVATE)")
    return Need(
        "mounts",
        "private mounts",
        f"private mounts are forbidden here: {problem}" if problem else "",
        _USERNS_MEND if problem else "",
    )


def _tried(statement: str) -> str:
    """What goes wrong when a child tries it; empty where nothing does."""
    program = f"from pytest_vessel.system import kernel; {statement}"
    done = subprocess.run(
        [sys.executable, "-c", program], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_TIMEOUT_S
    )
    return done.stderr.strip().splitlines()[-1].partition("] ")[2] or "refused" if done.returncode else ""


def _root() -> Need:
    what = "implementations that only root can run"
    return Need("root", what) if os.geteuid() == 0 else Need("root", what, "we are not root", "Run as root.")


@functools.cache
def _probe() -> Need:
    what = "the static probe, payload of every run"
    try:
        compile.probe()
    except Inconclusive as problem:
        return Need("probe", what, problem.what, problem.mend)
    return Need("probe", what)


def _bubblewrap() -> Need:
    what = "the implementation bubblewrap, and vessel_bwrap"
    try:
        bwrap.program()
    except Inconclusive as problem:
        return Need("bubblewrap", what, problem.what, problem.mend)
    return Need("bubblewrap", what)


def _program(name: str, programs: tuple[str, ...], what: str, package: str) -> Callable[[], Need]:
    def check() -> Need:
        if any(shutil.which(program) for program in programs):
            return Need(name, what)
        return Need(name, what, f"{name} is not installed", f"apt install {package}")

    return check


_LOOKS: dict[str, Callable[[], Need]] = {
    "probe": _probe,
    "gate": _gate,
    "userns": _userns,
    "mounts": _mounts,
    "root": _root,
    "bubblewrap": _bubblewrap,
    "flatpak": _program("flatpak", ("flatpak",), "the implementation flatpak", "flatpak"),
    "strace": _program("strace", ("strace",), "vessel_trace, by-hand checks", "strace"),
    "mmdebstrap": _program("mmdebstrap", ("mmdebstrap",), "runtimes from a Debian suite", "mmdebstrap"),
    "zstd": _program("zstd", ("zstd",), "runtimes from images and archives that zstd has packed", "zstd"),
    "compiler": _program("compiler", ("cc", "gcc", "clang"), "builds the probe in a checkout", "gcc"),
}

NAMES = (*_LOOKS, "user")
"""Every need, by name."""
