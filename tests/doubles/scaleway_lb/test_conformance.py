"""Held against recordings of the real API: as they are, and shuffled so that nothing depends on the recorded order."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lbpatterns.doubles.scaleway_lb import Double

CONFORMANCE = Path(__file__).parents[3].parent / "shared" / "conformance"
REPLAY, CASSETTES = CONFORMANCE / "replay.py", CONFORMANCE / "cassettes"
pytestmark = pytest.mark.skipif(not REPLAY.is_file(), reason=f"no recordings: {REPLAY} does not exist")


def replay(double: Double, tmp_path: Path, *cassettes: Path) -> dict[str, Any]:
    result = tmp_path / "result.json"
    controls = ["--reset-path", "/_double/reset", "--clock-path", "/_double/clock"]
    command = [sys.executable, str(REPLAY), "--base-url", double.url, *controls, "--json", str(result)]
    subprocess.run([*command, *map(str, cassettes)], check=True, capture_output=True, text=True)
    total: dict[str, Any] = json.loads(result.read_text())["total"]
    return total


def test_answers_what_the_real_api_was_recorded_to_answer(realistic: Double, tmp_path: Path) -> None:
    """At least 99 % of all places, and every status."""
    total = replay(realistic, tmp_path, CASSETTES)
    assert total["answers"] == 639
    assert total["status_mismatches"] == []
    assert total["unknown_ids"] == 0
    assert total["score"] >= 99, json.dumps(total["mismatches"][:20], indent=1)


def test_knows_no_cassette_by_heart(realistic: Double, tmp_path: Path) -> None:
    """The same with other names, ports, tags, texts, zone and region, none of which stands in any recording."""
    changed = tmp_path / "changed"
    changed.mkdir()
    for cassette in CASSETTES.glob("*.cassette.yaml"):
        text = cassette.read_text()
        for before, after in OTHER_VALUES.items():
            text = text.replace(before, after)
        (changed / cassette.name).write_text(text)
    total = replay(realistic, tmp_path, changed)
    assert total["status_mismatches"] == []
    assert total["score"] >= 99, json.dumps(total["mismatches"][:20], indent=1)


# Every value is one that a client chooses, or that follows from it.
OTHER_VALUES = {
    "fr-par": "pl-waw",
    "test-lb": "quite-another",
    "session-id": "jsession",
    "a description": "what it is for",
    "basic": "complicated",
    "sni.scaleway.com": "mail.example.test",
    "300000": "241000",
    "60000": "59000",
    '\\"inbound_port\\":443': '\\"inbound_port\\":8443',
    "leastconn": "first",
    "172.16.32": "172.20.64",
    "0.200": "0.345",
}


def test_answers_do_not_depend_on_other_cassettes_running_before(realistic: Double, tmp_path: Path) -> None:
    """In reverse order, one after the other, each on a double that has been used."""
    total = replay(realistic, tmp_path, *sorted(CASSETTES.glob("*.cassette.yaml"), reverse=True))
    assert total["status_mismatches"] == []
    assert total["score"] >= 99
