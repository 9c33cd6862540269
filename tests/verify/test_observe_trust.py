"""Why a server is not trusted: each fault for its own reason, and no false alarms."""

from collections.abc import Iterator
from typing import Any

import pytest

from lbpatterns.core.observation import Fault, Observation, Outcome
from lbpatterns.demo.servers import DemoServer
from lbpatterns.pki import Authority, Issued, faulty_server_certificates, self_signed_leaf
from lbpatterns.verify.observe import Probe, observe

NAME = "backend.internal"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("Test CA")


@pytest.fixture(scope="module")
def certificate(authority: Authority) -> Issued:
    return authority.issue([NAME], ips=["127.0.0.1"])


@pytest.fixture(scope="module")
def server(certificate: Issued) -> Iterator[DemoServer]:
    with DemoServer("s1", certificate=certificate) as server:
        yield server


@pytest.fixture(scope="module")
def faulty(authority: Authority) -> dict[str, Issued]:
    return faulty_server_certificates(authority, NAME)


def probing(server: DemoServer, authority: Authority, **differences: Any) -> Observation:
    same: dict[str, Any] = {"name": "leg", "host": server.address, "port": server.port, "timeout": 10.0}
    tls = {"server_name": NAME, "expected_name": NAME, "ca_bundle_pem": authority.certificate_pem}
    return observe(Probe(**(same | tls | differences)))


@pytest.mark.parametrize(
    ("fault", "word", "words"),
    [
        ("expired", Fault.EXPIRED, "certificate has expired: backend.internal ended"),
        ("not yet valid", Fault.NOT_YET_VALID, "certificate is not yet valid: backend.internal begins"),
        ("wrong name", Fault.WRONG_NAME, "it carries another.invalid"),
        ("self-signed leaf", Fault.SELF_SIGNED, "self-signed certificate"),
        ("unknown CA", Fault.UNKNOWN_ISSUER, "Unknown CA is not Test CA"),
        ("missing intermediate", Fault.INCOMPLETE_CHAIN, "the certificate of Intermediate CA was not sent"),
        ("common name only", Fault.WRONG_NAME, "it carries no name (a common name does not count)"),
        ("RSA-1024 key", Fault.WEAK_KEY, "its key is RSA-1024"),
        ("client authentication only", Fault.WRONG_PURPOSE, "purpose"),
        ("expired intermediate", Fault.EXPIRED, "Expired Intermediate CA ended"),
    ],
)
def test_each_fault_is_seen_for_its_reason(
    authority: Authority, faulty: dict[str, Issued], fault: str, word: Fault, words: str
) -> None:
    """And the certificate and the answer are seen nevertheless."""
    with DemoServer(certificate=faulty[fault]) as server:
        seen = probing(server, authority)
    assert seen.outcome is Outcome.ANSWERED
    assert seen.tls is not None
    assert not seen.tls.verified
    assert seen.tls.fault is word
    assert words in (seen.tls.error or "")
    assert seen.tls.leaf is not None
    assert seen.tls.leaf.sha256 == faulty[fault].leaf_sha256
    assert seen.http is not None
    assert seen.http.status == 200


def test_every_reason_is_told_not_only_the_first(authority: Authority) -> None:
    with DemoServer(certificate=Authority("Unknown CA").issue(["another.invalid"])) as server:
        seen = probing(server, authority)
    assert seen.tls is not None
    assert seen.tls.fault is Fault.UNKNOWN_ISSUER
    assert "Unknown CA is not Test CA" in (seen.tls.error or "")
    assert "another.invalid" in (seen.tls.error or "")


def test_the_chain_is_told_as_received(authority: Authority) -> None:
    with DemoServer(certificate=authority.intermediate("Middle CA").issue([NAME])) as server:
        seen = probing(server, authority)
    assert seen.tls is not None
    assert [one.subject for one in seen.tls.chain] == [f"CN={NAME}", "CN=Middle CA"]
    assert seen.tls.verified


def test_a_certificate_beside_the_path_does_no_harm(authority: Authority, faulty: dict[str, Issued]) -> None:
    """Servers do send expired cross-signed roots."""
    good = authority.issue([NAME])
    with DemoServer(certificate=good.private_key_and_chain_pem + faulty["expired"].certificate_pem) as server:
        seen = probing(server, authority)
    assert seen.tls is not None
    assert len(seen.tls.chain) == 2
    assert seen.tls.verified


@pytest.mark.parametrize("anchor", ["the intermediate", "the leaf itself"])
def test_what_is_declared_trusted_is_an_anchor_though_it_is_no_root(authority: Authority, anchor: str) -> None:
    intermediate = authority.intermediate()
    issued = self_signed_leaf(NAME) if anchor == "the leaf itself" else intermediate.issue([NAME])
    bundle = issued.certificate_pem if anchor == "the leaf itself" else intermediate.certificate_pem
    with DemoServer(certificate=issued) as server:
        seen = probing(server, authority, ca_bundle_pem=bundle)
    assert seen.tls is not None
    assert seen.tls.verified, seen.tls.error


def test_a_bundle_of_several_anchors_is_named_by_its_first(server: DemoServer, authority: Authority) -> None:
    seen = probing(server, authority, ca_bundle_pem=Authority("Other CA").certificate_pem + authority.certificate_pem)
    assert seen.tls is not None
    assert seen.tls.verified
    assert seen.tls.verified_against == "Other CA and 1 more"


@pytest.mark.parametrize(
    "bundle", ["", "no PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "ä"]
)
def test_a_bundle_that_cannot_be_read_trusts_nobody(server: DemoServer, authority: Authority, bundle: str) -> None:
    seen = probing(server, authority, ca_bundle_pem=bundle)
    assert seen.outcome is Outcome.ANSWERED
    assert seen.tls is not None
    assert (seen.tls.verified, seen.tls.fault) == (False, Fault.OTHER)
    assert seen.tls.verified_against == "no trust anchor"


def test_the_public_roots_do_not_know_a_test_authority(server: DemoServer, authority: Authority) -> None:
    seen = probing(server, authority, ca_bundle_pem=None)
    assert seen.tls is not None
    assert not seen.tls.verified
    assert seen.tls.fault is Fault.INCOMPLETE_CHAIN
    assert seen.tls.verified_against == "the public roots"
