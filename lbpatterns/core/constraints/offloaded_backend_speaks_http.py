"""Every backend of an offloaded load balancer speaks HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, scaleway_modes, violated
from lbpatterns.core.examples import OFFLOADED, with_backend
from lbpatterns.core.spec import LBSpec, Mode, Protocol


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for place, backend in spec.backend_places():
        if backend.protocol is not Protocol.HTTP:
            yield violated(f"{place}.protocol", f"it is {backend.protocol}")


CONSTRAINT = Constraint(
    id="offloaded-backend-speaks-http",
    title="Every backend of an offloaded load balancer speaks HTTP.",
    why="Only a backend that speaks HTTP adds X-Forwarded-Proto and allows routes by host and path; over TCP "
    "the server never learns that the client used HTTPS.",
    fix="Set the protocol of this backend to HTTP.",
    source=scaleway_modes("the backend must use the HTTP protocol"),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.OFFLOADED}),
    check=_check,
    holds=(OFFLOADED,),
    fails=(with_backend(OFFLOADED, protocol=Protocol.TCP),),
    symptom="It works, but servers see no X-Forwarded-Proto and redirect to HTTPS for ever, and routes by host, "
    "cookies and access rules on requests do nothing.",
    covers=("A14", "A16", "LB005"),
)
