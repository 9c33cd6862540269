"""The command `lbpatterns`.

Every command imports what it needs inside its body: `lbpatterns --help` loads no Pulumi, no cloud SDK and no
cryptography, and answers at once.
"""

from pathlib import Path
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
policy_app = typer.Typer(help="Every documented rule, put to any stack.", no_args_is_help=True)
app.add_typer(policy_app, name="policy")

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
def explain(
    rule: Annotated[
        str | None, typer.Argument(help="The id of a rule; all of them, one line each, without it.")
    ] = None,
    whole: Annotated[bool, typer.Option("--all", help="All that is said of every rule.")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown instead of text.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say why a rule is there, how it shows when it is broken, and how to keep it."""
    from lbpatterns.cli.explain import explain_all, explain_rule  # noqa: PLC0415

    if rule is None:
        raise typer.Exit(explain_all(whole=whole, as_json=as_json, as_markdown=as_markdown))
    raise typer.Exit(explain_rule(rule, as_json=as_json, as_markdown=as_markdown))


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


@app.command("verify")
def verify_legs(
    stack: Annotated[str | None, typer.Option(help="A stack of the Pulumi project in this directory.")] = None,
    state: Annotated[str | None, typer.Option(help="What `pulumi stack export` printed; - is standard input.")] = None,
    output_name: Annotated[str, typer.Option(help="The output of the stack that holds the legs.")] = "legs",
    client_certificate: Annotated[
        Path | None, typer.Option(help="Private key and chain as PEM, for servers that ask clients for a certificate.")
    ] = None,
    timeout: Annotated[float, typer.Option(help="Seconds for one leg, from 0.1 to 600.")] = 5.0,
    as_format: Annotated[Literal["table", "json"], typer.Option("--format")] = "table",
    leg: Annotated[str | None, typer.Option(help="Only legs with such a name, as in 'frontend*'.")] = None,
) -> None:
    """Prove every leg of what is built. Status 0 proven, 1 findings, 2 usage, 3 could not check, 4 our fault."""
    from lbpatterns.cli.verify import Question, run_verify  # noqa: PLC0415

    question = Question(
        stack=stack,
        state=state,
        output_name=output_name,
        client_certificate=client_certificate,
        timeout=timeout,
        leg=leg,
    )
    raise typer.Exit(run_verify(question, as_format=as_format))


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


@policy_app.command("path")
def policy_path() -> None:
    """Print the policy pack's folder: pulumi preview --policy-pack "$(lbpatterns policy path)"."""
    from lbpatterns.cli.policy import print_path  # noqa: PLC0415

    raise typer.Exit(print_path())


@policy_app.command("check")
def policy_check(
    stack: Annotated[str | None, typer.Option(help="A stack of the Pulumi project in this directory.")] = None,
    state: Annotated[str | None, typer.Option(help="What `pulumi stack export` printed; - is standard input.")] = None,
    preview: Annotated[
        str | None, typer.Option(help="What `pulumi preview --json --show-sames` printed; - is standard input.")
    ] = None,
    config: Annotated[str | None, typer.Option(help="A file with the configuration of the policy pack.")] = None,
    fail_on: Annotated[
        Literal["advisory", "mandatory", "never"], typer.Option(help="The level of a finding that makes the status 1.")
    ] = "mandatory",
    as_format: Annotated[Literal["table", "json", "sarif", "junit"], typer.Option("--format")] = "table",
    output: Annotated[Path | None, typer.Option(help="Where to write the report, instead of printing it.")] = None,
) -> None:
    """Check a stack without Pulumi's policy engine. Status 0 clean, 1 findings, 2 usage, 3 could not check."""
    from lbpatterns.cli.policy import run_check  # noqa: PLC0415
    from lbpatterns.policy.check import Question  # noqa: PLC0415

    question = Question(stack=stack, state=state, preview=preview, config=config, fail_on=fail_on)
    raise typer.Exit(run_check(question, as_format=as_format, output=output))


def main() -> None:
    """The console script `lbpatterns`."""
    app()
