"""`lbpatterns demo`, as a user runs it: all of it real, nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from lbpatterns.demo import run as demo_run
from lbpatterns.demo.wrong import WRONG, Refusal


def demo(tmp_path: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "lbpatterns.cli", "demo", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )


def processes_of(tmp_path: Path) -> list[str]:
    """Command lines and working directories of processes that have to do with a demo in this folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            place = str((process / "cwd").readlink())
        except OSError:
            continue
        if str(tmp_path) in words + place and int(process.name) != os.getpid():
            found.append(words)
    return found


def test_as_json_every_leg_of_every_mode_is_proven(tmp_path: Path) -> None:
    """Exit 0, one JSON document on standard output, three refusals, and no trace of it afterwards."""
    running = demo(tmp_path, "--json")
    stdout, stderr = running.communicate(timeout=180)
    assert running.returncode == 0, stderr
    document: dict[str, Any] = json.loads(stdout)
    assert document["schema_version"] == 1
    assert document["proven"] is True
    assert document["refused"] is True
    assert [pattern["pattern"] for pattern in document["patterns"]] == ["offloaded", "bridged", "passthrough"]
    assert [wrong["resources_built"] for wrong in document["wrong_declarations"]] == [0, 0, 0]
    assert "PRIVATE KEY" not in stdout + stderr
    legs = {pattern["pattern"]: pattern["legs"] for pattern in document["patterns"]}
    _offloaded(legs["offloaded"])
    _bridged(legs["bridged"])
    _passthrough(legs["passthrough"])
    assert list(tmp_path.iterdir()) == []
    assert processes_of(tmp_path) == []


def _saw(leg: dict[str, Any]) -> dict[str, Any]:
    saw: dict[str, Any] = leg["observed"]["http"]["server_saw"]
    return saw


def _offloaded(legs: list[dict[str, Any]]) -> None:
    shop, blog = (_named(legs, name) for name in ("shop.example.test", "blog.example.test"))
    assert _saw(shop)["received_over"] == "plaintext"
    assert [value for name, value in _saw(shop)["headers"] if name == "x-forwarded-proto"] == ["https"]
    leaves = [leg["observed"]["tls"]["chain"][0] for leg in (shop, blog)]
    assert leaves[0]["sha256"] != leaves[1]["sha256"], "the server name chooses the certificate"
    assert leaves[1]["names"] == ["blog.example.test"]
    assert any(leg["promise"] == "redirect" for leg in legs)


def _bridged(legs: list[dict[str, Any]]) -> None:
    shop = _named(legs, "shop.example.test")
    back = next(leg for leg in legs if leg["side"] == "backend")
    assert _saw(shop)["received_over"] == "tls"
    assert _saw(shop)["server_name"] == "backend.internal"
    front_leaf, back_leaf = (leg["observed"]["tls"]["chain"][0] for leg in (shop, back))
    assert front_leaf["issuer"] == "CN=Demo Public CA"
    assert back_leaf["issuer"] == "CN=Demo Internal CA"
    assert back["observed"]["tls"]["verified_against"] == "Demo Internal CA"


def _passthrough(legs: list[dict[str, Any]]) -> None:
    secure = _named(legs, "secure.example.test")
    back = next(leg for leg in legs if leg["side"] == "backend")
    shown, own = (leg["observed"]["tls"]["chain"][0]["sha256"] for leg in (secure, back))
    assert shown == own
    assert "Demo Client" in _saw(secure)["client_certificate"]
    assert any(leg["promise"] == "closed" for leg in legs)


def _named(legs: list[dict[str, Any]], server_name: str) -> dict[str, Any]:
    return next(leg for leg in legs if leg["side"] == "frontend" and leg["server_name"] == server_name)


def test_the_table_names_what_was_proven(tmp_path: Path) -> None:
    running = demo(tmp_path, "bridged")
    stdout, stderr = running.communicate(timeout=120)
    assert running.returncode == 0, stdout + stderr
    for words in ("CN=Demo Internal CA", "two certificates, one on each leg", "1 of 1 wrong declarations refused"):
        assert words in stdout
    assert "PRIVATE KEY" not in stdout + stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_leaves_nothing_running(tmp_path: Path, number: signal.Signals) -> None:
    """In the middle of `pulumi up`, or wherever it happens to be."""
    running = demo(tmp_path, "offloaded")
    deadline = time.monotonic() + 60
    while not any("pulumi" in words for words in processes_of(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.7)
    running.send_signal(number)
    stdout, stderr = running.communicate(timeout=60)
    assert running.returncode == 130, stdout + stderr
    assert "Traceback" not in stdout + stderr
    assert processes_of(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_kept_it_runs_on_and_says_how_to_end_it(tmp_path: Path) -> None:
    running = demo(tmp_path, "--keep", "passthrough")
    stdout, stderr = running.communicate(timeout=120)
    assert running.returncode == 0, stdout + stderr
    lines = [line.strip() for line in stdout.splitlines()]
    curl = next(line for line in lines if line.startswith("curl ") and "secure.example.test" in line)
    asked = subprocess.run(["bash", "-c", curl], capture_output=True, text=True, timeout=30, check=False)
    ending = lines[lines.index(next(line for line in lines if line.startswith("cd "))) :]
    commands = [line for line in ending if line.startswith(("cd ", "eval ", "export ", "pulumi ", "kill ", "rm "))]
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    ended = subprocess.run(
        ["bash", "-c", "set -e\n" + "\n".join(commands)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=False,
    )
    assert asked.returncode == 0, curl + asked.stderr
    assert '"received_over": "tls"' in asked.stdout
    assert ended.returncode == 0, ended.stdout + ended.stderr
    time.sleep(0.3)
    assert processes_of(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_demo_that_fails_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also with --keep: an Envoy that cannot be started ends the servers behind it too."""
    monkeypatch.setenv("LBPATTERNS_ENVOY", "/nonexistent/envoy")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert demo_run.run_demo(("offloaded",), keep=True) == 1
    assert "The demo cannot go on." in capsys.readouterr().out
    assert processes_of(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_without_pulumi_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("lbpatterns.demo.workspace.pulumi_environment", lambda: {"PATH": "/nonexistent"})
    assert demo_run.run_demo(("offloaded",)) == 1
    said = capsys.readouterr().out
    assert "Pulumi is not on this machine" in said
    assert "fix: run `lbpatterns setup`" in said


@pytest.mark.parametrize("pattern", WRONG)
def test_a_wrong_declaration_that_is_built_is_no_success(pattern: str) -> None:
    """The demo would say so: it counts the resources and looks for the rule."""
    _, _, rule = WRONG[pattern]
    assert Refusal(pattern, "t", f"… {rule} …", rule, 0).as_expected
    assert not Refusal(pattern, "t", "it was not refused", rule, 0).as_expected
    assert not Refusal(pattern, "t", f"… {rule} …", rule, 2).as_expected
