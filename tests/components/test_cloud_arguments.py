"""What only a cloud has: certificates that it obtains, networks it stands in, who it lets in."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from lbpatterns import (
    AccessRuleArgs,
    BridgedLB,
    LetsEncryptCertificateArgs,
    NetworkAccessRuleArgs,
    NetworkArgs,
    OffloadedLB,
    PassthroughLB,
    RedirectArgs,
    RequestMatchArgs,
)
from lbpatterns.core.spec import (
    AccessAction,
    AccessRule,
    LetsEncryptCertificate,
    PemCertificate,
    Redirect,
    RequestMatch,
    RequestPart,
)
from lbpatterns.pki import Issued

from .conftest import Engine, RecordingTarget
from .test_components import bridged, offloaded, passthrough, pem, refusal


class DnsRecord(pulumi.CustomResource):
    """Any resource that a certificate may have to wait for."""

    def __init__(self, name: str) -> None:
        super().__init__("recorded:index:DnsRecord", name, {})


def test_a_declaration_says_it_all(engine: Engine, target: RecordingTarget, issued: Issued) -> None:
    """Models and dictionaries side by side."""
    issue = LetsEncryptCertificateArgs(common_name="shop.example.com", subject_alternative_names=["www.example.com"])
    frontend = {
        "certificates": [*pem(issued), issue],
        "http3": True,
        "connection_rate_limit": 100,
        "access_logs": True,
    }
    access = [
        {"action": "deny", "networks": ["203.0.113.0/24"], "invert": True},
        AccessRuleArgs(
            action="redirect",
            request=RequestMatchArgs(kind="header", header="X-Old", values=["1"]),
            redirect=RedirectArgs(location="https://new.example.com/", code=308),
        ),
    ]
    backend = {"servers": ["10.0.0.20"], "port": 8080, "failover_host": "shop.s3-website.fr-par.scw.cloud"}
    network = NetworkArgs(private=["fr-par/one"], ipv6=True)
    given = offloaded(issued, target, frontends=[frontend], access=access, network=network, backend=backend)
    engine.run(lambda: {"x": OffloadedLB("shop", given).endpoint})
    (spec,) = target.built
    held = spec.frontends[0]
    assert isinstance(held.certificates[0], PemCertificate)
    assert held.certificates[1] == LetsEncryptCertificate(
        common_name="shop.example.com", subject_alternative_names=("www.example.com",)
    )
    assert (held.http3, held.connection_rate_limit, held.access_logs) == (True, 100, True)
    assert spec.access == (
        AccessRule(action=AccessAction.DENY, networks=("203.0.113.0/24",), invert=True),
        AccessRule(
            action=AccessAction.REDIRECT,
            request=RequestMatch(kind=RequestPart.HEADER, header="X-Old", values=("1",)),
            redirect=Redirect(location="https://new.example.com/", code=308),
        ),
    )
    assert (spec.private_networks, spec.public, spec.ipv6) == (("fr-par/one",), True, True)
    assert spec.backend.failover_host == "shop.s3-website.fr-par.scw.cloud"


def test_the_names_that_are_obtained_are_legs_to_verify(
    engine: Engine, target: RecordingTarget, issued: Issued
) -> None:
    given = bridged(issued, target, frontends=[{"certificates": [{"common_name": "shop.example.com"}]}])
    seen = engine.run(lambda: {"legs": BridgedLB("shop", given).legs})
    first = seen["legs"][0]
    assert (first["name"], first["expected_name"]) == ("frontend :443 shop.example.com", "shop.example.com")
    assert "ca_bundle_pem" not in first  # the public roots
    assert "leaf_sha256" not in first


def test_the_certificate_waits_for_its_dns_record(engine: Engine, target: RecordingTarget, issued: Issued) -> None:
    waits_for: list[str] = []

    def program() -> dict[str, Any]:
        certificate = LetsEncryptCertificateArgs(common_name="shop.example.com", created_after=DnsRecord("record"))
        shop = OffloadedLB("shop", offloaded(issued, target, frontends=[{"certificates": [certificate]}]))
        (held,) = target.built[0].frontends[0].certificates
        assert isinstance(held, LetsEncryptCertificate)
        name: Any = held.common_name

        async def ask() -> str:
            waits_for.extend(type(resource).__name__ for resource in await name.resources())
            assert await name.is_known()
            return str(await name.future())

        return {"x": shop.endpoint, "name": pulumi.Output.from_input(ask())}

    assert engine.run(program, preview=True)["name"] == "shop.example.com"
    assert waits_for == ["DnsRecord"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"access": [{"action": "deny", "networks": ["203.0.113.1/24"]}]}, "access[0].networks[0]: expected a network"),
        ({"access": [{"action": "redirect"}]}, "`redirect` says where to with action='redirect', and only there"),
        ({"access": [{"action": "deny", "redirect": {"scheme": "https"}}]}, "`redirect` says where to"),
        ({"access": [{"action": "redirect", "redirect": {}}]}, "say `scheme` or `location`, one of them"),
        (
            {"access": [{"action": "redirect", "redirect": {"scheme": "https", "code": 200}}]},
            "access[0].redirect.code: expected 301, 302, 303, 307 or 308, found 200",
        ),
        ({"access": [{"action": "deny", "request": {"kind": "header", "values": ["x"]}}]}, "`header` names the header"),
        (
            {"frontends": [{"certificates": [{"common_name": "*.example.com"}]}]},
            "frontends[0].certificates[0].common_name: expected a host name such as shop.example.com, without wildcard",
        ),
        (
            {"frontends": [{"certificates": [{"common_name": "a.example.com", "created_after": "record"}]}]},
            "frontends[0].certificates[0].created_after: expected a Pulumi resource, or several in a list",
        ),
        (
            {"backend": {"servers": ["10.0.0.20"], "port": 80, "failover_host": "https://x.test/"}},
            "backend.failover_host: expected a host name",
        ),
    ],
)
def test_what_is_misshapen_is_named(issued: Issued, target: RecordingTarget, changes: Any, words: str) -> None:
    assert words in refusal(lambda: OffloadedLB("shop", offloaded(issued, target, **changes)))


@pytest.mark.parametrize(
    "changes",
    [
        {"access": [{"action": "deny", "request": {"kind": "path-prefix", "values": ["/admin"]}}]},
        {"access": [AccessRuleArgs(action="redirect", redirect=RedirectArgs(scheme="https"))]},
        {"frontends": [{"http3": True}]},
        {
            "backend": {
                "servers": ["10.0.0.20"],
                "port": 8443,
                "certificate": {"names": ["secure.example.test"]},
                "failover_host": "a.test",
            }
        },
    ],
)
def test_layer_7_is_answered_with_its_rule_in_passthrough(target: RecordingTarget, changes: Any) -> None:
    words = refusal(lambda: PassthroughLB("secure", passthrough(target, **changes)))
    assert "passthrough-has-no-layer-7-actions" in words


def test_passthrough_lets_in_by_network(engine: Engine, target: RecordingTarget) -> None:
    rules = [NetworkAccessRuleArgs(action="allow", networks=["2001:db8::/32"]), {"action": "deny"}]
    engine.run(lambda: {"x": PassthroughLB("secure", passthrough(target, access=rules)).endpoint})
    assert target.built[0].access == (
        AccessRule(action=AccessAction.ALLOW, networks=("2001:db8::/32",)),
        AccessRule(action=AccessAction.DENY),
    )
