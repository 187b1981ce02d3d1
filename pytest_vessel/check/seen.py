"""What was seen of an adapter that was tried out: frozen facts without an opinion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_vessel.observation.locks import LockTable
from pytest_vessel.observation.process import Ending, Start

TOLD_STATUS = 7
"""The status that a payload is told to end with."""
JUDGED = "The suite judges this; here it is only said."
"""What there is to do about an implementation's own doing."""

UNTRIABLE = "it cannot be tried"
"""What is seen of a value where the trial itself failed."""


@dataclass(frozen=True)
class Process:
    """One process of a call: its pid on this machine, its name, and how deep below the launcher (0) it is."""

    pid: int
    name: str
    depth: int


@dataclass(frozen=True)
class RoleFile:
    """A file of the layout while a payload ran, and when the call was over.

    Attributes:
        role: as clauses call it (`SRC/.ref`).
        key: the key of the adapter that says where it is (`layout.ref`).
        path: that place.
        target: the file there, or behind the link there; empty where there is none.
        during, after: its locks; None where it was not there, or nobody looked.
    """

    role: str
    key: str
    path: str
    target: str
    during: LockTable | None
    after: LockTable | None = None


@dataclass(frozen=True)
class Entry:
    """What a call has made in PARENT; `matches`: the pattern `layout.copies` does."""

    name: str
    is_folder: bool
    matches: bool


@dataclass(frozen=True)
class Content:
    """Where a runtime's content should lie by a key of the layout, and the folders where it was found."""

    key: str
    expected: str
    found: tuple[str, ...]


@dataclass(frozen=True)
class Driven:
    """One call of a verb, from its start to its end. Paths are given as `WORK/...`, `SRC/...`, `PARENT/...`.

    Attributes:
        verb: its name.
        layout: of the runtime that it was given; empty where it was given none.
        argv, environment: what was started, and what the adapter adds to the environment.
        start: how its payload started; None where the verb has none.
        starts_as: where no payload started: the layout whose words start it.
        starts_at: where no payload started: the template of `layout.src` that starts it.
        answers: whether the payload has heard us, and we it; None where it was not asked.
        speechless: the payload executed, and its greeting did not come.
        waits: it waited for a lock that somebody may hold for long (`collect`).
        ending: how the call ended; it was told `TOLD_STATUS` where it has a payload.
        started_s: from the start to the payload's greeting, in seconds.
        took_s: from the start to the end.
        processes: those that were there while the payload ran.
        files: the lock files.
        elsewhere: other files below the work folder on which its processes held locks.
        inside: paths inside that are promised to lead to the lock file, and where they lead; empty: nowhere.
        entries: what is new in PARENT.
        contents: where its runtime's content lies.
        output: what it printed.
        told: the copy that `layout.copy_from` finds in that, empty where it finds none; None where it is not declared.
        trouble: why it could not be driven at all, and `mend`.
    """

    verb: str
    layout: str = ""
    argv: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    start: Start | None = None
    starts_as: str = ""
    starts_at: str = ""
    answers: bool | None = None
    speechless: bool = False
    waits: bool = False
    ending: Ending | None = None
    started_s: float | None = None
    took_s: float | None = None
    processes: tuple[Process, ...] = ()
    files: tuple[RoleFile, ...] = ()
    elsewhere: tuple[str, ...] = ()
    inside: tuple[tuple[str, str], ...] = ()
    entries: tuple[Entry, ...] = ()
    contents: tuple[Content, ...] = ()
    output: str = ""
    told: str | None = None
    trouble: str = ""
    mend: str = ""

    @property
    def where(self) -> str:
        """The verb, with the layout where it has one."""
        return f"{self.verb} ({self.layout})" if self.layout else self.verb

    @property
    def works(self) -> bool:
        """Whether the verb did what it is for: its payload ran, or it ended well."""
        if self.trouble or self.ending is None:
            return False
        return self.start.ready if self.start else self.ending.succeeded


@dataclass(frozen=True)
class Effect:
    """What became of a verb when one of its placeholders, or one choice, was given each of its values.

    Attributes:
        verb: the verb.
        name: `{runtime}`, a choice (`mode`), or a role (`layout.parent_ref`).
        question: what was looked at.
        expected: what each value means, in the order in which they were tried.
        seen: what was seen of each.
        finding: an answer that is a matter of the suites: the implementation's doing, not the adapter's.
    """

    verb: str
    name: str
    question: str
    expected: Mapping[str, str]
    seen: Mapping[str, str]
    finding: str = ""

    @property
    def tried(self) -> bool:
        """Whether each value could be tried."""
        return not any(answer.startswith(UNTRIABLE) for answer in self.seen.values())

    @property
    def key(self) -> str:
        """The key of the adapter that says what the values mean."""
        if self.name.startswith("{"):
            return f"verbs.{self.verb}"
        return self.name if "." in self.name else f"choices.{self.name}"


@dataclass(frozen=True)
class Notice:
    """Something that the author of an adapter should know.

    Attributes:
        key: the key of the adapter that it is about (`layout.ref`).
        where: the verb that showed it, and with which layouts of a runtime.
        what: what was seen.
        mend: what to do.
        wrong: verdicts that rest on it would be wrong. Else it is only said, and the suites judge it.
    """

    key: str
    where: str
    what: str
    mend: str = ""
    wrong: bool = True
