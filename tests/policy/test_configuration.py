"""The one configuration file: what Pulumi's engine accepts is read, and what cannot be meant is told at once."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from lbpatterns.core.constraint import Severity
from lbpatterns.policy.book import RULES
from lbpatterns.policy.configuration import LEVELS, SCHEMA, ConfigurationError, settings_of, settings_of_file
from lbpatterns.policy.finding import Level
from lbpatterns.policy.settings import DEFAULT, Settings, Waiver

DOCUMENT = Path(__file__).parents[2] / "docs" / "policy.md"
SCHEMA_OF_ALL = {"type": "object", "properties": SCHEMA, "additionalProperties": False}
RULE = "bridged-backend-uses-tls"
RULE_2 = "bridged-backend-verifies-the-server"


def test_nothing_said_is_the_default() -> None:
    assert settings_of({}) == DEFAULT
    assert settings_of_file("{}", name="policy.json", rules=RULES) == DEFAULT


def test_everything_that_can_be_said() -> None:
    config = {
        "rules": {RULE: "disabled"},
        "frameworks": {"PCI DSS": "mandatory"},
        "severities": {"low": "advisory"},
        "not-known-yet": "disabled",
        "require-encrypted-to-the-server": True,
        "encrypted-tags": ["pci"],
        "trusted-networks": ["10.0.0.0/8", "fd00::/8"],
        "days-before-expiry": 14.0,  # as the engine hands it over
        "waivers": [{"rule": "bridged-*", "reason": "moving", "expires": "2027-01-31", "resource": "a"}, {"rule": "x"}],
    }
    jsonschema.validate(config, SCHEMA_OF_ALL)
    assert set(config) == set(SCHEMA)
    assert settings_of(config) == Settings(
        rules={RULE: Level.OFF},
        frameworks={"PCI DSS": Level.REFUSE},
        severities={Severity.LOW: Level.WARN},
        undecided=Level.OFF,
        require_encrypted_to_the_server=True,
        encrypted_tags=("pci",),
        trusted_networks=("10.0.0.0/8", "fd00::/8"),
        days_before_expiry=14,
        waivers=(
            Waiver(rule="bridged-*", reason="moving", expires=date(2027, 1, 31), resource="a"),
            Waiver(rule="x"),
        ),
    )


WRONG: list[tuple[dict[str, Any], str, str, bool]] = [
    ({"waiver": []}, "lbpatterns.waiver: there is no such setting", "did you mean waivers?", True),
    ({"rules": {RULE: "warn"}}, f"lbpatterns.rules.{RULE}: 'warn' is no level", "disabled, advisory, mandatory", True),
    ({"rules": [RULE]}, "lbpatterns.rules: it is a list", "write an object", True),
    ({"severities": {"critical": "advisory"}}, "severities.critical: there is no such severity", "high", True),
    ({"not-known-yet": "mandatory"}, "does not end a run", "disabled or advisory", True),
    ({"require-encrypted-to-the-server": "yes"}, "it is text", "true or false", True),
    ({"encrypted-tags": "pci"}, "encrypted-tags: it is text", "write a list", True),
    ({"encrypted-tags": [True]}, "encrypted-tags[0]: it is true or false", "write text", True),
    ({"trusted-networks": ["10.0.0.1/8"]}, "trusted-networks[0]: 10.0.0.1/8 has host bits", "10.0.0.0/8", False),
    ({"days-before-expiry": 1.5}, "1.5 is no number of days", "whole number", True),
    ({"days-before-expiry": -1}, "-1 is no number of days", "0 or more", True),
    ({"days-before-expiry": True}, "True is no number of days", "0 or more", True),
    ({"waivers": [{"reason": "x"}]}, "waivers[0]: it names no rule", 'add "rule"', True),
    ({"waivers": ["x"]}, "waivers[0]: it is text", "write an object", True),
    ({"waivers": [{"rule": "x", "until": "y"}]}, "waivers[0].until: a waiver has no such part", "expires", True),
    ({"waivers": [{"rule": "x", "expires": "2027-02-30"}]}, "'2027-02-30' is no date", "2027-01-31", False),
    ({"waivers": [{"rule": "x", "expires": 2027}]}, "waivers[0].expires: it is a number", "write text", True),
]


@pytest.mark.parametrize(("config", "what", "fix", "by_schema"), WRONG, ids=[what for _, what, _, _ in WRONG])
def test_what_cannot_be_meant_is_refused(config: dict[str, Any], what: str, fix: str, by_schema: bool) -> None:
    """With the place and a way out; and before it by Pulumi's engine, wherever a schema can say it."""
    with pytest.raises(ConfigurationError) as refused:
        settings_of(config)
    assert what in str(refused.value)
    assert fix in str(refused.value)
    assert jsonschema.Draft7Validator(SCHEMA_OF_ALL).is_valid(config) is not by_schema


def test_all_that_is_wrong_is_told_at_once() -> None:
    text = json.dumps({"no-such-rule": "advisory", RULE: "loud", "lbpatterns": {"x": 1, "rules": {"y": "disabled"}}})
    with pytest.raises(ConfigurationError) as refused:
        settings_of_file(text, name="policy.json", rules=RULES)
    places = {problem.where for problem in refused.value.problems}
    assert places == {"no-such-rule", RULE, "lbpatterns.x"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "policy.json, line 1, column 1: it is no JSON"),
        ("[]", "policy.json: it holds a list"),
        ('{"lbpatterns": 3}', "lbpatterns: it is a number"),
        ('{"bridged-backend-uses-tsl": "disabled"}', f"did you mean {RULE}?"),
        ('{"lbpatterns": {"rules": {"bridged-backend-uses-tsl": "disabled"}}}', f"did you mean {RULE}?"),
    ],
)
def test_a_file_that_is_no_configuration_is_refused(text: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        settings_of_file(text, name="policy.json", rules=RULES)
    assert words in str(refused.value)


def test_pulumi_s_own_levels_mean_what_they_mean_to_pulumi() -> None:
    """`all`, whatever its place; a name goes before it, and as an object too."""
    text = json.dumps({RULE: {"enforcementLevel": "disabled"}, "all": "advisory", RULE_2: "mandatory"})
    rules = settings_of_file(text, name="policy.json", rules=RULES).rules
    assert (rules[RULE], rules[RULE_2]) == (Level.OFF, Level.REFUSE)
    assert {level for rule, level in rules.items() if rule not in {RULE, RULE_2}} == {Level.WARN}
    assert set(LEVELS.values()) == set(Level)


def test_the_example_in_the_documentation_is_one() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    settings = settings_of_file(example, name="docs/policy.md", rules=RULES)
    jsonschema.validate(json.loads(example)["lbpatterns"], SCHEMA_OF_ALL)
    assert settings.rules == {"passthrough-sessions-are-kept-or-shared": Level.OFF}
    (waiver,) = settings.waivers
    assert waiver.rule in RULES
    assert waiver.expires == date(2027, 3, 31)
