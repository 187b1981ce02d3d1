"""HARN: what to capture, as it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_vessel.capture.pattern import GL, LIST_LIMIT_KIB, Extent, Kind, Pattern, patterns
from pytest_vessel.errors import UsageProblem


def one(word: str) -> Pattern:
    (found,) = patterns([word])
    return found


@pytest.mark.parametrize(
    ("word", "kind", "text"),
    [
        ("libz.so.1", Kind.SONAME, "libz.so.1"),
        ("lib*.so.?", Kind.SONAME_MATCH, "lib*.so.?"),
        ("/usr/lib/libz.so.1", Kind.PATH, "/usr/lib/libz.so.1"),
        ("/usr/lib/[a-c]*.so", Kind.PATH_MATCH, "/usr/lib/[a-c]*.so"),
        ("soname:libz.so.1", Kind.SONAME, "libz.so.1"),
        ("soname:a*", Kind.SONAME, "a*"),
        ("soname-match:libz.so.1", Kind.SONAME_MATCH, "libz.so.1"),
        ("exact-soname:libz.so.1", Kind.EXACT_SONAME, "libz.so.1"),
        ("path:/a:b", Kind.PATH, "/a:b"),
        ("/a:b", Kind.PATH, "/a:b"),
        ("path-match:/x", Kind.PATH_MATCH, "/x"),
    ],
)
def test_kinds(word: str, kind: Kind, text: str) -> None:
    assert (one(word).kind, one(word).text, str(one(word))) == (kind, text, word)


def test_prefixes_combine_in_any_order() -> None:
    found = one("no-dependencies:even-if-older:if-exists:if-same-abi:no-dependencies:libz.so.1")
    assert (found.extent, found.even_if_older, found.if_exists, found.if_same_abi) == (Extent.ITSELF, True, True, True)
    plain = one("only-dependencies:libz.so.1")
    assert (plain.extent, plain.even_if_older, plain.if_exists, plain.if_same_abi) == (
        Extent.DEPENDENCIES,
        False,
        False,
        False,
    )


def test_a_file_of_patterns(tmp_path: Path) -> None:
    (tmp_path / "inner").write_text("path:/x # no more\n")
    outer = tmp_path / "outer"
    outer.write_text(f"# libraries\n\n  libz.so.1\nif-same-abi:from:{tmp_path}/inner\n")
    first, second = patterns([f"if-exists:from:{outer}"])
    assert (first.kind, first.text, first.if_exists, first.if_same_abi) == (Kind.SONAME, "libz.so.1", True, False)
    assert (second.kind, second.text, second.if_exists, second.if_same_abi) == (Kind.PATH, "/x", True, True)
    assert str(first) == f"{outer}:3: libz.so.1"


def test_the_libraries_of_opengl() -> None:
    found = patterns(["no-dependencies:gl:"])
    assert [pattern.text for pattern in found] == list(GL)
    assert all(pattern.if_exists and pattern.even_if_older for pattern in found)
    assert {pattern.extent for pattern in found} == {Extent.ITSELF}
    assert {pattern.kind for pattern in found} == {Kind.SONAME, Kind.SONAME_MATCH}


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("if-exist:libz.so.1", "Did you mean 'if-exists'?"),
        ("only-dependencies:no-dependencies:libz.so.1", "together leave nothing"),
        ("soname:", "names nothing"),
        ("", "names nothing"),
        ("if-exists:", "names nothing"),
        ("path:usr/lib/libz.so.1", "no absolute path"),
        ("soname:/usr/lib/libz.so.1", "is a path, not a name"),
        ("usr/lib/libz.so.1", "For a file write path:/usr/lib/libz.so.1."),
        ("a\0b", "names nothing"),
        ("from:/nonexistent", "there is no such file"),
        ("from:/", "is a folder"),
        ("from:", "names nothing"),
        ("gl:libGL.so.1", "Write gl: alone."),
    ],
)
def test_words_that_mean_nothing(word: str, says: str) -> None:
    with pytest.raises(UsageProblem) as problem:
        patterns(["libz.so.1", word])
    assert says in str(problem.value)


def test_no_pattern_at_all() -> None:
    with pytest.raises(UsageProblem, match="nothing to capture"):
        patterns([])


def test_a_line_that_means_nothing_is_named(tmp_path: Path) -> None:
    file = tmp_path / "list"
    file.write_text("libz.so.1\nwhat:libz.so.1\n")
    with pytest.raises(UsageProblem) as problem:
        patterns([f"from:{file}"])
    assert f"{file}:2" in str(problem.value)


def test_files_that_name_each_other(tmp_path: Path) -> None:
    file = tmp_path / "list"
    file.write_text(f"from:{file}\n")
    with pytest.raises(UsageProblem, match="without end"):
        patterns([f"from:{file}"])


@pytest.mark.parametrize("content", [b"\xff\n", b"#" * (LIST_LIMIT_KIB * 1024 + 1)])
def test_files_that_are_no_lists(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "list"
    file.write_bytes(content)
    with pytest.raises(UsageProblem) as problem:
        patterns([f"from:{file}"])
    assert str(file) in str(problem.value)
