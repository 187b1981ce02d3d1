"""What a loader asks of the processor: it chooses subfolders by it, and `$PLATFORM`."""

from __future__ import annotations

import os
from functools import cache
from itertools import compress, product, takewhile
from typing import NamedTuple

from pytest_vessel.libraries.elf_header import Abi

_X86_64, _X86, _AARCH64 = 62, 3, 183
_LEVELS = {
    "x86-64-v2": frozenset(["cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3"]),
    "x86-64-v3": frozenset(["abm", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe", "xsave"]),
    "x86-64-v4": frozenset(["avx512bw", "avx512cd", "avx512dq", "avx512f", "avx512vl"]),
}
_HASWELL = frozenset(["avx2", "bmi1", "bmi2", "abm", "movbe", "fma"])
_AVX512_1 = frozenset(["avx512cd", "avx512bw", "avx512dq", "avx512vl"])
_PLATFORM_BITS = {"i586": 1 << 48, "i686": 1 << 49, "haswell": 1 << 50, "xeon_phi": 1 << 51}
_TLS_BIT = 1 << 63
_OLD_WORDS = {"sse2": 1 << 0, "x86_64": 1 << 1, "avx512_1": 1 << 2, "vfp": 1 << 6, "neon": 1 << 12, "atomics": 1 << 8}


class Processor(NamedTuple):
    """As one loader sees it.

    `levels`: subfolders of glibc-hwcaps, the best first; `platform`: what `$PLATFORM` stands for; `words`: names of the
    subfolders that glibc 2.36 and older know beside `tls` and the platform, the best first.
    """

    platform: str = ""
    levels: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def old_subfolders(self) -> tuple[str, ...]:
        """All that glibc 2.36 and older look into: what is left when words are taken out, from the last on."""
        words = ["tls", *filter(None, [self.platform]), *self.words]
        paths = ("/".join(compress(words, kept)) for kept in product((True, False), repeat=len(words)))
        return tuple(dict.fromkeys(filter(None, paths)))

    @property
    def old_bits(self) -> int:
        """The bits of cache entries that count for glibc 2.36 and older."""
        return _TLS_BIT | sum(_OLD_WORDS.get(word, 0) for word in self.words)

    @property
    def platform_bit(self) -> int:
        """The bit of cache entries for this platform; 0 when it has none."""
        return _PLATFORM_BITS.get(self.platform, 0)


def of_this_machine(abi: Abi) -> Processor:
    """The processor that runs this; for an ABI of another machine one without any extra."""
    if abi.machine == _AARCH64:
        return Processor("aarch64")
    if os.uname().machine != "x86_64" or abi.machine not in (_X86_64, _X86):
        return Processor()
    flags, is_intel = _this_processor()
    if abi.machine == _X86:
        return Processor("i686", (), ("sse2",))
    words = ("avx512_1", "x86_64") if is_intel and flags >= _AVX512_1 else ("x86_64",)
    platform = "haswell" if is_intel and flags >= _HASWELL else "x86_64"
    levels = list(takewhile(lambda level: flags >= _LEVELS[level], _LEVELS))
    return Processor(platform, tuple(reversed(levels)), words)


@cache
def _this_processor() -> tuple[frozenset[str], bool]:
    """The flags of /proc/cpuinfo, and whether it is of Intel: the loader asks only those for more than the level."""
    facts: dict[str, str] = {}
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in takewhile(str.strip, lines):  # those of the first one
            key, _, value = line.partition(":")
            facts[key.strip()] = value.strip()
    return frozenset(facts.get("flags", "").split()), facts.get("vendor_id") == "GenuineIntel"
