"""How to fix what nobody's component made: in the arguments of Scaleway's own resources."""

from __future__ import annotations

import importlib
import inspect
import json
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import StringIO
from typing import Any

import pulumi
import pytest
from rich.console import Console

from lbpatterns.core.constraint import Constraint
from lbpatterns.core.constraints import CONSTRAINTS
from lbpatterns.core.examples import BRIDGED, OFFLOADED, with_backend
from lbpatterns.core.resource import Resource
from lbpatterns.core.spec import LBSpec
from lbpatterns.policy import words
from lbpatterns.policy.configuration import SCHEMA
from lbpatterns.policy.finding import Answer, Finding, Level
from lbpatterns.policy.judge import judge
from lbpatterns.policy.reports import as_json, junit, sarif, table
from lbpatterns.policy.reports.report import Balancer, Report
from lbpatterns.policy.settings import DEFAULT, Settings
from lbpatterns.targets.scaleway.modes import LooseConfiguration
from lbpatterns.targets.scaleway.stack_words import camel
from lbpatterns.targets.scaleway.words import BALANCER, Reference
from tests.core.test_rule_texts import is_value

from .broken import BROKEN, NOT_BY_HAND
from .findings import REFUSED, TODAY, URN, finding
from .loose import Stack, https, urn
from .test_stack_reading import component, with_children

BY_HAND = [rule for rule in CONSTRAINTS if rule.id in BROKEN]
EACH = pytest.mark.parametrize("rule", BY_HAND, ids=lambda rule: rule.id)
KINDS = {"certificates": "certificate", "backends": "backend", "frontends": "frontend", "routes": "route"}
SKIPPED = with_backend(BRIDGED, verify_server_certificate=False, ca_bundle_pem=None)


def stack_of(configuration: LooseConfiguration) -> list[Resource]:
    """The stack that has a load balancer in Scaleway's words."""
    stack = Stack()
    made: dict[Reference, Resource] = {}

    def value(said: Any) -> Any:
        if isinstance(said, Reference):
            return made[said]
        if isinstance(said, dict):
            return {camel(key): value(item) for key, item in said.items()}
        return [value(item) for item in said] if isinstance(said, list) else said

    for key, said in configuration.ips.items():
        made[Reference("ips", key)] = stack.add("ip", key, **value(said))
    made[BALANCER] = stack.add("lb", "lb", **value(configuration.load_balancer))
    for kind, name in KINDS.items():
        for key, said in getattr(configuration, kind).items():
            made[Reference(kind, key)] = stack.add(name, key, **value(said))
    return stack.resources


def found(resources: list[Resource], rule: str = REFUSED, settings: Settings = DEFAULT) -> list[Finding]:
    return [each for each in judge(resources, settings=settings, today=TODAY) if each.constraint.id == rule]


@EACH
def test_what_is_broken_by_hand_is_fixed_by_hand(rule: Constraint[LBSpec]) -> None:
    findings = found(stack_of(BROKEN[rule.id]), rule.id)
    assert findings
    for each in findings:
        assert (each.answer, each.by_hand) == (Answer.VIOLATED, "scaleway")
        assert each.fix == rule.fix_by_hand.get("scaleway", rule.fix)
        assert f"\nfix:    {each.fix}\n" in words.explanation(each)


@pytest.fixture(scope="module")
def of_scaleway() -> set[str]:
    """Everything that a program with Scaleway's resources may say: their arguments, and what takes them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of modules that have moved
        module = importlib.import_module("pulumiverse_scaleway.loadbalancers")
        assert module.Backend  # nothing stands in the module before something is asked of it
    names = {"True", "False", "loadbalancers"}
    for name, kind in inspect.getmembers(module, inspect.isclass):
        if issubclass(kind, pulumi.Resource):
            names.add(name)
        elif name.endswith("Args"):
            names |= set(inspect.signature(kind).parameters)
    return names


def named_in(text: str) -> Iterator[str]:
    """What code in a text names: arguments, and keys of their objects. Values and settings are none."""
    for span in text.split("`")[1::2]:
        if span not in SCHEMA and not is_value(span):
            yield from re.findall(r'"(\w+)":', span)
            yield from re.findall(r"\b[A-Za-z_]\w*", re.sub(r'"[^"]*"', "", span))


@EACH
def test_what_to_do_by_hand_is_said_in_scaleways_arguments(rule: Constraint[LBSpec], of_scaleway: set[str]) -> None:
    said = rule.fix_by_hand.get("scaleway", rule.fix)
    assert [name for name in named_in(said) if name not in of_scaleway] == []
    assert not re.findall(r"\b[A-Z][A-Za-z]+LB\b", said)


@pytest.mark.parametrize("said", ["ca_bundle_pem", "redirect_http=True", '{"scheme": "https"}', "servers", "port"])
def test_the_words_of_a_component_would_be_noticed(said: str, of_scaleway: set[str]) -> None:
    assert not set(named_in(f"Give `{said}`.")) <= of_scaleway


def test_no_fix_by_hand_is_written_for_a_rule_that_nobody_breaks_by_hand() -> None:
    told = {rule.id for rule in CONSTRAINTS if rule.fix_by_hand}
    assert told <= set(BROKEN)
    assert not told & set(NOT_BY_HAND)
    assert not [rule.id for rule in CONSTRAINTS if rule.fix_by_hand and rule.needs_declaration]
    assert {target for rule in CONSTRAINTS for target in rule.fix_by_hand} == {"scaleway"}


def test_what_a_component_made_is_fixed_in_its_own_words() -> None:
    for resources in ([component(SKIPPED)], with_children(SKIPPED)):
        (each,) = found(resources)
        assert each.by_hand is None
        assert each.fix == each.constraint.fix


def test_what_a_component_made_is_its_own_where_its_declaration_cannot_be_read_too() -> None:
    resources = with_children(SKIPPED)
    unread = [replace(each, props={}) if each.type.startswith("lbpatterns:") else each for each in resources]
    findings = [each for each in judge(unread, today=TODAY) if each.answer is Answer.VIOLATED]
    assert REFUSED in {each.constraint.id for each in findings}
    assert {each.by_hand for each in findings} == {None}


def test_a_backend_of_ones_own_behind_a_component_is_fixed_by_hand() -> None:
    """Whose words they are goes by the resource, not by the load balancer."""
    resources = with_children(OFFLOADED)
    lb = next(each for each in resources if each.type.endswith(":LoadBalancer"))
    certificate = next(each for each in resources if each.type.endswith(":Certificate"))
    stack = Stack()
    words_of_it = {"sslBridging": True, "host": "a.example.com", "ignoreSslServerVerify": True}
    own = stack.add(
        "backend", "own", lbId=lb, forwardProtocol="http", forwardPort=8443, serverIps=["10.0.0.9"], **words_of_it
    )
    stack.add("frontend", "more", lbId=lb, backendId=own, inboundPort=8443, certificateIds=[certificate])
    (each,) = found([*resources, *stack.resources])
    assert (each.resource, each.by_hand) == ("own", "scaleway")
    assert each.fix == each.constraint.fix_by_hand["scaleway"]


def test_a_component_of_somebody_else_is_written_by_hand() -> None:
    stack = Stack()
    https(stack, bridged=True, ignoreSslServerVerify=True)
    shop = stack.add("acme:index:Shop", "shop")
    (each,) = found([replace(one, parent=shop.urn) if one is not shop else one for one in stack.resources])
    assert each.by_hand == "scaleway"


def test_parents_that_go_round_in_a_circle_end() -> None:
    stack = Stack()
    https(stack, bridged=True, ignoreSslServerVerify=True)
    web = urn("scaleway:loadbalancers/backend:Backend", "web")
    (each,) = found([replace(one, parent=web) for one in stack.resources])
    assert each.by_hand == "scaleway"


def test_what_is_not_known_yet_and_what_is_waived_have_their_fix_too() -> None:
    assert finding(answer=Answer.WAIVED, by_hand="scaleway").fix == finding().constraint.fix_by_hand["scaleway"]
    assert finding("exception-is-used", by_hand="scaleway").fix == finding("exception-is-used").constraint.fix
    assert finding(by_hand="another").fix == finding().constraint.fix


def as_table(report: Report) -> str:
    console = Console(width=400, file=StringIO(), no_color=True)
    table.show(report, console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def as_sarif(report: Report) -> str:
    (result,) = json.loads(sarif.render(report))["runs"][0]["results"]
    return str(result["message"]["text"])


@pytest.mark.parametrize("render", [as_table, as_json.render, as_sarif, junit.render])
@pytest.mark.parametrize("by_hand", ["scaleway", None])
def test_every_report_says_the_one_that_is_meant(render: Callable[[Report], str], by_hand: str | None) -> None:
    one = finding(by_hand=by_hand)
    shown = render(
        Report(
            source="state.json",
            findings=(one,),
            balancers=(Balancer("urn:lb", "lb", frozenset({URN})),),
            fail_on=Level.REFUSE,
        )
    )
    general, own = one.constraint.fix, one.constraint.fix_by_hand["scaleway"]
    assert (general in shown, own in shown) == (by_hand is None, by_hand is not None)


def test_a_rule_in_sarif_has_both() -> None:
    report = Report(source="state.json", findings=(), balancers=(), fail_on=Level.REFUSE)
    (rule,) = (
        each for each in json.loads(sarif.render(report))["runs"][0]["tool"]["driver"]["rules"] if each["id"] == REFUSED
    )
    general, own = finding().constraint.fix, finding().constraint.fix_by_hand["scaleway"]
    assert f"Fix: {general} By hand on Scaleway: {own}\n\nSource: " in rule["help"]["text"]
