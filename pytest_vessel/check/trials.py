"""Each placeholder and each choice of a verb given one value and another: what does that change?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from pytest_vessel.check import attempts, capturing, overlaying
from pytest_vessel.check.attempts import FIRST, SECOND, Attempt, content, listed
from pytest_vessel.check.bench import Bench
from pytest_vessel.check.seen import UNTRIABLE, Effect
from pytest_vessel.errors import VesselError
from pytest_vessel.system.sysroot import Layout


@dataclass(frozen=True)
class Trial:
    """One placeholder or choice of some verbs.

    Attributes:
        verbs: each is tried by itself.
        names: placeholders that stand for the same thing, or the name of a choice, or a role.
        question: what is looked at.
        expected: value to what is to be seen.
        see: starts the verb with a value, and says what is seen.
        finding: an answer that is the implementation's doing, not the adapter's.
        owed: verbs to which suites give the choice, whether their command lines have it or not.
    """

    verbs: tuple[str, ...]
    names: tuple[str, ...]
    question: str
    expected: Mapping[str, str]
    see: Callable[[Attempt], str]
    finding: str = ""
    owed: tuple[str, ...] = ()


def try_all(bench: Bench, verb: str, layout: Layout) -> Iterator[Effect]:
    """What comes of each trial of a verb, with runtimes of one layout."""
    for trial in (_wanted(bench, verb, one) for one in TRIALS if verb in one.verbs):
        seen = {value: _seen(trial, Attempt(bench, verb, layout, value)) for value in trial.expected}
        if seen:
            yield Effect(verb, " ".join(trial.names), trial.question, trial.expected, seen, trial.finding)


def _wanted(bench: Bench, verb: str, trial: Trial) -> Trial:
    """The trial with those of its names and values that the adapter has; without a value where it has none."""
    name = trial.names[0]
    if name.startswith("{"):
        line = " ".join(bench.command(verb))
        return replace(trial, names=tuple(one for one in trial.names if one in line) or trial.names[:1])
    if "." in name:
        return trial if bench.offers(name) else replace(trial, expected={})
    values = bench.values(name, trial.expected)
    stands = len({bench.command(verb, {name: value}) for value in values}) > 1
    wanted = values if stands or verb in trial.owed else ()
    return replace(trial, expected={value: trial.expected[value] for value in wanted})


def _seen(trial: Trial, attempt: Attempt) -> str:
    try:
        return trial.see(attempt)
    except (VesselError, OSError) as problem:  # where the layout is wrong, a file that is to be locked may be missing
        return f"{UNTRIABLE}: {attempt.bench.spelled(str(problem))}"


def _each(text: str) -> Mapping[str, str]:
    """What is to be seen of two values, which differ in what they name."""
    return {name: text.format(listed([name])) for name in (FIRST, SECOND)}


_RUNTIME = ("{runtime}", "{name}", "{src}")
_COPYING = ("copy", "prepare")
_CONTENT = {name: content(name) for name in (FIRST, SECOND)}
_WAIT = {"no": attempts.ENDS, "yes": attempts.WAITS}
_WRITE = {"no": attempts.WRITES_NOT, "yes": attempts.WRITES}
_COLLECT = {"no": attempts.COPY_STAYS, "yes": attempts.COPY_GONE}
_BESIDE = "beside an exclusive lock"

TRIALS = (
    Trial(("install",), ("{tree}", "{archive}"), "what the runtime holds", _CONTENT, attempts.content_installed),
    Trial(("install",), ("{name}",), "two names", _each(attempts.FOLDER_OF_ITS_OWN), attempts.folder_installed),
    Trial(("run", "copy"), _RUNTIME, "what the payload sees", _CONTENT, attempts.content_seen),
    Trial(("prepare",), _RUNTIME, "what the copy holds", _CONTENT, attempts.content_prepared),
    Trial(("overlay",), _RUNTIME, "what the payload sees", _CONTENT, overlaying.runtime_seen),
    Trial(
        ("overlay",),
        ("{provider}",),
        "what is at layout.overrides_inside",
        _each("{} library"),
        overlaying.provider_seen,
    ),
    Trial(("remove",), _RUNTIME, "two runtimes", _each("{} is gone"), attempts.runtime_removed),
    Trial(_COPYING, ("{parent}",), "two folders of copies", _each("a copy in {}"), attempts.copy_made),
    Trial(
        ("collect",),
        ("{parent}",),
        "two folders of copies",
        _each("an unused copy is gone from {}"),
        attempts.copy_collected,
    ),
    Trial(
        ("lock",),
        ("{file}",),
        "two files",
        _each("{} is locked"),
        attempts.file_locked,
        finding=f"{listed(())} is locked",
    ),
    Trial(
        ("lock",),
        ("mode",),
        "the lock",
        {"shared": "shared lock", "exclusive": "exclusive lock"},
        attempts.mode,
        finding=attempts.NO_LOCK,
        owed=("lock",),
    ),
    Trial(
        ("lock",),
        ("create",),
        "where {file} is missing",
        {"no": attempts.NO_FILE, "yes": attempts.FILE_MADE},
        attempts.creating,
        owed=("lock",),
    ),
    Trial(("run",), ("writable",), "whether the payload may write to the runtime", _WRITE, attempts.writing),
    Trial(
        _COPYING,
        ("collecting",),
        "a copy that nobody uses",
        _COLLECT,
        attempts.collecting,
        owed=("copy",),
    ),
    Trial(
        ("run", *_COPYING),
        ("wait",),
        f"{_BESIDE} on SRC/.ref",
        _WAIT,
        attempts.beside_runtime_lock,
        finding=attempts.GOES_ON,
    ),
    Trial(
        ("lock",),
        ("wait",),
        _BESIDE,
        _WAIT,
        attempts.beside_file_lock,
        finding=attempts.GOES_ON,
        owed=("lock",),
    ),
    Trial(
        ("capture",),
        ("{provider}",),
        "two providers",
        _each("a link to {} library"),
        capturing.provider_seen,
    ),
    Trial(("capture",), ("{patterns}",), "two patterns", _each("a link to {} library"), capturing.patterns_seen),
    Trial(
        ("capture",),
        ("{container}",),
        "a container without the library, and one with a newer copy",
        {FIRST: capturing.A_LINK, SECOND: capturing.NO_LINK},
        capturing.container_seen,
    ),
    Trial(("capture",), ("{dest}",), "two folders of links", _each("links in {}"), capturing.dest_seen),
    Trial(("execute",), ("{root}",), "what the payload sees", _CONTENT, attempts.content_executed, finding=content("")),
    Trial(
        _COPYING,
        ("layout.parent_ref",),
        f"{_BESIDE} on PARENT/.ref",
        {"locked": attempts.STOPS},
        attempts.beside_parent_lock,
        finding=attempts.GOES_ON,
    ),
)
"""All of them; those of one verb one after the other as they are shown."""
