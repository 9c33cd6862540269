"""A server behind a bridged load balancer whose name no public authority certifies has a trust anchor declared."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from lbpatterns.core.constraint import Binding, Constraint, Found, comparison, unknown, violated
from lbpatterns.core.examples import BRIDGED, with_backend
from lbpatterns.core.spec import UNKNOWN, LBSpec, Mode

# Top-level names that are reserved for private use, or that networks have taken for it; no public DNS knows them.
_INTERNAL: Final = ("internal", "local", "localhost", "localdomain", "lan", "intranet", "corp", "private", "home.arpa")


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for place, backend in spec.backend_places():
        if backend.ca_bundle_pem is not None or not backend.verify_server_certificate:
            continue
        name = backend.server_name if backend.expected_name is None else backend.expected_name
        if name is UNKNOWN:
            yield unknown(f"{place}.ca_bundle_pem")
        elif name is not None and _is_internal(name):
            yield violated(f"{place}.ca_bundle_pem", f"there is none, and no public authority certifies {name!r}")


def _is_internal(name: str) -> bool:
    plain = name.lower().rstrip(".")
    return any(plain == last or plain.endswith(f".{last}") for last in _INTERNAL)


CONSTRAINT = Constraint(
    id="bridged-internal-name-has-a-trust-anchor",
    title="A server behind a bridged load balancer whose name no public authority certifies has a trust anchor "
    "declared.",
    why="Public authorities certify names of the public DNS alone; against their roots, the certificate of an "
    "internal server never verifies.",
    fix="Declare the CA of the servers as `ca_bundle_pem`, or give them a public name and a public certificate.",
    fix_by_hand={
        "scaleway": "Scaleway takes no CA for the servers: let them hold a publicly trusted certificate, and `host` of "
        "the Backend be a name in it; or pass connections through to them."
    },
    symptom="The connection to every server fails its verification, and clients get 503.",
    source=comparison("often a publicly trusted certificate on the load balancer, one from an internal CA behind it"),
    binding=Binding.ADVISED,
    modes=frozenset({Mode.BRIDGED}),
    check=_check,
    holds=(BRIDGED, with_backend(BRIDGED, server_name="backend.example.com", ca_bundle_pem=None)),
    fails=(
        with_backend(BRIDGED, ca_bundle_pem=None),
        with_backend(BRIDGED, server_name="backend.example.com", expected_name="app.local", ca_bundle_pem=None),
    ),
    open=(with_backend(BRIDGED, server_name="backend.example.com", expected_name=UNKNOWN, ca_bundle_pem=None),),
    covers=("B16", "B32"),
)
