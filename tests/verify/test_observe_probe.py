"""What can be asked, which commands ask the same, and which names a certificate covers."""

import shutil
import ssl
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbpatterns.core.legs import ExpectedLeg, Promise
from lbpatterns.core.spec import UNKNOWN, Leg, Mode, ProxyProtocol
from lbpatterns.demo.servers import DemoServer
from lbpatterns.pki import Authority, Issued
from lbpatterns.verify.certificates import carries
from lbpatterns.verify.observe import Probe, equivalent_commands, observe, probe_for

LEG: dict[str, Any] = {
    "name": "frontend :443 a.test",
    "leg": Leg.FRONTEND,
    "mode": Mode.BRIDGED,
    "promise": Promise.TLS,
    "host": "127.0.0.1",
    "port": 443,
    "server_name": "a.test",
    "expected_name": "b.test",
    "ca_bundle_pem": "PEM",
    "path": "/healthz",
    "proxy_protocol": ProxyProtocol.V2,
}


def probe(**differences: Any) -> Probe:
    same: dict[str, Any] = {
        "name": "leg",
        "host": "127.0.0.1",
        "port": 8443,
        "server_name": "a.test",
        "expected_name": "a.test",
    }
    return Probe(**(same | differences))


def test_a_leg_becomes_the_probe_that_asks_for_its_promise() -> None:
    assert probe_for(ExpectedLeg(**LEG), timeout=2, headers=(("A", "b"),)) == Probe(
        name="frontend :443 a.test",
        host="127.0.0.1",
        port=443,
        server_name="a.test",
        expected_name="b.test",
        ca_bundle_pem="PEM",
        path="/healthz",
        headers=(("A", "b"),),
        proxy_protocol=ProxyProtocol.V2,
        timeout=2,
    )


@pytest.mark.parametrize(
    ("promise", "tls"),
    [(Promise.TLS, True), (Promise.CLOSED, True), (Promise.PLAINTEXT, False), (Promise.REDIRECT, False)],
)
def test_only_what_promises_plaintext_is_spoken_to_in_plaintext(promise: Promise, tls: bool) -> None:
    made = probe_for(ExpectedLeg(**(LEG | {"promise": promise})))
    assert made is not None
    assert made.tls is tls


@pytest.mark.parametrize("unknown", ["host", "port", "server_name", "expected_name", "ca_bundle_pem"])
def test_what_is_not_known_yet_is_not_asked(unknown: str) -> None:
    assert probe_for(ExpectedLeg(**(LEG | {unknown: UNKNOWN}))) is None


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"port": 0}, "port=0"),
        ({"port": 70000}, "port=70000"),
        ({"timeout": 0}, "timeout=0"),
        ({"path": "x"}, "path='x'"),
        ({"path": "/a b"}, "path='/a b'"),
        ({"path": "/\r\nX: y"}, "path="),
        ({"host": ""}, "host=''"),
        ({"host": "a b"}, "host='a b'"),
        ({"server_name": "a..b"}, r"server_name='a\.\.b'"),
        ({"server_name": "a" * 64}, "server_name="),
        ({"server_name": "a.test/x"}, "server_name="),
        ({"headers": (("X", "a\r\nY: b"),)}, "header 'X'"),
        ({"headers": (("X:", "a"),)}, "header 'X:'"),
    ],
)
def test_what_cannot_be_asked_is_said(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        probe(**wrong)


@pytest.mark.parametrize(
    ("differences", "authority"),
    [
        ({}, "a.test:8443"),
        ({"port": 443}, "a.test"),
        ({"port": 443, "tls": False}, "a.test:443"),
        ({"port": 80, "tls": False}, "a.test"),
        ({"server_name": None, "host": "::1"}, "[::1]:8443"),
    ],
)
def test_the_host_header_is_the_one_that_browsers_send(differences: dict[str, Any], authority: str) -> None:
    assert probe(**differences).authority == authority


def test_the_commands_ask_the_same() -> None:
    full = probe(ca_bundle_pem="PEM", client_certificate_pem="PEM", path="/x", headers=(("X-Y", "z z"),))
    assert equivalent_commands(full) == (
        (
            "openssl s_client -connect 127.0.0.1:8443 -servername a.test -verify_hostname a.test -CAfile ca.pem"
            " -cert client.pem -key client.pem -showcerts </dev/null"
        ),
        (
            "curl --verbose --max-time 5 --resolve a.test:8443:127.0.0.1 --cacert ca.pem --cert client.pem"
            " --header 'X-Y: z z' https://a.test:8443/x"
        ),
    )


def test_the_commands_of_a_plaintext_leg_speak_http_only() -> None:
    plain = probe(tls=False, server_name=None, host="::1", port=8080, proxy_protocol=ProxyProtocol.V1)
    assert equivalent_commands(plain) == ("curl --verbose --max-time 5 --haproxy-protocol 'http://[::1]:8080/'",)


def test_the_commands_name_a_host_that_is_no_address() -> None:
    openssl, curl = equivalent_commands(probe(host="lb.test", server_name=None, expected_name="192.0.2.1"))
    assert "-noservername -verify_ip 192.0.2.1" in openssl
    assert "lb.test:8443/" in curl
    assert "--connect-to a.test:8443:lb.test:8443" in equivalent_commands(probe(host="lb.test"))[1]


@pytest.mark.skipif(not shutil.which("openssl") or not shutil.which("curl"), reason="needs openssl and curl")
def test_the_commands_work_and_agree_with_what_is_observed(tmp_path: Path) -> None:
    authority, clients = Authority("Test CA"), Authority("Client CA")
    client = clients.issue(["client.example.test"], client=True)
    (tmp_path / "ca.pem").write_text(authority.certificate_pem)
    (tmp_path / "client.pem").write_text(client.private_key_and_chain_pem)
    with DemoServer(
        "s1", certificate=authority.issue(["a.test"]), client_ca_pem=clients.certificate_pem, proxy_protocol=False
    ) as server:
        asked = probe(
            port=server.port,
            ca_bundle_pem=authority.certificate_pem,
            client_certificate_pem=client.private_key_and_chain_pem,
        )
        seen = observe(asked)
        openssl, curl = (
            subprocess.run(line, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=20)  # noqa: S602 - a line for a shell is what is tested
            for line in equivalent_commands(asked)
        )
    assert seen.tls is not None
    assert seen.tls.verified
    assert "Verification: OK" in openssl.stdout
    assert seen.tls.cipher in openssl.stdout
    assert '"received_over": "tls"' in curl.stdout
    assert "CN=client.example.test" in curl.stdout


@pytest.mark.parametrize(
    ("names", "expected", "covered"),
    [
        (["a.test"], "a.test", True),
        (["A.TEST"], "a.test.", True),
        (["a.test"], "b.a.test", False),
        (["*.a.test"], "b.a.test", True),
        (["*.a.test"], "a.test", False),
        (["*.a.test"], "c.b.a.test", False),
        (["*.test"], "a.test", False),
        (["b*.a.test"], "bc.a.test", False),
        (["*"], "test", False),
        (["*.a.test"], "*.a.test", False),
        (["a.test", "192.0.2.1"], "192.0.2.1", True),
        (["a.test"], "192.0.2.1", False),
        (["2001:db8::1"], "2001:0db8:0::1", True),
        (["xn--bcher-kva.test"], "bücher.test", True),
        ([], "a.test", False),
        (["a.test"], "a..test", False),
    ],
)
def test_a_name_is_covered_by_the_rules_of_rfc_9525(names: list[str], expected: str, covered: bool) -> None:
    assert carries(tuple(names), expected) is covered


LABEL = st.text("ab", min_size=1, max_size=2)
CONCRETE = st.lists(LABEL, min_size=1, max_size=4).map(".".join)
DECLARED = st.one_of(CONCRETE, CONCRETE.map(lambda name: f"*.{name}"))


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("Test CA")


@settings(max_examples=150, deadline=None)
@given(declared=st.lists(DECLARED, min_size=1, max_size=3), expected=CONCRETE)
def test_openssl_agrees_on_which_names_are_covered(authority: Authority, declared: list[str], expected: str) -> None:
    """Except for `*.com`: RFC 6125 leaves it open, OpenSSL refuses it as we do."""
    assert carries(tuple(declared), expected) is openssl_accepts(authority.issue(declared), authority, expected)


def openssl_accepts(issued: Issued, authority: Authority, expected: str) -> bool:
    """A handshake in memory, verified by OpenSSL with its own check of names."""
    server_side, client_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(issued.private_key_and_chain_pem)
        file.flush()
        server_side.load_cert_chain(file.name)
    client_side.load_verify_locations(cadata=authority.certificate_pem)
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_side.wrap_bio(down, up, server_hostname=expected)
    server = server_side.wrap_bio(up, down, server_side=True)
    for side in (client, server, client):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
        except ssl.SSLCertVerificationError:
            return False
    return True
