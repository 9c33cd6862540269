"""Which request goes where: virtual hosts and their routes.

The most specific host wins (exact, then the longer wildcard, then none), within it the longest path. Envoy picks one
virtual host and never looks into another, so each one repeats the less specific routes that also cover its host.
Source: Envoy's documentation, "HTTP routing" and config/route/v3/route_components.proto.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from lbpatterns.core.spec import Backend, LBSpec
from lbpatterns.targets.envoy.stickiness import has_cookie, has_source_address, session_of_route
from lbpatterns.targets.envoy.words import DEFAULT_ROUTE, Message, cluster_name, duration, metadata, route_name

# What a client may claim about itself, and servers tend to believe. Envoy sets X-Forwarded-For and X-Forwarded-Proto
# itself, from the connection.
CLIENT_CLAIMS: Final = ["forwarded", "x-real-ip", "x-forwarded-host", "x-forwarded-port"]

# Safe to do again on another server, because nothing of the request has reached the first.
_RETRY: Final[Message] = {
    "retry_on": "connect-failure,refused-stream,reset-before-request",
    "num_retries": 2,
    "retry_host_predicate": [
        {
            "name": "envoy.retry_host_predicates.previous_hosts",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"
            },
        }
    ],
    "host_selection_retry_max_attempts": "3",
}

# Envoy joins two Host headers with a comma, and passes user information on; servers disagree on what both mean.
_AMBIGUOUS_HOST: Final[Message] = {
    "name": "ambiguous-host",
    "match": {
        "prefix": "/",
        "headers": [{"name": ":authority", "string_match": {"safe_regex": {"regex": ".*[,@].*"}}}],
    },
    "direct_response": {"status": 400},
}


@dataclass(frozen=True, slots=True)
class _Rule:
    """One declared route: `host` in lower case."""

    name: str
    host: str | None
    path: str | None
    backend: Backend

    def covers(self, host: str | None) -> bool:
        """Whether it applies to all that the virtual host of `host` answers."""
        if self.host is None or self.host == host:
            return True
        return host is not None and self.host.startswith("*.") and host.endswith(self.host[1:])

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Greater is more specific."""
        host = self.host or ""
        return (bool(host) and not host.startswith("*"), len(host), len(self.path or "/"))


def route_configuration(spec: LBSpec) -> Message:
    """The route table of every frontend that decrypts."""
    rules = [
        _Rule(route_name(index), _lower(route.host), _text(route.path_prefix), route.backend)
        for index, route in enumerate(spec.routes)
    ]
    hosts = dict.fromkeys(rule.host for rule in rules if rule.host is not None)
    return {
        "name": "routes",
        "virtual_hosts": [_virtual_host(host, rules, spec.backend) for host in (*hosts, None)],
        "request_headers_to_remove": CLIENT_CLAIMS,
        "ignore_port_in_host_matching": True,
        # Listeners and clusters are discovered apart: a cluster that is a moment late must not have the whole
        # listener refused for good.
        "validate_clusters": False,
    }


def _virtual_host(host: str | None, rules: list[_Rule], default: Backend) -> Message:
    return {
        "name": host or "any-host",
        "domains": [host or "*"],
        "routes": [_AMBIGUOUS_HOST, *_routes(host, rules, default)],
    }


def _routes(host: str | None, rules: list[_Rule], default: Backend) -> Iterator[Message]:
    covering = sorted((rule for rule in rules if rule.covers(host)), key=lambda rule: rule.rank, reverse=True)
    for rule in covering:
        said = {"path_prefix": "/"} if rule.path == "/" else {}
        inherited = {"inherited": True} if rule.host != host else {}
        yield _route(rule.name, rule.path, rule.backend, {**said, **inherited})
        if rule.path in {None, "/"}:
            return  # whatever follows is never reached
    yield _route(DEFAULT_ROUTE, None, default, {})


def _route(name: str, path: str | None, backend: Backend, declared: Message) -> Message:
    action: Message = {
        "cluster": cluster_name(backend.name),
        "timeout": duration(_number(backend.timeouts.request)),
        "idle_timeout": duration(_number(backend.timeouts.idle)),
        "retry_policy": _RETRY,
    }
    if has_source_address(backend):
        action["hash_policy"] = [{"connection_properties": {"source_ip": True}}]
    route: Message = {"name": name, "match": _match(path), "route": action}
    if backend.stickiness is not None and has_cookie(backend):
        route["typed_per_filter_config"] = session_of_route(backend.stickiness)
    return {**route, **metadata(declared)}


def _match(path: str | None) -> Message:
    # `/shop` is to cover `/shop` and `/shop/…` but not `/shopping`; a path that ends in a slash does so by itself.
    if path is None or path.endswith("/"):
        return {"prefix": path or "/"}
    return {"path_separated_prefix": path}


def _lower(host: Any) -> str | None:
    return None if host is None else str(host).lower()


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _number(value: Any) -> float:
    return float(value)
