"""What a check of one stack came to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lbpatterns.policy.finding import Answer, Finding, Level


@dataclass(frozen=True, slots=True)
class Balancer:
    """A load balancer: the resource that stands for it, and all that belong to it."""

    urn: str
    name: str
    parts: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All findings of a stack that was read from `source`. Findings at `fail_on` or above fail the check."""

    source: str
    findings: tuple[Finding, ...]
    balancers: tuple[Balancer, ...]
    fail_on: Level

    def shown(self) -> Iterator[Finding]:
        """The findings that are to be said, the worst first."""
        said = (finding for finding in self.findings if finding.level is not Level.OFF)
        return iter(sorted(said, key=lambda finding: (_URGENCY.index(urgency(finding)), finding.constraint.id)))

    def failing(self) -> tuple[Finding, ...]:
        """The findings that fail the check."""
        return tuple(finding for finding in self.findings if fails(finding, self.fail_on))

    def counts(self) -> dict[str, int]:
        """How many there are of each urgency."""
        said = [urgency(finding) for finding in self.shown()]
        return {name: said.count(name) for name in _URGENCY}

    def summary(self) -> str:
        """One line: `2 mandatory, 1 advisory, 0 not known yet, 1 waived, in 3 load balancers of state.json`."""
        counts = ", ".join(f"{count} {name}" for name, count in self.counts().items())
        many = len(self.balancers)
        return f"{counts}, in {many} load balancer{'' if many == 1 else 's'} of {self.source}"


_URGENCY = ("mandatory", "advisory", "not known yet", "waived")


def urgency(finding: Finding) -> str:
    """What became of it, in a word or two."""
    if finding.answer is Answer.VIOLATED:
        return "mandatory" if finding.level is Level.REFUSE else "advisory"
    return "not known yet" if finding.answer is Answer.UNDECIDED else "waived"


def fails(finding: Finding, at: Level) -> bool:
    """Whether a finding fails a check that fails at this level. What is waived never does, nor what is not known."""
    if finding.answer is not Answer.VIOLATED or finding.level is Level.OFF or at is Level.OFF:
        return False
    return finding.level is Level.REFUSE or at is Level.WARN
