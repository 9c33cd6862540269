"""What the three programs read: addresses and ports from the configuration, certificates from the demo's PKI."""

from pathlib import Path

import pulumi

from lbpatterns.pki import DemoPKI

config = pulumi.Config()
pki = DemoPKI.at(config.get("pki") or Path(__file__).parents[1] / ".lbpatterns" / "pki")
servers: list[str] = config.require_object("servers")
