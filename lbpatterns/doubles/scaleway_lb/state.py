"""Everything that exists in the double, and what will happen to it by itself."""

import heapq
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lbpatterns.doubles.scaleway_lb.instants import Instant
from lbpatterns.doubles.scaleway_lb.names import Names
from lbpatterns.doubles.scaleway_lb.pace import Pace
from lbpatterns.doubles.scaleway_lb.pools import Pools
from lbpatterns.doubles.scaleway_lb.records import (
    Acl,
    Attachment,
    Backend,
    Certificate,
    Frontend,
    InstanceIp,
    IpamIp,
    Lb,
    PrivateNetwork,
    Record,
    Route,
    Subnet,
    Subscriber,
    Vpc,
)
from lbpatterns.doubles.scaleway_lb.records import Ip as LbIp

Transition = Callable[[Instant], None]
"""What happens at an instant; it is told the instant at which it was due."""


@dataclass
class State:
    """Tables by id, in the order of creation, and the agenda of transitions.

    Not safe for threads: `Api` holds a lock around each call.
    """

    pace: Pace
    pools: Pools = field(default_factory=Pools)
    names: Names = field(default_factory=Names)
    lbs: dict[str, Lb] = field(default_factory=dict)
    ips: dict[str, LbIp] = field(default_factory=dict)
    backends: dict[str, Backend] = field(default_factory=dict)
    frontends: dict[str, Frontend] = field(default_factory=dict)
    certificates: dict[str, Certificate] = field(default_factory=dict)
    routes: dict[str, Route] = field(default_factory=dict)
    acls: dict[str, Acl] = field(default_factory=dict)
    attachments: dict[str, Attachment] = field(default_factory=dict)
    subscribers: dict[str, Subscriber] = field(default_factory=dict)
    vpcs: dict[str, Vpc] = field(default_factory=dict)
    private_networks: dict[str, PrivateNetwork] = field(default_factory=dict)
    subnets: dict[str, Subnet] = field(default_factory=dict)
    ipam_ips: dict[str, IpamIp] = field(default_factory=dict)
    instance_ips: dict[str, InstanceIp] = field(default_factory=dict)
    _agenda: list[tuple[Instant, int, Transition]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=itertools.count)

    def later(self, at: Instant, transition: Transition) -> None:
        """Have `transition` happen at `at`, or with the next call if that has passed."""
        heapq.heappush(self._agenda, (at, next(self._order), transition))

    def settle(self, now: Instant) -> None:
        """Let everything happen that was due by `now`, in its order."""
        while self._agenda and self._agenda[0][0] <= now:
            at, _, transition = heapq.heappop(self._agenda)
            transition(at)

    def counts(self) -> dict[str, int]:
        """How many there are of each kind; the default VPCs, which nobody made, are left out."""
        tables: dict[str, dict[str, Record]] = {
            name: table for name, table in vars(self).items() if isinstance(table, dict)
        }
        counts = {name: len(table) for name, table in tables.items()}
        counts["vpcs"] = sum(not vpc.is_default for vpc in self.vpcs.values())
        return counts

    def frontends_of(self, lb_id: str) -> list[Frontend]:
        """The frontends of a load balancer."""
        return [one for one in self.frontends.values() if one.lb_id == lb_id]

    def backends_of(self, lb_id: str) -> list[Backend]:
        """The backends of a load balancer."""
        return [one for one in self.backends.values() if one.lb_id == lb_id]

    def certificates_of(self, lb_id: str) -> list[Certificate]:
        """The certificates of a load balancer."""
        return [one for one in self.certificates.values() if one.lb_id == lb_id]

    def attachments_of(self, lb_id: str) -> list[Attachment]:
        """The private networks of a load balancer, those on their way out among them."""
        return [one for one in self.attachments.values() if one.lb_id == lb_id]

    def ips_of(self, lb_id: str) -> list[LbIp]:
        """The addresses of a load balancer, IPv4 first (recorded)."""
        return sorted((one for one in self.ips.values() if one.lb_id == lb_id), key=lambda ip: ip.is_ipv6)

    def routes_of(self, lb_id: str) -> list[Route]:
        """The routes on the frontends of a load balancer."""
        return [one for one in self.routes.values() if self.frontends[one.frontend_id].lb_id == lb_id]

    def acls_of(self, frontend_id: str) -> list[Acl]:
        """The access rules of a frontend."""
        return [one for one in self.acls.values() if one.frontend_id == frontend_id]

    def subnets_of(self, private_network_id: str) -> list[Subnet]:
        """The ranges of a private network."""
        return [one for one in self.subnets.values() if one.private_network_id == private_network_id]
