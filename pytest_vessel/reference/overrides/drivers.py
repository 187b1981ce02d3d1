"""Drivers: libraries that others load by name from folders of their own, laid out in OVR.

A driver is found at a path of the provider, by a variable or in the usual folders, and is linked in
`lib/TUPLE/KIND` under the name that it was found by. What it needs is captured with the other libraries. Where two
drivers of a kind have one name, all of that kind go to numbered folders, in their order: `00/NAME`, `01/NAME`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from pytest_vessel.reference.overrides.folder import INSIDE, OverridesFolder
from pytest_vessel.reference.overrides.libraries import FOR_ALL
from pytest_vessel.reference.overrides.roots import Library, Provider
from pytest_vessel.reference.trouble import tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_vessel.reference.overrides.architecture import Architecture


@dataclass(frozen=True)
class DriverKind:
    """Drivers that one loader looks for.

    Attributes:
        folder: of their links, below `lib/TUPLE`.
        usual: where they are in a provider, below a folder of libraries.
        variable: names the folders where they are looked for.
        glob: what they are called.
    """

    folder: str
    usual: str
    variable: str
    glob: str


KINDS = (
    DriverKind("dri", "dri", "LIBGL_DRIVERS_PATH", "*_dri.so"),
    DriverKind("va", "dri", "LIBVA_DRIVERS_PATH", "*_drv_video.so"),
    DriverKind("vdpau", "vdpau", "VDPAU_DRIVER_PATH", "libvdpau_*.so*"),
)


class Drivers:
    """The drivers of one container: added kind by kind, and placed when it is known which architectures there are."""

    def __init__(self, folder: OverridesFolder, provider: Provider) -> None:
        self.folder = folder
        self.provider = provider
        self.added: dict[str, list[Library]] = {}
        self.placed: dict[tuple[str, Library], str] = {}

    def find(self, variables: Mapping[str, str], architectures: Sequence[Architecture]) -> None:
        """Add the drivers that variables lead to, or those in the usual folders."""
        libraries = [folder for architecture in architectures for folder in architecture.library_folders]
        for kind in KINDS:
            given = variables.get(kind.variable)
            folders = given.split(":") if given else [f"{folder}/{kind.usual}" for folder in libraries]
            for real in dict.fromkeys(filter(None, map(self.provider.real, filter(None, folders)))):
                self.find_in(real, kind)

    def find_in(self, folder: str, kind: DriverKind) -> None:
        """Add the drivers in one folder. What is called like one and is none is told of."""
        for name in self.provider.names(folder):
            if fnmatchcase(name, kind.glob):
                if driver := self.provider.library(f"{folder}/{name}"):
                    self.add(kind.folder, driver)
                else:
                    tell(f"{folder}/{name}: is no library that can be loaded, so this driver is left out")

    def add(self, kind: str, driver: Library) -> None:
        """Add one driver of a kind; the same one under the same name counts once."""
        known = self.added.setdefault(kind, [])
        if driver not in known:
            known.append(driver)

    def patterns(self, architecture: Architecture) -> list[str]:
        """What is to be captured for the drivers of an architecture: all that they need, once for each file."""
        files = {one.identity: one for kind in self.added for one in self.of(kind, architecture)}
        return [f"only-dependencies:{FOR_ALL}path:{one.real}" for one in files.values()]

    def place(self, architecture: Architecture) -> None:
        """Make the links of an architecture. Several names of one file get the same target."""
        targets: dict[tuple[int, int], str] = {}
        for kind in self.added:
            drivers = self.of(kind, architecture)
            for driver, inner in zip(drivers, self.inner_folders([one.name for one in drivers]), strict=True):
                folder = f"{architecture.folder}/{kind}{inner}"
                self.folder.make_folder(folder)
                target = targets.setdefault(driver.identity, self.provider.inside(driver.real))
                self.folder.link(f"{folder}/{driver.name}", target)
                self.placed[kind, driver] = folder

    def inner_folders(self, names: list[str]) -> list[str]:
        """Which folder each driver goes to: the same for all, or where a name comes twice a numbered one for each."""
        if len(set(names)) == len(names):
            return [""] * len(names)
        return [f"/{number}" for number in numbers(len(names))]

    def of(self, kind: str, architecture: Architecture) -> list[Library]:
        """The drivers of a kind for one architecture, in their order."""
        return [one for one in self.added[kind] if one.multiarch == architecture.multiarch]

    def targets(self) -> list[str]:
        """Where their links lead."""
        return [self.provider.inside(driver.real) for _, driver in self.placed]

    def path_inside(self, kind: str, driver: Library) -> str | None:
        """Where the container sees a driver; None where it does not."""
        folder = self.placed.get((kind, driver))
        return f"{INSIDE}/{folder}/{driver.name}" if folder else None

    def variables(self) -> dict[str, str]:
        """What tells loaders in the container of the folders, in their order."""
        found: dict[str, str] = {}
        for kind in KINDS:
            folders = dict.fromkeys(
                f"{INSIDE}/{folder}" for (of, _), folder in self.placed.items() if of == kind.folder
            )
            if folders:
                found[kind.variable] = next(iter(folders)) if kind.folder == "vdpau" else ":".join(folders)
        return found


def numbers(count: int) -> list[str]:
    """Numbers from 0, all with as many digits as the last."""
    width = len(str(count - 1))
    return [f"{number:0{width}}" for number in range(count)]
