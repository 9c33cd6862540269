"""`lbpatterns policy check`: the findings of a stack without a policy engine, from its state or a preview."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from lbpatterns.core.resource import Resource
from lbpatterns.policy.configuration import ConfigurationError, settings_of_file
from lbpatterns.policy.finding import Level
from lbpatterns.policy.reports.report import Balancer, Report
from lbpatterns.policy.settings import DEFAULT, Settings

if TYPE_CHECKING:  # with --help, nothing of it is needed
    from lbpatterns.targets.scaleway.stack import StackBalancer

Format = Literal["table", "json", "sarif", "junit"]
FailOn = Literal["advisory", "mandatory", "never"]

CLEAN: Final = 0
FINDINGS: Final = 1
USAGE: Final = 2
COULD_NOT_CHECK: Final = 3

_FAIL_ON: Final[dict[FailOn, Level]] = {"advisory": Level.WARN, "mandatory": Level.REFUSE, "never": Level.OFF}


class CheckError(Exception):
    """The check did not come to an end: what, why, what to do, and the exit code that says so."""

    def __init__(self, what: str, fix: str = "", code: int = COULD_NOT_CHECK) -> None:
        super().__init__(f"error: {what}\n  fix: {fix}" if fix else f"error: {what}")
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is to be checked: one of the three sources, and how."""

    stack: str | None = None
    state: str | None = None
    preview: str | None = None
    config: str | None = None
    fail_on: FailOn = "mandatory"


def check(question: Question, export: Callable[[str], str], *, today: date) -> Report:
    """The report on a stack; `export` answers what `pulumi stack export` prints. Raises `CheckError`."""
    from lbpatterns.policy.judge import judge  # noqa: PLC0415 (with --help, no rule is loaded)

    settings = _settings(question.config)
    resources, source = _resources(question, export)
    balancers: list[Balancer] = []
    findings = judge(resources, settings=settings, today=today, watch=lambda one: balancers.append(_reported(one)))
    return Report(
        source=source,
        findings=findings,
        balancers=tuple(balancers),
        fail_on=_FAIL_ON[question.fail_on],
    )


def exit_code(report: Report) -> int:
    """1 when there are findings at the level that fails, else 0."""
    return FINDINGS if report.failing() else CLEAN


def export_stack(pulumi: Path, environment: dict[str, str], stack: str) -> str:
    """The state of a stack of the project in this directory. Secrets in it stay encrypted. Raises `CheckError`."""
    command = [str(pulumi), "stack", "export", "--stack", stack, "--non-interactive", "--color", "never"]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if ended.returncode:
        words = " ".join((ended.stderr or ended.stdout).split())
        raise CheckError(
            f"`pulumi stack export --stack {stack}` ended with status {ended.returncode}: {words}",
            "run it in the project's folder, logged in; or export the state and name the file with --state",
        )
    return ended.stdout


def _settings(path: str | None) -> Settings:
    if path is None:
        return DEFAULT
    from lbpatterns.policy.book import RULES  # noqa: PLC0415 (the rules are loaded where they are needed)

    text = _text(path, "--config", USAGE)
    try:
        return settings_of_file(text, name=path, rules=RULES)
    except ConfigurationError as error:
        raise CheckError(f"the configuration {path} cannot be used:\n{error}", "see docs/policy.md", USAGE) from None


def _resources(question: Question, export: Callable[[str], str]) -> tuple[tuple[Resource, ...], str]:
    from lbpatterns.policy import sources  # noqa: PLC0415 (with --help, nothing of it is needed)

    if question.stack is not None:
        text, name, read = export(question.stack), f"stack {question.stack}", sources.from_state
    elif question.state is not None:
        text, name, read = _text(question.state, "--state"), _named(question.state), sources.from_state
    else:
        path = question.preview or "-"
        text, name, read = _text(path, "--preview"), _named(path), sources.from_preview
    try:
        return tuple(read(_document(text, name), name=name)), name
    except sources.SourceError as error:
        raise CheckError(str(error).replace(". Fix: ", "\n  fix: ")) from None


def _document(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f": line {error.lineno}, column {error.colno}: {error.msg}" if text.strip() else ", it is empty"
        raise CheckError(
            f"{name} is no JSON{where}",
            "give what `pulumi stack export` or `pulumi preview --json --show-sames` prints, whole",
        ) from None


def _text(path: str, option: str, code: int = COULD_NOT_CHECK) -> str:
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise CheckError(f"{option} {path}: {error.strerror}", "name a file that can be read, or -", code) from None
    except UnicodeDecodeError:
        raise CheckError(f"{option} {path} is no text in UTF-8", "name a JSON file", code) from None


def _named(path: str) -> str:
    return "standard input" if path == "-" else path


def _reported(one: StackBalancer) -> Balancer:
    parts = {entry.urn for entry in one.places.entries.values()}
    return Balancer(one.urn, one.name, frozenset({one.urn, *parts}))
