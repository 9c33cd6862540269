"""A backend lists each server once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found, Severity, unknown, violated
from lbpatterns.core.examples import BRIDGED, with_backend
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import UNKNOWN, LBSpec, Maybe, Mode, Server


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for place, backend in spec.backend_places():
        taken: dict[tuple[Maybe[str], Maybe[int]], int] = {}
        for index, server in enumerate(backend.servers):
            listens = (server.address, backend.port if server.port is None else server.port)
            if len(backend.servers) > 1 and UNKNOWN in listens:
                yield unknown(f"{place}.servers[{index}]")
            elif listens in taken:
                yield violated(f"{place}.servers[{index}]", f"{server.address} is already servers[{taken[listens]}]")
            else:
                taken[listens] = index


def _behind(*servers: Server) -> LBSpec:
    return with_backend(BRIDGED, servers=servers)


CONSTRAINT = Constraint(
    id="backend-lists-a-server-once",
    title="A backend lists each server once.",
    why="Listed twice it gets twice its share and is still one machine: it carries no more connections, and takes two "
    "servers with it when it fails.",
    fix="List each of the `servers` once; more weight for one of them is no thing that a load balancer is told this "
    "way.",
    fix_by_hand={
        "scaleway": "List each address once in `server_ips` of the Backend; more weight for one of them is no thing "
        "that a load balancer is told this way."
    },
    symptom="One server has twice the load of the others.",
    source=scaleway_page(
        "reference-content/load-balancers-limitations",
        "sessions are limited for a server and port; more of them take more servers",
    ),
    binding=Binding.ADVISED,
    evidence=Evidence.ADVICE,
    severity=Severity.LOW,
    modes=frozenset(Mode),
    check=_check,
    holds=(BRIDGED, _behind(Server(address="10.0.0.20", port=8443), Server(address="10.0.0.20", port=9443))),
    fails=(_behind(Server(address="10.0.0.20"), Server(address="10.0.0.20", port=8443)),),
    open=(_behind(Server(address="10.0.0.20"), Server(address=UNKNOWN)),),
    not_applicable=(_behind(Server(address=UNKNOWN)),),
    covers=("C73",),
)
