"""A certificate from Let's Encrypt is for host names, without wildcards and addresses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbpatterns.core.constraint import Binding, Constraint, Found, unknown, violated
from lbpatterns.core.examples import BRIDGED, with_frontend
from lbpatterns.core.names import is_address
from lbpatterns.core.sources import scaleway_resource
from lbpatterns.core.spec import UNKNOWN, LBSpec, LetsEncryptCertificate, Maybe, Mode


def _check(spec: LBSpec, today: date) -> Iterator[Found]:
    for index, frontend in enumerate(spec.frontends):
        for number, certificate in enumerate(frontend.certificates):
            if isinstance(certificate, LetsEncryptCertificate):
                yield from _names(certificate, f"frontends[{index}].certificates[{number}]")


def _names(certificate: LetsEncryptCertificate, place: str) -> Iterator[Found]:
    others = certificate.subject_alternative_names
    named = {
        f"{place}.common_name": certificate.common_name,
        **{f"{place}.subject_alternative_names[{index}]": name for index, name in enumerate(others)},
    }
    for where, name in named.items():
        if name is UNKNOWN:
            yield unknown(where)
        elif (wrong := _wrong(name)) is not None:
            yield violated(where, wrong)


def _wrong(name: str) -> str | None:
    if "*" in name:
        return f"{name!r} holds a wildcard"
    if is_address(name):
        return f"{name!r} is an address"
    return None if "." in name.strip(".") else f"{name!r} is no name in the public DNS"


def _issued(name: Maybe[str], *others: str) -> LBSpec:
    held = LetsEncryptCertificate(common_name=name, subject_alternative_names=others)
    return with_frontend(BRIDGED, certificates=(held,))


CONSTRAINT = Constraint(
    id="lets-encrypt-names-are-host-names",
    title="A certificate from Let's Encrypt is for host names, without wildcards and addresses.",
    why="The load balancer proves each name by answering a request for it over HTTP; a wildcard is proven over DNS "
    "only.",
    fix="List every host name in `common_name` and `subject_alternative_names`, or give a certificate with a wildcard "
    "as `private_key_and_chain_pem`.",
    fix_by_hand={
        "scaleway": "List every host name in `common_name` and `subject_alternative_names` of `letsencrypt`, or "
        "import one with a wildcard as `custom_certificate`."
    },
    symptom="The certificate is refused, or stays in the state `error`, and the frontend has nothing to present.",
    source=scaleway_resource(
        "lb_certificate", "wildcards are not supported with Let's Encrypt; names are domain names"
    ),
    binding=Binding.DOCUMENTED,
    modes=frozenset({Mode.OFFLOADED, Mode.BRIDGED}),
    check=_check,
    holds=(_issued("shop.example.test", "www.example.test"),),
    fails=(_issued("*.example.test"), _issued("shop.example.test", "203.0.113.7"), _issued("localhost")),
    open=(_issued(UNKNOWN),),
    not_applicable=(BRIDGED,),
    covers=("C61", "LB044"),
)
