"""The ACLs of a frontend are arguments of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Evidence, Found, Severity, violated
from lbpatterns.core.spec import Mode
from lbpatterns.targets.scaleway.constraints._sources import provider_code
from lbpatterns.targets.scaleway.defaults import place
from lbpatterns.targets.scaleway.examples import LOOSE_OFFLOADED, LOOSE_PASSTHROUGH, OFFLOADED, acl, with_frontend
from lbpatterns.targets.scaleway.modes import acl_resources, find
from lbpatterns.targets.scaleway.words import Reference, ScalewayConfiguration, Words

_DENY = acl("deny", ip_subnets=["192.0.2.0/24"])
_OF_TLS: Words = {"frontend_id": Reference("frontends", "tls"), "index": 1, **_DENY}


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    by_frontend: dict[str | None, list[str]] = {}
    for key, words in acl_resources(configuration).items():
        by_frontend.setdefault(find(configuration, "frontends", words.get("frontend_id")), []).append(key)
    for frontend, keys in by_frontend.items():
        where = place("acls", keys[0]) if frontend is None else place("frontends", frontend, "acls")
        yield violated(where, f"resources of their own: {', '.join(keys)}")


CONSTRAINT = Constraint(
    id="acls-are-written-into-their-frontend",
    title="The ACLs of a frontend are arguments of it.",
    why="Whenever the provider changes a frontend, it deletes every ACL that is not among the frontend's own `acls`, "
    "those that are resources too, with `external_acls` or without: whom they kept out then comes in, and no preview "
    "shows it.",
    fix="Write what the Acl resources say into `acls` of the Frontend, in the order of their `index`, and remove them "
    "and `external_acls`.",
    source=provider_code("frontend.go", "an update of a frontend ends with deleting the ACLs that it does not list"),
    binding=Binding.ADVISED,
    modes=frozenset(Mode),
    check=_check,
    holds=(OFFLOADED, with_frontend(LOOSE_OFFLOADED, acls=[_DENY])),
    fails=(
        dataclasses.replace(LOOSE_PASSTHROUGH, acls={"deny": _OF_TLS}),
        dataclasses.replace(with_frontend(LOOSE_PASSTHROUGH, external_acls=True), acls={"deny": _OF_TLS}),
        dataclasses.replace(with_frontend(LOOSE_PASSTHROUGH, acls=[_DENY]), acls={"deny": {**_OF_TLS, "index": 2}}),
    ),
    symptom="After a change of the frontend (a new certificate is enough) its access rules are gone.",
    evidence=Evidence.INFERRED,
    severity=Severity.HIGH,
    covers=("LB075",),
)
