"""A passthrough load balancer routes by server name only, and lets in by network only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, scaleway_modes, violated
from lbpatterns.core.examples import PASSTHROUGH, with_backend, with_frontend
from lbpatterns.core.spec import (
    UNKNOWN,
    AccessAction,
    AccessRule,
    LBSpec,
    Mode,
    Redirect,
    RequestMatch,
    RequestPart,
    Route,
)

_ADMIN = RequestMatch(kind=RequestPart.PATH_PREFIX, values=("/admin",))


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for index, frontend in enumerate(spec.frontends):
        if frontend.http3:
            yield violated(f"frontends[{index}].http3", "the load balancer would have to read the requests")
    for place, backend in spec.backend_places():
        if backend.failover_host is not None:
            yield violated(f"{place}.failover_host", "a static site answers in HTTP")
    for index, rule in enumerate(spec.access):
        if rule.request is not None:
            yield violated(f"access[{index}].request", f"it looks at the {rule.request.kind.value}")
        if rule.action is AccessAction.REDIRECT:
            yield violated(f"access[{index}].action", "a redirect is an answer in HTTP")
    for index, route in enumerate(spec.routes):
        for field, value in (("host", route.host), ("path_prefix", route.path_prefix)):
            if value is not None:
                yield violated(
                    f"routes[{index}].{field}", "not known yet, but declared" if value is UNKNOWN else repr(value)
                )


CONSTRAINT = Constraint(
    id="passthrough-has-no-layer-7-actions",
    title="A passthrough load balancer routes by server name only, and lets in by network only.",
    why="It never decrypts, so it sees neither host nor path; a rule on them never matches, and traffic goes "
    "where nobody meant it to go.",
    fix="Route by `server_names` and let in by `networks`, or declare a BridgedLB if host or path have to decide.",
    fix_by_hand={
        "scaleway": "Route by `match_sni` and let in by `ip_subnets` alone, or bridge if requests have to decide: "
        '`certificate_ids` on the Frontend, `forward_protocol="http"` and `ssl_bridging=True` on the Backend.'
    },
    source=scaleway_modes("layer 7 actions cannot be applied to the traffic"),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.PASSTHROUGH}),
    check=_check,
    holds=(
        PASSTHROUGH,
        replace(PASSTHROUGH, routes=(Route(backend=PASSTHROUGH.backend, server_names=("a.example.test",)),)),
        replace(PASSTHROUGH, access=(AccessRule(action=AccessAction.DENY, networks=("203.0.113.0/24",)),)),
    ),
    fails=(
        replace(PASSTHROUGH, routes=(Route(backend=PASSTHROUGH.backend, host="a.example.test"),)),
        replace(PASSTHROUGH, access=(AccessRule(action=AccessAction.DENY, request=_ADMIN),)),
        replace(PASSTHROUGH, access=(AccessRule(action=AccessAction.REDIRECT, redirect=Redirect(scheme="https")),)),
        with_frontend(PASSTHROUGH, http3=True),
        with_backend(PASSTHROUGH, failover_host="shop.s3-website.fr-par.scw.cloud"),
    ),
    not_applicable=(PASSTHROUGH,),
    symptom="A route by host or path is never taken and the default backend answers; an access rule on requests lets "
    "everybody in.",
    covers=("A19", "B5", "C67", "C68", "LB023", "LB026", "LB027", "LB028", "LB038"),
)
