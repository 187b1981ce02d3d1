"""Children: starting them, passing signals on to them, waiting until the last of them is gone."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from pytest_vessel.reference.trouble import FAILED, NOT_EXECUTABLE, NOT_FOUND, Trouble, tell

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing it takes a tenth of the time of a run
    from typing import NoReturn

PASSED_ON = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
"""Signals that are meant for the payload, whichever of our processes gets them."""

SIGNALLED = 128
"""As in a shell: the status of a program that a signal ended is 128 and the signal's number."""


def on_signals(action: Callable[[int], object] | signal.Handlers) -> None:
    """Do this, from now on, for each signal of `PASSED_ON`. One that our caller ignores stays ignored (nohup(1))."""
    for number in PASSED_ON:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, action if isinstance(action, signal.Handlers) else lambda got, _: action(got))


def end_with_signal(number: int) -> NoReturn:
    """End as if this signal had ended us. The first process of a container needs this: no default action is for it."""
    raise SystemExit(SIGNALLED + number)


def spawn(work: Callable[[], int], signals: Callable[[int], object] | signal.Handlers = signal.SIG_DFL) -> int:
    """Fork a child that does `work` and ends with its result; returns its pid.

    The child treats signals as `signals` says; those that we get are passed on to it from now on. None is lost
    between: they are held back until both sides are ready.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, PASSED_ON)
    child = os.fork()
    on_signals(signals if child == 0 else lambda number: os.kill(child, number))
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    if child == 0:
        _end_after(work)
    return child


def _end_after(work: Callable[[], int]) -> NoReturn:
    """A child never returns into its parent's code, whatever happens."""
    status = FAILED
    try:
        status = work()
    except Trouble as trouble:
        tell(trouble)
        status = trouble.status
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else FAILED
    except Exception as problem:
        tell(f"unexpected: {problem!r}")
    finally:
        os._exit(status)


def execute(argv: list[str]) -> NoReturn:
    """Become `argv`; a name without a slash is looked up in PATH.

    Raises:
        Trouble: it cannot be executed; status 127 or 126, as in a shell.
    """
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and a program would inherit that
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(argv[0], argv)
    except OSError as problem:
        status = NOT_FOUND if isinstance(problem, FileNotFoundError) else NOT_EXECUTABLE
        raise Trouble(f"{argv[0]}: cannot be executed: {problem.strerror}", status) from None


def finish(work: Callable[[], int]) -> int:
    """Have a child do `work`, and wait for it; returns its status. Whatever ends our waiting ends the child, too."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, PASSED_ON)
    child = os.fork()
    if child == 0:
        on_signals(signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        _end_after(work)
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        end_of_child(os.P_PID, child)
    except BaseException:
        os.kill(child, signal.SIGKILL)
        reap(child)
        raise
    return reap(child)


def wait_for(child: int) -> int:
    """Wait for one child; returns its status. Signals are not passed on to it any more."""
    end_of_child(os.P_PID, child)
    on_signals(signal.SIG_IGN)
    return reap(child)


def wait_for_all(main: int, when_main_ends: Callable[[], object]) -> int:
    """Wait until no child is left; returns the status of the child `main`.

    `when_main_ends` is called while `main` is a zombie: its pid cannot be another's yet, so that whoever sends
    signals to it can stop in time.
    """
    status = 0
    while True:
        try:
            ended = end_of_child(os.P_ALL, 0)
        except ChildProcessError:
            return status
        if ended == main:
            when_main_ends()
            status = reap(main)
        else:
            reap(ended)


def end_of_child(kind: int, which: int) -> int:
    """Wait until a child has ended, which stays a zombie; returns its pid. `ChildProcessError`: there is none.

    A signal that comes just before a waiting call would be seen by Python only after it: after the wait. So signals
    are held back, and taken one by one.
    """
    taken = (signal.SIGCHLD, *PASSED_ON)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, taken)
    try:
        while (ended := os.waitid(kind, which, os.WEXITED | os.WNOWAIT | os.WNOHANG)) is None:
            number = signal.sigwait(taken)
            action = signal.getsignal(number)
            if callable(action):
                action(number, None)
        return ended.si_pid
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def reap(child: int) -> int:
    """Let the kernel forget a child that has ended; returns its status as a shell would."""
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code if code >= 0 else SIGNALLED - code
