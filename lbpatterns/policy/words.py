"""Findings in words, for people. Nothing that a finding says is a secret."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from lbpatterns.core.constraint import Constraint
from lbpatterns.policy.finding import Finding


def where(finding: Finding) -> str:
    """The resource and the place in it: `web forwardPort`."""
    return f"{finding.resource} {finding.place}".strip()


def explanation(finding: Finding) -> str:
    """What was found, why it matters, what to do, and who says so: four lines under the rule's title."""
    rule = finding.constraint
    place = f"{finding.place}: {finding.words}" if finding.words else finding.place
    return f"where:  {place}\nwhy:    {rule.why}\nfix:    {finding.fix}\nsource: {rule.source}"


def fixes(rule: Constraint[Any]) -> str:
    """How a rule is kept, whoever made the resource: in the words of a component, then by hand."""
    by_hand = (f"By hand on {target.capitalize()}: {fix}" for target, fix in rule.fix_by_hand.items())
    return " ".join([rule.fix, *by_hand])


def waiver(finding: Finding) -> str:
    """One line on a rule that is broken and waived."""
    until = f", until {finding.until}" if finding.until else ", without an end"
    return f"{finding.constraint.id}: {where(finding)}: {finding.words}; waived{until}: {finding.reason or 'no reason'}"


def not_known(findings: Iterable[Finding]) -> Iterator[str]:
    """One line a rule on what it waits for."""
    places: dict[str, list[str]] = {}
    for finding in findings:
        places.setdefault(finding.constraint.id, []).append(where(finding))
    for rule, missing in places.items():
        yield f"{rule}: {', '.join(dict.fromkeys(missing))}"
