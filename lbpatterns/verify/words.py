"""Text that came from elsewhere, made fit to be shown: no private key in it, nothing that steers a terminal."""

import re
from typing import Any

_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_HIDDEN = "[private key]"


def without_keys(text: str) -> str:
    """The text with every private key in PEM taken out, also one that is cut off."""
    return _PRIVATE_KEY.sub(_HIDDEN, text)


def plain_without_keys(value: Any) -> Any:
    """The same for every text in plain values."""
    if isinstance(value, str):
        return without_keys(value)
    if isinstance(value, dict):
        return {name: plain_without_keys(item) for name, item in value.items()}
    return [plain_without_keys(item) for item in value] if isinstance(value, list) else value


def printable(text: str) -> str:
    """The text on one line without keys; control characters, and those that turn the direction, are escaped."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in without_keys(text))
