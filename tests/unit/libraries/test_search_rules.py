"""The rules one by one, each in the smallest root that shows it; random roots hold them against the loader itself."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from both_ways import BothWays
from random_roots import INTERPRETER

from pytest_vessel.libraries.found import Loaded
from pytest_vessel.libraries.processor import Processor
from pytest_vessel.system.made_cache import Entry, cache
from pytest_vessel.system.made_elf import FILTER, FLAGS_1, NEEDED, NODEFLIB, RPATH, RUNPATH, SONAME, Made

HASWELL = Processor("haswell", ("x86-64-v4", "x86-64-v3", "x86-64-v2"), ("avx512_1", "x86_64"))
"""A processor on which each subfolder counts, whatever this machine has."""


class Maker:
    """Writes libraries and the program into a root, and says what the program loads: paths, or names with a `?`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "lib64").mkdir()
        shutil.copy(os.path.realpath(INTERPRETER), root / INTERPRETER[1:])

    def write(self, path: str, *tags: tuple[int, str | int]) -> None:
        (self.root / path[1:]).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path[1:]).write_bytes(Made(tags, INTERPRETER).content)

    def loads(self, path: str = "/app/prog", **options: str) -> list[str]:
        found = BothWays(self.root, chosen=HASWELL, **options).closure(path)  # type: ignore[arg-type]
        return [entry.path if isinstance(entry, Loaded) else f"{entry.name}?" for entry in found.entries]


@pytest.fixture
def made(tmp_path: Path) -> Maker:
    return Maker(tmp_path)


def needs(*names: str) -> list[tuple[int, str | int]]:
    return [(NEEDED, name) for name in names]


def test_rpath_is_inherited_and_runpath_is_not(made: Maker) -> None:
    made.write("/d/liba.so", *needs("libb.so"))
    made.write("/d/libb.so")
    made.write("/app/prog", *needs("liba.so"), (RPATH, "/d"))
    assert made.loads() == ["/d/liba.so", "/d/libb.so"]
    made.write("/app/prog", *needs("liba.so"), (RUNPATH, "/d"))
    assert made.loads() == ["/d/liba.so", "libb.so?"]


def test_an_empty_runpath_voids_rpath(made: Maker) -> None:
    made.write("/d/liba.so")
    made.write("/app/prog", *needs("liba.so"), (RPATH, "/d"), (RUNPATH, ""))
    assert made.loads() == ["liba.so?"]


def test_rpath_before_library_path_before_runpath(made: Maker) -> None:
    for folder in ("rp", "env", "run"):
        made.write(f"/{folder}/liba.so")
    made.write("/app/prog", *needs("liba.so"), (RPATH, "/rp"))
    assert made.loads(library_path="/env") == ["/rp/liba.so"]
    made.write("/app/prog", *needs("liba.so"), (RUNPATH, "/run"))
    assert made.loads(library_path="/env") == ["/env/liba.so"]
    assert made.loads() == ["/run/liba.so"]


def test_origin_of_a_library_is_where_it_was_found(made: Maker) -> None:
    made.write("/real/liba.so", *needs("libb.so"), (RUNPATH, "$ORIGIN"))
    made.write("/link/libb.so")
    (made.root / "link/liba.so").symlink_to("../real/liba.so")
    made.write("/app/prog", *needs("liba.so"), (RUNPATH, "/link"))
    assert made.loads() == ["/link/liba.so", "/link/libb.so"]


def test_origin_of_a_program_is_where_it_is(made: Maker) -> None:
    made.write("/app/liba.so")
    made.write("/app/prog", *needs("liba.so"), (RUNPATH, "$ORIGIN"))
    (made.root / "prog").symlink_to("app/prog")
    assert made.loads("/prog") == ["/app/liba.so"]


def test_tokens(made: Maker) -> None:
    made.write("/app/lib/x86_64-linux-gnu/haswell/liba.so")
    made.write("/app/prog", *needs("liba.so"), (RUNPATH, "$ORIGINx:${ORIGIN}/$LIB/$PLATFORM"))
    assert made.loads() == ["/app/lib/x86_64-linux-gnu/haswell/liba.so"]


def test_relative_elements_begin_at_the_current_folder(made: Maker) -> None:
    made.write("/d/liba.so")
    made.write("/app/prog", *needs("liba.so"), (RUNPATH, "nowhere::x"))
    assert made.loads(cwd="/d") == ["liba.so"]
    assert made.loads() == ["liba.so?"]


def test_soname_and_file_make_one_object(made: Maker) -> None:
    made.write("/usr/lib/other.so", (SONAME, "real.so.1"))
    made.write("/usr/lib/real.so.1")
    (made.root / "usr/lib/link.so").symlink_to("other.so")
    made.write("/app/prog", *needs("other.so", "real.so.1", "link.so"))
    assert made.loads() == ["/usr/lib/other.so"]


def test_a_missing_name_is_missing_for_each(made: Maker) -> None:
    made.write("/usr/lib/liba.so", *needs("libx.so"))
    made.write("/app/prog", *needs("liba.so", "libx.so"))
    assert made.loads() == ["/usr/lib/liba.so", "libx.so?", "libx.so?"]


def test_nodeflib(made: Maker) -> None:
    made.write("/usr/lib/liba.so")
    (made.root / "etc").mkdir()
    (made.root / "etc/ld.so.cache").write_bytes(cache([Entry("liba.so", "/usr/lib/liba.so")]))
    made.write("/app/prog", *needs("liba.so"), (FLAGS_1, NODEFLIB))
    assert made.loads() == ["liba.so?"]


def test_a_filtee_stands_before_its_filter(made: Maker) -> None:
    made.write("/usr/lib/liba.so", (FILTER, "libf.so"))
    made.write("/usr/lib/libf.so", *needs("libz.so"))
    made.write("/app/prog", *needs("liba.so", "libb.so"))
    assert made.loads() == ["/usr/lib/libf.so", "/usr/lib/liba.so", "libb.so?", "libz.so?"]


SUBFOLDERS = (
    *(f"glibc-hwcaps/x86-64-v{level}" for level in (4, 3, 2)),
    *(
        "tls/haswell/avx512_1/x86_64",
        "tls/haswell/avx512_1",
        "tls/haswell/x86_64",
        "tls/haswell",
        "tls/avx512_1/x86_64",
    ),
    *("tls/avx512_1", "tls/x86_64", "tls", "haswell/avx512_1/x86_64", "haswell/avx512_1", "haswell/x86_64", "haswell"),
    *("avx512_1/x86_64", "avx512_1", "x86_64", "."),
)


def test_subfolders_in_their_order(made: Maker) -> None:
    loader = (made.root / INTERPRETER[1:]).read_bytes()
    old = b"stable release version 2.36" in loader
    expected = [one for one in SUBFOLDERS if old or "/x86-64-" in one or one == "."]
    for subfolder in SUBFOLDERS:
        made.write(f"/d/{subfolder}/liba.so")
    made.write("/app/prog", *needs("liba.so"), (RUNPATH, "/d"))
    for subfolder in expected:
        (found,) = made.loads()
        assert os.path.dirname(found) == os.path.normpath(f"/d/{subfolder}")
        (made.root / found[1:]).unlink()


def test_preloaded_libraries_come_first(made: Maker) -> None:
    made.write("/usr/lib/liba.so")
    made.write("/usr/lib/libp.so")
    (made.root / "etc").mkdir()
    (made.root / "etc/ld.so.preload").write_text("# libx.so\nlibp.so:libnone.so")
    made.write("/app/prog", *needs("liba.so"))
    assert made.loads() == ["/usr/lib/libp.so", "/usr/lib/liba.so"]


def test_the_cache_and_when_it_is_stale(made: Maker) -> None:
    made.write("/far/liba.so")
    made.write("/far/v3/liba.so")
    made.write("/usr/lib/liba.so")
    made.write("/app/prog", *needs("liba.so"))
    (made.root / "etc").mkdir()
    entries = [Entry("liba.so", "/far/liba.so"), Entry("liba.so", "/far/v3/liba.so", level="x86-64-v3")]
    (made.root / "etc/ld.so.cache").write_bytes(cache(entries))
    assert made.loads() == ["/far/v3/liba.so"]
    (made.root / "etc/ld.so.cache").write_bytes(cache([Entry("liba.so", "/gone/liba.so")]))
    assert made.loads() == ["/usr/lib/liba.so"]
    (made.root / "etc/ld.so.cache").write_bytes(cache([Entry("liba.so", "/far/liba.so")], old=True))
    assert made.loads() == ["/far/liba.so"]
