"""Whatever is not known, secret, missing or of another kind: nothing breaks, nothing broken passes, nothing is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbpatterns.core.constraint import Constraint, Found
from lbpatterns.core.examples import BRIDGED, PASSTHROUGH
from lbpatterns.core.resource import Resource
from lbpatterns.core.spec import UNKNOWN
from lbpatterns.policy import judge as room
from lbpatterns.policy.finding import Answer
from lbpatterns.policy.judge import judge
from lbpatterns.policy.settings import Settings
from lbpatterns.policy.sources import from_state

from .leaves import leaves, with_leaf
from .loose import Stack, balancer, changed, https, passthrough, urn
from .test_stack_reading import with_children

TODAY = date(2026, 11, 21)
CANARY = "canary-5e1f"
STRICT = Settings(require_encrypted_to_the_server=True)


@pytest.fixture(autouse=True)
def no_rule_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that raises is not decided for a user; here it is a mistake."""

    def ask(rule: Constraint[Any], subject: Any, today: date) -> list[Found]:
        return list(rule.check(subject, today))

    monkeypatch.setattr(room, "_ask", ask)


def wrong_bridging(known: bool) -> Stack:
    stack = Stack(known=known)
    https(
        stack,
        bridged=True,
        ignoreSslServerVerify=True,
        proxyProtocol="v2",
        healthCheckPort=80.0,
        stickySessions="cookie",
    )
    return stack


def wrong_offloading(known: bool) -> Stack:
    stack = Stack(known=known)
    https(stack, serverIps=["203.0.113.7"], ignoreSslServerVerify=True, healthCheckDelay="0s")
    return stack


def wrong_passthrough(known: bool) -> Stack:
    stack = Stack(known=known)
    passthrough(stack, stickySessions="cookie", forwardPort=80.0, serverIps=["10.0.0.1", "10.0.0.1"])
    frontend = stack.made[urn("scaleway:loadbalancers/frontend:Frontend", "tls")]
    api = stack.made[urn("scaleway:loadbalancers/backend:Backend", "api")]
    to = {"type": "redirect", "redirects": [{"type": "scheme", "target": "https", "code": 200.0}]}
    match = {"httpFilter": "path_begin", "httpFilterValues": ["/x"], "ipSubnets": ["0.0.0.0/0"]}
    stack.add("acl", "acl", frontendId=frontend, index=1.0, action=to, match=match)
    stack.add("route", "by-host", frontendId=frontend, backendId=api, matchHostHeader="x.test")
    return stack


def hidden_acl(known: bool) -> Stack:
    """An ACL that nobody gets to, behind one for everybody; a certificate that ends, and a name that none carries."""
    stack = Stack(known=known)
    lb = https(stack)
    frontend = stack.made[urn("scaleway:loadbalancers/frontend:Frontend", "https")]
    web = stack.made[urn("scaleway:loadbalancers/backend:Backend", "web")]
    everybody = {"ipSubnets": ["0.0.0.0/0", "::/0"]}
    stack.add("acl", "first", frontendId=frontend, index=1.0, action={"type": "allow"}, match=everybody)
    stack.add("acl", "second", frontendId=frontend, index=2.0, action={"type": "deny"}, match=everybody)
    stack.add("route", "by-host", frontendId=frontend, backendId=web, matchHostHeader="blog.example.test")
    stack.add("attachment", "network", lbId=lb, privateNetworkId="fr-par/net")
    return stack


def none_of_the_modes(known: bool) -> Stack:
    stack = Stack(known=known)
    lb = balancer(stack, assignFlexibleIp=True, sslCompatibilityLevel="ssl_compatibility_level_old")
    both = {"letsencrypt": {"commonName": "*.x.test"}, "customCertificate": {"certificateChain": "nothing"}}
    held = stack.add("certificate", "held", lbId=lb, **both)
    old = stack.add(
        "certificate",
        "old",
        lbId=lb,
        customCertificate={"certificateChain": UNKNOWN},
        notValidAfter="2026-11-01T00:00:00Z",
    )
    web = stack.add("backend", "web", lbId=lb, forwardProtocol="tcp", sslBridging=True, forwardPort=0.0, serverIps=[])
    stack.add(
        "frontend", "first", lbId=lb, backendId=web, inboundPort=80.0, certificateIds=[held, old], enableHttp3=True
    )
    stack.add("frontend", "second", lbId=lb, backendId=web, inboundPort=80.0)
    return stack


def drifted(known: bool) -> list[Resource]:
    resources = with_children(replace(BRIDGED, backend=replace(BRIDGED.backend, ca_bundle_pem=None)), known=known)
    resources = changed(resources, "shop-backend-default", sslBridging=False, ignoreSslServerVerify=True)
    return [*resources, *with_children(PASSTHROUGH, known=known, name="other")]


STACKS: dict[str, Callable[[bool], list[Resource]]] = {
    "bridging": lambda known: wrong_bridging(known).resources,
    "offloading": lambda known: wrong_offloading(known).resources,
    "passthrough": lambda known: wrong_passthrough(known).resources,
    "hidden-acl": lambda known: hidden_acl(known).resources,
    "none-of-the-modes": lambda known: none_of_the_modes(known).resources,
    "component": drifted,
}
EACH_STACK = pytest.mark.parametrize("name", STACKS)


def rules(resources: list[Resource], *answers: Answer) -> set[str]:
    found = judge(resources, settings=STRICT, today=TODAY)
    return {finding.constraint.id for finding in found if finding.answer in answers}


def broken(resources: list[Resource]) -> set[str]:
    return rules(resources, Answer.VIOLATED)


def not_passed(resources: list[Resource]) -> set[str]:
    return rules(resources, Answer.VIOLATED, Answer.UNDECIDED)


def without_dependencies(resources: list[Resource]) -> list[Resource]:
    return [replace(each, dependencies={}) for each in resources]


@EACH_STACK
def test_each_stack_breaks_something(name: str) -> None:
    before = broken(STACKS[name](True))
    assert len(before) >= 2
    assert broken(STACKS[name](False)) == before


@EACH_STACK
@pytest.mark.parametrize("known", [True, False], ids=["ids", "no-ids"])
def test_a_leaf_that_is_not_known_hides_no_mistake(name: str, known: bool) -> None:
    resources = STACKS[name](known)
    before = broken(resources)
    for where, path in leaves(resources):
        assert before <= not_passed(with_leaf(resources, where, path, lambda _: UNKNOWN)), (where, path)


@pytest.mark.parametrize("name", [name for name in STACKS if name != "component"])
def test_nor_does_one_whose_origin_is_not_known_either(name: str) -> None:
    resources = STACKS[name](True)
    before = broken(resources)
    bare = without_dependencies(resources)
    for where, path in leaves(resources):
        assert before <= not_passed(with_leaf(bare, where, path, lambda _: UNKNOWN)), (where, path)


def as_float(value: Any) -> Any:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@EACH_STACK
def test_whole_numbers_may_arrive_as_floats(name: str) -> None:
    resources = STACKS[name](True)
    before = judge(resources, settings=STRICT, today=TODAY)
    for where, path in leaves(resources):
        assert judge(with_leaf(resources, where, path, as_float), settings=STRICT, today=TODAY) == before


STRANGE: tuple[Any, ...] = (..., [], {}, "x", -1, 0.5, True, [None], {"x": UNKNOWN}, ["10.0.0.0/8"], [UNKNOWN])


@EACH_STACK
def test_nothing_fails_whatever_stands_there(name: str) -> None:
    resources = STACKS[name](True)
    for where, path in leaves(resources):
        for strange in STRANGE:
            judge(with_leaf(resources, where, path, lambda _, value=strange: value), settings=STRICT, today=TODAY)  # type: ignore[misc]


@settings(max_examples=60, deadline=None)
@given(data=st.data(), name=st.sampled_from(sorted(STACKS)))
def test_several_unknowns_hide_no_mistake(data: st.DataObject, name: str) -> None:
    resources = STACKS[name](data.draw(st.booleans()))
    before = broken(resources)
    chosen = data.draw(st.lists(st.sampled_from(leaves(resources)), min_size=2, max_size=4, unique=True))
    for where, path in chosen:
        resources = with_leaf(resources, where, path, lambda _: UNKNOWN)
    assert before <= not_passed(resources)


def as_state(resources: list[Resource]) -> dict[str, Any]:
    return {"version": 3, "deployment": {"resources": [*_entries(resources)]}}


def _entries(resources: list[Resource]) -> Iterator[dict[str, Any]]:
    for each in resources:
        yield {
            "urn": each.urn,
            "type": each.type,
            "id": each.id,
            "parent": each.parent,
            "inputs": _without_unknowns(dict(each.props)),
            "propertyDependencies": {name: list(urns) for name, urns in each.dependencies.items()},
        }


def _without_unknowns(value: Any) -> Any:
    if value is UNKNOWN:
        return "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    if isinstance(value, dict):
        return {key: _without_unknowns(item) for key, item in value.items()}
    return [_without_unknowns(item) for item in value] if isinstance(value, list) else value


def secret(_: Any) -> Any:
    mark = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
    return {**mark, "plaintext": json.dumps(CANARY)}


@EACH_STACK
def test_a_secret_is_never_told_and_hides_no_mistake(name: str) -> None:
    """Also where somebody exported the state with `--show-secrets`."""
    resources = list(from_state(as_state(STACKS[name](True))))
    before = broken(resources)
    assert before == broken(STACKS[name](True))
    for where, path in leaves(STACKS[name](True)):
        with_secret = list(from_state(as_state(with_leaf(STACKS[name](True), where, path, secret))))
        found = judge(with_secret, settings=STRICT, today=TODAY)
        assert CANARY not in repr(found)
        assert CANARY not in repr(with_secret)
        kept = {finding.constraint.id for finding in found if finding.answer is not Answer.WAIVED}
        assert before <= kept, (where, path)


def test_a_private_key_is_never_told() -> None:
    """Not even where it stands in clear, and is wrong."""
    for text in (f"{CANARY}", f"-----BEGIN PRIVATE KEY-----\n{CANARY}\n-----END PRIVATE KEY-----\n"):
        stack = Stack()
        https(stack)
        resources = changed(stack.resources, "cert", letsencrypt=..., customCertificate={"certificateChain": text})
        found = judge(resources, today=TODAY)
        assert [finding for finding in found if finding.answer is Answer.VIOLATED]
        assert CANARY not in repr(found)
        assert CANARY not in repr(resources)
