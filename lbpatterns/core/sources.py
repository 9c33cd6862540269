"""The documents that rules rest on, and the clauses of frameworks that they help to keep."""

from __future__ import annotations

from typing import Final

from lbpatterns.core.constraint import Reference, Source

_SCALEWAY: Final = "https://www.scaleway.com/en/docs/load-balancer/"
_PAGES: Final = {
    "concepts": "Load Balancers - Concepts",
    "how-to/add-certificate": "How to add a certificate to your Load Balancer",
    "how-to/create-manage-routes": "How to create and manage routes",
    "reference-content/acls": "Understanding Access Control Lists (ACLs)",
    "reference-content/configuring-backends": "Configuring your Load Balancer's backend",
    "reference-content/configuring-frontends": "Configuring your Load Balancer's frontend",
    "reference-content/configuring-health-checks": "Configuring health checks",
    "reference-content/http2-http3": "Setting up your Load Balancer for HTTP/2 or HTTP/3",
    "reference-content/load-balancers-limitations": "Load Balancer limitations",
    "reference-content/public-private-accessibility": "Public vs private Load Balancers",
    "reference-content/sni-route-deprecation": "Deprecation of SNI routes with HTTP backends",
    "troubleshooting/certificates": "I am having problems with my Load Balancer's certificate",
}


def scaleway_page(page: str, says: str) -> Source:
    """A page of Scaleway's documentation of its load balancer, by its path (`reference-content/acls`)."""
    return Source(f"Scaleway, {_PAGES[page]}", f"{_SCALEWAY}{page}/", says)


def scaleway_resource(resource: str, says: str) -> Source:
    """The documentation of a resource (`lb_acl`) of Scaleway's Terraform provider, which the Pulumi one is built on."""
    page = f"https://registry.terraform.io/providers/scaleway/scaleway/latest/docs/resources/{resource}"
    return Source(f"Scaleway's provider, scaleway_{resource}", page, says)


def rfc(number: int, section: str, title: str, says: str) -> Source:
    """A section of an RFC."""
    return Source(f"RFC {number}, {title}", f"https://www.rfc-editor.org/rfc/rfc{number}.html#section-{section}", says)


PCI_DSS_4_2_1: Final = Reference("PCI DSS", "4.2.1")
"""Strong cryptography where card data crosses open, public networks: trusted certificates, secure versions only."""
BSI_VERSIONS: Final = Reference("BSI TR-02102-2", "3.2")
"""Which versions of TLS are recommended."""
MOZILLA_INTERMEDIATE: Final = Reference("Mozilla Server Side TLS", "Intermediate compatibility")
"""The recommended configuration of a general-purpose server: TLS 1.2 and 1.3."""
NIST_SERVER_VERSIONS: Final = Reference("NIST SP 800-52r2", "3.1")
"""Which versions of TLS a server supports."""
NIST_CLIENT_VERSIONS: Final = Reference("NIST SP 800-52r2", "4.1")
"""Which versions of TLS a client supports."""
NIST_SERVER_AUTHENTICATION: Final = Reference("NIST SP 800-52r2", "4.5")
"""How a client verifies the server's certificate and its name."""
