"""The pack under the real engine, with the real provider plugin, on stacks as people write them."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lbpatterns.pki import Authority, DemoPKI
from lbpatterns.policy.book import BOOK, RULES
from lbpatterns.policy.configuration import NOT_KNOWN_YET, PACK, VERIFY, WAIVED
from lbpatterns.targets.scaleway.examples import (
    LEFT_OUT,
    LOOSE_BRIDGED,
    LOOSE_OFFLOADED,
    LOOSE_PASSTHROUGH,
    with_certificate,
)
from lbpatterns.targets.scaleway.words import ScalewayConfiguration
from tests.targets.scaleway.documented import DOCUMENTED
from tests.targets.scaleway.engine.cloud import Cloud

from .broken import BROKEN, NOT_BY_HAND
from .conftest import Build
from .programs import program

SAID = re.compile(
    r"^ +- \[(?P<level>\w+)\](?: \[severity: \w+\])?  (?P<policy>\S+)  \(\S+: (?P<resource>\S+)\)\n"
    r"(?P<text>(?: {10}.*\n)*)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Said:
    """One line of Pulumi's list of policies, and what stands under it."""

    level: str
    policy: str
    resource: str
    text: str


def said_in(printed: str) -> list[Said]:
    return [Said(**match.groupdict()) for match in SAID.finditer(printed)]


def preview(stack: Cloud, pack: str, *options: str) -> list[Said]:
    """What the pack said in a preview that came to its end, refused or not."""
    ended = stack.try_run("preview", "--policy-pack", pack, *options)
    assert "Policies:" in ended.stdout, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
    said = said_in(ended.stdout)
    assert (ended.returncode != 0) is any(one.level == "mandatory" for one in said), ended.stdout
    return said


def configured(path: Path, config: dict[str, Any]) -> tuple[str, str]:
    path.write_text(json.dumps(config))
    return "--policy-pack-config", str(path)


LOOSE = """
import pulumi
from pulumiverse_scaleway import loadbalancers as lb

config = pulumi.Config()
ip = lb.Ip("ip")
shop = lb.LoadBalancer("shop", ip_ids=[ip.id], type="LB-S")
pem = open(config.require("pem")).read()
certificate = lb.Certificate(
    "certificate", lb_id=shop.id, custom_certificate={"certificate_chain": pulumi.Output.secret(pem)}
)
web = lb.Backend(
    "web",
    lb_id=shop.id,
    forward_protocol="http",
    forward_port=8443,
    server_ips=["10.0.0.20"],
    ssl_bridging=True,
    ignore_ssl_server_verify=config.get_bool("loose") or False,
    host="shop.example.test",
    health_check_https={"uri": "/", "sni": "shop.example.test"},
)
https = lb.Frontend(
    "https", lb_id=shop.id, inbound_port=443, backend_id=web.id, certificate_ids=[certificate.id]
)
"""
RULE = "bridged-backend-verifies-the-server"


@pytest.fixture
def pem(pki: DemoPKI, tmp_path: Path) -> str:
    path = tmp_path / "shop.pem"
    path.write_text(pki.frontend.private_key_and_chain_pem)
    return str(path)


def test_a_stack_that_breaks_a_rule_is_refused_with_that_rule_alone_and_mended_it_is_silent(
    build: Build, pack: str, pem: str
) -> None:
    stack = build(LOOSE, pem=pem, loose=True)
    (refused,) = preview(stack, pack)
    assert (refused.level, refused.policy, refused.resource) == ("mandatory", RULE, "web")
    assert "where:  ignoreSslServerVerify" in refused.text
    assert "fix:    " in refused.text
    assert "source: " in refused.text
    stack.change(loose=False)
    assert preview(stack, pack) == []
    assert "BEGIN" not in "".join(stack.said)


def test_a_waiver_a_level_and_a_remediation_from_the_configuration(
    build: Build, pack: str, pem: str, tmp_path: Path
) -> None:
    stack = build(LOOSE, pem=pem, loose=True)
    file = tmp_path / "policy.json"
    waiver = {"rule": RULE, "reason": "moving", "expires": "2999-01-31"}
    (waived,) = preview(stack, pack, *configured(file, {PACK: {"waivers": [waiver]}}))
    assert (waived.level, waived.policy, waived.resource) == ("advisory", WAIVED, "shop-test")
    assert "waived, until 2999-01-31: moving" in waived.text
    (softer,) = preview(stack, pack, *configured(file, {PACK: {"rules": {RULE: "advisory"}}}))
    assert (softer.level, softer.policy, softer.resource) == ("advisory", "lowered-to-advisory", "web")
    (native,) = preview(stack, pack, *configured(file, {RULE: "advisory"}))
    assert (native.level, native.policy, native.resource) == ("advisory", RULE, "web")
    remedied = stack.try_run(
        "preview", "--policy-pack", pack, *configured(file, {VERIFY: "remediate"}), "--json", "--show-secrets=false"
    )
    assert remedied.returncode == 0, remedied.stdout
    steps = {
        step["urn"].rsplit("::", 1)[1]: step["newState"].get("inputs", {})
        for step in json.loads(remedied.stdout)["steps"]
    }
    assert steps["web"]["ignoreSslServerVerify"] is False
    assert "BEGIN" not in "".join(stack.said)


def test_a_configuration_that_cannot_be_used_is_refused_with_one_clear_error(
    build: Build, pack: str, tmp_path: Path
) -> None:
    """What a schema can say is refused by Pulumi, the rest by the pack."""
    stack = build("import pulumi\n")
    file = tmp_path / "policy.json"
    ended = stack.try_run("preview", "--policy-pack", pack, *configured(file, {PACK: {"days-before-expiry": "soon"}}))
    assert ended.returncode != 0
    assert "days-before-expiry: Invalid type. Expected: integer, given: string" in ended.stdout
    said = preview(stack, pack, *configured(file, {PACK: {"trusted-networks": ["10.0.0.1/8"]}}))
    assert [(one.level, one.policy) for one in said] == [("mandatory", PACK)]
    assert "lbpatterns.trusted-networks[0]: 10.0.0.1/8 has host bits set" in said[0].text


BRIDGED = """
import pulumi
from lbpatterns import BridgedBackendArgs, BridgedLB, BridgedLBArgs, FrontendArgs, PemCertificateArgs

pem = open(pulumi.Config().require("pem")).read()
BridgedLB(
    "shop",
    BridgedLBArgs(
        frontends=[FrontendArgs(port=443, certificates=[PemCertificateArgs(private_key_and_chain_pem=pem)])],
        backend=BridgedBackendArgs(servers=["10.0.0.20"], port=8443, server_name="shop.example.test"),
    ),
)
"""


def test_a_component_is_silent_in_a_preview_when_built_and_afterwards(build: Build, pack: str, pem: str) -> None:
    stack = build(BRIDGED, pem=pem)
    assert preview(stack, pack) == []
    assert said_in(stack.run("up", "--yes", "--skip-preview", "--policy-pack", pack)) == []
    assert preview(stack, pack) == []
    stack.destroy()
    assert "BEGIN" not in "".join(stack.said)


LATE = LOOSE.replace(
    'config.get_bool("loose") or False', 'ip.ip_address.apply(lambda _: config.get_bool("loose") or False)'
)


def test_what_a_preview_cannot_know_is_said_once_a_rule_and_decided_by_up(build: Build, pack: str, pem: str) -> None:
    """By then it is built: the run fails, and what it built stands."""
    stack = build(LATE, pem=pem, loose=True)
    (late,) = preview(stack, pack)
    assert (late.level, late.policy, late.resource) == ("advisory", NOT_KNOWN_YET, "shop-test")
    waiting = [line.strip().partition(": ") for line in late.text.splitlines()[1:]]
    assert len({rule for rule, _, _ in waiting}) == len(waiting)
    assert (RULE, ": ", "web ignoreSslServerVerify") in waiting
    ended = stack.try_run("up", "--yes", "--skip-preview", "--policy-pack", pack)
    assert ended.returncode != 0
    assert [(one.level, one.policy, one.resource) for one in said_in(ended.stdout)] == [("mandatory", RULE, "web")]
    assert "https" in stack.resources()
    stack.change(loose=False)
    assert said_in(stack.run("up", "--yes", "--skip-preview", "--policy-pack", pack)) == []
    stack.destroy()


# Where keeping to the words of an example breaks a second rule as well: what else is said, and why it has to be.
ALSO = {
    "lets-encrypt-needs-a-public-load-balancer": {
        "private-load-balancer-has-a-private-network": "the example has neither an address nor a network",
    },
}


def broken(certificates: Mapping[str, str]) -> dict[str, ScalewayConfiguration]:
    """For every rule that a stack written by hand can break, a load balancer that does."""
    loose = {rule.id: rule.fails[0] for rule in BOOK if isinstance(rule.fails[0], ScalewayConfiguration)}
    imported = {
        rule: with_certificate(LOOSE_OFFLOADED, letsencrypt=LEFT_OUT, custom_certificate={"certificate_chain": text})
        for rule, text in certificates.items()
    }
    return {**loose, **BROKEN, **imported}


@pytest.fixture
def certificates() -> dict[str, str]:
    """What breaks the rules about imported certificates."""
    authority = Authority("Public")
    before = dt.datetime.now(dt.UTC) - dt.timedelta(days=80)
    expired = authority.issue(["shop.example.test"], days=40, not_before=before)
    soon = authority.issue(["shop.example.test"], days=90, not_before=before)
    one, two = (authority.issue(["shop.example.test"]) for _ in range(2))
    return {
        "frontend-certificate-is-not-expired": expired.private_key_and_chain_pem,
        "frontend-certificate-is-renewed-in-time": soon.private_key_and_chain_pem,
        "frontend-certificate-belongs-to-its-key": one.private_key_pem + two.certificate_pem,
    }


def test_each_rule_speaks_of_the_load_balancer_that_breaks_it_and_of_no_other(
    build: Build, pack: str, certificates: dict[str, str], tmp_path: Path
) -> None:
    """All of them in one stack, beside three that break none."""
    rules = broken(certificates)
    kept = {"offloaded": LOOSE_OFFLOADED, "bridged": LOOSE_BRIDGED, "passthrough": LOOSE_PASSTHROUGH}
    names = {rule: f"n{number:03}" for number, rule in enumerate(rules)}
    stack = build(program({**{names[rule]: words for rule, words in rules.items()}, **kept}))
    asked = configured(tmp_path / "policy.json", {PACK: {"encrypted-tags": ["cardholder-data"]}})
    found: dict[str, set[str]] = {}
    for one in preview(stack, pack, *asked):
        if one.policy != NOT_KNOWN_YET:
            found.setdefault(one.resource.split("-")[0], set()).add(one.policy)
    expected = {names[rule]: {rule, *ALSO.get(rule, {})} for rule in rules}
    wrong = {rule: found.get(name, set()) for rule, name in names.items() if found.get(name, set()) != expected[name]}
    assert wrong == {}
    assert set(found) == set(expected)
    assert "BEGIN" not in "".join(stack.said)


def test_what_the_documentation_shows_is_silent_or_explained(build: Build, pack: str) -> None:
    """Every stack of Scaleway's documentation and the provider's examples: docs/policy.md has each finding."""
    shown = {f"d{number:02}": each for number, each in enumerate(DOCUMENTED)}
    stack = build(program({name: each.configuration for name, each in shown.items()}))
    found: dict[str, set[str]] = {name: set() for name in shown}
    for one in preview(stack, pack):
        if one.policy != NOT_KNOWN_YET:
            found[one.resource.split("-")[0]].add(one.policy)
    expected = {name: {*each.expected, *each.elsewhere} for name, each in shown.items()}
    assert {shown[name].name: (found[name], expected[name]) for name in shown if found[name] != expected[name]} == {}
    silent = [name for name in shown if not found[name]]
    assert len(silent) >= 8
    page = (Path(__file__).parents[2] / "docs" / "policy.md").read_text(encoding="utf-8")
    table = page.split("## What is said of Scaleway's own examples")[1].split("## ")[0]
    rows = set(re.findall(r"^\| (.+?) \| `(.+?)` \| (.+?) \|$", table, re.MULTILINE))
    assert rows == {
        (f"[{each.name}]({each.url})", rule, reason)
        for each in DOCUMENTED
        for rule, reason in {**each.expected, **each.elsewhere}.items()
    }


def test_each_rule_is_broken_by_hand_here_or_it_is_known_why_not(certificates: dict[str, str]) -> None:
    by_hand = set(broken(certificates))
    assert by_hand | set(NOT_BY_HAND) == set(RULES), "say in broken.py how a stack by hand breaks it, or why none can"
    assert not by_hand & set(NOT_BY_HAND)
