"""One load balancer whose mode, ports, servers and certificate are a matter of configuration."""

import pulumi

from lbpatterns import BridgedLB, OffloadedLB, PassthroughLB
from lbpatterns.pki import DemoPKI

config = pulumi.Config()
pki = DemoPKI.at(config.require("pki"))
mode = config.require("mode")
port = config.get_int("port") or 443
servers = config.get_object("servers") or ["10.0.0.20"]
held = [{"private_key_and_chain_pem": pki.frontend.private_key_and_chain_pem}]
if config.get("certificate") == "other":
    held = [{"private_key_and_chain_pem": pki.second_frontend.private_key_and_chain_pem}]

if mode == "offloaded":
    shop: object = OffloadedLB(
        "shop",
        {"frontends": [{"port": port, "certificates": held}], "backend": {"servers": servers, "port": 8080}},
    )
elif mode == "bridged":
    shop = BridgedLB(
        "shop",
        {
            "frontends": [{"port": port, "certificates": held}],
            "backend": {"servers": servers, "port": 8443, "server_name": "web.example.com"},
        },
    )
else:
    certificate = {"names": ["shop.example.test"]}
    shop = PassthroughLB(
        "shop",
        {
            "frontends": [
                {
                    "port": port,
                    "unknown_server_name": config.get("unknown") or "default-backend",
                    "redirect_http": config.get_bool("redirect") or False,
                }
            ],
            "backend": {"servers": servers, "port": 8443, "certificate": certificate},
        },
    )
