"""A frontend and each backend that it sends to make one of the three modes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity, scaleway_modes
from lbpatterns.core.sources import PCI_DSS_4_2_1
from lbpatterns.core.spec import UNKNOWN, Maybe, Mode
from lbpatterns.targets.scaleway.constraints._answers import answer
from lbpatterns.targets.scaleway.defaults import all_of, any_of, number, opposite, place
from lbpatterns.targets.scaleway.examples import (
    LEFT_OUT,
    LOOSE_BRIDGED,
    LOOSE_OFFLOADED,
    LOOSE_PASSTHROUGH,
    OFFLOADED,
    PASSTHROUGH,
    with_backend,
    with_frontend,
    with_words,
)
from lbpatterns.targets.scaleway.modes import (
    Pair,
    Toggles,
    declared_mode,
    lets_nobody_in,
    mode_by,
    mode_of,
    pairs,
    possible_toggles,
)
from lbpatterns.targets.scaleway.words import CLOSED, Reference, ScalewayConfiguration

_WAYS: Final = {
    (True, "tcp", False): '`forward_protocol="http"` makes it offloading, with `ssl_bridging=True` bridging; without '
    "`certificate_ids` it is passthrough",
    (False, "tcp", True): '`ssl_bridging=False` makes it passthrough; `certificate_ids` with `forward_protocol="http"` '
    "bridging",
    (False, "http", False): "`certificate_ids` make it offloading, with `ssl_bridging=True` bridging; "
    '`forward_protocol="tcp"` makes it passthrough',
    (False, "http", True): '`certificate_ids` make it bridging; `forward_protocol="tcp"` with `ssl_bridging=False` '
    "passthrough",
}


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    if declared_mode(configuration) is not None:
        yield from _closed(configuration)
        return
    seen = set()
    for pair in pairs(configuration):
        ends = (pair.frontend, pair.backend)
        if ends in seen and None not in ends:
            continue
        seen.add(ends)
        yield from answer(_is_none(configuration, pair), pair.place, _words(pair))


def _closed(configuration: ScalewayConfiguration) -> Iterator[Found]:
    """The one pair that a declared mode does not speak of: the backend for server names that nobody knows."""
    if CLOSED in configuration.backends:
        mode = mode_of({}, configuration.backends[CLOSED])
        broken = UNKNOWN if mode is UNKNOWN else mode is not Mode.PASSTHROUGH
        yield from answer(broken, place("backends", CLOSED), "it is not what a PassthroughLB closes connections with")


def _is_none(configuration: ScalewayConfiguration, pair: Pair) -> Maybe[bool]:
    if pair.frontend is None or pair.frontend_words is None or pair.backend_words is None:
        return UNKNOWN
    port = number("frontends", pair.frontend_words, "inbound_port")
    https = UNKNOWN if port is UNKNOWN else port == 443
    answered = lets_nobody_in(configuration, pair.frontend)
    verdicts = {
        _judged(toggles, https=https, answered=answered)
        for toggles in possible_toggles(pair.frontend_words, pair.backend_words)
    }
    return verdicts.pop() if len(verdicts) == 1 else UNKNOWN


def _judged(toggles: Toggles, *, https: Maybe[bool], answered: Maybe[bool]) -> Maybe[bool]:
    """Plain HTTP is none of the three; but not on the port for HTTPS, a frontend may answer it with a redirect."""
    if mode_by(toggles) is not None:
        return False
    if toggles[:2] != (False, "http"):
        return True
    # Without TLS to the servers it is plain HTTP all the way, which has an advice of its own.
    return any_of([https, all_of([toggles[2], opposite(answered)])])


def _words(pair: Pair) -> str:
    known = list(possible_toggles(pair.frontend_words or {}, pair.backend_words or {}))
    certificate, protocol, tls = known[0]
    return (
        f"with backend {pair.backend}: certificate on the frontend {'yes' if certificate else 'no'}, "
        f"forward_protocol {protocol}, ssl_bridging {'on' if tls else 'off'} is none of the three modes; "
        f"{_WAYS.get(known[0], '')}"
    )


CONSTRAINT = Constraint(
    id="frontend-and-backend-make-one-of-the-three-modes",
    title="A frontend and each backend that it sends to make one of the three modes.",
    why="The toggles that decide where TLS ends are independent, and every combination is accepted; one that is none "
    "of the three sends cleartext to a port for TLS, TLS to one for cleartext, or TLS inside TLS.",
    fix="Set the toggle that is named: `certificate_ids` of the Frontend, `forward_protocol` or `ssl_bridging` of the "
    "Backend. Raw TCP whose TLS ends at the load balancer is none of the three: waive the rule if you mean it.",
    source=scaleway_modes(
        "bridging needs a certificate and a backend with TLS, offloading a certificate and an HTTP backend, "
        "passthrough a TCP backend without TLS"
    ),
    binding=Binding.DOCUMENTED,
    modes=frozenset(Mode),
    check=_check,
    holds=(OFFLOADED, PASSTHROUGH, LOOSE_OFFLOADED, LOOSE_BRIDGED, LOOSE_PASSTHROUGH),
    fails=(
        with_backend(LOOSE_PASSTHROUGH, ssl_bridging=True),
        with_backend(LOOSE_PASSTHROUGH, forward_protocol="http"),
        with_words(
            with_backend(LOOSE_OFFLOADED, forward_protocol="tcp"), "frontends", "http", inbound_port=8080, acls=LEFT_OUT
        ),
        with_frontend(LOOSE_BRIDGED, certificate_ids=LEFT_OUT),
        with_words(PASSTHROUGH, "backends", CLOSED, forward_protocol="http"),
    ),
    open=(
        with_backend(LOOSE_PASSTHROUGH, ssl_bridging=UNKNOWN),
        with_frontend(LOOSE_PASSTHROUGH, backend_id=UNKNOWN),
        with_frontend(LOOSE_PASSTHROUGH, backend_id=Reference("backends", "of-another-stack")),
    ),
    symptom="`wrong version number` or ERR_SSL_PROTOCOL_ERROR in clients; 400 (plain HTTP sent to an HTTPS port) or "
    "503 where the load balancer speaks in cleartext to servers that expect TLS.",
    severity=Severity.HIGH,
    references=(PCI_DSS_4_2_1,),
    covers=("LB001", "LB003", "LB004", "LB005", "LB025"),
)
