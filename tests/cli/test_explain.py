"""`lbpatterns explain`: one rule for people, all of them in a line each, and the same for machines."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lbpatterns.book.shelf import rules
from lbpatterns.cli import app

from .test_command import RUN_AND_LIST_MODULES

RULE = "passthrough-frontend-holds-no-certificate"
HEAVY = {"pulumi", "pulumiverse_scaleway", "pulumi_policy", "cryptography", "envoy", "grpc"}


def explain(*words: str) -> str:
    answer = CliRunner().invoke(app, ["explain", *words])
    assert answer.exit_code == 0, answer.output
    return answer.stdout


def test_one_rule_is_told_with_reason_symptom_fix_and_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    told = explain(RULE)
    assert told.startswith(f"{RULE}\n  A frontend of a passthrough load balancer holds no certificate.\n")
    for head in ("why", "symptom", "fix", "breaks it", "says", "binding", "severity", "evidence", "modes", "source"):
        assert f"\n  {head:<10}" in told
    rule = next(rule for rule in rules() if rule.id == RULE)
    assert rule.source.url in told
    assert all(len(line) <= 80 or rule.source.url in line for line in told.splitlines())


def test_all_rules_are_listed_in_one_line_each() -> None:
    lines = explain().splitlines()
    assert [line.split()[0] for line in lines] == [rule.id for rule in rules()]
    assert all(line.endswith(rule.title) for line, rule in zip(lines, rules(), strict=True))


def test_all_rules_as_a_whole() -> None:
    told = explain("--all")
    assert all(f"{rule.id}\n" in told for rule in rules())


def test_markdown_is_the_page_of_the_documentation() -> None:
    page = Path(__file__).parents[2] / "docs" / "constraints.md"
    assert explain("--all", "--markdown") == page.read_text(encoding="utf-8")
    assert explain(RULE, "--markdown").startswith(f"### {RULE}\n")


def test_json_says_the_same() -> None:
    everything = json.loads(explain("--json"))
    assert [entry["id"] for entry in everything] == [rule.id for rule in rules()]
    one = json.loads(explain(RULE, "--json"))
    assert one in everything
    assert one["binding"] == "documented"
    assert one["modes"] == ["passthrough"]
    assert one["source"]["url"].startswith("https://")
    assert one["example"]["says"] == ["frontends[0].certificates: it holds 1"]


def test_an_unknown_name_is_answered_with_the_nearest_ones() -> None:
    answer = CliRunner().invoke(app, ["explain", "passthrough-frontend-has-no-certificate"])
    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert f"did you mean: {RULE}" in answer.stderr
    assert "lbpatterns explain" in answer.stderr


def test_a_name_that_is_like_none_is_answered_with_the_way_to_all() -> None:
    answer = CliRunner().invoke(app, ["explain", "qqqq"])
    assert answer.exit_code == 2
    assert "did you mean" not in answer.stderr


@pytest.mark.parametrize("words", [["explain", "--help"], ["explain"], ["explain", RULE]], ids=" ".join)
def test_it_loads_no_pulumi_no_cloud_sdk_and_no_cryptography(words: list[str]) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", RUN_AND_LIST_MODULES, *words], capture_output=True, text=True, check=True
    )
    loaded = set(json.loads(answer.stdout))
    assert "lbpatterns.cli" in loaded
    assert not loaded & HEAVY
