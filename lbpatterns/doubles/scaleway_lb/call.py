"""What a call of the API is: where it is, what it may carry, and what answers it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from lbpatterns.doubles.scaleway_lb.bodies.body import Body, NoBody, Query
from lbpatterns.doubles.scaleway_lb.faults import Faults
from lbpatterns.doubles.scaleway_lb.instants import Instant
from lbpatterns.doubles.scaleway_lb.state import State
from lbpatterns.doubles.scaleway_lb.views import Views

Evidence = Literal["recorded", "documented", "modelled"]
"""Where the answer's shape is from: a recording, public documentation or an SDK, or a guess."""

B = TypeVar("B", bound=Body)
Q = TypeVar("Q", bound=Query)


@dataclass(frozen=True)
class Ask:
    """One request, understood: everything a handler needs."""

    state: State
    faults: Faults
    now: Instant
    place: str
    """The zone or region in the path."""
    ids: dict[str, str]
    body: Body
    query: Query

    @property
    def views(self) -> Views:
        """The state as this call answers it."""
        return Views(self.state, self.now)

    def body_as(self, kind: type[B]) -> B:
        """The body, which the call's own table says is of this kind."""
        assert isinstance(self.body, kind)  # noqa: S101 - `Call.body` and the handler stand side by side
        return self.body

    def query_as(self, kind: type[Q]) -> Q:
        """The query, in the same way."""
        assert isinstance(self.query, kind)  # noqa: S101 - see above
        return self.query


@dataclass(frozen=True)
class Call:
    """One line of the API: a method and a path, and what answers them."""

    method: str
    path: str
    handler: Callable[[Ask], Any]
    evidence: Evidence
    status: int = 200
    body: type[Body] = NoBody
    query: type[Query] = Query
