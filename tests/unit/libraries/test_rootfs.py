"""Nothing leads out of a root."""

from __future__ import annotations

import os
from errno import ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR
from pathlib import Path

import pytest

from pytest_vessel.errors import LibraryError
from pytest_vessel.libraries.rootfs import Root


@pytest.fixture
def top(tmp_path: Path) -> Path:
    (tmp_path / "outside").write_text("secret")
    top = tmp_path / "top"
    (top / "usr/lib").mkdir(parents=True)
    (top / "usr/lib/liba.so").write_text("inside")
    return top


@pytest.mark.parametrize(
    ("link", "path", "found"),
    [
        ("usr/lib", "/link/liba.so", "/usr/lib/liba.so"),
        ("/usr/lib", "/link/liba.so", "/usr/lib/liba.so"),
        ("../../../usr/lib", "/link/liba.so", "/usr/lib/liba.so"),
        ("/", "/link/usr/../usr/lib/./liba.so", "/usr/lib/liba.so"),
        ("../outside", "/link", ENOENT),
        ("/../../outside", "/link", ENOENT),
        ("link", "/link", ELOOP),
        ("usr/lib/liba.so", "/link/", ENOTDIR),
        ("usr/lib/liba.so", "/link/..", ENOTDIR),
        ("nowhere", "/link/../usr", ENOENT),
        ("usr", "/../../link", "/usr"),
        ("usr", "/" + "x" * 300, ENAMETOOLONG),
        ("usr", "/nul\0", ENOENT),
    ],
)
def test_links_stay_inside(top: Path, link: str, path: str, found: str | int) -> None:
    (top / "link").symlink_to(link)
    assert Root(top).resolve(path) == found


def test_links_lead_outside_of_a_root_that_is_a_link_itself(top: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(top)
    assert Root(tmp_path / "link").resolve("/usr/lib/liba.so") == "/usr/lib/liba.so"


def test_forty_links_and_no_more(top: Path) -> None:
    (top / "0").symlink_to("usr")
    for number in range(1, 41):
        (top / str(number)).symlink_to(str(number - 1))
    assert Root(top).resolve("/39") == "/usr"
    assert Root(top).resolve("/40") == ELOOP
    with pytest.raises(OSError, match="symbolic links"):
        os.stat(top / "40")


def test_looking_into_a_folder(top: Path) -> None:
    root = Root(top)
    (top / "usr/lib/libl.so").symlink_to("/usr/lib/liba.so")
    assert root.look("/usr/lib", "libl.so") == "/usr/lib/liba.so"
    assert root.look("/usr/lib", "libx.so") == ENOENT
    assert root.look("/", "usr") == "/usr"


def test_a_link_is_never_opened(top: Path) -> None:
    """Also when it took the place of a file that was resolved."""
    root = Root(top)
    real = root.resolve("/usr/lib/liba.so")
    (top / "usr/lib/liba.so").unlink()
    (top / "usr/lib/liba.so").symlink_to("/outside")
    assert isinstance(real, str)
    with pytest.raises(OSError, match="symbolic links"):
        root.open(real)


@pytest.mark.parametrize(("path", "named"), [("/nowhere", "/nowhere"), ("", "''")])
def test_no_root(path: str, named: str) -> None:
    with pytest.raises(LibraryError, match=f"^{named}: is no folder"):
        Root(path)
