"""Load balancer objects as the API writes them.

Which call shows the machines (`instances`) of an embedded load balancer and which shows none is recorded: the views of
certificates, frontends, access rules and attached networks leave them out, except in the answer to a write.
"""

from typing import Any

from lbpatterns.doubles.scaleway_lb.durations import in_milliseconds, in_seconds_with_unit
from lbpatterns.doubles.scaleway_lb.instants import Instant, in_microseconds, in_seconds, stamp
from lbpatterns.doubles.scaleway_lb.records import (
    Acl,
    Attachment,
    Backend,
    Certificate,
    Frontend,
    HealthCheck,
    Ip,
    Lb,
    Record,
    Route,
    Subscriber,
)
from lbpatterns.doubles.scaleway_lb.state import State

Json = dict[str, Any]

NEVER: Instant = -1
"""An instant that no call runs at: dates compared with it are written in microseconds."""


def region_of(place: str) -> str:
    """The region of a zone: `fr-par` of `fr-par-1`."""
    return place.rsplit("-", 1)[0]


def _where(record: Record) -> Json:
    return {"region": region_of(record.place), "zone": record.place}


def _dates(record: Record, now: Instant) -> Json:
    return {"created_at": stamp(record.created_at, now), "updated_at": stamp(record.updated_at, now)}


class Views:
    """The state as it is answered at one instant, which is that of the call being answered."""

    def __init__(self, state: State, now: Instant) -> None:
        self._state = state
        self._now = now

    def ip(self, ip: Ip) -> Json:
        """A flexible address."""
        return {
            "id": ip.id,
            "ip_address": ip.address,
            "lb_id": ip.lb_id,
            "organization_id": ip.project_id,
            "project_id": ip.project_id,
            "reverse": ip.reverse,
            "tags": ip.tags,
            **_where(ip),
        }

    def lb(self, lb: Lb, *, machines: bool = True, read_back: bool = False) -> Json:
        """A load balancer; `read_back` when the answer to a write has microseconds already."""
        state = self._state
        subscriber = state.subscribers.get(lb.subscriber_id or "")
        return {
            "backend_count": len(state.backends_of(lb.id)),
            "description": lb.description,
            "frontend_count": len(state.frontends_of(lb.id)),
            "id": lb.id,
            "instances": self._instances(lb) if machines else [],
            "ip": [self.ip(ip) for ip in state.ips_of(lb.id)],
            "name": lb.name,
            "organization_id": lb.project_id,
            "private_network_count": len(state.attachments_of(lb.id)),
            "project_id": lb.project_id,
            "route_count": len(state.routes_of(lb.id)),
            "ssl_compatibility_level": lb.ssl_compatibility_level,
            "status": lb.status,
            "subscriber": None if subscriber is None else self.subscriber(subscriber),
            "tags": lb.tags,
            "type": lb.type,
            **_dates(lb, NEVER if read_back else self._now),
            **_where(lb),
        }

    def _instances(self, lb: Lb) -> list[Json]:
        if lb.instance is None:
            return []
        return [
            {
                "created_at": in_microseconds(lb.instance.created_at),
                "id": lb.instance.id,
                "ip_address": "",
                "status": lb.instance.status,
                "updated_at": stamp(lb.instance.updated_at, self._now),
                **_where(lb),
            }
        ]

    def _lb_of(self, lb_id: str, *, machines: bool) -> Json:
        return self.lb(self._state.lbs[lb_id], machines=machines)

    def health_check(self, check: HealthCheck) -> Json:
        """A health check, with the one `*_config` it has."""
        name, config = check.config
        return {
            "check_delay": in_milliseconds(check.check_delay),
            "check_max_retries": check.check_max_retries,
            "check_send_proxy": check.check_send_proxy,
            "check_timeout": in_milliseconds(check.check_timeout),
            "port": check.port,
            "transient_check_delay": in_seconds_with_unit(check.transient_check_delay),
            f"{name}_config": config,
        }

    def backend(self, backend: Backend, *, machines: bool = True) -> Json:
        """A backend."""
        settings = backend.settings
        return {
            **settings,
            "timeout_connect": in_milliseconds(settings["timeout_connect"]),
            "timeout_queue": in_seconds_with_unit(settings["timeout_queue"]),
            "timeout_server": in_milliseconds(settings["timeout_server"]),
            "timeout_tunnel": in_milliseconds(settings["timeout_tunnel"]),
            "health_check": self.health_check(backend.health_check),
            "id": backend.id,
            "lb": self._lb_of(backend.lb_id, machines=machines),
            "name": backend.name,
            "pool": backend.pool,
            **_dates(backend, self._now),
        }

    def certificate(self, certificate: Certificate, *, written: bool = False) -> Json:
        """A certificate; `written` in the answer to a write."""
        return {
            "common_name": certificate.common_name,
            "fingerprint": certificate.fingerprint,
            "id": certificate.id,
            "lb": self._lb_of(certificate.lb_id, machines=written),
            "name": certificate.name,
            "not_valid_after": in_seconds(certificate.not_valid_after),
            "not_valid_before": in_seconds(certificate.not_valid_before),
            "status": certificate.status,
            "status_details": certificate.status_details,
            "subject_alternative_name": certificate.subject_alternative_name,
            "type": certificate.type,
            **_dates(certificate, self._now),
        }

    def frontend(self, frontend: Frontend, *, written: bool = False) -> Json:
        """A frontend with its backend and its first certificate in full; `written` in the answer to a write."""
        first = next(iter(frontend.certificate_ids), None)
        certificate = None if first is None else self._state.certificates[first]
        return {
            "backend": self.backend(self._state.backends[frontend.backend_id], machines=False),
            "certificate": None if certificate is None else self.certificate(certificate, written=written),
            "certificate_ids": frontend.certificate_ids,
            "connection_rate_limit": frontend.connection_rate_limit,
            # The answer to its creation has microseconds already, unlike that of all others (recorded).
            "created_at": in_microseconds(frontend.created_at),
            "enable_access_logs": frontend.enable_access_logs,
            "enable_http3": frontend.enable_http3,
            "id": frontend.id,
            "inbound_port": frontend.inbound_port,
            "lb": self._lb_of(frontend.lb_id, machines=written),
            "name": frontend.name,
            "timeout_client": in_milliseconds(frontend.timeout_client),
            "updated_at": stamp(frontend.updated_at, self._now if frontend.updated_at > frontend.created_at else NEVER),
        }

    def route(self, route: Route) -> Json:
        """A route; its match echoes the one matcher it has."""
        return {
            "backend_id": route.backend_id,
            "frontend_id": route.frontend_id,
            "id": route.id,
            "match": route.match,
            **_dates(route, self._now),
        }

    def acl(self, acl: Acl, *, updated: bool = False) -> Json:
        """An access rule with its frontend; `updated` in the answer to a change of it."""
        frontend = self._state.frontends[acl.frontend_id]
        return {
            "action": acl.action,
            "description": acl.description,
            "frontend": {
                **self.frontend(frontend),
                "lb": self._lb_of(frontend.lb_id, machines=updated),
            },
            "id": acl.id,
            "index": acl.index,
            "match": acl.match,
            "name": acl.name,
            **_dates(acl, self._now),
        }

    def attachment(self, attachment: Attachment, *, written: bool = False) -> Json:
        """A private network on a load balancer."""
        return {
            "dhcp_config": {"ip_id": next(iter(attachment.ipam_ids), None)},
            "ipam_ids": attachment.ipam_ids,
            "lb": self._lb_of(attachment.lb_id, machines=written),
            "private_network_id": attachment.private_network_id,
            "status": attachment.status,
            **_dates(attachment, self._now),
        }

    def subscriber(self, subscriber: Subscriber) -> Json:
        """A subscriber with the one way it has."""
        ways = {"email_config": subscriber.email_config, "webhook_config": subscriber.webhook_config}
        return {
            "id": subscriber.id,
            "name": subscriber.name,
            **{name: way for name, way in ways.items() if way is not None},
        }
