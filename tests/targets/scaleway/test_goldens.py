"""Declarations and the resources that Scaleway is asked for, side by side: the folder's name is the sentence.

`LBPATTERNS_REWRITE_GOLDENS=1 pytest tests/targets/scaleway/test_goldens.py` writes every `resources.json` anew; the
difference is the review. Placeholders stand for keys and certificates: nothing here reads them.
"""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import pytest

from lbpatterns.core.plain import spec_from_plain
from lbpatterns.core.spec import LBSpec, Mode
from lbpatterns.targets.scaleway.lift import lift
from lbpatterns.targets.scaleway.render import render
from lbpatterns.targets.scaleway.words import Reference, ScalewayConfiguration

HERE = Path(__file__).parent / "goldens"
GOLDENS = sorted(folder.name for folder in HERE.iterdir() if folder.is_dir())
REWRITE = os.environ.get("LBPATTERNS_REWRITE_GOLDENS") == "1"


def declared(golden: str) -> LBSpec:
    return spec_from_plain(json.loads((HERE / golden / "spec.json").read_text()))


def plain(value: Any) -> Any:
    """Words as JSON; what refers to another resource names it."""
    if isinstance(value, Reference):
        return f"id of {value.kind}/{value.key}"
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def as_text(configuration: ScalewayConfiguration) -> str:
    parts = {field.name: getattr(configuration, field.name) for field in dataclasses.fields(configuration)}
    return json.dumps({name: plain(dict(part)) for name, part in parts.items() if part}, indent=2) + "\n"


@pytest.mark.parametrize("golden", GOLDENS)
def test_a_declaration_is_rendered_as_agreed(golden: str) -> None:
    text = as_text(render(declared(golden)))
    file = HERE / golden / "resources.json"
    if REWRITE:
        file.write_text(text)
    assert text == file.read_text()


@pytest.mark.parametrize("golden", GOLDENS)
def test_a_golden_is_read_back_as_it_was_declared(golden: str) -> None:
    assert lift(render(declared(golden))) == declared(golden)


@pytest.mark.parametrize("mode", Mode)
def test_every_mode_has_goldens(mode: Mode) -> None:
    own = [golden for golden in GOLDENS if golden.startswith(f"{mode.value}-")]
    assert len(own) >= 3
    assert {declared(golden).mode for golden in own} == {mode}


@pytest.mark.parametrize("golden", GOLDENS)
def test_the_toggles_of_each_mode_are_those_of_the_documentation(golden: str) -> None:
    """The truth table: certificate on the frontend, protocol of the backend, TLS towards the servers."""
    words = render(declared(golden))
    right = {
        Mode.OFFLOADED: (True, "http", False),
        Mode.BRIDGED: (True, "http", True),
        Mode.PASSTHROUGH: (False, "tcp", False),
    }[declared(golden).mode]
    answering = [one for key, one in words.frontends.items() if key.startswith("frontend-")]
    serving = [one for key, one in words.backends.items() if key.startswith("backend-")]
    assert answering
    for frontend in answering:
        for backend in serving:
            toggles = (bool(frontend["certificate_ids"]), backend["forward_protocol"], backend["ssl_bridging"])
            assert toggles == right
    for key, frontend in words.frontends.items():
        if key.startswith("redirect-"):
            assert "certificate_ids" not in frontend
            assert words.backends[frontend["backend_id"].key]["server_ips"] == []


def test_no_golden_holds_a_key_or_a_certificate() -> None:
    assert [str(file) for file in HERE.rglob("*.json") if "-----BEGIN" in file.read_text()] == []
