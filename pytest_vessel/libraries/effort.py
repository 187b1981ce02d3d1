"""How much work one program may cause: a hostile one is refused instead of being followed for hours."""

from __future__ import annotations

from pytest_vessel.errors import LibraryError

_MOST_LOOKS = 200_000
LOOKS_OF_AN_OBJECT, LOOKS_OF_A_MOVE = 20, 1000


class Effort:
    """Counts looks at paths; a big desktop program takes some thousands."""

    def __init__(self) -> None:
        self._left = 0

    def begin(self) -> None:
        """Another program."""
        self._left = _MOST_LOOKS

    def spend(self, looks: int) -> None:
        """So much was done.

        Raises:
            LibraryError: it is too much.
        """
        self._left -= looks
        if self._left < 0:
            raise LibraryError(f"takes more than {_MOST_LOOKS} looks: it needs too much, or filters in a circle")
