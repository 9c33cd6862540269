"""What a user writes: the arguments of the three components.

What cannot be right in a mode does not exist in its arguments. Durations are seconds, ports 1 to 65535, certificates
PEM text. Fields typed `Input` take a Pulumi Output as well as a plain value; models may be given as dictionaries.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pulumi
from pydantic import BeforeValidator, Field, model_validator

from lbpatterns.components.lift import Address, ArgsModel, Count, Many, Name, Path, Port, Seconds, Text
from lbpatterns.components.outputs import opened
from lbpatterns.core.spec import Mode

BalancingWord = Literal["round-robin", "least-connections"]
HealthProtocolWord = Literal["http", "https", "tcp"]
ProxyProtocolWord = Literal["none", "v1", "v2"]
TLSVersionWord = Literal["1.2", "1.3"]  # older ones are no choice for anything new (RFC 8996)
UnknownServerNameWord = Literal["close", "default-backend"]


class PemCertificateArgs(ArgsModel):
    """A certificate that the load balancer presents: the private key and the chain, leaf first, in one PEM text.

    `ca_bundle_pem` is what your clients verify it against; leave it out for a publicly trusted certificate.
    """

    private_key_and_chain_pem: Text = Field(repr=False)
    ca_bundle_pem: Text | None = None


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
    cookie_name: Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")] = "lbpatterns"


class SourceAddressStickinessArgs(ArgsModel):
    """A client stays on its server by its address."""

    kind: Literal["source-address"] = "source-address"


_Status = Annotated[int, Field(ge=100, le=599)]


class HealthCheckArgs(ArgsModel):
    """How servers are checked. What is left out follows from the mode.

    `protocol`: http when offloaded, https when bridged, tcp when passed through. `host` is the Host header (bridged:
    the server name). `port` is the backend's unless given. `statuses` are ranges of HTTP statuses, both ends included.
    """

    protocol: HealthProtocolWord | None = None
    path: Path = "/"
    host: Name | None = None
    port: Port | None = None
    interval: Seconds = 5.0
    timeout: Seconds = 3.0
    healthy_after: Count = 2
    unhealthy_after: Count = 3
    statuses: Many[tuple[_Status, _Status]] = ((200, 399),)


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


class RuleExceptionArgs(ArgsModel):
    """A rule that is waived for a time, with the reason. `expires` is the last day on which it counts."""

    rule: str
    reason: str
    expires: date


class NetworkArgs(ArgsModel):
    """Networks (CIDR) that are trusted and isolated; left out: the private address ranges."""

    trusted: Many[Text] | None = None


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
    """Servers that are spoken to in plain HTTP."""

    mode = Mode.OFFLOADED
    part = "backend"

    servers: Servers = Field(min_length=1)
    stickiness: AnyStickiness | None = None


class BridgedBackendArgs(_AnyBackendArgs):
    """Servers that are spoken to in TLS of their own, and verified.

    `server_name` is what SNI carries to them and, unless `expected_name` differs, what their certificate must carry.
    `ca_bundle_pem` is the trust anchor; left out: the public roots. `client_certificate` is presented to the servers.
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


class _AnyFrontendArgs(ArgsModel):
    """What every frontend has. `redirect_http` answers on `redirect_http_port` with a redirect to HTTPS."""

    port: Port = 443
    redirect_http: bool = False
    redirect_http_port: Port = 80


class FrontendArgs(_AnyFrontendArgs):
    """A port on which the load balancer ends the clients' TLS.

    With several certificates the client's SNI chooses by the names in them; the first answers where none fits.
    """

    certificates: Many[PemCertificateArgs] = ()
    minimum_tls_version: TLSVersionWord = "1.2"


class PassthroughFrontendArgs(_AnyFrontendArgs):
    """A port whose connections are handed on untouched.

    `unknown_server_name`: what happens to a server name that no route and no declared certificate names.
    """

    mode = Mode.PASSTHROUGH
    part = "frontends"

    unknown_server_name: UnknownServerNameWord = "close"


if TYPE_CHECKING:
    HTTPBackend = OffloadedBackendArgs | BridgedBackendArgs
else:
    HTTPBackend = Any  # read by the load balancer, which knows the mode


class _AnyHTTPRouteArgs(ArgsModel):
    """What decides: a host, a path prefix, or both. The prefix ends on a path segment."""

    host: Name | None = None
    path_prefix: Path | None = None


class HTTPRouteArgs(_AnyHTTPRouteArgs):
    """Requests for a host, a path prefix, or both, and the backend of the load balancer's own mode that gets them."""

    backend: HTTPBackend


class _OffloadedRouteArgs(_AnyHTTPRouteArgs):
    """A route as an `OffloadedLB` reads it."""

    mode = Mode.OFFLOADED
    part = "routes"

    backend: OffloadedBackendArgs


class _BridgedRouteArgs(_AnyHTTPRouteArgs):
    """A route as a `BridgedLB` reads it."""

    mode = Mode.BRIDGED
    part = "routes"

    backend: BridgedBackendArgs


if TYPE_CHECKING:
    OffloadedRoutes = Many[HTTPRouteArgs]
    BridgedRoutes = Many[HTTPRouteArgs]
else:
    OffloadedRoutes = Many[_OffloadedRouteArgs]
    BridgedRoutes = Many[_BridgedRouteArgs]


class SNIRouteArgs(ArgsModel):
    """Connections for some server names (SNI); a leading `*.` stands for any labels."""

    mode = Mode.PASSTHROUGH
    part = "routes"

    server_names: Many[Name] = Field(min_length=1)
    backend: PassthroughBackendArgs


class _AnyLBArgs(ArgsModel):
    """What every load balancer has; the first five are the defaults of all its backends."""

    balancing: BalancingWord = "round-robin"
    health_check: HealthCheckArgs = HealthCheckArgs()
    timeouts: TimeoutsArgs = TimeoutsArgs()
    proxy_protocol: ProxyProtocolWord = "none"
    network: NetworkArgs = NetworkArgs()
    exceptions: Many[RuleExceptionArgs] = ()
    target: Any = None

    @model_validator(mode="before")
    @classmethod
    def _open_models(cls, given: Any) -> Any:
        """Models of another mode become dictionaries, so that each of their arguments is answered by name."""
        return {name: value if name == "target" else opened(value) for name, value in given.items()}


class OffloadedLBArgs(_AnyLBArgs):
    """The arguments of `OffloadedLB`."""

    mode = Mode.OFFLOADED

    frontends: Many[FrontendArgs] = Field(min_length=1)
    backend: OffloadedBackendArgs
    routes: OffloadedRoutes = ()
    stickiness: AnyStickiness | None = None


class BridgedLBArgs(_AnyLBArgs):
    """The arguments of `BridgedLB`."""

    mode = Mode.BRIDGED

    frontends: Many[FrontendArgs] = Field(min_length=1)
    backend: BridgedBackendArgs
    routes: BridgedRoutes = ()
    stickiness: AnyStickiness | None = None


class PassthroughLBArgs(_AnyLBArgs):
    """The arguments of `PassthroughLB`."""

    mode = Mode.PASSTHROUGH

    frontends: Many[PassthroughFrontendArgs] = Field(min_length=1)
    backend: PassthroughBackendArgs
    routes: Many[SNIRouteArgs] = ()
    stickiness: SourceAddressStickinessArgs | None = None
