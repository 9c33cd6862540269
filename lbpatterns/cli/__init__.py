"""The command `lbpatterns`.

Every command imports what it needs inside its body: `lbpatterns --help` loads no Pulumi, no cloud SDK and no
cryptography, and answers at once.
"""

from typing import Annotated, Literal

import typer

app = typer.Typer(
    name="lbpatterns",
    help="Offloading, bridging and passthrough load balancers, checked before they are built and proven leg by leg.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
plugin_app = typer.Typer(help="The Pulumi provider plugin `lbpatterns-envoy`.", no_args_is_help=True)
app.add_typer(plugin_app, name="plugin")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


@app.command()
def demo(
    pattern: Annotated[
        Literal["offloaded", "bridged", "passthrough"] | None, typer.Argument(help="One pattern; all three without it.")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running, and say how to end it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring the patterns up on this machine, and prove each leg with real traffic."""
    from lbpatterns.demo.run import run_demo  # noqa: PLC0415

    patterns = (pattern,) if pattern else ("offloaded", "bridged", "passthrough")
    raise typer.Exit(run_demo(patterns=patterns, keep=keep, as_json=as_json))


@app.command()
def servers() -> None:
    """Run the demo servers that the repository's stacks forward to, until interrupted."""
    from lbpatterns.demo.foreground import serve  # noqa: PLC0415

    raise typer.Exit(serve())


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Say what this machine has and what it lacks, with a fix for each; status 1 when something is missing."""
    from lbpatterns.cli.doctor import print_diagnosis  # noqa: PLC0415

    raise typer.Exit(print_diagnosis(as_json=as_json))


@app.command()
def env(as_json: AsJson = False) -> None:
    """Print what puts Pulumi on a shell's PATH: eval "$(lbpatterns env)"."""
    from lbpatterns.cli.env import print_environment  # noqa: PLC0415

    raise typer.Exit(print_environment(as_json=as_json))


@app.command()
def setup() -> None:
    """Find Pulumi and its Scaleway plugin, or set them up: from their servers, else by a build from Go modules."""
    from lbpatterns.cli.setup import set_up  # noqa: PLC0415

    raise typer.Exit(set_up())


@app.command("scaleway-double")
def scaleway_double(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen on 127.0.0.1; 0 takes a free port.")] = 0,
    mode: Annotated[
        Literal["realistic", "fast"],
        typer.Option(help="realistic: things take the time they were recorded to take; fast: none."),
    ] = "fast",
) -> None:
    """Run a double of Scaleway's Load Balancer API, for tests, until interrupted."""
    from lbpatterns.cli.scaleway_double import serve  # noqa: PLC0415

    raise typer.Exit(serve(port=port, mode=mode))


@plugin_app.command("path")
def plugin_path() -> None:
    """Print the plugin's directory, for `plugins: providers: path:` in a Pulumi.yaml."""
    from lbpatterns.cli.plugin import print_path  # noqa: PLC0415

    raise typer.Exit(print_path())


@plugin_app.command("install")
def plugin_install() -> None:
    """Install the plugin into Pulumi's plugin cache, run by the Python that runs this command."""
    from lbpatterns.cli.plugin import install  # noqa: PLC0415

    raise typer.Exit(install())


def main() -> None:
    """The console script `lbpatterns`."""
    app()
