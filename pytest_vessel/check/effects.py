"""What follows from the trial of a placeholder or a choice. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pytest_vessel.check.seen import JUDGED, Effect, Notice


def of_effect(effect: Effect, files: Collection[str]) -> Iterator[Notice]:
    """The notice that comes of a trial, if its values did not do what they mean.

    Args:
        effect: the trial.
        files: names of files that calls have made in PARENT.
    """
    if effect.seen == effect.expected:
        return
    if effect.name == "layout.parent_ref":
        yield _parent_ref(effect, files)
    elif len(effect.seen) > 1 and len(set(effect.seen.values())) == 1:
        yield _alike(effect)
    elif [*effect.seen.values()] == [*effect.expected.values()][::-1]:
        values = " and ".join(map(repr, effect.seen))
        yield Notice(effect.key, effect.verb, f"{values} are swapped: {_told(effect)}", "Swap them.")
    else:
        yield _odd(effect)


def _parent_ref(effect: Effect, files: Collection[str]) -> Notice:
    """A copy was made beside a lock on PARENT/.ref: another file in PARENT may be meant, or nobody looks at it."""
    if files:
        mend = f"{', '.join(sorted(files))} is new in PARENT: is that the file?"
        return Notice(effect.key, effect.verb, _told(effect), mend)
    return Notice(effect.key, effect.verb, _told(effect), JUDGED, wrong=False)


def _alike(effect: Effect) -> Notice:
    """All values do the same: what the implementation does of itself, or a placeholder that changes nothing."""
    (first, answer), *others = effect.seen.items()
    values = ", ".join(repr(value) for value, _same in others)
    what = f"{effect.name}: {values} gives the same as {first!r} ({effect.question}: {answer})"
    is_finding = answer == effect.finding
    return Notice(effect.key, effect.verb, what, JUDGED if is_finding else "Swapped or ignored?", wrong=not is_finding)


def _odd(effect: Effect) -> Notice:
    """Some value does not do what it means."""
    odd = {value: effect.expected[value] for value in effect.seen if effect.seen[value] != effect.expected[value]}
    is_finding = all(effect.seen[value] == effect.finding for value in odd)
    wanted = "; ".join(f"{value}: {answer}" for value, answer in odd.items())
    mend = JUDGED if is_finding else f"Expected: {wanted}."
    return Notice(effect.key, effect.verb, f"{effect.name}: {_told(effect)}", mend, wrong=not is_finding)


def _told(effect: Effect) -> str:
    answers = "; ".join(f"{value}: {answer}" for value, answer in effect.seen.items())
    return f"{effect.question}: {answers}"
