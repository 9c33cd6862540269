"""What a user writes about a backend: its servers, how they are spoken to, checked and chosen."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pulumi
from pydantic import BeforeValidator, Discriminator, Field, Tag

from lbpatterns.components.lift import (
    Address,
    ArgsModel,
    CookieName,
    Count,
    HostName,
    Many,
    Name,
    Path,
    Port,
    Resources,
    Seconds,
    Text,
)
from lbpatterns.core.spec import Mode

BalancingWord = Literal["round-robin", "least-connections"]
HealthProtocolWord = Literal["http", "https", "tcp"]
ProxyProtocolWord = Literal["none", "v1", "v2"]
TLSVersionWord = Literal["1.2", "1.3"]  # older ones are no choice for anything new (RFC 8996)


class PemCertificateArgs(ArgsModel):
    """A certificate that the load balancer presents: the private key and the chain, leaf first, in one PEM text.

    `ca_bundle_pem` is what your clients verify it against; leave it out for a publicly trusted certificate.
    """

    private_key_and_chain_pem: Text = Field(repr=False)
    ca_bundle_pem: Text | None = None


class LetsEncryptCertificateArgs(ArgsModel):
    """A certificate that the target obtains from Let's Encrypt and renews, for targets that can.

    Every name has to resolve to the load balancer's address before: `created_after` takes the DNS records (Pulumi
    resources) that see to that. No wildcards: the names are proven over HTTP.
    """

    common_name: HostName
    subject_alternative_names: Many[HostName] = ()
    created_after: Resources = ()


def _kind_of_certificate(value: Any) -> str:
    given = value if isinstance(value, dict) else getattr(type(value), "model_fields", {})
    return "lets-encrypt" if given.keys() & LetsEncryptCertificateArgs.model_fields.keys() else "pem-text"


if TYPE_CHECKING:
    FrontendCertificate = PemCertificateArgs | LetsEncryptCertificateArgs
else:
    FrontendCertificate = Annotated[
        Annotated[PemCertificateArgs, Tag("pem-text")] | Annotated[LetsEncryptCertificateArgs, Tag("lets-encrypt")],
        Discriminator(_kind_of_certificate),
    ]


class ServerCertificateArgs(ArgsModel):
    """The certificate that the servers hold: the names in it, and the CA that issued it (left out: a public one).

    `renewed_by` names what renews it, `cert-manager` for instance.
    """

    names: Many[Name]
    ca_bundle_pem: Text | None = None
    renewed_by: str | None = None


class InsecureSkip(ArgsModel):
    """The decision not to verify the servers' certificates: why, and the last day on which that counts."""

    reason: str
    until: date


class CookieStickinessArgs(ArgsModel):
    """A client stays on its server by a cookie that the load balancer sets."""

    kind: Literal["cookie"] = "cookie"
    cookie_name: CookieName = "lbpatterns"


class SourceAddressStickinessArgs(ArgsModel):
    """A client stays on its server by its address."""

    kind: Literal["source-address"] = "source-address"


_Status = Annotated[int, Field(ge=100, le=599)]


class HealthCheckArgs(ArgsModel):
    """How servers are checked. What is left out follows from the mode.

    `protocol`: http when offloaded, https when bridged, tcp when passed through. `host` is the Host header (bridged:
    the server name). `port` is the backend's unless given. `statuses` are ranges of healthy HTTP statuses, both ends
    included; left out, the target says which (Envoy 200 to 399, Scaleway 200).
    """

    protocol: HealthProtocolWord | None = None
    path: Path = "/"
    host: Name | None = None
    port: Port | None = None
    interval: Seconds = 5.0
    timeout: Seconds = 3.0
    healthy_after: Count = 2
    unhealthy_after: Count = 3
    statuses: Many[tuple[_Status, _Status]] | None = None


class TimeoutsArgs(ArgsModel):
    """Seconds. `connect`: to a server; `request`: a whole request; `idle`: a connection on which nothing moves."""

    connect: Seconds = 5.0
    request: Seconds = 60.0
    idle: Seconds = 300.0


class ServerArgs(ArgsModel):
    """One server. `port` only where it differs from the backend's; `certificate` (passthrough) the same."""

    address: Address
    port: Port | None = None


class PassthroughServerArgs(ServerArgs):
    """One server behind a passthrough load balancer, with a certificate of its own where it differs."""

    certificate: ServerCertificateArgs | None = None


def _as_server(value: Any) -> Any:
    return {"address": value} if isinstance(value, str | pulumi.Output) else value


def _as_list(value: Any) -> Any:
    # An Output of a list has no length before it is known, and the number of servers shapes the resources.
    if isinstance(value, pulumi.Output):
        raise ValueError("a list is needed here; its items may be Outputs, the list itself may not")
    return value


AnyStickiness = Annotated[CookieStickinessArgs | SourceAddressStickinessArgs, Field(discriminator="kind")]
if TYPE_CHECKING:
    Servers = Many[ServerArgs | pulumi.Input[str]]
    PassthroughServers = Many[PassthroughServerArgs | pulumi.Input[str]]
else:
    Servers = Annotated[Many[Annotated[ServerArgs, BeforeValidator(_as_server)]], BeforeValidator(_as_list)]
    PassthroughServers = Annotated[
        Many[Annotated[PassthroughServerArgs, BeforeValidator(_as_server)]], BeforeValidator(_as_list)
    ]


class _AnyBackendArgs(ArgsModel):
    """What every backend has. `None` takes what the load balancer says for all its backends."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,63}$")] | None = None
    port: Port
    balancing: BalancingWord | None = None
    health_check: HealthCheckArgs | None = None
    timeouts: TimeoutsArgs | None = None
    proxy_protocol: ProxyProtocolWord | None = None


class OffloadedBackendArgs(_AnyBackendArgs):
    """Servers that are spoken to in plain HTTP. `failover_host`: of a static site, while no server is up."""

    mode = Mode.OFFLOADED
    part = "backend"

    servers: Servers = Field(min_length=1)
    stickiness: AnyStickiness | None = None
    failover_host: HostName | None = None


class BridgedBackendArgs(_AnyBackendArgs):
    """Servers that are spoken to in TLS of their own, and verified.

    `server_name` is what SNI carries to them and, unless `expected_name` differs, what their certificate must carry.
    `ca_bundle_pem` is the trust anchor; left out: the public roots. `client_certificate` is presented to the servers.
    `failover_host` is the host of a static site that answers while no server is up.
    """

    mode = Mode.BRIDGED
    part = "backend"

    servers: Servers = Field(min_length=1)
    server_name: Name
    expected_name: Name | None = None
    ca_bundle_pem: Text | None = None
    client_certificate: PemCertificateArgs | None = None
    insecure_skip_verify: InsecureSkip | None = None
    minimum_tls_version: TLSVersionWord = "1.2"
    stickiness: AnyStickiness | None = None
    failover_host: HostName | None = None


class PassthroughBackendArgs(_AnyBackendArgs):
    """Servers that end the clients' TLS themselves. `certificate` is what they are expected to present.

    `shared_sessions`: the servers share their sessions, or keep none.
    """

    mode = Mode.PASSTHROUGH
    part = "backend"

    servers: PassthroughServers = Field(min_length=1)
    certificate: ServerCertificateArgs | None = None
    shared_sessions: bool = False
    stickiness: SourceAddressStickinessArgs | None = None
