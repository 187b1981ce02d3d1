"""Which libraries are wanted, and the helper program that captures them.

Which copy of a library wins, and what else it needs, is worked out by the verb `capture`, as a program of its own: it
reads files that others wrote, and reads a lot. It is given descriptors: it sees the copy and OVR as `/proc/self/fd/N`,
never by their paths, which nobody can exchange then. It makes the whole folder or none, and is believed only when its
status is 0 *and* the folder is there.
"""

from __future__ import annotations

import os
import signal
import sys

from pytest_vessel.reference.overrides.folder import NAME, OverridesFolder
from pytest_vessel.reference.overrides.roots import CopyRoot, Provider, is_shown
from pytest_vessel.reference.process import SIGNALLED, execute, finish
from pytest_vessel.reference.trouble import Trouble, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_vessel.reference.overrides.architecture import Architecture

FOR_ALL = "if-exists:if-same-abi:"
"""A provider that lacks a library, or has it for another architecture, is none the worse for it."""

COMPARED = (
    *("libvulkan.so.1", "libvdpau.so.1", "libva.so.2", "libva-drm.so.2", "libva-glx.so.2", "libva-x11.so.2"),
    *("libdrm.so.2", "libdrm_amdgpu.so.1", "libdrm_intel.so.1", "libdrm_nouveau.so.2", "libdrm_radeon.so.1"),
)
"""Front ends of drivers, and what drivers load by name: the newer of two is good enough for both sides."""

UNCOMPARED = (
    *("libOpenGL.so.0", "libOpenCL.so.1", "libEGL_mesa.so.0", "libGLX_mesa.so.0", "libgbm.so.1"),
    *("libcuda.so.1", "libnvcuvid.so.1"),
)
"""Parts of a driver, or made for one: these fit no other, so the provider's are taken even if they are older."""

UNCOMPARED_GLOBS = ("libnvidia-*.so.*", "lib*_nvidia.so.*")
"""The same, by families whose names hold their version."""

KNOWLEDGE = "lib/vessel/knowledge.keyfile"
"""How single libraries are compared; the runtime may have it, at the top of SRC when that is a merged /usr."""

MOST_BYTES = 1 << 20

PROGRAM = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "__main__.py")
"""The reference; unlike us it is started with the packages of others, since comparing two libraries takes one."""


class Libraries:
    """Captures libraries into OVR."""

    command: tuple[str, ...] = (sys.executable, "-P", PROGRAM, "capture")

    def __init__(self, folder: OverridesFolder, copy: CopyRoot, provider: Provider) -> None:
        self.folder = folder
        self.copy = copy
        self.provider = provider

    def wanted(self) -> list[str]:
        """The patterns for every provider."""
        return [
            "gl:",
            *(f"{FOR_ALL}soname:{name}" for name in COMPARED),
            *(f"{FOR_ALL}even-if-older:soname:{name}" for name in UNCOMPARED),
            *(f"{FOR_ALL}even-if-older:soname-match:{glob}" for glob in UNCOMPARED_GLOBS),
        ]

    def capture(self, architecture: Architecture, patterns: Sequence[str]) -> None:
        """Make `lib/TUPLE`, with links to what is wanted, what these patterns name, and what that needs.

        Raises:
            Trouble: the helper failed, was killed, or left no folder; names it and the folder.
        """
        place = architecture.folder
        self.folder.make_folder(os.path.dirname(place))
        knowledge, said = self.open_knowledge(), os.memfd_create("said")
        try:
            argv = [*self.command, *self.options(architecture, knowledge), *self.wanted(), *patterns]
            status = finish(lambda: self.become_helper(argv, knowledge, said))
            if status or self.folder.comparable:
                self.pass_on(said)
        finally:
            for file in (said, *knowledge):
                os.close(file)
        self.check(place, status)
        for name, target in self.folder.links(place).items():
            self.folder.tell_of(f"{place}/{name}", target)

    def open_knowledge(self) -> tuple[int, ...]:
        """A descriptor of the runtime's file; none where it has no such file."""
        try:
            return (self.copy.open(KNOWLEDGE, os.O_RDONLY),)
        except FileNotFoundError:
            return ()

    def options(self, architecture: Architecture, knowledge: tuple[int, ...]) -> list[str]:
        """What the helper is told of files and folders: by descriptors that it inherits."""
        shown = [name for name in self.provider.names("/") if is_shown(name)]
        return [
            f"--provider={by_descriptor(self.provider.descriptor)}",
            f"--container={by_descriptor(self.copy.descriptor)}",
            f"--arch={architecture.multiarch}",
            f"--dest={by_descriptor(self.folder.descriptor)}/{architecture.folder}",
            *(f"--knowledge={by_descriptor(file)}" for file in knowledge),
            *(f"--remap=/{name}={self.provider.inside(f'/{name}')}" for name in shown),
        ]

    def become_helper(self, argv: list[str], knowledge: tuple[int, ...], said: int) -> int:
        """Execute the helper. What it says is kept: stdout would be the payload's, and stderr is not always wanted."""
        for inherited in (self.provider.descriptor, self.copy.descriptor, self.folder.descriptor, *knowledge):
            os.set_inheritable(inherited, True)
        os.dup2(said, 1)
        os.dup2(said, 2)
        execute(argv)

    def pass_on(self, said: int) -> None:
        """Say what the helper has said, as if we had."""
        ours = f"{by_descriptor(self.folder.descriptor)}/"
        for line in os.pread(said, MOST_BYTES, 0).decode(errors="surrogateescape").splitlines():
            tell(line.removeprefix("vessel-reference: ").replace(ours, f"{NAME}/"))

    def check(self, place: str, status: int) -> None:
        """Believe the helper, or not."""
        if status > SIGNALLED:
            raise failed(place, f"was ended by {signal.Signals(status - SIGNALLED).name}")
        if status:
            raise failed(place, f"ended with status {status}")
        if not self.folder.is_folder(place):
            raise failed(place, "ended well, but has left no folder")


def by_descriptor(descriptor: int) -> str:
    """The name of an open file in a process that has it under the same number."""
    return f"/proc/self/fd/{descriptor}"


def failed(place: str, how: str) -> Trouble:
    """Say what became of the helper."""
    return Trouble(f"{NAME}/{place}: libraries cannot be captured: the helper program `capture` {how}")
