"""Waiting with an end: until something holds, until time is up, or until the user stops the run."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from lbpatterns.targets.envoy.errors import CancelledByUserError, EngineError

_FIRST_SLEEP: Final = 0.001
_LONGEST_SLEEP: Final = 0.02


class OutOfTimeError(EngineError):
    """What was waited for did not happen in time."""


def never() -> bool:
    """Nobody cancels."""
    return False


class Deadline:
    """`seconds` from now, or earlier: as soon as `cancelled` answers true."""

    def __init__(self, seconds: float, cancelled: Callable[[], bool] = never) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds
        self._cancelled = cancelled

    def check(self, waiting_for: str) -> None:
        """Raise `OutOfTimeError` or `CancelledByUserError` when there is no more time to wait for this."""
        if self._cancelled():
            raise CancelledByUserError(f"cancelled while waiting for {waiting_for}")
        if time.monotonic() >= self._end:
            raise OutOfTimeError(f"gave up after {self._seconds:g} s of waiting for {waiting_for}")

    def until(self, holds: Callable[[], bool], waiting_for: str) -> None:
        """Ask again and again, a millisecond apart at first and twenty at last, until it holds."""
        sleep = _FIRST_SLEEP
        while not holds():
            self.check(waiting_for)
            time.sleep(sleep)
            sleep = min(sleep * 1.5, _LONGEST_SLEEP)
