"""What a certificate says, wherever it says it: its text, or what the cloud tells of it."""

from __future__ import annotations

from datetime import datetime

from lbpatterns.core.spec import UNKNOWN, Maybe
from lbpatterns.pem import PemError, lasting_problems, leaf_facts, valid_until
from lbpatterns.policy.rules._subject import Held


def problems_of(held: Held) -> Maybe[tuple[str, ...]]:
    """What is wrong with key and chain, whatever the day. What the cloud has accepted and hides is taken for right."""
    if held.text is None:
        return ()
    if held.text is UNKNOWN:
        return () if held.accepted else UNKNOWN
    return lasting_problems(held.text)


def end_of(held: Held) -> Maybe[datetime] | None:
    """When it ends; None where nothing can be read that says so, and for what is renewed by itself."""
    if held.text is None:
        return None
    if held.text is UNKNOWN:
        return held.ends
    return valid_until(held.text)


def names_of(held: Held) -> Maybe[tuple[Maybe[str], ...]]:
    """The names that it carries; nothing where they cannot be read, which is another mistake."""
    if held.text is None or held.text is UNKNOWN:
        return held.names
    try:
        return leaf_facts(held.text).names
    except PemError:
        return ()
