"""The legs of one pattern of the demo, observed and judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lbpatterns.core.legs import ExpectedLeg
from lbpatterns.verify import evidence
from lbpatterns.verify.sources import legs_from

__all__ = ["Evidence", "gather", "legs_from"]


@dataclass(frozen=True, slots=True)
class Evidence(evidence.Evidence):
    """What was seen on all legs of one pattern, what it means, and the commands that ask the same."""

    pattern: str
    endpoint: str

    def as_plain(self) -> dict[str, Any]:
        """For machines: everything but keys."""
        return {
            "pattern": self.pattern,
            "endpoint": self.endpoint,
            "proven": self.proven,
            "legs": self.legs_as_plain(),
        }


def gather(
    pattern: str,
    endpoint: str,
    legs: tuple[ExpectedLeg, ...],
    *,
    client_certificate_pem: str | None = None,
    ca_file: str = "ca.pem",
    client_file: str = "client.pem",
) -> Evidence:
    """Observe every leg of a pattern at once and judge what was seen; see `lbpatterns.verify.evidence.gather`."""
    seen = evidence.gather(
        legs, client_certificate_pem=client_certificate_pem, ca_file=ca_file, client_file=client_file
    )
    return Evidence(seen.verdicts, seen.commands, pattern, endpoint)
