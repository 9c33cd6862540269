"""Everything that a Scaleway Load Balancer can be asked for, in one stack."""

from typing import Any

import pulumi
from pulumiverse_scaleway import loadbalancers, network

from lbpatterns import (
    AccessRuleArgs,
    BridgedBackendArgs,
    BridgedLB,
    BridgedLBArgs,
    CookieStickinessArgs,
    FrontendArgs,
    HealthCheckArgs,
    HTTPRouteArgs,
    LetsEncryptCertificateArgs,
    NetworkArgs,
    PemCertificateArgs,
    RedirectArgs,
    RequestMatchArgs,
    TimeoutsArgs,
)
from lbpatterns.pki import DemoPKI, Issued
from lbpatterns.targets.scaleway.options import ScalewayOptions
from lbpatterns.targets.scaleway.target import ScalewayTarget

config = pulumi.Config()
pki = DemoPKI.at(config.require("pki"))


def held(issued: Issued) -> PemCertificateArgs:
    return PemCertificateArgs(private_key_and_chain_pem=issued.private_key_and_chain_pem)


def backend(name: str, **more: Any) -> BridgedBackendArgs:
    servers = config.get_object("servers") or ["172.16.0.2", "172.16.0.3"]
    return BridgedBackendArgs(name=name, servers=servers, port=8443, server_name=f"{name}.example.com", **more)


ip = loadbalancers.Ip("ip")
ipv6 = loadbalancers.Ip("ipv6", is_ipv6=True)
private = network.PrivateNetwork("private", region="fr-par")
own_name = ip.ip_address.apply(lambda address: address.replace(".", "-") + ".lb.fr-par.scw.cloud")
issued = LetsEncryptCertificateArgs(common_name=own_name, created_after=[ip, ipv6])

shop = BridgedLB(
    "shop",
    BridgedLBArgs(
        target=ScalewayTarget(
            options=ScalewayOptions(
                type=config.get("type") or "LB-GP-M",
                ip_ids=(ip.id, ipv6.id),
                tags=("team:shop",),
                description="everything at once",
            )
        ),
        frontends=[
            FrontendArgs(
                certificates=[held(pki.frontend), held(pki.second_frontend), issued],
                redirect_http=True,
                http3=True,
                connection_rate_limit=config.get_int("limit") or 500,
                access_logs=True,
                minimum_tls_version="1.3",
            ),
            FrontendArgs(port=8443, certificates=[held(pki.frontend)], minimum_tls_version="1.3"),
        ],
        backend=backend("web", failover_host="shop.s3-website.fr-par.scw.cloud"),
        routes=[
            HTTPRouteArgs(host="*.api.example.test", backend=backend("api", balancing="least-connections")),
            HTTPRouteArgs(path_prefix="/static", backend=backend("static", stickiness={"kind": "source-address"})),
        ],
        access=[
            AccessRuleArgs(action="allow", networks=["203.0.113.0/24", "2001:db8::/32"]),
            AccessRuleArgs(action="deny", request=RequestMatchArgs(kind="path-prefix", values=["/admin"])),
            AccessRuleArgs(
                action="redirect",
                request=RequestMatchArgs(kind="header", header="X-Old", values=["1"]),
                redirect=RedirectArgs(location="https://new.example.test/", code=302),
            ),
        ],
        stickiness=CookieStickinessArgs(cookie_name="shop"),
        health_check=HealthCheckArgs(path="/healthz", interval=10, statuses=[(204, 204)]),
        timeouts=TimeoutsArgs(connect=2.5, request=30, idle=3600),
        network=NetworkArgs(private=[private.id], ipv6=True),
    ),
)
pulumi.export("endpoint", shop.endpoint)
pulumi.export("legs", shop.legs)
