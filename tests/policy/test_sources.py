"""A state and a preview are read as the same resources; anything else is refused with what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lbpatterns.core.spec import UNKNOWN
from lbpatterns.doubles.scaleway_lb import Double, running
from lbpatterns.pki import DemoPKI
from lbpatterns.policy.finding import Answer, Level
from lbpatterns.policy.judge import judge
from lbpatterns.policy.sources import SourceError, from_preview, from_state, from_text
from lbpatterns.targets.scaleway.stack import read_stack
from tests.stacks.test_life_on_scaleway import configuration
from tests.targets.scaleway.engine.cloud import Cloud
from tests.targets.scaleway.engine.conftest import PROGRAMS

from .loose import urn

LB = "scaleway:loadbalancers/loadBalancer:LoadBalancer"
CERTIFICATE = "scaleway:loadbalancers/certificate:Certificate"
MARK = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
UNKNOWNS = {
    "text": "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    "flag": "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "number": "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "list": "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "object": "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
}


def entry(token: str = LB, name: str = "lb", **more: Any) -> dict[str, Any]:
    return {"urn": urn(token, name), "type": token, "custom": True, **more}


def state(*entries: Any) -> dict[str, Any]:
    return {"version": 3, "deployment": {"resources": list(entries)}}


def preview(*steps: Any, **summary: int) -> dict[str, Any]:
    return {"steps": list(steps), "changeSummary": summary}


def test_a_resource_of_a_state() -> None:
    whole = entry(
        id="fr-par-1/x",
        parent=urn("my:index:Thing", "mine"),
        inputs={
            "__defaults": ["name"],
            "type": "LB-S",
            "ipIds": ["a"],
            "privateNetworks": [{"__defaults": [], "x": 1}],
        },
        outputs={"__meta": "{}", "type": "lb-s", "ipAddress": "198.51.100.1", "ipIds": ["a", "b"], "zone": "fr-par-1"},
        propertyDependencies={"ipIds": [urn("a:b:C", "ip")], "type": []},
    )
    (found,) = from_state(state(whole))
    assert (found.urn, found.type, found.name, found.id) == (urn(LB, "lb"), LB, "lb", "fr-par-1/x")
    assert found.parent == urn("my:index:Thing", "mine")
    # What was declared, and what the cloud alone can say.
    assert found.props == {
        "type": "LB-S",
        "ipIds": ["a"],
        "privateNetworks": [{"x": 1}],
        "ipAddress": "198.51.100.1",
    }
    assert found.dependencies == {"ipIds": (urn("a:b:C", "ip"),), "type": ()}


def test_a_resource_that_somebody_else_made_says_what_it_is() -> None:
    (found,) = from_state(state(entry(external=True, id="x", inputs={}, outputs={"type": "LB-S", "tags": ["a"]})))
    assert found.props == {"type": "LB-S", "tags": ["a"]}


def test_what_is_about_to_go_and_providers_are_left_out() -> None:
    gone = entry(name="old", delete=True)
    replaced = entry(name="pending", pendingReplacement=True)
    provider = entry("pulumi:providers:scaleway", "default")
    assert [each.name for each in from_state(state(gone, replaced, provider, entry()))] == ["lb"]


def test_secrets_of_a_state_are_not_known() -> None:
    hidden = {**MARK, "ciphertext": "v1:abc"}
    shown = {**MARK, "plaintext": json.dumps("10.0.0.1")}
    pem = {**MARK, "plaintext": json.dumps("-----BEGIN CERTIFICATE-----")}
    broken = {**MARK, "plaintext": "no json"}
    asset = {"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", "text": "x"}
    late = {"4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4"}
    inputs = {"a": [hidden], "b": shown, "c": {"d": pem}, "e": broken, "f": asset, "g": late, "h": {**late, "value": 1}}
    (found,) = from_state(state(entry(inputs=inputs)))
    assert found.props == {
        "a": [UNKNOWN],
        "b": UNKNOWN,
        "c": {"d": "-----BEGIN CERTIFICATE-----"},
        "e": UNKNOWN,
        "f": UNKNOWN,
        "g": UNKNOWN,
        "h": 1,
    }
    assert "BEGIN" not in repr(found)


def test_what_a_preview_does_not_know() -> None:
    inputs = {**UNKNOWNS, "hidden": "[secret]", "items": [UNKNOWNS["text"], "x"]}
    (found,) = from_preview(preview({"op": "create", "newState": entry(inputs=inputs, id="")}))
    assert found.props == {**dict.fromkeys(UNKNOWNS, UNKNOWN), "hidden": UNKNOWN, "items": [UNKNOWN, "x"]}
    assert found.id is None


def test_the_steps_of_a_replacement_are_one_resource() -> None:
    def step(op: str, **inputs: Any) -> dict[str, Any]:
        return {"op": op, "newState": entry(inputs=inputs)}

    steps = [
        step("create-replacement", type="LB-M"),
        step("replace", type="LB-M"),
        {"op": "delete-replaced", "oldState": entry(inputs={"type": "LB-S"})},
        {"op": "delete", "oldState": entry(name="gone")},
        {"op": "same", "newState": entry(name="kept")},
    ]
    found = {each.name: each.props for each in from_preview(preview(*steps, same=1, create=1))}
    assert found == {"lb": {"type": "LB-M"}, "kept": {}}


def test_either_is_told_from_its_text() -> None:
    assert [each.name for each in from_text(json.dumps(state(entry())), name="x")] == ["lb"]
    steps = preview({"op": "create", "newState": entry(name="new")})
    assert [each.name for each in from_text(json.dumps(steps), name="x")] == ["new"]
    assert list(from_text(json.dumps({"version": 3, "deployment": {}}), name="x")) == []


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("", "stack.json: it is empty. Fix: write it with `pulumi stack export"),
        ("{\n 'a'", "stack.json: it is no JSON: line 2, column 2"),
        ("[]", "stack.json: it is no state: there is no `deployment` in it"),
        ('"text"', "it is no state"),
        ('{"resources": []}', "it is no state"),
        ('{"deployment": {}}', "stack.json.version: this version of states is not known here; 3 is"),
        ('{"version": 1, "deployment": {}}', "stack.json.version"),
        (
            '{"version": 3, "deployment": {"resources": {}}}',
            "stack.json.deployment.resources: a list expected, found dict",
        ),
        ('{"version": 3, "deployment": {"resources": [1]}}', "stack.json.deployment.resources[0]: an object expected"),
        (
            '{"version": 3, "deployment": {"resources": [{}]}}',
            "stack.json.deployment.resources[0]: a resource has a `urn`",
        ),
        ('{"steps": {}}', "stack.json.steps: a list expected, found dict"),
        ('{"steps": [1]}', "stack.json.steps[0]: an object expected, found int"),
        ('{"steps": [{"op": "create", "newState": {"urn": 1}}]}', "stack.json.steps[0].newState: a resource has"),
        (
            '{"steps": [], "changeSummary": {"same": 7}}',
            "7 resources that stay the same are left out, and what changes cannot be judged without them. Fix: ",
        ),
    ],
)
def test_anything_else_is_refused(document: str, words: str) -> None:
    with pytest.raises(SourceError) as refused:
        from_text(document, name="stack.json")
    assert words in str(refused.value)
    assert "Fix: " in str(refused.value)


def test_a_refusal_quotes_no_value() -> None:
    with pytest.raises(SourceError) as refused:
        from_text('{"version": "hunter2", "deployment": {"resources": "hunter2"}}', name="x")
    assert "hunter2" not in str(refused.value)


# With the real engine.


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    with running(mode="fast") as double:
        for name, value in double.environment().items():
            monkeypatch.setenv(name, value)
        yield double


def assert_silent(text: str, mode: str) -> None:
    """Nothing is broken in it, and the load balancer is what it declares."""
    resources = list(from_text(text, name="a file"))
    (balancer,) = read_stack(resources)
    assert balancer.configuration is not None
    assert balancer.configuration.declared["mode"] == mode
    assert [reading.spec.mode.value for subject in balancer.subjects for (reading,) in subject.worlds] == [mode]
    found = judge(resources, today=date(2026, 11, 21))
    assert [each for each in found if each.answer is not Answer.UNDECIDED] == []
    assert {each.level for each in found} <= {Level.WARN}


@pytest.mark.parametrize("pattern", ["offloaded", "bridged", "passthrough"])
def test_our_own_stacks_break_nothing(tmp_path: Path, double: Double, pattern: str) -> None:
    (tmp_path / "project").mkdir()
    pki = DemoPKI.at(tmp_path / "pki")
    stack = Cloud.of_stacks(tmp_path / "project", double, f"{pattern}-scaleway", configuration(pattern, pki))
    assert_silent(stack.run("preview", "--json"), pattern)
    stack.up()
    assert_silent(stack.run("stack", "export"), pattern)


def test_everything_at_once_breaks_nothing(tmp_path: Path, double: Double) -> None:
    """Also in a preview in which nothing changes, and with secrets shown."""
    pki = DemoPKI.at(tmp_path / "pki")
    program = (PROGRAMS / "kitchen_sink.py").read_text()
    stack = Cloud.of_program(tmp_path / "project", double, program, pki=str(pki.directory))
    assert_silent(stack.run("preview", "--json"), "bridged")
    stack.up()
    assert_silent(stack.run("stack", "export"), "bridged")
    assert_silent(stack.run("stack", "export", "--show-secrets"), "bridged")
    assert_silent(stack.run("preview", "--json", "--show-sames"), "bridged")
    with pytest.raises(SourceError, match="20 resources that stay the same are left out"):
        from_text(stack.run("preview", "--json"), name="a preview")
