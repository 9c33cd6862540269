"""Correct declarations, one a mode, to be changed with `dataclasses.replace`: the ground of the rules' examples."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final

from lbpatterns.core.spec import (
    Backend,
    Frontend,
    HealthCheck,
    HealthProtocol,
    LBSpec,
    Mode,
    PemCertificate,
    Protocol,
    RuleException,
    Server,
    ServerCertificate,
)

# The day on which the examples are true.
EXAMPLES_TODAY: Final = date(2026, 11, 21)

CERTIFICATE: Final = PemCertificate(private_key_and_chain_pem="(a private key and its chain)")
SERVER_CERTIFICATE: Final = ServerCertificate(names=("secure.example.test",), renewed_by="cert-manager")

OFFLOADED: Final = LBSpec(
    name="shop",
    mode=Mode.OFFLOADED,
    frontends=(Frontend(port=443, certificates=(CERTIFICATE,)),),
    backend=Backend(
        servers=(Server(address="10.0.0.20"), Server(address="10.0.0.21")),
        port=8080,
        protocol=Protocol.HTTP,
        health_check=HealthCheck(protocol=HealthProtocol.HTTP),
    ),
)
BRIDGED: Final = LBSpec(
    name="shop",
    mode=Mode.BRIDGED,
    frontends=(Frontend(port=443, certificates=(CERTIFICATE,)),),
    backend=Backend(
        servers=(Server(address="10.0.0.20"), Server(address="10.0.0.21")),
        port=8443,
        protocol=Protocol.HTTP,
        tls=True,
        server_name="backend.internal",
        ca_bundle_pem="(an internal CA)",
        health_check=HealthCheck(protocol=HealthProtocol.HTTPS),
    ),
)
PASSTHROUGH: Final = LBSpec(
    name="shop",
    mode=Mode.PASSTHROUGH,
    frontends=(Frontend(port=443),),
    backend=Backend(
        servers=(Server(address="10.0.0.20"), Server(address="10.0.0.21")),
        port=8443,
        protocol=Protocol.TCP,
        server_certificate=SERVER_CERTIFICATE,
        shared_sessions=True,
        health_check=HealthCheck(protocol=HealthProtocol.TCP),
    ),
)


def with_backend(spec: LBSpec, **changes: Any) -> LBSpec:
    """The spec with fields of its default backend changed."""
    return replace(spec, backend=replace(spec.backend, **changes))


def with_frontend(spec: LBSpec, **changes: Any) -> LBSpec:
    """The spec with fields of its first frontend changed."""
    return replace(spec, frontends=(replace(spec.frontends[0], **changes), *spec.frontends[1:]))


def with_exception(spec: LBSpec, rule: str, *, reason: str = "agreed in review", expires: date) -> LBSpec:
    """The spec with one rule waived."""
    return replace(spec, exceptions=(RuleException(rule=rule, reason=reason, expires=expires),))
