"""What the three programs read: addresses and ports from the configuration, certificates from the demo's PKI."""

from pathlib import Path

import pulumi

from lbpatterns.pki import DemoPKI

config = pulumi.Config()
pki = DemoPKI.at(config.get("pki") or Path(__file__).parents[1] / ".lbpatterns" / "pki")
servers: list[str] = config.require_object("servers")
# Behind a target that cannot be given a trust anchor, the servers hold publicly trusted certificates.
server_name = config.get("serverName") or "backend.internal"
server_ca_pem = None if config.get_bool("publicServerCertificates") else pki.internal_ca_pem
