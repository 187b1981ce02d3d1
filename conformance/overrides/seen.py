"""What the tests of layout and content saw: one frozen record a question. No opinion in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pytest_vessel.observation.process import Ending, Start
from pytest_vessel.observation.tree import Tree

OVR = "OVR"
"""What records and findings call the overrides folder."""


class Origin(StrEnum):
    """Whose file a path inside leads to."""

    PROVIDER = "the provider's"
    RUNTIME = "the runtime's"
    OTHER = "another"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Lead:
    """What a path inside the container leads to; `file`: its path in the root that it belongs to."""

    origin: Origin
    file: str = ""

    def __str__(self) -> str:
        return f"{self.origin} {self.file}".rstrip() if self.origin is not Origin.NOTHING else "nothing"


@dataclass(frozen=True)
class Given:
    """A library that a provider has and a driver needs: its SONAME, and its file, links resolved."""

    soname: str
    file: str


@dataclass(frozen=True)
class Laid:
    """A copy with overrides while its payload runs.

    Attributes:
        start: of the payload.
        tree: the overrides folder in the copy; None where there is none.
        architecture: the name of its libraries' folder.
        provider_inside: where the container is to see the provider.
        given: libraries of the provider that belong there.
        leads: what each link in the overrides leads to, for the payload.
    """

    start: Start
    tree: Tree | None
    architecture: str
    provider_inside: str
    given: tuple[Given, ...]
    leads: Mapping[str, Lead]


@dataclass(frozen=True)
class Shown:
    """The overrides folder from inside.

    `there`: it is a folder in the copy; `same`: the payload sees that folder at the documented path; `wrote`: names in
    it that the payload could make something at; `refused`: the errors where it could not.
    """

    start: Start
    there: bool
    same: bool
    wrote: tuple[str, ...]
    refused: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """Which copy of a library a container got.

    `provider`, `runtime`: the versions that they have, as numbers; `kept`: what its name in the runtime's folder
    of libraries leads to inside; `rule`: who is to win, where the runtime's own rule says so.
    """

    start: Start
    tree: Tree | None
    architecture: str
    soname: str
    provider: tuple[int, ...]
    runtime: tuple[int, ...]
    kept: Lead
    rule: str = ""


@dataclass(frozen=True)
class Loads:
    """What the container's own loader takes for a program.

    `wanted`: by name, whose copy that is to be; `listing`: how the loader ended; `loads`: name to what it took;
    `kept`: what the name of a library that is not overridden leads to inside.
    """

    start: Start
    tree: Tree | None
    listing: Ending
    wanted: Mapping[str, Origin]
    loads: Mapping[str, Lead]
    kept: Lead


@dataclass(frozen=True)
class Libc:
    """Whose C library a container got.

    `family`: libraries of glibc that the provider has; `data`: what the loader, and a file of the locale and of the
    gconv data, lead to inside, by their paths.
    """

    start: Start
    tree: Tree | None
    architecture: str
    family: tuple[str, ...]
    data: Mapping[str, Lead]


@dataclass(frozen=True)
class Refused:
    """A start that nobody can be served by."""

    start: Start


@dataclass(frozen=True)
class Bare:
    """A copy without a provider. `variables`: driver variables that the payload has."""

    start: Start
    tree: Tree | None
    variables: Mapping[str, str]


@dataclass(frozen=True)
class Told:
    """A manifest in the overrides. `library_path`: what it names; `lead`: what that is, for the payload."""

    path: str
    library_path: str | None
    lead: Lead


@dataclass(frozen=True)
class Drivers:
    """Drivers of one kind that a provider has, and what came of them.

    `wanted`: the files of those that can be used, in the order in which they are asked for; None for a manifest
    that names none. `told`: the manifests that the payload is told of, in the order of the variable, if there is one.
    `variables`: those of the payload that name drivers. `folder`, `named_by`: where manifests of that kind lie, and the
    variables that name them one by one.
    """

    start: Start
    tree: Tree | None
    wanted: tuple[str | None, ...]
    told: tuple[Told, ...]
    variables: Mapping[str, str]
    folder: str
    named_by: tuple[str, ...]


@dataclass(frozen=True)
class Trees:
    """The overrides of two copies that should be the same; `start`: of the second payload."""

    start: Start
    first: Tree | None
    second: Tree | None


@dataclass(frozen=True)
class Aliases:
    """Other names of libraries that a runtime asks for.

    `wanted`: by its path in the overrides, what each is to lead to, None for one whose library nobody has; `leads`:
    what it leads to inside, for those that there are.
    """

    start: Start
    tree: Tree | None
    wanted: Mapping[str, Lead | None]
    leads: Mapping[str, Lead]


@dataclass(frozen=True)
class Configuration:
    """The loader's configuration inside.

    `lines`: of the file; `ours`: which of them name the overrides' folder of libraries; `runtime`: the lines of the
    runtime's own file.
    """

    start: Start
    tree: Tree | None
    lines: tuple[str, ...]
    ours: tuple[bool, ...]
    runtime: tuple[str, ...]


@dataclass(frozen=True)
class Architectures:
    """Two architectures in one container. `given`: by the name of each, what the provider has for it."""

    start: Start
    tree: Tree | None
    given: Mapping[str, tuple[Given, ...]]


@dataclass(frozen=True)
class Attempt:
    """A start with room for so many files. `tree`: the overrides as the payload sees them, where it runs."""

    inodes: int
    start: Start
    tree: Tree | None


@dataclass(frozen=True)
class Sweep:
    """Starts with room for more and more files, up to enough. `sound`: the overrides where there is no end of room."""

    sound: Tree
    attempts: tuple[Attempt, ...]
