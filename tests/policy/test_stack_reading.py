"""Any stack is read as load balancers: who belongs to whom, in which words, and what each frontend declares."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lbpatterns.core.examples import BRIDGED, OFFLOADED, PASSTHROUGH
from lbpatterns.core.plain import to_plain
from lbpatterns.core.resource import Resource
from lbpatterns.core.spec import UNKNOWN, LBSpec, LetsEncryptCertificate, Mode, PemCertificate
from lbpatterns.targets.scaleway.render import render
from lbpatterns.targets.scaleway.stack import StackBalancer, read_stack
from lbpatterns.targets.scaleway.words import BALANCER, Reference

from .loose import STACK, TO_HTTPS, Stack, balancer, changed, https, passthrough, urn

EACH_WAY = pytest.mark.parametrize("known", [True, False], ids=["by-id", "by-what-it-comes-from"])


def the_only(resources: list[Resource]) -> StackBalancer:
    (found,) = read_stack(resources)
    return found


def declared_by(balancer: StackBalancer) -> list[LBSpec]:
    """What its frontends declare, where everything is known."""
    worlds = [subject.worlds for subject in balancer.subjects if subject.complete]
    assert all(len(each) == 1 for each in worlds)
    return [reading.spec for (readings,) in worlds for reading in readings]


@EACH_WAY
def test_loose_resources_are_one_configuration(known: bool) -> None:
    stack = Stack(known=known)
    https(stack)
    words = the_only(stack.resources).configuration
    assert words is not None
    assert words.load_balancer == {"type": "LB-S", "ip_ids": [Reference("ips", "lb-ip")]}
    assert list(words.frontends) == ["https", "http"]
    assert words.frontends["https"] == {
        "lb_id": BALANCER,
        "backend_id": Reference("backends", "web"),
        "inbound_port": 443,
        "certificate_ids": [Reference("certificates", "cert")],
    }
    assert words.certificates == {"cert": {"lb_id": BALANCER, "letsencrypt": {"common_name": "shop.example.test"}}}
    assert words.backends["web"]["health_check_http"] == {"uri": "/"}
    assert words.frontends["http"]["acls"][0]["match"] == {"ip_subnets": ["0.0.0.0/0", "::/0"]}
    assert words.frontends["http"]["acls"][0]["action"]["redirects"][0]["code"] == 301
    assert not words.declared


@EACH_WAY
@pytest.mark.parametrize("mode", [Mode.OFFLOADED, Mode.BRIDGED])
def test_what_a_frontend_declares(known: bool, mode: Mode) -> None:
    stack = Stack(known=known)
    https(stack, bridged=mode is Mode.BRIDGED)
    (spec,) = declared_by(the_only(stack.resources))  # the frontend for plain HTTP is no mode of its own
    assert spec.mode is mode
    assert (spec.frontends[0].port, spec.frontends[0].redirect_http_port) == (443, 80)
    assert spec.frontends[0].certificates == (LetsEncryptCertificate(common_name="shop.example.test"),)
    assert spec.backend.tls is (mode is Mode.BRIDGED)
    assert [server.address for server in spec.backend.servers] == ["10.0.0.20", "10.0.0.21"]
    assert spec.public
    assert not spec.ipv6


@EACH_WAY
def test_passthrough_with_its_routes(known: bool) -> None:
    stack = Stack(known=known)
    passthrough(stack)
    (spec,) = declared_by(the_only(stack.resources))
    assert spec.mode is Mode.PASSTHROUGH
    (route,) = spec.routes
    assert route.server_names == ("api.example.test",)
    assert route.backend.name == "api"


@pytest.mark.parametrize("zoned", [True, False], ids=["with-zone", "without"])
def test_old_types_and_bare_ids_are_the_same(zoned: bool) -> None:
    old, new = Stack(old=True, zoned=zoned), Stack()
    https(old)
    https(new)
    assert the_only(old.resources).configuration == the_only(new.resources).configuration


def test_other_resources_are_not_looked_at() -> None:
    stack = Stack()
    https(stack)
    before = the_only(stack.resources).configuration
    stack.add("aws:lb/loadBalancer:LoadBalancer", "lb", lbId="x", deeply=[{"nested": UNKNOWN}])
    stack.add("pulumi:pulumi:Stack", "shop-test")
    assert the_only(stack.resources).configuration == before
    assert list(read_stack([])) == []


@EACH_WAY
def test_load_balancers_are_kept_apart(known: bool) -> None:
    stack = Stack(known=known)
    https(stack, name="a-")
    passthrough(stack, name="b-")
    first, second = read_stack(stack.resources)
    assert (first.name, second.name) == ("a-lb", "b-lb")
    assert first.configuration is not None
    assert second.configuration is not None
    assert set(first.configuration.backends) == {"a-web"}
    assert set(second.configuration.backends) == {"b-web", "b-api"}


def test_what_refers_to_another_load_balancer_is_seen_beside_it() -> None:
    stack = Stack()
    https(stack, name="a-")
    lb = balancer(stack, "other")
    web = stack.made[urn("scaleway:loadbalancers/backend:Backend", "a-web")]
    stack.add("frontend", "stray", lbId=lb, backendId=web, inboundPort=8080)
    _, other = read_stack(stack.resources)
    assert other.configuration is not None
    assert other.configuration.frontends["stray"]["backend_id"] == Reference("backends", "a-web")
    assert other.configuration.backends["a-web"]["lb_id"] == Reference("load_balancers", "a-lb")


@EACH_WAY
def test_a_load_balancer_of_another_stack(known: bool) -> None:
    """Its frontends and backends are judged; of the load balancer itself nothing is known."""
    stack = Stack(known=known)
    https(stack)
    rest = [each for each in stack.resources if not each.name.startswith("lb")]
    found = the_only(rest)
    assert found.configuration is not None
    assert found.configuration.load_balancer.get("type") is UNKNOWN
    assert found.places.find("load_balancer.type") is None
    assert {reading.spec.mode for subject in found.subjects for world in subject.worlds for reading in world} == {
        Mode.OFFLOADED
    }


def test_two_load_balancers_of_other_stacks() -> None:
    stack = Stack()
    for name, lb in (
        ("a", "fr-par-1/11111111-1111-4111-8111-111111111111"),
        ("b", "22222222-2222-4222-8222-222222222222"),
    ):
        web = stack.add(
            "backend", f"{name}-web", lbId=lb, forwardProtocol="tcp", forwardPort=443, serverIps=["10.0.0.1"]
        )
        stack.add("frontend", name, lbId=lb, backendId=web, inboundPort=443)
    found = list(read_stack(stack.resources))
    assert [list((each.configuration and each.configuration.frontends) or ()) for each in found] == [["a"], ["b"]]
    assert found[0].configuration is not None
    assert found[0].configuration.frontends["a"]["lb_id"] == BALANCER


def test_one_property_that_comes_from_several_resources() -> None:
    stack = Stack(known=False)
    lb = balancer(stack)
    names = ["first", "second"]
    held = [stack.add("certificate", name, lbId=lb, letsencrypt={"commonName": f"{name}.test"}) for name in names]
    web = stack.add("backend", "web", lbId=lb, forwardProtocol="http", forwardPort=80, serverIps=["10.0.0.1"])
    stack.add("frontend", "https", lbId=lb, backendId=web, inboundPort=443, certificateIds=held)
    words = the_only(stack.resources).configuration
    assert words is not None
    both = [Reference("certificates", name) for name in names]
    assert words.frontends["https"]["certificate_ids"] == both
    # The whole list is not known: what it comes from is.
    late = changed(stack.resources, "https", certificateIds=UNKNOWN)
    words = the_only(late).configuration
    assert words is not None
    assert words.frontends["https"]["certificate_ids"] == both


def test_ids_win_over_what_a_value_may_come_from() -> None:
    """`backend_id = which.apply(lambda name: ids[name])` comes from both backends, and is one."""
    stack = Stack()
    passthrough(stack)
    backends = [each.urn for each in stack.resources if each.type.endswith(":Backend")]
    resources = [
        replace(each, dependencies={**each.dependencies, "backendId": tuple(backends)}) if each.name == "tls" else each
        for each in stack.resources
    ]
    words = the_only(resources).configuration
    assert words is not None
    assert words.frontends["tls"]["backend_id"] == Reference("backends", "web")
    unclear = the_only(changed(resources, "tls", backendId=UNKNOWN))
    assert unclear.configuration is not None
    assert unclear.configuration.frontends["tls"]["backend_id"] is UNKNOWN
    worlds = unclear.subjects[0].worlds
    assert {reading.spec.backend.name for world in worlds for reading in world} == {"web", "api"}


def test_one_spelling_for_what_may_be_spelled_two_ways() -> None:
    stack = Stack()
    lb = balancer(
        stack,
        privateNetworks=[{"privateNetworkId": "fr-par/x", "ipamIds": ["fr-par/y"], "__defaults": []}],
        description="",
        name="lb-0123abc",
    )
    stack.add(
        "frontend",
        "web",
        lbId=lb,
        name="by-hand",
        inboundPort=80.0,
        connectionRateLimit=0,
        certificateIds=None,
        acls={"action": [{"type": "deny"}], "match": [{"ipSubnets": "10.0.0.0/8"}]},
    )
    words = the_only(stack.resources).configuration
    assert words is not None
    assert words.load_balancer == {
        "type": "LB-S",
        "ip_ids": [Reference("ips", "lb-ip")],
        "private_networks": [{"private_network_id": "fr-par/x", "ipam_ids": "fr-par/y"}],
    }
    assert words.frontends["web"] == {
        "lb_id": BALANCER,
        "backend_id": UNKNOWN,
        "name": "by-hand",
        "inbound_port": 80,
        "acls": [{"action": {"type": "deny"}, "match": {"ip_subnets": ["10.0.0.0/8"]}}],
    }


def test_names_that_are_taken_twice_are_told_apart() -> None:
    stack = Stack()
    lb = balancer(stack)
    common: dict[str, Any] = {"lbId": lb, "forwardProtocol": "tcp", "forwardPort": 1, "serverIps": []}
    first = stack.add("backend", "web", **common)
    twin = replace(first, urn=first.urn.replace("::scaleway", "::my:index:Thing$scaleway"), parent="urn:of-a-thing")
    words = the_only([*stack.resources, twin]).configuration
    assert words is not None
    assert list(words.backends) == ["web", "web (2)"]


def test_acls_and_attachments_of_their_own() -> None:
    stack = Stack(known=False)
    lb = https(stack)
    frontend = stack.made[urn("scaleway:loadbalancers/frontend:Frontend", "https")]
    stack.add("acl", "second", frontendId=frontend, index=2, action={"type": "deny"}, match={"ipSubnets": ["::/0"]})
    stack.add(
        "acl", "first", frontendId=frontend, index=1, action={"type": "allow"}, match={"ipSubnets": ["10.0.0.0/8"]}
    )
    stack.add("attachment", "pn", lbId=lb, privateNetworkId="fr-par/net")
    found = the_only(stack.resources)
    assert found.configuration is not None
    assert found.configuration.private_networks == {"pn": {"lb_id": BALANCER, "private_network_id": "fr-par/net"}}
    (spec,) = declared_by(found)
    assert [rule.action.value for rule in spec.access] == ["allow", "deny"]
    assert spec.private_networks == ("fr-par/net",)
    reading = found.subjects[0].worlds[0][0]
    place = reading.places.find("access[1].networks[0]")
    assert place is not None
    assert (place.urn.split("::")[-1], place.property) == ("second", "networks[0]")


def test_a_pair_that_is_no_mode_declares_nothing() -> None:
    stack = Stack()
    https(stack)
    assert declared_by(the_only(changed(stack.resources, "https", certificateIds=[]))) == []


def test_routes_of_another_mode_are_a_declaration_of_their_own() -> None:
    stack = Stack()
    lb = https(stack, bridged=True)
    frontend = stack.made[urn("scaleway:loadbalancers/frontend:Frontend", "https")]
    blog = stack.add("backend", "blog", lbId=lb, forwardProtocol="http", forwardPort=80, serverIps=["10.0.0.9"])
    stack.add("route", "to-blog", frontendId=frontend, backendId=blog, matchHostHeader="blog.example.test")
    bridged, offloaded = declared_by(the_only(stack.resources))
    assert (bridged.mode, bridged.backend.name, bridged.routes) == (Mode.BRIDGED, "web", ())
    assert (offloaded.mode, offloaded.backend.name) == (Mode.OFFLOADED, "blog")


@pytest.mark.parametrize(
    ("place", "resource", "argument"),
    [
        ("frontends[0].port", "https", "inboundPort"),
        ("frontends[0].certificates", "https", "certificateIds"),
        ("frontends[0].certificates[0].common_name", "cert", "letsencrypt"),
        ("frontends[0].redirect_http_port", "http", "inboundPort"),
        ("frontends[0].minimum_tls_version", "lb", "sslCompatibilityLevel"),
        ("backend.tls", "web", "sslBridging"),
        ("backend.servers[1].address", "web", "serverIps[1]"),
        ("backend.stickiness.cookie_name", "web", "stickySessionsCookieName"),
        ("backend.health_check.path", "web", "healthCheckHttp"),
        ("backend", "web", ""),
        ("routes[0].host", "to-api", "matchHostHeader"),
        ("routes[0].backend.port", "api", "forwardPort"),
        ("public", "lb", "assignFlexibleIp"),
        ("trusted_networks", "lb", ""),
    ],
)
def test_every_place_of_a_declaration_is_a_property_of_a_resource(place: str, resource: str, argument: str) -> None:
    stack = Stack()
    lb = https(stack)
    frontend = stack.made[urn("scaleway:loadbalancers/frontend:Frontend", "https")]
    api = stack.add("backend", "api", lbId=lb, forwardProtocol="http", forwardPort=80, serverIps=["10.0.0.9"])
    stack.add("route", "to-api", frontendId=frontend, backendId=api, matchHostHeader="api.example.test")
    found = the_only(stack.resources).subjects[0].worlds[0][0].places.find(place)
    assert found is not None
    assert (found.urn.split("::")[-1], found.property) == (resource, argument)


@pytest.mark.parametrize(
    ("place", "resource", "argument"),
    [
        ("load_balancer.ssl_compatibility_level", "lb", "sslCompatibilityLevel"),
        ("frontends[my.web[1]].acls[0].match.ip_subnets[1]", "my.web[1]", "acls[0].match.ipSubnets[1]"),
        ("frontends[my.web[1]]", "my.web[1]", ""),
    ],
)
def test_every_place_in_scaleways_words_is_too(place: str, resource: str, argument: str) -> None:
    stack = Stack()
    lb = balancer(stack)
    stack.add("frontend", "my.web[1]", lbId=lb, inboundPort=80, acls=[TO_HTTPS])
    found = the_only(stack.resources).places.find(place)
    assert found is not None
    assert (found.urn.split("::")[-1], found.property) == (resource, argument)


# Components.


def component(spec: LBSpec, name: str = "shop", **more: Any) -> Resource:
    """One of ours, as the engine shows it: the declaration without private keys."""

    def public(plain: Any) -> Any:
        if isinstance(plain, dict):
            return {key: public(item) for key, item in plain.items() if key != "private_key_and_chain_pem"}
        return [public(item) for item in plain] if isinstance(plain, list) else plain

    token = f"lbpatterns:index:{spec.mode.value.capitalize()}LB"
    props = {"spec": public(to_plain(replace(spec, name=name)))}
    return Resource(urn=urn(token, name), type=token, name=name, props=props, parent=STACK, **more)


def with_children(spec: LBSpec, *, known: bool = True, name: str = "shop") -> list[Resource]:
    """The component and its resources, as `pulumi up` makes them."""
    own = component(spec, name)
    rendered = render(replace(spec, name=name))
    stack = Stack(known=known)
    made: dict[Reference, Resource] = {}

    def value(words: Any) -> Any:
        if isinstance(words, Reference):
            return made[words]
        if isinstance(words, dict):
            return {_camel(key): value(item) for key, item in words.items()}
        return [value(item) for item in words] if isinstance(words, list) else words

    kinds = {
        "ips": "ip",
        "certificates": "certificate",
        "backends": "backend",
        "frontends": "frontend",
        "routes": "route",
    }
    for key, words in rendered.ips.items():
        made[Reference("ips", key)] = stack.add("ip", f"{name}-{key}", **value(words))
    made[BALANCER] = stack.add("lb", f"{name}-lb", **value(rendered.load_balancer))
    for field in ("certificates", "backends", "frontends", "routes"):
        for key, words in getattr(rendered, field).items():
            made[Reference(field, key)] = stack.add(kinds[field], f"{name}-{key}", **value(words))
    return [own, *(replace(each, parent=own.urn) for each in stack.resources)]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


SPECS = [OFFLOADED, replace(BRIDGED, backend=replace(BRIDGED.backend, ca_bundle_pem=None)), PASSTHROUGH]


@EACH_WAY
@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.mode.value)
def test_a_components_parts_are_called_as_they_were_rendered(spec: LBSpec, known: bool) -> None:
    spec = replace(spec, name="shop", frontends=(replace(spec.frontends[0], redirect_http_port=80),))
    found = the_only(with_children(spec, known=known))
    rendered = render(spec)
    assert found.configuration is not None
    assert found.name == "shop"
    for field in ("backends", "frontends", "routes", "certificates", "ips"):
        assert list(getattr(found.configuration, field)) == list(getattr(rendered, field))
    assert found.configuration.frontends == rendered.frontends
    assert found.configuration.declared == rendered.declared
    (shown,) = declared_by(found)
    assert shown == spec


def test_what_somebody_changed_behind_a_component_is_seen() -> None:
    resources = with_children(PASSTHROUGH)
    resources = changed(resources, "shop-backend-default", sslBridging=True, forwardPort=9443.0)
    resources = changed(resources, "shop-frontend-0", certificateIds=["fr-par-1/of-somebody"])
    (shown,) = declared_by(the_only(resources))
    assert shown.mode is Mode.PASSTHROUGH
    assert shown.backend.tls
    assert shown.backend.port == 9443
    assert shown.frontends[0].certificates == (PemCertificate(private_key_and_chain_pem=UNKNOWN),)


def test_a_component_inside_a_component_of_somebody() -> None:
    resources = with_children(OFFLOADED)
    wrapped = "urn:pulumi:test::shop::my:index:Wrapper::mine"
    between = replace(
        resources[0], urn=wrapped, type="my:index:Wrapper", name="mine", props={}, parent=resources[0].urn
    )
    inner = [replace(each, parent=wrapped) for each in resources[1:]]
    found = the_only([resources[0], between, *inner])
    assert found.component is resources[0]
    assert found.configuration is not None
    assert list(found.configuration.backends) == ["backend-default"]


def test_a_component_on_another_target_is_what_it_declares() -> None:
    found = the_only([component(BRIDGED)])
    assert found.configuration is None
    (shown,) = declared_by(found)
    assert shown.backend == BRIDGED.backend


@pytest.mark.parametrize(
    "spec", [None, UNKNOWN, {}, {"mode": "bridged"}, {"frontends": UNKNOWN}, {"of": "another version"}]
)
def test_a_declaration_that_cannot_be_read_leaves_the_mode(spec: Any) -> None:
    own, *children = with_children(OFFLOADED)
    found = the_only([replace(own, props={"spec": spec}), *children])
    assert found.configuration is not None
    assert found.configuration.declared["mode"] == "offloaded"
    assert [each.mode for each in declared_by(found)] == [Mode.OFFLOADED]


def test_a_frontend_of_ones_own_on_the_load_balancer_of_a_component() -> None:
    resources = with_children(OFFLOADED)
    stack = Stack()
    lb = next(each for each in resources if each.name == "shop-lb")
    web = stack.add("backend", "web", lbId=lb, forwardProtocol="tcp", forwardPort=8443, serverIps=["10.0.0.1"])
    stack.add("frontend", "tls", lbId=lb, backendId=web, inboundPort=8443)
    found = the_only([*resources, *stack.resources])
    assert [subject.declared for subject in found.subjects] == [True, False]
    assert [each.mode for each in declared_by(found)] == [Mode.OFFLOADED, Mode.PASSTHROUGH]
