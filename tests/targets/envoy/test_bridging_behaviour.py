"""What the goldens cannot prove of bridging: whom a real Envoy trusts, and what it shows to the servers."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from lbpatterns.core.spec import (
    HealthCheck,
    HealthProtocol,
    InsecureSkip,
    Mode,
    PemCertificate,
)
from lbpatterns.pki import Authority
from tests.targets.envoy.running import (
    CA,
    RunningEnvoy,
    ask,
    bridged_backend,
    offloaded,
    port_of,
    server,
    until,
)

FAULTS = {
    "wrong name": CA.issue(["two.backend.test"]),
    "another authority": Authority("Other CA").issue(["one.backend.test"]),
    "expired": CA.issue(["one.backend.test"], days=0.01),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_server_that_is_not_who_it_should_be_is_refused(envoy: RunningEnvoy, fault: str) -> None:
    """Unless the declaration skips the verification, by name."""
    with server("a", FAULTS[fault]) as one:
        spec = replace(offloaded(bridged_backend(one)), mode=Mode.BRIDGED)
        envoy.apply(spec)
        refused = ask(port_of(spec)).status
        skip = InsecureSkip(reason="this test", until=dt.date(2099, 1, 1))
        backend = bridged_backend(one, verify_server_certificate=False, insecure_skip_verify=skip)
        envoy.apply(replace(spec, backend=backend))
        skipped = ask(port_of(spec)).status
    assert (refused, skipped) == (503, 200)


@pytest.mark.parametrize(
    ("wanted", "held", "status"),
    [
        ("backend.internal", "*.internal", 503),
        ("backend.internal", "Backend.Internal", 200),
        ("one.backend.test", "*.backend.test", 200),
        ("deep.one.backend.test", "*.backend.test", 503),
        ("127.0.0.1", "127.0.0.1", 200),
        ("127.0.0.2", "127.0.0.1", 503),
    ],
)
def test_a_wildcard_covers_one_label_of_a_narrow_name_only(
    envoy: RunningEnvoy, wanted: str, held: str, status: int
) -> None:
    address = wanted.startswith("127.")
    with server("a", CA.issue([], ips=[held]) if address else CA.issue([held])) as one:
        backend = bridged_backend(one, server_name=None, expected_name=wanted)
        spec = replace(offloaded(backend), mode=Mode.BRIDGED)
        envoy.apply(spec)
        assert ask(port_of(spec)).status == status


def test_servers_see_the_declared_server_name_and_the_client_certificate(envoy: RunningEnvoy) -> None:
    client = CA.issue(["lb.example.test"], client=True)
    with server("a", CA.issue(["one.backend.test"]), client_ca=CA.certificate_pem) as one:
        certificate = PemCertificate(private_key_and_chain_pem=client.private_key_and_chain_pem)
        spec = replace(offloaded(bridged_backend(one, client_certificate=certificate)), mode=Mode.BRIDGED)
        envoy.apply(spec)
        answer = ask(port_of(spec))
    assert (answer.status, answer.seen["sni"], answer.seen["client_certificate"]) == (200, "one.backend.test", True)
    assert "PRIVATE KEY" not in envoy.admin("/config_dump")


def test_a_check_in_plain_http_of_an_encrypted_backend_takes_a_sick_server_out(envoy: RunningEnvoy) -> None:
    with server("a", CA.issue(["one.backend.test"])) as one, server("its health") as health:
        check = HealthCheck(
            protocol=HealthProtocol.HTTP, port=health.server_port, interval=0.05, timeout=1.0, unhealthy_after=2
        )
        spec = replace(offloaded(bridged_backend(one, health_check=check)), mode=Mode.BRIDGED)
        envoy.apply(spec)
        until(lambda: ask(port_of(spec)).status == 200, "healthy")
        health.status = 500
        until(lambda: ask(port_of(spec)).status == 503, "taken out")
        health.status = 200
        until(lambda: ask(port_of(spec)).status == 200, "healthy again")
