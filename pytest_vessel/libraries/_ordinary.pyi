from collections.abc import Callable

from pytest_vessel.libraries.found import Loaded, Missing, Rule

class Files:
    def __init__(self, top: bytes, /) -> None: ...
    def head(self, path: bytes, /) -> tuple[str, int, str | None] | None: ...

class Engine:
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
        facts: tuple[type[Loaded], type[Missing], Callable[[str, str, str], Rule]],
        /,
    ) -> None: ...
    def closure(self, path: bytes, /) -> tuple[Loaded | Missing, ...] | None: ...
