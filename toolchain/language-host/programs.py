"""Which Python runs a program, and the processes that run for it."""

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

ASK_FOR_PULUMI = "import importlib.util, sys; sys.exit(importlib.util.find_spec('pulumi') is None)"
ASK_FOR_PACKAGES = """
import importlib.metadata, json, sys
packages = {d.metadata["Name"]: d.version for d in importlib.metadata.distributions() if d.metadata["Name"]}
print(json.dumps({"python": sys.version.split()[0], "packages": packages}))
"""
# The engine waits five seconds after its SIGINT before it kills: half of that leaves time for SIGKILL and good-byes.
PATIENCE = 2.5


class InterpreterUnusableError(Exception):
    """The program's Python does not exist or lacks `pulumi`; the message says how to fix it."""


def interpreter(root_directory: str, options: Mapping[str, object]) -> str:
    """The Python of a program: `virtualenv` of its runtime options, else `.venv` for uv, else the one on PATH."""
    virtualenv = options.get("virtualenv")
    toolchain = options.get("toolchain", "pip")
    if toolchain == "poetry" and not virtualenv:
        raise InterpreterUnusableError(
            "Pulumi.yaml asks for `toolchain: poetry`, which this small language host does not know.\n"
            "  fix: name the environment with `virtualenv:` under `runtime: options:`, or install Pulumi itself"
        )
    if toolchain == "uv" and not virtualenv:
        virtualenv = ".venv"
    if virtualenv:
        python = Path(root_directory, str(virtualenv), "bin", "python")
        if not python.exists():
            raise InterpreterUnusableError(
                f"{python} does not exist; Pulumi.yaml in {root_directory} names it with `virtualenv: {virtualenv}`.\n"
                f"  fix: create it with `python3 -m venv {python.parent.parent}` and install its requirements,"
                " or change `virtualenv`"
            )
        return str(python)
    wanted = os.environ.get("PULUMI_PYTHON_CMD") or "python3"
    found = shutil.which(wanted)
    if found is None:
        raise InterpreterUnusableError(
            f"`{wanted}` is not on PATH and Pulumi.yaml names no `virtualenv`.\n"
            "  fix: name an environment with `virtualenv:` under `runtime: options:` in Pulumi.yaml"
        )
    return found


def require_pulumi(python: str) -> None:
    """Refuse an interpreter without the package `pulumi`, before a traceback would."""
    answer = subprocess.run([python, "-c", ASK_FOR_PULUMI], capture_output=True, check=False, stdin=subprocess.DEVNULL)
    if answer.returncode:
        raise InterpreterUnusableError(
            f"The Python that runs this program, {python}, has no package `pulumi`.\n"
            f"  fix: {python} -m pip install pulumi, or name an environment that has it with `virtualenv:` under"
            " `runtime: options:` in Pulumi.yaml"
        )


def installed_packages(python: str) -> tuple[str, dict[str, str]]:
    """The version of `python` and the name and version of every package that it sees."""
    answer = subprocess.run(
        [python, "-c", ASK_FOR_PACKAGES], capture_output=True, check=True, text=True, stdin=subprocess.DEVNULL
    )
    found = json.loads(answer.stdout)
    return found["python"], found["packages"]


class Children:
    """The processes that run for the engine: each leads a group of its own, so that nothing it started stays behind."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._stopping = False

    @contextlib.contextmanager
    def started(
        self, command: Sequence[str], *, cwd: str | None, env: Mapping[str, str] | None, capture: bool = False
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Run `command` for the length of the block; what is left of it afterwards is ended.

        Not captured, its output goes straight to our standard error, which the engine shows: no pipe of ours can
        fill up however much a program prints.
        """
        streams = subprocess.PIPE if capture else 2
        with self._lock:
            if self._stopping:
                raise InterpreterUnusableError("The language host is being stopped.")
            child = subprocess.Popen(
                command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=streams, stderr=streams, process_group=0
            )
            self._running.add(child)
        try:
            yield child
        finally:
            end([child])
            with self._lock:
                self._running.discard(child)

    def stop(self) -> None:
        """End everything that runs and start nothing more."""
        with self._lock:
            self._stopping = True
            running = list(self._running)
        end(running)


def end(children: Sequence["subprocess.Popen[bytes]"]) -> None:
    """SIGTERM to each child's group, SIGKILL to those that are still there after `PATIENCE`; all are reaped."""
    for child in children:
        _signal_group(child, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(max(0.0, deadline - time.monotonic()))
        _signal_group(child, signal.SIGKILL)
        child.wait()


def _signal_group(child: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    # The group outlives its leader while grandchildren run; once it is empty its id cannot be signalled any more.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def output_of(child: "subprocess.Popen[bytes]") -> Iterator[tuple[str, bytes]]:
    """What a captured child prints, as ("stdout" or "stderr", bytes), until both streams end.

    The queue is short on purpose: a reader that is slow slows the child down instead of filling the memory.
    """
    pieces: queue.Queue[tuple[str, bytes] | None] = queue.Queue(maxsize=64)

    def pump(name: str, read: Callable[[int], bytes]) -> None:
        while piece := read(65536):
            pieces.put((name, piece))
        pieces.put(None)

    if child.stdout is None or child.stderr is None:
        raise ValueError("start the child with capture=True")
    for name, stream in (("stdout", child.stdout), ("stderr", child.stderr)):
        threading.Thread(target=pump, args=(name, stream.read1), daemon=True).start()  # type: ignore[attr-defined]
    for _ in ("stdout", "stderr"):
        yield from iter(pieces.get, None)
