"""A health check on a backend's own port speaks TLS where its traffic does, and only there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found, unknown, violated
from lbpatterns.core.examples import BRIDGED, OFFLOADED, PASSTHROUGH, with_backend
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import UNKNOWN, HealthCheck, HealthProtocol, LBSpec, Mode


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for place, backend in spec.backend_places():
        check = backend.health_check
        if check is None or check.protocol is HealthProtocol.TCP:
            continue
        where = f"{place}.health_check.protocol"
        known_to_differ = check.port is not None and UNKNOWN not in {check.port, backend.port}
        if known_to_differ and check.port != backend.port:
            continue  # a port for checks alone may speak what it likes
        tls = spec.mode is not Mode.OFFLOADED
        if check.port is not None and not known_to_differ:
            yield unknown(where)
        elif (check.protocol is HealthProtocol.HTTPS) is not tls:
            yield violated(
                where, f"it is {check.protocol}, and the servers speak {'TLS' if tls else 'plain HTTP'} there"
            )


CONSTRAINT = Constraint(
    id="health-check-speaks-as-its-backend",
    title="A health check on a backend's own port speaks TLS where its traffic does, and only there.",
    why="A port that speaks TLS answers a plain request with an error, and one that does not knows no handshake: the "
    "check fails on servers that are well.",
    fix="Leave the `protocol` of the health check out, it follows from the mode; or, unless connections are passed "
    "through, give it a `port` that is there for checks alone.",
    fix_by_hand={
        "scaleway": "Give the Backend `health_check_https` where its servers speak TLS on `forward_port`, and "
        "`health_check_http` where they do not; or let `health_check_port` be a port that is there for checks alone."
    },
    symptom="All servers are down for the load balancer and clients get 503, though each of them answers.",
    source=scaleway_page(
        "reference-content/configuring-health-checks",
        "type and TLS of a health check are those of the backend; both can be overridden",
    ),
    binding=Binding.ADVISED,
    evidence=Evidence.INFERRED,
    modes=frozenset(Mode),
    check=_check,
    holds=(
        OFFLOADED,
        BRIDGED,
        with_backend(PASSTHROUGH, health_check=HealthCheck(protocol=HealthProtocol.HTTPS)),
        with_backend(BRIDGED, health_check=HealthCheck(protocol=HealthProtocol.HTTP, port=8081)),
    ),
    fails=(
        with_backend(OFFLOADED, health_check=HealthCheck(protocol=HealthProtocol.HTTPS)),
        with_backend(BRIDGED, health_check=HealthCheck(protocol=HealthProtocol.HTTP)),
        with_backend(PASSTHROUGH, health_check=HealthCheck(protocol=HealthProtocol.HTTP)),
    ),
    open=(with_backend(BRIDGED, health_check=HealthCheck(protocol=HealthProtocol.HTTP, port=UNKNOWN)),),
    not_applicable=(PASSTHROUGH, with_backend(OFFLOADED, health_check=None)),
    covers=("C69", "LB061"),
)
