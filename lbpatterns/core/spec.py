"""What a load balancer is declared to be, in the words of no particular cloud.

An `LBSpec` can say wrong things on purpose (a passthrough frontend that holds a certificate): the constraints
have to be able to find them, also in what was read back from a cloud. A value that a preview cannot know yet is
`UNKNOWN`; it is a third answer, never a default.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum, StrEnum
from typing import Final, Literal, TypeAlias, TypeVar

T = TypeVar("T")


class Unknown(Enum):
    """The type of `UNKNOWN`, a value that exists but is not known yet."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN
Maybe: TypeAlias = T | Literal[Unknown.UNKNOWN]


class Mode(StrEnum):
    """How a load balancer treats TLS. Declared by the user, never guessed."""

    OFFLOADED = "offloaded"
    BRIDGED = "bridged"
    PASSTHROUGH = "passthrough"

    @property
    def decrypts_at(self) -> tuple[Party, ...]:
        """Who decrypts what the client sent."""
        return {
            Mode.OFFLOADED: (Party.LOAD_BALANCER,),
            Mode.BRIDGED: (Party.LOAD_BALANCER, Party.SERVER),
            Mode.PASSTHROUGH: (Party.SERVER,),
        }[self]

    @property
    def encrypted_legs(self) -> tuple[Leg, ...]:
        """The legs on which traffic is encrypted."""
        return (Leg.FRONTEND,) if self is Mode.OFFLOADED else (Leg.FRONTEND, Leg.BACKEND)


class Leg(StrEnum):
    """One of the two stretches of a connection: client to load balancer, load balancer to server."""

    FRONTEND = "frontend"
    BACKEND = "backend"


class Party(StrEnum):
    """Who holds a certificate, or decrypts."""

    LOAD_BALANCER = "load-balancer"
    SERVER = "server"


class Protocol(StrEnum):
    """What a backend forwards: parsed HTTP requests, or a stream of bytes."""

    HTTP = "http"
    TCP = "tcp"


class Balancing(StrEnum):
    """How the next server is chosen."""

    ROUND_ROBIN = "round-robin"
    LEAST_CONNECTIONS = "least-connections"


class StickinessKind(StrEnum):
    """What ties a client to a server."""

    COOKIE = "cookie"
    SOURCE_ADDRESS = "source-address"


class ProxyProtocol(StrEnum):
    """The PROXY protocol header sent to the servers, which carries the client's address."""

    NONE = "none"
    V1 = "v1"
    V2 = "v2"


class HealthProtocol(StrEnum):
    """What a health check speaks."""

    HTTP = "http"
    HTTPS = "https"
    TCP = "tcp"


class TLSVersion(StrEnum):
    """A TLS protocol version; they compare by age through `rank`."""

    TLS_1_0 = "1.0"
    TLS_1_1 = "1.1"
    TLS_1_2 = "1.2"
    TLS_1_3 = "1.3"

    @property
    def rank(self) -> int:
        """The position in time, oldest first."""
        return list(TLSVersion).index(self)


class AccessAction(StrEnum):
    """What an access rule does with what it matches."""

    ALLOW = "allow"
    DENY = "deny"
    REDIRECT = "redirect"


class RequestPart(StrEnum):
    """The part of a request that an access rule looks at."""

    PATH_PREFIX = "path-prefix"
    PATH_SUFFIX = "path-suffix"
    PATH_REGEX = "path-regex"
    HEADER = "header"


class UnknownServerName(StrEnum):
    """What a passthrough frontend does with a server name that no route names, or with none at all."""

    CLOSE = "close"
    DEFAULT_BACKEND = "default-backend"


@dataclass(frozen=True, slots=True, kw_only=True)
class PemCertificate:
    """A certificate with its private key, presented by the load balancer.

    `ca_bundle_pem` is what clients verify it against; None means the public roots.
    """

    private_key_and_chain_pem: Maybe[str] = field(repr=False)
    ca_bundle_pem: Maybe[str] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetsEncryptCertificate:
    """A certificate that the target obtains from Let's Encrypt and renews; every name must resolve to the address."""

    common_name: Maybe[str]
    subject_alternative_names: tuple[Maybe[str], ...] = ()


FrontendCertificate: TypeAlias = PemCertificate | LetsEncryptCertificate


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCertificate:
    """The certificate that the servers hold themselves: names it carries, and what it is verified against.

    `ca_bundle_pem` None means the public roots. `renewed_by` names what renews it (`cert-manager`, `certbot`, …).
    """

    names: tuple[Maybe[str], ...]
    ca_bundle_pem: Maybe[str] | None = field(default=None, repr=False)
    renewed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InsecureSkip:
    """A dated, reasoned decision not to verify the servers' certificates."""

    reason: str
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One machine behind the load balancer.

    `port` is where its process listens, None meaning the backend's port. `certificate` is its own, where it differs
    from the backend's.
    """

    address: Maybe[str]
    port: Maybe[int] | None = None
    certificate: ServerCertificate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """How the load balancer finds out whether a server is up. Durations in seconds.

    `statuses` are ranges of healthy HTTP statuses, both ends included; None is what the target takes for healthy.
    """

    protocol: HealthProtocol
    path: Maybe[str] = "/"
    host: Maybe[str] | None = None
    port: Maybe[int] | None = None
    interval: Maybe[float] = 5.0
    timeout: Maybe[float] = 3.0
    healthy_after: Maybe[int] = 2
    unhealthy_after: Maybe[int] = 3
    statuses: tuple[tuple[int, int], ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stickiness:
    """What keeps a client on the same server. `cookie_name` only with cookies."""

    kind: StickinessKind
    cookie_name: Maybe[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds. `request` is the whole of a request (0: none); `idle` closes a silent connection."""

    connect: Maybe[float] = 5.0
    request: Maybe[float] = 60.0
    idle: Maybe[float] = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """A set of servers, and how they are spoken to.

    `tls` is TLS towards the servers. `server_name` is what SNI carries to them, `expected_name` what their
    certificate must carry (None: the server name). `ca_bundle_pem` None means the public roots. `failover_host` is the
    host of a static site that answers while no server is up.
    """

    name: str = "default"
    servers: tuple[Server, ...]
    port: Maybe[int]
    protocol: Protocol
    tls: Maybe[bool] = False
    server_name: Maybe[str] | None = None
    expected_name: Maybe[str] | None = None
    ca_bundle_pem: Maybe[str] | None = field(default=None, repr=False)
    verify_server_certificate: bool = True
    insecure_skip_verify: InsecureSkip | None = None
    client_certificate: PemCertificate | None = None
    minimum_tls_version: TLSVersion = TLSVersion.TLS_1_2
    server_certificate: ServerCertificate | None = None
    balancing: Balancing = Balancing.ROUND_ROBIN
    stickiness: Stickiness | None = None
    shared_sessions: bool = False
    health_check: HealthCheck | None = None
    timeouts: Timeouts = Timeouts()
    proxy_protocol: ProxyProtocol = ProxyProtocol.NONE
    failover_host: Maybe[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontend:
    """A port on which clients are answered.

    `redirect_http_port` is a second port that answers plain HTTP with a redirect to this one; None: none.
    The certificate is chosen by the client's SNI; the first one answers where no name fits. `connection_rate_limit` is
    in new connections a second (None: no limit).
    """

    port: Maybe[int]
    certificates: tuple[FrontendCertificate, ...] = ()
    redirect_http_port: Maybe[int] | None = None
    minimum_tls_version: TLSVersion = TLSVersion.TLS_1_2
    unknown_server_name: UnknownServerName = UnknownServerName.CLOSE
    http3: bool = False
    connection_rate_limit: Maybe[int] | None = None
    access_logs: bool = False

    @property
    def pem_certificates(self) -> tuple[PemCertificate, ...]:
        """The certificates that were given as PEM text."""
        return tuple(held for held in self.certificates if isinstance(held, PemCertificate))


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestMatch:
    """What a request must look like: one of `values` of its `kind`; `header` names the header where that is it."""

    kind: RequestPart
    values: tuple[Maybe[str], ...]
    header: Maybe[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """Where a request is sent: another `scheme` of the same place, or a `location`. `code` is an HTTP status."""

    scheme: Maybe[str] | None = None
    location: Maybe[str] | None = None
    code: Maybe[int] = 301


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRule:
    """Who may come in. The first rule that matches decides; what none matches is let in.

    `networks` (CIDR, none: everybody) are the clients' addresses, `request` needs layer 7, and both have to match.
    `invert` turns the match round. `redirect` belongs to the action of that name.
    """

    action: AccessAction
    networks: tuple[Maybe[str], ...] = ()
    request: RequestMatch | None = None
    invert: bool = False
    redirect: Redirect | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where part of the traffic goes. `host` and `path_prefix` need layer 7; `server_names` is SNI."""

    backend: Backend
    host: Maybe[str] | None = None
    path_prefix: Maybe[str] | None = None
    server_names: tuple[Maybe[str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleException:
    """A rule that is waived, on purpose, for a time. It stays visible in every report."""

    rule: str
    reason: str
    expires: date


# RFC 1918, RFC 4193, loopback and link-local: addresses that no public network routes.
PRIVATE_NETWORKS: Final = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "fc00::/7",
    "::1/128",
    "fe80::/10",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LBSpec:
    """One load balancer. `trusted_networks` (CIDR) is where cleartext towards servers may travel.

    `private_networks` are those it is attached to, by the target's own ids. `public` false: it has no public address;
    `ipv6`: it has an IPv6 address beside the IPv4 one.
    """

    name: str
    mode: Mode
    frontends: tuple[Frontend, ...]
    backend: Backend
    routes: tuple[Route, ...] = ()
    access: tuple[AccessRule, ...] = ()
    trusted_networks: tuple[Maybe[str], ...] = PRIVATE_NETWORKS
    private_networks: tuple[Maybe[str], ...] = ()
    public: bool = True
    ipv6: bool = False
    exceptions: tuple[RuleException, ...] = ()

    @property
    def backends(self) -> tuple[Backend, ...]:
        """The default backend, then those of the routes, each once."""
        return tuple(dict.fromkeys((self.backend, *(route.backend for route in self.routes))))

    def backend_places(self) -> tuple[tuple[str, Backend], ...]:
        """Every backend with its place in the declaration (`backend`, `routes[0].backend`), for messages."""
        routed = ((f"routes[{index}].backend", route.backend) for index, route in enumerate(self.routes))
        return (("backend", self.backend), *routed)
