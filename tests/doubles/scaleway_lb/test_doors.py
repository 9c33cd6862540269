"""The doors for tests: clock, reset, state, log, names; and that nothing secret comes out of any of them."""

import json
from typing import Any

import httpx
import pytest

from lbpatterns.doubles.scaleway_lb import Double
from lbpatterns.pki import Authority

from .client import TOKEN, ZONE, LbClient

KINDS = {
    "lbs",
    "ips",
    "backends",
    "frontends",
    "certificates",
    "routes",
    "acls",
    "attachments",
    "subscribers",
    "vpcs",
    "private_networks",
    "subnets",
    "ipam_ips",
    "instance_ips",
}


def test_doors_need_no_token(double: Double) -> None:
    assert httpx.get(f"{double.url}/_double/state", trust_env=False).status_code == 200


def test_the_clock_is_moved_by_seconds(realistic: Double, slow_client: LbClient) -> None:
    lb = slow_client.lb()
    assert slow_client.ok("POST", "/_double/clock", {"seconds": 30}) == {"advanced": 30}
    assert slow_client.ok("GET", f"{ZONE}/lbs/{lb['id']}")["status"] == "ready"


def test_a_reset_leaves_nothing(double: Double, client: LbClient) -> None:
    client.frontend(client.backend(client.lb()))
    double.add_fault("server_error", path="never")
    double.register_name("a.example.test", "192.0.2.1")
    client.ok("POST", "/_double/reset")
    assert not any(double.state().values())
    assert (double.log(), double.faults()) == ([], [])
    assert client.ok("GET", "/_double/dns") == {"names": {}}
    client.lb()


def test_the_state_counts_every_kind(double: Double, client: LbClient) -> None:
    assert double.state() == dict.fromkeys(KINDS, 0)
    lb = client.lb()
    client.private_network()
    counts = client.ok("GET", "/_double/state")
    assert counts == {**dict.fromkeys(KINDS, 0), "lbs": 1, "ips": 1, "private_networks": 1, "subnets": 2}
    client.ok("DELETE", f"{ZONE}/lbs/{lb['id']}?release_ip=true")
    assert client.ok("GET", "/_double/state")["lbs"] == 0


def test_the_log_has_method_path_and_status(double: Double, client: LbClient) -> None:
    ip = client.ip()
    client.get(f"{ZONE}/lbs?name=secret")
    client.get("/nowhere")
    assert client.ok("GET", "/_double/log") == {"calls": double.log()}
    assert double.log() == [
        {"method": "POST", "path": f"{ZONE}/ips", "status": 200},
        {"method": "GET", "path": f"{ZONE}/lbs", "status": 200},
        {"method": "GET", "path": "/nowhere", "status": 501},
    ]
    assert ip["id"] not in json.dumps(double.log())


def test_names_are_registered_and_forgotten(client: LbClient) -> None:
    name = {"name": "shop.example.test", "address": "192.0.2.1"}
    assert client.ok("POST", "/_double/dns", name) == {"names": {"shop.example.test": ["192.0.2.1"]}}
    client.ok("POST", "/_double/dns", {"name": "b.example.test", "address": "2001:db8::1"})
    assert client.ok("DELETE", "/_double/dns", {"name": "shop.example.test"}) == {
        "names": {"b.example.test": ["2001:db8::1"]}
    }
    assert client.ok("DELETE", "/_double/dns") == {"names": {}}


@pytest.mark.parametrize(
    ("method", "door", "body", "argument"),
    [
        ("POST", "clock", {}, "seconds"),
        ("POST", "clock", {"seconds": -1}, "seconds"),
        ("POST", "clock", {"seconds": "soon"}, "seconds"),
        ("POST", "clock", {"minutes": 1}, "minutes"),
        ("POST", "reset", {"all": True}, "all"),
        ("POST", "dns", {"name": "a"}, "address"),
        ("POST", "dns", {"name": "a", "address": "everywhere"}, "address"),
        ("DELETE", "dns", {"address": "192.0.2.1"}, "address"),
        ("POST", "faults", [], "body"),
    ],
)
def test_a_door_says_what_is_wrong(client: LbClient, method: str, door: str, body: Any, argument: str) -> None:
    refusal = client.refused(400, method, f"/_double/{door}", body)
    assert argument in [detail["argument_name"] for detail in refusal["details"]]


@pytest.mark.parametrize(("method", "door"), [("GET", "clock"), ("POST", "state"), ("GET", "cellar"), ("GET", "")])
def test_a_door_that_is_not_there_names_those_that_are(client: LbClient, method: str, door: str) -> None:
    assert "POST /_double/clock" in client.refused(404, method, f"/_double/{door}")["message"]


def test_no_secret_comes_out_of_the_double(double: Double, client: LbClient, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither the private key nor the token: not in an answer, a log, an error, or on the terminal."""
    lb = client.lb()
    issued = Authority("Test CA").issue(["shop.example.test"])
    path = f"{ZONE}/lbs/{lb['id']}/certificates"
    body = {"name": "c", "custom_certificate": {"certificate_chain": issued.private_key_and_chain_pem}}
    broken = {"name": "c", "custom_certificate": {"certificate_chain": issued.private_key_pem, "more": TOKEN}}
    answers = [client.post(path, json=body), client.post(path, json=broken), client.post(path, json=[body])]
    certificate = answers[0].json()
    answers += [client.get(f"{ZONE}/certificates/{certificate['id']}"), client.get(path)]
    answers += [client.get(f"/_double/{door}") for door in ("log", "state", "faults", "dns")]
    answers += [httpx.get(f"{double.url}{path}", headers={"X-Auth-Token": f"x{TOKEN}"}, trust_env=False)]
    seen = "".join([*(answer.text + str(answer.headers) for answer in answers), *capfd.readouterr()])
    secret = issued.private_key_pem.splitlines()[1]
    assert secret not in seen
    assert "PRIVATE" not in seen
    assert TOKEN not in seen


def test_an_error_of_the_double_itself_is_told_apart(
    double: Double, client: LbClient, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A 500 that says whose it is, with the traceback on standard error."""

    def break_down(*_: object) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr("lbpatterns.doubles.scaleway_lb.state.State.settle", break_down)
    refusal = client.refused(500, "GET", f"{ZONE}/lbs")
    assert refusal == {"message": "the double itself failed: KeyError", "type": "bug_in_the_double"}
    assert "KeyError: 'a bug'" in capfd.readouterr().err
    monkeypatch.undo()


def test_the_private_key_is_kept_nowhere(double: Double, client: LbClient) -> None:
    lb = client.lb()
    issued = Authority("Test CA").issue(["shop.example.test"])
    body = {"name": "c", "custom_certificate": {"certificate_chain": issued.private_key_and_chain_pem}}
    client.ok("POST", f"{ZONE}/lbs/{lb['id']}/certificates", body)
    assert "PRIVATE" not in repr(double._api._state)
