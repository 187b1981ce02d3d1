"""Overrides of the reference: paths in a root, and folders that are made without following links."""

from __future__ import annotations

import errno
import os

import pytest

from pytest_vessel.reference import kernel
from pytest_vessel.reference.overrides.folder import make_folders
from pytest_vessel.reference.overrides.roots import CopyRoot, Provider, Tree
from pytest_vessel.reference.trouble import Trouble


@pytest.fixture
def top(tmp_path):
    """A folder with a file beside it, which no path in the root may lead to."""
    (tmp_path / "secret").write_text("outside")
    inner = tmp_path / "root"
    (inner / "usr/lib").mkdir(parents=True)
    (inner / "usr/lib/file").write_text("inside")
    (inner / "lib").symlink_to("usr/lib")
    (inner / "absolute").symlink_to("/usr/lib/file")
    (inner / "upwards").symlink_to("../../../../usr/lib/file")
    (inner / "outwards").symlink_to(tmp_path / "secret")
    (inner / "loop").symlink_to("loop")
    return inner


@pytest.fixture
def descriptor(top):
    found = os.open(top, os.O_PATH | os.O_DIRECTORY)
    yield found
    os.close(found)


@pytest.mark.parametrize("path", ["/usr/lib/file", "lib/file", "/absolute", "/upwards", "/lib/../lib/file"])
def test_paths_lead_to_files_of_the_root(descriptor, path):
    tree = Tree(descriptor)
    assert tree.real(path) == "/usr/lib/file"
    assert tree.content(path, 100) == b"inside"


@pytest.mark.parametrize("path", ["/outwards", "/../secret/x", "/loop", "/nowhere", "/absolute/below"])
def test_what_is_not_in_the_root_is_not_there(descriptor, path):
    tree = Tree(descriptor)
    assert (tree.real(path), tree.names(path), tree.is_folder(path)) == (None, [], False)


def test_an_error_that_says_nothing_of_the_path_is_no_absence(descriptor, monkeypatch):
    def failing(*_):
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(kernel, "open_in_root", failing)
    with pytest.raises(OSError, match="Too many open files"):
        Provider(descriptor).library("/usr/lib/file")


@pytest.mark.parametrize("path", ["/lib/file", "/new/folder/link", "/absolute", "/lib"])
def test_a_link_takes_the_place_of_whatever_is_there(top, descriptor, path):
    CopyRoot(descriptor).link(path, "/target")
    assert os.readlink(top / path.lstrip("/")) == "/target"
    assert (top / "usr/lib").is_dir()


def test_a_folder_gives_way_to_a_link(top, descriptor):
    CopyRoot(descriptor).link("/usr/lib", "/target")
    assert (top / "usr/lib").is_symlink()


def test_no_link_leads_a_new_file_out_of_the_root(top, descriptor):
    (top / "out").symlink_to(top.parent)
    with pytest.raises(Trouble, match="/out/new: cannot be made a link in the copy: File exists"):
        CopyRoot(descriptor).link("/out/new", "/target")
    assert not os.path.lexists(top.parent / "new")


def test_a_link_that_cannot_be_made_is_named(descriptor):
    with pytest.raises(Trouble, match=r"/absolute/x: cannot be made a link in the copy: Not a directory"):
        CopyRoot(descriptor).link("/absolute/x", "/target")


@pytest.mark.parametrize(("path", "named"), [("lib/x", "lib"), ("usr/lib/file/x", "usr/lib/file"), ("loop", "loop")])
def test_folders_are_never_made_through_a_link_or_a_file(top, descriptor, path, named):
    with pytest.raises(NotADirectoryError) as caught:
        make_folders(descriptor, path)
    assert caught.value.filename == named
    assert sorted(os.listdir(top / "usr/lib")) == ["file"]


@pytest.mark.parametrize(
    ("real", "inside"),
    [
        ("/usr/lib/a", "/run/provider/usr/lib/a"),
        ("/lib64/a", "/run/provider/lib64/a"),
        ("/app/lib/a", "/run/provider/app/lib/a"),
        ("/opt/a", "/opt/a"),
        ("/usrlocal/a", "/usrlocal/a"),
    ],
)
def test_where_the_container_sees_the_provider(descriptor, real, inside):
    assert Provider(descriptor).inside(real) == inside
