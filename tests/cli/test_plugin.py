"""Where the provider plugin lies, and its installation by the real Pulumi."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lbpatterns.cli import app, machine
from lbpatterns.cli.plugin import launcher


def test_path_prints_the_directory_of_the_executable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable = tmp_path / machine.PROVIDER_PLUGIN
    executable.write_text("#!/bin/sh\n")
    executable.chmod(0o755)
    monkeypatch.setattr(machine, "plugin_directory", lambda: tmp_path)
    answer = CliRunner().invoke(app, ["plugin", "path"])
    assert (answer.exit_code, answer.stdout) == (0, f"{tmp_path}\n")


def test_path_of_a_missing_plugin_is_an_error_with_a_fix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "plugin_directory", lambda: tmp_path)
    answer = CliRunner().invoke(app, ["plugin", "path"])
    assert answer.exit_code == 1
    assert str(tmp_path / machine.PROVIDER_PLUGIN) in answer.stderr
    assert "fix:" in answer.stderr


def test_the_launcher_survives_a_python_whose_path_has_spaces_and_quotes(tmp_path: Path) -> None:
    odd = tmp_path / "it's my python"
    odd.mkdir()
    (odd / "python").write_text('#!/bin/sh\nprintf "%s|" "$@"\n')
    (odd / "python").chmod(0o755)
    (tmp_path / "plugin").write_text(launcher(str(odd / "python")))
    answer = subprocess.run(["/bin/sh", tmp_path / "plugin", "a b"], capture_output=True, text=True, check=True)
    assert answer.stdout == "-m|lbpatterns.targets.envoy.plugin|a b|"


def test_install_puts_a_launcher_for_this_python_into_pulumis_plugin_cache(
    tmp_path: Path, real_pulumi: machine.Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path))
    for _ in range(2):  # installing again is how a new Python takes over
        answer = CliRunner().invoke(app, ["plugin", "install"])
        assert answer.exit_code == 0, answer.output
    installed = list(tmp_path.glob(f"plugins/resource-lbpatterns-envoy-v*/{machine.PROVIDER_PLUGIN}"))
    assert len(installed) == 1
    assert sys.executable in installed[0].read_text()
    assert os.access(installed[0], os.X_OK)


def test_install_without_pulumi_says_how_to_get_one(bare_machine: Path) -> None:
    answer = CliRunner().invoke(app, ["plugin", "install"])
    assert answer.exit_code == 1
    assert "lbpatterns setup" in answer.stderr
