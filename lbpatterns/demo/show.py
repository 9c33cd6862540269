"""The demo's evidence as a person reads it: one table a pattern, then the refusals, then what to try next."""

from __future__ import annotations

from rich.console import Console, Group
from rich.panel import Panel
from rich.text import Text

from lbpatterns.demo.evidence import Evidence
from lbpatterns.demo.wrong import Refusal
from lbpatterns.verify import table

_PROMISES = {
    "offloaded": "client ═TLS═▶ load balancer ──plain HTTP──▶ server",
    "bridged": "client ═TLS═▶ load balancer ═another TLS, verified═▶ server",
    "passthrough": "client ═TLS══════════ through the load balancer ═══════▶ server",
}


def show_evidence(console: Console, evidence: Evidence) -> None:
    """One table: a row a leg, with what was presented, what the server saw, and the findings."""
    title = Text.assemble((evidence.pattern, "bold"), f" at {evidence.endpoint}\n{_PROMISES[evidence.pattern]}")
    console.print(table.evidence_table(evidence, title))


def show_refusal(console: Console, refusal: Refusal) -> None:
    """What Pulumi said to the wrong declaration."""
    foot = f"{refusal.built} resources built" if refusal.as_expected else "THIS SHOULD HAVE BEEN REFUSED"
    style = "green" if refusal.as_expected else "bold red"
    words = Group(Text(f"Declared wrongly: {refusal.title}\n", style="bold"), Text(refusal.words))
    console.print(Panel(words, title=refusal.pattern, subtitle=foot, title_align="left", border_style=style))


def show_commands(console: Console, evidence: Evidence) -> None:
    """How to ask the same by hand."""
    console.print(f"[bold]{evidence.pattern}[/]")
    table.show_commands(console, evidence)
