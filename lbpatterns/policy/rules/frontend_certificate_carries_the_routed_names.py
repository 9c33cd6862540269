"""For each host name that a route sends somewhere, the frontend presents a certificate that carries it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found, Severity, comparison, unknown, violated
from lbpatterns.core.names import carries
from lbpatterns.core.spec import UNKNOWN, Maybe, Mode
from lbpatterns.policy.rules._reading import names_of
from lbpatterns.policy.rules._subject import Held, Routed, Watched


def _check(watched: Watched, _today: date) -> Iterator[Found]:
    for routed in watched.routed:
        carried = _is_carried(routed)
        if carried is UNKNOWN:
            yield unknown(routed.place)
        elif not carried:
            yield violated(routed.place, f"no certificate of its frontend carries {routed.name}")


def _is_carried(routed: Routed) -> Maybe[bool]:
    if routed.certificates is UNKNOWN:
        return UNKNOWN
    held = [names_of(each) for each in routed.certificates]
    names = [name for each in held if each is not UNKNOWN for name in each]
    wanted = routed.name
    if isinstance(wanted, str) and any(isinstance(name, str) and _fits(name, wanted) for name in names):
        return True
    if not held or () in held:
        return True  # no certificate, or none that can be read: mistakes of their own
    return UNKNOWN if wanted is UNKNOWN or UNKNOWN in held or UNKNOWN in names else False


def _fits(pattern: str, name: str) -> bool:
    """Whether a certificate for `pattern` is of use to a route for `name`: for `*.`, one for any name of them is."""
    if name.startswith("*."):
        return f".{pattern}".lower().endswith(name[1:].lower())
    return carries(pattern, name)


_SHOP = Held(place="certificates[shop]", names=("shop.example.test", "*.shop.example.test"))


def _routed(name: Maybe[str], *held: Held) -> Watched:
    return Watched(held=held, routed=(Routed(place="routes[api].match_host_header", name=name, certificates=held),))


CONSTRAINT = Constraint(
    id="frontend-certificate-carries-the-routed-names",
    title="For each host name that a route sends somewhere, the frontend presents a certificate that carries it.",
    why="A client that asks for this name is shown a certificate for another one, and never gets to the route.",
    fix="Add a certificate that carries the name to the frontend, or correct the name in the route.",
    source=comparison("the client verifies the load balancer's certificate for the name that it asked for"),
    binding=Binding.ADVISED,
    modes=frozenset({Mode.OFFLOADED, Mode.BRIDGED}),
    check=_check,
    holds=(
        _routed("shop.example.test", _SHOP),
        _routed("api.shop.example.test", Held(place="certificates[other]", text=UNKNOWN), _SHOP),
        _routed("*.shop.example.test", _SHOP),
        _routed("*.api.example.test", Held(place="certificates[api]", names=("api.example.test",))),
    ),
    fails=(
        _routed("blog.example.test", _SHOP),
        _routed("a.api.shop.example.test", _SHOP),
        _routed("*.blog.example.test", _SHOP),
    ),
    open=(
        _routed(UNKNOWN, _SHOP),
        _routed("blog.example.test", Held(place="certificates[other]", text=UNKNOWN), _SHOP),
        Watched(routed=(Routed(place="routes[api].match_host_header", name="a.example.test", certificates=UNKNOWN),)),
    ),
    not_applicable=(Watched(held=(_SHOP,)), _routed("blog.example.test")),
    symptom="Browsers show NET::ERR_CERT_COMMON_NAME_INVALID for this name alone.",
    evidence=Evidence.ADVICE,
    severity=Severity.MEDIUM,
)
