"""`lbpatterns verify`: the legs of a stack observed, judged and reported."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import typer

from lbpatterns.cli import machine
from lbpatterns.verify.choice import chosen_legs, only, with_what_lies_behind
from lbpatterns.verify.evidence import Evidence, gather
from lbpatterns.verify.failures import COULD_NOT_CHECK, FINDINGS, OUR_FAULT, PROVEN, USAGE, VerifyError
from lbpatterns.verify.session import client_context
from lbpatterns.verify.sources import document_of, legs_of_outputs, outputs_of_state

SCHEMA_VERSION = 1
INTERRUPTED = 130
PIPED_WIDTH = 132  # columns where nobody tells: a log, a pipe
SHORTEST, LONGEST = 0.1, 600.0  # seconds for a leg


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is to be verified, and how."""

    stack: str | None = None
    state: str | None = None
    output_name: str = "legs"
    client_certificate: Path | None = None
    timeout: float = 5.0
    leg: str | None = None

    @property
    def source(self) -> str:
        """Where the legs come from, in words."""
        if self.stack is not None:
            return f"stack {self.stack}"
        return "standard input" if self.state == "-" else str(self.state)


def run_verify(question: Question, *, as_format: Literal["table", "json"]) -> int:
    """Verify, print the result, and answer the exit code."""
    try:
        evidence = _verify(question)
        text = _rendered(evidence, question.source, as_format)
    except VerifyError as error:
        typer.echo(str(error), err=True)
        return error.code
    except KeyboardInterrupt:
        typer.echo("interrupted; nothing is said about any leg", err=True)
        return INTERRUPTED
    except Exception as error:
        # What it says may quote a value, and a status of 1 would mean findings.
        where = f"the verification broke off ({type(error).__name__}); that is a defect of lbpatterns"
        typer.echo(f"error: {where}\n  fix: report it", err=True)
        return OUR_FAULT
    typer.echo(text, nl=not text.endswith("\n"))
    return _exit_code(evidence)


def _exit_code(evidence: Evidence) -> int:
    if evidence.proven:
        return PROVEN
    return FINDINGS if evidence.violated else COULD_NOT_CHECK


def _verify(question: Question) -> Evidence:
    _refuse_wrong_usage(question)
    client = _client_certificate(question.client_certificate)
    legs = legs_of_outputs(_outputs(question), question.output_name, question.source)
    chosen = chosen_legs(legs, question.leg, question.source)
    try:
        evidence = gather(
            with_what_lies_behind(chosen, legs),
            client_certificate_pem=client,
            timeout=question.timeout,
            client_file=str(question.client_certificate),
        )
    except ValueError as error:
        raise VerifyError(
            f"a leg of {question.source} cannot be asked: {error}", "correct the declaration, then `pulumi up`"
        ) from None
    return only(chosen, evidence)


def _refuse_wrong_usage(question: Question) -> None:
    if (question.stack is None) == (question.state is None):
        raise VerifyError("one thing is verified at a time", "give either --stack or --state", USAGE)
    if not SHORTEST <= question.timeout <= LONGEST:
        raise VerifyError(
            f"--timeout {question.timeout:g} is not between {SHORTEST:g} and {LONGEST:g} seconds",
            "give the seconds that one leg may take; 5 without it",
            USAGE,
        )


def _client_certificate(path: Path | None) -> str | None:
    """Private key and chain; read and tried once before anything is asked."""
    if path is None:
        return None
    pem = _text(str(path), "--client-certificate", "name a file with private key and chain as PEM", USAGE)
    try:
        client_context(client_certificate_pem=pem, verify=False, ca_bundle_pem=None)
    except ValueError as error:
        raise VerifyError(
            f"--client-certificate {path}: {error}",
            "one file with the private key, not encrypted, then the certificate that belongs to it",
            USAGE,
        ) from None
    return pem


def _outputs(question: Question) -> Mapping[str, Any]:
    if question.stack is not None:
        return _outputs_of_stack(question.stack)
    path = question.state or "-"
    return outputs_of_state(_text(path, "--state", "name a file that can be read, or -"), question.source)


def _outputs_of_stack(stack: str) -> Mapping[str, Any]:
    pulumi = machine.find_pulumi()
    if pulumi is None:
        raise VerifyError("this machine has no Pulumi that could read a stack", "lbpatterns setup, or use --state")
    command = [str(pulumi.path), "stack", "output", "--json", f"--stack={stack}", "--non-interactive"]
    ended = subprocess.run(
        [*command, "--color=never"],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env=machine.pulumi_environment(),
    )
    fix = "run it in the project's folder, logged in; or export the state and name the file with --state"
    if ended.returncode:
        words = " ".join((ended.stderr or ended.stdout).split())
        raise VerifyError(f"`pulumi stack output --stack {stack}` ended with status {ended.returncode}: {words}", fix)
    outputs = document_of(ended.stdout, f"what `pulumi stack output --stack {stack}` printed", fix)
    return outputs if isinstance(outputs, Mapping) else {}


def _text(path: str, option: str, fix: str, code: int = COULD_NOT_CHECK) -> str:
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise VerifyError(f"{option} {path}: {error.strerror}", fix, code) from None
    except UnicodeDecodeError:
        raise VerifyError(f"{option} {path} is no text in UTF-8", fix, code) from None


def _rendered(evidence: Evidence, source: str, as_format: Literal["table", "json"]) -> str:
    if as_format == "json":
        document = {
            "schema_version": SCHEMA_VERSION,
            "source": source,
            "proven": evidence.proven,
            "legs": evidence.legs_as_plain(),
        }
        return json.dumps(document, indent=2)
    from rich.console import Console  # noqa: PLC0415 (only a table needs it)

    from lbpatterns.verify.table import show_report  # noqa: PLC0415

    console = Console()
    if not console.is_terminal:
        console = Console(width=PIPED_WIDTH)
    with console.capture() as shown:
        show_report(console, evidence, source)
    return shown.get()
