"""One deliberately wrong declaration a pattern: real programs for a real engine, refused before anything is built."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lbpatterns.demo.workspace import Workspace

_HEAD = """\
import pulumi
from lbpatterns.pki import DemoPKI

pki = DemoPKI.at(pulumi.Config().require("pki"))
pem = pulumi.Output.secret(pki.frontend.private_key_and_chain_pem)
"""
WRONG = {
    "offloaded": (
        "plain HTTP to a server on a public address",
        _HEAD
        + """
from lbpatterns import OffloadedLB

OffloadedLB("wrong", {
    "target": "envoy",
    "frontends": [{"port": 8443, "certificates": [{"private_key_and_chain_pem": pem}]}],
    "backend": {"servers": ["203.0.113.7"], "port": 8080},
})
""",
        "offloaded-only-on-a-trusted-network",
    ),
    "bridged": (
        "verification of the servers skipped, without a reason and past its date",
        _HEAD
        + """
from lbpatterns import BridgedLB

BridgedLB("wrong", {
    "target": "envoy",
    "frontends": [{"port": 8443, "certificates": [{"private_key_and_chain_pem": pem}]}],
    "backend": {
        "servers": ["10.0.0.20"], "port": 8443, "server_name": "backend.internal",
        "insecure_skip_verify": {"reason": "", "until": "2026-01-31"},
    },
})
""",
        "bridged-backend-verifies-the-server",
    ),
    "passthrough": (
        "a certificate on the frontend, and stickiness by cookie",
        _HEAD
        + """
from lbpatterns import PassthroughLB

PassthroughLB("wrong", {
    "target": "envoy",
    "frontends": [{"port": 8443, "certificates": [{"private_key_and_chain_pem": pem}]}],
    "backend": {
        "servers": ["10.0.0.20"], "port": 8443, "certificate": {"names": ["secure.example.test"]},
        "stickiness": {"kind": "cookie"},
    },
})
""",
        "passthrough-frontend-holds-no-certificate",
    ),
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """What came of a wrong declaration: Pulumi's own words, and how many resources it had made by then."""

    pattern: str
    title: str
    words: str
    rule: str
    built: int

    @property
    def as_expected(self) -> bool:
        """Whether it was refused by the rule that it breaks, with nothing built."""
        return self.built == 0 and self.rule in self.words

    def as_plain(self) -> dict[str, Any]:
        """For machines."""
        return {
            "pattern": self.pattern,
            "declared": self.title,
            "refused": self.as_expected,
            "rule": self.rule,
            "resources_built": self.built,
            "words": self.words,
        }


def declare_wrongly(pattern: str, directory: Path, pki: Path) -> Refusal:
    """Run `pulumi up` on the wrong declaration of `pattern`, in a project of its own below `directory`."""
    title, program, rule = WRONG[pattern]
    place = directory / f"wrong-{pattern}"
    place.mkdir()
    workspace = Workspace.of_program(place, "wrong", program)
    workspace.configure(pattern, {"wrong:pki": str(pki)})
    ended = workspace.try_pulumi("up", "--yes", "--skip-preview", "--stack", pattern)
    state = json.loads(workspace.pulumi("stack", "export", "--stack", pattern))
    resources = [
        resource
        for resource in (state.get("deployment") or {}).get("resources") or []
        if resource["type"] != "pulumi:pulumi:Stack"
    ]
    words = _error_lines(ended.stdout) if ended.returncode != 0 else "it was not refused"
    return Refusal(pattern, title, words, rule, len(resources))


def _error_lines(printed: str) -> str:
    """The program's own error out of Pulumi's diagnostics."""
    _, _, diagnostics = printed.partition("Diagnostics:")
    lines = [line.strip("\n") for line in (diagnostics.partition("\nResources:")[0]).splitlines()]
    noise = ("pulumi:pulumi:Stack", "unhandled error", "exited with")
    told = [line for line in lines if line.strip() and not any(words in line for words in noise)]
    first, *rest = told or [printed]
    return "\n".join([first.replace("error: ", "", 1).strip(), *textwrap.dedent("\n".join(rest)).splitlines()])
