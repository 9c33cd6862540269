"""Whatever is asked, in whatever order: an answer that the API could give, and a state that holds together."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lbpatterns.doubles.scaleway_lb.api import Api, Request
from lbpatterns.doubles.scaleway_lb.table import CALLS

from .client import BACKEND, PROJECT, TOKEN

ANSWERS = {200, 201, 204, 400, 403, 404, 409, 412}
PLACES = {"zone": ["fr-par-1", "fr-par-1", "fr-par-1", "nl-ams-1"], "region": ["fr-par", "fr-par", "nl-ams"]}

# What makes a body complete; which ids it names is drawn.
BODIES: dict[str, dict[str, Any]] = {
    "CreateLb": {"project_id": PROJECT, "name": "lb", "type": "LB-S"},
    "UpdateLb": {"name": "lb", "description": ""},
    "MigrateLb": {"type": "LB-GP-M"},
    "CreateIp": {"project_id": PROJECT},
    "CreateBackend": BACKEND,
    "UpdateBackend": {"name": "b", "forward_port": 80, "forward_protocol": "tcp"},
    "Servers": {"server_ip": ["10.0.0.1"]},
    "HealthCheckBody": {"port": 80, "check_max_retries": 1},
    "CreateFrontend": {"inbound_port": 443, "backend_id": "backend"},
    "UpdateFrontend": {"name": "f", "inbound_port": 80, "backend_id": "backend"},
    "CreateCertificate": {"letsencrypt": {"common_name": "198-19-255-254.lb.fr-par.scw.cloud"}},
    "UpdateCertificate": {"name": "c"},
    "CreateRoute": {"frontend_id": "frontend", "backend_id": "backend", "match": {"host_header": "a"}},
    "UpdateRoute": {"backend_id": "backend", "match": {"path_begin": "/"}},
    "AclSettings": {"name": "a", "index": 1, "action": {"type": "deny"}},
    "SetAcls": {"acls": []},
    "Attach": {"private_network_id": "private_network"},
    "Detach": {"private_network_id": "private_network"},
    "CreateSubscriber": {"name": "s", "project_id": PROJECT, "email_config": {"email": "a@example.test"}},
    "UpdateSubscriber": {"name": "s", "webhook_config": {"uri": "https://example.test"}},
    "Subscribe": {"subscriber_id": "subscriber"},
    "CreateVpc": {"project_id": PROJECT},
    "CreatePrivateNetwork": {"project_id": PROJECT},
    "BookIp": {"project_id": PROJECT, "source": {"private_network_id": "private_network"}},
    "CreateInstanceIp": {"project": PROJECT},
}


class Session:
    """An API, and the ids it has handed out."""

    def __init__(self) -> None:
        self.api = Api("realistic")
        self.ids: list[str] = []

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        data = b"" if body is None else json.dumps(body).encode()
        answer = self.api.answer(Request(method, path, token=TOKEN, body=data))
        assert answer.status in ANSWERS, f"{method} {path} {body}: {answer.status} {answer.body}"
        assert (answer.status == 204) is (answer.body is None)
        json.dumps(answer.body)
        return answer.body

    def random_call(self, data: st.DataObject) -> None:
        call = data.draw(st.sampled_from(CALLS))
        path = call.path
        for kind, places in PLACES.items():
            path = path.replace(f"{{{kind}}}", data.draw(st.sampled_from(places)))
        while "{" in path:
            before, _, after = path.partition("{")
            path = before + self._some_id(data) + after.partition("}")[2]
        body = dict(BODIES.get(call.body.__name__, {}))
        for name in [name for name in body if name.endswith("_id") and name != "project_id"]:
            body[name] = self._some_id(data)
        if "source" in body:
            body["source"] = {"private_network_id": self._some_id(data)}
        answer = self.ask(call.method, path, body)
        found = answer.get("ip", answer) if isinstance(answer, dict) else {}
        if isinstance(found, dict) and isinstance(found.get("id"), str) and found["id"] not in self.ids:
            self.ids.append(found["id"])

    def _some_id(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from([PROJECT, *self.ids]))

    def check(self) -> None:
        """Counts, lists and references agree."""
        for zone in ("fr-par-1", "nl-ams-1"):
            base = f"/lb/v1/zones/{zone}"
            for lb in self.ask("GET", f"{base}/lbs")["lbs"]:
                for kind, count in (("frontends", "frontend_count"), ("backends", "backend_count")):
                    assert self.ask("GET", f"{base}/lbs/{lb['id']}/{kind}")["total_count"] == lb[count]
                networks = self.ask("GET", f"{base}/lbs/{lb['id']}/private-networks")
                assert networks["total_count"] == lb["private_network_count"]
                assert all(ip["lb_id"] == lb["id"] for ip in lb["ip"])

    def clear(self) -> None:
        """Delete everything, as a user would, and let the time pass that it takes."""
        for zone in ("fr-par-1", "nl-ams-1"):
            base = f"/lb/v1/zones/{zone}"
            for lb in self.ask("GET", f"{base}/lbs")["lbs"]:
                self.ask("DELETE", f"{base}/lbs/{lb['id']}")
        self.api.clock.advance(60)
        for collection, key in (
            ("/lb/v1/zones/{zone}/ips", "ips"),
            ("/lb/v1/zones/{zone}/subscribers", "subscribers"),
            ("/vpc/v2/regions/{region}/private-networks", "private_networks"),
            ("/vpc/v2/regions/{region}/vpcs", "vpcs"),
        ):
            for zone in ("fr-par-1", "nl-ams-1"):
                path = collection.format(zone=zone, region=zone[:-2])
                one = path.replace("subscribers", "lb/subscription")
                for record in self.ask("GET", path)[key]:
                    self.ask("DELETE", f"{one}/{record['id']}")


@given(st.data())
@settings(max_examples=60)
def test_any_calls_in_any_order(data: st.DataObject) -> None:
    session = Session()
    session.ask("POST", "/lb/v1/zones/fr-par-1/lbs", BODIES["CreateLb"])
    session.ids = [lb["id"] for lb in session.ask("GET", "/lb/v1/zones/fr-par-1/lbs")["lbs"]]
    for _ in range(data.draw(st.integers(5, 40))):
        session.random_call(data)
        if data.draw(st.booleans()):
            session.api.clock.advance(data.draw(st.sampled_from([0.5, 1, 3, 30])))
    session.check()
    session.clear()
    session.check()
    left = {kind for kind, count in session.api.counts().items() if count}
    assert left <= {"instance_ips"}


@given(st.sampled_from(CALLS), st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
), st.data())  # fmt: skip
def test_any_body_is_answered(call: Any, garbage: Any, data: st.DataObject) -> None:
    """A 400, or what the API answers to a body that happens to be right; never an error of the double itself."""
    fields = sorted(call.body.model_fields)
    body = {name: garbage for name in fields if data.draw(st.booleans())} if fields else garbage
    path = call.path.replace("{zone}", "fr-par-1").replace("{region}", "fr-par")
    for name in ("lb", "ip", "backend", "frontend", "certificate", "route", "acl", "subscriber", "vpc"):
        path = path.replace(f"{{{name}_id}}", PROJECT)
    Session().ask(call.method, path.replace("{private_network_id}", PROJECT), body)
