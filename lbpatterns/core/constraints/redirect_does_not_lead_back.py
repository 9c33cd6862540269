"""A redirect does not lead to where the client comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Final

from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found, unknown, violated
from lbpatterns.core.examples import BRIDGED, with_frontend
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import UNKNOWN, AccessAction, AccessRule, LBSpec, Maybe, Mode, Redirect

_ITSELF: Final = ("https://{{host}}/{{path}}", "{{scheme}}://{{host}}/{{path}}")


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    if not all(frontend.certificates for frontend in spec.frontends):
        return  # a frontend in plain HTTP may well redirect to HTTPS
    back = any(frontend.redirect_http_port is not None for frontend in spec.frontends)
    for index, rule in enumerate(spec.access):
        if rule.redirect is None:
            continue
        place = f"access[{index}].redirect"
        scheme, location = rule.redirect.scheme, rule.redirect.location
        if scheme is UNKNOWN or location is UNKNOWN:
            yield unknown(place)
        elif scheme == "https":
            yield violated(f"{place}.scheme", "it is https, by which the client has come")
        elif scheme == "http" and back:
            yield violated(f"{place}.scheme", "it is http, and `redirect_http_port` sends the client back")
        elif location is not None and location.partition("?")[0].rstrip("/") in _ITSELF:
            yield violated(f"{place}.location", "it is the address that the client has asked for")


def _to(location: Maybe[str] | None = None, scheme: Maybe[str] | None = None) -> LBSpec:
    rule = AccessRule(action=AccessAction.REDIRECT, redirect=Redirect(location=location, scheme=scheme))
    return replace(BRIDGED, access=(rule,))


CONSTRAINT = Constraint(
    id="redirect-does-not-lead-back",
    title="A redirect does not lead to where the client comes from.",
    why="Access rules stand on frontends that clients reach by HTTPS already; a redirect to HTTPS sends them round "
    "and round.",
    fix="Redirect from plain HTTP with `redirect_http=True` on the frontend, and leave the access rule out; or "
    "redirect to another host.",
    fix_by_hand={
        "scaleway": "Redirect to HTTPS on a Frontend of its own, with `inbound_port=80` and without `certificate_ids`; "
        "or redirect to another host."
    },
    symptom="Browsers give up with ERR_TOO_MANY_REDIRECTS.",
    source=scaleway_page(
        "reference-content/acls", "the redirect to HTTPS stands on a frontend of its own, which has no certificate"
    ),
    binding=Binding.DOCUMENTED,
    evidence=Evidence.INFERRED,
    modes=frozenset({Mode.OFFLOADED, Mode.BRIDGED}),
    check=_check,
    holds=(_to("https://new.example.test/{{path}}"), _to(scheme="http")),
    fails=(
        _to(scheme="https"),
        _to("https://{{host}}/{{path}}?{{query}}"),
        with_frontend(_to(scheme="http"), redirect_http_port=80),
    ),
    open=(_to(scheme=UNKNOWN),),
    not_applicable=(BRIDGED,),
    covers=("C68", "LB031"),
)
