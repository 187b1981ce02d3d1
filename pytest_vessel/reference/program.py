"""The command line: which verb, which options, which status."""

from __future__ import annotations

import argparse
import os
import signal

from pytest_vessel.reference.capturing import Capture
from pytest_vessel.reference.collect import Collect
from pytest_vessel.reference.mutable import Copy, Prepare, Wishes
from pytest_vessel.reference.remove import Remove
from pytest_vessel.reference.run import Run
from pytest_vessel.reference.tool import Tool
from pytest_vessel.reference.trouble import Trouble, tell

DESCRIPTION = "A small container runtime that keeps the promises of the locking model; it is made to be read."
STATUSES = (
    "Exit status: that of the command (128+n if signal n ended it; 126, 127: it could not be started); "
    "75: in use; 77: this machine forbids user namespaces; 2: wrong usage; 1: anything else."
)

RUNTIME = "a complete root (it has a folder usr), or a merged /usr"
WITH_COMMAND = ("run", "copy", "lock")

Verb = Run | Prepare | Collect | Remove | Tool | Capture


class Program:
    """The verbs, as classes, so that each can be another."""

    run: type[Run] = Run
    copy: type[Copy] = Copy
    prepare: type[Prepare] = Prepare
    collect: type[Collect] = Collect
    remove: type[Remove] = Remove
    lock: type[Tool] = Tool
    capture: type[Capture] = Capture

    def main(self, argv: list[str]) -> int:
        """Do what the command line says; returns the exit status."""
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # end by the signal, not by a traceback
        try:
            return self.verb(argv).start()
        except Trouble as trouble:
            tell(trouble)
            return trouble.status

    def verb(self, argv: list[str]) -> Verb:
        """Turn a command line into what is to be done. Ends the program with status 2 for wrong usage."""
        own, command = split(argv)
        parser = make_parser()
        given = parser.parse_args(own)
        if given.verb in WITH_COMMAND and not command:
            parser.error(f"{given.verb}: a command is needed, after --")
        if given.verb not in WITH_COMMAND and command:
            parser.error(f"{given.verb}: takes no command")
        if given.verb == "run":
            return self.run(given.runtime, command, writable=given.writable, wait=given.wait)
        if given.verb == "copy":
            return self.copy(given.runtime, given.parent, command, wishes(given))
        if given.verb == "prepare":
            return self.prepare(given.runtime, given.parent, wishes(given))
        if given.verb == "collect":
            return self.collect(given.parent)
        if given.verb == "remove":
            return self.remove(given.runtime)
        if given.verb == "capture":
            return self.capture(
                given.provider,
                given.container,
                given.dest,
                given.patterns,
                prefix=given.link_prefix,
                remaps=given.remap,
                knowledge=given.knowledge,
                arch=given.arch,
            )
        return self.lock(given.file, command, write=given.write, wait=given.wait, create=given.create)


def split(argv: list[str]) -> tuple[list[str], list[str]]:
    """What is ours, before the first `--`, and the command after it."""
    if "--" not in argv:
        return argv, []
    at = argv.index("--")
    return argv[:at], argv[at + 1 :]


class Version(argparse.Action):
    """Print the version. Looked up only here: it takes longer than all else that we do."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Print it and end the program."""
        from importlib.metadata import version

        print(f"vessel-reference {version('pytest-vessel')}", flush=True)
        parser.exit()


class Help(argparse.HelpFormatter):
    """Help of a fixed width: asking the terminal costs an import that every run would pay."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=100)


class Parser(argparse.ArgumentParser):
    """A parser, and the parsers of its verbs, with that help."""

    def __init__(self, prog: str, usage: str | None = None, description: str = "", epilog: str | None = None) -> None:
        super().__init__(prog, usage, description, epilog, formatter_class=Help)


def make_parser() -> argparse.ArgumentParser:
    """The verbs and their options."""
    parser = Parser(prog="vessel-reference", description=DESCRIPTION, epilog=STATUSES)
    parser.add_argument("--version", action=Version, nargs=0, help="print the version and exit")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB", prog="vessel-reference")

    help_ = "run a command in a container whose runtime is RUNTIME, used directly and locked shared"
    run = verbs.add_parser("run", help=help_, description=help_, usage="%(prog)s [options] RUNTIME -- COMMAND...")
    run.add_argument("--writable", action="store_true", help="let the command write to the runtime")
    run.add_argument("--wait", action="store_true", help="wait while somebody deletes the runtime, instead of failing")
    run.add_argument("runtime", metavar="RUNTIME", help=RUNTIME)

    help_ = "run a command in a container that has a mutable copy of RUNTIME of its own, made in PARENT"
    usage = "%(prog)s [options] RUNTIME PARENT -- COMMAND..."
    add_copy_options(verbs.add_parser("copy", help=help_, description=help_, usage=usage))

    help_ = "make a mutable copy of RUNTIME in PARENT, run nothing, and print `copy: NAME`"
    add_copy_options(verbs.add_parser("prepare", help=help_, description=help_))

    help_ = "delete the mutable copies in PARENT that nobody uses"
    collect = verbs.add_parser("collect", help=help_, description=help_)
    collect.add_argument("parent", metavar="PARENT", help="the folder of the copies")

    help_ = "run a command while FILE is locked; daemons that it leaves behind keep the lock"
    lock = verbs.add_parser("lock", help=help_, description=help_, usage="%(prog)s [options] FILE -- COMMAND...")
    lock.add_argument("--write", action="store_true", help="an exclusive lock instead of a shared one")
    lock.add_argument("--wait", action="store_true", help="wait until the lock is free, instead of failing")
    lock.add_argument("--create", action="store_true", help="create FILE if it is missing")
    lock.add_argument("file", metavar="FILE", help="the file to lock")

    help_ = "delete RUNTIME unless it is in use"
    remove = verbs.add_parser("remove", help=help_, description=help_)
    remove.add_argument("runtime", metavar="RUNTIME", help="the folder that holds .ref")

    help_ = "make a folder of links to the libraries that a container gets of a provider"
    usage = "%(prog)s [options] --provider DIR --container DIR --dest DIR PATTERN..."
    add_capture_options(verbs.add_parser("capture", help=help_, description=help_, usage=usage))
    return parser


def add_copy_options(parser: argparse.ArgumentParser) -> None:
    """The options of the verbs that make a mutable copy."""
    help_ = "do not delete the copies in PARENT that nobody uses"
    parser.add_argument("--no-collect", dest="collect", action="store_false", help=help_)
    parser.add_argument("--wait", action="store_true", help="wait while somebody deletes RUNTIME or cleans up PARENT")
    help_ = "the root whose drivers and libraries the container gets; empty, as without it: none"
    parser.add_argument("--provider", metavar="DIR", default="", help=help_)
    help_ = "comparable: tell of each override that is made; two logs differ where two containers do"
    parser.add_argument("--log", choices=("quiet", "comparable"), default="quiet", help=help_)
    parser.add_argument("runtime", metavar="RUNTIME", help=RUNTIME)
    parser.add_argument("parent", metavar="PARENT", help="the folder of the copies; it is made if it is missing")


def wishes(given: argparse.Namespace) -> Wishes:
    """What those options say."""
    comparable = given.log == "comparable"
    return Wishes(collecting=given.collect, wait=given.wait, provider=given.provider, comparable=comparable)


def add_capture_options(parser: argparse.ArgumentParser) -> None:
    """The options of the verb that captures libraries."""
    parser.add_argument("--provider", metavar="DIR", required=True, help="the root that gives libraries")
    parser.add_argument("--container", metavar="DIR", required=True, help="the root that gets them, as it is inside")
    parser.add_argument("--dest", metavar="DIR", required=True, help="the folder of links; not there yet, or empty")
    parser.add_argument("--link-prefix", metavar="DIR", default="", help="where the container sees the provider")
    help_ = "targets that begin with the folder FROM begin with TO instead; the first that fits"
    parser.add_argument("--remap", metavar="FROM=TO", action="append", default=[], help=help_)
    parser.add_argument("--knowledge", metavar="FILE", help="how single libraries are compared")
    parser.add_argument("--arch", metavar="TUPLE", default="", help="the kind of libraries; this machine's")
    parser.add_argument("patterns", metavar="PATTERN", nargs="+", help="such as if-exists:soname:libGL.so.1")


def end_with(status: int) -> None:
    """End at once: nothing of ours is buffered, and an interpreter that tidies up takes time."""
    os._exit(status)
