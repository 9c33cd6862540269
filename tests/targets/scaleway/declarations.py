"""Declarations that Scaleway can build, drawn at random; and the ones that stand for each pattern in goldens."""

from __future__ import annotations

import dataclasses
from typing import Any

from hypothesis import strategies as st

from lbpatterns.core.spec import (
    AccessAction,
    AccessRule,
    Backend,
    Frontend,
    HealthCheck,
    HealthProtocol,
    LBSpec,
    LetsEncryptCertificate,
    Mode,
    Protocol,
    Redirect,
    RequestMatch,
    RequestPart,
    Route,
    Server,
    StickinessKind,
    Timeouts,
    TLSVersion,
)
from tests.strategies import specs

_VERSIONS = (TLSVersion.TLS_1_0, TLSVersion.TLS_1_2, TLSVersion.TLS_1_3)
_NAMES = st.sampled_from(["a.example.test", "shop.example.test", "b.example.test"])
_NETWORKS = st.lists(st.sampled_from(["203.0.113.0/24", "2001:db8::/32", "198.51.100.7/32"]), max_size=2, unique=True)
_LETS_ENCRYPT = st.builds(
    LetsEncryptCertificate, common_name=_NAMES, subject_alternative_names=st.lists(_NAMES, max_size=2).map(tuple)
)


def _matches() -> st.SearchStrategy[RequestMatch]:
    values = st.lists(st.sampled_from(["/admin", "/private"]), min_size=1, max_size=2, unique=True).map(tuple)
    paths = st.sampled_from([RequestPart.PATH_PREFIX, RequestPart.PATH_SUFFIX, RequestPart.PATH_REGEX])
    by_header = st.builds(RequestMatch, kind=st.just(RequestPart.HEADER), values=values, header=st.just("X-Team"))
    return st.builds(RequestMatch, kind=paths, values=values) | by_header


def _access_rules(mode: Mode) -> st.SearchStrategy[tuple[AccessRule, ...]]:
    common: dict[str, Any] = {"networks": _NETWORKS.map(tuple), "invert": st.booleans()}
    plain = st.sampled_from([AccessAction.ALLOW, AccessAction.DENY])
    if mode is Mode.PASSTHROUGH:
        return st.lists(st.builds(AccessRule, action=plain, **common), max_size=2).map(tuple)
    redirects = st.builds(Redirect, scheme=st.just("http"), code=st.sampled_from([302, 307])) | st.builds(
        Redirect, location=st.just("https://elsewhere.example.test/{{path}}")
    )
    common["request"] = st.none() | _matches()
    one = st.builds(AccessRule, action=plain, **common) | st.builds(
        AccessRule, action=st.just(AccessAction.REDIRECT), redirect=redirects, **common
    )
    return st.lists(one, max_size=3).map(tuple)


@st.composite
def scaleway_specs(draw: st.DrawFn, mode: Mode) -> LBSpec:
    """What `tests.strategies.specs` draws, without what Scaleway cannot do and with what only it can."""
    spec = draw(specs(mode))
    named: dict[str, Backend] = {}
    for backend in spec.backends:
        named[backend.name] = _backend(backend, mode, failover=draw(st.booleans()))
    version = TLSVersion.TLS_1_2 if mode is Mode.PASSTHROUGH else draw(st.sampled_from(_VERSIONS))
    frontends = tuple(draw(_frontend(each, mode, version)) for each in spec.frontends)
    public = draw(st.booleans())
    return dataclasses.replace(
        spec,
        frontends=_redirected(frontends, wanted=draw(st.booleans())),
        backend=named[spec.backend.name],
        routes=tuple(_route(route, named[route.backend.name]) for route in spec.routes),
        access=draw(_access_rules(mode)),
        private_networks=("fr-par/one", "fr-par/two") if not public or draw(st.booleans()) else (),
        public=public,
        ipv6=public and draw(st.booleans()),
    )


def any_scaleway_spec() -> st.SearchStrategy[LBSpec]:
    """A load balancer of any mode."""
    return st.one_of([scaleway_specs(mode) for mode in Mode])


@st.composite
def _frontend(draw: st.DrawFn, frontend: Frontend, mode: Mode, version: TLSVersion) -> Frontend:
    fields: dict[str, Any] = {
        "redirect_http_port": None,
        "access_logs": draw(st.booleans()),
        "connection_rate_limit": draw(st.none() | st.integers(1, 10_000)),
    }
    if mode is not Mode.PASSTHROUGH:
        issued = tuple(draw(st.lists(_LETS_ENCRYPT, max_size=1)))
        fields |= {
            "http3": draw(st.booleans()),
            "minimum_tls_version": version,
            "certificates": (*frontend.certificates, *issued),
        }
    return dataclasses.replace(frontend, **fields)


def _redirected(frontends: tuple[Frontend, ...], *, wanted: bool) -> tuple[Frontend, ...]:
    """The first on 443 with its redirect, the others on ports that clash with neither."""
    if not wanted:
        return frontends
    moved = (dataclasses.replace(each, port=20_000 + number) for number, each in enumerate(frontends[1:]))
    return (dataclasses.replace(frontends[0], port=443, redirect_http_port=80), *moved)


def _backend(backend: Backend, mode: Mode, *, failover: bool) -> Backend:
    stream = backend.protocol is Protocol.TCP
    stickiness, timeouts = backend.stickiness, backend.timeouts
    if stickiness is not None and stickiness.kind is StickinessKind.COOKIE and stickiness.cookie_name is None:
        stickiness = dataclasses.replace(stickiness, cookie_name="lbpatterns")
    return dataclasses.replace(
        backend,
        servers=tuple(
            Server(address=f"10.0.0.{number}", certificate=server.certificate)
            for number, server in enumerate(backend.servers)
        ),
        stickiness=stickiness,
        ca_bundle_pem=None,
        expected_name=None,
        client_certificate=None,
        minimum_tls_version=TLSVersion.TLS_1_2,
        timeouts=Timeouts(
            connect=timeouts.connect or 5.0,
            request=60.0 if stream else timeouts.request or 60.0,
            idle=timeouts.idle or 300.0,
        ),
        health_check=_health_check(backend),
        failover_host="shop.s3-website.fr-par.scw.cloud" if failover and not stream else None,
    )


def _health_check(backend: Backend) -> HealthCheck:
    check = backend.health_check or HealthCheck(protocol=HealthProtocol.TCP)
    code = (check.statuses or ((200, 399),))[0][0]
    assert isinstance(check.interval, float)
    assert isinstance(check.timeout, float)
    return dataclasses.replace(
        check,
        port=None if check.port == backend.port else check.port,
        interval=round(check.interval + 1, 3),
        timeout=round(check.timeout + 1, 3),
        healthy_after=2,
        statuses=None if code == 200 or check.protocol is HealthProtocol.TCP else ((code, code),),
    )


def _route(route: Route, backend: Backend) -> Route:
    both = route.host is not None and route.path_prefix is not None
    return dataclasses.replace(route, backend=backend, path_prefix=None if both else route.path_prefix)
