"""A load balancer whose certificate is Let's Encrypt's; `name` is what it is for, left out: its address's own name."""

import pulumi
from pulumiverse_scaleway import loadbalancers, network

from lbpatterns import FrontendArgs, LetsEncryptCertificateArgs, OffloadedBackendArgs, OffloadedLB, OffloadedLBArgs
from lbpatterns.targets.scaleway.options import ScalewayOptions
from lbpatterns.targets.scaleway.target import ScalewayTarget

config = pulumi.Config()
ip = loadbalancers.Ip("ip")
record = network.Vpc("record", region="fr-par")  # stands for a DNS record
own_name = ip.ip_address.apply(lambda address: address.replace(".", "-") + ".lb.fr-par.scw.cloud")
shop = OffloadedLB(
    "shop",
    OffloadedLBArgs(
        target=ScalewayTarget(options=ScalewayOptions(ip_ids=(ip.id,))),
        frontends=[
            FrontendArgs(
                certificates=[
                    LetsEncryptCertificateArgs(
                        common_name=config.get("name") or own_name,
                        subject_alternative_names=config.get_object("more") or [],
                        created_after=[record],
                    )
                ],
                redirect_http=True,
            )
        ],
        backend=OffloadedBackendArgs(servers=["10.0.0.2"], port=8080),
    ),
)
pulumi.export("endpoint", shop.endpoint)
