"""The conversation of the static probe, by its pipes alone."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import socket
import stat
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polling import wait_until

from pytest_vessel.system import locks
from pytest_vessel.system.compile import probe

OFD_SETLK, OFD_GETLK = 37, 36


class Talk:
    """One probe and both ends of its conversation."""

    def __init__(self, *, pass_fds: tuple[int, ...] = ()) -> None:
        self.process = subprocess.Popen(
            [str(probe()), "talk", "n0nce"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=pass_fds
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.stdin, self.stdout = self.process.stdin, self.process.stdout
        self.ready = self.stdout.readline()

    def send(self, line: bytes) -> None:
        self.stdin.write(line)
        self.stdin.flush()

    def __call__(self, *words: str | bytes | Path | int) -> str:
        self.send(b" ".join(escaped(word) for word in words) + b"\n")
        return self.answer()

    def answer(self) -> str:
        line = self.stdout.readline()
        assert line.startswith(b"= ")
        assert line.endswith(b"\n")
        return line[2:-1].decode("ascii")

    def end(self) -> int:
        """EOF, then its status."""
        self.stdin.close()
        return self.process.wait(timeout=10)

    def close(self) -> None:
        self.stdin.close()
        self.stdout.read()  # until the last process of the conversation, a daemon too, is gone
        self.stdout.close()
        self.process.wait(timeout=10)


def escaped(word: str | bytes | Path | int) -> bytes:
    raw = word if isinstance(word, bytes) else os.fsencode(word) if isinstance(word, Path) else str(word).encode()
    return quote_from_bytes(raw, safe=b"/~!|:;,.=+").encode()


@pytest.fixture
def talk() -> Iterator[Talk]:
    talk = Talk()
    yield talk
    talk.close()


@pytest.fixture(scope="module")
def module_talk() -> Iterator[Talk]:
    talk = Talk()
    yield talk
    talk.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "lock file"
    path.write_bytes(b"x" * 10)
    return path


def flock_struct(kind: int, start: int = 0, length: int = 0) -> bytes:
    return struct.pack("hhqqi4x", kind, os.SEEK_SET, start, length, 0)


def conflict(path: Path) -> int:
    """The type of the lock that an exclusive OFD lock of ours would meet."""
    with path.open("rb") as opened:
        return int(struct.unpack_from("h", fcntl.fcntl(opened, OFD_GETLK, flock_struct(fcntl.F_WRLCK)))[0])


def test_ready_line_has_nonce_and_pid(talk: Talk) -> None:
    assert talk.ready == b"vessel-ready n0nce %d\n" % talk.process.pid


def test_ends_with_the_status_that_was_set(talk: Talk) -> None:
    assert talk("status", 17) == "ok"
    assert talk.end() == 17


def test_ends_with_0_at_eof(talk: Talk) -> None:
    assert talk.end() == 0


def test_exit_answers_and_exits_at_once(talk: Talk) -> None:
    assert talk("exit", 9) == "ok"
    assert talk.process.wait(timeout=10) == 9


@pytest.mark.parametrize("follow", [True, False])
def test_stat_tells_what_the_kernel_tells(talk: Talk, file: Path, follow: bool) -> None:
    link = file.with_name("link")
    link.symlink_to(file)
    seen = link.stat(follow_symlinks=follow)
    device = f"{os.major(seen.st_dev)}:{os.minor(seen.st_dev)}"
    expected = f"stat {device} {seen.st_ino} {seen.st_mode:o} {seen.st_size} {seen.st_nlink}"
    assert talk("stat" if follow else "lstat", link) == expected


@pytest.mark.parametrize("command", ["stat", "lstat", "unlink", "list"])
def test_missing_file_is_an_errno(talk: Talk, tmp_path: Path, command: str) -> None:
    assert talk(command, tmp_path / "none") == f"errno {errno.ENOENT}"
    assert talk(command, "") == f"errno {errno.ENOENT}"


def test_fds_lists_what_was_inherited_and_not_its_own(file: Path) -> None:
    with file.open("rb") as opened:
        talk = Talk(pass_fds=(opened.fileno(),))
        inherited, seen = opened.fileno(), os.fstat(opened.fileno())
    assert talk("lock", 3, file, "r", "ofd", "shared", "nowait", 0, 0) == "locked"
    entries = dict(entry.split(":", 1) for entry in talk("fds").split()[1:])
    talk.close()
    assert set(entries) >= {"0", "1", "2"}
    ours = f"{os.major(seen.st_dev)}:{os.minor(seen.st_dev)}:{seen.st_ino}:{seen.st_mode:o}"
    assert [number for number, rest in entries.items() if rest == ours] == [str(inherited)]


def test_free_file_is_free(talk: Talk, file: Path) -> None:
    assert talk("test", file, "exclusive", 0, 0) == "free"


def test_test_tells_the_conflicting_ofd_lock(talk: Talk, file: Path) -> None:
    with file.open("rb") as opened:
        fcntl.fcntl(opened, OFD_SETLK, flock_struct(fcntl.F_RDLCK, 5, 7))
        assert talk("test", file, "exclusive", 0, 0) == "conflict shared -1 5 7"
        assert talk("test", file, "shared", 0, 0) == "free"
        assert talk("test", file, "exclusive", 12, 1) == "free"


def test_test_tells_the_conflicting_posix_lock(talk: Talk, file: Path) -> None:
    with file.open("r+b") as opened:
        fcntl.lockf(opened, fcntl.LOCK_EX)
        assert talk("test", file, "shared", 3, 1) == f"conflict exclusive {os.getpid()} 0 0"


@pytest.mark.parametrize("access", ["r", "rw"])
@pytest.mark.parametrize("kind", ["ofd", "posix"])
@pytest.mark.parametrize("wait", ["wait", "nowait"])
def test_lock_is_held_until_unlock(talk: Talk, file: Path, access: str, kind: str, wait: str) -> None:
    assert talk("lock", 15, file, access, kind, "shared", wait, 0, 0) == "locked"
    assert conflict(file) == fcntl.F_RDLCK
    assert talk("unlock", 15) == "ok"
    assert conflict(file) == fcntl.F_UNLCK


def test_exclusive_lock_of_a_range(talk: Talk, file: Path) -> None:
    assert talk("lock", 0, file, "w", "ofd", "exclusive", "nowait", 3, 4) == "locked"
    with file.open("rb") as opened:
        answer = fcntl.fcntl(opened, OFD_GETLK, flock_struct(fcntl.F_RDLCK))
    assert struct.unpack("hhqqi4x", answer) == (fcntl.F_WRLCK, os.SEEK_SET, 3, 4, -1)


def test_flock_conflicts_with_flock_alone(talk: Talk, file: Path) -> None:
    assert talk("lock", 0, file, "r", "flock", "exclusive", "nowait", 0, 0) == "locked"
    assert conflict(file) == fcntl.F_UNLCK
    with file.open("rb") as opened, pytest.raises(BlockingIOError):
        fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)


@pytest.mark.parametrize("kind", ["ofd", "posix", "flock"])
def test_refused_lock_is_a_lock_errno_and_leaves_the_handle_free(talk: Talk, file: Path, kind: str) -> None:
    with file.open("r+b") as opened:
        fcntl.fcntl(opened, OFD_SETLK, flock_struct(fcntl.F_WRLCK))
        fcntl.flock(opened, fcntl.LOCK_EX)
        assert talk("lock", 0, file, "rw", kind, "shared", "nowait", 0, 0) == f"lock-errno {errno.EAGAIN}"
    assert talk("lock", 0, file, "rw", kind, "shared", "nowait", 0, 0) == "locked"


def test_missing_file_is_an_open_errno_and_not_created(talk: Talk, file: Path) -> None:
    missing = file.with_name("missing")
    assert talk("lock", 0, missing, "rw", "ofd", "shared", "nowait", 0, 0) == f"open-errno {errno.ENOENT}"
    assert not missing.exists()


def test_waiting_lock_is_answered_after_the_release(talk: Talk, file: Path) -> None:
    with file.open("r+b") as opened:
        fcntl.fcntl(opened, OFD_SETLK, flock_struct(fcntl.F_WRLCK))
        talk.send(b"lock 0 %b r ofd shared wait 0 0\n" % escaped(file))
        assert wait_until(lambda: locks.somebody_waits(file), 10)
    assert talk.answer() == "locked"


def test_handle_in_use_and_unused_handle_are_usage(talk: Talk, file: Path) -> None:
    words = ("lock", 1, file, "r", "ofd", "shared", "nowait", 0, 0)
    assert talk("unlock", 1).startswith("usage unlock")
    assert talk(*words) == "locked"
    assert talk(*words).startswith("usage lock")


def test_strip_drops_every_lock_that_the_process_can_drop(file: Path) -> None:
    other = file.with_name("other")
    other.touch()
    with file.open("r+b") as opened, other.open("r+b") as inherited:
        fcntl.fcntl(inherited, OFD_SETLK, flock_struct(fcntl.F_WRLCK))
        talk = Talk(pass_fds=(inherited.fileno(),))
        assert talk("lock", 0, file, "rw", "posix", "exclusive", "nowait", 0, 0) == "locked"
        assert talk("lock", 1, file, "r", "flock", "shared", "nowait", 0, 0) == "locked"
        stripped = talk("strip", file, other, file.with_name("missing"))
        assert stripped.startswith("stripped ")
        assert int(stripped.split()[1]) >= 5  # two handles, one inherited, two paths
        assert conflict(file) == conflict(other) == fcntl.F_UNLCK
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        assert {entry.split(":")[0] for entry in talk("fds").split()[1:]} == {"0", "1", "2"}
        assert talk("lock", 0, file, "r", "ofd", "shared", "nowait", 0, 0) == "locked"
        talk.close()


def test_strip_reads_a_read_only_file(talk: Talk, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    before = int(talk("strip").split()[1])
    assert before == 0
    assert talk("strip", "/proc/version", fifo) == "stripped 2"


def test_daemon_carries_on_in_a_session_of_its_own(talk: Talk, file: Path) -> None:
    assert talk("lock", 0, file, "r", "ofd", "shared", "nowait", 0, 0) == "locked"
    word, pid = talk("daemon", 5).split()
    assert word == "daemon"
    assert talk.process.wait(timeout=10) == 5
    own_pid, _parent, session = talk("pids").split()[1:]
    assert own_pid == pid != str(talk.process.pid)
    assert int(session) not in (os.getsid(0), talk.process.pid)
    assert conflict(file) == fcntl.F_RDLCK


def test_daemon_can_be_asked_twice_and_ends_at_eof(talk: Talk) -> None:
    first, second = talk("daemon", 0), talk("daemon", 1)
    assert first != second
    talk.stdin.close()
    assert talk.stdout.read() == b""


def test_ignored_signal_does_not_end_it(talk: Talk) -> None:
    assert talk("ignore", int(signal.SIGTERM)) == "ok"
    talk.process.send_signal(signal.SIGTERM)
    assert talk("status", 3) == "ok"
    assert talk.end() == 3


def test_other_signal_ends_it(talk: Talk) -> None:
    assert talk("ignore", int(signal.SIGKILL)) == f"errno {errno.EINVAL}"
    talk.process.send_signal(signal.SIGTERM)
    assert talk.process.wait(timeout=10) == -signal.SIGTERM


def test_touch_creates_once(talk: Talk, tmp_path: Path) -> None:
    made = tmp_path / "made"
    assert talk("touch", made, "600") == "ok"
    assert stat.filemode(made.stat().st_mode) == "-rw-------"
    assert talk("touch", made, "600") == f"errno {errno.EEXIST}"
    assert talk("touch", tmp_path / "no" / "such", "600") == f"errno {errno.ENOENT}"


def test_write_replaces_the_content_of_an_existing_file(talk: Talk, file: Path) -> None:
    assert talk("write", file, b"two words\n") == "ok"
    assert file.read_bytes() == b"two words\n"
    assert talk("write", file, "") == "ok"
    assert file.read_bytes() == b""
    assert talk("write", file.with_name("none"), "x") == f"errno {errno.ENOENT}"
    assert talk("write", "/dev/full", "x") == f"errno {errno.ENOSPC}"


def test_unlink_and_list(talk: Talk, tmp_path: Path) -> None:
    names = {b"plain", b"with space", b"per%cent", b"line\nfeed", b"\xff\x01"}
    for name in names:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).touch()
    assert {unquote_to_bytes(name) for name in talk("list", tmp_path).split()[1:]} == names
    for name in names:
        assert talk("unlink", os.fsencode(tmp_path) + b"/" + name) == "ok"
    assert talk("list", tmp_path) == "list"


def test_list_of_a_large_folder_is_complete(talk: Talk, tmp_path: Path) -> None:
    names = {f"{number:04}-{'n' * 100}" for number in range(1500)}
    for name in names:
        (tmp_path / name).touch()
    assert set(talk("list", tmp_path).split()[1:]) == names
    assert talk("list", tmp_path / min(names)) == f"errno {errno.ENOTDIR}"


def test_pids(talk: Talk) -> None:
    assert talk("pids") == f"pids {talk.process.pid} {os.getpid()} {os.getsid(0)}"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (b"", "unknown"),
        (b" ", "unknown"),
        (b"STAT /", "unknown"),
        (b"stat", "usage stat PATH"),
        (b"stat  /", "usage stat PATH"),
        (b"fds now", "usage fds"),
        (b"\xff\xfe", "unknown"),
        (b"stat %", "bad-escape"),
        (b"stat %4", "bad-escape"),
        (b"stat %4g", "bad-escape"),
        (b"stat /%00", "bad-escape"),
        (b"stat /\0", "bad-escape"),
        (b"status 256", "usage status STATUS"),
        (b"status -1", "usage status STATUS"),
        (b"status 99999999999999999999999", "usage status STATUS"),
        (b"status ", "usage status STATUS"),
        (b"touch /x 8", "usage touch PATH MODE_OCTAL"),
        (b"test / both 0 0", "usage test PATH shared|exclusive START LENGTH"),
        (b"test / shared x 0", "usage test PATH shared|exclusive START LENGTH"),
        (b"%73%74atus 4", "ok"),
    ],
)
def test_garbage_is_answered(module_talk: Talk, line: bytes, answer: str) -> None:
    module_talk.send(line + b"\n")
    assert module_talk.answer() == answer


def test_usage_of_lock_names_every_word(talk: Talk) -> None:
    assert talk("lock", 16, "/", "r", "ofd", "shared", "wait", 0, 0) == (
        "usage lock FREE_HANDLE PATH r|w|rw ofd|posix|flock shared|exclusive wait|nowait START LENGTH"
    )


@pytest.mark.parametrize("excess", [0, 1, 70000])
def test_lines_of_64_kib_and_longer(talk: Talk, excess: int) -> None:
    talk.send(b"write /dev/null " + b"a" * (65536 - 16 + excess) + b"\n")
    assert talk.answer() == ("too-long" if excess else "ok")
    assert talk("status", 0) == "ok"


@pytest.mark.parametrize(("count", "answer"), [(1023, "stripped 0"), (1024, "too-long"), (30000, "too-long")])
def test_many_words(talk: Talk, count: int, answer: str) -> None:
    talk.send(b"strip" + b" ?" * count + b"\n")
    assert talk.answer() == answer


def test_line_that_was_cut_is_not_executed(talk: Talk, file: Path) -> None:
    talk.send(b"unlink " + escaped(file))
    assert talk.end() == 0
    assert file.exists()


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(content=st.binary(max_size=300).filter(lambda content: b"\0" not in content))
def test_any_word_arrives_as_it_was_sent(module_talk: Talk, file: Path, content: bytes) -> None:
    assert module_talk("write", file, content) == "ok"
    assert file.read_bytes() == content


name_bytes = st.binary(min_size=1, max_size=80).filter(lambda name: not set(name) & set(b"\0/") and name.strip(b"."))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(name=name_bytes)
def test_any_name_comes_back_as_it_is(module_talk: Talk, tmp_path: Path, name: bytes) -> None:
    folder = tmp_path / "names"
    folder.mkdir(exist_ok=True)
    path = os.fsencode(folder) + b"/" + name
    assert module_talk("touch", path, "600") == "ok"
    listed = module_talk("list", folder)
    assert module_talk("unlink", path) == "ok"
    assert unquote_to_bytes(listed.removeprefix("list ")) == name


@settings(deadline=None, max_examples=200)
@given(line=st.binary(max_size=300).filter(lambda line: b"\n" not in line))
def test_any_line_gets_one_answer(module_talk: Talk, line: bytes) -> None:
    module_talk.send(b"~" + line + b"\n")
    assert module_talk.answer() in ("unknown", "bad-escape")


def test_input_in_single_bytes(talk: Talk) -> None:
    for byte in b"status 7\n":
        talk.send(bytes([byte]))
    assert talk.answer() == "ok"
    assert talk.end() == 7


def test_trampoline_executes_with_arguments_and_environment() -> None:
    argv = [str(probe()), "/bin/sh", "-c", 'echo "$0 $1 $WORD"; exit 3', "zero", "one"]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, env={"WORD": "word"})
    assert (done.returncode, done.stdout) == (3, "zero one word\n")


def test_stays_without_streams_until_a_signal_ends_it() -> None:
    stays = subprocess.Popen([str(probe()), "stay", "x"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        stat_file = Path(f"/proc/{stays.pid}/stat")
        assert wait_until(lambda: stat_file.read_text().rpartition(") ")[2].startswith("S "), timeout_s=10)
    finally:
        stays.terminate()
    assert stays.wait(10) == -signal.SIGTERM


@pytest.mark.parametrize(("program", "status"), [("/no/such", 127), ("/etc/passwd", 126), ("/", 126)])
def test_trampoline_that_cannot_execute(program: str, status: int) -> None:
    done = subprocess.run([str(probe()), program], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == status
    assert done.stderr.startswith(f"probe: cannot execute {program}: errno ")


@pytest.mark.parametrize("words", [[], ["talk"], ["stay"], ["talk", "a", "b"], ["relative/path"], ["-h"]])
def test_other_use_is_explained(words: list[str]) -> None:
    done = subprocess.run([str(probe()), *words], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr == "usage: probe talk NONCE | probe stay NONCE | probe /ABSOLUTE/PATH ARGS...\n"


def test_works_over_a_socket(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    with (
        ours,
        theirs,
        subprocess.Popen([str(probe()), "talk", "s"], stdin=theirs.fileno(), stdout=theirs.fileno()) as process,
    ):
        theirs.close()
        with ours.makefile("rwb") as stream:
            assert stream.readline() == b"vessel-ready s %d\n" % process.pid
            stream.write(b"exit 2\n")
            stream.flush()
            assert stream.readline() == b"= ok\n"
        assert process.wait(timeout=10) == 2
