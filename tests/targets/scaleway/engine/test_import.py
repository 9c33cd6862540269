"""Load balancers that were made through Scaleway's SDK, brought under Pulumi."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from scaleway.lb.v1 import HealthCheck, HealthCheckTcpConfig

from lbpatterns.doubles.scaleway_lb import Double

from .client import ZONE, ScalewayAccount
from .cloud import Cloud

TYPES = {
    "shop-ip": "scaleway:loadbalancers/ip:Ip",
    "shop-lb": "scaleway:loadbalancers/loadBalancer:LoadBalancer",
    "shop-backend-default": "scaleway:loadbalancers/backend:Backend",
    "shop-frontend-0": "scaleway:loadbalancers/frontend:Frontend",
}


@pytest.fixture
def known(account: ScalewayAccount) -> dict[str, str]:
    """A passthrough load balancer that nobody declared: the ids of its parts, by the names that they are to have."""
    api = account.api
    ip = api.create_ip(zone=ZONE, is_ipv6=False)
    made = api.create_lb(
        zone=ZONE,
        name="by-hand",
        description="",
        type_="LB-S",
        ip_ids=[ip.id],
        ssl_compatibility_level="ssl_compatibility_level_intermediate",
    )
    balancer = api.wait_for_lb(lb_id=made.id, zone=ZONE)
    check = HealthCheck(
        port=8443,
        check_max_retries=3,
        check_send_proxy=False,
        transient_check_delay="0.5s",
        check_delay=5000,
        check_timeout=3000,
        tcp_config=HealthCheckTcpConfig(),
    )
    backend = api.create_backend(
        zone=ZONE,
        lb_id=balancer.id,
        name="by-hand-servers",
        forward_protocol="tcp",
        forward_port=8443,
        forward_port_algorithm="roundrobin",
        sticky_sessions="none",
        sticky_sessions_cookie_name="",
        server_ip=["10.0.0.20"],
        health_check=check,
    )
    frontend = api.create_frontend(
        zone=ZONE,
        lb_id=balancer.id,
        name="by-hand-443",
        inbound_port=443,
        backend_id=backend.id,
        enable_http3=False,
        enable_access_logs=False,
    )
    ids = [ip.id, balancer.id, backend.id, frontend.id]
    return {name: f"{ZONE}/{one}" for name, one in zip(TYPES, ids, strict=True)}


def test_a_component_takes_over_what_was_made_by_hand(
    build: Callable[..., Cloud], known: dict[str, str], account: ScalewayAccount, double: Double
) -> None:
    """Nothing is made anew: the address, and what stands in people's bookmarks of the console, stay."""
    stack = build("adopted", known=known)
    stack.writes()
    planned = stack.preview()
    assert {name for name, operation in planned.items() if operation in {"import", "update"}} >= set(TYPES)
    assert not {"replace", "delete", "create-replacement", "delete-replaced"} & set(planned.values())
    counted = stack.up()
    assert counted["imported"] == len(TYPES)
    assert counted["created"] == 2  # the stack and the component
    assert {call.split()[0] for call in stack.writes()} <= {"PUT"}
    assert {name: one["id"] for name, one in stack.resources().items() if "id" in one} == known
    assert account.load_balancer().name == "by-hand"
    assert stack.preview() == {}
    assert stack.refresh() == {"unchanged": len(TYPES) + 2}
    stack.destroy()
    assert not any(double.state().values())


def test_pulumi_import_reads_every_kind(build: Callable[..., Cloud], known: dict[str, str]) -> None:
    """`pulumi import` of single resources, as one does before writing a program."""
    stack = build("import pulumi\n")
    stack.up()
    wanted = {"resources": [{"type": TYPES[name], "name": name, "id": known[name]} for name in TYPES]}
    listed = stack.workspace.directory / "import.json"
    listed.write_text(json.dumps(wanted))
    stack.run("import", "--file", str(listed), "--yes", "--skip-preview", "--protect=false", "--generate-code=false")
    assert {name: one["id"] for name, one in stack.resources().items()} == known
    backend = stack.resources()["shop-backend-default"]["outputs"]
    assert (backend["forwardProtocol"], backend["serverIps"]) == ("tcp", ["10.0.0.20"])
