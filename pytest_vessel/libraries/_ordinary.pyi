from collections.abc import Callable

from pytest_vessel.libraries.found import Loaded, Missing, Rule

class Files:
    """The files of a root, each looked at once; `top` stands before a path inside."""

    def __init__(self, top: bytes, /) -> None: ...
    def head(self, path: bytes, /) -> tuple[str, int, str | None] | None:
        """The path without links, the machine and the interpreter of an ordinary file that needs something."""

class Engine:
    """One loader of glibc in a root.

    `entries`: where the first entry of the cache begins, how many there are, where its strings begin; then the flag,
    the bits and the platform that count. `ranks`: as in `ldcache.Table`. `levels`: the names of the subfolders in it,
    behind an empty one. `folders`: the default ones, without a slash at the end. `subfolders`: those for the processor,
    before an empty one. `facts`: what makes the facts of found.py, and a rule of a stage, an owner and a subfolder.

    Raises:
        ValueError: the loader or the cache is not ordinary.
    """

    def __init__(
        self,
        files: Files,
        loader: bytes,
        loader_rule: Rule,
        data: bytes,
        entries: tuple[int, int, int, int, int, int],
        ranks: bytes,
        levels: tuple[str, ...],
        folders: tuple[bytes, ...],
        subfolders: tuple[str, ...],
        is_always_listed: bool,
        facts: tuple[Callable[..., Loaded], Callable[..., Missing], Callable[[str, str, str], Rule]],
        /,
    ) -> None: ...
    def closure(self, path: bytes, /) -> tuple[Loaded | Missing, ...] | None:
        """What is loaded for a file, in the order of the loader's list; None when that is not ordinary."""
