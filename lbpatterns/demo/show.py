"""The demo's evidence as a person reads it: one table a pattern, then the refusals, then what to try next."""

from __future__ import annotations

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from lbpatterns.core.judge import Answer, LegVerdict
from lbpatterns.core.legs import Promise
from lbpatterns.core.observation import Observation
from lbpatterns.demo.evidence import Evidence
from lbpatterns.demo.wrong import Refusal

_PROMISES = {
    "offloaded": "client ═TLS═▶ load balancer ──plain HTTP──▶ server",
    "bridged": "client ═TLS═▶ load balancer ═another TLS, verified═▶ server",
    "passthrough": "client ═TLS══════════ through the load balancer ═══════▶ server",
}
_MARKS = {
    Answer.HOLDS: ("✔", "green"),
    Answer.VIOLATED: ("✘", "bold red"),
    Answer.UNKNOWN: ("·", "yellow"),
}


def show_evidence(console: Console, evidence: Evidence) -> None:
    """One table: a row a leg, with what was presented, what the server saw, and the findings."""
    table = Table(
        title=f"[bold]{evidence.pattern}[/] at {evidence.endpoint}\n{_PROMISES[evidence.pattern]}",
        show_lines=True,
        expand=True,
        title_justify="left",
    )
    table.add_column("leg", ratio=4, overflow="fold")
    table.add_column("what was presented", ratio=6, overflow="fold")
    table.add_column("what was found", ratio=7, overflow="fold")
    table.add_column("verdict", justify="center", width=7)
    for verdict in evidence.verdicts:
        table.add_row(_leg(verdict), _presented(verdict.observation), _findings(verdict), _verdict(verdict))
    console.print(table)


def _leg(verdict: LegVerdict) -> Text:
    text = Text(verdict.expected.name, style="bold")
    if verdict.observation is not None:
        seen = verdict.observation
        text.append(f"\n{seen.host}:{seen.port}", style="dim")
        if seen.server_name:
            text.append(f"\nSNI {seen.server_name}", style="dim")
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
    return Text("\n".join(lines))


def _findings(verdict: LegVerdict) -> Group:
    lines = []
    for finding in verdict.findings:
        mark, style = _MARKS[finding.answer]
        lines.append(Text.assemble((f"{mark} ", style), finding.sentence))
    report = verdict.observation.http.report if verdict.observation and verdict.observation.http else None
    if report is not None and verdict.expected.promise is not Promise.PLAINTEXT:
        forwarded = [f"{name}: {value}" for name, value in report.headers if name.startswith("x-forwarded")]
        lines += [Text(f"  server saw {line}", style="dim") for line in forwarded]
    return Group(*lines)


def _verdict(verdict: LegVerdict) -> Text:
    return Text("proven", style="bold green") if verdict.proven else Text("NOT\nPROVEN", style="bold red")


def show_refusal(console: Console, refusal: Refusal) -> None:
    """What Pulumi said to the wrong declaration."""
    foot = f"{refusal.built} resources built" if refusal.as_expected else "THIS SHOULD HAVE BEEN REFUSED"
    style = "green" if refusal.as_expected else "bold red"
    words = Group(Text(f"Declared wrongly: {refusal.title}\n", style="bold"), Text(refusal.words))
    console.print(Panel(words, title=refusal.pattern, subtitle=foot, title_align="left", border_style=style))


def show_commands(console: Console, evidence: Evidence) -> None:
    """How to ask the same by hand."""
    console.print(f"[bold]{evidence.pattern}[/]")
    for leg, commands in evidence.commands.items():
        console.print(f"  # {leg}", style="dim", highlight=False, markup=False)
        for command in commands:
            console.print(f"  {command}", soft_wrap=True, highlight=False, markup=False)
