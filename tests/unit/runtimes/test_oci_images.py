"""OCI images: layers over layers, for this machine, and only what has the digest that it should have."""

from __future__ import annotations

import bz2
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from made_archives import file, folder, link, packed, seen, special
from made_images import HERE, MadeImage, named

from pytest_vessel import sources
from pytest_vessel.errors import Inconclusive, SourceError
from pytest_vessel.runtimes import place
from pytest_vessel.system.sysroot import Layout, Source

LOWER = packed([folder("usr/bin"), file("usr/bin/tool", b"old"), file("etc/conf", b"1"), link("bin", "usr/bin")])
UPPER = packed([file("usr/bin/tool", b"new"), file("etc/.wh.conf"), special("dev/null", tarfile.CHRTYPE)])


@pytest.fixture
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MadeImage:
    monkeypatch.setattr(place, "cache_folder", lambda: tmp_path)
    return MadeImage(tmp_path / "image")


def filled(source: Source, target: Path) -> Path:
    target.mkdir()
    source.fill(target, Layout.COMPLETE_ROOT)
    return target


def test_layers(image: MadeImage, tmp_path: Path) -> None:
    source = sources.oci(image.index(image.manifest([LOWER, UPPER])))
    expected = {"bin": "usr/bin", "etc": None, "usr": None, "usr/bin": None, "usr/bin/tool": b"new"}
    assert seen(filled(source, tmp_path / "root")) == expected
    assert len(list((tmp_path / "roots").glob("*.lock"))) == 1


def test_the_cache_knows_it_by_its_manifest(image: MadeImage, tmp_path: Path) -> None:
    folder = image.index(image.manifest([LOWER], packed=[LOWER]))
    first = filled(sources.oci(folder), tmp_path / "one")
    _take_a_layer(image)
    assert seen(filled(sources.oci(folder), tmp_path / "two")) == seen(first)


@pytest.mark.parametrize("pack", ["plain", "bzip2"])
def test_layers_packed_otherwise(pack: str, image: MadeImage, tmp_path: Path) -> None:
    content = LOWER if pack == "plain" else bz2.compress(LOWER)
    source = sources.oci(image.index(image.manifest([LOWER], packed=[content])))
    assert (filled(source, tmp_path / "root") / "etc/conf").read_bytes() == b"1"


@pytest.mark.parametrize("mode", ["w:", "w:gz"])
def test_an_archive_of_a_layout(mode: str, image: MadeImage, tmp_path: Path) -> None:
    folder = image.index(named(image.manifest([LOWER]), "a"), named(image.manifest([UPPER]), "b"))
    with tarfile.open(tmp_path / "image.tar", mode) as tar:  # type: ignore[call-overload]
        tar.add(folder, ".")
    for reference, expected in (("a", b"old"), ("b", b"new")):
        root = filled(sources.oci(tmp_path / "image.tar", reference), tmp_path / reference)
        assert (root / "usr/bin/tool").read_bytes() == expected
    left = {path.name for entry in (tmp_path / "roots").glob("*") if entry.is_dir() for path in entry.iterdir()}
    assert left == {"tree", "seal"}


def test_an_archive_that_is_no_image_is_named(image: MadeImage, tmp_path: Path) -> None:
    """Not the folder that it was unpacked to, which is gone."""
    (tmp_path / "root.tar").write_bytes(LOWER)
    with pytest.raises(SourceError, match=rf"^{tmp_path}/root\.tar: index\.json cannot be opened"):
        filled(sources.oci(tmp_path / "root.tar"), tmp_path / "root")


def test_one_of_several(image: MadeImage, tmp_path: Path) -> None:
    first, second = image.manifest([LOWER]), image.manifest([UPPER])
    folder = image.index(named(first, "one:1"), named(second, "two"))
    assert (
        sources.oci(folder, "two").key == sources.oci(folder, second["digest"]).key != sources.oci(folder, "one:1").key
    )
    with pytest.raises(SourceError, match=r"image: has several images: one:1, two\n  Name one"):
        assert sources.oci(folder).key
    with pytest.raises(SourceError, match="image: there is no image 'three' in it"):
        assert sources.oci(folder, "three").key


def test_the_one_for_this_machine(image: MadeImage) -> None:
    ours = {**image.manifest([LOWER]), "platform": HERE}
    others = [
        {**image.manifest([UPPER], n=number), "platform": platform}
        for number, platform in enumerate(
            ({"os": "linux", "architecture": "s390x"}, {"os": "unknown", "architecture": "unknown"})
        )
    ]
    nested = image.document({"schemaVersion": 2, "manifests": [*others, ours]})
    assert sources.oci(image.index(named(nested, "latest")), "latest").key == f"oci:{ours['digest']}"
    with pytest.raises(Inconclusive, match=f"image: has no image for linux/{HERE['architecture']}"):
        assert sources.oci(image.index(*others)).key


def _change_a_layer(image: MadeImage) -> None:
    max((image.folder / "blobs/sha256").iterdir(), key=lambda blob: blob.stat().st_size).write_bytes(LOWER[:-1] + b"x")


def _change_the_manifest(image: MadeImage) -> None:
    blobs = (image.folder / "blobs/sha256").iterdir()
    next(blob for blob in blobs if b'"layers": [' in blob.read_bytes()).write_text("{}")


def _take_a_layer(image: MadeImage) -> None:
    max((image.folder / "blobs/sha256").iterdir(), key=lambda blob: blob.stat().st_size).unlink()


def _another_digest_unpacked(image: MadeImage) -> None:
    image.index(image.manifest([LOWER], packed=[UPPER]))


def _hostile_digest(image: MadeImage) -> None:
    image.index({"digest": "sha256:../../../../etc/passwd"})


def _a_layer_that_is_a_fifo(image: MadeImage) -> None:
    blob = max((image.folder / "blobs/sha256").iterdir(), key=lambda blob: blob.stat().st_size)
    blob.unlink()
    os.mkfifo(blob)


def _no_config(image: MadeImage) -> None:
    image.index(image.document({"layers": []}))


def _fewer_digests(image: MadeImage) -> None:
    image.index(image.manifest([LOWER], packed=[LOWER, UPPER]))


def _index_and_manifest(image: MadeImage) -> None:
    image.index(image.manifest([LOWER], manifests=[]))


def _too_many_indexes(image: MadeImage) -> None:
    row = image.manifest([LOWER])
    for _ in range(6):
        row = image.document({"manifests": [row]})
    image.index(row)


def _no_json(image: MadeImage) -> None:
    (image.folder / "index.json").write_text("[" * 100_000)


def _no_object(image: MadeImage) -> None:
    (image.folder / "index.json").write_text("[]")


def _no_list(image: MadeImage) -> None:
    (image.folder / "index.json").write_text('{"manifests": {"a": 1}}')


def _huge(image: MadeImage) -> None:
    (image.folder / "index.json").write_bytes(b" " * (5 << 20))


def _no_index(image: MadeImage) -> None:
    (image.folder / "index.json").unlink()


def _a_hostile_layer(image: MadeImage) -> None:
    image.index(image.manifest([LOWER, packed([file("../../planted")])]))


WRONG = {
    _change_a_layer: r"image: layer 1: is sha256:\w+, but should be sha256:",
    _change_the_manifest: r"image: blob sha256:\w+ is sha256:",
    _take_a_layer: "image: layer 1: cannot be opened: No such file",
    _another_digest_unpacked: r"image: layer 1: unpacks to sha256:\w+, but should to sha256:",
    _hostile_digest: "image: 'manifests' has not a list of descriptors with sha256 digests",
    _a_layer_that_is_a_fifo: "is no regular file",
    _no_config: "image: 'config' has not a list",
    _fewer_digests: "image: its config has no diff_ids, one for each layer",
    _index_and_manifest: "image: has an index that is a manifest too",
    _too_many_indexes: "image: has an index that is a manifest too, or too many",
    _no_json: "image: index.json is no JSON",
    _no_object: "image: index.json is no JSON object",
    _no_list: "image: 'manifests' has not a list",
    _huge: "image: index.json has more than 4194304 bytes",
    _no_index: "image: index.json cannot be opened",
    _a_hostile_layer: r"image: layer 2: member '\.\./\.\./planted': has '\.\.'",
}


@pytest.mark.parametrize("damage", WRONG, ids=lambda damage: damage.__name__.strip("_"))
def test_refused(damage: Callable[[MadeImage], None], image: MadeImage, tmp_path: Path) -> None:
    image.index(image.manifest([LOWER], packed=[LOWER]))
    damage(image)
    with pytest.raises(SourceError, match=WRONG[damage]):
        filled(sources.oci(image.folder), tmp_path / "root")
    assert not list((tmp_path / "root").iterdir())
    assert {path.suffix for path in tmp_path.glob("roots/*")} <= {".lock"}
