"""Where Let's Encrypt issues certificates, port 80 is no TCP frontend."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import UNKNOWN, Maybe, Mode
from lbpatterns.targets.scaleway.constraints._answers import answer
from lbpatterns.targets.scaleway.defaults import all_of, any_of, number, part, place
from lbpatterns.targets.scaleway.examples import LEFT_OUT, LOOSE_OFFLOADED, LOOSE_PASSTHROUGH, OFFLOADED, with_words
from lbpatterns.targets.scaleway.modes import find, protocol_of
from lbpatterns.targets.scaleway.words import BALANCER, Reference, ScalewayConfiguration, Words

_ON_TCP = with_words(
    with_words(
        LOOSE_OFFLOADED,
        "backends",
        "raw",
        lb_id=BALANCER,
        forward_protocol="tcp",
        forward_port=25,
        server_ips=["10.0.0.9"],
    ),
    "frontends",
    "http",
    backend_id=Reference("backends", "raw"),
    acls=LEFT_OUT,
)


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    issued = any_of(_is_issued(words) for words in configuration.certificates.values())
    for key, words in configuration.frontends.items():
        port = number("frontends", words, "inbound_port")
        backend = find(configuration, "backends", words.get("backend_id"))
        protocol = UNKNOWN if backend is None else protocol_of(configuration.backends[backend])
        on_80 = UNKNOWN if port is UNKNOWN else port == 80
        broken = all_of([issued, on_80, UNKNOWN if protocol is UNKNOWN else protocol == "tcp"])
        found = "the backend of port 80 is a TCP one, and Let's Encrypt asks there over HTTP"
        yield from answer(broken, place("frontends", key, "backend_id"), found)


def _is_issued(words: Words) -> Maybe[bool]:
    asked = part(words, "letsencrypt")
    return UNKNOWN if asked is UNKNOWN else asked is not None


CONSTRAINT = Constraint(
    id="lets-encrypt-finds-http-on-port-80",
    title="Where Let's Encrypt issues certificates, port 80 is no TCP frontend.",
    why="Let's Encrypt asks for its challenge over HTTP on port 80. The load balancer answers it, but not where a TCP "
    "frontend hands everything on; without any frontend there, it does.",
    fix='Attach the Frontend with `inbound_port=80` to a Backend with `forward_protocol="http"`, let it listen '
    "elsewhere, or import a certificate instead.",
    source=scaleway_page(
        "troubleshooting/certificates",
        "no Let's Encrypt certificate is created where a frontend on port 80 has a TCP backend",
    ),
    binding=Binding.DOCUMENTED,
    modes=frozenset(Mode),
    check=_check,
    holds=(
        OFFLOADED,
        LOOSE_OFFLOADED,
        with_words(LOOSE_PASSTHROUGH, "frontends", "tls", inbound_port=80),
        with_words(_ON_TCP, "frontends", "http", inbound_port=8080),
    ),
    fails=(_ON_TCP,),
    open=(with_words(_ON_TCP, "backends", "raw", forward_protocol=UNKNOWN),),
    symptom="The update fails with `The port 80 frontend must be associated to an HTTP backend`.",
    covers=("LB041",),
)
