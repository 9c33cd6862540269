"""`lbpatterns setup`: the part of the toolchain that finds Pulumi and its Scaleway plugin, or sets them up."""

import subprocess
import sys

import typer

from lbpatterns.cli.machine import ToolchainMissingError, toolchain_directory


def set_up() -> int:
    """Run the toolchain's own program with this Python, and return its status."""
    try:
        program = toolchain_directory() / "set_up_pulumi.py"
    except ToolchainMissingError as error:
        typer.echo(f"error: {error}", err=True)
        return 1
    return subprocess.run([sys.executable, "-B", program], check=False).returncode
