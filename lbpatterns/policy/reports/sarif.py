"""SARIF 2.1.0, the format that code hosts and editors read findings from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any, Final

from lbpatterns.core.constraint import Binding, Constraint
from lbpatterns.policy import words
from lbpatterns.policy.book import BOOK
from lbpatterns.policy.finding import Answer, Finding, Level
from lbpatterns.policy.reports.report import Report

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {Level.REFUSE: "error", Level.WARN: "warning", Level.OFF: "none"}


def render(report: Report) -> str:
    """One run. What is not known yet is of the kind `open`; what is waived is suppressed, with the reason."""
    rules = _rules(report.findings)
    place = {rule.id: index for index, rule in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "lbpatterns",
                "semanticVersion": version("lbpatterns"),
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "invocations": [{"executionSuccessful": True}],
        "results": [_result(finding, place[finding.constraint.id]) for finding in report.shown()],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _rules(findings: Iterable[Finding]) -> list[Constraint[Any]]:
    known = {rule.id: rule for rule in (*BOOK, *(finding.constraint for finding in findings))}
    return list(known.values())


def _rule(rule: Constraint[Any]) -> dict[str, Any]:
    symptom = f"What is seen: {rule.symptom}\n\n" if rule.symptom else ""
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"{rule.why}\n\n{symptom}Fix: {words.fixes(rule)}\n\nSource: {rule.source}"},
        "helpUri": rule.source.url,
        "defaultConfiguration": {"level": "error" if rule.binding is Binding.DOCUMENTED else "warning"},
        "properties": {
            "severity": rule.severity.value,
            "evidence": rule.evidence.value,
            "tags": [str(reference) for reference in rule.references],
        },
    }


def _result(finding: Finding, index: int) -> dict[str, Any]:
    is_open = finding.answer is Answer.UNDECIDED
    result: dict[str, Any] = {
        "ruleId": finding.constraint.id,
        "ruleIndex": index,
        "kind": "open" if is_open else "fail",
        "level": "none" if is_open else _LEVELS[finding.level],
        "message": {"text": _message(finding)},
        "locations": [{"logicalLocations": [_location(finding)]}],
        "partialFingerprints": {"finding/v1": _fingerprint(finding)},
    }
    if finding.answer is Answer.WAIVED:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": finding.reason or ""}]
    return result


def _message(finding: Finding) -> str:
    found = finding.words or "not known yet"
    return f"{finding.resource} {finding.place}: {found}. {finding.fix}"


def _location(finding: Finding) -> dict[str, Any]:
    return {"name": finding.resource, "fullyQualifiedName": f"{finding.urn}#{finding.place}", "kind": "resource"}


def _fingerprint(finding: Finding) -> str:
    """The same from run to run while the finding stays where it is."""
    told = f"{finding.constraint.id}\n{finding.urn}\n{finding.place}"
    return hashlib.sha256(told.encode()).hexdigest()[:32]
