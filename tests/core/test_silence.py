"""No false alarm: of a declaration that says what it has to and nothing else, no rule says anything."""

from __future__ import annotations

from typing import Any

import pytest

from lbpatterns import BridgedLBArgs, OffloadedLBArgs, PassthroughLBArgs
from lbpatterns.components.specs import LBArgs, spec_of
from lbpatterns.core.check import check
from lbpatterns.core.examples import EXAMPLES_TODAY
from lbpatterns.core.spec import Mode

TLS: dict[str, Any] = {"certificates": [{"private_key_and_chain_pem": "(a private key and its chain)"}]}
SERVERS: dict[str, Any] = {"servers": ["10.0.0.20", "10.0.0.21"]}
SECURE: dict[str, Any] = {**SERVERS, "port": 8443}
OFFLOADED: dict[str, Any] = {"frontends": [TLS], "backend": {**SERVERS, "port": 8080}}
BRIDGED: dict[str, Any] = {
    "frontends": [{**TLS, "redirect_http": True}],
    "backend": {**SECURE, "server_name": "backend.internal", "ca_bundle_pem": "(an internal CA)"},
}
PASSTHROUGH: dict[str, Any] = {
    "frontends": [{}],
    "backend": {**SECURE, "certificate": {"names": ["secure.example.test"]}, "shared_sessions": True},
}
OFFICE: dict[str, Any] = {"action": "allow", "networks": ["203.0.113.0/24"]}


def offloaded(**given: Any) -> LBArgs:
    return OffloadedLBArgs(**given)


def bridged(**given: Any) -> LBArgs:
    return BridgedLBArgs(**given)


def passthrough(**given: Any) -> LBArgs:
    return PassthroughLBArgs(**given)


DECLARATIONS: dict[str, tuple[Mode, LBArgs]] = {
    "offloaded": (Mode.OFFLOADED, offloaded(**OFFLOADED)),
    "bridged": (Mode.BRIDGED, bridged(**BRIDGED)),
    "passthrough": (Mode.PASSTHROUGH, passthrough(**PASSTHROUGH)),
    "bridged to publicly certified servers": (
        Mode.BRIDGED,
        bridged(frontends=[TLS], backend={**SECURE, "server_name": "backend.example.com"}),
    ),
    "sticky by cookie, with routes, access rules and a failover": (
        Mode.OFFLOADED,
        offloaded(
            frontends=[{**TLS, "http3": True, "connection_rate_limit": 100}],
            backend={**SERVERS, "port": 80, "failover_host": "shop.s3-website.fr-par.scw.cloud"},
            routes=[
                {"host": "blog.example.test", "backend": {**SERVERS, "port": 8081}},
                {"path_prefix": "/api", "backend": {**SERVERS, "port": 8082}},
            ],
            stickiness={"kind": "cookie"},
            access=[
                {
                    "action": "redirect",
                    "request": {"kind": "path-prefix", "values": ["/old"]},
                    "redirect": {"location": "https://new.example.test/{{path}}"},
                },
                OFFICE,
                {"action": "deny"},
            ],
        ),
    ),
    "private, with a certificate that was imported": (
        Mode.BRIDGED,
        bridged(**BRIDGED, network={"private": ["fr-par/one"], "public": False}),
    ),
    "by server name, for an office, behind the PROXY protocol": (
        Mode.PASSTHROUGH,
        passthrough(
            **PASSTHROUGH,
            routes=[
                {
                    "server_names": ["api.example.test", "*.api.example.test"],
                    "backend": {**SECURE, "certificate": {"names": ["api.example.test", "*.api.example.test"]}},
                }
            ],
            stickiness={"kind": "source-address"},
            proxy_protocol="v2",
            access=[{**OFFICE, "action": "deny", "invert": True}],
        ),
    ),
    "certified by Let's Encrypt, in both families of addresses": (
        Mode.OFFLOADED,
        offloaded(
            frontends=[{"certificates": [{"common_name": "shop.example.com"}], "redirect_http": True}],
            backend={**SERVERS, "port": 8080},
            network={"ipv6": True},
            access=[
                {
                    "action": "deny",
                    "networks": ["0.0.0.0/0", "::/0"],
                    "request": {"kind": "path-prefix", "values": ["/admin"]},
                }
            ],
        ),
    ),
}


@pytest.mark.parametrize("name", DECLARATIONS)
def test_of_what_is_right_nothing_is_said(name: str) -> None:
    mode, args = DECLARATIONS[name]
    report = check(spec_of("shop", mode, args), today=EXAMPLES_TODAY)
    said: list[Any] = [(one.constraint.id, one.place, one.found) for one in (*report.refused, *report.advice)]
    assert said == []
    assert not report.undecided
