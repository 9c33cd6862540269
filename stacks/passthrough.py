"""Passthrough: no certificate on the load balancer; connections go by server name to the servers that hold it."""

import pulumi
from inputs import config, pki, servers

from lbpatterns import (
    PassthroughBackendArgs,
    PassthroughFrontendArgs,
    PassthroughLB,
    PassthroughLBArgs,
    ServerCertificateArgs,
)

backend = PassthroughBackendArgs(
    servers=servers,
    port=config.require_int("serverPort"),
    certificate=ServerCertificateArgs(names=["secure.example.test"], ca_bundle_pem=pki.public_ca_pem),
    shared_sessions=True,
)
frontend = PassthroughFrontendArgs(port=config.require_int("port"))
secure = PassthroughLB("secure", PassthroughLBArgs(frontends=[frontend], backend=backend))

pulumi.export("endpoint", secure.endpoint)
pulumi.export("legs", secure.legs)
