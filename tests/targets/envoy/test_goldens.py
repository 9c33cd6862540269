"""Declarations and what Envoy is told for them, side by side: the folder's name is the sentence.

`LBPATTERNS_REWRITE_GOLDENS=1 pytest tests/targets/envoy/test_goldens.py` writes every `config.json` anew; the
difference is the review. A placeholder stands for every key and certificate, and real ones are put in its place here.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from lbpatterns.core.plain import spec_from_plain
from lbpatterns.core.spec import LBSpec, Mode
from lbpatterns.pki import Authority
from lbpatterns.targets.envoy.lift import lift
from lbpatterns.targets.envoy.options import EnvoyOptions
from lbpatterns.targets.envoy.render import EnvoyConfiguration, render
from tests.targets.envoy.test_render import complaints, together

HERE = Path(__file__).parent / "goldens"
GOLDENS = sorted(folder.name for folder in HERE.iterdir() if folder.is_dir())
REWRITE = os.environ.get("LBPATTERNS_REWRITE_GOLDENS") == "1"

AUTHORITY = Authority("Golden CA")
CA_PLACEHOLDER = "CA PLACEHOLDER"
ROOTS_PLACEHOLDER = "PUBLIC ROOTS PLACEHOLDER"
NAMES = ("shop.example.test", "blog.example.test", "lb.example.test")
LEAVES = {name: AUTHORITY.issue([name]) for name in NAMES}


def key_placeholder(name: str) -> str:
    return f"PRIVATE KEY PLACEHOLDER of {name}"


def chain_placeholder(name: str) -> str:
    return f"CHAIN PLACEHOLDER of {name}"


def replaced(value: Any, texts: dict[str, str]) -> Any:
    """A copy in which every text that has one is its replacement."""
    if isinstance(value, dict):
        return {key: replaced(item, texts) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [replaced(item, texts) for item in value]
    return texts.get(value, value) if isinstance(value, str) else value


def declared(golden: str) -> LBSpec:
    real = {key_placeholder(name): leaf.private_key_and_chain_pem for name, leaf in LEAVES.items()}
    plain = json.loads((HERE / golden / "spec.json").read_text())
    return spec_from_plain(replaced(plain, {**real, CA_PLACEHOLDER: AUTHORITY.certificate_pem}))


@pytest.fixture
def roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file of public roots, the same on every machine."""
    file = tmp_path / "roots.pem"
    file.write_text(AUTHORITY.certificate_pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return str(file)


def rendered(golden: str, bind_address: str = "127.0.0.1") -> EnvoyConfiguration:
    return render(declared(golden), EnvoyOptions(bind_address=bind_address), directory="/run/lb", name=golden)


def as_text(configuration: EnvoyConfiguration, roots: str) -> str:
    placeholders = {AUTHORITY.certificate_pem: CA_PLACEHOLDER, roots: ROOTS_PLACEHOLDER}
    for name, leaf in LEAVES.items():
        placeholders |= {leaf.private_key_pem: key_placeholder(name), leaf.chain_pem: chain_placeholder(name)}
    whole = {
        "bootstrap": configuration.bootstrap,
        "listeners": configuration.listeners,
        "clusters": configuration.clusters,
        "secrets": configuration.secrets,
    }
    return json.dumps(replaced(whole, placeholders), indent=2) + "\n"


@pytest.mark.parametrize("golden", GOLDENS)
def test_a_declaration_is_rendered_as_agreed(golden: str, roots: str) -> None:
    text = as_text(rendered(golden), roots)
    file = HERE / golden / "config.json"
    if REWRITE:
        file.write_text(text)
    assert text == file.read_text()


@pytest.mark.parametrize("golden", GOLDENS)
def test_a_golden_is_read_back_as_it_was_declared(golden: str, roots: str) -> None:
    assert lift(rendered(golden)) == declared(golden)


def test_a_real_envoy_accepts_every_golden(roots: str, tmp_path: Path) -> None:
    everything = [rendered(golden, f"127.0.0.{index + 1}") for index, golden in enumerate(GOLDENS)]
    assert complaints(together(everything), tmp_path) == ""


@pytest.mark.parametrize("mode", Mode)
def test_every_mode_has_goldens(mode: Mode) -> None:
    own = [golden for golden in GOLDENS if golden.startswith(f"{mode.value}-")]
    assert len(own) >= 3
    assert {declared(golden).mode for golden in own} == {mode}


def test_no_golden_holds_a_key_or_a_certificate() -> None:
    assert [str(file) for file in HERE.rglob("*.json") if "-----BEGIN" in file.read_text()] == []
