"""A stack put to every rule: what is broken in it, what is not known yet, and what somebody agreed to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final, TypeVar

from lbpatterns.core.constraint import Constraint, Found, unknown
from lbpatterns.core.constraints import CONSTRAINTS as DECLARATION_RULES
from lbpatterns.core.resource import Resource
from lbpatterns.core.spec import LBSpec, Mode
from lbpatterns.policy.finding import Answer, Finding, Level
from lbpatterns.policy.rules import CONSTRAINTS as POLICY_RULES
from lbpatterns.policy.settings import DEFAULT, Settings
from lbpatterns.policy.waivers import (
    ABOUT_WAIVERS,
    Agreement,
    Answered,
    agreed,
    declared,
    of_a_team,
    remarks,
)
from lbpatterns.policy.watched import watched
from lbpatterns.targets.scaleway.constraints import CONSTRAINTS as SCALEWAY_RULES
from lbpatterns.targets.scaleway.modes import declared_mode
from lbpatterns.targets.scaleway.stack import StackBalancer, read_stack
from lbpatterns.targets.scaleway.stack_index import COMPONENTS
from lbpatterns.targets.scaleway.stack_places import Place
from lbpatterns.targets.scaleway.stack_readings import Reading, Subject
from lbpatterns.targets.scaleway.stack_words import KINDS

S = TypeVar("S")

_STACK: Final = "pulumi:pulumi:Stack"
_SCALEWAY: Final = "scaleway"
_ALL: Final = frozenset(Mode)
_RULES: Final[tuple[Constraint[Any], ...]] = (*DECLARATION_RULES, *SCALEWAY_RULES, *POLICY_RULES)
_IDS: Final = tuple(rule.id for rule in _RULES)
_ROOMS: Final = {
    **{rule.id: "declarations" for rule in DECLARATION_RULES},
    **{rule.id: "resources" for rule in SCALEWAY_RULES},
    **{rule.id: "policy" for rule in POLICY_RULES},
}


def judge(
    resources: Iterable[Resource],
    *,
    settings: Settings = DEFAULT,
    today: date,
    watch: Callable[[StackBalancer], object] | None = None,
) -> tuple[Finding, ...]:
    """Everything that the rules find in a stack, load balancer by load balancer; what is to be said of waivers last.

    A rule that is not decided yet is one finding for each load balancer, whatever it is not decided about. What
    somebody agreed to is a finding too. Rules that are off say nothing. `watch` is shown each load balancer, as it was
    read.
    """
    resources = list(resources)
    stack = next((resource.urn for resource in resources if resource.type == _STACK), "")
    balancers = read_stack(resources)
    team = tuple(of_a_team(settings, stack))
    findings: list[Finding] = []
    answers: list[Answered] = []
    own: list[Agreement] = []
    for balancer in balancers:
        if watch is not None:
            watch(balancer)
        said = _each_once(_answers(balancer, settings, today))
        agreements = tuple(declared(_exceptions(balancer), balancer.urn))
        findings += _findings(said, (*agreements, *team), settings, today)
        answers += said
        own += agreements
        wrong = list(remarks(agreements, said, _IDS, today))
        findings += _findings(wrong, (), settings, today)
    findings += _findings(list(remarks(team, answers, _IDS, today)), (), settings, today)
    shown = (finding for finding in findings if finding.level is not Level.OFF)
    once = {(each.constraint.id, each.urn, each.place, each.answer): each for each in shown}
    by_urn = {resource.urn: resource for resource in resources}
    return tuple(replace(each, by_hand=_by_hand(each.urn, by_urn)) for each in once.values())


def _by_hand(urn: str, resources: Mapping[str, Resource]) -> str | None:
    """The target that has this resource, if it is one's own and not part of a component, at any depth."""
    resource = resources.get(urn)
    if resource is None or resource.type not in KINDS:
        return None
    passed: set[str] = set()
    while resource is not None and resource.urn not in passed:
        if resource.type in COMPONENTS:
            return None
        passed.add(resource.urn)
        resource = None if resource.parent is None else resources.get(resource.parent)
    return _SCALEWAY


def _findings(
    answers: Sequence[Answered], agreements: Sequence[Agreement], settings: Settings, today: date
) -> Iterator[Finding]:
    for answered in answers:
        if answered.words is None:
            yield _finding(answered, Answer.UNDECIDED, settings.level_undecided(answered.rule))
            continue
        waiver = agreed(answered, agreements, today)
        level = settings.level(answered.rule)
        if waiver is None:
            yield _finding(answered, Answer.VIOLATED, level)
        else:
            quiet = level if level is Level.OFF else Level.WARN
            found = _finding(answered, Answer.WAIVED, quiet)
            yield replace(found, reason=waiver.reason.strip(), until=waiver.expires)


def _finding(answered: Answered, answer: Answer, level: Level) -> Finding:
    return Finding(
        constraint=answered.rule,
        answer=answer,
        level=level,
        urn=answered.urn,
        place=answered.place,
        words=answered.words or "",
    )


def _exceptions(balancer: StackBalancer) -> Iterator[Any]:
    for subject in balancer.subjects:
        if subject.declared and subject.complete:
            yield from subject.worlds[0][0].spec.exceptions


def _answers(balancer: StackBalancer, settings: Settings, today: date) -> Iterator[Answered]:
    """Everything that every rule says of one load balancer."""
    for subject in balancer.subjects:
        for rule in DECLARATION_RULES:
            if rule.id not in ABOUT_WAIVERS and _is_asked(rule, subject, balancer):
                for place, words in _of_subject(rule, subject, settings, today):
                    yield _answered(rule, balancer, place, words)
    if balancer.configuration is not None:
        modes = _modes(balancer)
        for each in SCALEWAY_RULES:
            if modes & each.modes:
                yield from _translated(each, balancer, _ask(each, balancer.configuration, today))
    seen = watched(balancer, settings)
    for every in POLICY_RULES:
        yield from _translated(every, balancer, _ask(every, seen, today))


def _is_asked(rule: Constraint[LBSpec], subject: Subject, balancer: StackBalancer) -> bool:
    """Resources do not show everything; where a declaration cannot be read, they show the rest of it."""
    if not subject.declared:
        return not rule.needs_declaration
    return subject.complete or rule.needs_declaration or balancer.configuration is None


def _answered(rule: Constraint[Any], balancer: StackBalancer, place: Place, words: str | None) -> Answered:
    own = place.urn.split("::", 3)[-1]
    return Answered(
        rule=rule,
        balancer=balancer.urn,
        names=(own, balancer.name),
        urn=place.urn,
        place=place.property,
        words=words,
    )


def _translated(rule: Constraint[Any], balancer: StackBalancer, found: Iterable[Found]) -> Iterator[Answered]:
    for each in found:
        place = balancer.places.find(each.place)
        if place is None and each.place.startswith("load_balancer"):
            continue  # it is not in this stack, and judged where it is
        yield _answered(rule, balancer, place or Place(balancer.urn, each.place), each.found)


def _ask(rule: Constraint[S], subject: S, today: date) -> list[Found]:
    """What the rule says. One that a strange value makes fail has not decided; the others go on."""
    try:
        return list(rule.check(subject, today))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError):
        return [unknown("")]


def _modes(balancer: StackBalancer) -> frozenset[Mode]:
    """The modes that its rules may speak of: what is declared, else what its frontends make or may still make."""
    configuration = balancer.configuration
    said = None if configuration is None else declared_mode(configuration)
    if said is not None:
        return frozenset({said})
    if not all(subject.complete for subject in balancer.subjects):
        return _ALL
    found = (reading.spec.mode for subject in balancer.subjects for readings in subject.worlds for reading in readings)
    return frozenset(found) or _ALL


Answers = dict[Place, "str | None"]


def _of_subject(
    rule: Constraint[LBSpec], subject: Subject, settings: Settings, today: date
) -> Iterator[tuple[Place, str | None]]:
    """What is broken in every world is broken; what is in some, or is not known in one, is not decided."""
    if not subject.complete:
        yield Place(subject.urn, ""), None
        return
    worlds = [_in_world(rule, readings, settings, today) for readings in subject.worlds]
    undecided = None
    for answers in worlds:
        for place, words in answers.items():
            if words is None or not all(other.get(place) is not None for other in worlds):
                undecided = undecided or place
            elif answers is worlds[0]:
                yield place, words
    if undecided is not None:
        yield undecided, None


def _in_world(rule: Constraint[LBSpec], readings: Iterable[Reading], settings: Settings, today: date) -> Answers:
    answers: Answers = {}
    for reading in readings:
        spec = reading.spec
        if spec.mode not in rule.modes:
            continue
        if settings.trusted_networks is not None:
            spec = replace(spec, trusted_networks=settings.trusted_networks)
        for found in _ask(rule, spec, today):
            place = reading.places.find(found.place)
            if place is not None:
                answers[place] = found.found if found.found is not None else answers.get(place)
    return answers


def _each_once(answers: Iterable[Answered]) -> list[Answered]:
    """Each mistake once, and each rule that is not decided once."""
    broken: dict[tuple[str, str, str], Answered] = {}
    undecided: dict[str, Answered] = {}
    for answered in answers:
        if answered.words is None:
            undecided.setdefault(answered.rule.id, answered)
        else:
            broken.setdefault((answered.rule.id, answered.urn, answered.place), answered)
    return [*_without_echoes(list(broken.values())), *undecided.values()]


def _without_echoes(answers: list[Answered]) -> list[Answered]:
    """Rules of two rooms, say about declarations and in a cloud's words, may speak of one fact: the first one stays."""
    first: dict[tuple[str, str], Answered] = {}
    echoes: dict[int, list[str]] = {}
    kept: list[Answered] = []
    for answered in answers:
        facts = [fact for fact in answered.rule.covers if fact.startswith("LB")]
        # The same mistake may have been told of there already, or at the component that declares it.
        places = [(fact, urn) for fact in facts for urn in (answered.urn, answered.balancer)]
        original = next((first[place] for place in places if place in first), None)
        if original is not None and _ROOMS[original.rule.id] != _ROOMS[answered.rule.id]:
            echoes.setdefault(id(original), []).append(answered.rule.id)
            continue
        kept.append(answered)
        for fact in facts:
            first.setdefault((fact, answered.urn), answered)
    return [replace(each, also=tuple(echoes.get(id(each), ()))) for each in kept]
