"""Ids and addresses that nobody holds yet.

Addresses come from ranges that are set aside for benchmarks and documentation (RFC 2544, RFC 3849), so that a test that
dials one by mistake reaches nobody. None is handed out twice, not even after it was released.

Public addresses are handed out from the highest down: lists of them are ordered by address (recorded), and a client
that takes that for the order of creation should notice.
"""

import ipaddress
import itertools
import uuid


def new_id() -> str:
    """A fresh UUID."""
    return str(uuid.uuid4())


class Pools:
    """Counters from which addresses are made."""

    def __init__(self) -> None:
        self._ipv4 = itertools.count(1)
        self._ipv6 = itertools.count(1)
        self._private_ipv4 = itertools.count(0)
        self._private_ipv6 = itertools.count(1)
        self._machines = itertools.count(1)

    def public_ipv4(self) -> str:
        """An address of 198.18.0.0/15."""
        return str(ipaddress.IPv4Address("198.19.255.255") - next(self._ipv4))

    def public_ipv6(self) -> str:
        """The first address of a /64 of 2001:db8::/32."""
        return str(ipaddress.IPv6Address("2001:db8:ffff::") - (next(self._ipv6) << 64))

    def private_ipv4_range(self) -> str:
        """A /22 of 172.16.0.0/12."""
        return f"{ipaddress.IPv4Address('172.16.0.0') + next(self._private_ipv4) % 1024 * 1024}/22"

    def private_ipv6_range(self) -> str:
        """A /64 of the unique local addresses."""
        return f"{ipaddress.IPv6Address('fd5f:519c:6d46::') + (next(self._private_ipv6) << 64)}/64"

    def mac_address(self) -> str:
        """An address in the form that IPAM answers: `02:00:00:1E:73:65`."""
        number = f"{next(self._machines):06X}"
        return "02:00:00:" + ":".join(number[at : at + 2] for at in (0, 2, 4))


def reverse_name(address: str, region: str) -> str:
    """The name an address gets by itself: dashes for IPv4, reversed nibbles for IPv6 (CAS:lb-with-ipv6)."""
    parsed = ipaddress.ip_address(address)
    words = address.replace(".", "-") if parsed.version == 4 else ".".join(reversed(parsed.exploded.replace(":", "")))
    return f"{words}.lb.{region}.scw.cloud"
