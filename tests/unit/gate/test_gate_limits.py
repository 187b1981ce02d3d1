"""What surrounds a gate: signals, other ABIs, users, namespaces, and the end of the harness."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import platform
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest
from gate_world import DEADLINE_S, subject_of

from pytest_vessel.errors import HarnessError
from pytest_vessel.system import stage as stages
from pytest_vessel.system import workshop as workshops
from pytest_vessel.system.bpf import DELETES, EXECS, LOCKS, SET_LOCKS, Chosen
from pytest_vessel.system.kept import User
from pytest_vessel.system.seccomp import available

NOBODY = User("nobody", 65534, 65534)
ON_X86 = platform.machine() == "x86_64"

LOCK = """
import fcntl
file = open({path!r}, "r+")
fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
print("locked")
"""

INT80 = """
import ctypes, mmap, os, struct
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, *[ctypes.c_long] * 5]
page = libc.mmap(None, 4096, 7, 0x62, -1, 0)  # below 4 GiB: MAP_32BIT
def call(*words):
    loads = zip(b"\\xb8\\xbb\\xb9\\xba", words)  # eax, ebx, ecx, edx
    code = b"\\x53" + b"".join(bytes([load]) + struct.pack("<I", word) for load, word in loads)
    ctypes.memmove(page, code + b"\\xcd\\x80\\x5b\\xc3", len(code) + 4)
    return ctypes.CFUNCTYPE(ctypes.c_int)(page)()
def put(content):
    ctypes.memmove(page + 2048, content, len(content))
    return page + 2048
"""


@pytest.fixture
def path():
    """A file that every user can lock; pytest's own folders are closed to others."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        file = Path(folder, "ref")
        file.touch()
        file.chmod(0o666)
        yield str(file)


def pending(pid, number):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    mask = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith(("SigPnd", "ShdPnd"))}
    return any(int(value, 16) & (1 << (number - 1)) for value in mask.values())


def test_signals_wait_while_a_call_is_held(gated, path):
    """Needs kernel 5.19: the interpreter would see EINTR, and the call would come a second time."""
    source = (
        "import signal\nsignal.signal(signal.SIGUSR1, lambda *_: print('signalled'))\n"
        + LOCK.format(path=path)
        + "print('end')"
    )
    subject = gated(source, LOCKS)
    held = subject.next("fcntl")
    os.kill(subject.pid, signal.SIGUSR1)
    assert subject.gate.pump_until(lambda: pending(subject.pid, signal.SIGUSR1), DEADLINE_S)
    assert held.alive()
    assert held.go()
    assert sorted(subject.finish().split()) == ["end", "locked", "signalled"]
    assert len(subject.gate.log) == 1


def test_a_stopped_process_keeps_its_held_call(gated, path):
    subject = gated(LOCK.format(path=path), LOCKS)
    held = subject.next("fcntl")
    os.kill(subject.pid, signal.SIGSTOP)
    assert held.alive()
    os.kill(subject.pid, signal.SIGCONT)
    held.go()
    assert subject.finish() == "locked\n"


def test_an_injected_interruption_is_seen_as_one(gated, path):
    source = f"import ctypes; f = open({path!r}); libc = ctypes.CDLL(None, use_errno=True)\n"
    source += "print(libc.fcntl(f.fileno(), 6, 0), ctypes.get_errno())"
    subject = gated(source, LOCKS)
    subject.next("fcntl").fail(errno.EINTR)
    assert subject.finish() == f"-1 {errno.EINTR}\n"


def test_closing_the_gate_fails_held_and_later_calls(gated, tmp_path):
    """As does the death of the harness: its last descriptor goes."""
    source = """
import os
for _ in range(2):
    try: os.rmdir("/nonexistent")
    except OSError as problem: print(problem.errno)
"""
    subject = gated(source, DELETES)
    held = subject.next("rmdir")
    subject.gate.close()
    assert subject.finish().split() == [str(errno.ENOSYS)] * 2
    assert not held.alive()


def test_io_uring_is_refused_on_the_way(gated):
    source = "import ctypes; libc = ctypes.CDLL(None, use_errno=True)\n"
    source += "print(libc.syscall(425, 8, ctypes.create_string_buffer(256)), ctypes.get_errno())"
    assert gated(source, LOCKS).finish() == f"-1 {errno.ENOSYS}\n"


@pytest.mark.skipif(not ON_X86, reason="x86 alone has these ABIs")
class TestOtherAbis:
    def test_i386_pathnames(self, gated, tmp_path):
        victim = tmp_path / "victim"
        victim.touch()
        subject = gated(INT80 + f"print(call(10, put({bytes(victim)!r} + bytes(1))))", DELETES)
        held = subject.next("unlink")
        assert held.path() == bytes(victim)
        held.fail(errno.EROFS)
        assert subject.finish() == f"{-errno.EROFS}\n"
        assert victim.exists()

    @pytest.mark.parametrize(("number", "command", "layout"), [(55, 6, "<hhiii"), (221, 13, "<hhqqi")])
    def test_i386_locks(self, gated, path, number, command, layout):
        source = INT80 + f"f = os.open({path!r}, os.O_RDWR)\n"
        source += f"print(call({number}, f, {command}, put(struct.pack({layout!r}, 1, 0, 5, 6, 0))))\n"
        source += f"call({number}, f, 1, 0)"
        subject = gated(source, LOCKS)
        held = subject.next()
        lock = held.lock()
        assert (lock.command, lock.type, lock.start, lock.length) == (6, 1, 5, 6)
        assert held.file() == (Path(path).stat().st_dev, Path(path).stat().st_ino)
        held.pretend(77)
        assert subject.finish() == "77\n"
        assert len(subject.gate.log) == 1

    def test_i386_io_uring(self, gated):
        assert gated(INT80 + "print(call(425, 8, put(bytes(256))))", LOCKS).finish() == f"{-errno.ENOSYS}\n"

    def test_x32(self, gated):
        """Also where the kernel has no x32: a filter comes first."""
        source = "import ctypes; print(ctypes.CDLL(None).syscall(0x40000000 | 84, b'/nothing'))"
        subject = gated(source, DELETES)
        held = subject.next("rmdir")
        assert held.path() == b"/nothing"
        held.pretend(5)
        assert subject.finish() == "5\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming somebody else takes root")
@pytest.mark.parametrize(("user", "no_new_privs"), [(None, "0"), (NOBODY, "1")])
def test_privileges_are_lost_only_where_seccomp_demands_it(gated, user, no_new_privs):
    subject = gated(["grep", "-E", "NoNewPrivs|Uid|Groups", "/proc/self/status"], LOCKS, user=user)
    said = dict(line.split(":\t", 1) for line in subject.finish().splitlines())
    assert said["NoNewPrivs"] == no_new_privs
    assert said["Uid"].split()[0] == str(user.uid if user else 0)
    assert user is None or said["Groups"].strip() == ""


@pytest.mark.parametrize("user", [None, NOBODY], ids=["self", "nobody"])
def test_a_subject_in_namespaces_of_its_own(gated, path, user):
    if user and os.geteuid() != 0:
        user = None
    source = "import os; print(os.getpid() < 10)" + LOCK.format(path=path) + "os.rmdir('/gone')"
    subject = gated(source, (*SET_LOCKS, *DELETES), user=user, wrap=["unshare", "-Urpf"])
    held = subject.next("fcntl")
    assert held.pid > 10
    assert held.process == held.pid
    assert held.file() == (Path(path).stat().st_dev, Path(path).stat().st_ino)
    assert held.lock().whole
    held.go()
    assert subject.next("rmdir").path() == b"/gone"
    subject.gate.held[0].kill()
    subject.finish()
    assert subject.call.ending().failed


def as_nobody(act):
    """Run `act` in a forked child that is nobody; what it returned, through a pipe."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY.gid)
                os.setuid(NOBODY.uid)
            os.write(write, json.dumps(act()).encode())
        except BaseException as problem:
            os.write(write, json.dumps(repr(problem)).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return json.loads(said)


@pytest.mark.parametrize("wrap", [[], ["unshare", "-Urpf"]], ids=["plain", "namespaces"])
def test_the_harness_needs_no_privilege(path, wrap):
    def act():
        with workshops.opened() as workshop, stages.opened(workshop) as stage:
            subject = subject_of(stage, LOCK.format(path=path), (*EXECS, *LOCKS), wrap=wrap)
            started = os.fsdecode(subject.next("execve").path())
            subject.gate.let_go()
            while (held := subject.next()).call == "execve":
                held.go()
            seen = [held.call, held.file(), held.lock().whole, held.path(), held.process == held.pid]
            held.kill()
            return [*seen, subject.finish(), subject.call.ending().failed, Path(started).name]

    if not (can := available()):
        pytest.skip(can.reason)
    file = Path(path).stat()
    name = Path(wrap[0] if wrap else "python3").name
    assert as_nobody(act) == ["fcntl", [file.st_dev, file.st_ino], True, None, True, "", True, name]


def test_a_harness_in_an_inner_pid_namespace_sees_no_process(gated):
    """The kernel says pid 0 for a thread that the reader's namespace does not contain."""
    script = """
import sys
from pytest_vessel.system.gate import Gate
with Gate(int(sys.argv[1])) as gate:
    held = gate.next(20)
    print(held.pid, held.process, held.file(), held.target(), end=" ")
    try: held.kill()
    except Exception as problem: print(type(problem).__name__)
    held.fail(1)
"""
    subject = gated(["rmdir", "/nothing"], DELETES)
    argv = ["unshare", "-Urpf", os.path.realpath("/proc/self/exe"), "-c", script, str(subject.gate.fileno())]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    said = subprocess.run(argv, pass_fds=[subject.gate.fileno()], env=environment, capture_output=True, text=True)
    assert said.stdout == f"0 None None None {HarnessError.__name__}\n", said.stderr
    assert subject.end().status == 1


def test_a_tracer_works_behind_the_gate(gated, path, tmp_path):
    """strace uses ptrace, the gate does not."""
    log = tmp_path / "log"
    subject = gated(LOCK.format(path=path), LOCKS, wrap=["strace", "-f", "-o", str(log), "-e", "trace=fcntl"])
    while (held := subject.next()).file() != (Path(path).stat().st_dev, Path(path).stat().st_ino):
        held.go()
    held.fail(errno.ENOLCK)
    subject.gate.let_go()
    subject.finish()
    assert "ENOLCK" in log.read_text()


def test_several_choices_of_one_call(gated, path):
    """By command or by descriptor: a choice that fits is enough."""
    chosen = [Chosen("fcntl", 1, frozenset({fcntl.F_GETPIPE_SZ})), Chosen("fcntl", 0, frozenset({1000}))]
    source = """
import fcntl
for call in ((0, 3), (0, fcntl.F_GETPIPE_SZ), (1000, 3)):
    try: fcntl.fcntl(*call)
    except OSError: pass
"""
    subject = gated(source, chosen)
    subject.finish()
    assert [seen.arguments[:2] for seen in subject.gate.log] == [(0, fcntl.F_GETPIPE_SZ), (1000, 3)]
