"""A copy with overrides, or a runtime that has them laid over it, seen from both sides while its payload runs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from errno import errorcode
from functools import cached_property
from pathlib import Path

from pytest_vessel.adapter.protocol import Fill
from pytest_vessel.conformance.overrides.drivers import VARIABLES, Manifests
from pytest_vessel.conformance.overrides.scenery import DRIVERS, KEPT, NEEDS_WORLD
from pytest_vessel.conformance.overrides.seen import Given, Laid, Lead, Loads, Origin, Told
from pytest_vessel.conformance.overrides.world import NATIVE, Root
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.installed import Runtime
from pytest_vessel.fixtures.parents import Copy, Parent
from pytest_vessel.fixtures.providers import NO_PROVIDER, Provider
from pytest_vessel.fixtures.running import Running
from pytest_vessel.libraries import rootfs
from pytest_vessel.observation.tree import Tree
from pytest_vessel.system import loader_trace, tree
from pytest_vessel.system.identity import spelled
from pytest_vessel.system.inside import inside
from pytest_vessel.system.sysroot import Layout, build

_NEEDED = ("ldconfig", "true")
"""Programs that bring a C library, its loader and its cache to each runtime: without them there is nothing to do."""

EMPTY = Root()
NO_ROLES: Mapping[str, str] = {}


def runtime_of(implementation: Implementation, root: Root, roles: Mapping[str, str] = NO_ROLES) -> Runtime:
    """A runtime that holds this, and what each of these tests and the implementation itself need.

    `roles`: text of files by their roles (`abi`, `knowledge`).
    """
    runtime = implementation.runtime(source=root.with_programs(*_NEEDED, *implementation.adapter.programs))
    for role, text in roles.items():
        place = implementation.adapter.role(role, Fill({"src": str(runtime.src)}, {}, {})) or ""
        file = inside(place, implementation.work, f"layout.{role}")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return runtime


def provider_of(implementation: Implementation, root: Root, drivers: Mapping[str, str] = DRIVERS) -> Provider:
    """A complete root on its own, which gives libraries; `drivers`: variables of the call."""
    trees = implementation.work / "trees"
    folder = trees / f"provider-{len(os.listdir(trees))}"
    build(folder, Layout.COMPLETE_ROOT, root, ref=False)
    return Provider(folder, drivers)


@contextmanager
def copied(
    implementation: Implementation,
    provider: Provider = NO_PROVIDER,
    root: Root = EMPTY,
    roles: Mapping[str, str] = NO_ROLES,
) -> Iterator[Copied]:
    """A payload that runs over a runtime like `root` with the overrides of `provider`; ended at the end."""
    runtime, parent = runtime_of(implementation, root, roles), implementation.parent()
    running = _started(implementation, runtime, parent, provider)
    yield Copied(implementation, runtime, provider, parent, running)
    running.finish()


def loads(
    implementation: Implementation, root: Root, runtime: Root, wanted: Mapping[str, Origin], *options: str
) -> Loads:
    """What the container's loader, given these options, says that it takes for NEEDS_WORLD (`--list`)."""
    provider, parent = provider_of(implementation, root), implementation.parent()
    made = runtime_of(implementation, runtime)
    program = (NATIVE.loader, *options, "--list", NEEDS_WORLD.path)
    listing = _started(implementation, made, parent, provider, program).wait()
    with copied(implementation, provider, runtime) as it:
        taken = {name: it.lead(path) for name, path in loader_trace.listed(listing.output)}
        return Loads(it.start, it.tree, listing, wanted, taken, it.lead(f"/{NATIVE.folder}/{KEPT.soname}"))


def _started(
    implementation: Implementation, runtime: Runtime, parent: Parent, provider: Provider, program: Sequence[str] = ()
) -> Running:
    if _lays_over(implementation, provider):
        return implementation.overlay(runtime, provider, program=program)
    return implementation.copy(runtime, parent, provider=provider, program=program)


def _lays_over(implementation: Implementation, provider: Provider) -> bool:
    """Whether what the provider has is laid over the runtime itself: no copy takes it."""
    return provider.root is not None and not implementation.offers("copy.provider")


class Copied:
    """One start with overrides of a provider. `start`: of its payload."""

    def __init__(
        self, implementation: Implementation, runtime: Runtime, provider: Provider, parent: Parent, running: Running
    ) -> None:
        self._adapter, self._as_copy = implementation.adapter, implementation.as_copy
        self._lays_over = _lays_over(implementation, provider)
        self.runtime, self.provider, self._parent, self.running = runtime, provider, parent, running
        self.start = running.start()

    @cached_property
    def copy(self) -> Copy | None:
        """The copy that was made; None where there is not exactly one."""
        found = self._parent.copies()
        return self._as_copy(found[0], self.runtime.layout) if len(found) == 1 else None

    @cached_property
    def tree(self) -> Tree | None:
        """The overrides folder in the copy; where there is no copy, as the payload sees it."""
        if self._lays_over:
            return self.tree_inside
        return tree.seen(self.copy.overrides) if self.copy else None

    @cached_property
    def tree_inside(self) -> Tree | None:
        """The same as the payload sees it, which may be the only one who does."""
        if self._pid is None:
            return None
        place = rootfs.Root(root := f"/proc/{self._pid}/root").folder(self.inside)
        return tree.seen(Path(f"{root}{place}")) if isinstance(place, str) else None

    @property
    def inside(self) -> str:
        """The path of that folder inside."""
        return self._adapter.role("overrides_inside", Fill({}, {}, {})) or ""

    @property
    def provider_inside(self) -> str:
        """Where the container is to see the provider."""
        return self._adapter.provider_inside(self.provider.root) if self.provider.root else ""

    def identity(self, path: str) -> tuple[str, int] | None:
        """Device and inode of what a path inside leads to; None where it leads nowhere, or nobody can be asked."""
        return self.running.talk.identity(path) if self.start.ready else None

    def make_file(self, path: str) -> str:
        """Have the payload make a file; the error that it got, or empty."""
        answer = self.running.talk.ask("touch", path, "644") if self.start.ready else ["errno", "0"]
        return errorcode.get(int(answer[1]), answer[1]) if answer[0] == "errno" else ""

    def lead(self, path: str) -> Lead:
        """What a path inside leads to."""
        found = self.identity(path)
        return self._owners.get(found, Lead(Origin.OTHER)) if found else Lead(Origin.NOTHING)

    @cached_property
    def leads(self) -> Mapping[str, Lead]:
        """What each link of the overrides leads to inside."""
        return {path: self.lead(f"{self.inside}/{path}") for path in (self.tree.links if self.tree else ())}

    @cached_property
    def _owners(self) -> Mapping[tuple[str, int], Lead]:
        """Device and inode of every file to whose it is; the runtime's files may be other ones in the copy."""
        places = [(self.runtime.src, Origin.RUNTIME)]
        places += [(self.copy.tree, Origin.RUNTIME)] if self.copy else []
        places += [(self.provider.root, Origin.PROVIDER)] if self.provider.root else []
        owners = {found: Lead(origin, file) for top, origin in places for found, file in _files(top)}
        return {**owners, **dict(self._known_by_content())} if self._lays_over else owners

    def _known_by_content(self) -> Iterator[tuple[tuple[str, int], Lead]]:
        """Files of the overrides with the content of one of the provider: who cannot show that one has copied it."""
        owner = {content: file for file, content in _contents(self.provider.root)} if self.provider.root else {}
        for path in self.tree.files if self.tree else ():
            found, content = self.identity(f"{self.inside}/{path}"), self._content(f"{self.inside}/{path}")
            if found and content in owner:
                yield found, Lead(Origin.PROVIDER, owner[content])

    def laid(self, *given: Given) -> Laid:
        """What the overrides are like, where the provider gives these libraries."""
        return Laid(self.start, self.tree, NATIVE.name, self.provider_inside, given, self.leads)

    def told(self, kind: Manifests) -> tuple[Told, ...]:
        """The manifests of a kind: those that its variable names, in that order, or else all in folders called so."""
        texts = self._manifests(kind.folder)
        named = [self.variables[name] for name in kind.named_by if name in self.variables]
        paths = [path for name in named[0].split(":") for path in texts if self._is(name, path)] if named else texts
        return tuple(self._told(kind, path, texts[path]) for path in paths)

    def _manifests(self, folder: str) -> Mapping[str, str]:
        """Path to text, of each in a folder of that name; a link to one in the provider is as good as a file."""
        entries = [one for one in (self.tree.entries if self.tree else ()) if f"/{folder}/" in f"/{one.folder}/"]
        found = {entry.path: entry.text for entry in entries if entry.name.endswith(".json")}
        for entry in entries:
            lead = self.leads.get(entry.path)
            if lead and lead.origin is Origin.PROVIDER and self.provider.root and entry.path in found:
                found[entry.path] = (self.provider.root / lead.file[1:]).read_text()
        return found

    def _is(self, inside: str, path: str) -> bool:
        """Whether a path inside leads where that entry of the overrides does."""
        return self.identity(inside) == self.identity(f"{self.inside}/{path}")

    def _told(self, kind: Manifests, path: str, text: str) -> Told:
        """A bare name is for the loader to find: it stands in the folder of libraries."""
        library: str | None = kind.library_in(text)
        place = f"{self.inside}/lib/{NATIVE.name}/{library}" if library and "/" not in library else library
        return Told(path, library, self.lead(place) if place else Lead(Origin.NOTHING))

    @property
    def driver_variables(self) -> Mapping[str, str]:
        """Those of them that name drivers or manifests."""
        return {name: value for name, value in self.variables.items() if name in VARIABLES}

    @property
    def variables(self) -> Mapping[str, str]:
        """The environment of the payload; empty where there is none."""
        words = Path(f"/proc/{self._pid}/environ").read_bytes().split(b"\0")[:-1] if self._pid else []
        return dict(word.decode("utf-8", "surrogateescape").split("=", 1) for word in words)

    def lines(self, path: str) -> tuple[str, ...]:
        """The lines of a file as the payload sees it; none where it cannot be read."""
        return tuple(self._content(path).decode("utf-8", "backslashreplace").splitlines())

    def _content(self, path: str) -> bytes:
        return (rootfs.Root(f"/proc/{self._pid}/root").content(path) if self._pid else None) or b""

    @cached_property
    def _pid(self) -> int | None:
        """The payload's, as this machine has it."""
        pids = self.running.call.processes()
        return next((pid for pid in pids if self.running.talk.is_payload(pid)), None)


def _contents(top: Path) -> Iterator[tuple[str, bytes]]:
    """Each file below `top` that is no link: its path in there, and what it holds."""
    for _, file in _files(top):
        path = top / file[1:]
        if path.is_file() and not path.is_symlink():
            yield file, path.read_bytes()


def _files(top: Path) -> Iterator[tuple[tuple[str, int], str]]:
    """Each file and folder below `top`, with its path in there."""
    for folder, folders, files in os.walk(top):
        for name in (*folders, *files):
            path = os.path.join(folder, name)
            yield spelled(os.lstat(path)), "/" + os.path.relpath(path, top)
