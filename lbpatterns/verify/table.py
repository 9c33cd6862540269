"""Evidence as a person reads it: a table with a row a leg, and the lines that ask the same by hand."""

from __future__ import annotations

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from lbpatterns.core.judge import Answer, LegVerdict
from lbpatterns.core.legs import Promise
from lbpatterns.core.observation import Observation
from lbpatterns.verify.evidence import Evidence
from lbpatterns.verify.words import printable

_MARKS = {
    Answer.HOLDS: ("✔", "green"),
    Answer.VIOLATED: ("✘", "bold red"),
    Answer.UNKNOWN: ("·", "yellow"),
}


def evidence_table(evidence: Evidence, title: Text) -> Table:
    """A row a leg, with what was presented, what the server saw, and the findings."""
    table = Table(title=title, show_lines=True, expand=True, title_justify="left")
    table.add_column("leg", ratio=4, overflow="fold")
    table.add_column("what was presented", ratio=6, overflow="fold")
    table.add_column("what was found", ratio=7, overflow="fold")
    table.add_column("verdict", justify="center", width=7)
    for verdict in evidence.verdicts:
        table.add_row(_leg(verdict), _presented(verdict.observation), _findings(verdict), _verdict(verdict))
    return table


def show_commands(console: Console, evidence: Evidence) -> None:
    """How to ask the same by hand, each command on one line however long."""
    for leg, commands in evidence.commands.items():
        console.print(f"  # {printable(leg)}", style="dim", highlight=False, markup=False, soft_wrap=True)
        for command in commands:
            console.print(f"  {printable(command)}", soft_wrap=True, highlight=False, markup=False)


def show_report(console: Console, evidence: Evidence, source: str) -> None:
    """The whole report of `lbpatterns verify`: the legs, the commands, and the sum as the last line."""
    console.print(evidence_table(evidence, Text(f"the legs of {printable(source)}", style="bold")))
    if evidence.commands:
        console.print("To ask the same by hand (ca.pem: what the leg names as its `ca_bundle_pem`):", highlight=False)
        show_commands(console, evidence)
    count = sum(verdict.proven for verdict in evidence.verdicts)
    style = "bold green" if evidence.proven else "bold red"
    console.print(Text(f"{count} of {len(evidence.verdicts)} legs proven", style=style))


def _leg(verdict: LegVerdict) -> Text:
    text = Text(printable(verdict.expected.name), style="bold")
    if verdict.observation is not None:
        seen = verdict.observation
        text.append(f"\n{seen.host}:{seen.port}", style="dim")
        if seen.server_name:
            text.append(f"\nSNI {printable(seen.server_name)}", style="dim")
    return text


def _presented(seen: Observation | None) -> Text:
    if seen is None:
        return Text("nothing was observed", style="yellow")
    if seen.tls is None:
        return Text(f"no certificate: {seen.outcome}", style="dim")
    leaf = seen.tls.leaf
    if leaf is None:
        return Text("TLS without a certificate", style="yellow")
    lines = [
        leaf.subject,
        f"issued by {leaf.issuer}",
        f"for {', '.join(leaf.names)}",
        f"{leaf.days_left} days left, {leaf.key}",
        f"sha256 {leaf.sha256[:16]}…",
        f"TLS {seen.tls.version} {seen.tls.cipher}",
        f"verified against {seen.tls.verified_against}"
        if seen.tls.verified
        else f"NOT verified against {seen.tls.verified_against}",
    ]
    return Text("\n".join(map(printable, lines)))


def _findings(verdict: LegVerdict) -> Group:
    lines = []
    for finding in verdict.findings:
        mark, style = _MARKS[finding.answer]
        lines.append(Text.assemble((f"{mark} ", style), printable(finding.sentence)))
    report = verdict.observation.http.report if verdict.observation and verdict.observation.http else None
    if report is not None and verdict.expected.promise is not Promise.PLAINTEXT:
        forwarded = [f"{name}: {value}" for name, value in report.headers if name.startswith("x-forwarded")]
        lines += [Text(printable(f"  server saw {line}"), style="dim") for line in forwarded]
    return Group(*lines)


def _verdict(verdict: LegVerdict) -> Text:
    return Text("proven", style="bold green") if verdict.proven else Text("NOT\nPROVEN", style="bold red")
