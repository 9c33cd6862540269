"""Only a load balancer with a public address obtains certificates from Let's Encrypt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, violated
from lbpatterns.core.examples import BRIDGED, with_frontend
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import LBSpec, LetsEncryptCertificate, Mode

_PUBLIC = with_frontend(BRIDGED, certificates=(LetsEncryptCertificate(common_name="shop.example.test"),))
_PRIVATE = replace(BRIDGED, public=False, private_networks=("fr-par/one",))


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    if spec.public:
        return
    for index, frontend in enumerate(spec.frontends):
        for number, certificate in enumerate(frontend.certificates):
            if isinstance(certificate, LetsEncryptCertificate):
                yield violated(f"frontends[{index}].certificates[{number}]", "the load balancer has no public address")


CONSTRAINT = Constraint(
    id="lets-encrypt-needs-a-public-load-balancer",
    title="Only a load balancer with a public address obtains certificates from Let's Encrypt.",
    why="Let's Encrypt asks for every name over the Internet before it issues anything, and nobody answers there.",
    fix="Give a certificate as `private_key_and_chain_pem`, or let the load balancer have a public address.",
    fix_by_hand={
        "scaleway": "Give the Certificate a `custom_certificate` in place of `letsencrypt`; or make a "
        "`loadbalancers.Ip` and give its id in `ip_ids` of the LoadBalancer, in place of `assign_flexible_ip`."
    },
    symptom="The certificate is refused, and the frontend has nothing to present.",
    source=scaleway_page(
        "reference-content/public-private-accessibility",
        "a private load balancer supports imported certificates only, none from Let's Encrypt",
    ),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.OFFLOADED, Mode.BRIDGED}),
    check=_check,
    holds=(_PUBLIC,),
    fails=(replace(_PUBLIC, public=False, private_networks=("fr-par/one",)),),
    not_applicable=(BRIDGED, _PRIVATE),
    covers=("C59", "LB042"),
)
