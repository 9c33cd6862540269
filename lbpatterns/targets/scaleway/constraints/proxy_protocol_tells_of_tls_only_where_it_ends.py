"""The PROXY protocol carries what a client said in TLS only where TLS ends at the load balancer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found, Severity
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import UNKNOWN, Maybe, Mode
from lbpatterns.targets.scaleway.constraints._answers import answer
from lbpatterns.targets.scaleway.defaults import all_of, any_of, opposite, place, text
from lbpatterns.targets.scaleway.examples import LOOSE_BRIDGED, LOOSE_PASSTHROUGH, with_backend, with_frontend
from lbpatterns.targets.scaleway.modes import holds_certificate, pairs
from lbpatterns.targets.scaleway.words import ScalewayConfiguration

_TELLS = with_backend(LOOSE_PASSTHROUGH, proxy_protocol="v2_ssl", health_check_send_proxy=True)


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    by_backend: dict[str | None, list[Maybe[bool]]] = {}
    for pair in pairs(configuration):
        held = UNKNOWN if pair.frontend_words is None else holds_certificate(pair.frontend_words)
        by_backend.setdefault(pair.backend, []).append(held)
    for key, words in configuration.backends.items():
        version = text("backends", words, "proxy_protocol")
        asked = UNKNOWN if version is UNKNOWN else version in {"v2_ssl", "v2_ssl_cn"}
        ends: list[Maybe[bool]] = [*by_backend.get(key, []), *(UNKNOWN for _ in by_backend.get(None, []))]
        # A backend that no frontend sends to is said nothing about.
        broken = all_of([asked, bool(ends), opposite(any_of(ends))])
        found = f"{version}, and no frontend that sends here holds a certificate"
        yield from answer(broken, place("backends", key, "proxy_protocol"), found)


CONSTRAINT = Constraint(
    id="proxy-protocol-tells-of-tls-only-where-it-ends",
    title="The PROXY protocol carries what a client said in TLS only where TLS ends at the load balancer.",
    why="A load balancer that hands the client's TLS on untouched knows nothing of it: the extension that servers wait "
    "for is empty.",
    fix='Use `proxy_protocol="v2"` on this Backend; what the client said in TLS, the server hears itself.',
    source=scaleway_page(
        "reference-content/configuring-backends", "v2-ssl adds what is known of the client's TLS connection"
    ),
    binding=Binding.ADVISED,
    modes=frozenset({Mode.PASSTHROUGH}),
    check=_check,
    holds=(with_backend(LOOSE_BRIDGED, proxy_protocol="v2_ssl", health_check_send_proxy=True),),
    fails=(_TELLS,),
    open=(
        with_backend(LOOSE_PASSTHROUGH, proxy_protocol=UNKNOWN),
        with_frontend(_TELLS, certificate_ids=UNKNOWN),
    ),
    not_applicable=(LOOSE_PASSTHROUGH,),
    symptom="Servers log no TLS version and no client certificate, or refuse the connection for want of them.",
    evidence=Evidence.INFERRED,
    severity=Severity.LOW,
    covers=("LB035",),
)
