"""Who names which file how, in logs of system calls that were written by hand."""

from __future__ import annotations

from pytest_vessel.conformance.overrides.namings import Namings
from pytest_vessel.system.stracelog import read

OVR = "/p/tmp-1/overrides"


def hexed(text: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def line(pid: int, text: str) -> str:
    """A line of strace from one with strings in double quotes and descriptors as `3<path>`."""
    parts = text.split('"')
    quoted = "".join(f'"{hexed(part)}"' if place % 2 else part for place, part in enumerate(parts))
    pieces = quoted.split("<")
    paths = [f"<{hexed(path)}>{rest}" for path, rest in (piece.split(">", 1) for piece in pieces[1:])]
    return f"{pid} 0.000001 {pieces[0]}{''.join(paths)}"


def namings(*lines: str) -> Namings:
    ends = [f"{pid} 0.000001 +++ exited with 0 +++" for pid in sorted({int(one.split()[0]) for one in lines})]
    trace = read([*lines, *ends])
    assert trace.complete, trace.unread
    return Namings.of(trace, "/cwd", OVR)


START = line(5, 'execve("/bin/launcher", ["launcher"], 0x1) = 0')
FORK = line(5, "vfork() = 6")
HELPER = line(6, f'execve("/bin/helper", ["helper", "--dest={OVR}/lib"], 0x1) = 0')


def test_a_helper_is_what_was_forked_and_executed() -> None:
    seen = namings(START, FORK, line(6, f'access("{OVR}", F_OK) = 0'), HELPER, line(6, f'mkdir("{OVR}/lib", 0755) = 0'))
    assert [(one.program, one.argv) for one in seen.executions] == [("helper", ("helper", f"--dest={OVR}/lib"))]
    assert [str(seen.use(one)) for one in seen.by_name] == ["launcher: access(OVR)", "helper: mkdir(OVR/lib)"]


def test_a_program_that_cannot_be_executed_makes_no_helper() -> None:
    failed = line(6, 'execve("/no/helper", ["helper"], 0x1) = -1 ENOENT (No such file or directory)')
    assert namings(START, FORK, failed).executions == ()


def test_names_from_a_descriptor_are_none_of_the_folder() -> None:
    seen = namings(
        START,
        line(5, f'mkdirat(7<{OVR}>, "lib", 0755) = 0'),
        line(5, 'symlink("/p/tmp-1/overrides/x", "/proc/self/fd/7/lib/x") = 0'),
        line(5, f'readlink("/proc/self/fd/7", "{OVR}", 99) = 18'),
    )
    assert seen.by_name == ()
    assert [one.path for one in seen.all if one.changes] == [f"{OVR}/lib", "/proc/self/fd/7/lib/x"]


def test_names_from_the_current_folder() -> None:
    seen = namings(
        START,
        line(5, 'mkdir("lib", 0755) = 0'),
        line(5, f'chdir("{OVR}") = 0'),
        line(5, 'mkdir("lib", 0755) = 0'),
        line(5, "fchdir(3</p/tmp-1>) = 0"),
        line(5, 'rename("overrides/a", "overrides/b") = 0'),
    )
    assert [one.path for one in seen.all if one.current] == ["/cwd/lib", f"{OVR}/lib", f"{OVR}/a", f"{OVR}/b"]
    assert [one.path for one in seen.by_name] == [OVR, f"{OVR}/a", f"{OVR}/b"]


def test_what_is_opened_to_be_made_is_a_change() -> None:
    seen = namings(
        START,
        line(5, f'openat(AT_FDCWD</cwd>, "{OVR}/a", O_RDONLY) = 3<{OVR}/a>'),
        line(5, f'openat(AT_FDCWD</cwd>, "{OVR}/O_CREAT", O_RDONLY) = 3<{OVR}/O_CREAT>'),
        line(5, f'openat(AT_FDCWD</cwd>, "{OVR}/b", O_WRONLY|O_CREAT, 0644) = 3<{OVR}/b>'),
    )
    assert [one.changes for one in seen.by_name] == [False, False, True]
    assert len(seen.lookups) == 2


def test_descriptors_of_the_folder() -> None:
    opened = line(5, f'openat(4</p/tmp-1>, "overrides", O_RDONLY|O_DIRECTORY) = 9<{OVR}>')
    other = line(5, f'openat(9<{OVR}>, "lib", O_RDONLY) = 8<{OVR}/lib>')
    made = line(5, f'mkdirat(9<{OVR}>, "lib", 0755) = 0')
    assert (namings(START, opened, made, other).opened.numbers, namings(START, opened, made).opened.early) == (
        (9,),
        True,
    )
    assert not namings(START, made, opened).opened.early
    assert not namings(START, other).opened.numbers
