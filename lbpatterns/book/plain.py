"""Rules as plain values, for JSON."""

from __future__ import annotations

from typing import Any

from lbpatterns.book.example import example
from lbpatterns.book.shelf import Rule
from lbpatterns.core.spec import Mode


def as_plain(rule: Rule) -> dict[str, Any]:
    """Everything that is said of a rule, and an example that breaks it."""
    shown = example(rule)
    return {
        "id": rule.id,
        "title": rule.title,
        "why": rule.why,
        "symptom": rule.symptom,
        "fix": rule.fix,
        "fix_by_hand": dict(rule.fix_by_hand),
        "binding": rule.binding.value,
        "severity": rule.severity.value,
        "evidence": rule.evidence.value,
        "modes": [mode.value for mode in Mode if mode in rule.modes],
        "needs_declaration": rule.needs_declaration,
        "references": [{"framework": one.framework, "clause": one.clause} for one in rule.references],
        "covers": list(rule.covers),
        "source": {"title": rule.source.title, "url": rule.source.url, "says": rule.source.says},
        "example": {"breaks": list(shown.changes), "says": list(shown.said)},
    }
