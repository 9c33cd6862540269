"""A certificate behind a passthrough load balancer is not for names that go to another backend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, unknown, violated
from lbpatterns.core.examples import PASSTHROUGH, SERVER_CERTIFICATE, with_backend
from lbpatterns.core.names import carries
from lbpatterns.core.sources import rfc
from lbpatterns.core.spec import UNKNOWN, Backend, LBSpec, Maybe, Mode, Route

_SHOP = with_backend(PASSTHROUGH, server_certificate=replace(SERVER_CERTIFICATE, names=("shop.example.test",)))
_WILD = with_backend(PASSTHROUGH, server_certificate=replace(SERVER_CERTIFICATE, names=("*.example.test",)))
_BLOG = replace(PASSTHROUGH.backend, name="blog", server_certificate=replace(SERVER_CERTIFICATE, names=("blog.test",)))


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for place, backend in spec.backend_places():
        certificate = backend.server_certificate
        for index, name in enumerate(() if certificate is None else certificate.names):
            yield from _against(spec, backend, name, f"{place}.certificate.names[{index}]")


def _against(spec: LBSpec, backend: Backend, held: Maybe[str], where: str) -> Iterator[Found]:
    elsewhere = [name for route in spec.routes if route.backend != backend for name in route.server_names]
    if elsewhere and held is UNKNOWN:
        yield unknown(where)
        return
    for name in elsewhere:
        if name is UNKNOWN:
            yield unknown(where)
        elif held is not UNKNOWN and carries(held, name):
            yield violated(where, f"{held!r} is also a certificate for {name!r}, which goes to another backend")


def _routed(spec: LBSpec, name: Maybe[str]) -> LBSpec:
    return replace(spec, routes=(Route(backend=_BLOG, server_names=(name,)),))


CONSTRAINT = Constraint(
    id="passthrough-certificate-is-for-its-own-names",
    title="A certificate behind a passthrough load balancer is not for names that go to another backend.",
    why="A browser sends requests for every name that a certificate carries over a connection that it has already; "
    "only the first name of a connection is routed by, so the others reach the wrong servers.",
    fix="Issue each backend a certificate for its own names alone, without a wildcard over the others' (`names`).",
    symptom="A page of one site comes from the servers of another, or as 421 or 404, and only in browsers that speak "
    "HTTP/2 and have visited both.",
    source=rfc(9113, "9.1.1", "HTTP/2", "a connection may be used again for every name that its certificate carries"),
    binding=Binding.ADVISED,
    modes=frozenset({Mode.PASSTHROUGH}),
    check=_check,
    holds=(_routed(_SHOP, "blog.test"),),
    fails=(_routed(_WILD, "blog.example.test"),),
    open=(_routed(_WILD, UNKNOWN),),
    not_applicable=(PASSTHROUGH, _WILD),
    needs_declaration=True,
)
