"""Made-up calls, and how strace writes them: an independent account of its format, for the reader's tests."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from hypothesis import strategies as st

from pytest_vessel.observation.trace import AT_FDCWD, Argument


def hexadecimal(data: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in data)


@dataclass(frozen=True)
class Written:
    """One argument: what strace writes, and what a reader should make of it."""

    text: str
    strings: tuple[str, ...] = ()
    truncated: bool = False
    descriptor: int | None = None
    path: str | None = None
    deleted: bool = False

    def agrees(self, read: Argument) -> bool:
        return (self.strings, self.truncated, self.descriptor, self.path, self.deleted) == (
            read.strings,
            read.truncated,
            read.descriptor,
            read.path,
            read.deleted,
        )


@dataclass
class WrittenCall:
    pid: int
    name: str
    args: list[Written]
    result: str = "0"
    returned: int | None = 0
    errno: str | None = None
    path: str | None = None
    split: int | None = None
    """Interrupted in the log after so many arguments."""
    lines: list[int] = field(default_factory=list)

    def begin(self) -> str:
        assert self.split is not None
        shown = "".join(f"{each.text}, " for each in self.args[: self.split])
        if self.split == len(self.args):
            shown = shown.removesuffix(", ")
        return f"{self.name}({shown} <unfinished ...>"

    def end(self) -> str:
        rest = ", ".join(each.text for each in self.args[self.split :])
        return f"<... {self.name} resumed>{rest}{self._result()}"

    def whole(self) -> str:
        text = f"{self.name}({', '.join(each.text for each in self.args)})"
        return f"{text:<16}" + self._result().removeprefix(")")

    def _result(self) -> str:
        return f") = {self.result}" + ("" if self.result == "?" else " <0.000012345>")


bytestrings = st.binary(max_size=12) | st.sampled_from(
    [b'"', b"\\", b"\n", b" <unfinished ...>", b"<...>", b") = 0", b"\xff\xfe", "\u202e".encode(), b", ", b"/*"]
)


@st.composite
def strings(draw: st.DrawFn) -> Written:
    data, cut = draw(bytestrings), draw(st.booleans())
    return Written(f'"{hexadecimal(data)}"' + "..." * cut, (os.fsdecode(data),), truncated=cut)


@st.composite
def descriptors(draw: st.DrawFn) -> Written:
    data, deleted = draw(bytestrings), draw(st.booleans())
    number = draw(st.integers(0, 9999) | st.just(AT_FDCWD))
    name = "AT_FDCWD" if number == AT_FDCWD else str(number)
    text = f"{name}<{hexadecimal(data)}>" + "(deleted)" * deleted
    return Written(text, descriptor=number, path=os.fsdecode(data), deleted=deleted)


@st.composite
def nested(draw: st.DrawFn) -> Written:
    inner = draw(st.lists(strings(), max_size=3))
    texts, found = [each.text for each in inner], tuple(one for each in inner for one in each.strings)
    shape = draw(
        st.sampled_from(["[{}]", "{{iov_base={}, iov_len=3}}", "{{sa_family=AF_UNIX, sun_path=@{}}}", "[({})]"])
    )
    return Written(shape.format(", ".join(texts)), found, any(each.truncated for each in inner))


plain = st.sampled_from(
    [
        *(
            "NULL",
            "-1",
            "0x7ffc51675a30 /* 35 vars */",
            "O_RDONLY|O_CLOEXEC",
            "1<<CAP_CHOWN|1<<CAP_KILL",
            "~[RTMIN RT_1]",
        ),
        *("{st_mode=S_IFREG|0644, st_size=35471, ...}", "[128 => 16]", "8192*1024", "makedev(0x8, 0x1)", "[]"),
        *("_IOC(_IOC_READ, 0x54, 0x13, 0x8)", "[{WIFEXITED(s) && WEXITSTATUS(s) == 0}]", "flags=CLONE_VM|SIGCHLD"),
        *("[{fd=3<\\x2f>, events=POLLIN}]", "0x55fa192754f0 /* 2 entries, more */", "{tv_sec=0, tv_nsec=10000000}"),
    ]
).map(Written)

results = st.sampled_from(
    [
        *(("0", 0, None, None), ("022", 18, None, None), ("0x1 (flags FD_CLOEXEC)", 1, None, None)),
        *(("-1 ENOENT (No such file or directory)", -1, "ENOENT", None), ("0 (Timeout)", 0, None, None)),
        *(("? ERESTARTSYS (To be restarted if SA_RESTART is set)", None, "ERESTARTSYS", None),),
        *(("3<\\x2f\\x61>", 3, None, "/a"), ("4<\\x0a\\x3e>(deleted)", 4, None, "\n>")),
        *(("1 ([{fd=3<\\x2f>, revents=POLLIN}], left {tv_sec=0, tv_nsec=9})", 1, None, None),),
        *(("-1 ENOSYS (Function not implemented) (INJECTED)", -1, "ENOSYS", None),),
        *(("0x7f37a5f30000", 0x7F37A5F30000, None, None), ("-1 E??? (errno 530)", -1, "E???", None)),
    ]
)
