"""Which file a held call is about, as the subject would reach it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vessel.system import reach
from pytest_vessel.system.bpf import CREATES, DELETES, OPENS, Chosen
from pytest_vessel.system.flock import decode, layout
from pytest_vessel.system.syscalls import I386, X86_64

FILES = (*OPENS, *DELETES, *CREATES, Chosen("execve"))


@pytest.fixture
def tree(tmp_path):
    """A root with a file, a folder, and links: relative, absolute, dangling, in a circle, out of it."""
    (tmp_path / "inner/folder").mkdir(parents=True)
    (tmp_path / "inner/file").write_text("inside")
    (tmp_path / "file").write_text("outside")
    for name, target in {
        "relative": "file",
        "absolute": "/file",
        "dangling": "nothing",
        "circle": "circle",
        "up": "../../../file",
        "deep": "/folder/../absolute",
    }.items():
        (tmp_path / "inner" / name).symlink_to(target)
    return tmp_path / "inner"


def after_marker(subject, call=None):
    """The first held call behind the subject's `os.rmdir("/marker")`."""
    while (held := subject.next()).path() != b"/marker":
        held.go()
    held.pretend()
    return subject.next(call)


@pytest.mark.parametrize(
    ("statement", "call", "path"),
    [
        ("os.open(root + '/file', 0)", "openat", "{root}/file"),
        ("os.chdir(root); os.open('file', 0)", "openat", "{root}/file"),
        ("os.open('file', 0, dir_fd=folder)", "openat", "{root}/file"),
        ("os.open('folder/../file', 0, dir_fd=folder)", "openat", "{root}/folder/../file"),
        ("os.unlink('file', dir_fd=folder)", "unlinkat", "{root}/file"),
        ("os.unlink(root + '/file')", "unlink", "{root}/file"),
        ("os.rename('file', 'other', src_dir_fd=folder)", "renameat", "{root}/file"),
        ("os.open('/proc/self/cwd', 0)", "openat", "/proc/self/cwd"),
        ("os.execv('/bin/true', ['true'])", "execve", "/bin/true"),
    ],
)
def test_pathnames_are_read_from_the_subject(gated, tree, statement, call, path):
    source = f"import os; root = {str(tree)!r}; folder = os.open(root, os.O_PATH)\nos.rmdir('/marker'); {statement}"
    held = after_marker(gated(source, FILES), call)
    assert held.path() == path.format(root=tree).encode()


@pytest.mark.parametrize(
    ("statement", "call", "makes"),
    [
        ("os.mkdir('new', dir_fd=folder)", "mkdirat", True),
        ("os.open('new', os.O_CREAT, dir_fd=folder)", "openat", True),
        ("os.rename('/marker', 'new', dst_dir_fd=folder)", "renameat", True),
        ("os.mkdir('nothing/new', dir_fd=folder)", "mkdirat", False),
        ("os.open('file', 0, dir_fd=folder)", "openat", False),
    ],
)
def test_the_folder_in_which_a_name_is_made(gated, tree, statement, call, makes):
    source = f"import os; folder = os.open({str(tree)!r}, os.O_PATH)\nos.rmdir('/marker'); {statement}"
    made_in = after_marker(gated(source, FILES), call).made_in()
    assert os.path.samestat(made_in, tree.stat()) if makes else made_in is None


def test_the_second_pathname_has_a_folder_of_its_own(gated, tree):
    source = f"""
import os
folder, other = os.open({str(tree)!r}, os.O_PATH), os.open({str(tree.parent)!r}, os.O_PATH)
os.rmdir("/marker")
os.rename("file", "new", src_dir_fd=folder, dst_dir_fd=other)
"""
    held = after_marker(gated(source, FILES), "renameat")
    assert (held.path(0), held.path(1)) == (bytes(tree / "file"), bytes(tree.parent / "new"))
    assert held.path(2) is None
    assert held.target(0).st_ino == (tree / "file").stat().st_ino
    assert held.target(1) is None


@pytest.mark.parametrize(
    ("statement", "leads_to"),
    [
        ("os.open('/file', 0)", "file"),
        ("os.open('/relative', 0)", "file"),
        ("os.open('/absolute', 0)", "file"),
        ("os.open('/up', 0)", "file"),
        ("os.open('/deep', 0)", "file"),
        ("os.chdir('/folder'); os.open('../../../absolute', 0)", "file"),
        ("os.open('../absolute', 0, dir_fd=os.open('/folder', os.O_PATH))", "file"),
        ("os.open('/absolute', os.O_NOFOLLOW)", "absolute"),
        ("os.open('/absolute', os.O_CREAT | os.O_EXCL)", "absolute"),
        ("os.unlink('/absolute')", "absolute"),
        ("os.rename('/absolute', '/x')", "absolute"),
        ("libc.linkat(-100, b'/absolute', -100, b'/x', 0x400)", "file"),
        ("os.link('/absolute', '/x', follow_symlinks=False)", "absolute"),
        ("os.open('/dangling', 0)", None),
        ("os.open('/circle', 0)", None),
        ("os.open('/nothing', 0)", None),
        ("os.open('/file/', 0)", None),
        ("os.open('/folder/.', 0)", "folder"),
        ("libc.syscall(437, -100, b'/absolute', (ctypes.c_uint64 * 3)(0, 0, 0), 24)", "file"),
        ("libc.syscall(437, -100, b'/absolute', (ctypes.c_uint64 * 3)(os.O_NOFOLLOW, 0, 0), 24)", "absolute"),
        ("libc.syscall(257, -100, ctypes.c_void_p(1), 0)", None),
        ("libc.syscall(257, -100, ctypes.c_void_p(-1), 0)", None),
    ],
)
def test_a_target_is_found_within_the_root_of_the_subject(gated, tree, statement, leads_to):
    if "syscall(257" in statement and os.uname().machine != "x86_64":
        statement = statement.replace("257", "56")
    source = f"import os, ctypes; libc = ctypes.CDLL(None); os.chroot({str(tree)!r}); os.chdir('/')\n"
    subject = gated(source + f"os.rmdir('/marker'); {statement}", (*OPENS, *DELETES, *CREATES), wrap=["unshare", "-Ur"])
    held = after_marker(subject)
    while held.path() == b"/folder":
        held.go()
        held = subject.next()
    found = held.target()
    assert (found and found.st_ino) == (leads_to and (tree / leads_to).lstat().st_ino)


def test_files_that_only_the_subject_sees_are_found(gated, tmp_path):
    """A mount of its own, and its own /proc/self."""
    script = f"""
mount -t tmpfs none {tmp_path} && touch {tmp_path}/file && mkdir {tmp_path}/folder && exec python3 -I -S -c '
import os
os.rmdir("/marker")
os.unlink("{tmp_path}/file")
file = os.open("{tmp_path}", 0)
os.unlink(f"/proc/self/fd/{{file}}/none")
os.rmdir(f"/proc/self/fd/{{file}}/folder")
'"""
    subject = gated(["/bin/sh", "-c", script], DELETES, wrap=["unshare", "-Urpmf", "--mount-proc"])
    held = after_marker(subject, "unlink")
    assert not (tmp_path / "file").exists()
    assert held.target().st_dev != tmp_path.stat().st_dev
    held.go()
    held = subject.next("unlink")
    assert held.target() is None
    assert held.path().startswith(b"/proc/self/fd/")
    held.pretend()
    held = subject.next("rmdir")
    assert held.target().st_dev not in (Path("/proc").stat().st_dev, tmp_path.stat().st_dev)
    held.pretend()
    subject.finish()


def test_a_folder_outside_the_root_is_marked(gated, tree):
    source = f"import os; os.chdir({str(tree.parent)!r}); os.chroot({str(tree)!r}); os.rmdir('file')"
    held = gated(source, DELETES, wrap=["unshare", "-Ur"]).next("rmdir")
    assert held.path() == b"(unreachable)" + bytes(tree.parent / "file")
    assert held.target().st_ino == (tree.parent / "file").stat().st_ino


def test_calls_without_files_have_none(gated):
    held = gated("import os; os.rmdir('/nothing')", DELETES).next("rmdir")
    assert (held.file(), held.lock(), held.path(1), held.target()) == (None, None, None, None)


parts = st.sampled_from([b"", b".", b"..", b"folder", b"file", b"relative", b"absolute", b"up", b"self", b"nothing"])


@pytest.fixture(scope="module")
def links(tmp_path_factory):
    root = tmp_path_factory.mktemp("links")
    (root / "folder").mkdir()
    (root / "folder/file").touch()
    (root / "file").touch()
    (root / "relative").symlink_to("folder")
    (root / "folder/up").symlink_to("../relative")
    (root / "folder/self").symlink_to(".")
    (root / "absolute").symlink_to(root / "folder/")
    (root / "folder/absolute").symlink_to(root / "absolute/file")
    return root


@given(path=st.lists(parts, max_size=6).map(b"/".join), follow=st.booleans())
def test_resolving_agrees_with_the_kernel(links, path, follow):
    """In our own process, where both can be asked."""

    def ask(looks, *arguments):
        try:
            found = looks(*arguments)
        except OSError:
            return None
        return found.st_dev, found.st_ino

    whole = bytes(links) + b"/" + path
    folder = os.open(links, os.O_PATH)
    try:
        wanted = ask(os.stat if follow else os.lstat, whole)
        assert ask(reach.status, os.getpid(), whole, None, follow) == wanted
        if path and not path.startswith(b"/"):
            assert ask(reach.status, os.getpid(), path, folder, follow) == wanted
    finally:
        os.close(folder)


@pytest.mark.parametrize(
    ("audit", "command", "size", "meaning"),
    [
        (X86_64.audit, 6, 32, (6, False, False)),
        (X86_64.audit, 38, 32, (38, True, True)),
        (I386.audit, 6, 16, (6, False, False)),
        (I386.audit, 7, 16, (7, False, True)),
        (I386.audit, 14, 24, (7, False, True)),
        (I386.audit, 12, 24, (5, False, False)),
        (I386.audit, 37, 24, (37, True, False)),
    ],
)
def test_lock_structures_of_each_abi(audit, command, size, meaning):
    assert layout(audit, command).size == size
    content = layout(audit, command).pack(fcntl.F_RDLCK, 0, 0, 0, 0)
    lock = decode(audit, command, content)
    assert (lock.command, lock.ofd, lock.waits) == meaning
    assert lock.whole
    assert lock.asks == (lock.command == fcntl.F_GETLK)
