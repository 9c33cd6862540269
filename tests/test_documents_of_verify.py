"""What docs/verify.md shows is true: every command runs on a stack on a real Envoy, and the JSON has that shape."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from lbpatterns.cli import app
from lbpatterns.verify import failures
from tests.test_documents import README, ROOT, blocks, in_checkout

DOCUMENT = (ROOT / "docs" / "verify.md").read_text(encoding="utf-8")
DESTROY = "pulumi destroy --yes\n"


def test_every_block_is_one_that_is_tested() -> None:
    assert re.findall(r"^```(\w*)$", DOCUMENT, re.MULTILINE)[::2] == ["bash", "bash", "json"]


def test_the_commands_prove_the_stack_of_the_readme_and_the_json_is_as_shown(tmp_path: Path) -> None:
    """The README's walk, with the commands of this page before the load balancer is taken down again."""
    walk, _ = blocks(README, "bash")
    assert walk.count(DESTROY) == 1
    printed = in_checkout(walk.replace(DESTROY, "".join(blocks(DOCUMENT, "bash")) + DESTROY), tmp_path)
    assert len(re.findall(r"^(\d+) of \1 legs proven$", printed, re.MULTILINE)) == 4
    checkout = tmp_path / "checkout"
    assert (checkout / "ca.pem").read_text().startswith("-----BEGIN CERTIFICATE-----")
    verified = json.loads((checkout / "verified.json").read_text())
    assert verified["proven"] is True
    assert "PRIVATE KEY" not in printed + json.dumps(verified)
    (shown,) = blocks(DOCUMENT, "json")
    front = next(leg for leg in verified["legs"] if "shop.example.test" in leg["leg"])
    assert shape(verified | {"legs": [front]}) == shape(json.loads(shown))


def shape(value: Any) -> Any:
    """The fields and the kinds of values; of a list, those of its first item."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    return [shape(item) for item in value[:1]] if isinstance(value, list) else type(value).__name__


def test_every_option_and_every_exit_code_is_told() -> None:
    told = set(re.findall(r"^\| `(--[a-z-]+)", DOCUMENT, re.MULTILINE))
    printed = CliRunner().invoke(app, ["verify", "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"}).stdout
    assert told == set(re.findall(r"--[a-z-]+", printed)) - {"--help"}
    codes = {failures.PROVEN, failures.FINDINGS, failures.USAGE, failures.COULD_NOT_CHECK, failures.OUR_FAULT}
    assert {int(code) for code in re.findall(r"^\| (\d) \|", DOCUMENT, re.MULTILINE)} == codes
