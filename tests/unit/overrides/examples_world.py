"""Examples for the deciders of layout and content: overrides as they should be, and each way of being wrong."""

from __future__ import annotations

from dataclasses import replace

from pytest_vessel.conformance.overrides import seen as s
from pytest_vessel.judge import Verdict
from pytest_vessel.observation.process import Ending, Start
from pytest_vessel.observation.tree import Entry, Kind, Tree

RUNS, FAILED = Start(True), Start(False, ending=Ending(1, message="no loader\n"))
ARCH, FILE = "made-arch", "/usr/lib/liba.so.1.2"
TARGET = f"/run/p{FILE}"
PROVIDERS = s.Lead(s.Origin.PROVIDER, FILE)
RUNTIMES = s.Lead(s.Origin.RUNTIME, "/lib/libk.so.3.1")
NOTHING = s.Lead(s.Origin.NOTHING)


def link(path: str, target: str = TARGET) -> Entry:
    return Entry(path, Kind.LINK, target)


LINK, MANIFEST = link(f"lib/{ARCH}/liba.so.1"), Entry("share/vulkan/icd.d/a.json", Kind.FILE, "{}")
TREE = Tree((Entry("lib", Kind.FOLDER), LINK, MANIFEST))
LAID = s.Laid(RUNS, TREE, ARCH, "/run/p", (s.Given("liba.so.1", FILE),), {LINK.path: PROVIDERS})
OPT = "/opt/made/liba.so.1.2"
VERBATIM = replace(LAID, given=(s.Given("liba.so.1", OPT),), tree=Tree((link(LINK.path, OPT),)))
SHOWN = s.Shown(RUNS, there=True, same=True, wrote=(), refused=("EROFS",))
CHOICE = s.Choice(RUNS, TREE, ARCH, "liba.so.1", (1, 9), (1, 2), RUNTIMES)
ELSE = Tree((link(f"lib/{ARCH}/libwitness.so.1"),))
KEPT = replace(CHOICE, tree=ELSE, runtime=(1, 10))
RULED = replace(CHOICE, runtime=(1, 10), rule="provider")
LOADS = s.Loads(RUNS, TREE, Ending(0), {"liba.so.1": s.Origin.PROVIDER}, {"liba.so.1": PROVIDERS}, RUNTIMES)
FAMILY = ("libc.so.6", "libm.so.6")
DATA = {"/lib64/ld.so": PROVIDERS, "/usr/lib/locale/C": PROVIDERS}
LIBC = s.Libc(RUNS, Tree(tuple(link(f"lib/{ARCH}/{name}") for name in FAMILY)), ARCH, FAMILY, DATA)
LIBC_ITSELF = Tree((*ELSE.entries, Entry(f"lib/{ARCH}/{FAMILY[0]}", Kind.FILE)))
OLD_LIBC = s.Libc(RUNS, ELSE, ARCH, FAMILY[:1], dict.fromkeys(DATA, RUNTIMES))
BARE = s.Bare(RUNS, Tree(()), {})


def told(number: int, folder: str = "share/vulkan/icd.d", file: str = "") -> s.Told:
    file = file or f"/usr/lib/{number}/libd.so"
    return s.Told(f"{folder}/{number}.json", f"/run/p{file}", s.Lead(s.Origin.PROVIDER, file))


def numbered(*folders: str) -> Tree:
    targets = {name: f"/run/p/usr/lib/{int(name)}/libd.so" for name in folders}
    return Tree(tuple(link(f"lib/{ARCH}/vulkan/{name}/libd.so", target) for name, target in targets.items()))


def drivers(*manifests: s.Told, tree: Tree = TREE) -> s.Drivers:
    wanted, variables = tuple(one.lead.file for one in manifests), {"VK_DRIVER_FILES": "/o/0.json"}
    return s.Drivers(RUNS, tree, wanted, manifests, variables, "vulkan/icd.d", tuple(variables))


ONE = drivers(told(0))
TWO = drivers(told(0), told(1), tree=numbered("0", "1"))
ELEVEN = drivers(*map(told, range(11)), tree=numbered(*(f"{number:02}" for number in range(11))))
PLAIN = drivers(told(0, file="/usr/lib/libd.so"), told(1, file="/usr/lib/libe.so"), tree=Tree((link("lib/x/libd.so"),)))
META = replace(ONE, wanted=(None,), told=(s.Told("share/a.json", None, NOTHING),))
LAYERS = drivers(told(0, "share/vulkan/explicit_layer.d"), told(1, "share/vulkan/explicit_layer.d"))
SAME = s.Trees(RUNS, TREE, TREE)
LINKED = replace(LAID, tree=Tree((link("lib/x/dri/a_dri.so"), link("lib/x/dri/b_dri.so"))))
ALIASES = s.Aliases(RUNS, TREE, {"libo.so.1": PROVIDERS, "libn.so.1": None}, {"libo.so.1": PROVIDERS})
OWN = ("# own", "/usr/lib/own")
CONFIGURED = s.Configuration(RUNS, TREE, ("/o/lib", *OWN), (True, False, False), OWN)
GIVEN = {"one": (s.Given("liba.so.1", "/usr/lib/one/liba")), "two": (s.Given("liba.so.1", "/usr/lib/two/liba"))}
APART = s.Architectures(
    RUNS,
    Tree((link("lib/one/liba.so.1", "/run/p/usr/lib/one/liba"), link("lib/two/liba.so.1", "/run/p/usr/lib/two/liba"))),
    {name: (given,) for name, given in GIVEN.items()},
)

GOOD = [
    ("OVER-001", SHOWN),
    ("OVER-002", LAID),
    ("OVER-003", LAID),
    ("OVER-004[usr]", LAID),
    ("OVER-004[elsewhere]", VERBATIM),
    ("OVER-005[plain]", LAID),
    ("OVER-006[older]", CHOICE),
    ("OVER-006[equal]", replace(CHOICE, runtime=(1, 9))),
    ("OVER-006[newer]", KEPT),
    ("OVER-008[provider]", RULED),
    ("OVER-008[container]", replace(CHOICE, tree=ELSE, rule="container")),
    ("OVER-008[libc]", OLD_LIBC),
    ("OVER-009", OLD_LIBC),
    ("OVER-010[gl]", LIBC),
    ("OVER-011", s.Refused(FAILED)),
    ("OVER-012[hwcaps]", LOADS),
    ("OVER-013", LOADS),
    ("OVER-014[missing]", ALIASES),
    ("OVER-014[runtime]", replace(ALIASES, wanted={"libo.so.1": RUNTIMES}, leads={"libo.so.1": RUNTIMES})),
    ("OVER-015[vulkan]", ONE),
    ("OVER-015[no-library]", META),
    ("OVER-015[two-of-one-library]", replace(ONE, told=(told(0), told(0)))),
    ("OVER-016[two]", TWO),
    ("OVER-016[twelve]", ELEVEN),
    ("OVER-016[none]", PLAIN),
    ("OVER-017[library-missing]", SAME),
    ("OVER-018[explicit-layer]", LAYERS),
    ("OVER-019[configuration]", CONFIGURED),
    ("OVER-019[cache]", LOADS),
    ("OVER-020[symlinked]", LINKED),
    ("OVER-021", BARE),
    ("OVER-022", APART),
    ("OVER-023", SAME),
    ("OVER-024", VERBATIM),
    ("OVER-025", LOADS),
]

BAD = [
    ("OVER-001", replace(SHOWN, start=FAILED), "did-not-start"),
    ("OVER-001", replace(SHOWN, there=False), "absent"),
    ("OVER-001", replace(SHOWN, same=False), "elsewhere"),
    ("OVER-001", replace(SHOWN, wrote=(".",)), "writable"),
    ("OVER-002", replace(LAID, tree=None), "absent"),
    ("OVER-002", replace(LAID, tree=Tree((*TREE.entries, Entry("lib/liba.so", Kind.FILE)))), "stray-entry"),
    ("OVER-002", replace(LAID, tree=Tree((*TREE.entries, Entry("lib/fifo.json", Kind.OTHER)))), "stray-entry"),
    ("OVER-002", replace(LAID, tree=Tree((LINK,))), "incomplete"),
    ("OVER-003", replace(LAID, tree=Tree((link(LINK.path, "../liba"),))), "relative-link"),
    ("OVER-003", replace(LAID, leads={LINK.path: NOTHING}), "dangling-link"),
    ("OVER-003", replace(LAID, tree=Tree(())), "empty"),
    ("OVER-004[usr]", replace(LAID, tree=Tree((link(LINK.path, FILE),))), "link-target"),
    ("OVER-004[elsewhere]", replace(VERBATIM, tree=Tree((link(LINK.path, f"/run/p{OPT}"),))), "link-target"),
    ("OVER-004[usr]", replace(LAID, tree=Tree(())), "no-link"),
    ("OVER-005[chain]", replace(LAID, tree=Tree((link(LINK.path, "/run/p/usr/lib/liba.so.1"),))), "link-target"),
    ("OVER-005[plain]", replace(LAID, tree=Tree((link(f"lib/{ARCH}/liba.so.1.2"),))), "no-link"),
    ("OVER-006[older]", replace(CHOICE, tree=ELSE), "no-link"),
    ("OVER-006[newer]", replace(KEPT, tree=Tree(())), "nothing-captured"),
    ("OVER-006[newer]", replace(CHOICE, runtime=(1, 10)), "older-taken"),
    ("OVER-006[newer]", replace(KEPT, kept=NOTHING), "lost"),
    ("OVER-008[provider]", replace(RULED, tree=ELSE), "rule-ignored"),
    ("OVER-008[container]", replace(RULED, tree=Tree(())), "nothing-captured"),
    ("OVER-008[container]", replace(CHOICE, rule="container"), "rule-ignored"),
    ("OVER-009", replace(OLD_LIBC, tree=LIBC.tree), "older-libc"),
    (
        "OVER-009",
        replace(OLD_LIBC, tree=Tree((*ELSE.entries, Entry(f"lib/{ARCH}/{FAMILY[0]}", Kind.FILE)))),
        "older-libc",
    ),
    ("OVER-009", replace(OLD_LIBC, data=DATA), "redirected"),
    ("OVER-009", replace(OLD_LIBC, tree=Tree(())), "nothing-captured"),
    ("OVER-010[driver]", replace(LIBC, tree=Tree((link(f"lib/{ARCH}/libc.so.6"),))), "half-a-libc"),
    ("OVER-010[gl]", replace(LIBC, data={**DATA, "/usr/lib/locale/C": RUNTIMES}), "not-redirected"),
    ("OVER-011", s.Refused(RUNS), "started"),
    ("OVER-011", s.Refused(Start(False, ending=Ending(1))), "no-clear-error"),
    ("OVER-012[hwcaps]", replace(LOADS, loads={"liba.so.1": RUNTIMES}), "wrong-copy"),
    ("OVER-012[same-folder]", replace(LOADS, kept=NOTHING), "lost"),
    ("OVER-013", replace(LOADS, listing=Ending(127, output="liba.so.1 => not found")), "not-found"),
    ("OVER-013", replace(LOADS, loads={}), "wrong-copy"),
    ("OVER-014[override]", replace(ALIASES, leads={"libo.so.1": RUNTIMES}), "alias"),
    ("OVER-014[missing]", replace(ALIASES, leads={**ALIASES.leads, "libn.so.1": NOTHING}), "alias"),
    ("OVER-014[missing]", replace(ALIASES, leads={}), "alias"),
    ("OVER-015[broken]", replace(ONE, told=(told(0), told(1))), "count"),
    ("OVER-015[vulkan]", replace(ONE, told=()), "count"),
    ("OVER-015[vulkan]", replace(ONE, told=(replace(told(0), lead=NOTHING),)), "library-path"),
    ("OVER-015[no-library]", replace(META, told=(told(0),)), "library-path"),
    ("OVER-016[two]", replace(TWO, told=TWO.told[::-1]), "library-path"),
    ("OVER-016[two]", replace(TWO, tree=TREE), "not-numbered"),
    ("OVER-016[twelve]", replace(ELEVEN, tree=numbered(*map(str, range(11)))), "padding"),
    ("OVER-016[two]", replace(TWO, tree=numbered("00", "01")), "padding"),
    ("OVER-016[none]", replace(PLAIN, tree=Tree((link("lib/x/0/libd.so", "/run/p/usr/lib/libd.so"),))), "numbered"),
    ("OVER-017[library-missing]", replace(SAME, second=Tree(())), "nothing-captured"),
    ("OVER-017[wrong-machine]", replace(SAME, first=Tree(TREE.entries[1:])), "left-over"),
    ("OVER-018[implicit-layer]", drivers(told(0, "share/vulkan/implicit_layer.d/0")), "nested-manifest"),
    ("OVER-019[configuration]", replace(CONFIGURED, lines=OWN, ours=(False, False)), "no-line"),
    ("OVER-019[configuration]", replace(CONFIGURED, lines=("/o/lib", OWN[0]), ours=(True, False)), "lines-lost"),
    ("OVER-019[configuration]", replace(CONFIGURED, lines=(*OWN, "/o/lib"), ours=(False, False, True)), "order"),
    ("OVER-019[ldconfig-fails]", replace(LOADS, start=FAILED), "did-not-start"),
    ("OVER-020[symlinked]", replace(LAID, tree=Tree((link("lib/x/dri/a_dri.so"),))), "no-link"),
    ("OVER-020[hard-linked]", replace(LINKED, tree=Tree((link("x/dri/a"), link("x/dri/b", "/b")))), "link-target"),
    ("OVER-021", replace(BARE, tree=TREE), "not-empty"),
    ("OVER-021", replace(BARE, variables={"VK_DRIVER_FILES": "/o/a.json"}), "driver-variable"),
    ("OVER-022", replace(APART, given={**APART.given, "two": (GIVEN["one"],)}), "wrong-architecture"),
    ("OVER-023", replace(SAME, second=Tree((link(LINK.path, "/elsewhere"),))), "differs"),
    ("OVER-024", replace(VERBATIM, tree=Tree(())), "no-link"),
    ("OVER-025", replace(LOADS, loads={"liba.so.1": RUNTIMES}), "wrong-copy"),
]

UNDECIDED = [("OVER-022", replace(APART, tree=Tree((link("lib/one/liba.so.1"),))), Verdict.NOT_APPLICABLE)]
