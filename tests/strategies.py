"""Declarations that are right, drawn at random by Hypothesis: every one can be built, whatever it asks for.

`specs(mode)` draws what a target that can do everything has to build. Names are in lower case and addresses canonical,
as they come back from a target.
"""

from __future__ import annotations

import string
from datetime import date
from functools import cache
from typing import Any

from hypothesis import strategies as st

from lbpatterns.core.spec import (
    PRIVATE_NETWORKS,
    Backend,
    Balancing,
    Frontend,
    HealthCheck,
    HealthProtocol,
    InsecureSkip,
    LBSpec,
    Mode,
    PemCertificate,
    Protocol,
    ProxyProtocol,
    Route,
    RuleException,
    Server,
    ServerCertificate,
    Stickiness,
    StickinessKind,
    Timeouts,
    TLSVersion,
    UnknownServerName,
)
from lbpatterns.pki import Authority


@cache
def anchors() -> tuple[str, ...]:
    """Trust anchors, real ones, made once a process."""
    return tuple(Authority(name).certificate_pem for name in ("First CA", "Second CA"))


@cache
def key_and_chain_pems() -> tuple[str, ...]:
    """Certificates with their private keys, real ones: the key first, last, and between leaf and intermediate."""
    issuer = Authority("Root CA").intermediate()
    first, last, between = (issuer.issue([f"{name}.example.test"]) for name in ("first", "last", "between"))
    leaf = between.certificate_pem
    return (
        first.private_key_and_chain_pem,
        last.chain_pem + last.private_key_pem,
        leaf + between.private_key_pem + between.chain_pem.removeprefix(leaf),
    )


def _seconds(least: float, most: float) -> st.SearchStrategy[float]:
    return st.integers(round(least * 1000), round(most * 1000)).map(lambda count: count / 1000)


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


_LABELS = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=8)
_NAMES = st.lists(_LABELS, min_size=2, max_size=4).map(lambda labels: ".".join([*labels, "test"]))
_NAMES_OR_WILDCARDS = _NAMES | _NAMES.map(lambda name: f"*.{name}")
_SHORT_NAMES = _LABELS.map(lambda label: f"{label}.internal")
_PORTS = st.integers(1, 65535)
_IP4 = st.ip_addresses(v=4).map(str)
_IP6 = st.ip_addresses(v=6).filter(lambda address: not getattr(address, "scope_id", None)).map(str)
_ADDRESSES = _IP4 | _IP6 | _NAMES
_SENTENCES = st.text(min_size=1, max_size=20)
_PATHS = st.lists(_LABELS, max_size=3).map(lambda parts: "/" + "/".join(parts))
_PREFIXES = _PATHS | _PATHS.filter(lambda path: path != "/").map(lambda path: f"{path}/")
_VERSIONS = st.sampled_from(TLSVersion)
_DATES = st.dates(date(2026, 1, 1), date(2030, 12, 31))


def pem_certificates() -> st.SearchStrategy[PemCertificate]:
    """Certificates that the load balancer presents."""
    return st.builds(
        PemCertificate,
        private_key_and_chain_pem=st.sampled_from(key_and_chain_pems()),
        ca_bundle_pem=_maybe(st.sampled_from(anchors())),
    )


def server_certificates() -> st.SearchStrategy[ServerCertificate]:
    """Certificates that servers hold; at least one name."""
    return st.builds(
        ServerCertificate,
        names=st.lists(_NAMES_OR_WILDCARDS, min_size=1, max_size=3, unique=True).map(tuple),
        ca_bundle_pem=st.sampled_from(anchors()),
        renewed_by=_maybe(st.sampled_from(["cert-manager", "certbot"])),
    )


def _servers(certificates: st.SearchStrategy[ServerCertificate | None]) -> st.SearchStrategy[tuple[Server, ...]]:
    one = st.builds(Server, address=_ADDRESSES, port=_maybe(_PORTS), certificate=certificates)
    return st.lists(one, min_size=1, max_size=3).map(tuple)


def _timeouts(request: st.SearchStrategy[float]) -> st.SearchStrategy[Timeouts]:
    longer = st.just(0.0) | _seconds(0.001, 7200)
    return st.builds(Timeouts, connect=_seconds(0.001, 60), request=request, idle=longer)


def _health_checks(*protocols: HealthProtocol) -> st.SearchStrategy[HealthCheck | None]:
    span = st.tuples(st.integers(100, 599), st.integers(100, 599)).map(lambda pair: (min(pair), max(pair)))
    rhythm: dict[str, st.SearchStrategy[Any]] = {
        "port": _maybe(_PORTS),
        "interval": _seconds(0.001, 300),
        "timeout": _seconds(0.001, 60),
        "healthy_after": st.integers(1, 10),
        "unhealthy_after": st.integers(1, 10),
    }
    http = st.builds(
        HealthCheck,
        protocol=st.sampled_from([protocol for protocol in protocols if protocol is not HealthProtocol.TCP]),
        path=_PATHS,
        host=_maybe(_NAMES),
        statuses=st.lists(span, min_size=1, max_size=3).map(tuple),
        **rhythm,
    )
    return st.none() | st.builds(HealthCheck, protocol=st.just(HealthProtocol.TCP), **rhythm) | http


def _ties(*kinds: StickinessKind) -> st.SearchStrategy[dict[str, Any]]:
    """Balancing and stickiness together: a source address leaves no choice to any other balancing."""
    free = st.fixed_dictionaries({"balancing": st.sampled_from(Balancing)})
    source = st.just({"stickiness": Stickiness(kind=StickinessKind.SOURCE_ADDRESS)})
    named = _maybe(_LABELS | st.just("lbpatterns-server"))
    cookie = st.builds(Stickiness, kind=st.just(StickinessKind.COOKIE), cookie_name=named)
    with_cookie = st.fixed_dictionaries({"balancing": st.sampled_from(Balancing), "stickiness": cookie})
    return free | source | with_cookie if StickinessKind.COOKIE in kinds else free | source


@st.composite
def _backends(draw: st.DrawFn, mode: Mode, name: str) -> Backend:
    passthrough = mode is Mode.PASSTHROUGH
    certificates = st.none() if mode is Mode.OFFLOADED else _maybe(server_certificates())
    fields: dict[str, Any] = {
        "name": name,
        "port": draw(_PORTS),
        "protocol": Protocol.TCP if passthrough else Protocol.HTTP,
        "servers": draw(_servers(certificates)),
        "server_certificate": draw(certificates),
        "shared_sessions": draw(st.booleans()),
        "proxy_protocol": draw(st.sampled_from(ProxyProtocol)),
        "timeouts": draw(
            _timeouts(st.sampled_from([0.0, 60.0]) if passthrough else st.just(0.0) | _seconds(0.001, 600))
        ),
        **draw(_ties(*([] if passthrough else [StickinessKind.COOKIE]))),
    }
    if mode is Mode.BRIDGED:
        fields |= draw(_identities())
    # HTTPS needs to know whom to ask for.
    checked_over_tls = mode is Mode.BRIDGED or (passthrough and fields["server_certificate"] is not None)
    protocols = [HealthProtocol.HTTP, *([HealthProtocol.HTTPS] if checked_over_tls else [])]
    return Backend(**fields, health_check=draw(_health_checks(*protocols)))


@st.composite
def _identities(draw: st.DrawFn) -> dict[str, Any]:
    skip = draw(st.none() | st.builds(InsecureSkip, reason=_SENTENCES, until=_DATES))
    server_name = draw(_maybe(_NAMES | _SHORT_NAMES))
    other = _NAMES | _SHORT_NAMES | _IP4 | _IP6
    if server_name is None and skip is None:
        expected = draw(other)
    else:
        expected = draw(_maybe(other if server_name is None else other | st.just(server_name)))
    return {
        "tls": True,
        "server_name": server_name,
        "expected_name": expected,
        "ca_bundle_pem": draw(st.sampled_from(anchors())),
        "verify_server_certificate": skip is None,
        "insecure_skip_verify": skip,
        "client_certificate": draw(_maybe(pem_certificates())),
        "minimum_tls_version": draw(_VERSIONS),
    }


def _are_right(ports: list[int], mode: Mode) -> bool:
    """Port 80 is for plain HTTP: a certificate there answers nobody. Every other one is that of a redirect."""
    return mode is Mode.PASSTHROUGH or 80 not in ports[::2]


@st.composite
def _frontends(draw: st.DrawFn, mode: Mode) -> tuple[Frontend, ...]:
    ports = draw(st.lists(_PORTS, min_size=2, max_size=4, unique=True).filter(lambda drawn: _are_right(drawn, mode)))
    pairs = zip(ports[::2], ports[1::2], strict=False)
    frontends = []
    for port, redirect_port in pairs:
        fields: dict[str, Any] = {"port": port, "redirect_http_port": draw(st.sampled_from([None, redirect_port]))}
        if mode is Mode.PASSTHROUGH:
            fields["unknown_server_name"] = draw(st.sampled_from(UnknownServerName))
        else:
            fields["minimum_tls_version"] = draw(_VERSIONS)
            fields["certificates"] = tuple(draw(st.lists(pem_certificates(), min_size=1, max_size=3, unique=True)))
        frontends.append(Frontend(**fields))
    return tuple(frontends)


@st.composite
def _routes(draw: st.DrawFn, mode: Mode, default: Backend) -> tuple[Route, ...]:
    count = draw(st.integers(0, 3))
    backends = [default, draw(_backends(mode, "first route")), draw(_backends(mode, "second-route"))] if count else []
    chosen = [draw(st.sampled_from(backends)) for _ in range(count)]
    if mode is Mode.PASSTHROUGH:
        names = draw(st.lists(_NAMES_OR_WILDCARDS, min_size=count, max_size=3 * count, unique=True))
        return tuple(Route(backend=one, server_names=tuple(names[index::count])) for index, one in enumerate(chosen))
    places = st.tuples(_maybe(_NAMES_OR_WILDCARDS), _maybe(_PREFIXES))
    specific = places.filter(lambda place: place[0] is not None or place[1] not in {None, "/"})
    distinct = draw(
        st.lists(specific, min_size=count, max_size=count, unique_by=lambda place: (place[0], place[1] or "/"))
    )
    return tuple(
        Route(backend=one, host=host, path_prefix=path) for one, (host, path) in zip(chosen, distinct, strict=True)
    )


@st.composite
def specs(draw: st.DrawFn, mode: Mode) -> LBSpec:
    """Load balancers of one mode."""
    backend = draw(_backends(mode, draw(st.sampled_from(["default", "shop/eu", "ünïcode"]))))
    waived = st.builds(RuleException, rule=_LABELS, reason=_SENTENCES, expires=_DATES)
    return LBSpec(
        name=draw(_LABELS),
        mode=mode,
        frontends=draw(_frontends(mode)),
        backend=backend,
        routes=draw(_routes(mode, backend)),
        trusted_networks=draw(st.sampled_from([PRIVATE_NETWORKS, ("203.0.113.0/24",), ()])),
        exceptions=tuple(draw(st.lists(waived, max_size=2))),
    )


def offloaded_specs() -> st.SearchStrategy[LBSpec]:
    """Load balancers that decrypt, and speak plain HTTP to their servers."""
    return specs(Mode.OFFLOADED)


def bridged_specs() -> st.SearchStrategy[LBSpec]:
    """Load balancers that decrypt, and encrypt again towards their servers."""
    return specs(Mode.BRIDGED)


def passthrough_specs() -> st.SearchStrategy[LBSpec]:
    """Load balancers that leave what clients encrypt to their servers."""
    return specs(Mode.PASSTHROUGH)
