"""The shape of what is registered with Pulumi, and what is said where the target cannot build. No engine is needed."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import pulumi
import pulumi.runtime
import pytest
from google.protobuf.json_format import MessageToDict

from lbpatterns import (
    AccessRuleArgs,
    FrontendArgs,
    HTTPRouteArgs,
    LetsEncryptCertificateArgs,
    NetworkArgs,
    OffloadedBackendArgs,
    OffloadedLB,
    OffloadedLBArgs,
    PemCertificateArgs,
)
from lbpatterns.pki import Authority
from lbpatterns.targets.scaleway.options import ScalewayOptions
from lbpatterns.targets.scaleway.target import ScalewayTarget
from tests.components.conftest import own_loop

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it deprecates modules of its own while it loads them
    import lbpatterns.targets.scaleway.resources

__all__ = ["own_loop"]  # a fixture

_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # what Pulumi marks secrets with, under the key below
_MARK: Final = "4dabf18193072939515e22adb298388d"


@dataclass
class Registered:
    """The requests as they reach the engine, by the resource's name; and what a run said."""

    requests: dict[str, Any] = field(default_factory=dict)
    status: str = "ready"
    networks: list[dict[str, Any]] = field(default_factory=list)

    def inputs(self, name: str) -> dict[str, Any]:
        return dict(MessageToDict(self.requests[name].object))


class Answers(pulumi.runtime.Mocks):
    """Scaleway as far as the program reads it."""

    def __init__(self, registered: Registered) -> None:
        self.registered = registered

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        told = {
            "ipAddress": "192.0.2.1",
            "privateIps": [],
            "privateNetworks": self.registered.networks,
            "status": self.registered.status,
        }
        return f"fr-par-1/{args.name}", {**args.inputs, **told}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        return {}, []


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> Registered:
    seen = Registered()
    monitor: Any = pulumi.runtime.mocks.MockMonitor
    original = monitor.RegisterResource

    def remember(self: Any, request: Any) -> Any:
        seen.requests[request.name] = request
        return original(self, request)

    monkeypatch.setattr(monitor, "RegisterResource", remember)
    return seen


def run(registered: Registered, program: Callable[[], object], **configuration: object) -> None:
    """The program to its end; `configuration` is the stack's `lbpatterns:…`."""
    values = {f"lbpatterns:{key}": json.dumps(value) for key, value in configuration.items()}
    pulumi.runtime.set_all_config(values)
    pulumi.runtime.set_mocks(Answers(registered), project="shop", stack="test")
    test: Any = pulumi.runtime.test
    try:
        test(program)()
    finally:
        pulumi.runtime.set_all_config({})


def arguments(**more: Any) -> OffloadedLBArgs:
    """Something of each kind."""
    issued = Authority("Test CA").issue(["shop.example.test"])
    held = PemCertificateArgs(private_key_and_chain_pem=issued.private_key_and_chain_pem)
    backend = OffloadedBackendArgs(name="api", servers=["10.0.0.3"], port=8080)
    given: dict[str, Any] = {
        "target": "scaleway",
        "frontends": [FrontendArgs(certificates=[held], redirect_http=True)],
        "backend": OffloadedBackendArgs(servers=["10.0.0.2"], port=8080),
        "routes": [HTTPRouteArgs(host="api.example.test", backend=backend)],
        "access": [AccessRuleArgs(action="deny", networks=["203.0.113.0/24"])],
    }
    return OffloadedLBArgs(**given | more)


def of_lets_encrypt() -> list[FrontendArgs]:
    wanted = LetsEncryptCertificateArgs(common_name="shop.example.test", subject_alternative_names=["www.example.test"])
    return [FrontendArgs(certificates=[wanted])]


def test_no_resource_is_given_a_name(registered: Registered) -> None:
    """With one, Pulumi deletes a certificate before it has its successor, and Scaleway refuses that."""
    run(registered, lambda: OffloadedLB("shop", arguments()))
    ours = [name for name, request in registered.requests.items() if request.type.startswith("scaleway:")]
    assert len(ours) == 9
    assert all("name" not in registered.inputs(name) for name in ours)


def test_what_holds_an_address_or_a_port_is_deleted_before_it_is_replaced(registered: Registered) -> None:
    run(registered, lambda: OffloadedLB("shop", arguments()))
    first = {name for name, request in registered.requests.items() if request.deleteBeforeReplace}
    assert first == {"shop-lb", "shop-frontend-0", "shop-redirect-0"}


def test_a_private_key_is_secret(registered: Registered) -> None:
    run(registered, lambda: OffloadedLB("shop", arguments()))
    custom = registered.inputs("shop-certificate-0-0")["customCertificate"]
    marked = custom if _MARK in custom else custom["certificateChain"]
    assert marked[_MARK] == _SECRET
    for name in registered.requests.keys() - {"shop-certificate-0-0"}:
        assert "PRIVATE KEY" not in json.dumps(registered.inputs(name))


def test_acls_belong_to_their_frontend(registered: Registered) -> None:
    """As resources of their own the provider deletes them with every change of the frontend."""
    run(registered, lambda: OffloadedLB("shop", arguments()))
    assert not [name for name, request in registered.requests.items() if "Acl" in request.type]
    for name, count in (("shop-frontend-0", 1), ("shop-redirect-0", 2)):
        inputs = registered.inputs(name)
        assert len(inputs["acls"]) == count
        assert not inputs.get("externalAcls")
        assert all("description" not in acl for acl in inputs["acls"])  # never sent: it would differ for ever
    assert registered.inputs("shop-redirect-0")["acls"][-1]["match"]["ipSubnets"] == ["0.0.0.0/0", "::/0"]


def test_the_address_is_a_resource_of_its_own(registered: Registered) -> None:
    """The one that comes by itself would be left behind by a destroy."""
    run(registered, lambda: OffloadedLB("shop", arguments(network=NetworkArgs(ipv6=True))))
    inputs = registered.inputs("shop-lb")
    assert inputs["ipIds"] == ["fr-par-1/shop-ip", "fr-par-1/shop-ipv6"]
    assert "assignFlexibleIp" not in inputs


def test_a_private_load_balancer_says_that_it_has_no_address(registered: Registered) -> None:
    network = NetworkArgs(public=False, private=["fr-par/11111111-1111-4111-8111-111111111111"])
    run(registered, lambda: OffloadedLB("shop", arguments(network=network)))
    assert registered.inputs("shop-lb")["assignFlexibleIp"] is False
    assert "shop-ip" not in registered.requests


def test_options_come_from_the_configuration_and_the_program_goes_first(registered: Registered) -> None:
    target = ScalewayTarget(options=ScalewayOptions(type="LB-GP-L"))
    configured = {"type": "LB-GP-M", "zone": "nl-ams-1", "tags": ["team:shop"], "description": "the shop"}
    run(registered, lambda: OffloadedLB("shop", arguments(target=target)), scaleway=configured)
    inputs = registered.inputs("shop-lb")
    assert {key: inputs[key] for key in ("type", "zone", "tags", "description")} == configured | {"type": "LB-GP-L"}
    assert registered.inputs("shop-ip")["zone"] == "nl-ams-1"


@pytest.mark.parametrize(
    ("configured", "said"),
    [
        ({"sise": "LB-S"}, "lbpatterns:scaleway.sise: there is no such option; known here: type, zone, projectId"),
        ({"type": 3}, "lbpatterns:scaleway.type: text expected, found int"),
        ({"tags": "team:shop"}, "lbpatterns:scaleway.tags: a list of texts expected, found str"),
        ({"ipIds": [1]}, "lbpatterns:scaleway.ipIds: a list of texts expected, found list"),
    ],
)
def test_a_wrong_option_is_named(registered: Registered, configured: dict[str, object], said: str) -> None:
    with pytest.raises(pulumi.RunError, match="shop cannot be built on Scaleway") as raised:
        run(registered, lambda: OffloadedLB("shop", arguments()), scaleway=configured)
    assert said in str(raised.value)
    assert "shop-lb" not in registered.requests


def test_without_the_sdk_the_way_to_it_is_said(registered: Registered, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "lbpatterns.targets.scaleway.resources", raising=False)
    monkeypatch.delattr(lbpatterns.targets.scaleway, "resources")
    monkeypatch.setitem(sys.modules, "pulumiverse_scaleway", None)
    with pytest.raises(pulumi.RunError, match="pip install 'lbpatterns\\[scaleway\\]'"):
        run(registered, lambda: OffloadedLB("shop", arguments()))


def test_a_certificate_that_is_not_issued_is_an_error(registered: Registered) -> None:
    registered.status = "error"
    with pytest.raises(pulumi.RunError) as raised:
        run(registered, lambda: OffloadedLB("shop", arguments(frontends=of_lets_encrypt())))
    said = str(raised.value)
    assert "the certificate for shop.example.test, www.example.test is not issued: its status is 'error'" in said
    assert "resolve to 192.0.2.1" in said
    assert "pulumi up --replace 'urn:pulumi:test::shop::" in said
    assert "shop-frontend-0" not in registered.requests


@pytest.mark.parametrize(("status", "said"), [("error", "its status there is 'error'"), ("", "it is not there")])
def test_a_private_network_that_is_not_attached_is_an_error(registered: Registered, status: str, said: str) -> None:
    registered.networks = [{"privateNetworkId": "fr-par/one", "status": status}]
    with pytest.raises(pulumi.RunError) as raised:
        run(registered, lambda: OffloadedLB("shop", arguments()))
    assert f"could not be attached to the private network fr-par/one: {said}" in str(raised.value)


@pytest.mark.parametrize(
    "statement",
    [
        "from lbpatterns import OffloadedLB",
        "import lbpatterns.targets.scaleway.render",
        "import lbpatterns.targets.scaleway.lift",
        "from lbpatterns.targets.scaleway.target import target; target.supports",
    ],
)
def test_the_sdk_is_not_loaded_before_a_stack_is_built(statement: str) -> None:
    program = f"import sys; {statement}; print([name for name in sys.modules if name.startswith('pulumiverse')])"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"
