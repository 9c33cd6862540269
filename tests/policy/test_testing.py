"""The harness for other people's rules hands over what Pulumi hands over."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Secret,
    StackValidationArgs,
    StackValidationPolicy,
    proxy,
)
from pulumi_policy.policy import _PolicyAnalyzerServicer

from lbpatterns.testing.policy import Outcome, OutputOf, PolicyStack, Unknown, Violation
from lbpatterns.testing.values import sent

DOCUMENT = Path(__file__).parents[2] / "docs" / "policy.md"
BUCKET = "aws:s3/bucket:Bucket"


def shape(value: Any) -> Any:
    """Types and values, through proxies, with what raises named."""
    if isinstance(value, proxy._DictProxy):
        return {key: shape_of_item(value, key) for key in value}
    if isinstance(value, proxy._ListProxy):
        return [shape_of_item(value, index) for index in range(len(value))]
    return type(value).__name__, value


def shape_of_item(container: Any, key: Any) -> Any:
    try:
        return shape(container[key])
    except proxy.UnknownValueError as error:
        return "unknown", error.message


def seen_by(policy_args: list[Any]) -> Policy:
    def keep(args: StackValidationArgs, report: ReportViolation) -> None:
        policy_args.append(args)

    return StackValidationPolicy("keep", "Keeps its arguments.", keep)


def test_a_stack_policy_is_called_as_pulumi_policy_itself_calls_it() -> None:
    """The same resources, through the servicer that the engine speaks to and through the harness."""
    stack = PolicyStack(tags={"team": "shop"})
    parent = stack.add("mine:index:Site", "site")
    log = stack.add(BUCKET, "log", {"size": 3}, parent=parent)
    props = {"logging": {"target": log.id, "days": [1, 2]}, "port": Unknown("number"), "key": Secret("canary")}
    stack.add(BUCKET, "main", props, delete_before_replace=False)

    request = analyzer_pb2.AnalyzeStackRequest()
    for added in stack.added:
        wire = {**sent(added.props, preview=True), "id": proxy.UNKNOWN_STRING_VALUE}
        resource = request.resources.add(type=added.type, urn=added.urn, name=added.name, parent=added.parent or "")
        resource.properties.update(wire)
        resource.options.deleteBeforeReplace = bool(added.delete_before_replace)
        resource.options.deleteBeforeReplaceDefined = added.delete_before_replace is not None
    request.resources[2].propertyDependencies["logging"].urns.append(log.urn)
    request.resources[2].dependencies.append(log.urn)

    theirs: list[StackValidationArgs] = []
    servicer = _PolicyAnalyzerServicer("pack", "1.0.0", [seen_by(theirs)], EnforcementLevel.ADVISORY)
    analyze: Any = servicer.AnalyzeStack
    analyze(request, None)
    ours: list[StackValidationArgs] = []
    stack.check(seen_by(ours))
    for expected, got in zip(theirs[0].resources, ours[0].resources, strict=True):
        assert (got.urn, got.name, got.resource_type) == (expected.urn, expected.name, expected.resource_type)
        assert shape(got.props) == shape(expected.props)
        assert got.opts.delete_before_replace == expected.opts.delete_before_replace
        assert getattr(got.parent, "urn", None) == getattr(expected.parent, "urn", None)
        assert urns(got.property_dependencies) == urns(expected.property_dependencies)
        assert [one.urn for one in got.dependencies] == [one.urn for one in expected.dependencies]
    assert ours[0].stack_tags == {"team": "shop"}


def urns(dependencies: dict[str, list[Any]]) -> dict[str, list[str]]:
    return {name: [one.urn for one in others] for name, others in dependencies.items()}


def test_once_built_what_comes_from_others_is_known() -> None:
    stack = PolicyStack()
    log = stack.add(BUCKET, "log")
    stack.add(BUCKET, "main", {"target": log.id, "arn": log.output("arn:x"), "list": (OutputOf(log.urn, 4),)})
    args = stack.stack_args().resources[1]
    assert shape(args.props)["list"][0][0] == "unknown"
    stack.phase = "up"
    props = stack.stack_args().resources[1].props
    assert (props["target"], props["arn"], props["list"][0]) == ("id-of-log", "arn:x", 4.0)


def test_the_outcome_says_what_was_reported_and_why_a_policy_ended_early() -> None:
    def check(args: StackValidationArgs, report: ReportViolation) -> None:
        report("of the stack", None)
        report("of one", args.resources[0].urn)
        if args.get_config():
            args.not_applicable("nothing here")
        assert args.resources[0].props["port"] == 80

    stack = PolicyStack()
    one = stack.add(BUCKET, "one", {"port": Unknown("number")})
    both = (Violation("of the stack"), Violation("of one", one.urn))
    policy = StackValidationPolicy("ports", "Ports.", check)
    assert stack.check(policy) == Outcome(both, not_known="number value at .port can't be known during preview")
    assert stack.check(policy, {"days": 1}) == Outcome(both, not_applicable="nothing here")


def test_a_policy_that_fails_fails_the_test() -> None:
    def check(args: StackValidationArgs, report: ReportViolation) -> None:
        raise KeyError("port")

    with pytest.raises(KeyError, match="port"):
        PolicyStack().check(StackValidationPolicy("ports", "Ports.", check))


def test_asynchronous_and_resource_policies_are_called_too() -> None:
    async def check(args: ResourceValidationArgs, report: ReportViolation) -> None:
        assert isinstance(args.get_config()["days"], float)
        report(f"{args.name}: {args.props['port']}", "an urn that the engine ignores")

    stack = PolicyStack()
    one = stack.add(BUCKET, "one", {"port": 80})
    outcome = stack.check(ResourceValidationPolicy("ports", "Ports.", check), {"days": 30})
    assert outcome.violations == (Violation("one: 80.0", one.urn),)


def test_a_remediation_that_rebuilds_its_properties_is_seen_to_lose_the_secrets() -> None:
    def rebuild(args: ResourceValidationArgs) -> Any:
        return {**args.props, "public": False}

    def in_place(args: ResourceValidationArgs) -> Any:
        args.props["public"] = False  # type: ignore[index]
        return args.props

    stack = PolicyStack()
    props = {"public": True, "key": Secret("canary"), "port": Unknown("number"), "tls": {"keys": [Secret("k")]}}
    one = stack.add(BUCKET, "one", props)
    results = [
        stack.remediate(ResourceValidationPolicy("fix", "Fix.", remediate=fix), one) for fix in (rebuild, in_place)
    ]
    expected = {"public": False, "key": "canary", "port": Unknown("number"), "tls": {"keys": ["k"]}}
    for result, kept in zip(results, ({"tls.keys.0"}, {"key", "tls.keys.0"}), strict=True):
        assert result is not None
        assert dict(result.props) == expected
        assert set(result.secrets) == kept
        assert "canary" not in repr(result)
    assert stack.remediate(ResourceValidationPolicy("no", "No.", remediate=lambda args: None), one) is None


def test_the_example_in_the_documentation_runs_in_a_project_of_its_own(tmp_path: Path) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for name in ("our_rules.py", "test_our_rules.py"):
        (example,) = re.findall(rf"```python\n# {re.escape(name)}\n(.*?)```", text, re.DOTALL)
        (tmp_path / name).write_text(example)
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["lbpatterns.testing.policy_fixture"]')
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout.splitlines()[-1][:8]) == (0, "2 passed"), ended.stdout + ended.stderr


def test_struct_numbers_are_what_makes_floats() -> None:
    message = struct_pb2.Struct()
    message.update({"port": 80})
    assert isinstance(message["port"], float)
