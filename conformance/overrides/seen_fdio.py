"""What was seen of how a copy's overrides were made: facts of the system calls, not the calls. No opinion in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from pytest_vessel.observation.process import Ending
from pytest_vessel.observation.tree import Tree, differences

_SHOWN = 5


@dataclass(frozen=True)
class Made:
    """One copy that was made.

    Attributes:
        ending: how that ended.
        seen_whole: whether all of its system calls are known.
        entries: how many there are below the overrides folder; None where the copy has none, or there is no copy.
    """

    ending: Ending
    seen_whole: bool
    entries: int | None


@dataclass(frozen=True)
class Use:
    """A call that named a path. `program`: of a helper, empty for the launcher."""

    program: str
    call: str
    path: str

    def __str__(self) -> str:
        return f"{self.program or 'launcher'}: {self.call}({self.path})"


@dataclass(frozen=True)
class Uses:
    """How many there were, and the first of them."""

    count: int
    first: tuple[Use, ...]

    @classmethod
    def of(cls, uses: Iterable[Use]) -> Uses:
        """Keep a few."""
        every = tuple(uses)
        return cls(len(every), tuple(islice(dict.fromkeys(every), _SHOWN)))

    def __str__(self) -> str:
        return f"{self.count} calls: " + "; ".join(map(str, self.first))


@dataclass(frozen=True)
class Helpers:
    """Programs that were executed. `told`: arguments with the absolute path of OVR; `named`: calls with it."""

    made: Made
    programs: tuple[str, ...]
    told: tuple[str, ...]
    named: Uses


@dataclass(frozen=True)
class Beside:
    """A run in a folder with empty folders of these `names`.

    `changed`: those that were not there and empty afterwards; `named`: calls that named one from the current folder.
    """

    made: Made
    names: tuple[str, ...]
    changed: tuple[str, ...]
    named: Uses


@dataclass(frozen=True)
class LookedUp:
    """Look-ups by an absolute name in one run: of all paths, and of each that was looked up more than once."""

    made: Made
    lookups: int
    repeats: Mapping[str, int]


@dataclass(frozen=True)
class Growth:
    """The same for a small provider and a large one."""

    small: LookedUp
    large: LookedUp


@dataclass(frozen=True)
class Changed:
    """Calls of the launcher that change something below OVR by an absolute name."""

    made: Made
    uses: Uses


@dataclass(frozen=True)
class Descriptors:
    """The numbers that OVR was opened under in one run; `early`: the first time before anything was made in there."""

    numbers: tuple[int, ...]
    early: bool


@dataclass(frozen=True)
class Opened:
    """Two runs alike, each with the descriptors of OVR."""

    made: tuple[Made, Made]
    descriptors: tuple[Descriptors, Descriptors]


@dataclass(frozen=True)
class Swapped:
    """A run in which another folder took the place of OVR.

    `held`: the call before which that happened, empty where none came; `opened`: what is in the folder that was there
    first; `decoy`: what is in the other.
    """

    held: str
    ending: Ending
    part: str
    opened: Tree | None
    decoy: Tree | None


@dataclass(frozen=True)
class Diverted:
    """A run with a runtime that has a link in the way.

    `outside`: how many entries were where that leads; `changes`: the first differences between them and what is there
    afterwards.
    """

    made: Made
    outside: int
    changes: tuple[str, ...]

    @classmethod
    def of(cls, made: Made, before: Tree, after: Tree) -> Diverted:
        """Keep a few differences: a link of a runtime may lead to all of its libraries."""
        return cls(made, len(before.entries), tuple(islice(differences(before, after), _SHOWN)))
