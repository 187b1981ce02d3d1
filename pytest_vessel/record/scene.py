"""How a case went: what was started, on which ground, and who did what in which order. Frozen facts, no opinion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Call:
    """One start of a verb.

    `argv`, the values of `environment`, `read_only`: templates as those of `string.Template`: `$WORK` is the test's
    folder, `$RUNTIME` the runtime's, `$PARENT` the folder of copies (each that there was), `$PROBE` the probe on this
    machine, `$$` a dollar.

    Attributes:
        environment: what it got besides PATH.
        user: the unprivileged user that it ran as; empty: whoever ran the harness.
        read_only: folders that were read-only mounts for it.
        by_hand: what the adapter says stands for it in a shell, where argv is a program of its own; shell text, with
            `$WORK` and `$RUNTIME` as variables. Empty: argv.
    """

    verb: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    read_only: tuple[str, ...] = ()
    by_hand: str = ""


@dataclass(frozen=True)
class Ground:
    """The runtime that the case is about: the first one made. Paths are templates, as those of `Call`.

    Attributes:
        folder: where the harness built it; empty where the verb `install` said where it is.
        tree: what `install` took; empty without that verb.
        inside: paths inside the container that lead to its lock file.
    """

    layout: str
    folder: str
    tree: str
    src: str
    ref: str
    inside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Copies:
    """The folder of mutable copies that the case is about: the first one. Templates, where `$COPY` is a copy.

    Attributes:
        folder: where it was, without `$PARENT`.
        parent_ref: its lock file.
        pattern: what matches the paths of copies.
        copy_ref: the lock file of a copy.
        copy_tree: where in a copy the runtime's content lies.
        overrides: its folder of overrides; the copy itself where the adapter names none.
        overrides_inside: where its payload is to see that folder; empty where the adapter does not say.
    """

    folder: str
    parent_ref: str
    pattern: str
    copy_ref: str
    copy_tree: str
    overrides: str
    overrides_inside: str


@dataclass(frozen=True)
class Folder:
    """A folder that the harness filled for the case. Templates, but for contents; paths in it begin with a slash.

    Attributes:
        path: where it was.
        files: content by path: gzip, base64.
        copies: by path, the file of this machine that it is a copy of.
        links: target by path.
        empty: folders with nothing in them.
    """

    path: str
    files: Mapping[str, str] = field(default_factory=dict)
    copies: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    empty: tuple[str, ...] = ()


@dataclass(frozen=True)
class Event:
    """One thing that somebody did.

    Attributes:
        who: `holder`, `launcher`, `payload`; a second one is `launcher 2`; other processes of a launcher are
            `launcher/1`, numbered as they appear.
        what: in a few words.
        mark: `begin` where it appears with this, `end` where it is gone with this.
        lock: the locks on the file right after it, where somebody looked.
        times: how often it did so in a row.
    """

    who: str
    what: str
    mark: str = ""
    lock: str = ""
    times: int = 1


@dataclass(frozen=True)
class Scene:
    """All of it. `left_out`: how many events came after the last one that was kept."""

    calls: tuple[Call, ...] = ()
    ground: Ground | None = None
    copies: Copies | None = None
    folders: tuple[Folder, ...] = ()
    events: tuple[Event, ...] = ()
    left_out: int = 0

    def call(self, verb: str, *, last: bool = False) -> Call | None:
        """The first start of a verb, or the last one."""
        calls = reversed(self.calls) if last else iter(self.calls)
        return next((call for call in calls if call.verb == verb), None)
