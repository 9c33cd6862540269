"""The virtual clock: real time, plus what tests have added; or that alone."""

import threading
import time

from lbpatterns.doubles.scaleway_lb.instants import SECOND, Instant


class VirtualClock:
    """Runs with real time and can be moved forward. Each reading is later than the one before.

    With `runs=False` it stands still between two moves, so that nothing depends on how busy the machine is.
    """

    def __init__(self, *, runs: bool = True) -> None:
        self._runs = runs
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget what was added: back to real time. Only for when nothing is left that remembers an instant."""
        with self._lock:
            self._added = self._last = 0
            self._begun, self._begun_monotonic = time.time_ns(), time.monotonic_ns()

    def advance(self, seconds: float) -> None:
        """Move forward; a clock never goes back."""
        if seconds < 0:
            raise ValueError(f"the clock cannot go back by {-seconds} s")
        with self._lock:
            self._added += int(seconds * SECOND)

    def now(self) -> Instant:
        """The virtual time, later than every reading before it."""
        with self._lock:
            passed = time.monotonic_ns() - self._begun_monotonic if self._runs else 0
            self._last = max(self._begun + passed + self._added, self._last + 1)
            return self._last
