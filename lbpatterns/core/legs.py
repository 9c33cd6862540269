"""The legs that a declaration promises: what an observer has to find on each.

What can be seen on one is in `observation.py`, the two put side by side in `judge.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from lbpatterns.core.spec import (
    UNKNOWN,
    Backend,
    Frontend,
    FrontendCertificate,
    LBSpec,
    Leg,
    LetsEncryptCertificate,
    Maybe,
    Mode,
    Party,
    PemCertificate,
    ProxyProtocol,
    ServerCertificate,
    TLSVersion,
    UnknownServerName,
)

# A server name that nobody declares: RFC 6761 keeps `.invalid` out of every zone.
UNDECLARED_NAME = "undeclared.invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafFacts:
    """What a leaf certificate says of itself: DNS names and IP addresses it carries, SHA-256 of its DER in hex."""

    names: tuple[str, ...]
    sha256: str


class Promise(StrEnum):
    """What is to happen on a leg."""

    TLS = "tls"
    PLAINTEXT = "plaintext"
    REDIRECT = "redirect"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedLeg:
    """One leg as the declaration promises it.

    `host` and `port` say where to connect, `server_name` what SNI carries, `expected_name` what the certificate must
    carry. `ca_bundle_pem` None means the public roots. `leaf_sha256` is the leaf that was declared, if one was.
    `backend` names the backend that answers; `backend_server_name` is the SNI that its servers should see.
    `verified` is false only where the declaration skips verification, with a reason and a date.
    """

    name: str
    leg: Leg
    mode: Mode
    promise: Promise
    host: Maybe[str]
    port: Maybe[int]
    path: str = "/"
    server_name: Maybe[str] | None = None
    expected_name: Maybe[str] | None = None
    ca_bundle_pem: Maybe[str] | None = field(default=None, repr=False)
    leaf_sha256: str | None = None
    presented_by: Party | None = None
    verified: bool = True
    minimum_tls_version: TLSVersion = TLSVersion.TLS_1_2
    backend: str = "default"
    backend_server_name: Maybe[str] | None = None
    proxy_protocol: ProxyProtocol = ProxyProtocol.NONE
    redirect_port: Maybe[int] | None = None


def probe_name(name: str) -> str:
    """A concrete server name that a declared name covers: itself, or a label of ours under a wildcard."""
    return f"lbpatterns-probe.{name[2:]}" if name.startswith("*.") else name


def expected_legs(
    spec: LBSpec, *, host: Maybe[str], leaf_facts: Callable[[PemCertificate], LeafFacts | None]
) -> tuple[ExpectedLeg, ...]:
    """Every leg of a load balancer that answers at `host`: frontends by name, redirects, then each server.

    `leaf_facts` reads a PEM (this room reads none); None where it is not known yet.
    """
    frontends = (leg for frontend in spec.frontends for leg in _frontend_legs(spec, frontend, host, leaf_facts))
    backends = (leg for backend in spec.backends for leg in _backend_legs(spec, backend))
    return (*frontends, *backends)


def _frontend_legs(
    spec: LBSpec, frontend: Frontend, host: Maybe[str], leaf_facts: Callable[[PemCertificate], LeafFacts | None]
) -> Iterator[ExpectedLeg]:
    if spec.mode is Mode.PASSTHROUGH:
        yield from _passthrough_frontend_legs(spec, frontend, host)
    else:
        yield from _decrypting_frontend_legs(spec, frontend, host, leaf_facts)
    if frontend.redirect_http_port is not None:
        yield ExpectedLeg(
            name=f"frontend :{_shown(frontend.redirect_http_port)} redirect",
            leg=Leg.FRONTEND,
            mode=spec.mode,
            promise=Promise.REDIRECT,
            host=host,
            port=frontend.redirect_http_port,
            redirect_port=frontend.port,
        )


def _decrypting_frontend_legs(
    spec: LBSpec, frontend: Frontend, host: Maybe[str], leaf_facts: Callable[[PemCertificate], LeafFacts | None]
) -> Iterator[ExpectedLeg]:
    answered: set[str] = set()
    for certificate in frontend.certificates:
        names, sha256, anchor = _leaf_of(certificate, leaf_facts)
        for name in names:
            if name in answered:  # the first certificate that carries a name answers for it
                continue
            answered.add(name)
            yield ExpectedLeg(
                name=f"frontend :{_shown(frontend.port)} {name}",
                leg=Leg.FRONTEND,
                mode=spec.mode,
                promise=Promise.TLS,
                host=host,
                port=frontend.port,
                server_name=probe_name(name),
                expected_name=probe_name(name),
                ca_bundle_pem=anchor,
                leaf_sha256=sha256,
                presented_by=Party.LOAD_BALANCER,
                minimum_tls_version=frontend.minimum_tls_version,
                backend_server_name=spec.backend.server_name,
            )


def _leaf_of(
    certificate: FrontendCertificate, leaf_facts: Callable[[PemCertificate], LeafFacts | None]
) -> tuple[tuple[str, ...], str | None, Maybe[str] | None]:
    """Names and fingerprint of a leaf as far as they are known before it is seen, and what it is verified against."""
    if isinstance(certificate, LetsEncryptCertificate):
        names = (certificate.common_name, *certificate.subject_alternative_names)
        return tuple(name for name in names if name is not UNKNOWN), None, None
    facts = leaf_facts(certificate)
    return (facts.names, facts.sha256, certificate.ca_bundle_pem) if facts else ((), None, certificate.ca_bundle_pem)


def _passthrough_frontend_legs(spec: LBSpec, frontend: Frontend, host: Maybe[str]) -> Iterator[ExpectedLeg]:
    named = [(route.backend, route.server_names) for route in spec.routes]
    default = spec.backend.server_certificate
    answered: set[str] = set()
    for backend, names in (*named, (spec.backend, default.names if default else ())):
        for name in names:
            if name in answered:  # a route that names it comes first
                continue
            if name is not UNKNOWN:
                answered.add(name)
            concrete = name if name is UNKNOWN else probe_name(name)
            yield ExpectedLeg(
                name=f"frontend :{_shown(frontend.port)} {_shown(name)}",
                leg=Leg.FRONTEND,
                mode=spec.mode,
                promise=Promise.TLS,
                host=host,
                port=frontend.port,
                server_name=concrete,
                expected_name=concrete,
                ca_bundle_pem=backend.server_certificate.ca_bundle_pem if backend.server_certificate else None,
                presented_by=Party.SERVER,
                backend=backend.name,
                backend_server_name=concrete,
            )
    if frontend.unknown_server_name is UnknownServerName.CLOSE:
        yield ExpectedLeg(
            name=f"frontend :{_shown(frontend.port)} undeclared name",
            leg=Leg.FRONTEND,
            mode=spec.mode,
            promise=Promise.CLOSED,
            host=host,
            port=frontend.port,
            server_name=UNDECLARED_NAME,
        )


def _backend_legs(spec: LBSpec, backend: Backend) -> Iterator[ExpectedLeg]:
    told: set[str] = set()
    for server in backend.servers:
        port = backend.port if server.port is None else server.port
        certificate = server.certificate or backend.server_certificate
        # Two backends may share a server, and are spoken to differently: the name tells their legs apart.
        which = "backend" if backend is spec.backend else f"backend {backend.name}"
        name = f"{which} {_shown(server.address)}:{_shown(port)}"
        if name in told and UNKNOWN not in {server.address, port}:
            continue  # the same server, said twice
        told.add(name)
        if spec.mode is Mode.OFFLOADED:
            yield ExpectedLeg(
                name=name,
                leg=Leg.BACKEND,
                mode=spec.mode,
                promise=Promise.PLAINTEXT,
                host=server.address,
                port=port,
                backend=backend.name,
                proxy_protocol=backend.proxy_protocol,
                path=_path(backend),
            )
            continue
        sni, expected, anchor = _server_identity(spec.mode, backend, certificate)
        yield ExpectedLeg(
            name=name,
            leg=Leg.BACKEND,
            mode=spec.mode,
            promise=Promise.TLS,
            host=server.address,
            port=port,
            server_name=sni,
            expected_name=expected,
            ca_bundle_pem=anchor,
            presented_by=Party.SERVER,
            verified=backend.verify_server_certificate,
            minimum_tls_version=backend.minimum_tls_version,
            backend=backend.name,
            proxy_protocol=backend.proxy_protocol,
            path=_path(backend),
        )


def _server_identity(
    mode: Mode, backend: Backend, certificate: ServerCertificate | None
) -> tuple[Maybe[str] | None, Maybe[str] | None, Maybe[str] | None]:
    """SNI, expected name and trust anchor of a server that holds a certificate."""
    if mode is Mode.BRIDGED:
        expected = backend.server_name if backend.expected_name is None else backend.expected_name
        return backend.server_name, expected, backend.ca_bundle_pem
    if certificate is None or not certificate.names:
        return None, None, None
    name = certificate.names[0]
    concrete = name if name is UNKNOWN else probe_name(name)
    return concrete, concrete, certificate.ca_bundle_pem


def _path(backend: Backend) -> str:
    path = backend.health_check.path if backend.health_check else "/"
    return "/" if path is UNKNOWN else path


def _shown(value: Maybe[str | int]) -> str:
    return "?" if value is UNKNOWN else str(value)
