"""What a script shows: a kind of scene, and what varies in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Values = Mapping[str, str]
Scenarios = Mapping[str, "Scenario"]
"""By the label of a case, or the id of a clause for its only case or its case `run`."""

SLOW: Values = {"DELAY_US": "1500000"}
"""So long strace delays a call."""

MAKES = "?mkdir,mkdirat,?link,linkat,?symlink,symlinkat"
DELETES = "?unlink,unlinkat,?rmdir,?rename,?renameat,renameat2"
"""Names of system calls, as strace wants them."""


@dataclass(frozen=True)
class Scenario:
    """One kind of scene, and what varies in it.

    Attributes:
        scene: name of its shell text.
        values: shell variables that it reads; templates of the record.
        of_seen: more of them, out of the observation, where there is one.
        verb: what is under test: in the scene `remove` is `remover`, `collect` is `cleaner`, everything else `subject`.
        last: whether the last start of the verb is the one to show, where they differ.
        other: a second verb, or the other start where it is the same.
        other_name: what the scene calls that.
        of_parent: whether `$REF` is the lock file of the folder of copies.
        read_only_ref: `.ref` may be read by the unprivileged user, and not be written.
    """

    scene: str
    values: Values = field(default_factory=dict)
    of_seen: Callable[[Any], Values] = lambda _seen: {}
    verb: str = "run"
    last: bool = False
    other: str = ""
    other_name: str = "cleaner"
    of_parent: bool = False
    read_only_ref: bool = False


def deleting_call(seen: Any) -> Values:
    """The call before which a lock was granted and after which something was gone, or else the first of all."""
    attempts = seen.get("attempts") or [{"call": "unlinkat"}]
    lost = [one for one in attempts if one.get("granted") and one.get("lost")]
    return {"CALL": str((lost or attempts)[0]["call"])}
