"""The real plugin: what it offers is what pulumiverse_scaleway asks for, and the real engine plans with it."""

from __future__ import annotations

import importlib
import json
import os
import re
import socket
import subprocess
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pulumi import _types
from pulumi import automation as auto

from lbpatterns.cli import machine, scaleway_plugin
from lbpatterns.doubles.scaleway_lb import running

# Modules of the Python package, and the resources in them that load balancers need.
RESOURCES = {
    "loadbalancers": ("LoadBalancer", "Ip", "Backend", "Frontend", "Certificate", "Route", "Acl", "PrivateNetwork"),
    "network": ("Vpc", "PrivateNetwork"),
    "ipam": ("Ip",),
    "domain": ("Record",),
}
EACH_RESOURCE = [(module, name) for module, names in RESOURCES.items() for name in names]
# Settings that Python has and the plugin that we build has not, both for object storage; the published one has them.
ONLY_IN_PYTHON = {"endpoints", "s3UsePathStyle"}


def scaleway(module: str = "") -> ModuleType:
    """A module of the Python package, which warns of its own deprecated classes when it is imported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return importlib.import_module(f"pulumiverse_scaleway.{module}".rstrip("."))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Pulumi home that holds the plugin of this machine."""
    home = tmp_path_factory.mktemp("home")
    scaleway_plugin.install_scaleway_plugin(home)
    return home


@pytest.fixture(scope="module")
def schema(home: Path) -> dict[str, Any]:
    pulumi = machine.find_pulumi()
    assert pulumi is not None, "Pulumi is not set up; run `make setup`"
    (executable,) = home.glob("plugins/*/pulumi-resource-scaleway")
    environment = machine.pulumi_environment() | {"PULUMI_HOME": str(home)}
    command = [str(pulumi.path), "package", "get-schema", str(executable)]
    told = subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(told.stdout)
    return answer


def token(module: str, name: str) -> str:
    return f"scaleway:{module}/{name[0].lower()}{name[1:]}:{name}"


def properties_of(python: type) -> set[str]:
    """What a class of arguments calls its properties when it talks to the engine."""
    return set(_types.input_type_py_to_pulumi_names(python).values())


def test_the_plugin_has_the_version_that_the_package_asks_for(schema: dict[str, Any]) -> None:
    wanted = scaleway_plugin.wanted()
    assert wanted is not None
    assert schema["version"] == wanted.version


@pytest.mark.parametrize(("module", "name"), EACH_RESOURCE)
def test_a_resource_has_the_token_and_the_properties_of_its_python_class(
    schema: dict[str, Any], module: str, name: str
) -> None:
    package = scaleway(module)
    assert getattr(package, name).pulumi_type == token(module, name)
    offered = set(schema["resources"][token(module, name)]["inputProperties"])
    assert offered == properties_of(getattr(package, f"{name}Args"))


def nested(schema: dict[str, Any]) -> Iterator[tuple[str, set[str], type]]:
    """Each object inside a resource that has a Python class of arguments: what it offers, and the class."""
    for name, description in schema["types"].items():
        module, _, kind = name.removeprefix("scaleway:").partition("/")
        if module not in RESOURCES:
            continue  # the published plugin serves all of Scaleway
        python = getattr(scaleway(module), f"{kind.split(':')[1]}Args", None)
        if python is not None:
            yield name, set(description.get("properties", {})), python


def test_objects_inside_of_resources_have_the_properties_of_their_python_classes(schema: dict[str, Any]) -> None:
    compared = list(nested(schema))
    different = {name: offered ^ properties_of(python) for name, offered, python in compared}
    assert {name: found for name, found in different.items() if found} == {}
    assert {"scaleway:loadbalancers/BackendHealthCheckHttps:BackendHealthCheckHttps"} < {one[0] for one in compared}


def test_the_provider_knows_the_settings_of_the_python_package(schema: dict[str, Any]) -> None:
    package = scaleway()
    missing = properties_of(package.ProviderArgs) - set(schema["provider"]["inputProperties"])
    assert missing <= ONLY_IN_PYTHON
    variables = schema["config"]["variables"]
    assert {name for name, one in variables.items() if one.get("secret")} == {"accessKey", "secretKey"}


def test_every_function_that_is_offered_exists_in_the_python_package(schema: dict[str, Any]) -> None:
    offered = {one.removeprefix("scaleway:").partition("/")[::2] for one in schema["functions"]}
    assert ("loadbalancers", "getLoadBalancer:getLoadBalancer") in offered
    for module, function in offered:
        if module in RESOURCES:
            generated = Path(scaleway(module).__file__ or "").parent.glob("get_*.py")
            assert any(f"'scaleway:{module}/{function}'" in file.read_text() for file in generated), function


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


Program = Callable[[], None]


@pytest.fixture
def make_stack(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., auto.Stack]:
    """Makes a stack of a program, which talks to the API at an address."""
    monkeypatch.setenv("PATH", machine.pulumi_environment()["PATH"])  # the Automation API looks for pulumi there
    for name in [name for name in os.environ if name.startswith("SCW_")]:
        monkeypatch.delenv(name)
    settings = {
        "PULUMI_HOME": str(home),
        "PULUMI_BACKEND_URL": f"file://{tmp_path}",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
        "SCW_CONFIG_PATH": str(tmp_path / "none.yaml"),
    }
    uuid = "11111111-1111-1111-1111-111111111111"
    configured = {"accessKey": f"SCW{'A' * 17}", "secretKey": uuid, "projectId": uuid}
    configured |= {"zone": "fr-par-1", "region": "fr-par"}

    def make(program: Program, url: str) -> auto.Stack:
        options = auto.LocalWorkspaceOptions(env_vars=settings, pulumi_home=str(home))
        stack = auto.create_stack("test", "smoke", program, opts=options)
        values = configured | {"apiUrl": url}
        stack.set_all_config({f"scaleway:{key}": auto.ConfigValue(value) for key, value in values.items()})
        return stack

    return make


def program_with(host: list[str]) -> Program:
    """A balancer with a backend that has the last of these hosts."""

    def program() -> None:
        import pulumi

        loadbalancers = scaleway("loadbalancers")
        address = loadbalancers.Ip("address")
        balancer = loadbalancers.LoadBalancer("shop", type="LB-S", ip_ids=[address.id])
        backend = loadbalancers.Backend(
            "servers", lb_id=balancer.id, forward_protocol="http", forward_port=443, ssl_bridging=True, host=host[-1]
        )
        pulumi.export("names", [balancer.name, backend.name])
        pulumi.export("host", backend.host)

    return program


def test_the_real_engine_plans_without_asking_scaleway_and_makes_names_up(
    make_stack: Callable[..., auto.Stack],
) -> None:
    said: list[str] = []
    stack = make_stack(program_with(["backend.internal"]), f"http://127.0.0.1:{closed_port()}")
    planned = stack.preview(on_output=said.append)
    printed = "".join(said)
    assert planned.change_summary == {"create": 4}, printed
    assert "warning" not in printed.lower()
    for name in ("shop", "servers"):
        assert re.search(rf'"{name}-[0-9a-f]{{7}}"', printed), f"{name} has no name with a random end"


def test_the_host_that_our_bridge_adds_is_sent_changed_and_read_back(make_stack: Callable[..., auto.Stack]) -> None:
    hosts = ["backend.internal"]
    with running() as double:
        stack = make_stack(program_with(hosts), double.url)
        try:
            assert stack.up().outputs["host"].value == "backend.internal"
            hosts.append("other.internal")
            changed = stack.up()
            assert changed.outputs["host"].value == "other.internal"
            assert changed.summary.resource_changes == {"same": 3, "update": 1}
            stack.refresh(expect_no_changes=True)
        finally:
            stack.destroy()
        assert not any(double.state().values())
