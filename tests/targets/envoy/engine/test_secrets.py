"""One private key, and every place that it must not get to."""

import json
from collections.abc import Callable
from pathlib import Path

import pulumi
import pytest
from pulumi.automation import CommandError

from lbpatterns.pki.authority import Authority, Issued
from lbpatterns.targets.envoy.errors import EngineError, envoys_words
from lbpatterns.targets.envoy.plugin.values import plain, properties
from lbpatterns.targets.envoy.resources import LoadBalancer

from .conftest import Plain
from .stacks import Project

# See test_plugin.py.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def canaries(issued: Issued) -> list[str]:
    """Every line of the key that is long enough to be told from chance."""
    return [line for line in issued.private_key_pem.splitlines()[1:-1] if len(line) > 20]


def places_with_keys(texts: dict[str, str], *keys: Issued) -> list[str]:
    return [place for place, text in texts.items() if any(line in text for key in keys for line in canaries(key))]


def test_a_private_key_stays_where_it_belongs(
    project: Project, offloaded: Callable[..., Plain], free_port: Callable[[], int], authority: Authority, leaf: Issued
) -> None:
    """Given in clear, renewed, then spoilt: it is in the user's program and in 0600 files, and nowhere else."""
    port, renewed = free_port(), authority.issue(["shop.test"])

    def program(spec: Plain) -> Callable[[], None]:
        def declare() -> None:
            made = LoadBalancer("shop", spec=spec)
            pulumi.export("spec", made.spec)
            pulumi.export("all", made.configuration)

        return declare

    # Not with --logtostderr: then Pulumi itself prints every property it sends and receives, `Output.secret` or not.
    debug = {"debug": True, "log_verbosity": 9, "on_error": project.said.append}
    project.preview(program(offloaded(port)), diff=True)
    project.up(program(offloaded(port)), diff=True)
    second = program(offloaded(port, certificate=renewed.private_key_and_chain_pem))
    project.preview(second, **debug)
    project.up(second, **debug)
    (resource,) = project.resources()
    pid, directory = resource["outputs"]["pid"], Path(resource["outputs"]["directory"])
    texts = {
        "state": json.dumps(project.exported()),
        "state file": "".join(path.read_text() for path in (project.directory / "backend").rglob("*.json")),
        "outputs": project.cli("stack", "output", "--json", "--stack", "test"),
        "log": (directory / "envoy.log").read_text(),
        "command line": Path(f"/proc/{pid}/cmdline").read_text(),
        "environment": Path(f"/proc/{pid}/environ").read_text(),
    }
    (directory / "lds.json").write_text("{}")
    project.refresh()
    project.destroy()
    for broken in (renewed.private_key_pem, renewed.private_key_and_chain_pem.replace("CERTIFICATE", "X")):
        with pytest.raises(CommandError) as caught:
            project.up(program(offloaded(port, certificate=broken)))
        texts["error"] = str(caught.value)
    texts["all that was printed"] = project.text
    assert "private_key_and_chain_pem" in texts["error"]
    assert len(project.text) > 1_000
    assert places_with_keys(texts, leaf, renewed) == []


def test_a_plain_string_comes_back_from_check_as_a_secret(leaf: Issued) -> None:
    """Also when another language's program does not know that it is one."""
    given = {
        "spec": {"frontends": [{"certificates": [{"private_key_and_chain_pem": leaf.private_key_pem}], "port": 1}]}
    }
    values = properties(given, frozenset())
    again, secrets = plain(values)
    assert again == given
    assert secrets == {"spec.frontends[0].certificates[0].private_key_and_chain_pem"}


@pytest.mark.parametrize(
    ("secret", "told"),
    [
        ("spec", {"spec", "ports"}),
        ("spec.frontends", {"ports"}),
        ("spec.frontends[0]", {"ports"}),
        ("spec.frontends[0].port", {"ports"}),
        ("spec.frontends[0].certificates", set()),
        ("spec.backend.port", set()),
        ("bind_address", {"bind_address", "host"}),
        ("name", {"name", "directory", "admin"}),
    ],
)
def test_what_tells_of_a_secret_is_one(secret: str, told: set[str]) -> None:
    state = {
        "name": "n",
        "spec": {"frontends": [{"port": 443, "certificates": []}], "backend": {"port": 1}},
        "bind_address": "127.0.0.1",
        "host": "127.0.0.1",
        "ports": [443],
        "directory": "/n",
        "admin": "/n/admin.sock",
    }
    values = properties(state, frozenset({secret}))
    assert {key for key, value in values.items() if value.is_secret} == told
    assert secret in plain(values)[1]


def test_neither_an_error_nor_envoys_words_quote_key_material(leaf: Issued) -> None:
    escaped = leaf.private_key_pem.replace("\n", "\\n")
    for text in (leaf.private_key_pem, escaped, leaf.private_key_pem[:150], canaries(leaf)[0]):
        said = str(EngineError(f"look: {text}")) + envoys_words(
            f"[2026-01-01 00:00:00.000][1][critical][x] [y.cc:1] {text}"
        )
        assert not any(line in said for line in canaries(leaf))
        assert "[redacted]" in said
