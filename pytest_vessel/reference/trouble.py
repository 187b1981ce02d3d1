"""Errors: a sentence for the reader who caused it, and the exit status that goes with it."""

from __future__ import annotations

import os

FAILED = 1
"""Something could not be done."""
BUSY = 75
"""EX_TEMPFAIL of sysexits(3): somebody else holds a lock that excludes ours; later it may work."""
FORBIDDEN = 77
"""EX_NOPERM of sysexits(3): this machine does not permit what is needed."""
NOT_EXECUTABLE = 126
"""As in a shell: the command was found and cannot be executed."""
NOT_FOUND = 127
"""As in a shell: the command was not found."""


class Trouble(Exception):
    """Ends the program with one line on stderr and `status`; nothing that it says was half done is left half done."""

    def __init__(self, message: str, status: int = FAILED) -> None:
        super().__init__(message)
        self.status = status


class Busy(Trouble):
    """A lock on `path` is held by somebody else, and we were not told to wait."""

    def __init__(self, path: str, what: str) -> None:
        super().__init__(f"{path}: {what}", BUSY)


def tell(message: object) -> None:
    """Write one line to stderr, unbuffered; a closed stderr is no reason to fail."""
    try:
        os.write(2, f"vessel-reference: {message}\n".encode(errors="surrogateescape"))
    except OSError:
        pass
