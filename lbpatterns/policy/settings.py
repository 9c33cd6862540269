"""What a team decided about the rules: how loud each is, what a stack has to be, what is waived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from lbpatterns.core.constraint import Binding, Constraint, Severity
from lbpatterns.policy.finding import Level

_RANKS: Final = {Level.OFF: 0, Level.WARN: 1, Level.REFUSE: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """Rules that are waived, on purpose, for a time.

    `rule` is an id, or a pattern of ids (`bridged-*`); `resource` is a pattern of the names of resources, and the rule
    is waived for those alone. `expires` is the last day on which it counts; None: it does not end by itself.
    """

    rule: str
    reason: str = ""
    expires: date | None = None
    resource: str = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that may be set; what is not is the rules' own.

    `rules` (by id), `frameworks` (`PCI DSS`, or a clause of it: `PCI DSS 4.2.1`) and `severities` say the level of what
    is broken, the first of them that speaks of a rule. `undecided` is how loud it is that something is not known yet;
    that never ends a run.

    `require_encrypted_to_the_server` asks it of every load balancer, `encrypted_tags` of those that carry one of these
    tags. `trusted_networks` (CIDR) is where cleartext may travel, whatever a declaration says; None: what it says, or
    else the private networks of the internet. `days_before_expiry` is when a certificate has to be renewed.
    """

    rules: Mapping[str, Level] = field(default_factory=dict)
    severities: Mapping[Severity, Level] = field(default_factory=dict)
    frameworks: Mapping[str, Level] = field(default_factory=dict)
    undecided: Level = Level.WARN
    require_encrypted_to_the_server: bool = False
    encrypted_tags: tuple[str, ...] = ()
    trusted_networks: tuple[str, ...] | None = None
    days_before_expiry: int = 30
    waivers: tuple[Waiver, ...] = ()

    def level(self, constraint: Constraint[Any]) -> Level:
        """What breaking a rule does to the run."""
        if constraint.id in self.rules:
            return self.rules[constraint.id]
        named = [name for each in constraint.references for name in (str(each), each.framework)]
        levels = [self.frameworks[name] for name in named if name in self.frameworks]
        if levels:
            return max(levels, key=lambda level: _RANKS[level])
        default = Level.REFUSE if constraint.binding is Binding.DOCUMENTED else Level.WARN
        return self.severities.get(constraint.severity, default)

    def level_undecided(self, constraint: Constraint[Any]) -> Level:
        """What it does to the run that a rule is not decided: at most, it is said."""
        return min(self.level(constraint), self.undecided, Level.WARN, key=lambda level: _RANKS[level])


DEFAULT: Final = Settings()
