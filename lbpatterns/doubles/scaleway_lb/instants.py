"""Points in time as whole nanoseconds since 1970, and how the API writes them."""

from datetime import UTC, datetime

Instant = int

SECOND = 1_000_000_000
ZERO_DATE = "0001-01-01T00:00:00Z"
"""What the API answers where a date is not known yet (CAS:frontend-certificate, while pending)."""


def _second(instant: Instant) -> str:
    return datetime.fromtimestamp(instant // SECOND, tz=UTC).strftime("%Y-%m-%dT%H:%M:%S")


def in_nanoseconds(instant: Instant) -> str:
    """Nine digits, as in the answer to the very call that set this instant."""
    return f"{_second(instant)}.{instant % SECOND:09d}Z"


def in_microseconds(instant: Instant) -> str:
    """Six digits, rounded, as in every later answer."""
    rounded = (instant + 500) // 1000 * 1000
    return f"{_second(rounded)}.{rounded % SECOND // 1000:06d}Z"


def in_seconds(instant: Instant | None) -> str:
    """No digits, as in the dates of certificates; the zero date for none."""
    return ZERO_DATE if instant is None else f"{_second(instant)}Z"


def stamp(instant: Instant, now: Instant) -> str:
    """Nanoseconds when this very call (which runs at `now`) set the instant, else microseconds."""
    return in_nanoseconds(instant) if instant == now else in_microseconds(instant)
