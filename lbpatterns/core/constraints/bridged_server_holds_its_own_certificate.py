"""The servers behind a bridged load balancer hold a certificate, and its name is declared."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, scaleway_modes, unknown, violated
from lbpatterns.core.examples import BRIDGED, with_backend
from lbpatterns.core.sources import NIST_SERVER_AUTHENTICATION
from lbpatterns.core.spec import UNKNOWN, LBSpec, Mode


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for place, backend in spec.backend_places():
        if backend.server_name is None and backend.expected_name is None:
            yield violated(f"{place}.server_name", "no name is declared that the servers' certificate must carry")
        elif UNKNOWN in {backend.server_name, backend.expected_name}:
            yield unknown(f"{place}.server_name")


CONSTRAINT = Constraint(
    id="bridged-server-holds-its-own-certificate",
    title="The servers behind a bridged load balancer hold a certificate, and its name is declared.",
    why="The new TLS connection is made with the server's own certificate; unless its name is declared, "
    "nobody can tell the server from an impostor.",
    fix="Declare `server_name` (and `expected_name` where the certificate carries another one), and issue the "
    "servers a certificate for it.",
    source=scaleway_modes("the backend server should have its own certificate"),
    binding=Binding.ADVISED,
    modes=frozenset({Mode.BRIDGED}),
    check=_check,
    holds=(
        BRIDGED,
        with_backend(BRIDGED, server_name=None, expected_name="backend.internal"),
    ),
    fails=(with_backend(BRIDGED, server_name=None),),
    open=(with_backend(BRIDGED, server_name=UNKNOWN),),
    symptom="The connection to a server fails its verification and clients get 503; or the certificate of any other "
    "server is accepted in its place.",
    references=(NIST_SERVER_AUTHENTICATION,),
    needs_declaration=True,
    covers=("A9", "B32"),
)
