"""What a Scaleway Load Balancer can do, and the ways out of what it cannot."""

from collections.abc import Mapping
from typing import Final

from lbpatterns.core.target import Feature

_ENVOY: Final = "choose the target `envoy`, or an Envoy of your own behind a PassthroughLB"

WAYS_OUT: Final[Mapping[Feature, str]] = {
    Feature.CUSTOM_CA: "Its API has no field for a CA towards the servers: let them hold publicly trusted certificates "
    "(leave out `ca_bundle_pem`), use a PassthroughLB, or skip verification with a reason and a date "
    f"(`insecure_skip_verify`) on a private network; or {_ENVOY}.",
    Feature.EXPECTED_NAME: "It verifies the name that SNI carries: let `expected_name` be the `server_name`, "
    "or leave it out.",
    Feature.CLIENT_CERTIFICATE: "Its API has no field for a client certificate: use a PassthroughLB, so that clients "
    f"and servers authenticate each other; or {_ENVOY}.",
    Feature.SERVER_MINIMUM_TLS: "Its API has no field for it: set the minimum on the servers; or use a PassthroughLB.",
    Feature.HOST_AND_PATH_ROUTES: "A route of its has one match: route by host, or by path, or give the host a "
    "frontend of its own.",
    Feature.SERVER_PORTS: "A backend of its has one port: let all servers listen on it, or split them into backends.",
    Feature.REDIRECT_PORTS: "Its redirect keeps host and port: redirect from 80 to 443.",
    Feature.SERVER_HOST_NAMES: "Its API takes IP addresses: give the servers' own.",
    Feature.NO_HEALTH_CHECK: "Every backend of its is checked: declare a health check, `tcp` asks least.",
    Feature.HEALTH_STATUSES: "Its check expects one status: give one, such as `statuses=[(200, 200)]`.",
    Feature.HEALTHY_AFTER: "Its API has no field for it: leave `healthy_after` at 2.",
    Feature.FAST_HEALTH_CHECKS: "It checks once a second at most: let interval and timeout be 1 or more.",
    Feature.NO_TIMEOUT: "It takes 0 for its own default: give a long timeout instead.",
    Feature.CLIENT_TLS_1_1: "Choose 1.2 or 1.3; older versions are deprecated (RFC 8996).",
    Feature.MINIMUM_TLS_PER_FRONTEND: "It has one minimum for the whole load balancer: let the frontends agree, "
    "or declare two load balancers.",
}

SUPPORTS: Final[frozenset[Feature]] = frozenset(Feature) - WAYS_OUT.keys()
