"""Set up Flatpak for one runtime, offline and apart from the user's own: `python -m pytest_vessel.adapter.flatpak`.

    install --tree TREE --name NAME --work WORK    the last line printed is the folder of the deployed runtime
    overlay --provider ROOT --name NAME --work WORK -- WORD...    runs the app with libraries of ROOT
    remove --name NAME --work WORK                 uninstalls the runtime, with the app that uses it

They run documented flatpak commands and nothing else. Everything lies below `WORK/flatpak`: the repository, the user
installation, and the folders that HOME and the XDG variables name (`environment`). Neither the user's HOME nor the
system's installation is read or written. The app `org.vessel.App_NAME` has no files: its command is
`/usr/libexec/vessel/probe` of the runtime `org.vessel.Runtime_NAME`, which executes the words that it is given. That
runtime has an extension point as those for drivers are (`EXTENSIONS`); for `overlay` the `/usr` of ROOT is made an
extension of it, as it is: which libraries are in there, and what manifests say, is whoever builds the extension.

Not guaranteed: several calls at once for one WORK; a bound on time: Flatpak itself waits in syncfs(2) until the disk
has written what others left to write: usually milliseconds, but seconds on a busy disk.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import NoReturn

from pytest_vessel.errors import HarnessError, VesselError

BRANCH = "1"
PROBE = "/usr/libexec/vessel/probe"
EXTENSIONS = "lib/GL"
"""Below `/usr`: the folder in which extensions with drivers appear. The runtime must have it."""
_LIBRARIES = "lib/x86_64-linux-gnu"
_REMOTE = "vessel"
_FOLDERS = {
    "HOME": "home",
    "TMPDIR": "tmp",
    "XDG_RUNTIME_DIR": "run",
    "XDG_DATA_HOME": "data",
    "XDG_CONFIG_HOME": "config",
    "XDG_CACHE_HOME": "cache",
    "XDG_STATE_HOME": "state",
    "XDG_DATA_DIRS": "share",
    "FLATPAK_USER_DIR": "user",
    "FLATPAK_SYSTEM_DIR": "system",
    "FLATPAK_CONFIG_DIR": "etc",
    "FLATPAK_TRIGGERSDIR": "triggers",
}
_SWITCHES = {"FLATPAK_SYSTEM_HELPER_ON_SESSION": "1", "GIO_USE_VFS": "local", "GSETTINGS_BACKEND": "memory"}
_MEND = "Its message says why; it ran with the variables of [environment] in flatpak.toml."
_ARCHITECTURES = {"i686": "i386", "i586": "i386", "armv7l": "arm", "armv6l": "arm"}


def environment(work: Path) -> dict[str, str]:
    """The variables that keep flatpak below `work`; `flatpak.toml` names the same.

    The triggers' folder is empty, so an installation runs none of this machine's programs.
    """
    return {name: str(work / "flatpak" / folder) for name, folder in _FOLDERS.items()} | _SWITCHES


@dataclass(frozen=True)
class Names:
    """What the runtime called `name` and the app that uses it are called in Flatpak."""

    name: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,200}", self.name):
            raise HarnessError(
                f"{self.name!r} cannot be part of a Flatpak id",
                where="--name",
                mend="Use letters, digits, '_' and '-', at most 200.",
            )

    @property
    def architecture(self) -> str:
        """This machine, as Flatpak calls it."""
        machine = os.uname().machine
        return _ARCHITECTURES.get(machine, machine)

    @property
    def runtime(self) -> str:
        """`NAME/ARCH/BRANCH` of the runtime."""
        return f"org.vessel.Runtime_{self.name}/{self.architecture}/{BRANCH}"

    @property
    def app(self) -> str:
        """`NAME/ARCH/BRANCH` of the app."""
        return f"org.vessel.App_{self.name}/{self.architecture}/{BRANCH}"

    @property
    def extension(self) -> str:
        """`NAME/ARCH/BRANCH` of the extension of the runtime."""
        return f"org.vessel.Runtime_{self.name}.GL.vessel/{self.architecture}/{BRANCH}"

    @property
    def refs(self) -> tuple[str, str]:
        """Both, the app first: Flatpak removes no runtime that an installed app needs."""
        return f"app/{self.app}", f"runtime/{self.runtime}"


class Installation:
    """The user installation below `work`.

    Raises (all methods):
        HarnessError: flatpak is missing, or a step failed; its command, status and stderr are told.
    """

    def __init__(self, work: Path) -> None:
        self.folder = work.absolute() / "flatpak"
        self._environment = {**os.environ, **environment(work.absolute())}

    @property
    def user(self) -> Path:
        """The folder of the installation."""
        return self.folder / "user"

    def prepare(self) -> None:
        """Make the folders that the environment names."""
        for folder in set(_FOLDERS.values()) - {"user", "system"}:
            (self.folder / folder).mkdir(mode=0o700, parents=True, exist_ok=True)

    def flatpak(self, *words: str) -> None:
        """Run one flatpak command; what it says goes to our stderr."""
        argv = ["flatpak", *words]
        try:
            done = subprocess.run(
                argv, env=self._environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace"
            )
        except FileNotFoundError:
            raise HarnessError("flatpak is not installed", where="PATH", mend="apt install flatpak") from None
        if done.returncode:
            said = done.stderr.strip() or done.stdout.strip() or "no message"
            raise HarnessError(f"ended with status {done.returncode}: {said}", where=shlex.join(argv), mend=_MEND)
        sys.stderr.write(done.stdout + done.stderr)

    def install(self, tree: Path, names: Names) -> Path:
        """Export `tree` as a runtime, and its app, and install both.

        Returns:
            The `files` folder of the deployed runtime: SRC, shown as `/usr`.
        """
        self.prepare()
        repository = self.folder / "repository"
        self._export(repository, _runtime(self.folder / "build", names), tree.absolute())
        self._export(repository, _app(self.folder / "build", names))
        if not (self.user / "repo").exists():
            self.flatpak("--user", "remote-add", "--no-gpg-verify", _REMOTE, repository.as_uri())
        self._deploy(*reversed(names.refs))
        return (self.user / "runtime" / names.runtime / "active").resolve(strict=True) / "files"

    def _export(self, repository: Path, build: Path, tree: Path | None = None) -> None:
        of_runtime = ("--runtime", f"--files={os.path.relpath(tree, build)}") if tree else ()
        self.flatpak("build-export", "--disable-sandbox", *of_runtime, str(repository), str(build), BRANCH)

    def _deploy(self, *words: str) -> None:
        self.flatpak("--user", "install", "-y", "--noninteractive", "--no-related", _REMOTE, *words)

    def overlay(self, provider: Path, names: Names, words: Sequence[str]) -> NoReturn:
        """Install the `/usr` of `provider` as an extension, and become `flatpak run` of the app with these words.

        What the installation says is kept back: stderr is for what the start says.
        """
        build = _extension(self.folder / "build", names)
        with redirect_stderr(StringIO()):
            self._export(self.folder / "repository", build, provider.absolute() / "usr")
            self._deploy("--or-update", f"runtime/{names.extension}")
        app = names.app.split("/")[0]
        os.execvpe("flatpak", ["flatpak", "--user", "run", app, *words], self._environment)

    def remove(self, names: Names) -> None:
        """Uninstall the runtime and its app.

        Flatpak moves what is in use into `.removed` and deletes it in a later operation. Where the runtime is no
        longer installed but waits there, one such operation is made: the app is installed and uninstalled.
        """
        if self._waits(names):
            self._deploy("--no-deps", names.refs[0])
            self.flatpak("--user", "uninstall", "-y", "--noninteractive", names.refs[0])
        else:
            self.flatpak("--user", "uninstall", "-y", "--noninteractive", *names.refs)

    def _waits(self, names: Names) -> bool:
        installed = (self.user / "runtime" / names.runtime / "active").exists()
        return not installed and any((self.user / ".removed").glob(f"{names.runtime.split('/')[0]}-*"))


def _runtime(builds: Path, names: Names) -> Path:
    name = names.runtime.split("/")[0]
    keys = f"directory={EXTENSIONS}\nsubdirectories=true\nno-autodownload=true\nadd-ld-path={_LIBRARIES}\n"
    head, more = f"[Runtime]\nname={name}\n", f"[Extension {name}.GL]\n{keys}"
    return _build(builds / f"runtime-{names.name}", head, names, more)


def _extension(builds: Path, names: Names) -> Path:
    head, more = f"[Runtime]\nname={names.extension.split('/')[0]}\n", f"[ExtensionOf]\nref=runtime/{names.runtime}\n"
    return _build(builds / f"extension-{names.name}", head, names, more)


def _app(builds: Path, names: Names) -> Path:
    head = f"[Application]\nname={names.app.split('/')[0]}\ncommand={PROBE}\n"
    return _build(builds / f"app-{names.name}", head, names)


def _build(folder: Path, head: str, names: Names, more: str = "") -> Path:
    """A folder for `flatpak build-export`, as `flatpak build-init` and `build-finish` would make it."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("files", "export"):
        (folder / name).mkdir(parents=True)
    (folder / "metadata").write_text(f"{head}runtime={names.runtime}\nsdk={names.runtime}\n{more}")
    return folder


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m pytest_vessel.adapter.flatpak", allow_abbrev=False)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb in ("install", "overlay", "remove"):
        of_verb = verbs.add_parser(verb, allow_abbrev=False)
        of_verb.add_argument("--name", required=True)
        of_verb.add_argument("--work", required=True, type=Path)
        if verb == "install":
            of_verb.add_argument("--tree", required=True, type=Path)
        elif verb == "overlay":
            of_verb.add_argument("--provider", required=True, type=Path)
            of_verb.add_argument("words", nargs="+")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Carry out one verb; 0 where it was done, 1 with a message on stderr where not."""
    told = _arguments(words)
    try:
        installation, names = Installation(told.work), Names(told.name)
        if told.verb == "remove":
            installation.remove(names)
        elif told.verb == "overlay":
            installation.overlay(told.provider, names, told.words)
        elif not told.tree.is_dir():
            raise HarnessError("is not a folder", where=f"--tree {told.tree}", mend="Name the content of /usr.")
        else:
            print(installation.install(told.tree, names))
    except (VesselError, OSError) as problem:
        print(f"vessel: flatpak: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
