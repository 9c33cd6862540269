"""Bridging: a certificate on the load balancer, and a new, verified TLS connection to the servers' own."""

import pulumi
from inputs import config, pki, server_ca_pem, server_name, servers

from lbpatterns import BridgedBackendArgs, BridgedLB, BridgedLBArgs, FrontendArgs, PemCertificateArgs

certificate = PemCertificateArgs(
    private_key_and_chain_pem=pulumi.Output.secret(pki.frontend.private_key_and_chain_pem),
    ca_bundle_pem=pki.public_ca_pem,
)
backend = BridgedBackendArgs(
    servers=servers,
    port=config.require_int("serverPort"),
    server_name=server_name,
    ca_bundle_pem=server_ca_pem,
)
frontend = FrontendArgs(port=config.require_int("port"), certificates=[certificate])
shop = BridgedLB("shop", BridgedLBArgs(frontends=[frontend], backend=backend))

pulumi.export("endpoint", shop.endpoint)
pulumi.export("legs", shop.legs)
