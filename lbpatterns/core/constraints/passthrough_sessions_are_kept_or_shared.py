"""Behind a passthrough load balancer, clients stay on one server or the servers share their sessions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity, scaleway_modes, violated
from lbpatterns.core.examples import PASSTHROUGH, with_backend
from lbpatterns.core.spec import LBSpec, Mode


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for place, backend in spec.backend_places():
        if len(backend.servers) > 1 and backend.stickiness is None and not backend.shared_sessions:
            yield violated(
                f"{place}.stickiness", f"{len(backend.servers)} servers, and nothing keeps a client on one of them"
            )


CONSTRAINT = Constraint(
    id="passthrough-sessions-are-kept-or-shared",
    title="Behind a passthrough load balancer, clients stay on one server or the servers share their sessions.",
    why="Two connections of one client may reach two servers; a session that only one of them knows is then lost.",
    fix="Set stickiness by source address, or say `shared_sessions=True` if the servers share their sessions "
    "(or keep none).",
    source=scaleway_modes("sessions may be lost if the application does not share them between the servers"),
    binding=Binding.ADVISED,
    modes=frozenset({Mode.PASSTHROUGH}),
    check=_check,
    holds=(
        PASSTHROUGH,
        with_backend(PASSTHROUGH, shared_sessions=False, servers=PASSTHROUGH.backend.servers[:1]),
    ),
    fails=(with_backend(PASSTHROUGH, shared_sessions=False),),
    not_applicable=(with_backend(PASSTHROUGH, shared_sessions=False, servers=PASSTHROUGH.backend.servers[:1]),),
    symptom="Users lose their session, now and then and without a pattern, when a new connection reaches another "
    "server.",
    severity=Severity.LOW,
    needs_declaration=True,
    covers=("A21",),
)
