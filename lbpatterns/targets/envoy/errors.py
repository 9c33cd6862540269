"""What the engine tells the user when something cannot be done, and Envoy's own words, made fit to print."""

from __future__ import annotations

import re
from typing import Final

# A block may be cut off, and a debug print writes its line ends as two characters.
_PEM_BLOCK: Final = re.compile(r"-----BEGIN.*?(?:-----END[^-]*-----|\Z)", re.DOTALL)
_BASE64_RUN: Final = re.compile(r"[A-Za-z0-9+/]{40,}={0,2}")
_LOG_LINE: Final = re.compile(r"^\[[^\]]+\]\[\d+\]\[(?P<level>\w+)\]\[[^\]]+\] (?:\[[^\]]+\] )?(?P<words>.*)$")
_TELLING_LEVELS: Final = frozenset({"warning", "error", "critical"})
_MOST_LINES: Final = 3


class EngineError(Exception):
    """Something that the user has to know, in one or more plain lines. It never holds key material."""

    def __init__(self, message: str) -> None:
        super().__init__(redacted(message))


class CancelledByUserError(EngineError):
    """The user stopped the run."""


def redacted(text: str) -> str:
    """`text` without PEM blocks and without runs of base64 that are long enough to be part of one."""
    return _BASE64_RUN.sub("[redacted]", _PEM_BLOCK.sub("[redacted]", text))


def envoys_words(log: str) -> str:
    """The last warnings and errors of an Envoy log, without time stamps; its last lines where there are none.

    What follows a line without a prefix of its own belongs to that line.
    """
    told: list[str] = []
    telling = False
    for line in redacted(log).splitlines():
        match = _LOG_LINE.match(line)
        if match:
            telling = match["level"] in _TELLING_LEVELS
            if telling:
                told.append(match["words"].strip())
        elif telling and line.strip():
            told[-1] = f"{told[-1]} {line.strip()}"
    lines = list(dict.fromkeys(told)) or [line.strip() for line in redacted(log).splitlines() if line.strip()]
    return "\n".join(f"  envoy: {line}" for line in lines[-_MOST_LINES:]) or "  envoy: (said nothing)"
