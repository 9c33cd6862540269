"""A load balancer that somebody wrote, with what all its frontends share worked out once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lbpatterns.core.spec import UNKNOWN, Backend, Mode
from lbpatterns.targets.scaleway import stack_readable as readable
from lbpatterns.targets.scaleway.defaults import items, text
from lbpatterns.targets.scaleway.lift_backend import lift_backend
from lbpatterns.targets.scaleway.modes import (
    LooseConfiguration,
    acls_of,
    action_of,
    find,
    has_ipv6,
    is_public,
    lets_nobody_in,
)
from lbpatterns.targets.scaleway.stack_places import Places
from lbpatterns.targets.scaleway.stack_readings import BACKEND, LOAD_BALANCER, variants
from lbpatterns.targets.scaleway.stack_words import Unseen
from lbpatterns.targets.scaleway.words import COMPATIBILITY, Words, other_way

_HTTP: Final = "http"
VERSIONS: Final = other_way(COMPATIBILITY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """The load balancer. `balancer` and `backends` are their words in each way that they may turn out.

    `routes` and `acls` are keys by the frontend that they belong to, with None for those of which that is not known
    yet. `redirect` is the frontend that only redirects to HTTPS, and its port.
    """

    configuration: LooseConfiguration
    places: Places
    balancer: list[Words]
    backends: Mapping[str, list[Words]]
    routes: Mapping[str | None, list[str]]
    acls: Mapping[str | None, list[str]]
    redirect: tuple[str, Any] | None
    _lifted: dict[tuple[str, int, Mode], Backend] = field(default_factory=dict)

    @classmethod
    def of(cls, configuration: LooseConfiguration, places: Places) -> Whole:
        """What the configuration says, made such that it can be lifted."""
        backends = configuration.backends.items()
        return cls(
            configuration=configuration,
            places=places,
            balancer=variants(_balancer(configuration), LOAD_BALANCER),
            backends={key: variants(readable.backend(words), BACKEND) for key, words in backends},
            routes=_by_frontend(configuration, configuration.routes),
            acls=_by_frontend(configuration, configuration.acls),
            redirect=_redirect(configuration),
        )

    def routes_of(self, frontend: str) -> Iterator[tuple[str, Words]]:
        """The routes that are a frontend's own, then those that may be."""
        for key in (*self.routes.get(frontend, ()), *self.routes.get(None, ())):
            yield key, self.configuration.routes[key]

    def acls_of(self, frontend: str) -> list[str]:
        """The ACLs of their own that are a frontend's, then those that may be."""
        return [*self.acls.get(frontend, ()), *self.acls.get(None, ())]

    def backend(self, key: str, words: Words, mode: Mode) -> Backend:
        """One of `backends`, lifted once for all frontends that lead there."""
        known = (key, id(words), mode)
        if known not in self._lifted:
            self._lifted[known] = lift_backend(key, words, mode, {})
        return self._lifted[known]


def _balancer(configuration: LooseConfiguration) -> Words:
    words = configuration.load_balancer
    if isinstance(words, Unseen):  # what it is, is judged where it is
        attached = [*configuration.private_networks.values()]
        return {"ssl_compatibility_level": "", "public": True, "ipv6": False, "private_networks": attached}
    level = text("load_balancer", words, "ssl_compatibility_level")
    return {
        "ssl_compatibility_level": level if level is UNKNOWN or level in VERSIONS else "",
        "public": is_public(configuration),
        "ipv6": has_ipv6(configuration),
        "private_networks": _networks(configuration),
    }


def _networks(configuration: LooseConfiguration) -> Any:
    """The private networks that are arguments of the load balancer, and those that are attached by resources."""
    inside = items(configuration.load_balancer, "private_networks")
    return inside if inside is UNKNOWN else [*inside, *configuration.private_networks.values()]


def _by_frontend(configuration: LooseConfiguration, resources: Mapping[str, Words]) -> dict[str | None, list[str]]:
    """Keys by the frontend that they belong to; None: it is not known yet which that is."""
    found: dict[str | None, list[str]] = {}
    for key, words in resources.items():
        frontend = find(configuration, "frontends", words.get("frontend_id"))
        if frontend is not None or words.get("frontend_id") is UNKNOWN:
            found.setdefault(frontend, []).append(key)
    return found


def _redirect(configuration: LooseConfiguration) -> tuple[str, Any] | None:
    """The frontend that answers plain HTTP with nothing but redirects, and its port."""
    for key, words in configuration.frontends.items():
        if items(words, "certificate_ids") != []:
            continue
        backend = find(configuration, "backends", words.get("backend_id"))
        if backend is None or text("backends", configuration.backends[backend], "forward_protocol") != _HTTP:
            continue
        acls = acls_of(configuration, key)
        if acls is UNKNOWN or not acls or lets_nobody_in(configuration, key) is not True:
            continue
        if action_of(acls[-1]) == "redirect":
            return key, readable.whole("frontends", words, "inbound_port", UNKNOWN)
    return None
