"""JSON. Within a `version`, names are added and none is changed or taken away."""

from __future__ import annotations

import json
from typing import Any, Final

from lbpatterns.policy.configuration import LEVELS
from lbpatterns.policy.finding import Finding
from lbpatterns.policy.reports.report import Report, fails

VERSION: Final = 1
_WORDS: Final = {level: word for word, level in LEVELS.items()}


def render(report: Report) -> str:
    """The report as an object: `version`, `source`, `load_balancers`, `counts`, `failed`, `findings`."""
    return json.dumps(
        {
            "version": VERSION,
            "source": report.source,
            "load_balancers": [{"urn": one.urn, "name": one.name} for one in report.balancers],
            "counts": {name.replace(" ", "_"): count for name, count in report.counts().items()},
            "failed": bool(report.failing()),
            "findings": [_finding(finding, report) for finding in report.shown()],
        },
        indent=2,
        ensure_ascii=False,
    )


def _finding(finding: Finding, report: Report) -> dict[str, Any]:
    rule = finding.constraint
    waived = {"reason": finding.reason, "expires": finding.until.isoformat() if finding.until else None}
    return {
        "rule": rule.id,
        "title": rule.title,
        "answer": finding.answer.value,
        "level": _WORDS[finding.level],
        "fails": fails(finding, report.fail_on),
        "severity": rule.severity.value,
        "evidence": rule.evidence.value,
        "frameworks": [str(reference) for reference in rule.references],
        "urn": finding.urn,
        "resource": finding.resource,
        "place": finding.place,
        "found": finding.words,
        "why": rule.why,
        "fix": finding.fix,
        "symptom": rule.symptom,
        "source": {"title": rule.source.title, "url": rule.source.url, "says": rule.source.says},
        "waiver": waived if finding.reason is not None else None,
    }
