"""An ACL says where to exactly when it redirects."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found, unknown, violated
from lbpatterns.core.sources import scaleway_resource
from lbpatterns.core.spec import UNKNOWN, Mode
from lbpatterns.targets.scaleway.defaults import items, part
from lbpatterns.targets.scaleway.examples import LOOSE_OFFLOADED, OFFLOADED, TO_HTTPS, acl, with_frontend, with_words
from lbpatterns.targets.scaleway.modes import a_declaration_shows, action_of, all_acls
from lbpatterns.targets.scaleway.words import ScalewayConfiguration, Words

_TO = {"type": "location", "target": "https://elsewhere.example.test", "code": 302}


def _on(action: str, *redirects: Words) -> list[Words]:
    return [{"action": {"type": action, "redirects": [*redirects]}, "match": {"ip_subnets": ["192.0.2.1"]}}]


def _redirecting(acls: list[Words]) -> ScalewayConfiguration:
    return with_words(LOOSE_OFFLOADED, "frontends", "http", acls=[*acls, TO_HTTPS])


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    for each, frontend in all_acls(configuration):
        kind, action = action_of(each), part(each.words, "action")
        given = items(action, "redirects") if isinstance(action, dict) else UNKNOWN
        where = f"{each.place}.action.redirects"
        if kind is UNKNOWN or given is UNKNOWN:
            yield unknown(where)
        elif kind == "redirect" and len(given) > 1:
            yield violated(where, f"there are {len(given)}; of several, the provider sends none")
        elif a_declaration_shows(configuration, frontend):
            continue  # the core's rules about access speak
        elif kind == "redirect" and not given:
            yield violated(where, "there is none")
        elif kind != "redirect" and given:
            yield violated(where, f"{len(given)}, and the action is {kind}")


CONSTRAINT = Constraint(
    id="acl-that-redirects-says-where-to",
    title="An ACL says where to exactly when it redirects.",
    why="The provider sends a redirect only where there is exactly one: with none or several the ACL has nowhere to "
    "send anybody, and with another action it lets in or denies whom you meant to redirect.",
    fix="Give the `action` of type `redirect` a list `redirects` with one item, and no other action a list of that "
    "name.",
    source=scaleway_resource("lb_acl", "redirect parameters belong to the action `redirect`"),
    binding=Binding.DOCUMENTED,
    modes=frozenset(Mode),
    check=_check,
    holds=(OFFLOADED, with_frontend(LOOSE_OFFLOADED, acls=_on("redirect", _TO))),
    fails=(
        with_frontend(LOOSE_OFFLOADED, acls=_on("redirect", _TO, _TO)),
        _redirecting(_on("redirect")),
        _redirecting(_on("deny", _TO)),
    ),
    open=(with_frontend(LOOSE_OFFLOADED, acls=[acl("redirect", ip_subnets=["192.0.2.1"]) | {"action": UNKNOWN}]),),
    symptom="The update fails at the ACL, or whom it names is let in instead of redirected.",
    evidence=Evidence.INFERRED,
    covers=("LB029",),
)
