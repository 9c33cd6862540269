"""Access rules as Scaleway's ACLs, and the redirect from HTTP to HTTPS, which is one too.

Source: https://www.scaleway.com/en/docs/load-balancer/reference-content/acls/ (rules are taken in the order of their
index; a request that none matches is let in).
"""

from __future__ import annotations

import dataclasses
from typing import Any, Final

from lbpatterns.core.spec import AccessAction, AccessRule, Redirect, RequestMatch
from lbpatterns.targets.scaleway.words import EVERYBODY, FILTERS, NO_FILTER, Words, other_way

_HTTPS: Final = Redirect(scheme="https")


def to_https(rules: tuple[AccessRule, ...]) -> tuple[AccessRule, ...]:
    """The rules of a frontend that redirects to HTTPS: whom they let in is redirected, and so is everybody else left.

    A rule that lets in ends the list, and would let cleartext in here.
    """
    sent = (
        dataclasses.replace(rule, action=AccessAction.REDIRECT, redirect=_HTTPS)
        if rule.action is AccessAction.ALLOW
        else rule
        for rule in rules
    )
    return (*sent, AccessRule(action=AccessAction.REDIRECT, redirect=_HTTPS))


def acls(rules: tuple[AccessRule, ...]) -> list[Words]:
    """The ACLs of one frontend, in their order.

    They are arguments of the frontend: the provider deletes ACLs that are resources of their own whenever it changes
    their frontend, with `external_acls` too.
    """
    return [{"action": _action(rule), "match": _match(rule)} for rule in rules]


def _action(rule: AccessRule) -> Words:
    if rule.redirect is None:
        return {"type": rule.action.value}
    to = rule.redirect
    kind, goal = ("location", to.location) if to.scheme is None else ("scheme", to.scheme)
    return {"type": rule.action.value, "redirects": [{"type": kind, "target": goal, "code": to.code}]}


def _match(rule: AccessRule) -> Words:
    # Both families by name: where networks are left out, the provider says 0.0.0.0/0 alone.
    words: Words = {"ip_subnets": list(rule.networks or EVERYBODY), "http_filter": NO_FILTER, "invert": rule.invert}
    if rule.request is None:
        return words
    header = {} if rule.request.header is None else {"http_filter_option": rule.request.header}
    words |= {"http_filter": FILTERS[rule.request.kind], "http_filter_values": list(rule.request.values)}
    return {**words, **header}


def lift_rule(words: Words) -> AccessRule:
    """The rule that an ACL says."""
    match = words.get("match") or {}
    networks = tuple(match.get("ip_subnets") or EVERYBODY)
    redirects = words["action"].get("redirects") or [None]
    return AccessRule(
        action=AccessAction(words["action"]["type"]),
        networks=() if networks == EVERYBODY else networks,
        request=_lift_request(match),
        invert=bool(match.get("invert", False)),
        redirect=_lift_redirect(redirects[0]),
    )


def _lift_request(match: Words) -> RequestMatch | None:
    name = match.get("http_filter") or NO_FILTER
    if name == NO_FILTER:
        return None
    return RequestMatch(
        kind=other_way(FILTERS)[name],
        values=tuple(match.get("http_filter_values", ())),
        header=match.get("http_filter_option"),
    )


def _lift_redirect(words: Any) -> Redirect | None:
    if words is None:
        return None
    return Redirect(**{words["type"]: words["target"]}, code=words.get("code", 302))
