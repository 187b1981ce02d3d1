"""Functions of scripts that read what was logged: the names that system calls were given, the lines of a log."""

from __future__ import annotations

import subprocess
from pathlib import Path

from pytest_vessel.report.by_hand.fragments import functions_for

TRACE = """\
10 execve("/opt/acme", ["acme", "prepare"], 0x7ffe /* 3 vars */) = 0
10 readlink("/proc/self/fd/5", "/c/over", 4096) = 7
10 mkdirat(5</c/over>, "lib", 0755) = 0
10 symlinkat("/run/provider/liba.so", 5</c/over>, "lib/a") = 0
11 stat("lib", <unfinished ...>
10 clone(child_stack=NULL, flags=SIGCHLD) = 11
11 <... stat resumed>0x7ffe) = -1 ENOENT (No such file or directory)
11 execve("/opt/helper", ["helper", "--dest=/c/over"], 0x7ffe /* 3 vars */) = 0
11 chdir("/c") = 0
12 openat(AT_FDCWD</c>, "over/x", O_WRONLY|O_CREAT, 0666) = 3</c/over/x>
11 vfork() = 12
11 --- SIGCHLD {si_signo=SIGCHLD} ---
11 +++ exited with 0 +++
10 getcwd("/c/over", 4096) = 8
"""
ACTS = """\
launcher here execve("/opt/acme", ["acme", "prepare"], 0x7ffe /* 3 vars */) = 0
launcher here readlink("/proc/self/fd/5"
launcher here mkdirat(5, "lib", 0755) = 0
launcher here symlinkat(5, "lib/a") = 0
launcher here stat("lib", <unfinished ...>
launcher here clone(child_stack=NULL, flags=SIGCHLD) = 11
helper here execve("/opt/helper", ["helper", "--dest=/c/over"], 0x7ffe /* 3 vars */) = 0
helper here chdir("/c") = 0
helper away openat(AT_FDCWD, "over/x", O_WRONLY|O_CREAT, 0666) = 3
helper away vfork() = 12
"""


def said(command: str, work: Path) -> str:
    """What a command says, with the functions that it uses."""
    text = "\n".join((*functions_for(command), command))
    done = subprocess.run(
        ["sh", "-c", text], env={"PATH": "/usr/bin:/bin", "WORK": str(work)}, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_who_gives_which_names_from_where(tmp_path: Path) -> None:
    (tmp_path / "trace").write_text(TRACE)
    assert said("acts", tmp_path) == ACTS


def test_calls_that_change_what_they_name(tmp_path: Path) -> None:
    (tmp_path / "trace").write_text(TRACE)
    changing = [line for line in ACTS.splitlines() if any(word in line for word in ("mkdirat", "symlinkat", "O_CREAT"))]
    assert said("acts | changes", tmp_path).splitlines() == changing
    others = [line for line in ACTS.splitlines() if line not in changing]
    assert said("acts | changes -v", tmp_path).splitlines() == others


def test_arguments_of_a_program_are_no_messages(tmp_path: Path) -> None:
    messages = ["acme[12]: I: made: 'a' 'b'", "acme: it's", "'", "acme: the copy is '/c'", "acme: 3: '/c'"]
    arguments = ["acme[12]: D: \t'--bind'", "acme[12]: D:     '/c'", "'it is'", "acme: ''"]
    (tmp_path / "one.err").write_text("\n".join([*arguments, *messages, ""]))
    assert said("messages one", tmp_path).splitlines() == messages
