"""What a user writes: the arguments of the three components.

What cannot be right in a mode does not exist in its arguments. Durations are seconds, ports 1 to 65535, certificates
PEM text. Fields typed `Input` take a Pulumi Output as well as a plain value; models may be given as dictionaries.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from lbpatterns.components.access_args import AccessRuleArgs, NetworkAccessRuleArgs
from lbpatterns.components.backend_args import (
    AnyStickiness,
    BalancingWord,
    BridgedBackendArgs,
    FrontendCertificate,
    HealthCheckArgs,
    OffloadedBackendArgs,
    PassthroughBackendArgs,
    ProxyProtocolWord,
    SourceAddressStickinessArgs,
    TimeoutsArgs,
    TLSVersionWord,
)
from lbpatterns.components.lift import ArgsModel, Count, Many, Name, Path, Port, Text
from lbpatterns.components.outputs import opened
from lbpatterns.core.spec import Mode

UnknownServerNameWord = Literal["close", "default-backend"]


class RuleExceptionArgs(ArgsModel):
    """A rule that is waived for a time, with the reason. `expires` is the last day on which it counts."""

    rule: str
    reason: str
    expires: date


class NetworkArgs(ArgsModel):
    """Where the load balancer stands.

    `trusted` are networks (CIDR) that are trusted and isolated; left out: the private address ranges. `private` are
    the target's own ids of private networks that it is attached to. `public=False`: it has no public address;
    `ipv6=True`: it has an IPv6 address beside the IPv4 one.
    """

    trusted: Many[Text] | None = None
    private: Many[Text] = ()
    public: bool = True
    ipv6: bool = False


class _AnyFrontendArgs(ArgsModel):
    """What every frontend has. `redirect_http` answers on `redirect_http_port` with a redirect to HTTPS.

    `connection_rate_limit` is in new connections a second. `access_logs` go where the target keeps them.
    """

    port: Port = 443
    redirect_http: bool = False
    redirect_http_port: Port = 80
    connection_rate_limit: Count | None = None
    access_logs: bool = False


class FrontendArgs(_AnyFrontendArgs):
    """A port on which the load balancer ends the clients' TLS.

    With several certificates the client's SNI chooses by the names in them; the first answers where none fits.
    `http3` also answers over QUIC.
    """

    certificates: Many[FrontendCertificate] = ()
    minimum_tls_version: TLSVersionWord = "1.2"
    http3: bool = False


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
    access: Many[AccessRuleArgs] = ()
    stickiness: AnyStickiness | None = None


class BridgedLBArgs(_AnyLBArgs):
    """The arguments of `BridgedLB`."""

    mode = Mode.BRIDGED

    frontends: Many[FrontendArgs] = Field(min_length=1)
    backend: BridgedBackendArgs
    routes: BridgedRoutes = ()
    access: Many[AccessRuleArgs] = ()
    stickiness: AnyStickiness | None = None


class PassthroughLBArgs(_AnyLBArgs):
    """The arguments of `PassthroughLB`."""

    mode = Mode.PASSTHROUGH

    frontends: Many[PassthroughFrontendArgs] = Field(min_length=1)
    backend: PassthroughBackendArgs
    routes: Many[SNIRouteArgs] = ()
    access: Many[NetworkAccessRuleArgs] = ()
    stickiness: SourceAddressStickinessArgs | None = None
