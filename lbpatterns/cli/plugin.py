"""`lbpatterns plugin`: where the provider plugin lies, and its installation into Pulumi's plugin cache."""

import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import typer

from lbpatterns.cli import machine

PLUGIN = "lbpatterns-envoy"
MODULE = "lbpatterns.targets.envoy.plugin"


def print_path() -> int:
    """Print the directory of the plugin's executable; status 1 when the installation lacks it."""
    found = machine.find_provider_plugin()
    if found is None:
        return _refuse(
            f"the provider plugin {PLUGIN} is missing: {machine.plugin_directory() / machine.PROVIDER_PLUGIN}"
            " does not exist or is not executable",
            "install lbpatterns again",
        )
    typer.echo(found.path.parent)
    return 0


def launcher(python: str) -> str:
    """A plugin executable that runs the plugin's module with `python`, the environment that has lbpatterns."""
    return f'#!/bin/sh\nexec {shlex.quote(python)} -m {MODULE} "$@"\n'


def install() -> int:
    """Install the plugin with `pulumi plugin install --file`, and say where it went."""
    pulumi = machine.find_pulumi()
    if pulumi is None:
        return _refuse("this machine has no Pulumi that could install a plugin", "lbpatterns setup")
    version = machine.package_version()
    with tempfile.TemporaryDirectory(prefix="lbpatterns-plugin-") as temporary:
        copy = Path(temporary, "plugin")
        source = machine.plugin_directory()
        if source.is_dir():  # its other files (a PulumiPlugin.yaml, say) belong to it; compiled Python does not
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        else:
            copy.mkdir()
        executable = copy / machine.PROVIDER_PLUGIN
        executable.write_text(launcher(sys.executable))
        executable.chmod(0o755)
        command = [str(pulumi.path), "plugin", "install", "resource", PLUGIN, version, "--file", str(copy)]
        command.append("--reinstall")  # the same version again, for the Python of today
        answer = subprocess.run(
            command, check=False, capture_output=True, text=True, env=machine.pulumi_environment(), cwd=temporary
        )
    if answer.returncode:
        words = (answer.stderr or answer.stdout).strip()
        return _refuse(f"`pulumi plugin install` ended with status {answer.returncode}: {words}", "lbpatterns doctor")
    typer.echo(f"{PLUGIN} {version} is in Pulumi's plugin cache; it runs {sys.executable} -m {MODULE}")
    return 0


def _refuse(what: str, fix: str) -> int:
    typer.echo(f"error: {what}\n  fix: {fix}", err=True)
    return 1
