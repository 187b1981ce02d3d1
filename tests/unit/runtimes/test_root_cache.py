"""Kept roots: made once, by one; whole or not there; never more than may be, but never one in use."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from made_archives import seen
from polling import wait_until

from pytest_vessel.runtimes.cache import Cache
from pytest_vessel.system.locks import lock_table

KIB = 1024


def making(content: bytes = b"content", made: list[str] | None = None) -> Callable[[Path], None]:
    def make(tree: Path) -> None:
        (tree / "file").write_bytes(content)
        if made is not None:
            made.append("made")

    return make


def never(tree: Path) -> None:
    raise AssertionError("made again")


def names(folder: Path) -> list[str]:
    return sorted(path.suffix or "root" for path in folder.iterdir())


def test_made_once(tmp_path: Path) -> None:
    with Cache(tmp_path / "roots").root("key", making()) as first:
        assert seen(first) == {"file": b"content"}
    with Cache(tmp_path / "roots").root("key", never) as second:
        assert first == second
    with Cache(tmp_path / "roots").root("other", making(b"other")) as other:
        assert seen(other) == {"file": b"other"}
    assert (tmp_path / "roots").stat().st_mode & 0o777 == 0o700


def _change_content(tree: Path) -> None:
    (tree / "file").write_bytes(b"CONTENT")


def _cut(tree: Path) -> None:
    os.truncate(tree / "file", 3)


def _delete(tree: Path) -> None:
    (tree / "file").unlink()


def _add(tree: Path) -> None:
    (tree / "more").mkdir()


def _change_mode(tree: Path) -> None:
    (tree / "file").chmod(0o777)


def _break_the_seal(tree: Path) -> None:
    (tree.parent / "seal").write_text("{")


DAMAGES = [_change_content, _cut, _delete, _add, _change_mode, _break_the_seal]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__.strip("_"))
def test_a_damaged_root_is_made_again(damage: Callable[[Path], None], tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    made: list[str] = []
    for _ in range(2):
        with cache.root("key", making(made=made)) as tree:
            assert seen(tree) == {"file": b"content"}
            damage(tree)
    assert made == ["made", "made"]
    assert names(tmp_path) == [".lock", "root"]


def test_nothing_stays_of_what_could_not_be_made(tmp_path: Path) -> None:
    def fail(tree: Path) -> None:
        (tree / "half").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), Cache(tmp_path).root("key", fail):
        pass
    assert names(tmp_path) == [".lock"]
    with Cache(tmp_path).root("key", making()) as tree:
        assert seen(tree) == {"file": b"content"}


def big(tree: Path) -> None:
    (tree / "file").write_bytes(bytes(100 * KIB))


def test_the_least_recently_used_go(tmp_path: Path) -> None:
    cache = Cache(tmp_path, bound_bytes=350 * KIB)
    trees: dict[str, Path] = {}
    for key in "abcad":  # a is used again before d comes
        with cache.root(key, never if key in trees else big) as tree:
            trees[key] = tree
    assert [key for key, tree in trees.items() if tree.exists()] == ["a", "c", "d"]


def test_one_that_is_in_use_stays(tmp_path: Path) -> None:
    cache = Cache(tmp_path, bound_bytes=150 * KIB)
    with cache.root("a", big) as a, cache.root("b", big) as b, cache.root("c", big) as c:
        assert all(tree.exists() for tree in (a, b, c))
    with cache.root("d", big) as d:
        assert [tree.exists() for tree in (a, b, c, d)] == [False, False, False, True]


PROGRAM = """
import sys
from pathlib import Path
from pytest_vessel.runtimes.cache import Cache
from pytest_vessel.system.locks import lock_table

def make(tree):
    (tree / "file").write_text("half")
    print("making", flush=True)
    sys.stdin.readline()
    (tree / "file").write_text("content")

print("started", flush=True)
with Cache(Path(sys.argv[1])).root("key", make) as tree:
    print((tree / "file").read_text(), flush=True)
"""


class Maker:
    """Another process that wants the root."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        argv = [sys.executable, "-c", PROGRAM, str(folder)]
        pipe = subprocess.PIPE
        self.process = stack.enter_context(subprocess.Popen(argv, stdin=pipe, stdout=pipe, bufsize=0))
        stack.callback(self.process.kill)
        assert self.says() == "started"

    def says(self) -> str:
        assert self.process.stdout is not None
        assert select.select([self.process.stdout], [], [], 30)[0], "it says nothing"
        return self.process.stdout.readline().decode().strip()

    def go_on(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n")


def test_two_that_want_one_share_its_making(tmp_path: Path) -> None:
    with ExitStack() as stack:
        first, second = Maker(tmp_path, stack), Maker(tmp_path, stack)
        ready, _, _ = select.select([first.process.stdout, second.process.stdout], [], [], 30)
        maker, waiting = (first, second) if first.process.stdout in ready else (second, first)
        assert maker.says() == "making"
        maker.go_on()
        assert (maker.says(), waiting.says()) == ("content", "content")  # the other one never says `making`


def test_two_that_have_looked_look_again(tmp_path: Path) -> None:
    with ExitStack() as stack:
        with Cache(tmp_path).root("key", making()) as tree:
            _delete(tree)  # both see that it is damaged, and wait until nobody uses it
            (lock,) = tmp_path.glob("*.lock")
            makers = Maker(tmp_path, stack), Maker(tmp_path, stack)
            assert wait_until(lambda: len(lock_table(lock).waiters) == 2, 30)
        ready, _, _ = select.select([maker.process.stdout for maker in makers], [], [], 30)
        maker, waiting = makers if makers[0].process.stdout in ready else reversed(makers)
        assert maker.says() == "making"
        maker.go_on()
        assert (maker.says(), waiting.says()) == ("content", "content")


def test_what_a_killed_maker_left_is_swept(tmp_path: Path) -> None:
    with ExitStack() as stack:
        killed = Maker(tmp_path, stack)
        assert killed.says() == "making"
        killed.process.kill()
        killed.process.wait()
        assert ".new" in names(tmp_path)
        with Cache(tmp_path).root("another", making()):
            assert names(tmp_path) == [".lock", ".lock", "root"]


def test_a_maker_that_lives_is_left_alone(tmp_path: Path) -> None:
    with ExitStack() as stack:
        living = Maker(tmp_path, stack)
        assert living.says() == "making"
        with Cache(tmp_path, bound_bytes=0).root("another", making()):
            assert ".new" in names(tmp_path)
        living.go_on()
        assert living.says() == "content"


def test_who_waited_for_a_killed_maker_makes_it(tmp_path: Path) -> None:
    with ExitStack() as stack:
        killed = Maker(tmp_path, stack)
        assert killed.says() == "making"
        heir = Maker(tmp_path, stack)
        killed.process.kill()
        assert heir.says() == "making"
        heir.go_on()
        assert heir.says() == "content"
