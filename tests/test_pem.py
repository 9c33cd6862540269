"""What is wrong with a PEM text is told with its place and its cure, and without a word of the text itself."""

import datetime as dt
import re

import pytest
from cryptography.hazmat.primitives import serialization

from lbpatterns.pem import PemError, bundle_problems, leaf_facts, problems
from lbpatterns.pki.authority import Authority, Issued, load_private_key

NOW = dt.datetime.now(dt.UTC)
LONG_AGO = NOW - dt.timedelta(days=30)


@pytest.fixture(scope="module")
def root() -> Authority:
    return Authority("Root")


@pytest.fixture(scope="module")
def good(root: Authority) -> Issued:
    return root.intermediate().issue(["shop.test", "*.shop.test"], ips=["192.0.2.7", "2001:db8::7"])


def encrypted(key_pem: str) -> str:
    return (
        load_private_key(key_pem)
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"passphrase"),
        )
        .decode()
    )


def faulty(good: Issued, root: Authority) -> dict[str, tuple[str, str]]:
    """Text and the start of what is said of it, by the fault."""
    leaf, intermediate = good.certificate_pem, good.chain_pem.removeprefix(good.certificate_pem)
    key, other = good.private_key_pem, root.issue(["other.test"])
    expired = root.issue(["old.test"], days=29, not_before=LONG_AGO)
    early = root.issue(["new.test"], not_before=NOW + dt.timedelta(days=2))
    old_intermediate = root.intermediate("Old", days=20, not_before=LONG_AGO).issue(["shop.test"])
    return {
        "not PEM": ("c2VjcmV0", "this is no PEM text"),
        "empty": ("", "this is no PEM text"),
        "no key": (good.chain_pem, "it holds no private key"),
        "no certificate": (key, "it holds no certificate"),
        "several keys": (key + other.private_key_pem + leaf, "it holds 2 private keys"),
        "another's key": (other.private_key_pem + good.chain_pem, "the private key does not belong to certificate 1"),
        "leaf last": (key + intermediate + leaf, "the private key does not belong to certificate 1"),
        "a stranger in the chain": (key + leaf + other.certificate_pem, "certificate 1 was issued by 'CN=Intermediate"),
        "expired": (expired.private_key_and_chain_pem, "certificate 1 ('CN=old.test') expired on"),
        "not yet valid": (early.private_key_and_chain_pem, "certificate 1 ('CN=new.test') is not valid before"),
        "expired intermediate": (old_intermediate.private_key_and_chain_pem, "certificate 2 ('CN=Old') expired on"),
        "encrypted key": (encrypted(key) + good.chain_pem, "the private key is encrypted"),
        "key cut off": (key[: len(key) // 2] + "\n" + good.chain_pem, "the private key is cut off"),
        "certificate cut off": (key + leaf[: len(leaf) // 2], "the certificate is cut off"),
        "key garbled": (key.replace("M", "!") + good.chain_pem, "the private key cannot be read"),
        "certificate garbled": (key + leaf.replace("MII", "XXX"), "certificate 1 of 1 cannot be read"),
    }


@pytest.mark.parametrize("fault", list(faulty(Authority("a").issue(["a"]), Authority("b"))))
def test_each_fault_is_told_with_a_cure_and_without_the_text(fault: str, good: Issued, root: Authority) -> None:
    text, start = faulty(good, root)[fault]
    found = problems(text, NOW)
    assert any(problem.startswith(start) for problem in found), found
    assert all("Fix: " in problem for problem in found)
    words = set(re.findall(r"[A-Za-z0-9+/]{12,}", text)) - {"CERTIFICATE"}
    assert not any(word in problem for word in words for problem in found)


def test_what_is_right_is_not_found_fault_with(good: Issued, root: Authority) -> None:
    leaf_first = good.chain_pem + good.private_key_pem
    with_root = good.private_key_and_chain_pem + root.certificate_pem
    with_words = "subject=/CN=shop.test\n" + good.private_key_and_chain_pem
    windows = good.private_key_and_chain_pem.replace("\n", "\r\n")
    for text in (good.private_key_and_chain_pem, leaf_first, with_root, with_words, windows):
        assert problems(text, NOW) == ()


def test_time_goes_on(good: Issued) -> None:
    assert problems(good.private_key_and_chain_pem, NOW) == ()
    assert len(problems(good.private_key_and_chain_pem, NOW + dt.timedelta(days=91))) == 1


def test_all_faults_are_told_at_once(root: Authority) -> None:
    expired, other = root.issue(["old.test"], days=29, not_before=LONG_AGO), root.issue(["other.test"])
    assert len(problems(other.private_key_pem + expired.chain_pem + other.certificate_pem, NOW)) == 3


def test_a_bundle_is_right_with_one_certificate_that_is_valid(root: Authority, good: Issued) -> None:
    gone = Authority("Gone", days=20, not_before=LONG_AGO).certificate_pem
    assert bundle_problems(root.certificate_pem + gone, NOW) == ()
    assert bundle_problems(gone, NOW)[0].startswith("every certificate of this bundle has expired")
    assert bundle_problems("", NOW)[0].startswith("it holds no certificate")
    assert bundle_problems(root.certificate_pem.replace("MII", "XXX"), NOW)[0].startswith("certificate 1 of 1 cannot")
    assert bundle_problems(good.private_key_and_chain_pem, NOW)[0].startswith("a private key is in this bundle")


def test_a_leaf_says_its_names_and_its_fingerprint(good: Issued, root: Authority) -> None:
    facts = leaf_facts(good.private_key_and_chain_pem)
    assert facts.names == ("shop.test", "*.shop.test", "192.0.2.7", "2001:db8::7")
    assert facts.sha256 == good.leaf_sha256
    assert leaf_facts(root.issue([], common_name="shop.test").chain_pem).names == ()
    with pytest.raises(PemError, match="it holds no certificate"):
        leaf_facts(good.private_key_pem)
