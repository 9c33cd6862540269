"""A PEM text that holds a private key and a chain, taken apart and put together again."""

from __future__ import annotations

import re
from typing import Final

# Stands in the chain where the private key stood, unless that was at the start. Text outside of PEM blocks means
# nothing to a reader (RFC 7468, section 2).
_MARK: Final = "(the private key stood here)\n"
_KEY: Final = re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?-----END \1-----[ \t]*\r?\n?", re.DOTALL)
_CERTIFICATE: Final = "-----BEGIN CERTIFICATE-----"


def split(private_key_and_chain_pem: str, place: str) -> tuple[str, str]:
    """The private key and the chain, apart: Envoy's admin interface shows the chain, so it must not hold the key.

    Raises ValueError naming `place`, never the text, unless there is exactly one private key, and a certificate.
    """
    keys = list(_KEY.finditer(private_key_and_chain_pem))
    if len(keys) != 1:
        raise ValueError(f"{place}: one private key expected in the PEM text, {len(keys)} found")
    if _CERTIFICATE not in private_key_and_chain_pem:
        raise ValueError(f"{place}: the PEM text holds no certificate")
    start, end = keys[0].span()
    before, after = private_key_and_chain_pem[:start], private_key_and_chain_pem[end:]
    return keys[0].group(), f"{before}{_MARK}{after}" if before else after


def join(private_key: str, chain: str) -> str:
    """The text that `split` took apart."""
    before, mark, after = chain.partition(_MARK)
    return f"{before}{private_key}{after}" if mark else private_key + chain
