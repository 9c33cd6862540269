"""Bodies of frontends, certificates, routes and access rules."""

from typing import Annotated, Literal

from pydantic import Field

from lbpatterns.doubles.scaleway_lb.bodies.body import Body, Count, Duration, Page, Port, Words


class FrontendSettings(Body):
    """What create and update share."""

    inbound_port: Port
    backend_id: str
    enable_http3: bool = False
    enable_access_logs: bool | None = None
    timeout_client: Duration | None = None
    certificate_id: str | None = None
    certificate_ids: Words | None = None
    connection_rate_limit: Count | None = None


class CreateFrontend(FrontendSettings):
    """POST /lbs/{id}/frontends."""

    name: str | None = None


class UpdateFrontend(FrontendSettings):
    """PUT /frontends/{id}."""

    name: str


class LetsEncrypt(Body):
    """A certificate that the load balancer obtains by itself."""

    common_name: str
    subject_alternative_name: Words | None = None


class CustomCertificate(Body):
    """A certificate that is brought: private key, certificate and chain in one PEM."""

    certificate_chain: str


class CreateCertificate(Body):
    """POST /lbs/{id}/certificates: precisely one of the two (SDK)."""

    name: str | None = None
    letsencrypt: LetsEncrypt | None = None
    custom_certificate: CustomCertificate | None = None


class UpdateCertificate(Body):
    """PUT /certificates/{id}: the name is all that can be changed."""

    name: str


class Match(Body):
    """Precisely one of the three (SDK), and whether a name stands for its subdomains too."""

    sni: str | None = None
    host_header: str | None = None
    path_begin: str | None = None
    match_subdomains: bool = False


class CreateRoute(Body):
    """POST /routes."""

    frontend_id: str
    backend_id: str
    match: Match


class UpdateRoute(Body):
    """PUT /routes/{id}: the frontend stays."""

    backend_id: str
    match: Match


class ListRoutes(Page):
    """GET /routes."""

    frontend_id: str | None = None
    order_by: Literal["created_at_asc", "created_at_desc"] = "created_at_asc"


class Redirect(Body):
    """Where a redirect leads."""

    type: Literal["location", "scheme"]
    target: str
    code: Annotated[int, Field(ge=0, le=599)] | None = None


class Action(Body):
    """What a rule does."""

    type: Literal["allow", "deny", "redirect"]
    redirect: Redirect | None = None


class AclMatch(Body):
    """What a rule looks at."""

    ip_subnet: Words | None = None
    ips_edge_services: bool = False
    http_filter: Literal["acl_http_filter_none", "path_begin", "path_end", "regex", "http_header_match"] = (
        "acl_http_filter_none"
    )
    http_filter_value: Words | None = None
    http_filter_option: str | None = None
    invert: bool = False


class AclSettings(Body):
    """POST /frontends/{id}/acls, PUT /acls/{id}, and one of PUT /frontends/{id}/acls."""

    name: str
    action: Action
    index: Annotated[int, Field(ge=0)]
    match: AclMatch | None = None
    description: str | None = None


class SetAcls(Body):
    """PUT /frontends/{id}/acls: these and no others."""

    acls: list[AclSettings]
