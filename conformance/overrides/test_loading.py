"""Section A: aliases, and the loader's configuration and cache."""

from __future__ import annotations

import json

from pytest_vessel.collect import clause
from pytest_vessel.conformance.overrides.copied import copied, loads, provider_of
from pytest_vessel.conformance.overrides.scenery import KEPT, NEEDS_WORLD, PROVIDER, WORLD
from pytest_vessel.conformance.overrides.seen import Aliases, Configuration, Lead, Origin
from pytest_vessel.conformance.overrides.world import NATIVE, Root
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.implementations import Implementation

ALIASES = {
    "override": {"libother-world.so.1": WORLD.soname},
    "runtime": {"libother-kept.so.3": KEPT.soname},
    "missing": {"libnone.so.1": "libnowhere.so.1", "libother-world.so.1": WORLD.soname},
}
"""By case of OVER-014: alias to library."""

PROGRAM = {"usr/bin/ldconfig": "../sbin/ldconfig"}
"""Some systems have it in the one folder, some in the other."""

OWN_LINES = ("# of the runtime", f"/{NATIVE.folder}", "/usr/lib/none-such", f"/{NATIVE.folder}/made")


@clause("OVER-014")
def test_aliases(implementation: Implementation, case: str, judge: Judge) -> None:
    owners = {WORLD.soname: Lead(Origin.PROVIDER, WORLD.path), KEPT.soname: Lead(Origin.RUNTIME, KEPT.path)}
    abi = {"shared_libraries": [{name: {"aliases": [alias]}} for alias, name in ALIASES[case].items()]}
    provider = provider_of(implementation, PROVIDER)
    with copied(implementation, provider, Root((KEPT,)), {"abi": json.dumps(abi)}) as it:
        wanted = {f"lib/{NATIVE.name}/aliases/{alias}": owners.get(name) for alias, name in ALIASES[case].items()}
        judge(Aliases(it.start, it.tree, wanted, {path: it.leads[path] for path in wanted if path in it.leads}))


@clause("OVER-019[configuration]")
def test_configuration(implementation: Implementation, judge: Judge) -> None:
    runtime = Root(files={"etc/ld.so.conf": "".join(f"{line}\n" for line in OWN_LINES)}, links=PROGRAM)
    with copied(implementation, provider_of(implementation, PROVIDER), runtime) as it:
        lines = it.lines("/etc/ld.so.conf")
        ours = it.identity(f"{it.inside}/lib/{NATIVE.name}")
        judge(Configuration(it.start, it.tree, lines, tuple(it.identity(line) == ours for line in lines), OWN_LINES))


@clause("OVER-019[cache]", "OVER-019[ldconfig-fails]")
def test_loader_finds_them(implementation: Implementation, case: str, judge: Judge) -> None:
    failing = {"usr/sbin/ldconfig": "#!/usr/bin/false\n"} if case == "ldconfig-fails" else {}
    runtime = Root((KEPT, NEEDS_WORLD), failing, PROGRAM, programs=("false",))
    only_the_cache = ("--library-path", "/nowhere") if case == "cache" else ()
    judge(loads(implementation, PROVIDER, runtime, {WORLD.soname: Origin.PROVIDER}, *only_the_cache))
