"""Every fact that was collected has a rule, or stands with its reason among those that no rule can enforce."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lbpatterns.core.constraint import Constraint
from lbpatterns.core.constraints import CONSTRAINTS
from lbpatterns.core.not_shown import NOT_SHOWN, NotShown
from lbpatterns.policy.rules import CONSTRAINTS as STACKS
from lbpatterns.targets.scaleway.constraints import CONSTRAINTS as SCALEWAY

SPANS = {
    "A": "1-27",
    "B": "1-33",
    "C": "58-80",
    "LB": "1-12 20-38 40-50 60-69 70-75 80-84 90-94",
}


def facts() -> Iterator[str]:
    for letter, spans in SPANS.items():
        for span in spans.split():
            first, last = map(int, span.split("-"))
            yield from (
                f"{letter}{number:03d}" if letter == "LB" else f"{letter}{number}" for number in range(first, last + 1)
            )
    yield from ("LB06A", "LB06B")


FACTS = tuple(facts())
BY_THE_CORE = {fact for rule in CONSTRAINTS for fact in rule.covers}
OTHERS: tuple[Constraint[Any], ...] = (*SCALEWAY, *STACKS)
ELSEWHERE = {fact for rule in OTHERS for fact in rule.covers}
LISTED = {one.number: one for one in NOT_SHOWN}


def test_there_are_as_many_as_were_collected() -> None:
    """80 from documentation, of which three have two numbers, and 70 about resources."""
    assert len(FACTS) == len(set(FACTS)) == 27 + 33 + 23 + 70


@pytest.mark.parametrize("fact", FACTS)
def test_a_fact_has_a_rule_or_a_reason(fact: str) -> None:
    assert fact in BY_THE_CORE | ELSEWHERE | LISTED.keys()


def test_no_rule_names_a_fact_that_nobody_collected() -> None:
    assert BY_THE_CORE | ELSEWHERE | LISTED.keys() <= set(FACTS)


def test_what_has_a_rule_is_not_among_those_that_cannot_have_one() -> None:
    assert set(LISTED) & (BY_THE_CORE | ELSEWHERE) == set()


@pytest.mark.parametrize("one", NOT_SHOWN, ids=lambda one: one.number)
def test_a_reason_is_a_sentence_or_leads_to_the_same_fact(one: NotShown) -> None:
    assert one.fact.endswith(".")
    assert one.why.endswith(".")
    assert one.same_as is None or (one.same_as in FACTS and one.same_as != one.number)
