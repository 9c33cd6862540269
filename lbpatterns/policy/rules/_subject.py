"""What the rules of this room are put to: one load balancer, with what its team asks of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from lbpatterns.core.constraint import Source
from lbpatterns.core.spec import UNKNOWN, Maybe


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A certificate that a frontend presents.

    `text` is its key and chain, None where Let's Encrypt holds them. `ends` is when the leaf ends, as the cloud says
    it. `accepted`: the cloud has taken it. `names` are those that it carries, as the cloud or a request says them.
    """

    place: str
    text: Maybe[str] | None = field(default=None, repr=False)
    ends: Maybe[datetime] = UNKNOWN
    accepted: bool = False
    names: Maybe[tuple[Maybe[str], ...]] = UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """A host name that a route sends somewhere, and the certificates of the frontend that it is asked for at."""

    place: str
    name: Maybe[str]
    certificates: Maybe[tuple[Held, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToServers:
    """What is sent to servers from one place, a backend or a declaration: whether it is cleartext."""

    place: str
    cleartext: Maybe[bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A load balancer as this room sees it. `encrypted_to_the_server`: somebody asks that of it."""

    to_servers: tuple[ToServers, ...] = ()
    held: tuple[Held, ...] = ()
    routed: tuple[Routed, ...] = ()
    encrypted_to_the_server: Maybe[bool] = False
    days_before_expiry: int = 30


TEXT: Final = "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"


def add_certificate(says: str) -> Source:
    """Scaleway's page on certificates."""
    return Source(
        "Scaleway, How to add a certificate to your Load Balancer",
        "https://www.scaleway.com/en/docs/load-balancer/how-to/add-certificate/",
        says,
    )
