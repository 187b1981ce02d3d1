"""The implementation that says what we want to hear."""

from __future__ import annotations

import sys

from pytest_vessel.mutant.registry import mutant
from pytest_vessel.reference.program import Program, split

ANSWERS = {
    "stat": "stat 0:1 1 100644 0 1",
    "lstat": "lstat 0:1 1 100644 0 1",
    "fds": "fds 0:0:1:1:10600 1:0:1:2:10600 2:0:1:3:10600",
    "test": "conflict shared -1 0 0",
    "lock": "locked",
    "strip": "stripped 0",
    "daemon": "daemon 3",
    "list": "list .ref",
    "pids": "pids 2 1 1",
}
"""What the probe would say of a runtime that is in order, to commands whose answer is not simply `ok`."""


@mutant("parrot")
class Parrot(Program):
    """Does nothing, and says all that an implementation that works would say, in the name of the payload, too.

    Stands for every test that believes what it is told: a clause that it passes has looked at nothing.
    """

    def main(self, argv: list[str]) -> int:
        """Play the payload; returns the status that the payload is asked for."""
        if not (command := split(argv)[1]):
            print("copy: tmp-0123456789ab", flush=True)
            return 0
        print("vessel-ready", command[-1], 2, flush=True)
        status = 0
        for word, *rest in (line.split() for line in sys.stdin if line.strip()):
            if word in ("exit", "status", "daemon"):
                status = int(rest[0])
            print("=", ANSWERS.get(word, "ok"), flush=True)
            if word == "exit":
                break
        return status
