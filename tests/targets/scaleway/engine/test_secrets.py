"""No private key and no API key comes through any door: state, previews, logs, errors, the double's log."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

from lbpatterns.doubles.scaleway_lb import Double
from lbpatterns.pki import DemoPKI

from .cloud import Cloud


def key_lines(pki: DemoPKI) -> list[str]:
    """Whole lines of base64 out of the private keys that the stack uses."""
    bodies = [re.sub(r"-----[A-Z ]+-----", "", held.private_key_pem) for held in (pki.frontend, pki.second_frontend)]
    return [line for body in bodies for line in body.split() if len(line) > 40]


def test_no_key_comes_through_any_door(build: Callable[..., Cloud], double: Double, pki: DemoPKI) -> None:
    stack = build("any_mode", mode="bridged")
    stack.run("preview", "--diff")
    stack.run("preview", "--json")
    stack.run("up", "--yes", "--skip-preview", "--diff", "--debug", "-v=9")
    stack.run("refresh", "--yes", "--skip-preview", "--diff", "--debug")
    exported = stack.run("stack", "export")
    stack.set("shop:certificate", "other")  # another key
    double.add_fault("server_error", method="PUT", path="/frontends/", times=1, after=0)
    stack.try_run("up", "--yes", "--skip-preview", "--diff")
    double.clear_faults()
    stack.run("up", "--yes", "--skip-preview", "--diff")
    kept = [path for path in stack.workspace.directory.rglob("*") if path.is_file() and not path.is_symlink()]
    plugin = [path for path in kept if path.name == "pulumi-resource-scaleway"]
    texts = {str(path): path.read_text(errors="replace") for path in kept if path not in plugin}
    texts |= {f"run {number}": said for number, said in enumerate(stack.said)}
    texts["the double's log"] = json.dumps(double.log())
    lines = [*key_lines(pki), "PRIVATE KEY", double.environment()["SCW_SECRET_KEY"]]
    assert len(lines) >= 4
    assert any("web.example.com" in text for text in texts.values())  # what is no secret is found
    assert [name for name, text in texts.items() if any(line in text for line in lines)] == []
    held = json.loads(exported)["deployment"]["resources"]
    (certificate,) = [one for one in held if one["urn"].endswith("shop-certificate-0-0")]
    for side in ("inputs", "outputs"):
        assert "ciphertext" in json.dumps(certificate[side]), Path(side)
