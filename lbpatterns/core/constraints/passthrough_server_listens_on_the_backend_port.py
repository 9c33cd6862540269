"""A server behind a passthrough load balancer listens on the port that its backend is configured for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, scaleway_modes, unknown, violated
from lbpatterns.core.examples import PASSTHROUGH, with_backend
from lbpatterns.core.spec import UNKNOWN, HealthCheck, HealthProtocol, LBSpec, Mode, Server


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for place, backend in spec.backend_places():
        declared = [(f"{place}.servers[{index}].port", server.port) for index, server in enumerate(backend.servers)]
        if backend.health_check is not None:
            declared.append((f"{place}.health_check.port", backend.health_check.port))
        for where, port in declared:
            if port is None:
                continue
            if UNKNOWN in {port, backend.port}:
                yield unknown(where)
            elif port != backend.port:
                yield violated(where, f"it is {port}, the backend's is {backend.port}")


CONSTRAINT = Constraint(
    id="passthrough-server-listens-on-the-backend-port",
    title="A server behind a passthrough load balancer listens on the port that its backend is configured for.",
    why="The stream is handed on to exactly that port; a process that listens elsewhere is never reached, and "
    "a health check elsewhere proves nothing about it.",
    fix="Give the backend the port on which the servers' HTTPS process listens, and leave the port of the "
    "health check out.",
    source=scaleway_modes("the server's HTTP process must listen on the same port as configured for the backend"),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.PASSTHROUGH}),
    check=_check,
    holds=(
        PASSTHROUGH,
        with_backend(PASSTHROUGH, servers=(Server(address="10.0.0.20", port=8443),)),
    ),
    fails=(
        with_backend(PASSTHROUGH, servers=(Server(address="10.0.0.20", port=9443),)),
        with_backend(PASSTHROUGH, health_check=HealthCheck(protocol=HealthProtocol.TCP, port=80)),
    ),
    open=(with_backend(PASSTHROUGH, port=UNKNOWN, servers=(Server(address="10.0.0.20", port=9443),)),),
    not_applicable=(with_backend(PASSTHROUGH, health_check=None),),
    symptom="Connections to that server are refused, or health checks call a server healthy that answers nobody.",
    covers=("A25",),
)
