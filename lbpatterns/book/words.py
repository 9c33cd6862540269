"""What the entries of a rule mean, in words for a reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from lbpatterns.book.shelf import Rule
from lbpatterns.core.constraint import Binding, Evidence, Severity
from lbpatterns.core.spec import Mode

BINDING: Final[Mapping[Binding, str]] = {
    Binding.DOCUMENTED: "a load balancer that breaks it is refused",
    Binding.ADVISED: "a load balancer that breaks it is built, with a warning",
}
EVIDENCE: Final[Mapping[Evidence, str]] = {
    Evidence.DOCUMENTED: "the source says so",
    Evidence.RECORDED: "it was seen in a recorded exchange with the API",
    Evidence.INFERRED: "it follows from the source, which does not say it",
    Evidence.ADVICE: "it is good practice",
}
SEVERITY: Final[Mapping[Severity, str]] = {
    Severity.HIGH: "unnoticed, it exposes traffic",
    Severity.MEDIUM: "unnoticed, it makes traffic fail",
    Severity.LOW: "unnoticed, something is not as it should be",
}


def modes(rule: Rule) -> str:
    """The modes that a rule speaks of, in their own order."""
    return "all" if rule.modes == frozenset(Mode) else ", ".join(mode.value for mode in Mode if mode in rule.modes)


def references(rule: Rule) -> str:
    """The clauses that a rule helps to keep."""
    return ", ".join(map(str, rule.references))


def by_hand(rule: Rule) -> Iterator[tuple[str, str]]:
    """Each target, and how to fix it in resources of its that no component made."""
    return ((target.capitalize(), fix) for target, fix in rule.fix_by_hand.items())


def where_it_counts(rule: Rule) -> str:
    """Which load balancers it is said of, where that is not all of its modes."""
    return "load balancers of the components; a cloud's resources do not show it" if rule.needs_declaration else ""
