"""A passthrough load balancer routes by server name only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, scaleway_modes, violated
from lbpatterns.core.examples import PASSTHROUGH
from lbpatterns.core.spec import UNKNOWN, LBSpec, Mode, Route


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for index, route in enumerate(spec.routes):
        for field, value in (("host", route.host), ("path_prefix", route.path_prefix)):
            if value is not None:
                yield violated(
                    f"routes[{index}].{field}", "not known yet, but declared" if value is UNKNOWN else repr(value)
                )


CONSTRAINT = Constraint(
    id="passthrough-has-no-layer-7-actions",
    title="A passthrough load balancer routes by server name only.",
    why="It never decrypts, so it sees neither host nor path; a rule on them never matches, and traffic goes "
    "where nobody meant it to go.",
    fix="Route by `server_names`, or declare a BridgedLB if host or path have to decide.",
    source=scaleway_modes("layer 7 actions cannot be applied to the traffic"),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.PASSTHROUGH}),
    check=_check,
    holds=(
        PASSTHROUGH,
        replace(PASSTHROUGH, routes=(Route(backend=PASSTHROUGH.backend, server_names=("a.example.test",)),)),
    ),
    fails=(replace(PASSTHROUGH, routes=(Route(backend=PASSTHROUGH.backend, host="a.example.test"),)),),
)
