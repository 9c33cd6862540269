"""What is rendered can be read back, from Envoy's words themselves."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbpatterns.core.spec import (
    Backend,
    Balancing,
    Frontend,
    HealthCheck,
    HealthProtocol,
    LBSpec,
    Mode,
    PemCertificate,
    Protocol,
    Server,
    Stickiness,
    StickinessKind,
    TLSVersion,
)
from lbpatterns.targets.envoy.lift import lift
from lbpatterns.targets.envoy.options import EnvoyOptions
from lbpatterns.targets.envoy.pem import join, split
from lbpatterns.targets.envoy.render import EnvoyConfiguration, render
from tests.strategies import anchors, key_and_chain_pems, specs

BRIDGED = LBSpec(
    name="shop",
    mode=Mode.BRIDGED,
    frontends=(
        Frontend(
            port=443,
            certificates=(PemCertificate(private_key_and_chain_pem=key_and_chain_pems()[0]),),
            redirect_http_port=80,
        ),
    ),
    backend=Backend(
        servers=(Server(address="10.0.0.20"),),
        port=8443,
        protocol=Protocol.HTTP,
        tls=True,
        server_name="one.backend.test",
        ca_bundle_pem=anchors()[0],
        stickiness=Stickiness(kind=StickinessKind.COOKIE),
        health_check=HealthCheck(protocol=HealthProtocol.HTTPS),
    ),
)


def rendered(spec: LBSpec) -> EnvoyConfiguration:
    return render(spec, EnvoyOptions(), directory="/run/lb", name="lb")


@settings(max_examples=150, deadline=None)
@given(st.one_of([specs(mode) for mode in Mode]))
def test_a_rendered_spec_is_read_back_as_it_was(spec: LBSpec) -> None:
    """Nothing that can be declared is dropped on the way."""
    assert lift(rendered(spec)) == spec


def _cluster_tls(configuration: EnvoyConfiguration) -> Any:
    return configuration.clusters[0]["transport_socket"]["typed_config"]["common_tls_context"]


def _listener_tls(configuration: EnvoyConfiguration) -> Any:
    chain = configuration.listeners[0]["filter_chains"][0]
    return chain["transport_socket"]["typed_config"]["common_tls_context"]


def _set(message: Any, field: str, value: Any) -> None:
    message[field] = value


def _first_route(configuration: EnvoyConfiguration) -> Any:
    chain = configuration.listeners[0]["filter_chains"][0]
    (host,) = chain["filters"][0]["typed_config"]["route_config"]["virtual_hosts"]
    return host["routes"][-1]


# What somebody might change in Envoy's own words, and what has to be noticed of it.
DRIFTS: dict[str, tuple[Callable[[EnvoyConfiguration], None], Callable[[LBSpec], Any], Any]] = {
    "the servers are not verified any more": (
        lambda c: _set(_cluster_tls(c)["validation_context"], "trust_chain_verification", "ACCEPT_UNTRUSTED"),
        lambda spec: spec.backend.verify_server_certificate,
        False,
    ),
    "another authority is trusted": (
        lambda c: _set(_cluster_tls(c)["validation_context"], "trusted_ca", {"inline_string": "other"}),
        lambda spec: spec.backend.ca_bundle_pem,
        "other",
    ),
    "nothing is encrypted towards the servers": (
        lambda c: _set(c.clusters[0], "transport_socket", {"name": "envoy.transport_sockets.raw_buffer"}),
        lambda spec: spec.backend.tls,
        False,
    ),
    "old clients are let in": (
        lambda c: _set(_listener_tls(c)["tls_params"], "tls_minimum_protocol_version", "TLSv1_0"),
        lambda spec: spec.frontends[0].minimum_tls_version,
        TLSVersion.TLS_1_0,
    ),
    "another server": (
        lambda c: _set(
            c.clusters[0]["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]["address"][
                "socket_address"
            ],
            "address",
            "10.9.9.9",
        ),
        lambda spec: spec.backend.servers[0].address,
        "10.9.9.9",
    ),
    "another balancing": (
        lambda c: _set(c.clusters[0], "lb_policy", "LEAST_REQUEST"),
        lambda spec: spec.backend.balancing,
        Balancing.LEAST_CONNECTIONS,
    ),
    "no cookie": (
        lambda c: _set(_first_route(c), "typed_per_filter_config", {}),
        lambda spec: spec.backend.stickiness,
        None,
    ),
    "another request timeout": (
        lambda c: _set(_first_route(c)["route"], "timeout", "1.5s"),
        lambda spec: spec.backend.timeouts.request,
        1.5,
    ),
    "no health check": (
        lambda c: _set(c.clusters[0], "health_checks", []),
        lambda spec: spec.backend.health_check,
        None,
    ),
    "another port": (
        lambda c: _set(c.listeners[0]["address"]["socket_address"], "port_value", 444),
        lambda spec: (spec.frontends[0].port, spec.frontends[0].redirect_http_port),
        (444, None),
    ),
}


@pytest.mark.parametrize("drift", DRIFTS)
def test_what_envoy_has_a_word_for_is_read_from_that_word(drift: str) -> None:
    """A change in Envoy's words is seen, whatever the declarations beside them say."""
    change, look, found = DRIFTS[drift]
    configuration = copy.deepcopy(rendered(BRIDGED))
    assert look(lift(configuration)) != found
    change(configuration)
    assert look(lift(configuration)) == found


def test_names_and_addresses_come_back_in_their_canonical_spelling() -> None:
    backend = replace(BRIDGED.backend, servers=(Server(address="0:0::1"), Server(address="Host.Example.Test")))
    lifted = lift(rendered(replace(BRIDGED, backend=backend)))
    assert [server.address for server in lifted.backend.servers] == ["::1", "host.example.test"]


def test_a_foreign_configuration_is_no_load_balancer_of_ours() -> None:
    foreign = EnvoyConfiguration(bootstrap={}, listeners=({"name": "x"},), clusters=(), secrets=(), binds=())
    with pytest.raises(ValueError, match="no listener of a load balancer's frontend"):
        lift(foreign)


@pytest.mark.parametrize("pem", key_and_chain_pems(), ids=["key first", "key last", "key between"])
def test_a_private_key_is_taken_out_of_the_chain_and_put_back_where_it_stood(pem: str) -> None:
    """Envoy's admin interface shows the chain to whoever asks."""
    private_key, chain = split(pem, "here")
    assert "PRIVATE KEY" not in chain
    assert private_key.count("-----BEGIN") == 1
    assert join(private_key, chain) == pem


@pytest.mark.parametrize("pem", ["", anchors()[0], key_and_chain_pems()[0] + key_and_chain_pems()[1]])
def test_a_text_without_exactly_one_private_key_is_refused_and_not_quoted(pem: str) -> None:
    with pytest.raises(ValueError, match=r"^here: one private key expected in the PEM text, [02] found$"):
        split(pem, "here")


def test_a_private_key_without_a_certificate_is_refused() -> None:
    private_key, _ = split(key_and_chain_pems()[0], "here")
    with pytest.raises(ValueError, match=r"^here: the PEM text holds no certificate$"):
        split(private_key, "here")
