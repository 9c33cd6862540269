"""`lbpatterns env`: what a shell has to know to run `pulumi`."""

import json
import shlex

import typer

from lbpatterns.cli.machine import environment, find_pulumi


def export_lines(variables: dict[str, str]) -> list[str]:
    """POSIX `export` lines; values are quoted, so a path with spaces or quotes survives `eval`."""
    return [f"export {name}={shlex.quote(value)}" for name, value in sorted(variables.items())]


def print_environment(*, as_json: bool) -> int:
    """Print the variables; without Pulumi a hint goes to standard error, where `eval` does not read it."""
    variables = environment()
    typer.echo(json.dumps(variables, indent=2) if as_json else "\n".join(export_lines(variables)))
    if find_pulumi() is None:
        typer.echo("lbpatterns: this machine has no Pulumi yet.\n  fix: lbpatterns setup", err=True)
        return 1
    return 0
