"""`lbpatterns policy`: where the pack lies, and a check without Pulumi's policy engine."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import typer
import yaml

from lbpatterns.cli import machine
from lbpatterns.policy.check import (
    COULD_NOT_CHECK,
    USAGE,
    CheckError,
    Format,
    Question,
    check,
    exit_code,
    export_stack,
)
from lbpatterns.policy.reports.report import Report

PACK = ("PulumiPolicy.yaml", "__main__.py")


def print_path() -> int:
    """Print a folder with the pack that names the Python that runs this command; status 1 when it cannot run there."""
    if find_spec("pulumi_policy") is None:
        typer.echo(
            f"error: {sys.executable} has no package pulumi_policy, which policy packs are made of\n"
            "  fix: pip install 'lbpatterns[policy]'",
            err=True,
        )
        return 1
    try:
        typer.echo(pack_folder())
    except OSError as error:
        typer.echo(f"error: the pack cannot be written to {machine.cache_directory()}: {error.strerror}", err=True)
        typer.echo("  fix: name a folder that can be written to with XDG_CACHE_HOME", err=True)
        return 1
    return 0


def pack_folder() -> Path:
    """The folder, in the user's cache: made once for each Python and each version of the pack."""
    files = _pack_files()
    key = hashlib.sha256("".join(files.values()).encode()).hexdigest()[:16]
    folder = machine.cache_directory() / "policy-pack" / key
    for name, text in files.items():
        _write(folder / name, text)
    return folder


def _pack_files() -> dict[str, str]:
    """The pack that lies in the package, with the interpreter named in its `PulumiPolicy.yaml`."""
    own = Path(__file__).resolve().parents[1] / "policy"
    files = {name: (own / name).read_text(encoding="utf-8") for name in PACK}
    settings = yaml.safe_load(files["PulumiPolicy.yaml"])
    if Path(sys.prefix, "bin", "python").exists():
        settings["runtime"] = {"name": "python", "options": {"virtualenv": sys.prefix}}
    files["PulumiPolicy.yaml"] = yaml.safe_dump(settings, sort_keys=False)
    return files


def _write(path: Path, text: str) -> None:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def run_check(question: Question, *, as_format: Format, output: Path | None) -> int:
    """Check, report, and answer the exit code: 0 clean, 1 findings, 2 usage, 3 could not check."""
    given = [one for one in (question.stack, question.state, question.preview) if one is not None]
    try:
        if len(given) != 1:
            raise CheckError("one thing is checked at a time", "give one of --stack, --state and --preview", USAGE)
        report = check(question, _export, today=date.today())
        _print(report, as_format, output)
    except CheckError as error:
        typer.echo(str(error), err=True)
        return error.code
    except Exception as error:
        # What it says may quote a property, and a status of 1 would mean findings.
        words = f"error: the check broke off ({type(error).__name__}); that is a defect of lbpatterns\n  fix: report it"
        typer.echo(words, err=True)
        return COULD_NOT_CHECK
    return exit_code(report)


def _export(stack: str) -> str:
    pulumi = machine.find_pulumi()
    if pulumi is None:
        raise CheckError("this machine has no Pulumi that could export a stack", "lbpatterns setup, or use --state")
    return export_stack(pulumi.path, machine.pulumi_environment(), stack)


def _print(report: Report, as_format: Format, output: Path | None) -> None:
    text = _rendered(report, as_format, output)
    if output is None:
        typer.echo(text, nl=bool(text) and not text.endswith("\n"))
        return
    try:
        output.write_text(text if text.endswith("\n") else f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise CheckError(f"--output {output}: {error.strerror}", "name a file that can be written") from None


def _rendered(report: Report, as_format: Format, output: Path | None) -> str:
    from lbpatterns.policy.reports import as_json, junit, sarif  # noqa: PLC0415 (they load the rules)

    if as_format == "table":
        return _table(report, output)
    renders: dict[str, Callable[[Report], str]] = {
        "json": as_json.render,
        "sarif": sarif.render,
        "junit": junit.render,
    }
    return renders[as_format](report)


def _table(report: Report, output: Path | None) -> str:
    from rich.console import Console  # noqa: PLC0415 (only a table needs it)

    from lbpatterns.policy.reports.table import show  # noqa: PLC0415

    console = Console() if output is None else Console(width=120, no_color=True)
    with console.capture() as shown:
        show(report, console)
    return shown.get()
