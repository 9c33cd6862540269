"""What README and docs/scaleway.md show of Scaleway is true: every snippet runs, against the double of its API."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from lbpatterns.cli.scaleway_plugin import install_scaleway_plugin
from lbpatterns.demo.run import free_port
from lbpatterns.doubles.scaleway_lb import Double, running
from lbpatterns.pki import Authority
from lbpatterns.targets.scaleway.supports import WAYS_OUT
from tests.targets.scaleway.engine.client import ZONE, ScalewayAccount
from tests.targets.scaleway.engine.cloud import Cloud
from tests.test_documents import ROOT, blocks, in_checkout, set_secret

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENT = (ROOT / "docs" / "scaleway.md").read_text(encoding="utf-8")
PROGRAMS = blocks(DOCUMENT, "python")


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    with running(mode="fast") as double:
        for name, value in double.environment().items():
            monkeypatch.setenv(name, value)
        yield double


def stack_of(tmp_path: Path, double: Double, program: str) -> Cloud:
    stack = Cloud.of_program(tmp_path / "project", double, program)
    set_secret(stack.workspace, "certificate", Authority("Test CA").issue(["a.test"]).private_key_and_chain_pem)
    return stack


def test_every_block_is_one_that_is_tested() -> None:
    assert re.findall(r"^```(\w*)$", DOCUMENT, re.MULTILINE)[::2] == ["yaml", "python", "python", "python", "bash"]


def test_the_three_commands_of_the_readme(tmp_path: Path, double: Double) -> None:
    _, walk = blocks(README, "bash")
    commands = [line for line in walk.splitlines() if line.startswith("pulumi")]
    assert commands[1:] == ["pulumi preview", "pulumi up --yes", "pulumi destroy --yes"]
    install_scaleway_plugin(tmp_path / "home")
    printed = in_checkout("mkdir -p .lbpatterns\n" + walk, tmp_path, SCW_API_URL=double.url)
    assert re.search(r"\+ \d+ created", printed)
    assert re.search(r"- \d+ deleted", printed)
    assert not any(double.state().values())
    assert {call["status"] for call in double.log()} <= {200, 204, 404}


def test_without_an_account(tmp_path: Path) -> None:
    (walk,) = blocks(DOCUMENT, "bash")
    install_scaleway_plugin(tmp_path / "home")
    printed = in_checkout(walk.replace("8099", str(free_port())), tmp_path)
    assert re.search(r"\+ \d+ created", printed)
    assert re.search(r"- \d+ deleted", printed)


def test_the_settings_reach_the_load_balancer(tmp_path: Path, double: Double) -> None:
    """Those of the configuration, where the program says nothing else."""
    (settings,) = blocks(DOCUMENT, "yaml")
    stack = stack_of(tmp_path, double, PROGRAMS[2].replace("transforms=[adopt]", ""))
    path = stack.workspace.directory / "config" / f"Pulumi.{stack.name}.yaml"
    written = yaml.safe_load(path.read_text())
    written["config"] |= yaml.safe_load(settings)["config"]
    path.write_text(yaml.safe_dump(written))
    steps = json.loads(stack.run("preview", "--json"))["steps"]
    (inputs,) = [step["newState"]["inputs"] for step in steps if step["urn"].endswith("::shop-lb")]
    told = {key: inputs[key] for key in ("type", "zone", "projectId", "description", "tags", "ipIds")}
    assert told == yaml.safe_load(settings)["config"]["lbpatterns:scaleway"]
    assert not [step for step in steps if step["urn"].endswith("::shop-ip")]


def test_a_target_of_its_own(tmp_path: Path, double: Double) -> None:
    stack = stack_of(tmp_path, double, PROGRAMS[0])
    stack.up()
    assert ScalewayAccount(double).load_balancer().type_ == "lb-gp-m"
    assert double.state()["attachments"] == 1
    stack.destroy()
    assert stack.is_gone()


def test_the_certificate_waits_for_the_record(tmp_path: Path, double: Double) -> None:
    """To the preview: no double answers for the DNS."""
    stack = stack_of(tmp_path, double, PROGRAMS[1])
    steps = json.loads(stack.run("preview", "--json"))["steps"]
    (certificate,) = [step["newState"] for step in steps if step["urn"].endswith("::shop-certificate-0-0")]
    assert certificate["inputs"]["letsencrypt"]["commonName"] == "shop.example.com"
    (record,) = [step["urn"] for step in steps if ":domain/record:" in step["urn"]]
    assert record in certificate["dependencies"]


def test_what_exists_is_taken_over(tmp_path: Path, double: Double) -> None:
    account = ScalewayAccount(double)
    ip = account.api.create_ip(zone=ZONE, is_ipv6=False)
    made = account.api.create_lb(
        zone=ZONE,
        name="by-hand",
        description="",
        type_="LB-S",
        ip_ids=[ip.id],
        ssl_compatibility_level="ssl_compatibility_level_intermediate",
    )
    program = PROGRAMS[2]
    for shown, real in (
        ("33333333-3333-3333-3333-333333333333", ip.id),
        ("44444444-4444-4444-4444-444444444444", made.id),
    ):
        assert shown in program
        program = program.replace(shown, real)
    stack = stack_of(tmp_path, double, program)
    planned = stack.preview()
    assert {planned[name] for name in ("shop-ip", "shop-lb")} == {"import"}
    assert stack.up()["imported"] == 2
    assert account.load_balancer().id == made.id


def test_the_table_of_what_is_lacking_is_the_code() -> None:
    table = DOCUMENT.split("## What Scaleway cannot do")[1].split("## ")[0]
    rows = dict(re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", table, re.MULTILINE))
    assert rows.pop("what") == "instead"
    assert rows == {feature.value: way_out for feature, way_out in WAYS_OUT.items()}
