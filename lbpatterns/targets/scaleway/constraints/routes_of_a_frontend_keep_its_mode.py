"""All backends that a frontend sends to are in one mode with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found, Severity, comparison, unknown, violated
from lbpatterns.core.sources import PCI_DSS_4_2_1
from lbpatterns.core.spec import UNKNOWN, Maybe, Mode
from lbpatterns.targets.scaleway.examples import LOOSE_BRIDGED, LOOSE_OFFLOADED, with_route, with_words
from lbpatterns.targets.scaleway.modes import Pair, declared_mode, mode_of, pairs_of
from lbpatterns.targets.scaleway.words import BALANCER, Reference, ScalewayConfiguration

_TWO = with_route(
    with_words(
        LOOSE_BRIDGED,
        "backends",
        "blog",
        lb_id=BALANCER,
        forward_protocol="http",
        forward_port=8080,
        server_ips=["10.0.0.30"],
    ),
    backend_id=Reference("backends", "blog"),
    match_path_begin="/blog",
)


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    if declared_mode(configuration) is not None:
        return
    for key in configuration.frontends:
        modes = [(pair, _mode(pair)) for pair in pairs_of(configuration, key)]
        first = next((mode for _, mode in modes if isinstance(mode, Mode)), None)
        for pair, mode in modes:
            if mode is UNKNOWN and len(modes) > 1:
                yield unknown(pair.place)
            elif isinstance(mode, Mode) and first is not None and mode is not first:
                yield violated(pair.place, f"with {pair.backend} it is {mode.value}, before it was {first.value}")


def _mode(pair: Pair) -> Maybe[Mode] | None:
    if pair.frontend_words is None or pair.backend_words is None:
        return UNKNOWN
    return mode_of(pair.frontend_words, pair.backend_words)


CONSTRAINT = Constraint(
    id="routes-of-a-frontend-keep-its-mode",
    title="All backends that a frontend sends to are in one mode with it.",
    why="Clients see one certificate and one address; that part of what they send travels on in cleartext, and part "
    "encrypted, is seen by nobody, and the weaker part is forgotten.",
    fix="Let `forward_protocol` and `ssl_bridging` agree among the Backends of a Frontend's routes, or give the other "
    "mode a Frontend of its own.",
    source=comparison("where traffic is encrypted, and where it is not, follows from the mode"),
    binding=Binding.ADVISED,
    modes=frozenset(Mode),
    check=_check,
    holds=(
        LOOSE_BRIDGED,
        with_words(_TWO, "backends", "blog", forward_port=8443, ssl_bridging=True, health_check_https={"uri": "/"}),
    ),
    fails=(_TWO,),
    open=(with_words(_TWO, "backends", "blog", ssl_bridging=UNKNOWN),),
    not_applicable=(LOOSE_OFFLOADED,),
    symptom="None: some requests reach their server in cleartext.",
    evidence=Evidence.ADVICE,
    severity=Severity.HIGH,
    references=(PCI_DSS_4_2_1,),
    covers=("LB012",),
)
