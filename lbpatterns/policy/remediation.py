"""What may be put right by itself, because there is one right answer. Off until somebody asks for it (`remediate`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pulumi_policy import EnforcementLevel, Policy, ResourceValidationArgs, ResourceValidationPolicy

from lbpatterns.policy.configuration import VERIFY
from lbpatterns.policy.proxies import plain
from lbpatterns.policy.session import Session

_RULE: Final = "bridged-backend-verifies-the-server"
_BACKEND: Final = "scaleway:loadbalancers/backend:Backend"
_OURS: Final = "lbpatterns:index:"


def remediations(session: Session) -> Iterator[Policy]:
    """The policies that change resources."""

    def verify(args: ResourceValidationArgs) -> Mapping[str, Any] | None:
        if args.resource_type != _BACKEND or _comes_from_a_component(args) or session.waives(_RULE, args.name):
            return None
        if plain(args.props).get("ignoreSslServerVerify") is not True:
            return None
        # In place: a copy would hold the secrets of the resource in clear, and the state after it.
        args.props["ignoreSslServerVerify"] = False  # type: ignore[index] # what is handed over takes it
        return args.props

    yield ResourceValidationPolicy(
        VERIFY,
        "Switches the verification of servers back on where nobody waived it.",
        enforcement_level=EnforcementLevel.DISABLED,
        remediate=verify,  # type: ignore[arg-type] # pulumi-policy takes what is no awaitable, its annotation does not
    )


def _comes_from_a_component(args: ResourceValidationArgs) -> bool:
    """One of ours: its declaration gives the reason and the date, and its own rules hold it to them."""
    parent = args.opts.parent or ""
    return _OURS in parent
