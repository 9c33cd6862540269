"""What a user writes about who may come in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from lbpatterns.components.lift import ArgsModel, Many, Network, Text
from lbpatterns.core.spec import Mode

RequestPartWord = Literal["path-prefix", "path-suffix", "path-regex", "header"]
RedirectCode = Literal[301, 302, 303, 307, 308]


class RequestMatchArgs(ArgsModel):
    """What a request must look like: one of `values` of its `kind`; `header` names the header where that is it."""

    kind: RequestPartWord
    values: Annotated[Many[Text], Field(min_length=1)]
    header: Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")] | None = None

    @model_validator(mode="after")
    def _header_where_it_is_one(self) -> RequestMatchArgs:
        if (self.kind == "header") != (self.header is not None):
            raise ValueError("`header` names the header with kind='header', and only there")
        return self


class RedirectArgs(ArgsModel):
    """Where a request is sent: the same place under another `scheme`, or a `location` (a URL)."""

    scheme: Literal["http", "https"] | None = None
    location: Text | None = None
    code: RedirectCode = 301

    @model_validator(mode="after")
    def _one_of_both(self) -> RedirectArgs:
        if (self.scheme is None) == (self.location is None):
            raise ValueError("say `scheme` or `location`, one of them")
        return self


class _AnyAccessRuleArgs(ArgsModel):
    """What every access rule has. `networks` (CIDR) are the clients' addresses; none: everybody, IPv4 and IPv6."""

    networks: Many[Network] = ()
    invert: bool = False


class AccessRuleArgs(_AnyAccessRuleArgs):
    """Who may come in. The first rule that matches decides; what none matches is let in.

    `networks` and `request` have to match both; `invert` turns the match round. `redirect` says where to.
    """

    action: Literal["allow", "deny", "redirect"]
    request: RequestMatchArgs | None = None
    redirect: RedirectArgs | None = None

    @model_validator(mode="after")
    def _redirect_where_it_is_one(self) -> AccessRuleArgs:
        if (self.action == "redirect") != (self.redirect is not None):
            raise ValueError("`redirect` says where to with action='redirect', and only there")
        return self


class NetworkAccessRuleArgs(_AnyAccessRuleArgs):
    """Who may come in, by network. The first rule that matches decides; what none matches is let in."""

    mode = Mode.PASSTHROUGH
    part = "access"

    action: Literal["allow", "deny"]
