"""How programs in the container find the overrides: ld.so.conf, its cache, and the environment.

ld.so reads a cache, which ldconfig makes of the folders in /etc/ld.so.conf. OVR's folders come first there, and what
the runtime lists follows as it is. Aliases are not in the cache, since it goes by the names that libraries give
themselves; so LD_LIBRARY_PATH leads to them. If the cache cannot be made it leads to all.
"""

from __future__ import annotations

import os

from pytest_vessel.reference import kernel
from pytest_vessel.reference.overrides.folder import INSIDE, clear, reason
from pytest_vessel.reference.process import execute, finish
from pytest_vessel.reference.trouble import Trouble, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_vessel.reference.overrides.architecture import Architecture
    from pytest_vessel.reference.overrides.roots import CopyRoot

CONFIGURATION = "ld.so.conf"
LDCONFIG = ("/sbin/ldconfig", "/usr/sbin/ldconfig", "/bin/ldconfig", "/usr/bin/ldconfig")
MOST_BYTES = 1 << 20


class Loading:
    """The loader's configuration in one container."""

    def __init__(self, copy: CopyRoot) -> None:
        self.copy = copy
        self.folders: list[str] = []
        self.has_cache = False

    def configure(self, architectures: Sequence[Architecture]) -> None:
        """Write ld.so.conf into the copy: a new file, since the old one is shared with the runtime.

        Raises:
            Trouble: it cannot be read or written.
        """
        self.folders = [f"{INSIDE}/{architecture.folder}" for architecture in architectures]
        try:
            etc = self.copy.make_folder("/etc")
            try:
                content = self.content()
                clear(CONFIGURATION, etc)
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
                with open(os.open(CONFIGURATION, flags, 0o644, dir_fd=etc), "wb") as file:
                    file.write(content)
            finally:
                os.close(etc)
        except OSError as problem:
            raise Trouble(f"/etc/{CONFIGURATION}: cannot be written in the copy: {reason(problem)}") from None

    def content(self) -> bytes:
        """OVR's folders, then the runtime's lines."""
        ours = "".join(f"{folder}\n" for folder in self.folders).encode()
        try:
            return ours + self.copy.content(f"/etc/{CONFIGURATION}", MOST_BYTES)
        except FileNotFoundError:
            return ours

    def make_cache(self) -> None:
        """Have the runtime's ldconfig make the cache, inside the container. That it cannot is survived."""
        status = finish(self.become_ldconfig)
        self.has_cache = status == 0
        if status:
            tell(f"ldconfig: ended with status {status}; LD_LIBRARY_PATH leads to the overrides")

    def become_ldconfig(self) -> int:
        """Execute it, without power over us and without changing any link in a folder of libraries."""
        os.environ["LD_LIBRARY_PATH"] = ":".join(self.folders)
        silence = os.open("/dev/null", os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        kernel.give_up_privileges()
        execute([next(filter(os.path.exists, LDCONFIG), LDCONFIG[0]), "-X"])

    def variables(self) -> dict[str, str]:
        """What leads programs to the overrides."""
        aliases = [f"{folder}/aliases" for folder in self.folders]
        folders = aliases if self.has_cache else [*self.folders, *aliases]
        return {"LD_LIBRARY_PATH": ":".join(folders)} if folders else {}
