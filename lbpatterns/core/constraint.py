"""What a constraint is: one documented rule about a declaration, with its reason, its fix and its own examples.

A check has three answers. It yields `violated(place, found)` or `unknown(place)`; yielding nothing means it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Generic, TypeVar

from lbpatterns.core.spec import Mode

S = TypeVar("S")


class Binding(StrEnum):
    """Whether breaking it is refused (the documentation says it has to be so) or warned of (it says it should)."""

    DOCUMENTED = "documented"
    ADVISED = "advised"


class Evidence(StrEnum):
    """What a rule rests on."""

    DOCUMENTED = "documented"
    RECORDED = "recorded"
    INFERRED = "inferred"
    ADVICE = "advice"


class Severity(StrEnum):
    """How bad it is when nobody notices: traffic is exposed, traffic fails, or something is not as it should be."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """The place in the order, the worst last."""
        return [Severity.LOW, Severity.MEDIUM, Severity.HIGH].index(self)


@dataclass(frozen=True, slots=True)
class Reference:
    """A clause of a framework that a rule helps to keep: `Reference("PCI DSS", "4.2.1")`."""

    framework: str
    clause: str

    def __str__(self) -> str:
        return f"{self.framework} {self.clause}"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the rule comes from: the title of a document, its address, and what it says there in our words."""

    title: str
    url: str
    says: str

    def __str__(self) -> str:
        return f"{self.title} ({self.url}): {self.says}"


def scaleway_modes(says: str) -> Source:
    """The page on the three modes in Scaleway's documentation of its load balancer."""
    return Source(
        "Scaleway, Setting up SSL bridging, offloading or passthrough",
        "https://www.scaleway.com/en/docs/load-balancer/reference-content/ssl-bridging-offloading-passthrough/",
        says,
    )


def comparison(says: str) -> Source:
    """The comparison of the three modes by CertControl."""
    return Source(
        "CertControl, TLS offloading vs passthrough vs bridging",
        "https://certcontrol.pro/blog/tls-offloading-vs-passthrough-vs-bridging.html",
        says,
    )


@dataclass(frozen=True, slots=True)
class Found:
    """Something a check came upon. `found` describes the value in words that are safe to print; None: not known."""

    place: str
    found: str | None


def violated(place: str, found: str) -> Found:
    """The rule is broken at `place` (`backend.servers[1].port`); `found` says by what."""
    return Found(place, found)


def unknown(place: str) -> Found:
    """What stands at `place` is not known yet, so the rule cannot be decided."""
    return Found(place, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint(Generic[S]):
    """One rule about an `S`: a declaration (`LBSpec`), or a load balancer in a target's own words.

    `modes` are those that it speaks of. `symptom` is what a user sees who breaks it. `holds`, `fails`, `open` and
    `not_applicable` are examples of its answers: kept, broken, not known yet, and nothing there that it speaks of. They
    are checked by a test with `EXAMPLES_TODAY` as the date.

    `needs_declaration`: only a declaration shows it, resources of a cloud do not; nothing is said of load balancers
    that no component made. `covers` are the facts that it enforces, as `lbpatterns.core.not_shown` numbers them.

    `fix` is in the words of a component. `fix_by_hand` says the same of resources that no component made, by the name
    of a target (`scaleway`) in the arguments of its resources; where it says nothing, `fix` is for those too.
    """

    id: str
    title: str
    why: str
    fix: str
    symptom: str
    source: Source
    binding: Binding
    modes: frozenset[Mode]
    check: Callable[[S, date], Iterator[Found]]
    holds: tuple[S, ...]
    fails: tuple[S, ...]
    open: tuple[S, ...] = ()
    not_applicable: tuple[S, ...] = ()
    evidence: Evidence = Evidence.DOCUMENTED
    severity: Severity = Severity.MEDIUM
    references: tuple[Reference, ...] = ()
    needs_declaration: bool = False
    covers: tuple[str, ...] = ()
    fix_by_hand: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule: which, where, by what."""

    constraint: Constraint[Any]
    place: str
    found: str

    def message(self) -> str:
        """Four indented lines: what and where, why, how to fix it, and where the rule comes from."""
        return (
            f"{self.constraint.id}\n"
            f"    where:  {self.place}: {self.found}\n"
            f"    why:    {self.constraint.why}\n"
            f"    fix:    {self.constraint.fix}\n"
            f"    source: {self.constraint.source}"
        )
