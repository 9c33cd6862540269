"""HTTP without an SDK: what goes over the wire is what the test wrote."""

from typing import Any

import httpx

TOKEN = "7c3c4f3d-5e1a-4461-adfc-5e7481b2f907"
PROJECT = "105bdce1-64c0-48ab-899d-868455867ecf"
ZONE = "/lb/v1/zones/fr-par-1"
REGION_VPC = "/vpc/v2/regions/fr-par"
REGION_IPAM = "/ipam/v1/regions/fr-par"

BACKEND: dict[str, Any] = {
    "name": "bkd",
    "forward_protocol": "http",
    "forward_port": 80,
    "forward_port_algorithm": "roundrobin",
    "sticky_sessions": "none",
    "sticky_sessions_cookie_name": "",
    "health_check": {"port": 80, "check_max_retries": 2, "check_delay": 60000, "check_timeout": 30000},
    "server_ip": [],
}


class LbClient(httpx.Client):
    """A client that makes what a test needs around what it tests."""

    def ok(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of an answer that has to be a success."""
        answer = self.request(method, path, json=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def refused(self, status: int, method: str, path: str, body: Any = None) -> Any:
        """The JSON of an answer that has to be this refusal."""
        answer = self.request(method, path, json=body)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def ip(self, zone: str = "fr-par-1", **fields: Any) -> Any:
        return self.ok("POST", f"/lb/v1/zones/{zone}/ips", {"project_id": PROJECT, **fields})

    def lb(self, zone: str = "fr-par-1", **fields: Any) -> Any:
        body = {"project_id": PROJECT, "name": "lb", "type": "LB-S", **fields}
        return self.ok("POST", f"/lb/v1/zones/{zone}/lbs", body)

    def backend(self, lb: Any, **fields: Any) -> Any:
        return self.ok("POST", f"{ZONE}/lbs/{lb['id']}/backends", {**BACKEND, **fields})

    def frontend(self, backend: Any, **fields: Any) -> Any:
        body = {"name": "frt", "inbound_port": 443, "backend_id": backend["id"], **fields}
        return self.ok("POST", f"{ZONE}/lbs/{backend['lb']['id']}/frontends", body)

    def certificate(self, lb: Any, **fields: Any) -> Any:
        name = lb["ip"][0]["reverse"]
        return self.ok("POST", f"{ZONE}/lbs/{lb['id']}/certificates", {"letsencrypt": {"common_name": name}, **fields})

    def private_network(self, **fields: Any) -> Any:
        return self.ok("POST", f"{REGION_VPC}/private-networks", {"name": "pn", "project_id": PROJECT, **fields})


def only_detail(refusal: Any) -> tuple[str, str]:
    """Argument and reason of a 400 that has one detail."""
    assert refusal["type"] == "invalid_arguments"
    (detail,) = refusal["details"]
    return detail["argument_name"], detail["reason"]
