"""What the tests of clean-up saw: one frozen record a question. No opinion in them."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_vessel.observation.process import Ending


@dataclass(frozen=True)
class Collected:
    """One pass over a PARENT with a candidate that the clause is about, and one that nobody uses beside it.

    Attributes:
        what: the candidate, in words.
        held: the lock that somebody held on it; empty where nobody did.
        lost: how many of its `total` names were gone after the pass.
        beside_gone: the other one went.
        outside: what changed outside PARENT, and locks that stayed on what lies there.
        ending: how the pass ended.
        later_gone: the candidate was gone after a second pass, once nobody held it; None where there was none.
        waited: the pass waited for a lock while somebody held the candidate's; `lost` and `changed` are of that moment.
        changed: names of the candidate whose mode or content was another while it was in use.
    """

    what: str
    held: str
    lost: int
    total: int
    beside_gone: bool
    outside: tuple[str, ...]
    ending: Ending
    later_gone: bool | None = None
    waited: bool = False
    changed: tuple[str, ...] = ()

    @property
    def gone(self) -> bool:
        """Whether nothing of the candidate is left."""
        return self.lost == self.total


@dataclass(frozen=True)
class Neighbours:
    """Two passes, each over a copy in use and one that nobody uses; which is which changes places.

    `lost`: names of the ones in use that went; `stayed`: the unused ones that stayed.
    """

    lost: int
    stayed: tuple[str, ...]
    ending: Ending


@dataclass(frozen=True)
class Stubborn:
    """One pass in which one entry of one candidate could not be deleted (EPERM).

    `refused`: how often; `copy`: the candidate's name; `others`, `others_gone`: how many others there were and how
    many went; `message`: all that the pass wrote to stderr.
    """

    refused: int
    copy: str
    others: int
    others_gone: int
    message: str
    ending: Ending


@dataclass(frozen=True)
class ParentWatch:
    """A pass looked at before each call that deletes something of a copy which still has its name in PARENT.

    `not_exclusive`: those without an exclusive lock on PARENT.
    """

    calls: int
    not_exclusive: tuple[str, ...]
    gone: bool
    ending: Ending


@dataclass(frozen=True)
class Skipped:
    """A pass while somebody held PARENT/.ref, and one after the release.

    `lost`: names of an unused copy that went while the lock was held; `gone`: the copy was gone in the end.
    """

    held: str
    lost: int
    gone: bool
    ending: Ending
