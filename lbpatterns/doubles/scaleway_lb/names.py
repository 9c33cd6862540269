"""Which address a name resolves to, for Let's Encrypt. No resolver is ever asked."""

import ipaddress
import re

_BY_CONSTRUCTION = re.compile(r"(?:[^.]+\.)*(?P<address>\d+-\d+-\d+-\d+)\.lb\.[a-z]+-[a-z]+\.scw\.cloud")


class Names:
    """Names that tests registered, and those that stand for an address by construction."""

    def __init__(self) -> None:
        self._registered: dict[str, set[str]] = {}

    def register(self, name: str, address: str) -> None:
        """From now on `name` resolves to `address`, besides what it resolved to."""
        self._registered.setdefault(name.lower(), set()).add(str(ipaddress.ip_address(address)))

    def forget(self, name: str | None = None) -> None:
        """Drop one name, or all."""
        if name is None:
            self._registered.clear()
        else:
            self._registered.pop(name.lower(), None)

    def registered(self) -> dict[str, list[str]]:
        """What tests registered."""
        return {name: sorted(addresses) for name, addresses in self._registered.items()}

    def addresses(self, name: str) -> set[str]:
        """What `name` resolves to.

        `<ip-dashed>.lb.<region>.scw.cloud` always does, and so does every name below it (CAS:certificate-basic).
        """
        found = set(self._registered.get(name.lower(), ()))
        match = _BY_CONSTRUCTION.fullmatch(name.lower())
        if match:
            found.add(match["address"].replace("-", "."))
        return found
