"""What a declaration asks of a load balancer that only one that reads HTTP can do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lbpatterns.core.spec import AccessAction, Backend, LBSpec, Protocol, StickinessKind


@dataclass(frozen=True, slots=True)
class Asked:
    """One such thing: where, what, and the backends that have to speak HTTP for it."""

    place: str
    what: str
    backends: tuple[Backend, ...]

    @property
    def possible(self) -> bool:
        """Whether every backend that it depends on speaks HTTP."""
        return all(backend.protocol is Protocol.HTTP for backend in self.backends)


def asked(spec: LBSpec) -> Iterator[Asked]:
    """Everything that is asked for, HTTP/3 aside."""
    for place, backend in spec.backend_places():
        if backend.stickiness is not None and backend.stickiness.kind is StickinessKind.COOKIE:
            yield Asked(f"{place}.stickiness", "it goes by cookie", (backend,))
        if backend.failover_host is not None:
            yield Asked(f"{place}.failover_host", "a static site answers in HTTP", (backend,))
    for index, route in enumerate(spec.routes):
        for field, value in (("host", route.host), ("path_prefix", route.path_prefix)):
            if value is not None:
                yield Asked(f"routes[{index}].{field}", "it is part of a request", (spec.backend, route.backend))
    for index, rule in enumerate(spec.access):
        if rule.request is not None:
            yield Asked(f"access[{index}].request", f"it looks at the {rule.request.kind.value}", (spec.backend,))
        if rule.action is AccessAction.REDIRECT:
            yield Asked(f"access[{index}].action", "a redirect is an answer in HTTP", (spec.backend,))
