"""What is wrong with an adapter, by what was seen when it was tried out. Pure: runs on made-up facts too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from pytest_vessel.check.effects import of_effect
from pytest_vessel.check.seen import JUDGED, TOLD_STATUS, Driven, Effect, Notice, RoleFile

_HOLDS = {"run": "SRC/.ref", "overlay": "SRC/.ref", "copy": "COPY/.ref", "lock": "FILE"}
"""The file that protects the payload of a verb."""


def notices(driven: Sequence[Driven], effects: Sequence[Effect]) -> tuple[Notice, ...]:
    """Everything that was noticed, in the order in which it was seen; what is the same for two layouts once."""
    working = {seen.verb for seen in driven if seen.works}
    found = [_undriven(seen, seen.verb in working) for seen in driven if not (seen.works or seen.waits)]
    found += [notice for seen in driven if not seen.trouble for rule in _RULES for notice in rule(seen)]
    explained = any(notice.wrong for notice in found)  # a trial that failed is no more than what follows from that
    files = {entry.name for seen in driven for entry in seen.entries if not entry.is_folder}
    found += [one for effect in effects if effect.tried or not explained for one in of_effect(effect, files)]
    return tuple(_merged(found))


def _merged(found: Iterable[Notice]) -> Iterator[Notice]:
    places: dict[Notice, list[str]] = {}
    for notice in found:
        places.setdefault(replace(notice, where=""), []).append(notice.where)
    for notice, where in places.items():
        yield replace(notice, where=", ".join(dict.fromkeys(where)))


def _undriven(seen: Driven, another_layout_works: bool) -> Notice:
    """The verb did not do what it is for; and why, where that was found out."""
    verb = f"verbs.{seen.verb}"
    if seen.trouble:
        return Notice(verb, seen.where, f"cannot be driven: {seen.trouble}", seen.mend)
    if seen.starts_as:
        what = f"a payload starts with the words of {seen.starts_as!r} alone"
        return Notice("choices.layout", seen.where, what, "Are the two values swapped?")
    if seen.speechless:
        what = "the payload runs, and its stdout does not come through"
        return Notice(verb, seen.where, what, "Pass stdout on, unbuffered.")
    what = f"cannot be driven: {seen.start or seen.ending}"
    if seen.starts_at:
        what += f"; a payload starts where the runtime's content lies in {seen.starts_at}"
        return Notice("layout.src", seen.where, what, f'Write src = "{seen.starts_at}".')
    if another_layout_works:
        mend = "Where it shows no such runtimes, declare the choice `layout` with the other value alone."
        return Notice("choices.layout", seen.where, what, mend)
    return Notice(verb, seen.where, what, "Try the command line that is shown above by hand.")


def _streams(seen: Driven) -> Iterator[Notice]:
    """A payload that ran: was it heard, and did its status arrive?"""
    if not (seen.works and seen.start and seen.ending) or seen.answers is None:
        return
    if not seen.answers:
        what = "the payload does not hear its stdin"
        yield Notice(f"verbs.{seen.verb}", seen.where, what, "Pass stdin on to {argv}.")
    elif seen.ending.status != TOLD_STATUS:
        what = f"the payload ended with status {TOLD_STATUS}, the call with {seen.ending}"
        yield Notice(f"verbs.{seen.verb}", seen.where, what, "End with the status of {argv}.")


def _waiting(seen: Driven) -> Iterator[Notice]:
    """A verb without a payload that waits for a lock; a clean-up may not even where somebody holds one."""
    if seen.waits:
        mend = "A pass ends at once: done, nothing to do, or not now." if seen.verb == "collect" else ""
        yield Notice(f"verbs.{seen.verb}", seen.where, "waits for a lock", mend)


def _files(seen: Driven) -> Iterator[Notice]:
    """Lock files: are they where the layout says, and is the payload's own the one that is locked?"""
    elsewhere = f"There is a lock on {', '.join(seen.elsewhere)}: is that the file?" if seen.elsewhere else ""
    for file in seen.files if seen.answers else ():
        if not file.target:
            yield Notice(file.key, seen.where, f"there is no {file.path}", elsewhere)
        elif file.role == _HOLDS[seen.verb] and not (file.during and file.during.fcntl):
            what = f"{file.path} has no fcntl lock while the payload runs{_others(file)}"
            yield Notice(file.key, seen.where, what, elsewhere or JUDGED, wrong=bool(elsewhere))


def _others(file: RoleFile) -> str:
    return f" (but: {file.during})" if file.during and file.during.locks else ""


def _inside(seen: Driven) -> Iterator[Notice]:
    """Paths inside that should lead to the lock file of the payload."""
    wanted = next((file.target for file in seen.files if file.role == _HOLDS[seen.verb]), "")
    for path, leads in seen.inside if wanted else ():
        if leads != wanted:
            what = f"leads to {leads}, not to {wanted}" if leads else "leads nowhere"
            yield Notice("layout.ref_inside", seen.where, f"{path} {what}")


def _entries(seen: Driven) -> Iterator[Notice]:
    """What a call has made in PARENT."""
    for entry in seen.entries:
        if entry.is_folder and not entry.matches:
            what = f"made PARENT/{entry.name}, which the pattern does not match"
            yield Notice("layout.copies", seen.where, what)
        elif entry.matches and not entry.is_folder:
            yield Notice("layout.copies", seen.where, f"the pattern matches PARENT/{entry.name}, which is no folder")
    if seen.works and seen.verb in ("copy", "prepare") and not any(entry.is_folder for entry in seen.entries):
        yield Notice(f"verbs.{seen.verb}", seen.where, "made no folder in PARENT", "Does it get {parent}?")


def _contents(seen: Driven) -> Iterator[Notice]:
    """Where a runtime's content lies."""
    for content in seen.contents:
        if content.expected not in content.found:
            place = f"It is in {', '.join(content.found)}." if content.found else "It was not found at all."
            yield Notice(content.key, seen.where, f"the runtime's content is not in {content.expected}", place)


def _told(seen: Driven) -> Iterator[Notice]:
    """The name that `prepare` tells."""
    folders = [entry.name for entry in seen.entries if entry.is_folder]
    if seen.told is None or not folders:
        return
    if not seen.told:
        what = f"matches nothing in what it printed: {seen.output.strip().replace(folders[0], '(the copy)')!r}"
        yield Notice("layout.copy_from", seen.where, what)
    elif seen.told.rstrip("/").rpartition("/")[2] not in folders:
        yield Notice("layout.copy_from", seen.where, f"tells {seen.told!r}, and the copy has another name")


_RULES: Sequence[Callable[[Driven], Iterator[Notice]]] = (
    *(_streams, _waiting, _files, _inside, _entries, _contents, _told),
)
