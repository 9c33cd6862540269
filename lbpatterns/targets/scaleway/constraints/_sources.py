"""Documents that only the rules about Scaleway's resources rest on."""

from __future__ import annotations

from typing import Final

from lbpatterns.core.constraint import Source

_PROVIDER: Final = "https://github.com/scaleway/terraform-provider-scaleway/blob/master/internal/services/lb"
_BRIDGE: Final = "https://github.com/pulumi/pulumi-terraform-bridge/blob/master/pkg/tfbridge"


def flexible_ips(says: str) -> Source:
    """Scaleway's page on the addresses of load balancers."""
    return Source(
        "Scaleway, How to create and manage Load Balancer flexible IPs",
        "https://www.scaleway.com/en/docs/load-balancer/how-to/create-manage-flex-ips/",
        says,
    )


def frontends_and_backends(says: str) -> Source:
    """Scaleway's page on creating frontends and backends."""
    return Source(
        "Scaleway, How to create frontends and backends",
        "https://www.scaleway.com/en/docs/load-balancer/how-to/create-frontends-backends/",
        says,
    )


def provider_code(file: str, says: str) -> Source:
    """What Scaleway's provider does with an argument."""
    return Source(f"Scaleway's provider, {file}", f"{_PROVIDER}/{file}", says)


def recording(name: str, says: str) -> Source:
    """An exchange with Scaleway's API that the provider's tests replay."""
    return Source(f"Scaleway's provider, recording {name}", f"{_PROVIDER}/testdata/{name}.cassette.yaml", says)


def bridge_code(file: str, says: str) -> Source:
    """What Pulumi's bridge makes of a Terraform provider."""
    return Source(f"pulumi-terraform-bridge, {file}", f"{_BRIDGE}/{file}", says)
