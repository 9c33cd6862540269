"""A process is started so that it outlives us, and is never mistaken for another."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lbpatterns.targets.envoy import process
from lbpatterns.targets.envoy.errors import EngineError
from lbpatterns.targets.envoy.process import Process, spawn, started_at, stop


def shell(body: str, directory: Path) -> Process:
    return spawn(["/bin/sh", "-c", body], directory=directory, log=directory / "log")


def test_what_was_started_runs_and_stops(tmp_path: Path) -> None:
    started = shell("exec sleep 60", tmp_path)
    assert started.is_alive()
    stop(started)
    assert not started.is_alive()
    stop(started)


def test_a_process_that_ignores_sigterm_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "STOP_SECONDS", 0.2)
    started = shell("trap '' TERM; echo ready; while :; do sleep 0.05; done", tmp_path)
    while "ready" not in (tmp_path / "log").read_text():
        time.sleep(0.01)
    stop(started)
    assert not started.is_alive()


def test_a_process_with_the_same_pid_and_another_start_time_is_left_alone(tmp_path: Path) -> None:
    started = shell("exec sleep 60", tmp_path)
    try:
        stranger = Process(started.pid, "1")
        assert not stranger.is_alive()
        stop(stranger)
        assert started.is_alive()
    finally:
        stop(started)


def test_a_zombie_is_gone(tmp_path: Path) -> None:
    """Nobody has waited for it yet, so that its pid is still there."""
    child = subprocess.Popen(["/bin/sleep", "60"], cwd=tmp_path)
    known = Process(child.pid, started_at(child.pid) or "")
    assert known.is_alive()
    child.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not known.is_alive()
    child.wait()


def test_a_name_with_spaces_and_parentheses_does_not_hide_the_start_time(tmp_path: Path) -> None:
    program = tmp_path / ") S (x"
    program.symlink_to("/bin/sleep")
    started = spawn([str(program), "60"], directory=tmp_path, log=tmp_path / "log")
    try:
        time.sleep(0.05)
        assert started.is_alive()
        assert started_at(started.pid) == started.started_at
    finally:
        stop(started)


def test_it_sees_neither_our_environment_nor_our_descriptors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "canary")
    read, write = os.pipe()
    os.set_inheritable(write, True)
    started = shell("exec sleep 60", tmp_path)
    try:
        time.sleep(0.1)
        assert b"canary" not in Path(f"/proc/{started.pid}/environ").read_bytes()
        descriptors = {str(link.readlink()) for link in Path(f"/proc/{started.pid}/fd").iterdir()}
        assert descriptors == {"/dev/null", str(tmp_path / "log")}
        assert os.getsid(started.pid) == started.pid
    finally:
        stop(started)
        os.close(read)
        os.close(write)


def test_its_log_is_for_its_owner_alone(tmp_path: Path) -> None:
    stop(shell("exec sleep 60", tmp_path))
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600


def test_a_program_that_is_not_there_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="LBPATTERNS_ENVOY"):
        spawn([str(tmp_path / "missing")], directory=tmp_path, log=tmp_path / "log")


def test_it_outlives_the_one_that_started_it_without_a_warning(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from lbpatterns.targets.envoy.process import release_children, spawn\n"
        "started = spawn(['/bin/sleep', '60'], directory=Path(sys.argv[1]), log=Path(sys.argv[1]) / 'log')\n"
        "print(started.pid, started.started_at); release_children()"
    )
    # Returns only when its output is closed: the sleeping process must not hold it open.
    answer = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=10,
    )
    pid, start = answer.stdout.split()
    survivor = Process(int(pid), start)
    try:
        assert answer.stderr == ""
        assert survivor.is_alive()
    finally:
        stop(survivor)
    assert not survivor.is_alive()
