"""Who agreed to what: exceptions that components declare and waivers of a team, and what is to be said of them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Any, Final

from lbpatterns.core.constraint import Constraint
from lbpatterns.core.constraints import CONSTRAINTS
from lbpatterns.core.spec import RuleException
from lbpatterns.policy.settings import Settings

_HAS_A_REASON: Final = "exception-has-a-reason"
_IS_USED: Final = "exception-is-used"
ABOUT_WAIVERS: Final = {rule.id: rule for rule in CONSTRAINTS if rule.id in {_HAS_A_REASON, _IS_USED}}
"""The rules about exceptions. They are answered here, where all rules are known, and nothing waives them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a rule said about one place: `words` what is broken there, None that it is not known yet.

    `balancer` is the load balancer that it was put to and `names` what its resource, and the whole, are called. `also`
    are other rules that say the same of the same mistake.
    """

    rule: Constraint[Any]
    balancer: str
    names: tuple[str, ...]
    urn: str
    place: str
    words: str | None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A waiver, wherever it was written. `balancer` None: it is for any whose resources are called like `resource`."""

    rule: str
    reason: str
    expires: date | None
    urn: str
    place: str
    balancer: str | None = None
    resource: str = "*"

    def counts(self, today: date) -> bool:
        """Whether it waives anything: there is a reason, and its last day has not passed."""
        return bool(self.reason.strip()) and (self.expires is None or self.expires >= today)

    def speaks_of(self, answered: Answered) -> bool:
        """Whether this is what somebody agreed to."""
        if answered.rule.id in ABOUT_WAIVERS:
            return False
        if self.balancer is not None:
            return self.balancer == answered.balancer and self.rule in {answered.rule.id, *answered.also}
        return self.names((answered.rule.id, *answered.also), answered.names)

    def names(self, rules: Iterable[str], resources: Iterable[str]) -> bool:
        """Whether its patterns fit one of the rules, and one of the names of what the rule was put to."""
        fits_a_rule = any(fnmatchcase(rule, self.rule) for rule in rules)
        return fits_a_rule and any(fnmatchcase(name, self.resource) for name in resources)


def declared(exceptions: Iterable[RuleException], balancer: str) -> Iterator[Agreement]:
    """The exceptions of a component."""
    for at, entry in enumerate(exceptions):
        yield Agreement(
            rule=entry.rule,
            reason=entry.reason,
            expires=entry.expires,
            urn=balancer,
            place=f"exceptions[{at}]",
            balancer=balancer,
        )


def of_a_team(settings: Settings, stack: str) -> Iterator[Agreement]:
    """The waivers of the settings; what is to be said of them is said of the stack."""
    for at, entry in enumerate(settings.waivers):
        yield Agreement(
            rule=entry.rule,
            reason=entry.reason,
            expires=entry.expires,
            urn=stack,
            place=f"waivers[{at}]",
            resource=entry.resource,
        )


def agreed(answered: Answered, agreements: Sequence[Agreement], today: date) -> Agreement | None:
    """The first waiver that counts for this."""
    return next((one for one in agreements if one.speaks_of(answered) and one.counts(today)), None)


def remarks(
    agreements: Sequence[Agreement], answers: Sequence[Answered], rules: Sequence[str], today: date
) -> Iterator[Answered]:
    """What is wrong with waivers: one thing each. Where a rule is not decided yet, its waiver may still be used."""
    for one in agreements:
        names = [rule for rule in rules if (rule == one.rule if one.balancer else fnmatchcase(rule, one.rule))]
        if not names:
            yield _remark(one, _IS_USED, "rule", f"there is no rule {one.rule!r}{_meant(one.rule, rules)}")
        elif not one.reason.strip():
            yield _remark(one, _HAS_A_REASON, "reason", f"none is given for waiving {one.rule}")
        elif not one.counts(today):
            yield _remark(one, _IS_USED, "expires", f"{one.expires} has passed, {one.rule} counts again")
        elif not any(one.speaks_of(answered) for answered in answers):
            where = "" if one.balancer else " in this stack"
            yield _remark(one, _IS_USED, "", f"it waives nothing{where}: {one.rule} holds without it")


def _remark(one: Agreement, rule: str, field: str, words: str) -> Answered:
    return Answered(
        rule=ABOUT_WAIVERS[rule],
        balancer=one.balancer or one.urn,
        names=(),
        urn=one.urn,
        place=f"{one.place}.{field}" if field else one.place,
        words=words,
    )


def _meant(name: str, rules: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, rules, n=3)
    return f"; did you mean {' or '.join(near)}?" if near else ""
