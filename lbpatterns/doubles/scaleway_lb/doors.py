"""What only tests use, under `/_double/`: clock, reset, faults, names, state and log."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, IPvAnyAddress

from lbpatterns.doubles.scaleway_lb.api import Answer, Api, Request
from lbpatterns.doubles.scaleway_lb.errors import ApiError
from lbpatterns.doubles.scaleway_lb.faults import Fault
from lbpatterns.doubles.scaleway_lb.parse import parse_door

PREFIX = "/_double/"


class _Door(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Nothing(_Door):
    """`{}` or no body."""


class _Seconds(_Door):
    seconds: Annotated[float, Field(ge=0, le=10 * 365 * 86400)]


class _Name(_Door):
    name: Annotated[str, Field(min_length=1)]
    address: IPvAnyAddress


class _NameOrAll(_Door):
    name: str | None = None


class Doors:
    """The doors of one API."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._doors: dict[tuple[str, str], Callable[[bytes], Any]] = {
            ("POST", "clock"): self._advance,
            ("POST", "reset"): self._reset,
            ("GET", "state"): lambda _: api.counts(),
            ("GET", "log"): lambda _: {"calls": api.log()},
            ("GET", "faults"): lambda _: {"faults": api.faults.report()},
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): self._clear_faults,
            ("GET", "dns"): lambda _: {"names": api.names()},
            ("POST", "dns"): self._register_name,
            ("DELETE", "dns"): self._forget_name,
        }

    def answer(self, request: Request) -> Answer:
        """Open the door that the path names."""
        door = self._doors.get((request.method, request.path.removeprefix(PREFIX)))
        if door is None:
            known = ", ".join(f"{method} {PREFIX}{name}" for method, name in self._doors)
            return Answer(404, {"message": f"no such door: {request.method} {request.path}; there are {known}"})
        try:
            return Answer(200, door(request.body))
        except ApiError as error:
            return Answer(error.status, error.body)

    def _advance(self, data: bytes) -> Any:
        seconds = parse_door(_Seconds, data).seconds
        self._api.clock.advance(seconds)
        return {"advanced": seconds}

    def _reset(self, data: bytes) -> Any:
        parse_door(_Nothing, data)
        self._api.reset()
        return {}

    def _add_fault(self, data: bytes) -> Any:
        self._api.faults.add(parse_door(Fault, data))
        return {"faults": self._api.faults.report()}

    def _clear_faults(self, data: bytes) -> Any:
        parse_door(_Nothing, data)
        self._api.faults.clear()
        return {"faults": []}

    def _register_name(self, data: bytes) -> Any:
        name = parse_door(_Name, data)
        self._api.register_name(name.name, str(name.address))
        return {"names": self._api.names()}

    def _forget_name(self, data: bytes) -> Any:
        self._api.forget_name(parse_door(_NameOrAll, data).name)
        return {"names": self._api.names()}
