"""Offloading: the load balancer holds the certificate, the servers are spoken to in plain HTTP."""

import pulumi
from inputs import config, pki, servers

from lbpatterns import FrontendArgs, OffloadedBackendArgs, OffloadedLB, OffloadedLBArgs, PemCertificateArgs

frontend = FrontendArgs(
    port=config.require_int("port"),
    redirect_http=True,
    redirect_http_port=config.require_int("redirectPort"),
    certificates=[
        PemCertificateArgs(
            private_key_and_chain_pem=pulumi.Output.secret(held.private_key_and_chain_pem),
            ca_bundle_pem=pki.public_ca_pem,
        )
        for held in (pki.frontend, pki.second_frontend)
    ],
)
backend = OffloadedBackendArgs(servers=servers, port=config.require_int("serverPort"))
shop = OffloadedLB("shop", OffloadedLBArgs(frontends=[frontend], backend=backend))

pulumi.export("endpoint", shop.endpoint)
pulumi.export("legs", shop.legs)
