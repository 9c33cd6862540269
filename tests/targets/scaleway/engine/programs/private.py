"""A load balancer that is reached over a private network alone."""

import pulumi
from pulumiverse_scaleway import network

from lbpatterns import FrontendArgs, NetworkArgs, OffloadedBackendArgs, OffloadedLB, OffloadedLBArgs, PemCertificateArgs
from lbpatterns.pki import DemoPKI

pki = DemoPKI.at(pulumi.Config().require("pki"))
private = network.PrivateNetwork("private", region="fr-par")
shop = OffloadedLB(
    "shop",
    OffloadedLBArgs(
        frontends=[
            FrontendArgs(
                certificates=[PemCertificateArgs(private_key_and_chain_pem=pki.frontend.private_key_and_chain_pem)]
            )
        ],
        backend=OffloadedBackendArgs(servers=["172.16.0.2"], port=8080),
        network=NetworkArgs(public=False, private=[private.id]),
    ),
)
pulumi.export("endpoint", shop.endpoint)
