"""Copies by hard links."""

from __future__ import annotations

import errno
import os

import pytest
from reference_world import snapshot

from pytest_vessel.reference import tree
from pytest_vessel.reference.trouble import Trouble


def link(source, target, **options):
    target.mkdir()
    descriptors = os.open(source, os.O_RDONLY), os.open(target, os.O_RDONLY)
    try:
        tree.link_tree(*descriptors, str(source), **options)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


@pytest.fixture
def source(tmp_path):
    (tmp_path / "source/inner").mkdir(parents=True)
    (tmp_path / "source/inner/file").write_text("x" * 100_000)
    (tmp_path / "source/inner/file").chmod(0o751)
    (tmp_path / "source/link").symlink_to("/nowhere")
    (tmp_path / "source/.ref").touch()
    (tmp_path / "source/inner/.ref").touch()
    return tmp_path / "source"


def refuse(number):
    def link(*names, **folders):
        raise OSError(number, os.strerror(number), names[0])

    return link


@pytest.mark.parametrize("number", [None, *tree.NOT_LINKABLE])
def test_links_or_copies(source, tmp_path, monkeypatch, number):
    if number is not None:
        monkeypatch.setattr(os, "link", refuse(number))
    link(source, tmp_path / "target", without=".ref")
    assert snapshot(tmp_path / "target") == snapshot(source)
    assert (tmp_path / "target/inner/file").samefile(source / "inner/file") == (number is None)


def test_only_the_entry_at_the_top_is_left_out(source, tmp_path):
    link(source, tmp_path / "target", without=".ref")
    assert not (tmp_path / "target/.ref").exists()
    assert (tmp_path / "target/inner/.ref").exists()


def test_owner_may_change_each_folder(source, tmp_path):
    (source / "inner").chmod(0o555)
    link(source, tmp_path / "target")
    assert oct((tmp_path / "target/inner").stat().st_mode & 0o7777) == "0o755"
    assert oct((source / "inner").stat().st_mode & 0o7777) == "0o555"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_error_names_the_file(source, tmp_path, monkeypatch, number):
    monkeypatch.setattr(os, "link", refuse(number))
    (source / "link").unlink()
    (source / ".ref").unlink()
    (source / "inner/.ref").unlink()
    with pytest.raises(Trouble, match=f"^{source}/inner/file: cannot be copied: {os.strerror(number)}$"):
        link(source, tmp_path / "target")
