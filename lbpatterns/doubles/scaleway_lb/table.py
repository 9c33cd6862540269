"""All calls that the double knows, and how a path is matched to one."""

import re
from typing import NamedTuple

from lbpatterns.doubles.scaleway_lb.call import Call
from lbpatterns.doubles.scaleway_lb.calls import (
    acls,
    attachments,
    backends,
    certificates,
    frontends,
    instance_ips,
    ipam,
    ips,
    lbs,
    routes,
    subscribers,
    vpcs,
)

RESOURCES = (
    lbs,
    ips,
    backends,
    frontends,
    certificates,
    routes,
    acls,
    attachments,
    subscribers,
    vpcs,
    ipam,
    instance_ips,
)
CALLS: tuple[Call, ...] = tuple(call for resource in RESOURCES for call in resource.CALLS)
"""Every line of the API, in the order of COVERAGE.md."""


class Matched(NamedTuple):
    """A call, and what its path says."""

    call: Call
    place_kind: str
    place: str
    ids: dict[str, str]


def _compiled(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))


_PATTERNS = tuple((_compiled(call.path), call) for call in CALLS)


def match(method: str, path: str) -> Matched | None:
    """The call that this method and path mean, if the double knows it."""
    for pattern, call in _PATTERNS:
        found = pattern.fullmatch(path) if call.method == method else None
        if found:
            ids = found.groupdict()
            kind = "zone" if "zone" in ids else "region"
            return Matched(call, kind, ids.pop(kind), ids)
    return None
