"""What is observed on a leg: its session, its certificate, what was answered, and what speaks there at all."""

import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lbpatterns.core.observation import Observation, Outcome
from lbpatterns.core.spec import ProxyProtocol, TLSVersion
from lbpatterns.demo.servers import DemoServer
from lbpatterns.pki import Authority, Issued
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


def probing(server: DemoServer, authority: Authority, **differences: Any) -> Observation:
    same: dict[str, Any] = {"name": "leg", "host": server.address, "port": server.port, "timeout": 10.0}
    tls = {"server_name": NAME, "expected_name": NAME, "ca_bundle_pem": authority.certificate_pem}
    return observe(Probe(**(same | tls | differences)))


def test_a_good_server_is_verified_and_reports(server: DemoServer, authority: Authority, certificate: Issued) -> None:
    seen = probing(server, authority, path="/x", headers=(("X-Forwarded-Proto", "http"),))
    assert (seen.name, seen.host, seen.port, seen.server_name) == ("leg", "127.0.0.1", server.port, NAME)
    assert seen.outcome is Outcome.ANSWERED
    assert seen.detail == ""
    assert 0 < seen.seconds < 10
    assert seen.tls is not None
    assert seen.tls.verified
    assert (seen.tls.fault, seen.tls.error) == (None, None)
    assert seen.tls.verified_against == "Test CA"
    assert seen.tls.version is TLSVersion.TLS_1_3
    assert seen.tls.alpn == "http/1.1"
    assert seen.tls.client_certificate_requested is False
    assert seen.tls.leaf is not None
    assert seen.tls.leaf.sha256 == certificate.leaf_sha256
    assert seen.tls.leaf.subject == f"CN={NAME}"
    assert seen.tls.leaf.issuer == "CN=Test CA"
    assert seen.tls.leaf.names == (NAME, "127.0.0.1")
    assert seen.tls.leaf.key == "ECDSA P-256"
    assert seen.tls.leaf.days_left == 89
    assert seen.http is not None
    assert seen.http.status == 200
    assert seen.http.report is not None
    assert (seen.http.report.server, seen.http.report.received_over) == ("s1", "tls")
    assert seen.http.report.server_name == NAME
    assert seen.http.report.tls_version == "TLSv1.3"
    assert seen.http.report.values("X-Forwarded-Proto") == ("http",)
    assert seen.http.report.values("host") == (f"{NAME}:{server.port}",)


def test_one_connection_is_enough_for_a_server_that_is_trusted(authority: Authority, certificate: Issued) -> None:
    with DemoServer(certificate=certificate) as server:
        probing(server, authority)
        assert len({tuple(report["peer"]) for report in server.reports}) == 1
        assert server.failures == []


def test_name_and_server_name_may_differ(server: DemoServer, authority: Authority) -> None:
    seen = probing(server, authority, server_name="front.example.test", expected_name=NAME)
    assert seen.tls is not None
    assert seen.tls.verified
    assert seen.http is not None
    assert seen.http.report is not None
    assert seen.http.report.server_name == "front.example.test"


def test_without_a_server_name_none_is_sent_and_an_address_can_be_expected(
    server: DemoServer, authority: Authority
) -> None:
    seen = probing(server, authority, server_name=None, expected_name="127.0.0.1")
    assert seen.tls is not None
    assert seen.tls.verified
    assert seen.http is not None
    assert seen.http.report is not None
    assert seen.http.report.server_name is None


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("presents", [True, False])
def test_a_server_that_requires_a_client_certificate_still_shows_its_own(
    authority: Authority, certificate: Issued, version: ssl.TLSVersion, presents: bool
) -> None:
    clients = Authority("Client CA")
    client = clients.issue(["client.example.test"], client=True)
    with DemoServer(
        certificate=certificate, client_ca_pem=clients.certificate_pem, client_certificate_required=True
    ) as server:
        tls = server._service.tls
        assert tls is not None
        tls.context.minimum_version = tls.context.maximum_version = version
        seen = probing(server, authority, client_certificate_pem=client.private_key_and_chain_pem if presents else None)
    assert seen.tls is not None
    assert seen.tls.verified
    assert seen.tls.client_certificate_requested is True
    assert seen.tls.version is (TLSVersion.TLS_1_2 if version is ssl.TLSVersion.TLSv1_2 else TLSVersion.TLS_1_3)
    assert seen.tls.leaf is not None
    assert seen.tls.leaf.sha256 == certificate.leaf_sha256
    if presents:
        assert seen.outcome is Outcome.ANSWERED
        assert seen.http is not None
        assert seen.http.report is not None
        assert seen.http.report.client_certificate == "CN=client.example.test"
    else:
        assert seen.outcome is Outcome.ALERT
        assert seen.detail in {"certificate required", "handshake failure"}


def test_an_old_version_is_seen_not_hidden(authority: Authority, certificate: Issued) -> None:
    with DemoServer(certificate=certificate) as server:
        tls = server._service.tls
        assert tls is not None
        with pytest.warns(DeprecationWarning, match="TLSv1 is deprecated"):
            tls.context.minimum_version = ssl.TLSVersion.TLSv1
        with pytest.warns(DeprecationWarning, match="TLSv1 is deprecated"):
            tls.context.maximum_version = ssl.TLSVersion.TLSv1
        seen = probing(server, authority)
    assert seen.tls is not None
    assert seen.tls.version is TLSVersion.TLS_1_0
    assert seen.tls.verified


def test_a_plaintext_leg_is_seen_as_one(authority: Authority) -> None:
    with DemoServer("plain") as server:
        seen = probing(server, authority, tls=False, server_name=None)
    assert (seen.outcome, seen.tls) == (Outcome.ANSWERED, None)
    assert seen.http is not None
    assert seen.http.report is not None
    assert seen.http.report.received_over == "plaintext"


def test_tls_to_a_plaintext_port_is_not_tls(authority: Authority) -> None:
    with DemoServer() as server:
        seen = probing(server, authority)
    assert (seen.outcome, seen.tls, seen.http) == (Outcome.NOT_TLS, None, None)
    assert "HTTP/1.1 400" in seen.detail


def test_plain_http_to_a_tls_port_is_recognised(server: DemoServer, authority: Authority) -> None:
    seen = probing(server, authority, tls=False)
    assert seen.outcome is Outcome.CLOSED
    assert seen.http is None
    assert seen.tls is not None
    assert seen.detail.endswith("it speaks TLS 1.3")


@pytest.mark.parametrize("version", [ProxyProtocol.V1, ProxyProtocol.V2])
@pytest.mark.parametrize("tls", [True, False])
def test_a_server_that_wants_a_proxy_header_gets_one(
    authority: Authority, certificate: Issued, version: ProxyProtocol, tls: bool
) -> None:
    with DemoServer(certificate=certificate if tls else None, proxy_protocol=True) as server:
        seen = probing(server, authority, tls=tls, proxy_protocol=version)
        (report,) = server.reports
    assert seen.outcome is Outcome.ANSWERED
    assert report["proxy_protocol"] == {"version": 1 if version is ProxyProtocol.V1 else 2, "source": report["peer"]}


def test_nothing_that_is_seen_or_asked_shows_a_key(authority: Authority, certificate: Issued) -> None:
    client = authority.issue(["client.example.test"], client=True)
    with DemoServer(certificate=certificate, client_ca_pem=authority.certificate_pem) as server:
        probe = Probe(
            name="leg",
            host=server.address,
            port=server.port,
            ca_bundle_pem=authority.certificate_pem,
            client_certificate_pem=client.private_key_and_chain_pem,
        )
        assert "PRIVATE" not in repr(probe) + repr(observe(probe))


@pytest.mark.parametrize("broken", ["", "PRIVATE nonsense"])
def test_a_client_certificate_that_does_not_load_is_the_callers_error(
    server: DemoServer, authority: Authority, broken: str
) -> None:
    with pytest.raises(ValueError, match="the client certificate does not load") as raised:
        probing(server, authority, client_certificate_pem=broken)
    assert "nonsense" not in str(raised.value)


def test_observing_loads_neither_pulumi_nor_a_cloud() -> None:
    script = "import sys, lbpatterns.verify.observe; print([name for name in sys.modules if name.startswith('pulumi')])"
    root = Path(__file__).parents[2]
    answer = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
