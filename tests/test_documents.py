"""What the documents show is true: every snippet is executed, every link leads somewhere, no word is out of place."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lbpatterns.cli.machine import pulumi_environment
from lbpatterns.demo.run import free_port
from lbpatterns.demo.workspace import Workspace
from lbpatterns.pki import Authority

from .stacks.s3 import ObjectStorage

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "toolchain").glob("*.md")])
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    fenced = [block.split("\n", 1) for block in text.split("```")[1::2]]
    return [body for info, body in fenced if info == language]


def test_every_code_block_of_the_readme_is_one_that_is_tested() -> None:
    languages = re.findall(r"^```(\w*)$", README, re.MULTILINE)
    opened = languages[::2]
    assert opened == ["", "console", "python", "bash", "bash", ""]


def test_the_two_commands_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (commands,) = blocks(README, "console")
    targets = re.findall(r"^\$ make (\w+)$", commands, re.MULTILINE)
    assert targets == ["demo", "test"]
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_stack_is_built_as_it_stands(tmp_path: Path) -> None:
    """Through the real engine, to the preview: addresses of a private network are nothing to build on here."""
    (program,) = blocks(README, "python")
    assert len(program.strip().splitlines()) <= 12
    authority = Authority("Test CA")
    workspace = Workspace.of_program(tmp_path, "shop", program)
    workspace.configure("test", {"lbpatterns:target": "envoy", "shop:ca": authority.certificate_pem})
    set_secret(workspace, "certificate", authority.issue(["shop.example.test"]).private_key_and_chain_pem)
    preview = json.loads(workspace.pulumi("preview", "--json", "--stack", "test"))
    planned = [step["newState"]["type"] for step in preview["steps"]]
    assert planned == ["pulumi:pulumi:Stack", "lbpatterns:index:BridgedLB", "lbpatterns-envoy:index:LoadBalancer"]
    assert "PRIVATE KEY" not in json.dumps(preview)


def set_secret(workspace: Workspace, key: str, value: str) -> None:
    """`pulumi config set --secret` for the stack `test`, as one gives it a text of several lines."""
    subprocess.run(
        [str(_pulumi()), "config", "set", "--secret", key, "--stack", "test"],
        input=value,
        text=True,
        cwd=workspace.directory,
        env=workspace.environment(),
        check=True,
        capture_output=True,
    )


def _pulumi() -> Path:
    found = shutil.which("pulumi", path=pulumi_environment()["PATH"])
    assert found is not None
    return Path(found)


def test_the_walk_with_a_plain_pulumi_up(tmp_path: Path) -> None:
    """The shell block of the README, line by line, in a checkout of its own on free ports."""
    walk, _ = blocks(README, "bash")
    checkout = _checkout(tmp_path / "checkout")
    printed = _walk(walk, checkout, tmp_path)
    assert '"received_over": "tls"' in printed
    assert '"sni": "backend.internal"' in printed
    deadline = time.monotonic() + 10
    while _servers_of(checkout) and time.monotonic() < deadline:
        time.sleep(0.05)  # `kill` does not wait
    assert _servers_of(checkout) == []


def _walk(walk: str, checkout: Path, home: Path, **more: str) -> str:
    """What the lines print, run in the checkout on free ports; no load balancer is left behind."""
    for port, fresh in on_free_ports(checkout)["bridged"].items():
        walk = walk.replace(f":{port}", f":{fresh}")
    base = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
    environment = base | {"HOME": str(home), "XDG_CACHE_HOME": str(_cache()), "PULUMI_HOME": str(home / "home")}
    script = "set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" + walk
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=checkout,
        env=environment | {"PYTHONPATH": str(checkout)} | more,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert list((home / ".local" / "state" / "lbpatterns" / "envoy").glob("[!.]*")) == []
    return done.stdout


def on_free_ports(checkout: Path) -> dict[str, dict[str, str]]:
    """Give the stacks there other ports; answers for each which became which."""
    changed: dict[str, dict[str, str]] = {}
    for name in ("bridged", "offloaded", "passthrough"):
        settings = checkout / "stacks" / f"Pulumi.{name}.yaml"
        text = settings.read_text(encoding="utf-8")
        changed[name] = {port: str(free_port()) for port in re.findall(r"[pP]ort: (\d+)", text)}
        for port, fresh in changed[name].items():
            text = text.replace(port, fresh)
        settings.write_text(text, encoding="utf-8")
    return changed


def checkout_on_free_ports(place: Path) -> Path:
    """A checkout whose stacks and servers clash with nobody's."""
    checkout = _checkout(place)
    on_free_ports(checkout)
    return checkout


def in_checkout(walk: str, home: Path, **more: str) -> str:
    """The same in a checkout that is made for it."""
    return _walk(walk, _checkout(home / "checkout"), home, **more)


def test_the_state_in_a_bucket_is_kept_as_documented(tmp_path: Path) -> None:
    """Every block of docs/state.md, in its order; the double of the object storage stands for Scaleway's endpoint."""
    document = (ROOT / "docs" / "state.md").read_text(encoding="utf-8")
    assert {*re.findall(r"^```(\w*)$", document, re.MULTILINE)} == {"", "bash", "python"}
    (make_bucket,) = blocks(document, "python")
    credentials, *work = blocks(document, "bash")
    with ObjectStorage(tmp_path) as storage:
        name = f"state-{secrets.token_hex(4)}"
        script = f"{credentials}{sys.executable} - <<'END'\n{make_bucket}END\n" + "".join(work)
        given = storage.environment()
        given |= {
            "SCW_ACCESS_KEY": given.pop("AWS_ACCESS_KEY_ID"),
            "SCW_SECRET_KEY": given.pop("AWS_SECRET_ACCESS_KEY"),
        }
        walk = script.replace("https://s3.fr-par.scw.cloud", storage.endpoint).replace("my-team-state", name)
        _walk(walk, _checkout(tmp_path / "checkout"), tmp_path, **given)
        bucket = storage.bucket(name)
        assert bucket.client.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
        assert [key for key in bucket.keys("stacks") if not key.endswith(".bak")] == []
        assert bucket.locks() == []
        assert bucket.history() == []
        assert bucket.keys("backups")


def _servers_of(checkout: Path) -> list[str]:
    listed = subprocess.run(["ps", "axww", "-o", "args="], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if "lbpatterns.demo.servers" in line and str(checkout) in line]


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _checkout(place: Path) -> Path:
    """What a clone holds, with this environment for its `.venv`."""
    for name in ("Pulumi.yaml", "stacks", "lbpatterns", "toolchain"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, place / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, place / name)
    (place / ".venv").symlink_to(sys.prefix)
    return place


def test_the_refusal_in_the_readme_is_what_is_said() -> None:
    import pulumi

    from lbpatterns import PassthroughLB

    shown = blocks(README, "")[1]
    args = {
        "frontends": [{"certificates": []}],
        "backend": {"servers": ["10.0.0.20"], "port": 8443, "certificate": {"names": ["secure.example.test"]}},
    }
    with pytest.raises(pulumi.RunError) as caught:
        PassthroughLB("shop", args)
    assert str(caught.value).strip() == shown.strip()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("program", ["offloaded", "bridged", "passthrough"])
def test_a_stack_program_is_short(program: str) -> None:
    """Under 30 lines each, as the README says."""
    assert len((ROOT / "stacks" / f"{program}.py").read_text(encoding="utf-8").splitlines()) < 30
