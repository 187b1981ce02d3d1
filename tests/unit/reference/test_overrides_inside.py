"""Overrides of the reference as the container sees them, with this machine's loader and programs."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from copy_world import copies, paused
from overrides_world import AMD64, OVR, library, on_amd64
from reference_world import LAYOUTS, LIMIT_S, PROBE, command, done, make_runtime, talking

from pytest_vessel.system.sysroot import HostPrograms, Layout, build

pytestmark = on_amd64

LIB = f"usr/lib/{AMD64}"
PROGRAMS = ("sh", "cat", "env", "ldconfig", "readlink", "ls")


@pytest.fixture(scope="module", params=LAYOUTS)
def runtime(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runtime") / "runtime"
    layout = Layout(request.param)
    build(folder, layout, HostPrograms(PROGRAMS))
    etc = (layout.usr(folder) if layout is Layout.MERGED_USR else folder) / "etc"
    etc.mkdir(exist_ok=True)
    (etc / "ld.so.conf").write_text("# ours\ninclude /etc/ld.so.conf.d/*.conf\n/usr/lib/own")
    return folder


@pytest.fixture
def provider(tmp_path):
    folder = tmp_path / "provider"
    loader = folder / "usr/lib64/ld-linux-x86-64.so.2"
    loader.parent.mkdir(parents=True)
    loader.write_bytes(Path("/lib64/ld-linux-x86-64.so.2").read_bytes())
    (folder / "lib64").symlink_to("usr/lib64")
    files = {
        f"{LIB}/libGL.so.1": library("libGL.so.1", "libfoo.so.1", rpath="/opt/foo"),
        "opt/foo/libfoo.so.1": library("libfoo.so.1"),
        "opt/dri/a_dri.so": library(),
        "opt/a.json": b'{"ICD": {"library_path": "dri/a_dri.so"}}',
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def inside(runtime, provider, parent, script, *options):
    """What a shell in a copy prints."""
    words = ("copy", f"--provider={provider}", *options, str(runtime), str(parent), "--", "/usr/bin/sh", "-c", script)
    result = done(argv=["/usr/bin/env", "LIBGL_DRIVERS_PATH=/opt/dri", "VK_DRIVER_FILES=/opt/a.json", *command(*words)])
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def test_all_links_lead_somewhere_and_nothing_can_be_written(runtime, provider, tmp_path):
    script = f"""
cd /overrides/lib/{AMD64}
for link in *.so* dri/*; do readlink -f "$link"; cat "$link" > /dev/null; done
for place in /overrides /overrides/lib /run/provider /run/provider/usr /opt/foo /usr; do
    echo > "$place/x" && echo "written to $place"
done
"""
    assert inside(runtime, provider, tmp_path / "parent", script) == [
        f"/run/provider/{LIB}/libGL.so.1",
        "/opt/foo/libfoo.so.1",
        "/opt/dri/a_dri.so",
        "written to /usr",
    ]


def test_variables_name_the_places_inside(runtime, provider, tmp_path):
    lines = dict(line.split("=", 1) for line in inside(runtime, provider, tmp_path / "parent", "env"))
    manifest = "/overrides/share/vulkan/icd.d/a.json"
    assert lines["LIBGL_DRIVERS_PATH"] == f"/overrides/lib/{AMD64}/dri"
    assert (lines["VK_DRIVER_FILES"], lines["VK_ICD_FILENAMES"]) == (manifest, manifest)
    assert lines["LD_LIBRARY_PATH"] == f"/overrides/lib/{AMD64}/aliases"


def test_without_a_provider_no_variable_names_a_driver(runtime, tmp_path):
    lines = inside(runtime, "", tmp_path / "parent", "env; ls -d /overrides/*; echo > /overrides/x || echo refused")
    assert not [line for line in lines if line.startswith(("LIBGL", "VK_", "LD_LIB", "/overrides"))]
    assert lines[-1] == "refused"


def test_the_loader_lists_the_overrides_first_and_all_of_the_runtime(runtime, provider, tmp_path):
    lines = inside(runtime, provider, tmp_path / "parent", "cat /etc/ld.so.conf; echo; ldconfig -p")
    assert lines[:4] == [f"/overrides/lib/{AMD64}", "# ours", "include /etc/ld.so.conf.d/*.conf", "/usr/lib/own"]
    cached = [line.split(" => ")[1] for line in lines if "libGL.so.1 " in line]
    assert cached == [f"/overrides/lib/{AMD64}/libGL.so.1"]


@pytest.mark.parametrize("broken", ["missing", "failing"])
def test_a_cache_that_cannot_be_made_is_survived(runtime, provider, tmp_path, broken):
    layout = Layout.COMPLETE_ROOT if (runtime / "usr").is_dir() else Layout.MERGED_USR
    mine = tmp_path / "runtime"
    build(mine, layout, HostPrograms(("sh", "env")))
    if broken == "failing":
        (layout.usr(mine) / "sbin").mkdir()
        (layout.usr(mine) / "sbin/ldconfig").write_bytes(Path("/bin/false").read_bytes())
        (layout.usr(mine) / "sbin/ldconfig").chmod(0o755)
    lines = inside(mine, provider, tmp_path / "parent", "env")
    folder = f"/overrides/lib/{AMD64}"
    assert f"LD_LIBRARY_PATH={folder}:{folder}/aliases" in lines


def test_nothing_of_the_runtime_was_changed(runtime, provider, tmp_path):
    (etc,) = [path for path in (runtime / "etc/ld.so.conf", runtime / "usr/etc/ld.so.conf") if path.exists()]
    before = etc.read_text()
    inside(runtime, provider, tmp_path / "parent", ":")
    assert etc.read_text() == before
    assert not [path for path in runtime.rglob("*") if "overrides" in path.name or path.name == "provider"]
    (copy,) = (tmp_path / "parent").glob("tmp-*")
    assert (copy / OVR).is_dir()


def test_the_machine_itself_is_a_provider(runtime, tmp_path):
    paths = f"/overrides/lib/{AMD64}/libc.so.6 /lib64/ld-linux-x86-64.so.2"
    lines = inside(runtime, "/", tmp_path / "parent", f"for path in {paths}; do readlink -f $path; done")
    assert [line.startswith("/run/provider/") for line in lines] == [True, True]


@pytest.mark.parametrize("whose", ["made", "none"])
def test_a_signal_while_the_cache_is_made_undoes_the_copy(runtime, provider, tmp_path, whose):
    given = provider if whose == "made" else ""
    change = "pause(mutable.Copy, 'prepare_loading', after=True)"
    words = ("copy", f"--provider={given}", str(runtime), str(tmp_path / "parent"), "--", "/usr/bin/env")
    with paused(change, *words) as talk:
        talk.process.send_signal(signal.SIGTERM)
        assert talk.process.wait(LIMIT_S) == 128 + signal.SIGTERM
        assert talk.errors() == ""
    assert copies(tmp_path / "parent") == []


def test_a_runtime_without_a_loader_gets_no_libraries(provider, tmp_path):
    make_runtime(tmp_path / "runtime")
    words = (f"--provider={provider}", str(tmp_path / "runtime"), str(tmp_path / "parent"), "--", PROBE, "talk", "n")
    with talking("copy", *words) as talk:
        assert talk.ask("list /overrides") == "list"
        assert talk.ask("list /run/provider").split()[0] == "list"
        assert talk.end() == 0
        assert talk.errors() == ""
