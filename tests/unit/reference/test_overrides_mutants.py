"""Each mutant of overrides has its defect, shown on the copies that it makes; the reference does not."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import overrides_mutant_world as see
import pytest
from copy_world import altered
from overrides_world import AMD64, HELPER, I386, INSIDE, LIB, World, on_amd64
from reference_world import done

from pytest_vessel.mutant import MUTANTS
from pytest_vessel.reference.overrides.folder import OverridesFolder
from pytest_vessel.reference.overrides.libraries import Libraries
from pytest_vessel.reference.overrides.roots import CopyRoot, Provider
from pytest_vessel.reference.trouble import Trouble

pytestmark = on_amd64

TUPLE = f"/overrides/lib/{AMD64}"
MANIFESTS = "/overrides/share/vulkan/icd.d"
LIBZ = f"{INSIDE}/libz.so.1.3"
GLIBC = ["libc.so.6", "libm.so.6"]
LOADER, LOCALE, GCONV = "usr/lib64/ld-linux-x86-64.so.2", "usr/lib/locale", f"{LIB}/gconv"
REDIRECTED = [LOADER, LOCALE, GCONV]
SHADOW, KEPT = f"{LIB}/libz.so.1", f"{LIB}/libkept.so.1"
KEPT_ALIAS = {"libkept.so.1.0": f"/{LIB}/libkept.so.1"}
Z_ALIAS = {"libz.so.1.0": f"{TUPLE}/libz.so.1"}

# mutant, what is looked at, what the reference shows, what the mutant shows
SHOWN: list[tuple[str, Callable[[World], object], object, object]] = [
    ("override-named-by-file", see.links, {"libz.so.1": LIBZ}, {"libz.so.1.3": LIBZ}),
    ("override-relative", see.links, {"libz.so.1": LIBZ}, {"libz.so.1": f"../../../../../..{LIBZ}"}),
    ("override-of-a-link", see.links, {"libz.so.1": LIBZ}, {"libz.so.1": f"{INSIDE}/libz.so.1"}),
    ("override-not-rewritten", see.links, {"libz.so.1": LIBZ}, {"libz.so.1": f"/{LIB}/libz.so.1.3"}),
    (
        "override-always-rewritten",
        see.links_elsewhere,
        {"libz.so.1": "/opt/z/libz.so.1"},
        {"libz.so.1": "/run/provider/opt/z/libz.so.1"},
    ),
    ("override-usual-folders-only", see.links_elsewhere, {"libz.so.1": "/opt/z/libz.so.1"}, {}),
    ("override-without-needs", see.links, {"libz.so.1": LIBZ}, {}),
    ("override-older", see.links_where_the_runtime_is_newer, {}, {"libz.so.1": LIBZ}),
    ("override-tie-lost", see.links_where_the_runtime_is_equal, {"libz.so.1": LIBZ}, {}),
    ("override-knowledge-ignored", see.links_where_the_runtime_knows_better, {"libz.so.1": LIBZ}, {}),
    (
        "override-architectures-mixed",
        see.links_of_two_architectures,
        [AMD64, I386],
        [I386, I386],
    ),
    ("override-libc-alone", see.family, (GLIBC, REDIRECTED), (["libc.so.6"], REDIRECTED)),
    ("keeps-runtime-loader", see.family, (GLIBC, REDIRECTED), (GLIBC, [LOCALE, GCONV])),
    ("keeps-runtime-locale", see.family, (GLIBC, REDIRECTED), (GLIBC, [LOADER, GCONV])),
    ("keeps-runtime-gconv", see.family, (GLIBC, REDIRECTED), (GLIBC, [LOADER, LOCALE])),
    ("redirects-glibc-always", see.loader_where_libc_is_the_runtimes, False, True),
    ("ignores-missing-loader", see.without_a_loader, 1, 0),
    ("runtime-conf-lost", see.configuration, [TUPLE, "/ours", "/more"], [TUPLE]),
    ("runtime-conf-first", see.configuration, [TUPLE, "/ours", "/more"], ["/ours", "/more", TUPLE]),
    ("overrides-not-in-conf", see.configuration, [TUPLE, "/ours", "/more"], ["/ours", "/more"]),
    ("shadows-stay", see.what_stays_of_the_runtime, [KEPT], [SHADOW, KEPT, see.HWCAPS]),
    ("hwcaps-shadows-stay", see.what_stays_of_the_runtime, [KEPT], [KEPT, see.HWCAPS]),
    ("shadows-cleared", see.what_stays_of_the_runtime, [KEPT], []),
    ("drivers-always-numbered", see.folders_of_a_driver, ["a_dri.so"], ["0/a_dri.so"]),
    (
        "drivers-unpadded",
        see.folders_of_eleven_drivers,
        [f"{number}/a_dri.so" for number in ("00", "01", "02")],
        [f"{number}/a_dri.so" for number in ("0", "1", "10")],
    ),
    ("driver-links-apart", see.targets_of_hard_links, 1, 2),
    ("manifest-as-it-was", see.manifest, {"a.json": True}, {"a.json": False}),
    ("manifest-broken-kept", see.broken_manifest, [], ["icd.d/a.json"]),
    ("manifest-without-library", see.manifest_without_library, [], ["icd.d/a.json"]),
    ("manifest-bare-name-lost", see.manifest_with_a_bare_name, ["a.json"], []),
    ("manifest-needs-library", see.layers, ["a.json"], []),
    ("manifest-folder-left", see.broken_manifest, [], ["icd.d/"]),
    ("manifest-names-random", see.two_copies_are_alike, True, False),
    ("layers-one-folder-deeper", see.layers, ["a.json"], ["0/a.json"]),
    ("alias-dangling", see.aliases, KEPT_ALIAS | Z_ALIAS, Z_ALIAS | {"libkept.so.1.0": f"{TUPLE}/libkept.so.1"}),
    ("alias-of-runtime-only", see.aliases, KEPT_ALIAS | Z_ALIAS, KEPT_ALIAS),
    ("alias-missing-is-last", see.aliases, KEPT_ALIAS | Z_ALIAS, Z_ALIAS),
    ("alias-missing-is-fatal", see.aliases, KEPT_ALIAS | Z_ALIAS, 1),
    ("overrides-littered", see.other_files, [], ["created-by"]),
]

# the same, in a container
INSIDE_SHOWN: list[tuple[str, Callable[[World], object], object, object]] = [
    ("overrides-writable", see.written, [], ["written"]),
    ("provider-not-shown", see.leads, ["libz.so.1", "libopt.so.1"], ["libopt.so.1"]),
    ("verbatim-not-shown", see.leads, ["libz.so.1", "libopt.so.1"], ["libz.so.1"]),
    (
        "manifest-order-lost",
        see.manifests_told,
        [f"{MANIFESTS}/{name}.json" for name in "ba"],
        [f"{MANIFESTS}/{name}.json" for name in "ab"],
    ),
    (
        "manifests-not-told",
        see.manifests_told,
        [f"{MANIFESTS}/{name}.json" for name in "ba"],
        [f"{MANIFESTS}/b.json"],
    ),
    ("driver-variables-stay", see.variable_without_a_provider, [""], ["/opt"]),
    ("overrides-missing-when-empty", see.folder_without_a_provider, ["there"], []),
    ("cache-not-made", see.cache, True, False),
    ("overrides-not-in-conf", see.cache, True, False),
    ("cache-failure-fatal", see.without_ldconfig, [f"{TUPLE}:{TUPLE}/aliases"], ["1"]),
    ("cache-failure-ignored", see.without_ldconfig, [f"{TUPLE}:{TUPLE}/aliases"], [f"{TUPLE}/aliases"]),
]


@pytest.mark.parametrize(("mutant", "look", "sound", "flawed"), [*SHOWN, *INSIDE_SHOWN])
def test_defect(tmp_path, mutant, look, sound, flawed):
    assert look(World(tmp_path / "sound")) == sound
    assert look(World(tmp_path / "flawed", ("pytest_vessel.mutant", mutant))) == flawed


def folder_of(flaw: type[OverridesFolder], path: Path) -> OverridesFolder:
    """Overrides in a folder that has a file `lib`."""
    (path / "lib").touch()
    folder = flaw()
    folder.descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    return folder


def in_a_folder(flaw: type[Any], path: Path) -> str:
    """What is said of a link, a folder and a manifest that cannot be made."""
    folder = folder_of(flaw, path)
    made = {"link": ("lib/x", "/y"), "make_folder": ("lib/x",), "write": ("lib/x", "")}
    errors = [error_of(getattr(folder, step), *given) for step, given in made.items()]
    os.close(folder.descriptor)
    return "; ".join(errors)


def error_of(step: Callable[..., None], *given: object) -> str:
    try:
        step(*given)
    except Trouble as trouble:
        return str(trouble).partition(":")[0]
    return "nothing"


@pytest.mark.parametrize(
    ("mutant", "said"),
    [
        ("", "overrides/lib/x; overrides/lib; overrides/lib/x"),
        ("override-links-unchecked", "nothing; overrides/lib; overrides/lib/x"),
        ("override-folders-unchecked", "overrides/lib/x; nothing; overrides/lib/x"),
        ("override-manifests-unchecked", "overrides/lib/x; overrides/lib; nothing"),
        ("override-errors-nameless", "overrides; overrides/lib; overrides/lib/x"),
    ],
)
def test_errors_of_the_folder(tmp_path, mutant, said):
    assert in_a_folder(MUTANTS[mutant].flaw if mutant else OverridesFolder, tmp_path) == said


@pytest.mark.parametrize(
    ("mutant", "believed"),
    [("", []), ("helper-silence-believed", [0]), ("helper-status-ignored", [0, 1, 137])],
)
def test_which_helpers_are_believed(tmp_path, mutant, believed):
    """Of those that have made nothing."""
    flaw = MUTANTS[mutant].flaw if mutant else Libraries
    found = []
    for status in (0, 1, 137):
        (path := tmp_path / str(status)).mkdir()
        folder = folder_of(OverridesFolder, path)
        found += [status] * (error_of(flaw(folder, CopyRoot(-1), Provider(-1)).check, "share", status) == "nothing")
        os.close(folder.descriptor)
    assert found == believed


@pytest.mark.parametrize(("mutant", "left"), [("", 0), ("overrides-littering", 1)])
def test_what_a_failure_leaves_in_tmpdir(tmp_path, mutant, left):
    world = World(tmp_path)
    world.provider({})
    world.runtime({})
    (temporary := tmp_path / "temporary").mkdir()
    program = altered(HELPER.format(("/bin/false",)), *world.words(), mutant=mutant)
    assert done(argv=["/usr/bin/env", f"TMPDIR={temporary}", *program]).returncode == 1
    assert len(list(temporary.iterdir())) == left
