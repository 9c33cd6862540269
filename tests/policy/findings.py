"""Findings made by hand, for tests of what is done with them."""

from __future__ import annotations

from datetime import date
from typing import Any

from lbpatterns.policy.book import BOOK
from lbpatterns.policy.finding import Answer, Finding, Level

TODAY = date(2026, 11, 21)
REFUSED = "bridged-backend-verifies-the-server"
ADVISED = "passthrough-servers-share-a-renewal-source"
URN = "urn:pulumi:prod::shop::scaleway:loadbalancers/backend:Backend::web"
BY_ID = {rule.id: rule for rule in BOOK}


def finding(rule: str = REFUSED, **changes: Any) -> Finding:
    """A finding at the backend `web` with fields changed."""
    fields: dict[str, Any] = {
        "constraint": BY_ID[rule],
        "answer": Answer.VIOLATED,
        "level": Level.REFUSE,
        "urn": URN,
        "place": "ignoreSslServerVerify",
        "words": "it is true",
    }
    return Finding(**{**fields, **changes})
