"""What ties a client to a server, in Envoy's words.

A cookie keeps the declared balancing: the filter `stateful_session` only overrides its choice while the server that
the cookie names is up. A source address has no such filter, so it takes the place of the balancing: MAGLEV over the
client's address. Source: Envoy's documentation, "Stateful session" and "Supported load balancers".
"""

from __future__ import annotations

from typing import Any, Final

from lbpatterns.core.spec import Backend, Stickiness, StickinessKind
from lbpatterns.targets.envoy.words import DEFAULT_COOKIE_NAME, STATEFUL_SESSION, Message, extension, typed

_PACKAGE: Final = "envoy.extensions.filters.http.stateful_session.v3"
_COOKIE_STATE: Final = "envoy.extensions.http.stateful_session.cookie.v3.CookieBasedSessionState"


def has_cookie(backend: Backend) -> bool:
    """Whether a cookie ties clients to this backend's servers."""
    return backend.stickiness is not None and backend.stickiness.kind is StickinessKind.COOKIE


def has_source_address(backend: Backend) -> bool:
    """Whether the client's address ties it to one of this backend's servers."""
    return backend.stickiness is not None and backend.stickiness.kind is StickinessKind.SOURCE_ADDRESS


def session_filter() -> Message:
    """The HTTP filter in whose place a route puts its own cookie; by itself it does nothing."""
    return extension(STATEFUL_SESSION, f"{_PACKAGE}.StatefulSession")


def session_of_route(stickiness: Stickiness) -> Message:
    """What a route says about its cookie, under `typed_per_filter_config`.

    The cookie is a session cookie, for the whole site, not for scripts (Envoy always adds HttpOnly) and not for
    plain HTTP. It holds the server's address and port in base64, which a client can read.
    """
    name = DEFAULT_COOKIE_NAME if stickiness.cookie_name is None else stickiness.cookie_name
    cookie = {"name": name, "path": "/", "attributes": [{"name": "Secure"}, {"name": "SameSite", "value": "Lax"}]}
    state = extension("envoy.http.stateful_session.cookie", _COOKIE_STATE, cookie=cookie)
    session = {"session_state": state}
    return {STATEFUL_SESSION: typed(f"{_PACKAGE}.StatefulSessionPerRoute", stateful_session=session)}


def cookie_of_route(per_filter: Message) -> str | None:
    """The name of the cookie that `session_of_route` has put there, None where there is none."""
    if STATEFUL_SESSION not in per_filter:
        return None
    state: Any = per_filter[STATEFUL_SESSION]["stateful_session"]["session_state"]["typed_config"]
    return str(state["cookie"]["name"])
