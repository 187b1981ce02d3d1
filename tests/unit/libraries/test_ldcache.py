"""Caches, in both formats: which entry counts, and that no damage does more than to hide entries."""

from __future__ import annotations

from random import Random

import pytest

from pytest_vessel.libraries.elf_header import Abi
from pytest_vessel.libraries.ldcache import Answer, Cache, Taste
from pytest_vessel.libraries.processor import Processor
from pytest_vessel.system.made_cache import Entry, cache

X86_64, X86, AARCH64, ARM = Abi(64, "<", 62), Abi(32, "<", 3), Abi(64, "<", 183), Abi(32, "<", 40)
TASTE = Taste(X86_64, ("x86-64-v3", "x86-64-v2"), legacy=1 << 63 | 2, platform=1 << 50)
NUMBERED = [Entry(f"lib{number}.so.{number % 7}", f"/l/lib{number}.so") for number in range(300)]


def found(entries: list[Entry], name: str = "liba.so", taste: Taste = TASTE, *, old: bool = False) -> str | None:
    answer = Cache(cache(entries, old=old), "<").look_up(name, taste)
    return answer.path if answer else None


@pytest.mark.parametrize("old", [False, True])
def test_each_name_is_found(old: bool) -> None:
    """Numbers in names are ordered as numbers: the order that halving relies on."""
    made = Cache(cache(NUMBERED, old=old), "<")
    assert all(made.look_up(one.name, TASTE) == Answer(one.path) for one in NUMBERED)
    assert made.look_up("lib300.so.6", TASTE) is None


def test_a_number_is_the_same_with_zeros_before_it() -> None:
    """So the loader compares."""
    assert found([Entry("liba.so.01", "/a")], "liba.so.1") == "/a"


@pytest.mark.parametrize(
    ("abi", "flags", "fits"),
    [
        (X86_64, 0x303, True),
        (X86_64, 0x003, False),
        (X86_64, 0x001, False),
        (X86_64, 0x803, False),
        (X86, 0x003, True),
        (X86, 0x303, False),
        (AARCH64, 0xA03, True),
        (AARCH64, 0x003, False),
        (ARM, 0x903, True),
        (ARM, 0x003, True),
        (ARM, 0xB03, False),
    ],
)
def test_flags_tell_for_which_programs(abi: Abi, flags: int, fits: bool) -> None:
    assert found([Entry("liba.so", "/a", flags)], taste=Taste(abi)) == ("/a" if fits else None)


def test_the_best_subfolder_counts() -> None:
    plain = Entry("liba.so", "/plain")
    levels = [Entry("liba.so", f"/{level}", level=f"x86-64-{level}") for level in ("v2", "v3", "v4")]
    assert found([plain, *levels]) == "/v3"
    assert found([plain, levels[2]]) == "/plain"
    assert found([plain, *levels], taste=Taste(X86_64)) == "/plain"


@pytest.mark.parametrize(
    ("hwcap", "fits"), [(2, True), (1 << 63, True), (1 << 50, True), (1 << 50 | 2, True), (4, False), (1 << 49, False)]
)
def test_older_entries_count_when_all_their_bits_do(hwcap: int, fits: bool) -> None:
    assert found([Entry("liba.so", "/a", hwcap=hwcap)]) == ("/a" if fits else None)


@pytest.mark.parametrize(
    ("abi", "flags", "hwcap", "words"),
    [(ARM, 0x903, 1 << 6 | 1 << 12, ("neon", "vfp")), (AARCH64, 0xA03, 1 << 8, ("atomics",))],
)
def test_older_entries_of_arm(abi: Abi, flags: int, hwcap: int, words: tuple[str, ...]) -> None:
    """The first one as for libvpx in Debian 12: all words of its folder are those of the processor, or it is none."""
    entries = [Entry("liba.so", "/best", flags, hwcap), Entry("liba.so", "/plain", flags)]
    assert found(entries, taste=Taste(abi, legacy=Processor(words=words).old_bits)) == "/best"
    assert found(entries, taste=Taste(abi, legacy=Processor(words=words[1:]).old_bits)) == "/plain"


@pytest.mark.parametrize(
    ("old", "takes_first", "path", "without_own"),
    [(False, True, "/1", "/1"), (False, False, "/3", "/1"), (True, True, "/3", "/2"), (True, False, "/3", "/1")],
)
@pytest.mark.parametrize(("abi", "other"), [(X86, 1), (ARM, 0x903)])
def test_entries_of_other_flags(
    abi: Abi, other: int, old: bool, takes_first: bool, path: str, without_own: str
) -> None:
    """Two of them, and two with the flags that the loader calls its own: 3 for both."""
    entries = [Entry("liba.so", f"/{number}", flags) for number, flags in enumerate((other, other, 3, 3), 1)]
    taste = Taste(abi, takes_first=takes_first)
    assert found(entries, taste=taste, old=old) == path
    assert found(entries[:2], taste=taste, old=old) == without_own


def test_a_new_cache_behind_an_old_one_counts_alone() -> None:
    old = cache([Entry("liba.so", "/old")], old=True)
    # Strings of the old one are behind all: the new one stands where its entries end.
    entries_end = (16 + 12 + 7) // 8 * 8
    both = old[:28].ljust(entries_end, b"\0") + cache([Entry("liba.so", "/new")])
    answer = Cache(both, "<").look_up("liba.so", TASTE)
    assert answer == Answer("/new")


def test_the_other_byte_order_is_no_cache() -> None:
    assert Cache(cache(NUMBERED), ">").look_up("lib1.so.1", TASTE) is None


@pytest.mark.parametrize("count", [5_000, pytest.param(100_000, marks=pytest.mark.full)])
def test_mutated_caches(count: int) -> None:
    random = Random(count)
    whole = cache([*NUMBERED[:20], Entry("liba.so", "/v2", level="x86-64-v2"), Entry("liba.so", "/plain")])
    answers = set()
    for _ in range(count):
        content = bytearray(whole)
        for _ in range(random.choice([1, 1, 2, 4])):
            place = random.randrange(len(content) if random.random() < 0.5 else 64)
            content[place : place + random.choice([1, 4, 8])] = random.choice([b"\0", b"\xff" * 8, random.randbytes(4)])
        made = Cache(bytes(content[: random.randrange(len(content)) if random.random() < 0.1 else None]), "<")
        answers.add(made.look_up("liba.so", TASTE))
    assert {Answer("/v2", "x86-64-v2"), None} <= answers
