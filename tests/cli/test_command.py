"""The command line itself: quick to answer, complete after set-up, faithful to the commands behind it."""

import json
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lbpatterns.cli import app, machine, scaleway_plugin

RUN_AND_LIST_MODULES = """
import contextlib, io, json, sys
sys.argv = ["lbpatterns", *sys.argv[1:]]
from lbpatterns.cli import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main()
print(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize("words", [[], ["demo"], ["doctor"], ["env"], ["setup"], ["plugin", "install"]], ids=" ".join)
def test_help_loads_no_pulumi_no_cloud_sdk_and_no_cryptography(words: list[str]) -> None:
    command = [sys.executable, "-c", RUN_AND_LIST_MODULES, *words, "--help"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = set(json.loads(answer.stdout))
    assert "lbpatterns.cli" in loaded
    assert not loaded & {"pulumi", "pulumiverse_scaleway", "cryptography", "envoy", "grpc"}


def test_after_set_up_the_console_script_lies_in_the_environment_and_answers() -> None:
    script = Path(sys.prefix, "bin", "lbpatterns")
    answer = subprocess.run([script, "--help"], capture_output=True, text=True, check=True)
    for command in ("demo", "doctor", "env", "plugin", "setup"):
        assert command in answer.stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], {"patterns": ("offloaded", "bridged", "passthrough"), "keep": False, "as_json": False}),
        (["bridged", "--keep", "--json"], {"patterns": ("bridged",), "keep": True, "as_json": True}),
    ],
)
def test_demo_hands_over_its_arguments_and_its_status(
    words: list[str], expected: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, object] = {}
    runner = types.ModuleType("lbpatterns.demo.run")

    def run_demo(**arguments: object) -> int:
        seen.update(arguments)
        return 7

    vars(runner)["run_demo"] = run_demo
    monkeypatch.setitem(sys.modules, "lbpatterns.demo.run", runner)
    answer = CliRunner().invoke(app, ["demo", *words])
    assert answer.exit_code == 7
    assert seen == expected


def test_an_unknown_pattern_is_refused_with_the_three_that_exist() -> None:
    answer = CliRunner().invoke(app, ["demo", "halfway"])
    assert answer.exit_code == 2
    assert all(pattern in answer.output for pattern in ("offloaded", "bridged", "passthrough"))


def test_env_without_pulumi_says_so_beside_the_lines_for_eval(bare_machine: Path) -> None:
    answer = CliRunner().invoke(app, ["env"])
    assert answer.exit_code == 1
    assert "lbpatterns setup" in answer.stderr
    assert all(line.startswith("export ") for line in answer.stdout.splitlines())


def test_env_as_json_is_the_same_mapping(bare_machine: Path, put_pulumi: Callable[[Path, str], Path]) -> None:
    put_pulumi(machine.build_directory(), "3.250.0")
    answer = CliRunner().invoke(app, ["env", "--json"])
    assert answer.exit_code == 0
    assert json.loads(answer.stdout) == machine.environment()


def test_doctor_on_a_bare_machine_names_each_thing_that_is_missing_with_its_fix(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "find_envoy", lambda: None)
    monkeypatch.setattr(machine, "find_provider_plugin", lambda: None)
    answer = CliRunner().invoke(app, ["doctor", "--json"])
    assert answer.exit_code == 1
    report = json.loads(answer.stdout)
    assert report["ok"] is False
    missing = {one["name"]: one for one in report["findings"] if not one["ok"]}
    plugins = {"provider plugin lbpatterns-envoy", "provider plugin scaleway"}
    assert set(missing) == {"pulumi", "python language host", "envoy"} | plugins
    assert all(one["fix"] for one in missing.values())
    text = CliRunner().invoke(app, ["doctor"]).stdout
    assert text.count("MISSING") == text.count("fix:") == 5


def test_doctor_ends_well_when_nothing_is_missing(
    bare_machine: Path, put_pulumi: Callable[[Path, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    host = put_pulumi(bare_machine / "tools", "3.250.0").with_name(machine.LANGUAGE_HOST)
    host.write_text("#!/bin/sh\n")
    host.chmod(0o755)
    there = machine.Found(host, "1.2.3", "lbpatterns")
    monkeypatch.setattr(machine, "find_provider_plugin", lambda: there)
    monkeypatch.setattr(scaleway_plugin, "wanted", lambda: None)  # its Python package is not installed
    answer = CliRunner().invoke(app, ["doctor"])
    assert answer.exit_code == 0, answer.output
    assert "MISSING" not in answer.stdout
    assert "next:" in answer.stdout


def test_doctor_tells_when_the_environment_behind_our_host_is_gone(
    bare_machine: Path, put_pulumi: Callable[[Path, str], Path]
) -> None:
    built = put_pulumi(machine.build_directory(), "3.250.0")
    launcher = machine.toolchain_directory() / "language-host" / machine.LANGUAGE_HOST
    copy = built.with_name(machine.LANGUAGE_HOST)
    copy.write_bytes(launcher.read_bytes())
    copy.chmod(0o755)
    (built.parent / "interpreter").write_text("/gone/bin/python\n")
    answer = CliRunner().invoke(app, ["doctor", "--json"])
    host = next(one for one in json.loads(answer.stdout)["findings"] if one["name"] == "python language host")
    assert not host["ok"]
    assert "gone" in host["note"]
    (built.parent / "interpreter").write_text(f"{sys.executable}\n")
    answer = CliRunner().invoke(app, ["doctor", "--json"])
    host = next(one for one in json.loads(answer.stdout)["findings"] if one["name"] == "python language host")
    assert host["ok"]
