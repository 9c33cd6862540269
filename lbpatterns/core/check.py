"""A spec put to every constraint, all answers at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from lbpatterns.core.constraint import Binding, Constraint, Violation
from lbpatterns.core.constraints import CONSTRAINTS
from lbpatterns.core.spec import LBSpec, Mode, RuleException

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Undecided:
    """A rule that cannot be decided before the value at `place` is known."""

    constraint: Constraint[Any]
    place: str


@dataclass(frozen=True, slots=True)
class Waived:
    """A broken rule that an exception covers for now."""

    violation: Violation
    exception: RuleException


@dataclass(frozen=True, slots=True)
class Report:
    """All answers for one spec. `refused` breaks documented rules, `advice` goes against advice."""

    refused: tuple[Violation, ...]
    advice: tuple[Violation, ...]
    undecided: tuple[Undecided, ...]
    waived: tuple[Waived, ...]


def check(spec: LBSpec, *, today: date, constraints: Iterable[Constraint[LBSpec]] = CONSTRAINTS) -> Report:
    """Every constraint of the spec's mode, put to the spec."""
    return decide(spec, constraints, mode=spec.mode, exceptions=spec.exceptions, today=today)


def decide(
    subject: S, constraints: Iterable[Constraint[S]], *, mode: Mode, exceptions: Iterable[RuleException], today: date
) -> Report:
    """Every constraint that speaks of `mode`, put to a declaration or to a load balancer in a target's words.

    An exception counts while it has a reason and has not expired (`expires` is its last day).
    """
    counted = {entry.rule: entry for entry in exceptions if entry.reason.strip() and entry.expires >= today}
    violations: list[Violation] = []
    undecided: list[Undecided] = []
    for constraint in constraints:
        if mode not in constraint.modes:
            continue
        for found in constraint.check(subject, today):
            if found.found is None:
                undecided.append(Undecided(constraint, found.place))
            else:
                violations.append(Violation(constraint, found.place, found.found))
    counting = [violation for violation in violations if violation.constraint.id not in counted]
    return Report(
        refused=tuple(v for v in counting if v.constraint.binding is Binding.DOCUMENTED),
        advice=tuple(v for v in counting if v.constraint.binding is Binding.ADVISED),
        undecided=tuple(undecided),
        waived=tuple(Waived(v, counted[v.constraint.id]) for v in violations if v.constraint.id in counted),
    )
