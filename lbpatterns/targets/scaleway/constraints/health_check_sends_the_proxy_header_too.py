"""Where traffic carries the PROXY header, a health check over HTTP sends it too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import UNKNOWN, Maybe, Mode
from lbpatterns.targets.scaleway.constraints._answers import answer
from lbpatterns.targets.scaleway.defaults import all_of, any_of, flag, opposite, part, place, text
from lbpatterns.targets.scaleway.examples import LOOSE_PASSTHROUGH, OFFLOADED, with_backend
from lbpatterns.targets.scaleway.words import ScalewayConfiguration, Words

_PROXIED = with_backend(LOOSE_PASSTHROUGH, proxy_protocol="v2", health_check_https={"uri": "/"})


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    for key, words in configuration.backends.items():
        version = text("backends", words, "proxy_protocol")
        broken = all_of(
            [
                UNKNOWN if version is UNKNOWN else version != "none",
                any_of([_is_there(words, "health_check_http"), _is_there(words, "health_check_https")]),
                opposite(flag("backends", words, "health_check_send_proxy")),
            ]
        )
        found = f"false, and `proxy_protocol` is {version}"
        yield from answer(broken, place("backends", key, "health_check_send_proxy"), found)


def _is_there(words: Words, name: str) -> Maybe[bool]:
    check = part(words, name)
    return UNKNOWN if check is UNKNOWN else check is not None


CONSTRAINT = Constraint(
    id="health-check-sends-the-proxy-header-too",
    title="Where traffic carries the PROXY header, a health check over HTTP sends it too.",
    why="A server that waits for the header takes a request without it for a broken connection, so the check fails "
    "although traffic would be answered.",
    fix="Set `health_check_send_proxy=True` on the Backend; the provider leaves it false, unlike the console.",
    source=scaleway_page(
        "reference-content/configuring-health-checks",
        "PROXY protocol that is on in the backend is on in its health checks, unless that is overridden",
    ),
    binding=Binding.ADVISED,
    modes=frozenset(Mode),
    check=_check,
    holds=(OFFLOADED, with_backend(_PROXIED, health_check_send_proxy=True)),
    fails=(_PROXIED,),
    open=(with_backend(_PROXIED, health_check_send_proxy=UNKNOWN), with_backend(_PROXIED, proxy_protocol=UNKNOWN)),
    not_applicable=(LOOSE_PASSTHROUGH, with_backend(LOOSE_PASSTHROUGH, proxy_protocol="v2")),
    symptom="All servers are DOWN although they answer, and clients get 503.",
    evidence=Evidence.INFERRED,
    covers=("LB036",),
)
