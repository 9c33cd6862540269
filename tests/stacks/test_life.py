"""The life of each stack: built and proven, built again, changed in place, broken and healed, taken down."""

from __future__ import annotations

import json
import re
import socket
import ssl
import subprocess
from pathlib import Path

import pytest
from pulumi import automation as auto

from lbpatterns.core.judge import Answer
from lbpatterns.demo.run import free_port
from lbpatterns.pki import Authority, faulty_server_certificates

from .conftest import Running

EACH = pytest.mark.parametrize("running", ["offloaded", "bridged", "passthrough"], indirect=True)
BRIDGED = pytest.mark.parametrize("running", ["bridged"], indirect=True)


def listens(port: int) -> bool:
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0


def leaf(port: int, name: str) -> bytes:
    """The DER that a client without any trust is shown."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port), 5) as raw,
        context.wrap_socket(raw, server_hostname=name) as tls,
    ):
        return tls.getpeercert(binary_form=True) or b""


@EACH
def test_built_proven_unchanged_and_gone(running: Running) -> None:
    """Up proves every leg; a second up changes nothing; destroy leaves no process, port or file."""
    assert running.up() == {"create": 3}
    evidence = running.evidence()
    unproven = [verdict for verdict in evidence.verdicts if not verdict.proven]
    assert unproven == []
    assert len(evidence.verdicts) >= 3
    assert running.up() == {"same": 3}
    assert running.stack.preview().change_summary == {"same": 3}
    pid = int(running.envoy()["pid"])
    assert running.envoy()["host"] == "127.0.0.1"
    running.stack.destroy(on_output=running.said.append)
    assert running.folders() == []
    assert not listens(running.port)
    assert not Path(f"/proc/{pid}/exe").exists()


@BRIDGED
def test_changes_of_port_servers_and_certificate_keep_the_process(running: Running) -> None:
    running.up()
    pid, former_port = running.envoy()["pid"], running.port
    former_leaf = leaf(former_port, "shop.example.test")

    running.pki.path_of("frontend").unlink()  # the stack's PKI issues a new certificate where one is gone
    assert running.up()["update"] >= 1
    assert leaf(former_port, "shop.example.test") != former_leaf
    assert running.evidence().proven

    running.port = free_port()
    running.set("port", running.port)
    assert running.up()["update"] >= 1
    assert listens(running.port)
    assert not listens(former_port)
    assert running.evidence().proven

    running.server_port = 0
    running.serve(running.pki.server)
    running.set("serverPort", running.server_port)
    assert running.up()["update"] >= 1
    assert running.evidence().proven
    assert running.envoy()["pid"] == pid


@BRIDGED
def test_a_killed_envoy_is_drift_and_the_next_up_heals_it(running: Running) -> None:
    running.up()
    running.kill_envoy()
    refreshed = running.stack.refresh(on_output=running.said.append)
    assert {str(key): count for key, count in (refreshed.summary.resource_changes or {}).items()}["delete"] == 1
    assert running.up()["create"] == 1
    assert running.evidence().proven


@BRIDGED
def test_a_port_in_use_is_said_and_leaves_nothing(running: Running) -> None:
    """The message names the port; once it is free, the same command builds."""
    with socket.create_server(("127.0.0.1", running.port)):
        with pytest.raises(auto.CommandError) as caught:
            running.up()
        words = str(caught.value)
        assert f" {running.port} " in words
        assert "Fix: " in words
        assert "Traceback" not in words
        assert running.folders() == []
    assert running.up()["create"] >= 1
    assert running.evidence().proven


@BRIDGED
def test_a_change_that_cannot_be_made_leaves_what_ran(running: Running) -> None:
    running.up()
    pid, former_port = running.envoy()["pid"], running.port
    with socket.create_server(("127.0.0.1", 0)) as taken:
        running.set("port", taken.getsockname()[1])
        with pytest.raises(auto.CommandError, match=str(taken.getsockname()[1])):
            running.up()
    assert listens(former_port)
    assert leaf(former_port, "shop.example.test")
    running.set("port", former_port)
    running.up()
    assert running.envoy()["pid"] == pid
    assert running.evidence().proven


@BRIDGED
def test_a_server_that_cannot_be_trusted_is_refused_and_the_reason_is_seen(running: Running) -> None:
    """503 through the load balancer, and the fault by name on the leg behind it."""
    internal = Authority.load(_authority_pem(running))
    faulty = faulty_server_certificates(internal, "backend.internal")
    expected = {
        "expired": "expired",
        "not yet valid": "not yet valid",
        "wrong name": "wrong name",
        "self-signed leaf": "self-signed",
        "unknown CA": "unknown issuer",
        "client authentication only": "not a server certificate",
        "common name only": "wrong name",
    }
    running.up()
    assert running.evidence().proven
    for fault, word in expected.items():
        running.serve(faulty[fault])
        front, *_, back = running.evidence().verdicts
        assert front.observation is not None
        assert front.observation.http is not None, fault
        assert front.observation.http.status == 503, fault
        assert not front.proven, fault
        assert back.observation is not None
        assert back.observation.tls is not None, fault
        assert str(back.observation.tls.fault) == word, fault
        said = [finding.sentence for finding in back.findings if finding.answer is Answer.VIOLATED]
        assert any(f": {word}: " in sentence for sentence in said), said
    running.serve(running.pki.server)
    for _attempt in range(100):  # health checks find out at their own interval that it is well again
        if running.evidence().proven:
            return
    pytest.fail("the load balancer did not take the mended server back")


def _authority_pem(running: Running) -> str:
    """The internal CA with its key, as the PKI keeps it."""
    for path in running.pki.directory.iterdir():
        if path.is_file() and "internal_ca" in path.name and "PRIVATE KEY" in path.read_text(errors="replace"):
            text = path.read_text()
            return text if "CERTIFICATE" in text else text + running.pki.internal_ca_pem
    raise AssertionError("the PKI keeps no key for its internal CA")


@pytest.mark.parametrize("running", ["passthrough"], indirect=True)
def test_mtls_reaches_the_server_through_passthrough(running: Running) -> None:
    running.up()
    front = running.evidence().verdicts[0]
    assert front.observation is not None
    assert front.observation.http is not None
    assert front.observation.http.report is not None
    assert "Demo Client" in (front.observation.http.report.client_certificate or "")
    assert leaf(running.port, "secure.example.test") == ssl.PEM_cert_to_DER_cert(
        running.pki.passthrough_server.certificate_pem
    )


@EACH
def test_no_private_key_comes_through_any_door(running: Running) -> None:
    """State, previews, logs, exports, errors and everything printed: none holds a line of any key."""
    running.up()
    plain = ["--stack", running.pattern]
    running.set("serverPort", running.server_port + 1)

    def pulumi(*arguments: str) -> str:
        ended = running.workspace.try_pulumi(*arguments, *plain)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout + ended.stderr

    printed = [
        pulumi("preview", "--diff"),
        pulumi("preview", "--json"),
        pulumi("up", "--yes", "--skip-preview", "--diff", "--debug", "-v=9"),
        pulumi("stack", "export"),
        pulumi("stack", "--show-urns"),
        pulumi("refresh", "--yes"),
        json.dumps(running.evidence().as_plain()),
        subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True, check=True).stdout,
        *running.said,
    ]
    kept = [path for path in running.workspace.directory.rglob("*") if path.is_file() and not path.is_symlink()]
    secret_files = [path for path in kept if (running.workspace.directory / "envoy") in path.parents]
    printed += [path.read_text(errors="replace") for path in kept if path not in secret_files]
    printed += [path.read_text(errors="replace") for path in secret_files if path.suffix == ".log"]
    lines = key_lines(running)
    assert len(lines) >= 10
    for text in printed:
        assert not [line for line in lines if line in text]
    for path in secret_files:
        assert path.stat().st_mode & 0o077 == 0, path


def key_lines(running: Running) -> list[str]:
    """Whole lines of base64 out of every private key that a stack may use."""
    found = []
    for issued in (
        running.pki.frontend,
        running.pki.second_frontend,
        running.pki.server,
        running.pki.passthrough_server,
        running.pki.client,
    ):
        body = re.sub(r"-----[A-Z ]+-----", "", issued.private_key_pem)
        found += [line for line in body.split() if len(line) > 40]
    return found
