"""A spec in Envoy's own words."""

from __future__ import annotations

from collections.abc import Iterator

from lbpatterns.core.spec import LBSpec
from lbpatterns.targets.envoy.bootstrap import bootstrap
from lbpatterns.targets.envoy.clusters import cluster
from lbpatterns.targets.envoy.configuration import EnvoyConfiguration
from lbpatterns.targets.envoy.listeners import listeners
from lbpatterns.targets.envoy.options import EnvoyOptions
from lbpatterns.targets.envoy.refusals import refusals
from lbpatterns.targets.envoy.tls import client_secret, frontend_secret, secret
from lbpatterns.targets.envoy.words import Message

__all__ = ["EnvoyConfiguration", "render"]


def render(spec: LBSpec, options: EnvoyOptions, *, directory: str, name: str) -> EnvoyConfiguration:
    """What Envoy has to be told to be the load balancer that `spec` declares.

    `directory` is absolute: there lie the files of `EnvoyConfiguration.files`, and Envoy is started in it. `name` is
    what Envoy calls itself. Raises ValueError with every reason, one a line and each with its place, when the spec
    holds what is not known yet, what contradicts itself, or what Envoy cannot do.
    """
    reasons = refusals(spec, options.bind_address)
    if reasons:
        raise ValueError("\n".join(reasons))
    listening = tuple(listeners(spec, options.bind_address, directory))
    return EnvoyConfiguration(
        bootstrap=bootstrap(name, directory),
        listeners=listening,
        clusters=tuple(cluster(backend, spec.mode, directory) for backend in spec.backends),
        secrets=tuple(_secrets(spec)),
        binds=tuple((options.bind_address, _port(listener)) for listener in listening),
    )


def _secrets(spec: LBSpec) -> Iterator[Message]:
    for number, frontend in enumerate(spec.frontends):
        for index, certificate in enumerate(frontend.pem_certificates):
            place = f"frontends[{number}].certificates[{index}]"
            yield secret(frontend_secret(frontend.port, index), str(certificate.private_key_and_chain_pem), place)
    shown: set[str] = set()
    for place, backend in spec.backend_places():
        if backend.client_certificate is not None and backend.name not in shown:
            shown.add(backend.name)
            pem = str(backend.client_certificate.private_key_and_chain_pem)
            yield secret(client_secret(backend.name), pem, f"{place}.client_certificate")


def _port(listener: Message) -> int:
    return int(listener["address"]["socket_address"]["port_value"])
