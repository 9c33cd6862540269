"""A table for a terminal."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from lbpatterns.policy.finding import Answer, Finding
from lbpatterns.policy.reports.report import Report, urgency

_COLOURS = {"mandatory": "bold red", "advisory": "yellow", "not known yet": "cyan", "waived": "dim"}


# What would move the cursor or change colours; names of resources may hold anything.
_CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], "\N{REPLACEMENT CHARACTER}")


def show(report: Report, console: Console) -> None:
    """The findings, the worst first, and one line that counts them."""
    findings = list(report.shown())
    if findings:
        console.print(_table(findings))
    console.print(_text(report.summary()), soft_wrap=True)


def _table(findings: list[Finding]) -> Table:
    table = Table(expand=False, show_lines=True)
    table.add_column("", no_wrap=True)
    for title in ("rule, resource and place", "what was found, and the fix"):
        table.add_column(title, overflow="fold")
    for finding in findings:
        word = urgency(finding)
        table.add_row(Text(word, style=_COLOURS[word]), _where(finding), _what(finding))
    return table


def _text(words: str, style: str = "") -> Text:
    return Text(words.translate(_CONTROLS), style=style)


def _where(finding: Finding) -> RenderableType:
    return Group(_text(finding.constraint.id, style="bold"), _text(f"{finding.resource} {finding.place}".strip()))


def _what(finding: Finding) -> RenderableType:
    if finding.answer is Answer.UNDECIDED:
        return Text("decided at `pulumi up`")
    lines = [_text(finding.words), _text(f"fix: {finding.fix}", style="dim")]
    if finding.answer is Answer.WAIVED:
        until = f"until {finding.until}" if finding.until else "without an end"
        lines = [_text(finding.words), _text(f"waived {until}: {finding.reason or 'no reason'}")]
    return Group(*lines)
