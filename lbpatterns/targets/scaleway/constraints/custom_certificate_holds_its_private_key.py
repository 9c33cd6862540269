"""An imported certificate is PEM text with its private key."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, unknown, violated
from lbpatterns.core.sources import scaleway_page
from lbpatterns.core.spec import UNKNOWN, Mode
from lbpatterns.targets.scaleway.defaults import part, place, text
from lbpatterns.targets.scaleway.examples import LOOSE_OFFLOADED, OFFLOADED, pem, with_certificate
from lbpatterns.targets.scaleway.words import ScalewayConfiguration


def _check(configuration: ScalewayConfiguration, _today: date) -> Iterator[Found]:
    for key, words in configuration.certificates.items():
        given = part(words, "custom_certificate")
        if given is None or words.get("status") == "ready":
            continue  # Scaleway took it, with whatever a state keeps secret
        chain = UNKNOWN if given is UNKNOWN else text("certificates", given, "certificate_chain")
        where = place("certificates", key, "custom_certificate", "certificate_chain")
        if chain is UNKNOWN:
            yield unknown(where)
        elif lacking := _lacking(chain or ""):
            yield violated(where, f"there is no {lacking} in it")


def _lacking(chain: str) -> str | None:
    """What is missing. The text itself is never shown: it may hold a key."""
    if "-----BEGIN CERTIFICATE-----" not in chain:
        return "certificate in PEM"
    return None if "PRIVATE KEY-----" in chain else "private key in PEM"


CONSTRAINT = Constraint(
    id="custom-certificate-holds-its-private-key",
    title="An imported certificate is PEM text with its private key.",
    why="The load balancer decrypts with the private key; without it, or in another form than PEM, the certificate is "
    "refused in the middle of the update.",
    fix="Put into `custom_certificate.certificate_chain` the private key, the certificate and then its intermediates, "
    "all in PEM, as a secret.",
    source=scaleway_page(
        "how-to/add-certificate", "the whole PEM chain is to be given, with certificate, private key and authorities"
    ),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.OFFLOADED, Mode.BRIDGED}),
    check=_check,
    holds=(OFFLOADED,),
    fails=(
        with_certificate(OFFLOADED, custom_certificate={"certificate_chain": pem("CERTIFICATE")}),
        with_certificate(OFFLOADED, custom_certificate={"certificate_chain": "shop.pem"}),
        with_certificate(OFFLOADED, custom_certificate={"certificate_chain": pem("PRIVATE KEY")}),
    ),
    open=(with_certificate(OFFLOADED, custom_certificate={"certificate_chain": UNKNOWN}),),
    not_applicable=(
        LOOSE_OFFLOADED,
        with_certificate(OFFLOADED, custom_certificate={"certificate_chain": UNKNOWN}, status="ready"),
    ),
    symptom="The update fails at the certificate.",
    covers=("LB047",),
)
