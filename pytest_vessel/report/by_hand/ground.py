"""The middle of a script: the runtime, and the verbs as they were started. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pytest_vessel.record.scene import Call, Copies, Folder, Ground, Scene
from pytest_vessel.report.by_hand.scenario import Scenario
from pytest_vessel.report.by_hand.words import shell_word

_END = "END_OF_VERB"


def assignments(scene: Scene, scenario: Scenario, values: Mapping[str, str]) -> Iterator[str]:
    """Folders, and the variables that the scene reads."""
    yield 'chmod 755 "$WORK" && mkdir ' + " ".join(f'"$WORK/{name}"' for name in _FOLDERS)
    yield 'cp "$PROBE" "$WORK/probe" && chmod 755 "$WORK/probe" && PROBE=$WORK/probe'
    if scene.ground is not None and scenario.verb != "lock":
        yield f"LAYOUT={shell_word(_literal(scene.ground.layout))}"
        yield f"INSIDE={shell_word(_literal(' '.join(scene.ground.inside)))}"
    else:
        yield "INSIDE="
    if not _has_copies(scenario):
        yield "COPIES="
    yield f"USER_NAME={shell_word(_literal(_user(scene)))}"
    yield from (f"{name}={shell_word(value)}" for name, value in values.items())


_FOLDERS = ("home", "tmp", "files", "runtimes", "parents", "trees", "work", "outside")


def _has_copies(scenario: Scenario) -> bool:
    return scenario.of_parent or scenario.verb in ("copy", "prepare", "collect")


def _literal(text: str) -> str:
    return text.replace("$", "$$")


def _user(scene: Scene) -> str:
    return next((call.user for call in scene.calls if call.user), "")


def started(scene: Scene, verb: str, *, last: bool = False) -> Call | None:
    """The first or last start of a verb; one that makes a copy cleans up where there is no verb that does."""
    return scene.call(verb, last=last) or (scene.call("copy", last=last) if verb == "collect" else None)


def verbs(scene: Scene, scenario: Scenario) -> Iterator[str]:
    """The verbs as functions: `install` where there is one, then what is under test, and what goes beside it."""
    install, tested = scene.call("install"), started(scene, scenario.verb, last=scenario.last)
    if install is not None:
        yield from _verb("install", install)
    assert tested is not None
    yield from _verb(_NAMES.get(scenario.verb, "subject"), tested)
    other = started(scene, scenario.other, last=not scenario.last) if scenario.other else None
    if other is not None and not (other is tested and scenario.verb == "capture"):  # links are due: no witness
        yield from _verb(scenario.other_name, other)


_NAMES = {"remove": "remover", "collect": "cleaner"}


def _verb(name: str, call: Call) -> Iterator[str]:
    """A function; the words that it is given stand in front of the command."""
    front = [f"read_only {shell_word(folder)}" for folder in call.read_only]
    front += ['"$@"', *(["$(as_user)"] if call.user else [])]
    words = ['PATH="$PATH"', 'BY_HAND="$WORK"', *(f"{one}={shell_word(v)}" for one, v in call.environment.items())]
    command = [shell_word(word) for word in call.argv]
    yield ""
    if call.by_hand:
        yield f"cat > \"$WORK/{name}.sh\" << '{_END}'"
        yield from call.by_hand.strip("\n").split("\n")
        yield _END
        words += ['WORK="$WORK"', 'RUNTIME="${RUNTIME:-}"']
        command = ["sh", f'"$WORK/{name}.sh"']
    yield f"{name}() {{  # {call.verb}, as it was started" + (", in shell commands" if call.by_hand else "")
    yield f"  {' '.join(front)} env -i \\"
    yield from _wrapped(words, more=True)
    yield from _wrapped(command)
    yield "}"


def _wrapped(words: Sequence[str], *, more: bool = False, width: int = 112) -> Iterator[str]:
    """Words in lines of one command; `more`: it goes on after them."""
    line = "   "
    for word in words:
        if len(line) + len(word) > width and line.strip():
            yield f"{line} \\"
            line = "   "
        line += f" {word}"
    yield f"{line} \\" if more else line


def ground(scene: Scene, scenario: Scenario) -> Iterator[str]:
    """The lock file of a tool; or the runtime, built here or installed, and the folder of copies."""
    if scenario.verb == "lock":
        yield from ["", "REF=$WORK/files/lock", ': > "$REF"', *_paths(())]
        return
    if scene.copies is not None and _has_copies(scenario):
        yield from _parent(scene.copies)
    if scene.ground is not None:
        yield from _runtime(scene.ground, scenario, user=_user(scene))
    for folder in scene.folders:
        yield from _folder(folder)
    if scenario.of_parent:
        yield "REF=$PARENT_REF"


def _folder(about: Folder) -> Iterator[str]:
    yield ""
    for path in ("", *about.empty):
        yield f"mkdir -p {shell_word(about.path + path)}"
    for path, content in about.files.items():
        yield f"put_file {shell_word(about.path + path)} {content}"
    for path, of_machine in about.copies.items():
        yield f"put_copy {shell_word(about.path + path)} {shell_word(of_machine)}"
    for path, target in about.links.items():
        yield f"put_link {shell_word(about.path + path)} {shell_word(target)}"


def _runtime(about: Ground, scenario: Scenario, *, user: str) -> Iterator[str]:
    yield ""
    yield "ground() {  # the runtime, with its lock file"
    if about.tree:
        yield f"  [ -e {shell_word(about.tree)} ] || tree {shell_word(about.tree)}"
        yield from ["  give_away"] if user else []
        yield '  RUNTIME=$(install 2> "$WORK/install.err" | tail -n 1)'
        yield '  [ -d "$RUNTIME" ] || cannot "it was not installed: $(cat "$WORK/install.err")"'
        yield f"  SRC={shell_word(about.src)}"
        yield f"  REF={shell_word(about.ref)}"
    else:
        yield f"  RUNTIME={shell_word(about.folder)}"
        yield f"  SRC={shell_word(about.src)}"
        yield f"  REF={shell_word(about.ref)}"
        yield '  tree "$SRC"'
        yield '  : > "$REF"'
        yield from ["  give_away"] if user else []
    yield from ['  only_read "$REF"'] if scenario.read_only_ref else []
    yield "}"
    yield "ground"
    yield from _paths(about.inside)


def _parent(about: Copies) -> Iterator[str]:
    yield ""
    yield "# The folder of copies, with its lock file."
    yield f"PARENT={shell_word(about.folder)}"
    yield f"PARENT_REF={shell_word(about.parent_ref)}"
    yield f"COPIES={shell_word(about.pattern)}"
    yield f"OVERRIDES_INSIDE={shell_word(about.overrides_inside)}"
    yield 'mkdir -p "$PARENT" "$(dirname "$PARENT_REF")"'
    yield ': > "$PARENT_REF"'
    yield ""
    yield "in_copy() {  # in_copy COPY: its files"
    yield "  COPY=$1"
    yield f"  COPY_REF={shell_word(about.copy_ref)}"
    yield f"  COPY_TREE={shell_word(about.copy_tree)}"
    yield f"  OVERRIDES={shell_word(about.overrides)}"
    yield "}"


def _paths(inside: tuple[str, ...]) -> Iterator[str]:
    """What the lock file may be called in a system call: strace compares texts."""
    spelled = [*inside, *(f"/newroot{path}" for path in inside)]
    words = " ".join(['"$REF"', '"/oldroot$REF"', *(shell_word(_literal(path)) for path in spelled)])
    yield ""
    yield "paths() {  # options of strace: the names of the lock file, outside and inside"
    yield f'  for path in {words}; do echo "-P $path"; done'
    yield "}"
