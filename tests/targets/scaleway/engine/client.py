"""The same account, through Scaleway's own Python SDK: what was built, and changes behind Pulumi's back."""

from __future__ import annotations

from typing import Any

from scaleway import Client
from scaleway.lb.v1 import LbV1ZonedAPI

from lbpatterns.doubles.scaleway_lb import Double

ZONE = "fr-par-1"


class ScalewayAccount:
    """What there is in one zone, as far as load balancers go."""

    def __init__(self, double: Double) -> None:
        told = double.environment()
        self.client = Client(
            access_key=told["SCW_ACCESS_KEY"],
            secret_key=told["SCW_SECRET_KEY"],
            api_url=double.url,
            default_project_id=told["SCW_DEFAULT_PROJECT_ID"],
            default_organization_id=told["SCW_DEFAULT_ORGANIZATION_ID"],
            default_zone=ZONE,
            default_region="fr-par",
        )
        self.api = LbV1ZonedAPI(self.client)

    def load_balancer(self) -> Any:
        """The only one."""
        (balancer,) = self.api.list_lbs_all(zone=ZONE)
        return balancer

    def frontends(self) -> list[Any]:
        return [*self.api.list_frontends_all(lb_id=self.load_balancer().id, zone=ZONE)]

    def frontend(self, port: int) -> Any:
        (found,) = [one for one in self.frontends() if one.inbound_port == port]
        return found

    def backends(self) -> list[Any]:
        return [*self.api.list_backends_all(lb_id=self.load_balancer().id, zone=ZONE)]

    def backend(self, start: str) -> Any:
        """The only one whose name starts so."""
        (found,) = [one for one in self.backends() if one.name.startswith(start)]
        return found

    def routes(self) -> list[Any]:
        return [*self.api.list_routes_all(zone=ZONE)]

    def acls(self, port: int) -> list[Any]:
        """Those of the frontend on `port`, in the order in which they are taken."""
        found = self.api.list_acls_all(frontend_id=self.frontend(port).id, zone=ZONE)
        return sorted(found, key=lambda acl: acl.index)
