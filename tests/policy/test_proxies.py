"""What a policy engine hands over, read without a crash whatever is not known: on pulumi-policy's own classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_policy import Secret, proxy
from pulumi_policy.deserialize import deserialize_properties

from lbpatterns.core.spec import UNKNOWN
from lbpatterns.policy.proxies import plain, resource_of
from lbpatterns.testing.policy import Kind, PolicyStack, Unknown

BACKEND = "scaleway:loadbalancers/backend:Backend"
KINDS: tuple[Kind, ...] = ("string", "number", "boolean", "array", "object", "asset", "archive")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_unknown_value_is_unknown_at_any_depth(kind: Kind) -> None:
    stack = PolicyStack()
    stack.add(BACKEND, "web", {"port": Unknown(kind), "checks": [{"uri": Unknown(kind)}, Unknown(kind)], "tls": True})
    seen = stack.stack_args().resources[0]
    with pytest.raises(proxy.UnknownValueError):
        _ = "port" in seen.props  # what makes a reader necessary
    assert plain(seen.props) == {"port": UNKNOWN, "checks": [{"uri": UNKNOWN}, UNKNOWN], "tls": True, "id": UNKNOWN}


def test_lists_are_lists_and_numbers_stay_floats() -> None:
    stack = PolicyStack()
    stack.add(BACKEND, "web", {"forwardPort": 80, "serverIps": ["10.0.0.2"], "nested": [[1]], "none": None})
    seen = stack.stack_args().resources[0]
    assert not isinstance(seen.props["serverIps"], list)
    read = plain(seen.props)
    assert read["forwardPort"] == 80.0
    assert isinstance(read["forwardPort"], float)
    assert (read["serverIps"], read["nested"], read["none"]) == (["10.0.0.2"], [[1.0]], None)


def test_what_a_remediation_is_handed_is_read_too() -> None:
    """There secrets are marked, unknown values do not raise, and the engine's notes to itself are in it."""
    wire: dict[str, Any] = {"__defaults": ["port"], "port": proxy.UNKNOWN_NUMBER_VALUE, "name": "x"}
    seen = proxy.unknown_checking_proxy(deserialize_properties(wire, True))
    assert plain(seen) == {"port": UNKNOWN, "name": "x"}
    pem = "-----BEGIN CERTIFICATE-----"
    marked = {"key": Secret({"pem": pem, "password": "canary"}), "list": Secret(["canary"])}
    assert plain(marked) == {"key": {"pem": pem, "password": UNKNOWN}, "list": [UNKNOWN]}


values = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from(KINDS).map(Unknown),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(min_size=1).filter(lambda key: not key.startswith("__")), values, max_size=4))
def test_reading_never_raises_and_leaves_nothing_out(props: dict[str, Any]) -> None:
    stack = PolicyStack()
    stack.add(BACKEND, "web", props)
    read = plain(stack.stack_args().resources[0].props)
    assert {key for key in props if key != "id"} <= set(read)
    for key, value in props.items():
        if isinstance(value, Unknown):
            assert read[key] is UNKNOWN


def test_a_resource_says_what_its_properties_come_from_before_there_are_ids() -> None:
    stack = PolicyStack()
    shop = stack.add("lbpatterns:index:BridgedLB", "shop")
    balancer = stack.add("scaleway:loadbalancers/loadBalancer:LoadBalancer", "lb", parent=shop)
    stack.add(BACKEND, "web", {"lbId": balancer.id}, parent=shop, delete_before_replace=True)
    read = resource_of(stack.stack_args().resources[2])
    assert read.urn.endswith("lbpatterns:index:BridgedLB$scaleway:loadbalancers/backend:Backend::web")
    assert (read.type, read.name, read.id, read.parent) == (BACKEND, "web", None, shop.urn)
    assert read.dependencies == {"lbId": (balancer.urn,)}
    assert read.deletes_first is True
    stack.phase = "up"
    assert resource_of(stack.stack_args().resources[2]).id == "id-of-web"


def test_what_nobody_declared_and_the_cloud_fills_in_is_no_unknown_value() -> None:
    """A preview says of both that they are not known; the inputs tell them apart."""
    stack = PolicyStack()
    given_inputs = {"forwardPort": Unknown("number"), "host": "backend.internal"}
    stack.add(BACKEND, "web", given_inputs, computed=["healthCheckPort"])
    seen = stack.stack_args().resources[0]
    assert resource_of(seen).props["healthCheckPort"] is UNKNOWN
    inputs = plain(stack.resource_args(stack.added[0]).props)
    assert resource_of(seen, inputs).props == {"forwardPort": UNKNOWN, "host": "backend.internal"}


def test_what_only_the_cloud_can_say_is_read_beside_the_inputs() -> None:
    stack = PolicyStack(phase="up")
    stack.add("scaleway:loadbalancers/certificate:Certificate", "shop", {"name": "x"}, computed=["notValidAfter"])
    read = resource_of(stack.stack_args().resources[0], {"name": "x"})
    assert (read.props, read.id) == ({"name": "x", "notValidAfter": "notValidAfter-of-shop"}, "id-of-shop")


def test_a_component_is_what_it_was_given() -> None:
    stack = PolicyStack()
    stack.add("lbpatterns:index:BridgedLB", "shop", {"mode": "bridged"})
    assert resource_of(stack.stack_args().resources[0], {"spec": {}}).props == {"spec": {}}


class _Opaque(Mapping[str, Any]):
    """A proxy that shows nothing of what it stands for."""

    def __init__(self, shown: Mapping[str, Any]) -> None:
        self._shown = shown

    def __getitem__(self, key: str) -> Any:
        if key == "__target":
            raise KeyError(key)
        return self._shown[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._shown)

    def __len__(self) -> int:
        return len(self._shown)


def test_a_proxy_that_has_to_be_read_through_is() -> None:
    unknown = proxy.unknown_checking_proxy({"port": proxy.UNKNOWN_NUMBER_VALUE, "list": ["a"]})
    assert plain(_Opaque(unknown)) == {"port": UNKNOWN, "list": ["a"]}
    assert plain({"pair": ("a", b"b")}) == {"pair": ["a", b"b"]}
