"""Faults that a test switches on: which call fails, how, and how often."""

import re
import threading
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from lbpatterns.doubles.scaleway_lb.errors import ApiError, forbidden, quota_exceeded, transient_state

Kind = Literal[
    "server_error",
    "unavailable",
    "too_many_requests",
    "transient_state",
    "slow",
    "reset",
    "lost_answer",
    "forbidden",
    "quota",
    "letsencrypt_error",
    "attach_error",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
OUTCOMES: frozenset[Kind] = frozenset({"letsencrypt_error", "attach_error"})
"""The kinds that let the call pass and strike what comes of it."""


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from None
    return text


class Fault(BaseModel):
    """One fault. It strikes calls of `method` whose path matches `path`, skips `after` of them, then fires `times`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] | None = None
    path: Annotated[str, AfterValidator(_pattern)] | None = None
    times: Annotated[int, Field(ge=1)] | None = None
    after: Annotated[int, Field(ge=0)] = 0
    seconds: Annotated[float, Field(gt=0, le=60)] = 1.0

    def strikes(self, method: str, path: str) -> bool:
        """Whether this call is one of those it is for."""
        return self.method in {None, method} and re.search(self.path or "", path) is not None

    def error(self, path: str) -> ApiError:
        """What the call is answered with. 429 and 5xx carry no type: modelled on the gateway's plain messages."""
        last_id = next(iter(re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", path)[::-1]), "")
        answers = {
            "server_error": ApiError(500, {"message": "internal error"}),
            "unavailable": ApiError(503, {"message": "service unavailable"}),
            "too_many_requests": ApiError(429, {"message": "too many requests"}, {"Retry-After": "1"}),
            "transient_state": transient_state("lb", last_id, "pending"),
            "forbidden": forbidden(),
            "quota": quota_exceeded("lb", 0, 0),
        }
        return answers[self.kind]


@dataclass
class _Armed:
    fault: Fault
    met: int = 0
    fired: int = 0


@dataclass
class Faults:
    """The faults that are switched on. Safe for threads."""

    _armed: list[_Armed] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> None:
        """Switch one on."""
        with self._lock:
            self._armed.append(_Armed(fault))

    def clear(self) -> None:
        """Switch all off."""
        with self._lock:
            self._armed.clear()

    def strike(self, method: str, path: str, outcome: Kind | None = None) -> Fault | None:
        """The fault that this call meets, which counts as fired; None when it meets none.

        With an `outcome` (one of `OUTCOMES`) only that kind counts, without one all the others do.
        """
        with self._lock:
            for armed in self._armed:
                fault = armed.fault
                meant = fault.kind not in OUTCOMES if outcome is None else fault.kind == outcome
                if not meant or not fault.strikes(method, path):
                    continue
                armed.met += 1
                if armed.met > fault.after and (fault.times is None or armed.fired < fault.times):
                    armed.fired += 1
                    return fault
            return None

    def report(self) -> list[dict[str, Any]]:
        """Each fault as it was given, and how often it fired."""
        with self._lock:
            return [
                {**armed.fault.model_dump(exclude_none=True, exclude_unset=True), "fired": armed.fired}
                for armed in self._armed
            ]
