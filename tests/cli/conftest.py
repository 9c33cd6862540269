"""A machine of our own making: an empty home, an empty cache, and a PATH that holds what a test puts there."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lbpatterns.cli import machine

PutProgram = Callable[..., Path]


def put_program(path: Path, body: str) -> Path:
    """A real shell program at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home and cache and a PATH of two folders: `tools` for the test, and one with the shell alone."""
    system = tmp_path / "system"
    system.mkdir()
    for name in ("sh", "dirname", "cat"):
        source = next(place for place in (Path("/bin"), Path("/usr/bin")) if (place / name).exists())
        (system / name).symlink_to(source / name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'tools'}:{system}")
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home/.pulumi"))  # Pulumi does not go by HOME
    monkeypatch.delenv("PULUMI_SKIP_UPDATE_CHECK", raising=False)
    return tmp_path


@pytest.fixture
def put_pulumi() -> Callable[[Path, str], Path]:
    """Puts a `pulumi` that tells a version into a directory."""

    def put(directory: Path, version: str) -> Path:
        return put_program(directory / "pulumi", f"echo v{version}")

    return put


@pytest.fixture
def real_pulumi() -> machine.Found:
    """The Pulumi of this machine; `make setup` provides one."""
    found = machine.find_pulumi()
    if found is None:
        pytest.skip("this machine has no Pulumi: make setup")
    return found
