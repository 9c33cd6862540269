"""Some legs of a load balancer: which are looked at, and which are told."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase

from lbpatterns.core.legs import ExpectedLeg
from lbpatterns.core.spec import Leg
from lbpatterns.verify.evidence import Evidence
from lbpatterns.verify.failures import USAGE, VerifyError


def chosen_legs(legs: tuple[ExpectedLeg, ...], pattern: str | None, source: str) -> tuple[ExpectedLeg, ...]:
    """The legs whose name is as the shell pattern says, all without one. Raises `VerifyError` where there is none."""
    if pattern is None:
        return legs
    chosen = tuple(leg for leg in legs if fnmatchcase(leg.name, pattern))
    if not chosen:
        names = "; ".join(leg.name for leg in legs)
        raise VerifyError(f"--leg {pattern}: {source} has no such leg", f"its legs are: {names}", USAGE)
    return chosen


def with_what_lies_behind(chosen: tuple[ExpectedLeg, ...], legs: tuple[ExpectedLeg, ...]) -> tuple[ExpectedLeg, ...]:
    """The chosen legs and the servers behind them: whose certificate a frontend shows is told by looking at both."""
    behind = {leg.backend for leg in chosen if leg.leg is Leg.FRONTEND}
    return tuple(leg for leg in legs if leg in chosen or (leg.leg is Leg.BACKEND and leg.backend in behind))


def only(chosen: tuple[ExpectedLeg, ...], evidence: Evidence) -> Evidence:
    """What is told of the chosen legs."""
    names = {leg.name for leg in chosen}
    return replace(
        evidence,
        verdicts=tuple(verdict for verdict in evidence.verdicts if verdict.expected.name in names),
        commands={name: commands for name, commands in evidence.commands.items() if name in names},
    )
