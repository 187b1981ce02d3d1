"""Section A: whose C library the container gets, with all that belongs to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pytest_vessel.collect import clause
from pytest_vessel.conformance.overrides.copied import NO_ROLES, copied, provider_of
from pytest_vessel.conformance.overrides.scenery import DRIVER, WITNESS, knowledge, provider_root
from pytest_vessel.conformance.overrides.seen import Libc, Refused
from pytest_vessel.conformance.overrides.world import NATIVE, Library, Root, glibc_family
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.implementations import Implementation

LIBC = "libc.so.6"
OLD_LIBC = Library(LIBC, LIBC, defines=("GLIBC_2.2.5",))
NEEDS_LIBC = replace(DRIVER, needs=(LIBC, WITNESS.soname))
ALWAYS = frozenset(
    ("libanl.so.1", LIBC, "libdl.so.2", "libm.so.6", "libmvec.so.1", "libpthread.so.0", "libresolv.so.2", "librt.so.1")
)
"""Of the libraries of glibc, those that programs are linked with: they have to come, where the provider has them."""

FILES = {"usr/lib/locale/made.test/LC_MADE": "made\n", f"{NATIVE.folder}/gconv/gconv-modules": "# made\n"}
DATA = (NATIVE.loader, *(f"/{path}" for path in FILES))
"""What belongs to a C library beside its family: its loader, locales, and gconv data; a path of each, inside."""


@clause("OVER-009")
def test_older_libc_stays_away(implementation: Implementation, judge: Judge) -> None:
    judge(_libc(implementation, provider_root(OLD_LIBC, driver=NEEDS_LIBC), (LIBC,)))


@clause("OVER-008[libc]")
def test_no_rule_for_libc(implementation: Implementation, judge: Judge) -> None:
    root = provider_root(OLD_LIBC, driver=NEEDS_LIBC)
    judge(_libc(implementation, root, (LIBC,), knowledge(LIBC, "provider")))


@clause("OVER-010")
def test_libc_comes_with_its_family(implementation: Implementation, case: str, judge: Judge) -> None:
    libraries = (Library("libGL.so.1.7.0", "libGL.so.1", needs=(LIBC,)),) if case == "gl" else ()
    root = replace(provider_root(*libraries, driver=NEEDS_LIBC), glibc=True)
    judge(_libc(implementation, root, tuple(name for name in glibc_family() if name in ALWAYS)))


def _libc(
    implementation: Implementation, root: Root, family: tuple[str, ...], roles: Mapping[str, str] = NO_ROLES
) -> Libc:
    provider = provider_of(implementation, root.with_files(FILES))
    with copied(implementation, provider, Root(files=FILES, glibc=True), roles) as it:
        return Libc(it.start, it.tree, NATIVE.name, family, {path: it.lead(path) for path in DATA})


@clause("OVER-011")
def test_loader_is_missing(implementation: Implementation, judge: Judge) -> None:
    root = replace(provider_root(driver=NEEDS_LIBC), glibc=True, loaders=())
    with copied(implementation, provider_of(implementation, root), Root(glibc=True)) as it:
        judge(Refused(it.start))
