"""Running a payload in a mutable copy of a runtime: three locks, each for as long as it is needed.

A *mutable copy*, COPY, is a new folder `PARENT/tmp-XXXXXXXXXXXX`. It is used instead of the runtime, SRC, and has
a lock file of its own. Three shared locks, one process::

    SRC/.ref      so that nobody deletes the runtime        |=======================|
    PARENT/.ref   so that nobody cleans up                     |====================|
    COPY/.ref     so that nobody deletes the copy                 |====================== ... until the last
                                                                  |                 |         process is gone
                                                            COPY is made    payload starts

Whoever cleans up holds the exclusive lock on PARENT/.ref, and so never sees a copy that is half made and not locked
yet. And when PARENT/.ref is free again, COPY/.ref is locked already: there is no moment at which nothing protects it.

The first process of the container does all this itself. It holds COPY/.ref from the beginning, and it is the one that
ends last; so the lock is never handed over, which would be impossible for a POSIX lock.
"""

from __future__ import annotations

import os

from pytest_vessel.reference.collect import COPIES, Collect
from pytest_vessel.reference.container import Beside, is_complete_root
from pytest_vessel.reference.later import Later
from pytest_vessel.reference.lock import LOCK_FILE, SHARED, Locking
from pytest_vessel.reference.overrides.folder import OverridesFolder
from pytest_vessel.reference.overrides.view import DRIVER_VARIABLES, OverridesView
from pytest_vessel.reference.process import end_with_signal, on_signals, wait_for_all
from pytest_vessel.reference.remove import FOLDER, delete_tree
from pytest_vessel.reference.run import Run
from pytest_vessel.reference.tree import link_tree
from pytest_vessel.reference.trouble import Trouble, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pytest_vessel.reference.overrides.making import Overrides

RANDOM_BYTES = 6


class Wishes:
    """How a copy is to be made.

    Attributes:
        collecting: delete the copies that nobody uses first.
        wait: wait for locks that are held, instead of failing.
        provider: the root that gives drivers and libraries; empty: none does.
        comparable: tell of each override that is made.
    """

    def __init__(
        self, *, collecting: bool = True, wait: bool = False, provider: str = "", comparable: bool = False
    ) -> None:
        self.collecting = collecting
        self.wait = wait
        self.provider = provider
        self.comparable = comparable


class MutableCopy:
    """One copy, and the locks while it is made. `set_up` is the order of the steps; `let_go` or `undo` follows.

    Attributes, after `set_up`:
        path: the folder of the copy.
        tree: where in it SRC's content lies: `path` for a complete root, `path/usr` for a merged /usr.
        lock: the descriptor that holds the copy's lock.
    """

    locking: type[Locking] = Locking
    cleaning: type[Collect] = Collect
    folder_of_overrides: type[OverridesFolder] = OverridesFolder
    if TYPE_CHECKING:
        overriding: type[Overrides]
    else:
        overriding = Later("pytest_vessel.reference.overrides.making", "Overrides")

    def __init__(self, source: str, parent: str, wishes: Wishes) -> None:
        self.source = os.path.abspath(source)
        self.parent = os.path.abspath(parent)
        self.wishes = wishes
        self.overrides_folder = self.folder_of_overrides(comparable=wishes.comparable)
        self.overrides: Overrides | None = None
        self.source_file = os.path.join(self.source, LOCK_FILE)
        self.parent_file = os.path.join(self.parent, LOCK_FILE)
        self.path = self.tree = ""
        self.source_lock = self.parent_lock = self.lock = self.folder = -1

    def set_up(self) -> None:
        """Make the copy. Afterwards three locks are held.

        The runtime's lock is the first: if that is refused, nothing was done to PARENT.

        Raises:
            Trouble: a lock cannot be had, or something cannot be read or made. No copy is left behind.
        """
        self.check_place()
        self.source_lock = self.lock_source()
        self.make_parent()
        if self.wishes.collecting:
            self.clean_up()
        self.parent_lock = self.lock_parent()
        try:
            self.make_folder()
            self.make_tree()
            self.lock = self.lock_copy(os.path.join(self.tree, LOCK_FILE))
            self.fill()
            self.override()
        except OSError as problem:
            self.undo()
            raise Trouble(f"{self.parent}: a copy cannot be made in it: {problem}") from None
        except BaseException:  # a signal, too
            self.undo()
            raise

    def check_place(self) -> None:
        """A copy below its original would be a part of what is copied."""
        source, parent = os.path.realpath(self.source), os.path.realpath(self.parent)
        if os.path.commonpath((source, parent)) == source:
            raise Trouble(f"{self.parent}: lies in the runtime that is to be copied; choose a folder outside of it")

    def lock_source(self) -> int:
        """Take the shared lock on SRC/.ref: nobody deletes the runtime while we read it."""
        return self.locking().take(self.source_file, SHARED, wait=self.wishes.wait, create=True)

    def make_parent(self) -> None:
        """Make PARENT and the folders above it, as far as they are missing."""
        try:
            os.makedirs(self.parent, exist_ok=True)
        except OSError as problem:
            raise Trouble(f"{self.parent}: is no folder and cannot be made one: {problem.strerror}") from None

    def clean_up(self) -> None:
        """Delete the copies that nobody uses. One that cannot be deleted is no reason not to make another."""
        self.cleaning(self.parent).start()

    def lock_parent(self) -> int:
        """Take the shared lock on PARENT/.ref: nobody cleans up while our copy has no lock yet."""
        return self.locking().take(self.parent_file, SHARED, wait=self.wishes.wait, create=True)

    def make_folder(self) -> None:
        """Make the folder of the copy, for its owner alone: which programs somebody runs is not for all to see."""
        self.folder = os.open(self.parent, FOLDER & ~os.O_NOFOLLOW)
        while True:
            name = self.name()
            try:
                os.mkdir(name, 0o700, dir_fd=self.folder)
            except FileExistsError:
                continue
            self.path = os.path.join(self.parent, name)
            return

    def name(self) -> str:
        """A name that nobody can have foreseen."""
        return COPIES + os.urandom(RANDOM_BYTES).hex()

    def make_tree(self) -> None:
        """Make the folder for SRC's content, and where that is a merged /usr the link to the lock file in it."""
        self.tree = self.path
        if not self.is_complete_root():
            self.tree = os.path.join(self.path, "usr")
            os.mkdir(self.tree, 0o700)
            os.symlink(f"usr/{LOCK_FILE}", os.path.join(self.path, LOCK_FILE))

    def is_complete_root(self) -> bool:
        """Which layout the runtime has."""
        source = os.open(self.source, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            return is_complete_root(source)
        finally:
            os.close(source)

    def lock_copy(self, file: str) -> int:
        """Take the shared lock on the copy's lock file, a new one: with the runtime's own, two locks would be one."""
        return self.locking().take(file, SHARED, create=True)

    def fill(self) -> None:
        """Copy all of SRC but its lock file."""
        source, target = os.open(self.source, FOLDER & ~os.O_NOFOLLOW), os.open(self.tree, FOLDER)
        try:
            link_tree(source, target, self.source, without=LOCK_FILE)
            if self.tree == self.path:
                os.fchmod(target, 0o700)
        finally:
            os.close(source)
            os.close(target)

    def override(self) -> None:
        """Make the folder of overrides, and fill it if there is a provider."""
        copy = os.open(self.path, FOLDER)
        self.overrides_folder.say(f"copy: {self.path}")
        self.overrides_folder.make(copy)
        if self.wishes.provider:
            provider, merged = os.path.abspath(self.wishes.provider), self.tree != self.path
            self.overrides = self.overriding(self.overrides_folder, copy, provider, merged=merged)
            self.overrides.make()

    def view(self) -> OverridesView:
        """What a container sees of the overrides, beside the copy."""
        return self.overrides.shown() if self.overrides else OverridesView()

    def undo(self) -> None:
        """Delete the copy: it will not be used. By descriptor: we may have left the root in which it has that path.

        Both its lock and that on PARENT are still held: nobody else deletes it at the same time.
        """
        if not self.path:
            return
        try:
            delete_tree(os.path.basename(self.path), last=LOCK_FILE, folder=self.folder)
        except OSError as problem:
            tell(f"{self.path}: is of no use and cannot be deleted whole: {problem}")

    def let_go(self) -> None:
        """The copy is complete and locked: drop the two locks that were for its making."""
        for descriptor in (self.parent_lock, self.source_lock, self.folder):
            os.close(descriptor)


class Copy(Run):
    """One container in a copy of its own. The launcher's part is that of `Run`."""

    copy: type[MutableCopy] = MutableCopy

    def __init__(self, runtime: str, parent: str, argv: list[str], wishes: Wishes) -> None:
        super().__init__(runtime, argv, writable=True, wait=wishes.wait)
        self.made = self.copy(runtime, parent, wishes)
        self.view = OverridesView()

    def inside(self) -> int:
        """The life of the first process: make the copy, which locks it; start; wait for everybody."""
        self.made.set_up()
        self.lock, self.shown = self.made.lock, self.made.tree
        self.view = self.made.view()
        try:
            self.show_runtime()
            self.prepare_loading()
        except BaseException:
            self.view.hide()
            self.made.undo()
            raise
        self.made.let_go()
        self.payload = self.start_payload()
        return wait_for_all(self.payload, self.payload_ended)

    def beside(self) -> Beside:
        """What the container sees beside the copy."""
        return self.view

    def prepare_loading(self) -> None:
        """Lead programs in the container to its drivers and libraries, and to no others."""
        self.forget_drivers()
        if self.made.overrides:
            self.made.overrides.make_cache()
            os.environ.update(self.made.overrides.variables())

    def forget_drivers(self) -> None:
        """Name no drivers of the outside."""
        for variable in DRIVER_VARIABLES:
            os.environ.pop(variable, None)


class Prepare:
    """A copy that nobody runs: it is made, its name is printed, and its lock ends with us."""

    copy: type[MutableCopy] = MutableCopy

    def __init__(self, runtime: str, parent: str, wishes: Wishes) -> None:
        self.source = os.path.abspath(runtime)
        self.made = self.copy(runtime, parent, wishes)

    def start(self) -> int:
        """Make the copy and print `copy: NAME`, a name in PARENT; returns 0.

        Raises:
            Trouble: no copy was made, or nobody can be told its name; none is left behind.
        """
        if not os.path.isdir(self.source):
            raise Trouble(f"{self.source}: there is no such runtime")
        on_signals(end_with_signal)  # so that a copy which is half made is undone
        self.made.set_up()
        try:
            self.tell_name()
        except BaseException:
            self.made.undo()
            raise
        self.made.let_go()
        return 0

    def tell_name(self) -> None:
        """Print the copy's name, unbuffered."""
        try:
            os.write(1, os.fsencode(f"copy: {os.path.basename(self.made.path)}\n"))
        except OSError as problem:
            raise Trouble(f"{self.made.path}: nobody can be told its name: {problem.strerror}") from None
