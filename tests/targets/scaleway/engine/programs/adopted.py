"""A load balancer that was made by hand, taken over: each part is imported under the id that it has."""

import pulumi

from lbpatterns import PassthroughLB

known = pulumi.Config().require_object("known")


def adopt(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    if args.name not in known:
        return None
    imported = pulumi.ResourceOptions(import_=known[args.name])
    return pulumi.ResourceTransformResult(args.props, pulumi.ResourceOptions.merge(args.opts, imported))


PassthroughLB(
    "shop",
    {
        "frontends": [{"port": 443, "unknown_server_name": "default-backend"}],
        "backend": {"servers": ["10.0.0.20"], "port": 8443, "certificate": {"names": ["shop.example.test"]}},
    },
    opts=pulumi.ResourceOptions(transforms=[adopt]),
)
