"""What has to read requests is asked only of backends that speak HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, violated
from lbpatterns.core.examples import BRIDGED, with_backend
from lbpatterns.core.layer_7 import asked
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import (
    AccessAction,
    AccessRule,
    LBSpec,
    Mode,
    Protocol,
    Redirect,
    Route,
    Stickiness,
    StickinessKind,
)

_OVER_TCP = with_backend(BRIDGED, protocol=Protocol.TCP)
_COOKIE = Stickiness(kind=StickinessKind.COOKIE, cookie_name="lbpatterns")
_AWAY = AccessRule(action=AccessAction.REDIRECT, redirect=Redirect(location="https://new.example.test/"))


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for wish in asked(spec):
        if not wish.possible:
            yield violated(wish.place, f"{wish.what}, and the backend speaks TCP")


CONSTRAINT = Constraint(
    id="layer-7-actions-need-an-http-backend",
    title="What has to read requests is asked only of backends that speak HTTP.",
    why="Over TCP the load balancer hands on bytes: it sees neither host nor path nor cookie, and answers nothing "
    "itself.",
    fix="Let the backend speak HTTP (the components do), or leave out routes by `host` or `path_prefix`, cookies, "
    "access rules on requests, redirects and `failover_host`.",
    fix_by_hand={
        "scaleway": 'Set `forward_protocol="http"` on the Backend; or remove Routes by `match_host_header` or '
        '`match_path_begin`, `sticky_sessions="cookie"`, `failover_host`, and ACLs that redirect or have an '
        "`http_filter`."
    },
    symptom="The setting is stored and does nothing: the default backend answers, nobody is kept out, sessions do not "
    "stick.",
    source=scaleway_page(
        "reference-content/configuring-backends",
        "stickiness by address is the only one for TCP backends; only HTTP backends see requests",
    ),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.BRIDGED}),
    check=_check,
    holds=(with_backend(BRIDGED, stickiness=_COOKIE),),
    fails=(
        with_backend(_OVER_TCP, stickiness=_COOKIE),
        with_backend(_OVER_TCP, failover_host="shop.s3-website.fr-par.scw.cloud"),
        replace(_OVER_TCP, routes=(Route(backend=_OVER_TCP.backend, host="a.example.test"),)),
        replace(_OVER_TCP, access=(_AWAY,)),
    ),
    not_applicable=(BRIDGED,),
    covers=("A5", "C66", "C67", "C68", "LB020", "LB023", "LB027", "LB028", "LB038"),
)
