"""HARN: files that say how single libraries are compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_vessel.capture.compare import DEFAULT, OF_LIBC, Method
from pytest_vessel.capture.knowledge import Knowledge, methods, read
from pytest_vessel.errors import UsageProblem


def test_what_a_file_says(tmp_path: Path) -> None:
    file = tmp_path / "knowledge"
    file.write_text(
        "# comparisons\n[Library libgcc_s.so.1]\nCompareBy=versions;name;provider\nPublicSymbols=*;\n\n"
        "[libc.so.6]\nCompareBy=name\n"
    )
    found = read(file)
    assert found.methods("libgcc_s.so.1") == (Method.VERSIONS, Method.NAME, Method.PROVIDER)
    assert found.methods("libz.so.1") == DEFAULT
    assert found.methods("libc.so.6") == OF_LIBC
    assert Knowledge(default=(Method.CONTAINER,)).methods("libz.so.1") == (Method.CONTAINER,)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[a]\nCompareBy=version\n", "Did you mean 'versions'?"),
        ("[a]\nCompareBy=;\n", "names no way to compare"),
        ("[a]\nCompare=name\n", "Did you mean 'CompareBy'?"),
        ("CompareBy=name\n", "no section headers"),
        ("[a]\nwhat is this\n", "what is this"),
        ("[a]\n[a]\n", "already exists"),
        ("[a]\nCompareBy=name\nCompareBy=name\n", "already exists"),
    ],
)
def test_files_that_say_nothing(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "knowledge"
    file.write_text(text)
    with pytest.raises(UsageProblem) as problem:
        read(file)
    assert says in str(problem.value)
    assert str(file) in str(problem.value)


def test_methods_as_they_are_written() -> None:
    assert methods("name, provider", "--compare-by") == DEFAULT
    with pytest.raises(UsageProblem, match="--compare-by"):
        methods("nam", "--compare-by")
