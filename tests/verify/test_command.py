"""`lbpatterns verify`: what it prints of real servers, and with which status it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from lbpatterns.cli import app, machine
from lbpatterns.cli import verify as command
from lbpatterns.core.legs import ExpectedLeg, Promise
from lbpatterns.core.plain import to_plain
from lbpatterns.core.spec import UNKNOWN, Leg, Mode
from lbpatterns.demo.servers import DemoServer
from lbpatterns.pki import DemoPKI, faulty_server_certificates
from lbpatterns.pki.authority import Authority

NAME = "secure.example.test"
CANARY = "canary-of-a-secret"
Verify = Callable[..., Result]

RUN_AND_LIST_MODULES = """
import contextlib, io, json, sys
sys.argv = ["lbpatterns", *sys.argv[1:]]
from lbpatterns.cli import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main()
print(json.dumps(sorted(sys.modules)))
"""


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> DemoPKI:
    return DemoPKI.at(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def server(pki: DemoPKI) -> Iterator[DemoServer]:
    with DemoServer("s1", certificate=pki.passthrough_server, client_ca_pem=pki.client_ca_pem) as server:
        yield server


def legs_to(server: DemoServer, anchor: str) -> list[ExpectedLeg]:
    """Passthrough: what a client sees at the load balancer is the server itself."""
    back = ExpectedLeg(
        name=f"backend {server.address}:{server.port}",
        leg=Leg.BACKEND,
        mode=Mode.PASSTHROUGH,
        promise=Promise.TLS,
        host=server.address,
        port=server.port,
        server_name=NAME,
        expected_name=NAME,
        ca_bundle_pem=anchor,
    )
    front = replace(back, name=f"frontend :443 {NAME}", leg=Leg.FRONTEND, backend_server_name=NAME)
    return [front, back]


def state(**outputs: Any) -> dict[str, Any]:
    """What `pulumi stack export` prints, with a secret of another resource in it."""
    stack = {"urn": "urn:pulumi:test::shop::pulumi:pulumi:Stack::shop-test", "type": "pulumi:pulumi:Stack"}
    other = {"urn": "urn:pulumi:test::shop::a:b:C::c", "type": "a:b:C", "outputs": {"key": CANARY}}
    return {"version": 3, "deployment": {"resources": [other, stack | {"outputs": outputs}]}}


@pytest.fixture
def verify(tmp_path: Path) -> Verify:
    """`verify(legs, "--format", "json")`: of a state whose output `legs` they are; anything else is the whole file."""

    def run(given: Any, *options: str) -> Result:
        document = state(legs=[to_plain(leg) for leg in given]) if isinstance(given, list) else given
        path = tmp_path / "state.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return CliRunner().invoke(app, ["verify", "--state", str(path), *options])

    return run


def refused(result: Result, code: int, *words: str) -> None:
    """Nothing on stdout; what, why and a fix on stderr."""
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert "fix: " in result.stderr
    assert "Traceback" not in result.stderr
    assert all(word in result.stderr for word in words), result.stderr


def test_legs_that_are_proven_are_status_0(verify: Verify, server: DemoServer, pki: DemoPKI) -> None:
    result = verify(legs_to(server, pki.public_ca_pem))
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    assert result.stdout.endswith("2 of 2 legs proven\n")
    assert f"CN={NAME}" in result.stdout
    assert "days left" in result.stdout
    assert "TLS 1.3" in result.stdout
    assert "the client sees exactly the server's" in result.stdout
    lines = [line.strip() for line in result.stdout.splitlines()]
    name = ["-servername", NAME, "-verify_hostname", NAME]
    words = ["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", *name, "-CAfile", "ca.pem", "-showcerts"]
    assert lines.count(" ".join([*words, "</dev/null"])) == 2, "whole, on one line, however wide the terminal"
    assert any(line.startswith("curl ") and line.endswith(f"https://{NAME}:{server.port}/") for line in lines)


def test_an_expired_certificate_is_status_1_with_the_word(verify: Verify) -> None:
    authority = Authority("Test CA")
    with DemoServer(certificate=faulty_server_certificates(authority, NAME)["expired"]) as server:
        result = verify(legs_to(server, authority.certificate_pem))
        assert result.exit_code == 1
        assert "NOT" in result.stdout
        assert "expired" in result.stdout
        assert result.stdout.endswith("0 of 2 legs proven\n")
        legs = json.loads(verify(legs_to(server, authority.certificate_pem), "--format", "json").stdout)["legs"]
    assert [leg["observed"]["tls"]["fault"] for leg in legs] == ["expired", "expired"]
    assert legs[0]["observed"]["tls"]["chain"][0]["days_left"] < 0


def test_a_server_that_is_gone_is_status_1_by_what_it_did(verify: Verify, pki: DemoPKI) -> None:
    with DemoServer(certificate=pki.passthrough_server) as gone:
        pass
    result = verify(legs_to(gone, pki.public_ca_pem), "--format", "json", "--timeout", "2")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert [leg["observed"]["outcome"] for leg in document["legs"]] == ["refused the connection"] * 2


def test_the_shape_of_the_json(verify: Verify, server: DemoServer, pki: DemoPKI) -> None:
    result = verify(legs_to(server, pki.public_ca_pem), "--format", "json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert set(document) == {"schema_version", "source", "proven", "legs"}
    assert document["schema_version"] == 1
    assert document["source"].endswith("state.json")
    assert document["proven"] is True
    front, back = document["legs"]
    assert (front["side"], back["side"]) == ("frontend", "backend")
    assert (front["leg"], front["mode"], front["promise"]) == (f"frontend :443 {NAME}", "passthrough", "tls")
    assert {finding["answer"] for finding in front["findings"]} == {"holds"}
    assert [one.split()[0] for one in front["commands"]] == ["openssl", "curl"]
    assert front["observed"]["peer"] == f"127.0.0.1:{server.port}"
    leaf = front["observed"]["tls"]["chain"][0]
    assert leaf["sha256"] == pki.passthrough_server.leaf_sha256
    assert leaf["days_left"] > 0


def test_a_part_of_the_legs_is_told_and_judged_by_all(verify: Verify, server: DemoServer, pki: DemoPKI) -> None:
    legs = legs_to(server, pki.public_ca_pem)
    result = verify(legs, "--format", "json", "--leg", "frontend*")
    assert result.exit_code == 0
    (front,) = json.loads(result.stdout)["legs"]
    assert any("exactly the server's leaf" in finding["sentence"] for finding in front["findings"])
    refused(verify(legs, "--leg", "nobody*"), 2, "nobody*", legs[0].name, legs[1].name)


def test_the_client_certificate_is_presented_and_its_key_never_shown(
    verify: Verify, server: DemoServer, pki: DemoPKI
) -> None:
    path = pki.path_of("client")
    secret = pki.client.private_key_pem.splitlines()[1]
    for format_ in ("table", "json"):
        options = ("--client-certificate", str(path), "--format", format_)
        result = verify(legs_to(server, pki.public_ca_pem), *options)
        assert result.exit_code == 0
        shown = "".join(result.stdout.split())
        assert "theclient'scertificate" in shown
        assert f"--cert{path}" in shown
        assert secret not in shown
        assert "PRIVATEKEY" not in shown
        assert CANARY not in result.output


def test_keys_in_the_wrong_place_are_not_quoted(verify: Verify, server: DemoServer, pki: DemoPKI) -> None:
    key = pki.client.private_key_pem
    plain = [to_plain(leg) for leg in legs_to(server, pki.public_ca_pem)]
    wrong: list[dict[str, Any]] = [
        {"mode": key},
        {"host": key},
        {"port": key},
        {key: 1},
        {"ca_bundle_pem": key},
        {"name": key},
    ]
    for change in wrong:
        result = verify(state(legs=[plain[0] | change]))
        assert key.splitlines()[1] not in result.output, list(change)
        assert "PRIVATE KEY-----" not in result.output
        assert result.exit_code in {0, 1, 3}, result.output
    refused(verify(state(**{key: []})), 3, "[private key]")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--stack", "shop"], "one thing is verified at a time"),
        (["--timeout", "0"], "--timeout 0"),
        (["--timeout", "nan"], "--timeout nan"),
        (["--timeout", "inf"], "--timeout inf"),
        (["--client-certificate", "missing.pem"], "No such file"),
        (["--client-certificate", __file__], "does not load"),
    ],
)
def test_wrong_usage_is_status_2(verify: Verify, options: list[str], words: str) -> None:
    refused(verify(state(), *options), 2, words)


def test_no_source_is_status_2_and_an_unknown_format_too() -> None:
    refused(CliRunner().invoke(app, ["verify"]), 2, "--stack", "--state")
    assert CliRunner().invoke(app, ["verify", "--state", "-", "--format", "xml"]).exit_code == 2


SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": CANARY}


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("", "it is empty"),
        ("{", "line 1, column 2"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "no `deployment`"),
        ({"version": 3, "deployment": {}}, "nothing is built"),
        (state(), "it has no outputs"),
        (state(endpoint="a", url="b"), "its outputs are endpoint, url"),
        (state(legs=[]), "is empty"),
        (state(legs="text"), "no list of legs, but str"),
        (state(legs="[secret]"), "is a secret"),
        (state(legs=SECRET), "is a secret"),
        (state(legs=[{}]), "legs[0].name: missing"),
        (state(legs=[{"colour": 1}]), "legs[0].colour"),
    ],
    ids=range(13),
)
def test_a_file_without_legs_is_status_3(verify: Verify, document: Any, words: str) -> None:
    result = verify(document)
    refused(result, 3, words)
    assert CANARY not in result.output


def test_legs_that_cannot_be_told_apart_or_asked_are_status_3(verify: Verify, server: DemoServer, pki: DemoPKI) -> None:
    front, back = legs_to(server, pki.public_ca_pem)
    refused(verify([front, front]), 3, "two legs", front.name, "--output-name")
    refused(verify([replace(back, host="no host")]), 3, back.name, "no host")


def test_a_file_that_is_missing_is_status_3() -> None:
    refused(CliRunner().invoke(app, ["verify", "--state", "/nowhere/state.json"]), 3, "No such file")


def test_standard_input_and_another_output(server: DemoServer, pki: DemoPKI) -> None:
    given = json.dumps(state(blog=[to_plain(leg) for leg in legs_to(server, pki.public_ca_pem)]))
    result = CliRunner().invoke(app, ["verify", "--state", "-", "--output-name", "blog"], input=given)
    assert result.exit_code == 0, result.output
    assert "the legs of standard input" in result.stdout


def test_a_machine_without_pulumi_is_status_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "find_pulumi", lambda: None)
    refused(CliRunner().invoke(app, ["verify", "--stack", "shop"]), 3, "no Pulumi", "lbpatterns setup")


def test_a_stack_that_does_not_exist_is_status_3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the real Pulumi, in a folder that is no project."""
    (tmp_path / "state").mkdir()
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path / 'state'}")
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "")
    monkeypatch.chdir(tmp_path)
    refused(CliRunner().invoke(app, ["verify", "--stack", "nobody"]), 3, "nobody", "--state")
    refused(CliRunner().invoke(app, ["verify", "--stack", "--help"]), 3)


def test_a_defect_of_ours_is_status_4_and_quotes_nothing(
    verify: Verify, server: DemoServer, pki: DemoPKI, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise LookupError(CANARY)

    monkeypatch.setattr(command, "gather", broken)
    result = verify(legs_to(server, pki.public_ca_pem))
    refused(result, 4, "LookupError")
    assert CANARY not in result.output


def test_what_was_not_observed_is_not_proven_and_no_finding(
    server: DemoServer, pki: DemoPKI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    front, back = legs_to(server, pki.public_ca_pem)
    monkeypatch.setattr(command, "legs_of_outputs", lambda *_: (replace(front, server_name=UNKNOWN), back))
    path = tmp_path / "state.json"
    path.write_text(json.dumps(state()))
    result = CliRunner().invoke(app, ["verify", "--state", str(path), "--format", "json"])
    assert result.exit_code == 3
    assert [leg["proven"] for leg in json.loads(result.stdout)["legs"]] == [False, True]


def test_names_of_a_peer_do_not_steer_the_terminal(verify: Verify) -> None:
    authority = Authority("Test CA")
    hostile = "evil\x1b[2J\u202e\r\n[bold]"
    with DemoServer(certificate=authority.issue([NAME], common_name=hostile)) as server:
        result = verify(legs_to(server, authority.certificate_pem))
    assert result.exit_code == 0
    assert not {"\x1b", "\u202e", "\r"} & set(result.stdout)
    assert "\\x1b" in result.stdout
    assert "[bold]" in result.stdout


def test_help_loads_no_pulumi_no_cloud_sdk_and_no_cryptography() -> None:
    command_line = [sys.executable, "-c", RUN_AND_LIST_MODULES, "verify", "--help"]
    answer = subprocess.run(command_line, capture_output=True, text=True, check=True)
    loaded = set(json.loads(answer.stdout))
    assert "lbpatterns.cli" in loaded
    assert not loaded & {"pulumi", "pulumiverse_scaleway", "cryptography", "envoy", "grpc"}
