"""`lbpatterns policy`: what it prints, where from, and with which status it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from lbpatterns.cli import app
from lbpatterns.cli import policy as command
from lbpatterns.pki import DemoPKI

from .conftest import Build
from .loose import Stack, https
from .states import preview, state
from .test_pack_end_to_end import LOOSE, RULE, said_in

Check = Callable[..., Result]
CANARY = "canary-of-a-secret"


def stack(**backend: Any) -> Stack:
    made = Stack()
    https(made, bridged=True, **backend)
    return made


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """`check(document, "--format", "json")`: `lbpatterns policy check` of a state that holds the document."""

    def run(document: Any, *options: str, source: str = "--state") -> Result:
        path = tmp_path / "document.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return CliRunner().invoke(app, ["policy", "check", source, str(path), *options])

    return run


def test_a_stack_in_which_nothing_is_broken_is_status_0(check: Check) -> None:
    result = check(state(stack().resources))
    assert result.exit_code == 0
    assert (
        result.stdout == f"0 mandatory, 0 advisory, 0 not known yet, 0 waived, in 1 load balancer of {path(result)}\n"
    )


def path(result: Result) -> str:
    return result.stdout.rsplit(" of ", 1)[1].strip()


@pytest.mark.parametrize(
    ("changes", "options", "status"),
    [
        ({"ignoreSslServerVerify": True}, (), 1),
        ({"ignoreSslServerVerify": True}, ("--fail-on", "advisory"), 1),
        ({"ignoreSslServerVerify": True}, ("--fail-on", "never"), 0),
        ({"serverIps": ["10.0.0.20", "10.0.0.20"]}, (), 0),
        ({"serverIps": ["10.0.0.20", "10.0.0.20"]}, ("--fail-on", "advisory"), 1),
    ],
)
def test_findings_at_the_level_that_fails_are_status_1(
    check: Check, changes: dict[str, Any], options: tuple[str, ...], status: int
) -> None:
    result = check(state(stack(**changes).resources), *options)
    assert result.exit_code == status
    assert "Traceback" not in result.output


def test_the_table_fits_the_terminal(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    for width in (60, 80, 132):
        monkeypatch.setenv("COLUMNS", str(width))
        shown = check(state(stack(ignoreSslServerVerify=True).resources)).stdout.splitlines()
        assert max(map(len, shown[:-1])) <= width
        assert shown[-1].startswith("1 mandatory, ")
    assert any(RULE in line for line in shown)


def test_a_preview_and_standard_input_are_read_too(check: Check) -> None:
    broken = stack(ignoreSslServerVerify=True).resources
    assert check(preview(broken), source="--preview").exit_code == 1
    piped = CliRunner().invoke(app, ["policy", "check", "--state", "-"], input=json.dumps(state(broken)))
    assert piped.exit_code == 1
    assert path(piped) == "standard input"


def test_the_configuration_is_that_of_the_pack(check: Check, tmp_path: Path) -> None:
    config = tmp_path / "policy.json"
    broken = state(stack(ignoreSslServerVerify=True).resources)
    for text, status, words in (
        ({RULE: "advisory"}, 0, "0 mandatory, 1 advisory"),
        ({"all": "disabled"}, 0, "0 mandatory, 0 advisory"),
        ({"lbpatterns": {"waivers": [{"rule": RULE, "reason": "moving"}]}}, 0, "1 waived"),
    ):
        config.write_text(json.dumps(text))
        result = check(broken, "--config", str(config))
        assert (result.exit_code, words in result.stdout) == (status, True), result.output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "one thing is checked at a time"),
        (("--state", "a", "--preview", "b"), "give one of --stack, --state and --preview"),
        (("--format", "xml", "--state", "a"), "Invalid value for '--format'"),
        (("--fail-on", "high", "--state", "a"), "Invalid value for '--fail-on'"),
        (("--state", "a", "--config", "nowhere.json"), "error: --config nowhere.json: No such file"),
    ],
)
def test_being_called_wrongly_is_status_2(options: tuple[str, ...], words: str) -> None:
    result = CliRunner().invoke(app, ["policy", "check", *options], env={"COLUMNS": "200"})
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_configuration_that_cannot_be_used_is_status_2(check: Check, tmp_path: Path) -> None:
    config = tmp_path / "policy.json"
    config.write_text('{"lbpatterns": {"waivers": [{"rule": "x", "expires": "soon"}]}}')
    result = check(state([]), "--config", str(config))
    assert result.exit_code == 2
    assert "lbpatterns.waivers[0].expires: 'soon' is no date" in result.stderr
    assert "fix: write a date" in result.stderr


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("", "is no JSON, it is empty"),
        ("{", "is no JSON: line 1, column 2"),
        ("[]", "it is no state"),
        ('{"steps": []}', "it is no state"),
        (f'{{"deployment": {{"resources": [{{"secret": "{CANARY}"}}]}}, "version": 3}}', "a resource has a `urn`"),
        ("\ud800", "is no text in UTF-8"),
    ],
)
def test_what_cannot_be_checked_is_status_3(tmp_path: Path, document: str, words: str) -> None:
    file = tmp_path / "state.json"
    file.write_bytes(document.encode("utf-16" if document == "\ud800" else "utf-8", "surrogatepass"))
    result = CliRunner().invoke(app, ["policy", "check", "--state", str(file)])
    assert (result.exit_code, words in result.stderr) == (3, True), result.output
    assert "fix: " in result.stderr
    assert CANARY not in result.output


def test_files_that_cannot_be_read_or_written_are_status_3(check: Check, tmp_path: Path) -> None:
    absent = CliRunner().invoke(app, ["policy", "check", "--state", str(tmp_path / "absent.json")])
    assert absent.exit_code == 3
    assert "absent.json: No such file or directory" in absent.stderr
    unwritable = check(state([]), "--output", str(tmp_path / "nowhere" / "report"))
    assert unwritable.exit_code == 3
    assert "--output" in unwritable.stderr


def test_a_defect_of_ours_is_never_taken_for_a_finding(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_off(*args: Any, **named: Any) -> None:
        raise KeyError(CANARY)

    monkeypatch.setattr(command, "check", break_off)
    result = check(state([]))
    assert result.exit_code == 3
    assert "KeyError" in result.stderr
    assert CANARY not in result.output


@pytest.mark.parametrize("form", ["table", "json", "sarif", "junit"])
def test_a_report_may_go_to_a_file_and_quotes_no_secret(check: Check, tmp_path: Path, form: str) -> None:
    output = tmp_path / "report"
    pem = f"-----BEGIN PRIVATE KEY-----\n{CANARY}\n-----END PRIVATE KEY-----\n"
    broken = stack(ignoreSslServerVerify=True)
    lb = broken.resources[1]
    broken.add("certificate", "own", lbId=lb, customCertificate={"certificateChain": pem})
    printed = check(state(broken.resources), "--format", form)
    written = check(state(broken.resources), "--format", form, "--output", str(output))
    assert (printed.exit_code, written.exit_code, written.stdout) == (1, 1, "")
    assert RULE in output.read_text()
    if form != "table":
        assert output.read_text() == printed.stdout
    assert CANARY not in output.read_text() + printed.output
    if form == "json":
        assert json.loads(printed.stdout)["failed"] is True
    if form == "junit":
        assert int(ET.fromstring(printed.stdout).get("failures", "")) >= 1  # noqa: S314 (our own)


def test_a_stack_by_name_is_exported_by_pulumi(build: Build, pki: DemoPKI, tmp_path: Path, pack: str) -> None:
    """The same finding from the stack, its state, a preview and the pack; what Pulumi refuses is status 3."""
    pem = tmp_path / "shop.pem"
    pem.write_text(pki.frontend.private_key_and_chain_pem)
    cloud = build(LOOSE, pem=str(pem), loose=True)
    planned = cloud.run("preview", "--json", "--show-sames")
    cloud.up()
    environment = cloud.workspace.environment()

    def policy_check(*options: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "lbpatterns.cli", "policy", "check", "--format", "json", *options]
        return subprocess.run(
            line,
            cwd=cloud.workspace.directory,
            env=environment,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )

    runs = [
        policy_check("--stack", cloud.name),
        policy_check("--state", "-", given=cloud.run("stack", "export")),
        policy_check("--preview", "-", given=planned),
    ]
    for ended in runs:
        assert ended.returncode == 1, ended.stderr
        found = [one for one in json.loads(ended.stdout)["findings"] if one["answer"] == "violated"]
        assert [(one["rule"], one["resource"], one["place"]) for one in found] == [
            (RULE, "web", "ignoreSslServerVerify")
        ]
        assert "BEGIN" not in ended.stdout
    analyzed = cloud.try_run("policy", "analyze", "--policy-pack", pack)
    assert [(one.policy, one.resource) for one in said_in(analyzed.stdout)] == [(RULE, "web")]
    refused = policy_check("--stack", "absent")
    assert refused.returncode == 3
    assert "no stack named 'absent' found" in refused.stderr
    cloud.destroy()


def test_the_path_is_a_pack_that_names_this_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first, second = (CliRunner().invoke(app, ["policy", "path"]) for _ in range(2))
    assert first.stdout == second.stdout
    folder = Path(first.stdout.strip())
    assert {file.name for file in folder.iterdir()} == {"PulumiPolicy.yaml", "__main__.py"}
    settings = yaml.safe_load((folder / "PulumiPolicy.yaml").read_text())
    assert settings["runtime"] == {"name": "python", "options": {"virtualenv": sys.prefix}}


def test_the_pack_has_the_version_of_the_package() -> None:
    package = yaml.safe_load((Path(command.__file__).parents[1] / "policy" / "PulumiPolicy.yaml").read_text())
    from lbpatterns.cli.machine import package_version

    assert package["version"] == package_version()


def test_without_the_extra_there_is_no_path_but_a_way_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    result = CliRunner().invoke(app, ["policy", "path"])
    assert result.exit_code == 1
    assert "pip install 'lbpatterns[policy]'" in result.stderr


def test_a_cache_that_cannot_be_written_to_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lbpatterns").write_text("a file where a folder should be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    result = CliRunner().invoke(app, ["policy", "path"])
    assert result.exit_code == 1
    assert "fix: name a folder that can be written to with XDG_CACHE_HOME" in result.stderr


def loaded_by(*arguments: str, **environment: str) -> list[str]:
    """The modules that are loaded at the end of a command."""
    program = (
        "import sys\nfrom lbpatterns.cli import app\n"
        "try:\n    app(sys.argv[1:])\nexcept SystemExit: pass\nprint()\nprint(*sys.modules)"
    )
    line = [sys.executable, "-c", program, *arguments]
    ended = subprocess.run(line, env={**os.environ, **environment}, capture_output=True, text=True, check=True)
    return ended.stdout.splitlines()[-1].split()


HEAVY = {"pulumi", "pulumi_policy", "pulumiverse_scaleway"}  # pydantic is typer's own


@pytest.mark.parametrize(
    "arguments", [["--help"], ["policy", "--help"], ["policy", "check", "--help"], ["policy", "path"]]
)
def test_help_and_path_load_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    loaded = loaded_by(*arguments, XDG_CACHE_HOME=str(tmp_path))
    assert not {name.split(".")[0] for name in loaded} & {*HEAVY, "cryptography"}
    assert "lbpatterns.core.constraints" not in loaded


def test_a_check_loads_no_pulumi(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text(json.dumps(state(stack().resources)))
    loaded = loaded_by("policy", "check", "--state", str(file))
    assert "lbpatterns.core.constraints" in loaded
    assert not {name.split(".")[0] for name in loaded} & HEAVY
