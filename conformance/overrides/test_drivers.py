"""Section A: drivers and their manifests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pytest_vessel.collect import clause
from pytest_vessel.conformance.overrides.copied import copied, provider_of
from pytest_vessel.conformance.overrides.drivers import KINDS, PATHS, VULKAN, Manifests
from pytest_vessel.conformance.overrides.seen import Drivers, Trees
from pytest_vessel.conformance.overrides.world import NATIVE, STRANGE, Library, Root
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.implementations import Implementation

A = Library("libdriver_a.so")
B = Library("libdriver_b.so")
SONAMED = Library("libdriver_named.so.1.0.0", "libdriver_named.so.1")
SOUND = VULKAN.text(A.path)


@dataclass(frozen=True)
class Asked:
    """A provider's manifests by their names, the libraries beside, and the drivers that can be used."""

    texts: Mapping[str, str]
    libraries: Sequence[Library] = ()
    wanted: tuple[str | None, ...] = ()
    kind: Manifests = VULKAN

    @property
    def root(self) -> Root:
        """The provider."""
        files = {self.kind.path(name): text for name, text in self.texts.items()}
        return Root(tuple(self.libraries), files, loaders=(NATIVE,))


def _of_kind(kind: Manifests) -> Asked:
    return Asked({"a.json": kind.text(A.path)}, (A,), (A.path,), kind)


def _beside_a_sound_one(text: str, *libraries: Library) -> Asked:
    return Asked({"bad.json": text, "sound.json": SOUND}, (A, *libraries), (A.path,))


LAYERS = KINDS["explicit-layer"]
FOREIGN = replace(B, arch=STRANGE, folder=NATIVE.folder)
MANIFESTS = {
    **{kind: _of_kind(manifests) for kind, manifests in KINDS.items()},
    "relative": Asked({"a.json": VULKAN.text(f"../../../lib/{NATIVE.name}/{A.file}")}, (A,), (A.path,)),
    "bare-name": Asked({"a.json": VULKAN.text(SONAMED.soname)}, (SONAMED,), (SONAMED.path,)),
    "no-library": Asked({"a.json": LAYERS.text(None, component_layers=["VK_LAYER_other"])}, (), (None,), LAYERS),
    "two-of-one-library": Asked({"a.json": SOUND, "b.json": SOUND}, (A,), (A.path,)),
    "broken": _beside_a_sound_one('{"file_format_version": "1.0.0", "ICD": '),
    "not-an-object": _beside_a_sound_one("[]"),
    "library-missing": _beside_a_sound_one(VULKAN.text(B.path)),
    "wrong-machine": _beside_a_sound_one(VULKAN.text(FOREIGN.path), FOREIGN),
}
"""By case of OVER-015."""


@clause("OVER-015")
def test_manifests(implementation: Implementation, case: str, judge: Judge) -> None:
    judge(_asked(implementation, MANIFESTS[case]))


def _asked(implementation: Implementation, asked: Asked) -> Drivers:
    kind = asked.kind
    with copied(implementation, provider_of(implementation, asked.root, kind.drivers(list(asked.texts)))) as it:
        told = it.told(kind)
        return Drivers(it.start, it.tree, asked.wanted, told, it.driver_variables, kind.folder, kind.named_by)


def _of_one_name(count: int) -> Asked:
    """Drivers of one name in several folders, asked for in the reverse of their order by name."""
    made = [replace(A, folder=f"{NATIVE.folder}/made-{count - number:02}") for number in range(count)]
    texts = {f"{count - number:02}.json": VULKAN.text(library.path) for number, library in enumerate(made)}
    return Asked(texts, made, tuple(library.path for library in made))


COLLISIONS = {
    "two": _of_one_name(2),
    "twelve": _of_one_name(12),
    "none": Asked({"b.json": VULKAN.text(B.path), "a.json": SOUND}, (A, B), (B.path, A.path)),
}


@clause("OVER-016")
def test_numbered_folders(implementation: Implementation, case: str, judge: Judge) -> None:
    judge(_asked(implementation, COLLISIONS[case]))


UNUSABLE = {"library-missing": (), "wrong-machine": (replace(FOREIGN, file=A.file),)}
EGL = KINDS["egl"]


@clause("OVER-017")
def test_unusable_driver_leaves_nothing(implementation: Implementation, case: str, judge: Judge) -> None:
    usable = Root((B, *UNUSABLE[case]), {EGL.path("b.json"): EGL.text(B.path)}, loaders=(NATIVE,))
    drivers = EGL.drivers(["b.json"])
    without = provider_of(implementation, usable, drivers)
    both = usable.with_files({VULKAN.path("a.json"): SOUND})
    asked = provider_of(implementation, both, {**drivers, **VULKAN.drivers(["a.json"])})
    with copied(implementation, without) as first, copied(implementation, asked) as second:
        judge(Trees(second.start, first.tree, second.tree))


@clause("OVER-018")
def test_layers_stand_side_by_side(implementation: Implementation, case: str, judge: Judge) -> None:
    kind = KINDS[case]
    made = [replace(A, folder=f"{NATIVE.folder}/made-{number}") for number in range(2)]
    texts = {f"{number}.json": kind.text(library.path, f"made_{number}") for number, library in enumerate(made)}
    judge(_asked(implementation, Asked(texts, made, tuple(library.path for library in made), kind)))


DRI = f"{NATIVE.folder}/dri"
FIRST = Library("a_dri.so", folder=DRI)


@clause("OVER-020")
def test_linked_drivers(implementation: Implementation, case: str, judge: Judge) -> None:
    alone, second = Root((FIRST,), loaders=(NATIVE,)), {f"{DRI}/b_dri.so": FIRST.file}
    root = replace(alone, hard_links=second) if case == "hard-linked" else replace(alone, links=second)
    with copied(implementation, provider_of(implementation, root, {PATHS["dri"]: f"/{DRI}"})) as it:
        judge(it.laid(FIRST.given))
