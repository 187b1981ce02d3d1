"""Suggesting the name that was meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence for an error message: the nearest known name, or all of them where they are few."""
    import difflib

    names = sorted(set(known))
    if close := difflib.get_close_matches(name, names, n=1, cutoff=0.5):
        return f"Did you mean {close[0]!r}?"
    if not names:
        return "There is none."
    return "Known: " + ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
