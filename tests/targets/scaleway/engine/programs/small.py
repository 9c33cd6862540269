"""A small load balancer whose declaration comes from the project's configuration, so that tests change one thing."""

import pulumi

from lbpatterns import (
    AccessRuleArgs,
    FrontendArgs,
    HealthCheckArgs,
    HTTPRouteArgs,
    NetworkArgs,
    OffloadedBackendArgs,
    OffloadedLB,
    OffloadedLBArgs,
    PemCertificateArgs,
)
from lbpatterns.pki import DemoPKI

config = pulumi.Config()
pki = DemoPKI.at(config.require("pki"))


def backend(name: str) -> OffloadedBackendArgs:
    return OffloadedBackendArgs(
        name=name,
        servers=config.get_object("servers") or ["10.0.0.2"],
        port=8080,
    )


frontend = FrontendArgs(
    port=config.get_int("port") or 443,
    certificates=[
        PemCertificateArgs(private_key_and_chain_pem=getattr(pki, name).private_key_and_chain_pem)
        for name in config.get_object("certificates") or ["frontend"]
    ],
    redirect_http=config.get_bool("redirect") or False,
    http3=config.get_bool("http3") or False,
    access_logs=config.get_bool("logs") or False,
)
shop = OffloadedLB(
    "shop",
    OffloadedLBArgs(
        frontends=[frontend],
        backend=backend(config.get("backend") or "web"),
        routes=[
            HTTPRouteArgs(host=f"{name}.example.test", backend=backend(name))
            for name in config.get_object("routes") or []
        ],
        access=[AccessRuleArgs(action="deny", networks=rule) for rule in config.get_object("denied") or []],
        health_check=HealthCheckArgs(path=config.get("checked") or "/"),
        network=NetworkArgs(**(config.get_object("network") or {})),
    ),
)
pulumi.export("endpoint", shop.endpoint)
