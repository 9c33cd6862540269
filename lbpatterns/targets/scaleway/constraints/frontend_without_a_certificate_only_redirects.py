"""A public HTTP frontend without a certificate sends everybody to HTTPS."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found, Severity
from lbpatterns.core.sources import PCI_DSS_4_2_1, scaleway_page
from lbpatterns.core.spec import UNKNOWN, Maybe, Mode
from lbpatterns.targets.scaleway.constraints._answers import answer
from lbpatterns.targets.scaleway.defaults import all_of, any_of, number, opposite, place
from lbpatterns.targets.scaleway.examples import (
    LOOSE_OFFLOADED,
    LOOSE_PASSTHROUGH,
    OFFLOADED,
    TO_HTTPS,
    acl,
    with_balancer,
    with_words,
)
from lbpatterns.targets.scaleway.modes import (
    Pair,
    a_declaration_shows,
    has_tls,
    holds_certificate,
    is_public,
    lets_nobody_in,
    pairs_of,
    protocol_of,
)
from lbpatterns.targets.scaleway.words import ScalewayConfiguration

_SOME = acl(
    "redirect", redirect={"type": "scheme", "target": "https"}, http_filter="path_begin", http_filter_values=["/a"]
)
_CLEARTEXT = with_words(LOOSE_OFFLOADED, "frontends", "http", acls=[])


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    public = is_public(configuration)
    for key, words in configuration.frontends.items():
        if a_declaration_shows(configuration, key):
            continue
        port = number("frontends", words, "inbound_port")
        broken = all_of(
            [
                public,
                UNKNOWN if port is UNKNOWN else port != 443,
                opposite(holds_certificate(words)),
                any_of(_is_plain(pair) for pair in pairs_of(configuration, key)),
                opposite(lets_nobody_in(configuration, key)),
            ]
        )
        found = "it holds no certificate, and its ACLs do not redirect or deny all that comes"
        yield from answer(broken, place("frontends", key, "acls"), found)


def _is_plain(pair: Pair) -> Maybe[bool]:
    words = pair.backend_words
    if pair.frontend is None or words is None:
        return UNKNOWN
    protocol = protocol_of(words)
    return all_of([UNKNOWN if protocol is UNKNOWN else protocol == "http", opposite(has_tls(words))])


CONSTRAINT = Constraint(
    id="frontend-without-a-certificate-only-redirects",
    title="A public HTTP frontend without a certificate sends everybody to HTTPS.",
    why="What it lets through travels in cleartext from the client to the servers, and anybody on the way reads and "
    "changes it. An ACL that lets in ends the list, and a redirect with a condition leaves out who does not meet it.",
    fix="Give the Frontend an ACL without a condition, after all others, whose `action` is "
    '`{"type": "redirect", "redirects": [{"type": "scheme", "target": "https", "code": 301}]}`; or give it '
    "`certificate_ids`.",
    source=scaleway_page(
        "reference-content/acls",
        "the frontend without a certificate redirects to HTTPS by an ACL without a condition, which comes after any "
        "with one",
    ),
    binding=Binding.ADVISED,
    modes=frozenset(Mode),
    check=_check,
    holds=(OFFLOADED, LOOSE_OFFLOADED),
    fails=(
        _CLEARTEXT,
        with_words(LOOSE_OFFLOADED, "frontends", "http", acls=[_SOME]),
        with_words(LOOSE_OFFLOADED, "frontends", "http", acls=[acl("allow", ip_subnets=["192.0.2.1"]), TO_HTTPS]),
        with_words(OFFLOADED, "frontends", "redirect-0", acls=[]),
    ),
    open=(
        with_words(LOOSE_OFFLOADED, "frontends", "http", acls=UNKNOWN),
        with_words(_CLEARTEXT, "frontends", "http", external_acls=True),
        with_balancer(_CLEARTEXT, ip_ids=[], assign_flexible_ip=UNKNOWN),
    ),
    not_applicable=(LOOSE_PASSTHROUGH,),
    symptom="http:// answers with the application itself: passwords and cookies travel in cleartext.",
    evidence=Evidence.ADVICE,
    severity=Severity.HIGH,
    references=(PCI_DSS_4_2_1,),
    covers=("LB001", "LB031"),
)
