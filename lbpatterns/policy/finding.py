"""What was found in a stack: the rule, the resource, and whether anybody agreed to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from lbpatterns.core.constraint import Constraint


class Answer(StrEnum):
    """What came of putting a rule to a load balancer. That it holds is no finding."""

    VIOLATED = "violated"
    UNDECIDED = "undecided"
    WAIVED = "waived"


class Level(StrEnum):
    """What a finding does to the run: nothing is said, it is said, the run ends."""

    OFF = "off"
    WARN = "warn"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One answer of one rule about one place.

    `urn` is the resource to look at, `place` the property there (`certificateIds`) or, for what a component declares,
    the argument (`backend.port`). `words` say what was found and are safe to print. `reason` and `until` are those of
    the waiver. `by_hand` is the name of the target whose resource it is, where no component made that.
    """

    constraint: Constraint[Any]
    answer: Answer
    level: Level
    urn: str
    place: str
    words: str = ""
    reason: str | None = None
    until: date | None = None
    by_hand: str | None = None

    @property
    def resource(self) -> str:
        """The resource's own name."""
        return self.urn.rsplit("::", 1)[-1]

    @property
    def fix(self) -> str:
        """What to do, in the words of whoever made the resource: a component's, or those of the resource itself."""
        own = None if self.by_hand is None else self.constraint.fix_by_hand.get(self.by_hand)
        return self.constraint.fix if own is None else own
