"""Host names and addresses as rules compare them."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import TypeAlias

from lbpatterns.core.spec import UNKNOWN, Maybe

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


def is_address(name: str) -> bool:
    """Whether it is an IP address and no name."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def network(text: str) -> Network | None:
    """The network (CIDR, or one address) that a text says, or None."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def carries(pattern: str, name: str) -> bool:
    """Whether a certificate for `pattern` is one for `name`: a wildcard stands for one label (RFC 6125, 6.4.3)."""
    pattern, name = pattern.lower().rstrip("."), name.lower().rstrip(".")
    if not pattern.startswith("*."):
        return pattern == name
    head, dot, rest = name.partition(".")
    return bool(head and dot) and head != "*" and rest == pattern[2:]


def is_everybody(networks: Sequence[Maybe[str]], *, ipv6: bool) -> bool | None:
    """Whether these networks (none: everybody) hold every client; None where that is not known yet.

    `ipv6`: there are clients with IPv6 addresses.
    """
    if not networks:
        return True
    whole = {each.version for each in map(network, _known(networks)) if each is not None and each.prefixlen == 0}
    if 4 in whole and (6 in whole or not ipv6):
        return True
    return None if UNKNOWN in networks else False


def _known(networks: Sequence[Maybe[str]]) -> list[str]:
    return [each for each in networks if each is not UNKNOWN]
