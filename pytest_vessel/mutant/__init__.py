"""Known-bad variants of the reference, each with one named defect: a clause that they all pass tests nothing.

`python -m pytest_vessel.mutant NAME VERB ...` is the reference with the defect NAME. A mutant overrides one step of
the reference and leaves the rest as it is. The names are those that the clauses list as `kills`; `registry` says
which steps there are.

`kind`          the wrong kind of lock, or an error taken for one
`runtime`       using a runtime wrongly
`inside`        the lock file as the container sees it
`setting_up`    the locks while a copy is made
`copies`        the place, name, mode and content of a copy
`handover`      the lock of a copy, and who holds it how long
`interleaving`  right as long as nobody else does anything between two steps
`removal`       deleting what is in use
`cleaner`       the locks of a clean-up, what it takes for unused
`candidates`    what a clean-up takes for a copy, what it touches
`tidying`       what a clean-up does beside deleting copies, and what stops it
`tool`          the lock tool
`capture_links` the links of a capture, and what is left of one that failed
`capture_patterns` what is asked for
`capture_choice` which of two copies is taken
`capture_search` where libraries are looked for
`null`          doing nothing
`parrot`        doing nothing, and saying what is wanted
`overrides_io`  overrides: names of the folder instead of its descriptor, and what the log says
==============  ===================================================
=======
===================  ============================================================================
`kind`               the wrong kind of lock, or an error taken for one
`runtime`            using a runtime wrongly
`inside`             the lock file as the container sees it
`setting_up`         the locks while a copy is made
`copies`             the place, name, mode and content of a copy
`handover`           the lock of a copy, and who holds it how long
`interleaving`       right as long as nobody else does anything between two steps
`removal`            deleting what is in use
`cleaner`            the locks of a clean-up, what it takes for unused
`candidates`         what a clean-up takes for a copy, what it touches
`tidying`            what a clean-up does beside deleting copies, and what stops it
`tool`               the lock tool
`capture_links`      the links of a capture, and what is left of one that failed
`capture_patterns`   what is asked for
`capture_choice`     which of two copies is taken
`capture_search`     where libraries are looked for
`overrides_links`    overrides: which libraries there are, and where links to them lead
`overrides_drivers`  overrides: drivers, and their manifests
`overrides_loader`   overrides: what belongs to libc, and how the loader finds libraries
`overrides_layout`   overrides: the folder itself, its aliases, and what the container sees of it
`overrides_errors`   overrides: what fails without anybody noticing
`overrides_io`       overrides: names of the folder instead of its descriptor, and what the log says
`null`               doing nothing
`parrot`             doing nothing, and saying what is wanted
===================  ============================================================================
"""

from __future__ import annotations

from pytest_vessel.mutant import (
    candidates,
    capture_choice,
    capture_links,
    capture_patterns,
    capture_search,
    cleaner,
    copies,
    handover,
    inside,
    interleaving,
    kind,
    null,
    overrides_drivers,
    overrides_errors,
    overrides_io,
    overrides_layout,
    overrides_links,
    overrides_loader,
    parrot,
    removal,
    runtime,
    setting_up,
    tidying,
    tool,
)
from pytest_vessel.mutant.registry import MUTANTS, Mutant

NAMES = tuple(sorted(MUTANTS))
"""The names of all mutants."""

__all__ = [
    "MUTANTS",
    "NAMES",
    "Mutant",
    "candidates",
    "capture_choice",
    "capture_links",
    "capture_patterns",
    "capture_search",
    "cleaner",
    "copies",
    "handover",
    "inside",
    "interleaving",
    "kind",
    "null",
    "overrides_drivers",
    "overrides_errors",
    "overrides_io",
    "overrides_layout",
    "overrides_links",
    "overrides_loader",
    "parrot",
    "removal",
    "runtime",
    "setting_up",
    "tidying",
    "tool",
]
