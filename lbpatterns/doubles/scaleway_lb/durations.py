"""Durations as clients send them and as the API answers them.

`check_delay`, `check_timeout` and most `timeout_*` are whole milliseconds: the Go SDK sends numbers, the Python SDK
strings of digits. `transient_check_delay` and `timeout_queue` travel as seconds with a unit (`"0.500000000s"`) and are
answered in the shortest of 0, 3, 6 or 9 decimals (`"0.500s"`, `"4s"`: CAS:backend-basic).
"""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator

_SECONDS = re.compile(r"(\d{1,9})(?:\.(\d{1,9})\d*)?s")
_DIGITS = re.compile(r"\d{1,15}")


def nanoseconds(value: Any) -> int:
    """A duration in nanoseconds: milliseconds as a number or digits, or seconds with the unit `s`."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value * 1_000_000
    if isinstance(value, str):
        if _DIGITS.fullmatch(value):
            return int(value) * 1_000_000
        match = _SECONDS.fullmatch(value)
        if match:
            return int(match[1]) * 1_000_000_000 + int((match[2] or "").ljust(9, "0"))
    raise ValueError("a duration is a number of milliseconds (5000 or '5000'), or seconds with their unit ('0.5s')")


def in_milliseconds(duration: int | None) -> int | None:
    """Whole milliseconds, as `check_*` and `timeout_*` are answered."""
    return None if duration is None else duration // 1_000_000


def in_seconds_with_unit(duration: int | None) -> str | None:
    """`"4s"`, `"0.500s"`: as few of 0, 3, 6 or 9 decimals as hold the value."""
    if duration is None:
        return None
    whole, rest = divmod(duration, 1_000_000_000)
    digits = f"{rest:09d}"
    while digits.endswith("000"):
        digits = digits[:-3]
    return f"{whole}.{digits}s" if digits else f"{whole}s"


Duration = Annotated[int, BeforeValidator(nanoseconds)]
"""A duration in a request body, held in nanoseconds."""
