"""The console script `pytest-vessel`, for people who do not know pytest. Only `run` becomes one."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from pytest_vessel.commands import capture, check, closure, diff, init, listing, mutants
from pytest_vessel.errors import NO_ROOM, VesselError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pytest_vessel.record.line import Record

_USAGE_STATUS = 4
_INTERRUPTED_STATUS = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status: 0 well, 1 a difference or a lack, 4 unusable input."""
    arguments = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        status = command(arguments)
        print(end="", flush=True)
        return status
    except VesselError as problem:
        from pytest_vessel.report import escape

        print(escape.block(f"pytest-vessel: {problem}"), file=sys.stderr)
        return _USAGE_STATUS
    except KeyboardInterrupt:
        return _INTERRUPTED_STATUS
    except BrokenPipeError:  # whoever read our output has enough
        _drop_output()
        return 0
    except OSError as problem:
        if problem.errno not in NO_ROOM:
            raise
        _drop_output()
        mend = "Make room there, or send it elsewhere."
        print(f"pytest-vessel: the output cannot be written: {problem.strerror}\n  {mend}", file=sys.stderr)
        return _USAGE_STATUS


def _drop_output() -> None:
    """What is still buffered must not raise once more at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        self.exit(_USAGE_STATUS, f"{self.format_usage()}{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    name = "pytest-vessel"
    parser = _Parser(prog=name, description="Checks the promises of container runtimes, clause by clause.")
    # prog: else a usage is formatted for it, and the modules that find out how wide the terminal is are imported.
    commands = parser.add_subparsers(
        title="commands", required=True, metavar="COMMAND", parser_class=_Parser, prog=name
    )

    run = commands.add_parser("run", help="run the suites against an implementation")
    run.add_argument(
        "address",
        help="reference, bubblewrap, NAME:path=PROGRAM, an adapter file (./my.toml), exec:PATH, or py:MODULE:NAME",
    )
    run.add_argument("--plan", action="store_true", help="only show what would be decided here, and what not")
    run.add_argument("pytest_args", nargs=argparse.REMAINDER, metavar="...", help="further options of pytest")
    run.set_defaults(command=_run)

    explain = commands.add_parser("explain", help="say what a clause asks, and why")
    explain.add_argument("id", help="such as LOCK-010 or LOCK-019[fifo]")
    explain.set_defaults(command=_explain)

    replay = commands.add_parser("replay", help="judge a recorded run again, without the runtime")
    replay.add_argument("run", help="run.jsonl, or the folder that holds it")
    replay.add_argument("id", nargs="?", default="", help="only this clause or case")
    replay.set_defaults(command=_replay)

    clauses = commands.add_parser("clauses", help="list the clauses")
    clauses.add_argument("--impl", metavar="ADDRESS", help="say which of them this implementation makes decidable")
    clauses.add_argument("--json", action="store_true", help="as JSON")
    clauses.set_defaults(command=_clauses)

    doctor = commands.add_parser("doctor", help="say what this machine offers and lacks")
    doctor.add_argument("--user", metavar="NAME", help="the unprivileged user that you mean to give as --vessel-user")
    doctor.set_defaults(command=_doctor)
    for command in (capture, check, closure, init, diff, listing, mutants):
        command.add_to(commands)
    return parser


def _run(arguments: argparse.Namespace) -> int:
    if arguments.plan or "--plan" in arguments.pytest_args:
        from pytest_vessel.plan import plan

        for line in plan(arguments.address):
            print(line)
        return 0
    from pytest_vessel.plan import what_it_executes

    for line in what_it_executes(arguments.address):
        print(line, flush=True)
    extra = [word for word in arguments.pytest_args if word != "--"]
    pytest = [sys.executable, "-P", "-m", "pytest", "-p", "vessel", "--vessel-impl", arguments.address, *extra]
    os.execv(pytest[0], pytest)


def _explain(arguments: argparse.Namespace) -> int:
    from pytest_vessel.report.explain import explain

    for line in explain(arguments.id):
        print(line)
    return 0


def _replay(arguments: argparse.Namespace) -> int:
    from pathlib import Path

    from pytest_vessel.record.replay import replay
    from pytest_vessel.report import terminal

    done = replay(Path(arguments.run), arguments.id)
    for line in terminal.summary(done.record, verbose=True, planned=False):
        print(line.text)
    if arguments.id:
        _print_timelines(done.record)
    print(f"{done.judged} cases judged again, {len(done.differing)} differ from the record")
    for case in done.differing:
        print(f"recorded: {terminal.verdict_line(case).text}")
    return 1 if done.differing else 0


def _print_timelines(record: Record) -> None:
    from pytest_vessel.report import escape
    from pytest_vessel.report.exploration import picture

    for case in record.cases:
        lines = picture(case, record.started.clause(case.row.clause).suite)
        for line in [f"timeline of {case.row.label}", *(f"    {one}" for one in lines)] if lines else []:
            print(escape.line(line))


def _clauses(arguments: argparse.Namespace) -> int:
    from pytest_vessel.plan import rows_of

    rows = rows_of(arguments.impl)
    if arguments.json:
        import json

        print(json.dumps([row.as_json() for row in rows], indent=1))
        return 0
    for row in rows:
        print(row)
    return 0


def _doctor(arguments: argparse.Namespace) -> int:
    from pytest_vessel.system.environment import survey

    needs = survey(arguments.user)
    for need in needs:
        print(f"{'lacks' if need.problem else 'ok':<6} {need.name:<11} {need.problem or need.what}")
        if need.problem:
            print(f"{'':<18} {need.mend}")
    return 1 if any(need.problem for need in needs) else 0
