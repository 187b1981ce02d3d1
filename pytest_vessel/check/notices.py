"""What is wrong with an adapter, by what was seen when it was tried out. Pure: runs on made-up facts too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pytest_vessel.check.seen import TOLD_STATUS, Content, Driven, Effect, Notice, RoleFile

_JUDGED = "The suite judges this; here it is only said."


_HOLDS = {"run": "SRC/.ref", "copy": "COPY/.ref", "lock": "FILE"}
"""The file that protects the payload of a verb."""


def notices(driven: Sequence[Driven], effects: Sequence[Effect]) -> tuple[Notice, ...]:
    """Everything that was noticed, each once, in the order in which it was seen."""
    working = {seen.verb for seen in driven if seen.works}
    found = [_undriven(seen, seen.verb in working) for seen in driven if not (seen.works or seen.waits)]
    found += [notice for seen in driven if not seen.trouble for rule in _RULES for notice in rule(seen)]
    found += [notice for effect in effects for notice in _of_effect(effect, driven)]
    return tuple(dict.fromkeys(found))


def _named(seen: Driven) -> str:
    return f"{seen.verb} ({seen.layout})" if seen.layout else seen.verb


def _undriven(seen: Driven, another_layout_works: bool) -> Notice:
    """The verb did not do what it is for; and why, where that was found out."""
    key, how = f"verbs.{seen.verb}", _how(seen)
    if seen.trouble:
        return Notice(key, f"{_named(seen)} cannot be driven: {seen.trouble}", seen.mend)
    if seen.starts_as:
        what = f"{_named(seen)}: a payload starts with the words of {seen.starts_as!r} alone"
        return Notice("choices.layout", what, "Are the two values swapped?")
    if seen.starts_at:
        what = f"{_named(seen)}: {how}; a payload starts where the runtime's content lies in {seen.starts_at}"
        return Notice("layout.src", what, f'Write src = "{seen.starts_at}".')
    if seen.speechless:
        return Notice(key, "the payload runs, and its stdout does not come through", "Pass stdout on, unbuffered.")
    if another_layout_works:
        mend = "Where it shows no such runtimes, declare the choice `layout` with the other value alone."
        return Notice("choices.layout", f"{_named(seen)} cannot be driven: {how}", mend)
    return Notice(key, f"{_named(seen)} cannot be driven: {how}", "Try the command line that is shown above by hand.")


def _how(seen: Driven) -> str:
    return str(seen.start if seen.start else seen.ending)


def _waiting(seen: Driven) -> Iterator[Notice]:
    """A verb without a payload that waits for a lock; a clean-up may not even where somebody holds one."""
    if seen.waits:
        mend = "A pass ends at once: done, nothing to do, or not now." if seen.verb == "collect" else ""
        yield Notice(f"verbs.{seen.verb}", f"{_named(seen)} waits for a lock", mend)


def _streams(seen: Driven) -> Iterator[Notice]:
    """A payload that ran: was it heard, and did its status arrive?"""
    if not (seen.works and seen.start and seen.ending):
        return
    key = f"verbs.{seen.verb}"
    if not seen.answers:
        yield Notice(key, "the payload does not hear its stdin", "Pass stdin on to {argv}.")
    elif seen.ending.status != TOLD_STATUS:
        what = f"the payload ended with status {TOLD_STATUS}, the call with {seen.ending}"
        yield Notice(key, what, "End with the status of {argv}.")


def _files(seen: Driven) -> Iterator[Notice]:
    """Lock files: are they where the layout says, and is the payload's own the one that is locked?"""
    elsewhere = ", ".join(seen.elsewhere)
    for file in seen.files if seen.works else ():
        if not file.target:
            mend = f"There is a lock on {elsewhere}: is that the file?" if elsewhere else ""
            yield Notice(file.key, f"{_named(seen)}: there is no {file.path}", mend)
        elif file.role == _HOLDS[seen.verb] and not (file.during and file.during.fcntl):
            yield _unlocked(seen, file, elsewhere)


def _unlocked(seen: Driven, file: RoleFile, elsewhere: str) -> Notice:
    what = f"{_named(seen)}: {file.path} has no fcntl lock while the payload runs"
    if elsewhere:
        return Notice(file.key, what, f"There is a lock on {elsewhere}: is that the file?")
    others = f" (but: {file.during})" if file.during and file.during.locks else ""
    return Notice(file.key, what + others, _JUDGED, wrong=False)


def _inside(seen: Driven) -> Iterator[Notice]:
    """Paths inside that should lead to the lock file of the payload."""
    wanted = next((file for file in seen.files if file.role == _HOLDS[seen.verb]), None)
    for path, leads in seen.inside if wanted and wanted.target else ():
        if not leads:
            yield Notice("layout.ref_inside", f"{_named(seen)}: {path} leads nowhere")
        elif wanted and leads != wanted.target:
            yield Notice("layout.ref_inside", f"{_named(seen)}: {path} leads to {leads}, not to {wanted.target}")


def _entries(seen: Driven) -> Iterator[Notice]:
    """What a call has made in PARENT."""
    made = f"{_named(seen)} made PARENT/"
    for entry in seen.entries:
        if entry.is_folder and not entry.matches:
            yield Notice("layout.copies", f"{made}{entry.name}, which the pattern does not match")
        elif entry.matches and not entry.is_folder:
            yield Notice("layout.copies", f"the pattern matches PARENT/{entry.name}, which is no folder")
    if seen.works and seen.verb in ("copy", "prepare") and not any(entry.is_folder for entry in seen.entries):
        yield Notice(f"verbs.{seen.verb}", f"{_named(seen)} made no folder in PARENT", "Does it get {parent}?")


def _contents(seen: Driven) -> Iterator[Notice]:
    """Where a runtime's content lies."""
    for content in seen.contents:
        if content.expected not in content.found:
            yield Notice(content.key, f"{_named(seen)}: the runtime's content is not in {content.expected}", _place(content))


def _place(content: Content) -> str:
    return f"It is in {', '.join(content.found)}." if content.found else "It was not found at all."


def _told(seen: Driven) -> Iterator[Notice]:
    """The name that `prepare` tells."""
    folders = [entry.name for entry in seen.entries if entry.is_folder]
    if seen.told == "":
        yield Notice("layout.copy_from", f"matches nothing in what {seen.verb} printed: {seen.output.strip()!r}")
    elif seen.told is not None and folders and seen.told.rstrip("/").rpartition("/")[2] not in folders:
        yield Notice("layout.copy_from", f"tells {seen.told!r}, and the copy is {folders[0]!r}")


_RULES: Sequence[Callable[[Driven], Iterator[Notice]]] = (
    *(_streams, _waiting, _files, _inside, _entries, _contents, _told),
)


def _of_effect(effect: Effect, driven: Sequence[Driven]) -> Iterator[Notice]:
    expected, seen = dict(effect.expected), dict(effect.seen)
    if seen == expected:
        return
    if effect.name == "layout.parent_ref":
        yield _parent_ref(effect, driven)
        return
    answers = set(seen.values())
    if len(seen) > 1 and len(answers) == 1 and len(set(expected.values())) > 1:
        yield _alike(effect, answers.pop())
    elif len(seen) == 2 and list(seen.values()) == list(expected.values())[::-1]:
        one, other = seen
        what = f"{effect.verb}: {one!r} and {other!r} are swapped: {_told_of(effect)}"
        yield Notice(effect.key, what, "Swap them.")
    else:
        odd = {value for value in seen if seen[value] != expected[value]}
        is_finding = all(seen[value] == effect.finding for value in odd)
        what = f"{effect.verb}, {effect.name}: {_told_of(effect)}"
        mend = _JUDGED if is_finding else f"Expected: {'; '.join(f'{value}: {expected[value]}' for value in sorted(odd))}."
        yield Notice(effect.key, what, mend, wrong=not is_finding)


def _parent_ref(effect: Effect, driven: Sequence[Driven]) -> Notice:
    """A copy was made beside a lock on PARENT/.ref: another file in PARENT may be meant, or nobody looks at it."""
    what = f"{effect.verb}: {_told_of(effect)}"
    files = {entry.name for seen in driven for entry in seen.entries if not entry.is_folder}
    if files:
        return Notice(effect.key, what, f"It made {', '.join(sorted(files))} in PARENT: is that the file?")
    return Notice(effect.key, what, _JUDGED, wrong=False)


def _alike(effect: Effect, answer: str) -> Notice:
    first, *others = effect.seen
    what = f"{effect.verb}, {effect.name}: {_listed(others)} gives the same as {first!r} ({effect.question}: {answer})"
    if answer == effect.finding:
        return Notice(effect.key, what, _JUDGED, wrong=False)
    return Notice(effect.key, what, "Swapped or ignored?")


def _listed(values: Sequence[str]) -> str:
    return ", ".join(map(repr, values))


def _told_of(effect: Effect) -> str:
    return f"{effect.question}: " + ", ".join(f"{value}: {answer}" for value, answer in effect.seen.items())
