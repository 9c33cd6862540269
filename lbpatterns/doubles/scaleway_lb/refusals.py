"""What is refused, and on what evidence.

`documented` means that public documentation says the API refuses it; `modelled` that documentation rules it out, or
that it cannot work, and the answer is the double's own. No refusal but a 404 was ever recorded, so status and body are
modelled everywhere except where `source` quotes them.
"""

from dataclasses import dataclass
from typing import Literal

from lbpatterns.doubles.scaleway_lb.errors import ApiError, invalid_argument, quota_exceeded, still_in_use

Label = Literal["documented", "modelled"]


@dataclass(frozen=True)
class Refusal:
    """One thing that is refused: a line of COVERAGE.md."""

    what: str
    answer: str
    label: Label
    source: str


DNS_NAME = Refusal(
    "a Let's Encrypt name that does not resolve to an address of the load balancer",
    "400 invalid_arguments, dns_name, constraint",
    "documented",
    "DOC:troubleshooting/certificates; wire form of 2020 in terraform-provider-scaleway #396",
)
PORT_80 = Refusal(
    "a Let's Encrypt certificate while a port 80 frontend has a tcp backend",
    "400 with the documented message",
    "documented",
    "DOC:troubleshooting/certificates, DOC:how-to/add-certificate, scaleway-cli #1289",
)
CERTIFICATE_IN_USE = Refusal(
    "deleting a certificate that a frontend uses",
    "412 precondition_failed, resource_still_in_use",
    "documented",
    "terraform-provider-scaleway #1546 quotes the message; the status is modelled",
)
BACKEND_IN_USE = Refusal(
    "deleting a backend that a frontend or a route uses",
    "412 precondition_failed, resource_still_in_use",
    "documented",
    "scaleway-cloud-controller-manager #255 for frontends; the status, and routes, are modelled",
)
PORT_CLASH = Refusal(
    "two frontends of one load balancer on one port",
    "400 invalid_arguments, inbound_port, constraint",
    "documented",
    "DOC:how-to/create-frontends-backends; the answer is modelled",
)
FOREIGN_ZONE = Refusal(
    "naming an address of another zone",
    "400 invalid_arguments, constraint",
    "documented",
    "DOC:how-to/create-manage-flex-ips; the answer is modelled",
)
FOREIGN_LB = Refusal(
    "naming a backend, frontend or certificate of another load balancer",
    "400 invalid_arguments, constraint",
    "modelled",
    "it cannot work",
)
CERTIFICATE_ON_80 = Refusal(
    "a certificate on port 80",
    "400 invalid_arguments, certificate_ids, constraint",
    "documented",
    "terraform-provider-scaleway docs/resources/lb_frontend.md; the answer is modelled",
)
ROUTE_MATCH = Refusal(
    "a route with none or several of sni, host_header and path_begin",
    "400 invalid_arguments, match, constraint",
    "documented",
    'SDK: "Precisely one of"; the answer is modelled',
)
SNI_TO_HTTP = Refusal(
    "a route that matches server names to an http backend",
    "400 invalid_arguments, match, constraint",
    "documented",
    "DOC:reference-content/sni-route-deprecation; the answer is modelled",
)
ONE_CERTIFICATE_SOURCE = Refusal(
    "a certificate with both or none of letsencrypt and custom_certificate",
    "400 invalid_arguments, constraint",
    "documented",
    'SDK: "Precisely one of"; the answer is modelled',
)
CHAIN = Refusal(
    "a custom certificate without a readable certificate and its private key",
    "400 invalid_arguments, certificate_chain, format",
    "documented",
    "DOC:how-to/import-certificate says what it holds; the answer is modelled",
)
ONE_CHECK = Refusal(
    "a health check with several of its *_config",
    "400 invalid_arguments, health_check, constraint",
    "documented",
    'SDK: "Precisely one of"; the answer is modelled',
)
LB_TYPE = Refusal(
    "a type of load balancer that GET /lb-types does not list",
    "400 invalid_arguments, type, constraint",
    "modelled",
    "it cannot work",
)
ADDRESS_TAKEN = Refusal(
    "an address that another load balancer has, or two of one family",
    "400 invalid_arguments, ip_ids, constraint",
    "documented",
    "DOC:how-to/create-manage-flex-ips; the answer is modelled",
)
ADDRESS_IN_USE = Refusal(
    "releasing an address that a load balancer has",
    "412 precondition_failed, resource_still_in_use",
    "modelled",
    "it cannot work",
)
NETWORK_TWICE = Refusal(
    "attaching a private network twice, or one of another region",
    "400 invalid_arguments, private_network_id, constraint",
    "modelled",
    "it cannot work",
)
NETWORK_IN_USE = Refusal(
    "deleting a private network that a load balancer has, or a VPC that has private networks",
    "412 precondition_failed, resource_still_in_use",
    "documented",
    "DOC:vpc/troubleshooting/cant-delete-vpc-pn; the answer is modelled",
)
IPAM_ADDRESS = Refusal(
    "booking an address that is taken or outside the private network",
    "400 invalid_arguments, address, constraint",
    "modelled",
    "it cannot work",
)
ADDRESS_FORMAT = Refusal(
    "a server, subnet or range that is no IP address",
    "400 invalid_arguments, format",
    "modelled",
    "the Terraform provider checks the same",
)
LIMITS = Refusal(
    "more than 300 frontends, backends or access rules, 200 certificates, 8 private networks",
    "403 quotas_exceeded",
    "documented",
    "DOC:reference-content/load-balancers-limitations; the answer is modelled",
)
BEING_DELETED = Refusal(
    "changing a load balancer that is being deleted",
    "409 transient_state, to_delete",
    "modelled",
    "wire form recorded on another product (vpc-gw)",
)
TOKEN = Refusal(
    "a call without X-Auth-Token, or with one that is no secret key (a UUID)",
    "401 denied_authentication",
    "documented",
    "SDK: scw/errors.go; the status is modelled",
)
UNKNOWN_FIELD = Refusal(
    "a field or parameter that the call does not have, or of another JSON type",
    "400 invalid_arguments",
    "modelled",
    "the double's own: nothing that it would ignore is accepted",
)
UNKNOWN_CALL = Refusal(
    "a call that the double does not know",
    "501 unknown_to_the_double",
    "modelled",
    "the double's own: nothing that it would invent is answered",
)

REFUSALS: tuple[Refusal, ...] = tuple(one for one in list(vars().values()) if isinstance(one, Refusal))
"""All of them, in the order above."""

QUOTAS = {"frontends": 300, "backends": 300, "acls": 300, "certificates": 200, "private_networks": 8}


def check_quota(resource: str, current: int) -> None:
    """LIMITS: refuse one more when there are as many as there may be."""
    if current >= QUOTAS[resource]:
        raise quota_exceeded(f"lb_{resource}", QUOTAS[resource], current)


def unresolved(name: str) -> ApiError:
    """DNS_NAME."""
    return invalid_argument("dns_name", "constraint", f"{name} does not resolve to your Load Balancer IP")


def port_80_is_tcp() -> ApiError:
    """PORT_80, with the message of the documentation."""
    return ApiError(400, {"message": "The port 80 frontend must be associated to an HTTP backend"})


def certificate_in_use() -> ApiError:
    """CERTIFICATE_IN_USE."""
    return still_in_use("operation was rejected because the certificate is used on a frontend")


def backend_in_use(user: str) -> ApiError:
    """BACKEND_IN_USE; `user` is a frontend or a route."""
    return still_in_use(f"a backend cannot be deleted while still referenced by a {user}")
