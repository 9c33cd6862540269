"""A load balancer that encrypts anew, and may be told not to verify the servers for a while."""

import datetime as dt

import pulumi

from lbpatterns import BridgedBackendArgs, BridgedLB, BridgedLBArgs, FrontendArgs, InsecureSkip, PemCertificateArgs
from lbpatterns.pki import DemoPKI

config = pulumi.Config()
pki = DemoPKI.at(config.require("pki"))
skip = InsecureSkip(reason="the servers get their certificates next week", until=dt.date.today() + dt.timedelta(days=7))
shop = BridgedLB(
    "shop",
    BridgedLBArgs(
        frontends=[
            FrontendArgs(
                certificates=[PemCertificateArgs(private_key_and_chain_pem=pki.frontend.private_key_and_chain_pem)]
            )
        ],
        backend=BridgedBackendArgs(
            servers=["10.0.0.2"],
            port=8443,
            server_name="backend.example.com",
            insecure_skip_verify=skip if config.get_bool("skip") else None,
        ),
    ),
)
