"""Mutants of how overrides are written, and of the log about it: names of the folder where its descriptor was meant."""

from __future__ import annotations

import os

from pytest_vessel.mutant.registry import mutant
from pytest_vessel.reference.overrides.folder import NAME, PLACE, OverridesFolder, clear
from pytest_vessel.reference.overrides.libraries import Libraries, by_descriptor
from pytest_vessel.reference.remove import FOLDER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pytest_vessel.reference.overrides.architecture import Architecture


@mutant("override-helper-by-path")
class OverrideHelperByPath(Libraries):
    """Tells the helper program the absolute path of its folder.

    Stands for every helper that is given `--dest=/path/to/copy/...`: who owns a folder above chooses where it writes.
    """

    def options(self, architecture: Architecture, knowledge: tuple[int, ...]) -> list[str]:
        """Spell it out."""
        ours, path = f"--dest={by_descriptor(self.folder.descriptor)}/", path_of(self.folder.descriptor)
        return [option.replace(ours, f"--dest={path}/") for option in super().options(architecture, knowledge)]


@mutant("override-by-current-folder")
class OverrideByCurrentFolder(OverridesFolder):
    """Looks for a folder of the overrides in the current folder of whoever started it.

    Stands for a path relative to a descriptor that is given to stat(2), not to fstatat(2).
    """

    def is_folder(self, path: str) -> bool:
        """Look there first."""
        return os.path.isdir(path) or super().is_folder(path)


@mutant("override-looks-again")
class OverrideLooksAgain(OverridesFolder):
    """Looks the folder up by its path before each link that it makes.

    Stands for helper functions that all check what their caller has checked.
    """

    def link(self, path: str, target: str) -> None:
        """Check it."""
        os.stat(path_of(self.descriptor))
        super().link(path, target)


@mutant("override-folders-by-path")
class OverrideFoldersByPath(OverridesFolder):
    """Makes folders of the overrides by absolute paths.

    Stands for `mkdir -p "$copy/overrides/lib"`.
    """

    def make_folder(self, path: str) -> None:
        """Make them so."""
        os.makedirs(f"{path_of(self.descriptor)}/{path}", exist_ok=True)


@mutant("override-manifests-by-path")
class OverrideManifestsByPath(OverridesFolder):
    """Writes manifests by absolute paths.

    Stands for a library function that takes no descriptor: the one call that was left as it was.
    """

    place: str

    def make(self, copy: int) -> None:
        """Keep the path."""
        super().make(copy)
        self.place = path_of(self.descriptor)

    def write(self, path: str, text: str) -> None:
        """Write one."""
        os.makedirs(os.path.dirname(f"{self.place}/{path}"), exist_ok=True)
        with open(f"{self.place}/{path}", "x", encoding="utf-8") as file:
            file.write(text)


@mutant("override-reopens")
class OverrideReopens(OverridesFolder):
    """Opens the folder by its path anew before it makes anything in there.

    Stands for functions that take a path and open it: a descriptor that is kept for one function protects that one.
    """

    place: str

    def make(self, copy: int) -> None:
        """Keep the path."""
        super().make(copy)
        self.place = path_of(self.descriptor)

    def make_folder(self, path: str) -> None:
        """Open it for this folder, and what comes next."""
        os.close(self.descriptor)
        self.descriptor = os.open(self.place, FOLDER)
        super().make_folder(path)


@mutant("override-follows-planted-link")
class OverrideFollowsPlantedLink(OverridesFolder):
    """Makes the overrides folder through whatever links the runtime has in its place, or above.

    Stands for `mkdir -p`: a runtime decides where on the machine somebody writes.
    """

    def make(self, copy: int) -> None:
        """Follow them."""
        path = f"{path_of(copy)}/{PLACE}"
        os.makedirs(path, exist_ok=True)
        self.descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        clear(NAME, copy)
        os.symlink(PLACE, NAME, dir_fd=copy)


@mutant("override-log-absolute")
class OverrideLogAbsolute(OverridesFolder):
    """Tells of each override by its absolute path.

    Stands for messages with whatever path the code has at hand: long, and another one in each run.
    """

    def tell_of(self, path: str, target: str = "") -> None:
        """Say all of it."""
        self.say(f"{path_of(self.descriptor)}/{path} is made" + (f" and leads to {target}" if target else ""))


@mutant("override-log-differs")
class OverrideLogDiffers(OverridesFolder):
    """Has a number in each message that is another one in each run.

    Stands for `%p`: addresses of objects, which no two runs share.
    """

    def say(self, message: str) -> None:
        """Append one."""
        super().say(f"{message} (0x{os.urandom(6).hex()})")


@mutant("override-log-without-copy")
class OverrideLogWithoutCopy(OverridesFolder):
    """Never says where the copy is.

    Stands for a log that was made so comparable that nobody can find what it tells of.
    """

    def say(self, message: str) -> None:
        """Leave that line out."""
        if not message.startswith("copy: "):
            super().say(message)


def path_of(descriptor: int) -> str:
    """Where an open folder is now (proc_pid_fd(5))."""
    return os.readlink(by_descriptor(descriptor))
