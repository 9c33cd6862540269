"""A redirect has a code and a target that clients can follow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from lbpatterns.core.constraint import Binding, Constraint, Found, Severity, unknown, violated
from lbpatterns.core.sources import scaleway_resource
from lbpatterns.core.spec import UNKNOWN, Mode
from lbpatterns.targets.scaleway.defaults import items, number, part, text
from lbpatterns.targets.scaleway.examples import LOOSE_OFFLOADED, OFFLOADED, TO_HTTPS, acl, with_words
from lbpatterns.targets.scaleway.modes import a_declaration_shows, action_of, all_acls
from lbpatterns.targets.scaleway.words import ScalewayConfiguration

_CODES: Final = {301, 302, 303, 307, 308}
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*", re.IGNORECASE)
_URL: Final = re.compile(r"([a-z][a-z0-9+.-]*|\{\{scheme\}\})://\S+|/\S*", re.IGNORECASE)
_PLACEHOLDER: Final = re.compile(r"\{\{(.*?)\}\}")
_PLACEHOLDERS: Final = {"host", "query", "path", "scheme"}


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    for each, frontend in all_acls(configuration):
        if a_declaration_shows(configuration, frontend):
            continue  # the core's rules about access speak
        action = part(each.words, "action")
        given = items(action, "redirects") if isinstance(action, dict) else []
        if action is UNKNOWN or given is UNKNOWN or action_of(each) is UNKNOWN:
            yield unknown(f"{each.place}.action")
        elif len(given) == 1 and action_of(each) == "redirect":  # how many there are is another rule
            yield from _redirect(given[0], f"{each.place}.action.redirects[0]")


def _redirect(words: Any, where: str) -> Iterator[Found]:
    code = number("acls", words, "code")
    kind, target = text("acls", words, "type"), text("acls", words, "target")
    if code is UNKNOWN:
        yield unknown(f"{where}.code")
    elif code is not None and code not in _CODES:
        yield violated(f"{where}.code", f"{code:g} is none of {', '.join(map(str, sorted(_CODES)))}")
    if kind is UNKNOWN or target is UNKNOWN:
        yield unknown(f"{where}.target")
    elif found := _unusable(kind, target):
        yield violated(f"{where}.target", found)


def _unusable(kind: str | None, target: str | None) -> str | None:
    if kind not in {"scheme", "location"} or target is None:
        return "it says no type and target" if target is None or kind is None else f"the type {kind!r} is unknown"
    if kind == "scheme":
        return None if _SCHEME.fullmatch(target) else f"{target!r} is no scheme such as https"
    unknown_names = set(_PLACEHOLDER.findall(target)) - _PLACEHOLDERS
    if unknown_names or target.count("{{") != target.count("}}"):
        return f"{target!r} has another placeholder than {{{{host}}}}, {{{{path}}}}, {{{{query}}}} and {{{{scheme}}}}"
    return None if _URL.fullmatch(target) else f"{target!r} is no URL"


def _to(**words: Any) -> ScalewayConfiguration:
    acls = [acl("redirect", redirect=words, ip_subnets=["192.0.2.1"]), TO_HTTPS]
    return with_words(LOOSE_OFFLOADED, "frontends", "http", acls=acls)


CONSTRAINT = Constraint(
    id="redirect-can-be-followed",
    title="A redirect has a code and a target that clients can follow.",
    why="Nothing checks them before the update; a code that is none, a scheme with slashes or a placeholder that does "
    "not exist ends in a refusal there, or sends clients to an address that is none.",
    fix="Let `code` be 301, 302, 303, 307 or 308; `target` a bare scheme (`https`) with type `scheme`, or a URL with "
    "type `location`, in which only {{host}}, {{path}}, {{query}} and {{scheme}} are replaced.",
    source=scaleway_resource("lb_acl", "the codes, and what a target is for each type of redirect"),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.OFFLOADED, Mode.BRIDGED}),
    check=_check,
    holds=(
        OFFLOADED,
        _to(type="location", target="https://a.example.test/{{path}}", code=307.0),
    ),
    fails=(
        _to(type="scheme", target="https", code=200),
        _to(type="scheme", target="https://"),
        _to(type="location", target="shop.example.test"),
        _to(type="location", target="https://{{hostname}}/"),
    ),
    open=(
        _to(type="location", target=UNKNOWN),
        _to(type="scheme", target="https", code=UNKNOWN),
    ),
    symptom="The update fails at the ACL, or browsers show an error where they were to be sent elsewhere.",
    severity=Severity.LOW,
    covers=("LB030",),
)
