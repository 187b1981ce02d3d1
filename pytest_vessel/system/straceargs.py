"""The arguments of one system call, as `strace -xx -y` writes them: split, and strings made readable. Pure."""

from __future__ import annotations

import os
import re

from pytest_vessel.observation.trace import AT_FDCWD, Argument

_HEX = r"(?:\\x[0-9a-f]{2})*"
_TOKEN = re.compile(
    rf'(?P<string>"{_HEX}"(?:\.\.\.)?)|(?P<path><{_HEX}>)|(?P<comment>/\*.*?\*/)'
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<comma>, )|(?P<other>[^\"<(\[{)\]},/]+|.)"
)
_STRING = re.compile(rf'"({_HEX})"(\.\.\.)?')
_HEXADECIMAL = re.compile(rf'"(?P<string>{_HEX})"(?P<more>\.\.\.)?|<(?P<path>{_HEX})>')
_SPECIAL_IN_PATHS = "<>\\"
_DESCRIPTOR = re.compile(rf"(?P<number>-?\d+|AT_FDCWD)<(?P<path>{_HEX})>(?P<deleted>\(deleted\))?")


def unhex(text: str) -> str:
    """`\\x2f\\x61` as a file system string."""
    return os.fsdecode(bytes.fromhex(text.replace("\\x", "")))


def quoted(text: str) -> str:
    """A string in double quotes: printable characters as they are, `\\"` and `\\\\`, all else as `\\xNN` bytes."""
    return '"' + _escaped(text, '"\\') + '"'


def _escaped(text: str, special: str) -> str:
    if text.isprintable() and not any(each in text for each in special):
        return text
    return "".join(_character(each, special) for each in text)


def _character(each: str, special: str) -> str:
    if each in special and each in '"\\':
        return "\\" + each
    if each.isprintable() and each not in special:
        return each
    return "".join(f"\\x{byte:02x}" for byte in os.fsencode(each))


def readable(text: str) -> str:
    """Text of strace with its strings and paths readable: what is left needs no tool to be understood."""
    return _HEXADECIMAL.sub(_readable, text)


def _readable(found: re.Match[str]) -> str:
    if found["path"] is not None:
        return f"<{_escaped(unhex(found['path']), _SPECIAL_IN_PATHS)}>"
    return quoted(unhex(found["string"])) + (found["more"] or "")


def arguments(text: str) -> tuple[tuple[Argument, ...], int]:
    """The arguments that `text` begins with, and the place of the parenthesis after them (its length without one).

    Commas, brackets and parentheses in strings, paths, comments and nested values do not count.
    """
    parts, start, depth, place = [], 0, 0, 0
    for token in _TOKEN.finditer(text):
        place = token.start()
        if token["open"]:
            depth += 1
        elif token["close"]:
            if depth == 0:
                break
            depth -= 1
        elif token["comma"] and depth == 0:
            parts.append(text[start:place])
            start = token.end()
    else:
        place = len(text)
    parts.append(text[start:place])
    return tuple(_argument(part.strip()) for part in parts if part.strip()), place


def _argument(text: str) -> Argument:
    strings = _STRING.findall(text)
    found = _DESCRIPTOR.fullmatch(text)
    if found is None:
        return Argument(readable(text), tuple(unhex(each) for each, _ in strings), any(more for _, more in strings))
    number = AT_FDCWD if found["number"] == "AT_FDCWD" else int(found["number"])
    return Argument(readable(text), descriptor=number, path=unhex(found["path"]), deleted=bool(found["deleted"]))
