"""Scripts that show a failure without us: sh, strace where it is needed, and the static probe. Pure.

A script is made from the line of a case alone: the calls, the runtime, the observation, the findings. What it does is
told by the kind of scene, never by the implementation: `direct`, `copying`, `cleaning`, `capturing`, `overriding`
and `preparing` say which clause is which scene, `scenes/NAME.sh` is what happens in one, `library.sh` the functions
that scenes use. To add one: docs/by-hand.md.
"""

from __future__ import annotations

from pytest_vessel.report.by_hand.script import Script, script_of, scripts_of

__all__ = ["Script", "script_of", "scripts_of"]
