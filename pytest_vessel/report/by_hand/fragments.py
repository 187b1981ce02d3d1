"""The shell texts: one for each kind of scene, and the functions that they use."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_FUNCTION = re.compile(r"^(\w+)\(\) \{.*?^\}$", re.MULTILINE | re.DOTALL)
_CALLED = re.compile(
    r'(?:^|[();|&!{]|\b(?:if|until|while|then|else|do|trap|subject|remover|cleaner)\b|"\$@"|"\$SRC")[ \t]*(?=(\w+))',
    re.MULTILINE,
)
"""The word after what may stand before a command; it may itself be what stands before the next one."""


@cache
def scene(name: str) -> str:
    """What happens in one kind of scene; `KeyError` where there is none of that name."""
    file = files(__package__) / "scenes" / f"{name}.sh"
    if not file.is_file():
        raise KeyError(name)
    return file.read_text("utf-8")


@cache
def _library() -> dict[str, str]:
    text = (files(__package__) / "library.sh").read_text("utf-8")
    return {found[1]: found[0] for found in _FUNCTION.finditer(text)}


def functions_for(text: str) -> list[str]:
    """Those functions of the library that a script uses, and those that they use, in the library's order."""
    used: set[str] = set()
    waiting = [text]
    while waiting:
        called = {found[1] for found in _CALLED.finditer(waiting.pop())} & _library().keys() - used
        used |= called
        waiting += [_library()[name] for name in called]
    return [function for name, function in _library().items() if name in used]
