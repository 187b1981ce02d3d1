"""The child that answers for a Python object: `python -m pytest_vessel.adapter.answering MODULE:ATTRIBUTE FOLDER...`.

The folders are its `sys.path`. For each line of JSON on stdin it writes one to stdout, as every child that is asked.
What the object prints goes to stderr, and what it reads is empty.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_vessel.adapter.asked import Answers


def main(value: str, *folders: str) -> None:
    """Answer until the questions end."""
    sys.path[:] = folders
    questions, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    for line in questions:
        print(_answer(value, json.loads(line)), file=answers, flush=True)


def _answer(value: str, question: dict[str, Any]) -> str:
    try:
        answers = _object(value)
        return json.dumps(answers.describe() if "describe" in question else answers.command(**question["command"]))
    except Exception as problem:
        return json.dumps({"error": f"it raises {type(problem).__name__}: {problem}"})


@cache
def _object(value: str) -> Answers:
    """The object, or an instance of the class, of that name."""
    module, _, attribute = value.partition(":")
    found = getattr(importlib.import_module(module), attribute)
    answers: Answers = found() if isinstance(found, type) else found
    for method in ("describe", "command"):
        if not callable(getattr(answers, method, None)):
            raise TypeError(f"{value} has no method {method}()")
    return answers


if __name__ == "__main__":
    main(*sys.argv[1:])
