"""The certificates that stacks, demo and tests rely on: good ones pass strict verifiers, each faulty one fails."""

import datetime as dt
import multiprocessing
import os
import shutil
import stat
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.verification import ClientVerifier, PolicyBuilder, Store, VerificationError

from lbpatterns.pki import Authority, DemoPKI, Issued, faulty_server_certificates

NAME = "backend.internal"
LEAVES = ("frontend", "second_frontend", "server", "passthrough_server", "client")
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl command")


def verify_as_server(issued: Issued, authority: Authority, name: str) -> None:
    leaf, *rest = x509.load_pem_x509_certificates(issued.chain_pem.encode())
    store = Store([authority.certificate])
    PolicyBuilder().store(store).build_server_verifier(x509.DNSName(name)).verify(leaf, rest)


def openssl_verify(
    directory: Path, issued: Issued, authority: Authority, name: str
) -> subprocess.CompletedProcess[str]:
    (directory / "ca.pem").write_text(authority.certificate_pem)
    (directory / "leaf.pem").write_text(issued.certificate_pem)
    (directory / "chain.pem").write_text(issued.chain_pem)
    words = ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-auth_level", "2", "-CAfile", "ca.pem"]
    words += ["-untrusted", "chain.pem", "-verify_hostname", name, "leaf.pem"]
    return subprocess.run(words, cwd=directory, capture_output=True, text=True, check=False, timeout=20)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("Test CA")


@pytest.fixture(scope="module")
def faulty(authority: Authority) -> dict[str, Issued]:
    return faulty_server_certificates(authority, NAME)


def test_a_leaf_passes_the_web_rules_of_cryptography(authority: Authority) -> None:
    verify_as_server(authority.issue([NAME, "other.internal"]), authority, NAME)


def test_a_leaf_behind_an_intermediate_passes_with_the_chain_it_carries(authority: Authority) -> None:
    issued = authority.intermediate().issue([NAME])
    assert issued.chain_pem.count("BEGIN CERTIFICATE") == 2
    verify_as_server(issued, authority, NAME)


@needs_openssl
@pytest.mark.parametrize("behind_intermediate", [False, True])
def test_openssl_in_strict_mode_accepts_a_leaf(authority: Authority, tmp_path: Path, behind_intermediate: bool) -> None:
    issuer = authority.intermediate() if behind_intermediate else authority
    answer = openssl_verify(tmp_path, issuer.issue([NAME]), authority, NAME)
    assert answer.returncode == 0, answer.stderr


def test_a_client_certificate_is_for_clients_only(authority: Authority) -> None:
    issued = authority.issue(["client.example.test"], client=True)
    verifier: ClientVerifier = PolicyBuilder().store(Store([authority.certificate])).build_client_verifier()
    assert verifier.verify(issued.leaf, []).chain[0] == issued.leaf
    with pytest.raises(VerificationError):
        verify_as_server(issued, authority, "client.example.test")


def test_names_are_not_critical_beside_a_subject(authority: Authority) -> None:
    """Critical alternative names beside a subject are refused by strict verifiers."""
    leaf = authority.issue([NAME], ips=["127.0.0.1"]).leaf
    extension = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert not extension.critical
    assert [str(name.value) for name in extension.value] == [NAME, "127.0.0.1"]


def test_no_representation_shows_a_private_key(authority: Authority) -> None:
    issued = authority.issue([NAME])
    for text in (repr(issued), str(issued), repr(authority), f"{issued}"):
        assert "PRIVATE" not in text


def test_key_and_chain_are_one_text_with_the_key_first(authority: Authority) -> None:
    issued = authority.intermediate().issue([NAME])
    kinds = [line for line in issued.private_key_and_chain_pem.splitlines() if line.startswith("-----BEGIN")]
    assert kinds == ["-----BEGIN PRIVATE KEY-----", *["-----BEGIN CERTIFICATE-----"] * 2]
    assert len(issued.leaf_sha256) == 64


def test_a_life_is_counted_in_days_from_its_beginning(authority: Authority) -> None:
    start = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
    leaf = authority.issue([NAME], not_before=start, days=7).leaf
    assert (leaf.not_valid_before_utc, leaf.not_valid_after_utc) == (start, start + dt.timedelta(days=7))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"names": []}, "needs a name"),
        ({"names": [NAME], "days": 0}, "days=0"),
        ({"names": [NAME], "not_before": dt.datetime(2030, 1, 1)}, "time zone"),
    ],
)
def test_what_cannot_be_issued_is_said(authority: Authority, wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        authority.issue(**wrong)  # type: ignore[arg-type]


def test_a_long_name_still_gets_a_common_name_within_the_limit(authority: Authority) -> None:
    name = ".".join(["a" * 60, "b" * 60, "test"])
    verify_as_server(authority.issue([name]), authority, name)


def test_an_authority_is_read_back_from_its_text(authority: Authority) -> None:
    again = Authority.load(authority.private_key_and_certificate_pem)
    verify_as_server(again.issue([NAME]), authority, NAME)


def test_an_authority_is_not_read_from_what_is_none(authority: Authority) -> None:
    with pytest.raises(ValueError, match="not that of an authority"):
        Authority.load(authority.issue([NAME]).private_key_and_chain_pem)
    with pytest.raises(ValueError, match="does not belong"):
        Authority.load(
            Authority("Another").private_key_and_certificate_pem.split("-----BEGIN CERT")[0] + authority.certificate_pem
        )


def test_every_faulty_certificate_is_refused(authority: Authority, faulty: dict[str, Issued]) -> None:
    """All but one: `cryptography` asks authorities for 2,048 bits, and takes leaves with fewer."""
    for fault, issued in faulty.items():
        if fault == "RSA-1024 key":
            verify_as_server(issued, authority, NAME)
            continue
        with pytest.raises(VerificationError):
            verify_as_server(issued, authority, NAME)


@needs_openssl
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("expired", "certificate has expired"),
        ("not yet valid", "certificate is not yet valid"),
        ("wrong name", "hostname mismatch"),
        ("self-signed leaf", "self-signed certificate"),
        ("unknown CA", "unable to get local issuer certificate"),
        ("missing intermediate", "unable to get local issuer certificate"),
        ("common name only", "hostname mismatch"),
        ("RSA-1024 key", "EE certificate key too weak"),
        ("client authentication only", "certificate purpose"),
        ("expired intermediate", "certificate has expired"),
    ],
)
def test_openssl_refuses_each_fault_for_its_reason(
    authority: Authority, faulty: dict[str, Issued], tmp_path: Path, fault: str, words: str
) -> None:
    """OpenSSL falls back to the common name by default; then that one case is accepted, which is its danger."""
    answer = openssl_verify(tmp_path, faulty[fault], authority, NAME)
    if fault == "common name only":
        assert answer.returncode == 0
    else:
        assert words in answer.stderr


def test_the_faults_are_all_there(faulty: dict[str, Issued]) -> None:
    assert len(faulty) == 10
    key = faulty["RSA-1024 key"].leaf.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    assert key.key_size == 1024


def test_the_demo_certificates_are_kept(tmp_path: Path) -> None:
    first, second = DemoPKI.at(tmp_path / "pki"), DemoPKI.at(str(tmp_path / "pki"))
    assert first == second


def test_the_demo_certificates_verify_against_their_authorities(tmp_path: Path) -> None:
    pki = DemoPKI.at(tmp_path)
    public, internal, client = (
        x509.load_pem_x509_certificate(pem.encode())
        for pem in (pki.public_ca_pem, pki.internal_ca_pem, pki.client_ca_pem)
    )
    for issued, root, name in [
        (pki.frontend, public, "shop.example.test"),
        (pki.frontend, public, "api.example.test"),
        (pki.second_frontend, public, "blog.example.test"),
        (pki.passthrough_server, public, "secure.example.test"),
        (pki.server, internal, "backend.internal"),
    ]:
        verifier = PolicyBuilder().store(Store([root])).build_server_verifier(x509.DNSName(name))
        assert verifier.verify(issued.leaf, [])
    assert PolicyBuilder().store(Store([client])).build_client_verifier().verify(pki.client.leaf, [])


def test_nobody_else_may_read_the_demo_keys(tmp_path: Path) -> None:
    pki = DemoPKI.at(tmp_path / "pki")
    assert stat.S_IMODE(pki.directory.stat().st_mode) == 0o700
    for path in pki.directory.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_every_certificate_has_a_file(tmp_path: Path) -> None:
    pki = DemoPKI.at(tmp_path)
    for name in LEAVES:
        assert pki.path_of(name).read_text() == getattr(pki, name).private_key_and_chain_pem
    for name in ("public_ca", "internal_ca", "client_ca"):
        assert pki.path_of(name).read_text() == getattr(pki, f"{name}_pem")
    with pytest.raises(KeyError, match="'fronted' is none of public_ca"):
        pki.path_of("fronted")


def test_a_certificate_is_renewed_in_the_last_third_of_its_life(tmp_path: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    first = DemoPKI.at(tmp_path, now=now)
    assert DemoPKI.at(tmp_path, now=now + dt.timedelta(days=59)).frontend == first.frontend
    renewed = DemoPKI.at(tmp_path, now=now + dt.timedelta(days=61))
    assert renewed.public_ca_pem == first.public_ca_pem
    assert all(getattr(renewed, name) != getattr(first, name) for name in LEAVES)


def test_a_renewed_authority_renews_what_it_signed(tmp_path: Path) -> None:
    first = DemoPKI.at(tmp_path)
    (tmp_path / "internal_ca_with_key.pem").unlink()
    second = DemoPKI.at(tmp_path)
    assert second.internal_ca_pem != first.internal_ca_pem
    assert second.server != first.server
    assert second.frontend == first.frontend


@pytest.mark.parametrize(
    "broken", ["", "not a PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "\xff"]
)
@pytest.mark.parametrize("name", ["frontend", "client", "public_ca", "client_ca_with_key"])
def test_a_broken_file_is_replaced(tmp_path: Path, name: str, broken: str) -> None:
    DemoPKI.at(tmp_path)
    (tmp_path / f"{name}.pem").write_text(broken, encoding="latin-1")
    healed = DemoPKI.at(tmp_path)
    assert healed == DemoPKI.at(tmp_path)
    assert "BEGIN CERTIFICATE" in (tmp_path / f"{name}.pem").read_text()


def test_a_key_of_another_certificate_is_replaced(tmp_path: Path) -> None:
    pki = DemoPKI.at(tmp_path)
    pki.path_of("server").write_text(pki.client.private_key_pem + pki.server.chain_pem)
    assert DemoPKI.at(tmp_path).server != pki.server


def _shown(directory: Path) -> str:
    pki = DemoPKI.at(directory)
    return pki.public_ca_pem + "".join(getattr(pki, name).private_key_and_chain_pem for name in LEAVES)


def test_threads_that_start_together_agree(tmp_path: Path) -> None:
    start = threading.Barrier(6)

    def show(_: int) -> str:
        start.wait(10)
        return _shown(tmp_path / "pki")

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(show, range(6)))) == 1


def test_processes_that_start_together_agree(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        shown = pool.map(_shown, [tmp_path / "pki"] * 8)
        pool.close()
        pool.join()
    assert len(set(shown)) == 1
    assert not [path for path in (tmp_path / "pki").iterdir() if path.name.startswith(".") and path.name != ".lock"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_directory_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OSError, match="denied"):
        DemoPKI.at(tmp_path / "pki")
