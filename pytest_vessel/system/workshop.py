"""The workshop: what one pytest process has outside itself: a run folder and a zygote that serves it.

Everything that the harness starts is started here, so that everything ends with it, however it ends.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pytest_vessel.errors import HarnessError
from pytest_vessel.system import work

_BOOT = (
    "import sys; sys.path.insert(0, sys.argv[3]); from pytest_vessel.system.zygote import main; "
    "main(int(sys.argv[1]), sys.argv[2])"
)
_PACKAGES = str(Path(__file__).resolve().parents[2])
_START_TIMEOUT_S = 30.0


class Workshop:
    """A run folder and a zygote; use `opened`, or call `close` yourself.

    Guaranteed: after `close`, and within 2 s of a SIGKILL of this process, no process, mount or folder of it stays.
    Not guaranteed: the same where the zygote is killed too; then the next workshop removes the folder.
    """

    def __init__(self) -> None:
        try:
            base = work.base_folder()
        except (work.WorkFolderError, OSError) as problem:
            raise _no_work_folder(str(problem)) from None
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(_START_TIMEOUT_S)
        argv = [sys.executable, "-I", "-S", "-c", _BOOT, str(theirs.fileno()), base, _PACKAGES]
        with theirs:
            self._zygote = subprocess.Popen(
                argv,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
                cwd="/",
            )
        self._locks: list[int] = []
        hello = self._receive()
        if "broken" in hello:
            self.close()
            raise _no_work_folder(hello["broken"])
        self.folder = Path(hello["folder"])
        self.modes: tuple[str, ...] = tuple(hello["modes"])
        """Modes of the keeper that this machine allows, best first (see `system.keeper`)."""

    @property
    def pid(self) -> int:
        """The pid of the zygote."""
        return self._zygote.pid

    def fork(self, request: dict[str, Any], descriptors: Sequence[int]) -> int:
        """Have the zygote fork a child; the first descriptor is the child's socket. Returns its pid.

        Raises:
            HarnessError: the zygote is gone.
        """
        message = json.dumps(request).encode("utf-8", "surrogateescape")
        try:
            self._control.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, max(212992, 2 * len(message)))
            socket.send_fds(self._control, [message], list(descriptors))
        except OSError as problem:
            raise HarnessError(f"the zygote takes no request: {problem}", where=f"pid {self.pid}") from None
        return int(self._receive()["pid"])

    def _receive(self) -> dict[str, Any]:
        try:
            message, locks, _flags, _address = socket.recv_fds(self._control, 8192, 1)
        except OSError as problem:
            raise HarnessError(f"the zygote does not answer: {problem}", where=f"pid {self.pid}") from None
        if not message:
            raise HarnessError("the zygote has ended", where=f"pid {self.pid}")
        self._locks += locks
        answer: dict[str, Any] = json.loads(message)
        return answer

    @contextmanager
    def case_folder(self, keep_in: list[Path] | None = None) -> Iterator[Path]:
        """A folder for one test, removed at the end.

        Args:
            keep_in: where the test may ask, by appending nothing or a path, that the folder is moved there instead.
        """
        folder = Path(tempfile.mkdtemp(prefix="case-", dir=self.folder))
        folder.chmod(0o711)
        try:
            yield folder
        finally:
            if keep_in:
                folder.rename(keep_in[0])
            elif left := work.remove(str(folder)):
                raise HarnessError(f"could not be removed: {', '.join(left)}", where=str(folder))

    def kept_folder(self) -> Path:
        """A new path, outside the run folder, for a case folder that should stay."""
        return Path(tempfile.mkdtemp(prefix="kept-", dir=self.folder.parent)) / "work"

    def close(self) -> None:
        """End the zygote, which ends its children and removes the run folder; returns when that is done."""
        while self._locks:
            os.close(self._locks.pop())
        self._control.close()
        self._zygote.wait()


def _no_work_folder(why: str) -> HarnessError:
    return HarnessError(f"no work folder: {why}", mend="Set TMPDIR to a folder you can write.")


@contextmanager
def opened() -> Iterator[Workshop]:
    """A workshop for the time of a `with` block."""
    workshop = Workshop()
    try:
        yield workshop
    finally:
        workshop.close()
