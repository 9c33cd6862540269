"""All rules there are, and how one is found by its name."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from lbpatterns.core.constraint import Constraint
from lbpatterns.core.spec import Mode

Rule = Constraint[Any]
DECRYPTING: Final = frozenset({Mode.OFFLOADED, Mode.BRIDGED})


@dataclass(frozen=True, slots=True)
class Chapter:
    """Rules that are read together. `about` says what they have in common."""

    title: str
    about: str
    rules: tuple[Rule, ...]


@cache
def chapters() -> tuple[Chapter, ...]:
    """Every rule, each in one chapter: those about a declaration by their modes, then of targets, then of stacks."""
    from lbpatterns.core.constraints import CONSTRAINTS  # noqa: PLC0415 (a hundred files: loaded when they are read)
    from lbpatterns.policy.rules import CONSTRAINTS as STACKS  # noqa: PLC0415 (the same)
    from lbpatterns.targets.scaleway.constraints import CONSTRAINTS as SCALEWAY  # noqa: PLC0415 (the same)

    def of(*modes: Mode) -> tuple[Rule, ...]:
        return tuple(rule for rule in CONSTRAINTS if rule.modes == frozenset(modes))

    named = {
        "Offloading": ("Of an `OffloadedLB` alone.", of(Mode.OFFLOADED)),
        "Bridging": ("Of a `BridgedLB` alone.", of(Mode.BRIDGED)),
        "Passthrough": ("Of a `PassthroughLB` alone.", of(Mode.PASSTHROUGH)),
        "Where the load balancer decrypts": ("Of an `OffloadedLB` and a `BridgedLB`.", of(*DECRYPTING)),
    }
    told = {rule.id for _, rules in named.values() for rule in rules}
    rest = tuple(rule for rule in CONSTRAINTS if rule.id not in told)
    named["Every load balancer"] = ("Of more than one mode.", rest)
    named["On Scaleway"] = ("Of Scaleway's own resources, also where no component made them.", tuple(SCALEWAY))
    named["In a stack"] = ("Of what the policy pack sees beside: certificates, and what a team asks.", tuple(STACKS))
    return tuple(Chapter(title, about, rules) for title, (about, rules) in named.items())


def rules() -> tuple[Rule, ...]:
    """Every rule, in the order of the chapters."""
    return tuple(rule for chapter in chapters() for rule in chapter.rules)


def find(name: str) -> Rule | None:
    """The rule of that id; blanks, underscores and capitals are forgiven."""
    wanted = "-".join(name.lower().replace("_", "-").split())
    return next((rule for rule in rules() if rule.id == wanted), None)


def nearest(name: str, count: int = 3) -> tuple[str, ...]:
    """Ids that somebody may have meant, the likeliest first."""
    wanted = "-".join(name.lower().replace("_", "-").split())
    ids = [rule.id for rule in rules()]
    words = set(wanted.split("-"))
    shared = sorted(
        (one for one in ids if words & set(one.split("-"))), key=lambda one: -len(words & set(one.split("-")))
    )
    alike = difflib.get_close_matches(wanted, ids, n=count, cutoff=0.5)
    return tuple(dict.fromkeys([*alike, *shared]))[:count]
