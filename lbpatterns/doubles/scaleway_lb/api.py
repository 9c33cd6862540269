"""One request in, one answer out: token, call, fault, fields, and the handler under a lock."""

import re
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from lbpatterns.doubles.scaleway_lb.call import Ask
from lbpatterns.doubles.scaleway_lb.clock import VirtualClock
from lbpatterns.doubles.scaleway_lb.errors import ApiError, denied, invalid_argument, unknown_call
from lbpatterns.doubles.scaleway_lb.faults import Fault, Faults
from lbpatterns.doubles.scaleway_lb.pace import PACES, Mode
from lbpatterns.doubles.scaleway_lb.parse import parse_body, parse_query
from lbpatterns.doubles.scaleway_lb.state import State
from lbpatterns.doubles.scaleway_lb.table import Matched, match

REGIONS = {"fr-par": 3, "nl-ams": 3, "pl-waw": 3, "it-mil": 1}
PLACES = {
    "region": frozenset(REGIONS),
    "zone": frozenset(f"{region}-{n}" for region, zones in REGIONS.items() for n in range(1, zones + 1)),
}
_SECRET_KEY = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
LOG_LENGTH = 10_000


@dataclass(frozen=True)
class Request:
    """What arrived."""

    method: str
    path: str
    query: str = ""
    token: str | None = None
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What goes back; a body of None is no body at all."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class ResetByFaultError(Exception):
    """The faults `reset` and `lost_answer`: the connection ends without an answer."""


class Api:
    """The API over one state. Safe for threads: calls happen one after the other."""

    def __init__(self, mode: Mode, secret_key: str | None = None, *, clock_runs: bool = True) -> None:
        self.mode = mode
        self.clock = VirtualClock(runs=clock_runs)
        self.faults = Faults()
        self._secret_key = secret_key
        self._lock = threading.RLock()
        self._state = State(PACES[mode])
        self._log: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)

    def reset(self) -> None:
        """Start from nothing: no object, no fault, no name, no log, no time added."""
        with self._lock:
            self.clock.reset()
            self.faults.clear()
            self._state = State(PACES[self.mode])
            self._log.clear()

    def counts(self) -> dict[str, int]:
        """How many objects of each kind there are now."""
        with self._lock:
            self._state.settle(self.clock.now())
            return self._state.counts()

    def log(self) -> list[dict[str, Any]]:
        """The last calls: method, path and status; never a query, a body or a token."""
        with self._lock:
            return list(self._log)

    def names(self) -> dict[str, list[str]]:
        """The names that tests registered."""
        with self._lock:
            return self._state.names.registered()

    def register_name(self, name: str, address: str) -> None:
        """Have `name` resolve to `address`, for Let's Encrypt."""
        with self._lock:
            self._state.names.register(name, address)

    def forget_name(self, name: str | None = None) -> None:
        """Drop a registered name, or all."""
        with self._lock:
            self._state.names.forget(name)

    def answer(self, request: Request) -> Answer:
        """Answer a request; raises only `ResetByFaultError`."""
        try:
            answer = self._answer(request)
        except ApiError as error:
            answer = Answer(error.status, error.body, error.headers)
        except ResetByFaultError:
            self._note(request, 0)
            raise
        self._note(request, answer.status)
        return answer

    def _note(self, request: Request, status: int) -> None:
        with self._lock:
            self._log.append({"method": request.method, "path": request.path, "status": status})

    def _answer(self, request: Request) -> Answer:
        self._check_token(request.token)
        matched = match(request.method, request.path)
        if matched is None:
            raise unknown_call(request.method, request.path)
        fault = self.faults.strike(request.method, request.path)
        if fault is not None:
            _suffer(fault, request)
        if matched.place not in PLACES[matched.place_kind]:
            raise invalid_argument(matched.place_kind, "constraint", f"there is no {matched.place}")
        answer = self._handle(request, matched)
        if fault is not None and fault.kind == "lost_answer":
            raise ResetByFaultError
        return answer

    def _check_token(self, token: str | None) -> None:
        """TOKEN. A double knows no accounts: any secret key will do, unless it was started with one."""
        if not token or not _SECRET_KEY.fullmatch(token):
            raise denied("invalid_argument")
        if self._secret_key is not None and token != self._secret_key:
            raise denied("not_found")

    def _handle(self, request: Request, matched: Matched) -> Answer:
        call = matched.call
        query, body = parse_query(call.query, request.query), parse_body(call.body, request.body)
        with self._lock:
            now = self.clock.now()
            self._state.settle(now)
            ask = Ask(self._state, self.faults, now, matched.place, matched.ids, body, query)
            return Answer(call.status, call.handler(ask))


def _suffer(fault: Fault, request: Request) -> None:
    """What the fault does before the call is handled."""
    if fault.kind == "slow":
        time.sleep(fault.seconds)
    elif fault.kind == "reset":
        raise ResetByFaultError
    elif fault.kind != "lost_answer":
        raise fault.error(request.path)
