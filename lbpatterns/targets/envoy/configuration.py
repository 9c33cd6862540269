"""What Envoy is given: a bootstrap that stays, and listeners, clusters and secrets that change while it runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from lbpatterns.targets.envoy.words import Message, typed

LISTENER: Final = "envoy.config.listener.v3.Listener"
CLUSTER: Final = "envoy.config.cluster.v3.Cluster"
SECRET: Final = "envoy.extensions.transport_sockets.tls.v3.Secret"  # noqa: S105 (the name of a type)


def secret_file(secret: str) -> str:
    """The name of the file that holds a secret; characters that a file name should not have are percent-encoded."""
    return f"sds-{quote(secret, safe='')}.json"


@dataclass(frozen=True, slots=True)
class EnvoyConfiguration:
    """Everything that Envoy is told, in the JSON form of its v3 API (`Bootstrap`, `Listener`, `Cluster`, `Secret`).

    Private keys are in `secrets` only, which a representation leaves out. `binds` is every (address, port) that
    listens.
    """

    bootstrap: Message
    listeners: tuple[Message, ...]
    clusters: tuple[Message, ...]
    secrets: tuple[Message, ...] = field(repr=False)
    binds: tuple[tuple[str, int], ...]

    def files(self) -> dict[str, str]:
        """File name to JSON text, in the order in which to put them in place by rename.

        `bootstrap.json`, one `sds-<secret>.json` for each secret (only these hold private keys), `cds.json`,
        `lds.json`: what is referred to comes first. Where a change takes a cluster away, `lds.json` has to be in
        force before `cds.json` is replaced, lest a listener still sends traffic to it.
        """
        resources = {secret_file(secret["name"]): ([secret], SECRET) for secret in self.secrets}
        resources["cds.json"] = (list(self.clusters), CLUSTER)
        resources["lds.json"] = (list(self.listeners), LISTENER)
        discovered = {name: _discovery_response(items, kind) for name, (items, kind) in resources.items()}
        return {"bootstrap.json": _json(self.bootstrap), **discovered}

    @property
    def versions(self) -> Mapping[str, str]:
        """The `version_info` that the admin interface's `/config_dump` shows once a file is in force.

        Keys: `lds`, `cds` and the name of each secret (`frontend-443-0`). For `lds` and `cds` it is the
        `version_info` of the whole dump, because a resource that has not changed keeps its former one.
        """
        return {
            "cds": _version(self.clusters),
            "lds": _version(self.listeners),
            **{secret["name"]: _version([secret]) for secret in self.secrets},
        }

    def static_bootstrap(self) -> Message:
        """The same as one bootstrap without discovery, for `envoy --mode validate`, which reads no discovery files."""
        kept = {key: value for key, value in self.bootstrap.items() if key != "dynamic_resources"}
        return {
            **kept,
            "static_resources": {
                "listeners": _without_discovery(self.listeners),
                "clusters": _without_discovery(self.clusters),
                "secrets": list(self.secrets),
            },
        }


def _discovery_response(resources: Sequence[Message], kind: str) -> str:
    return _json(
        {"version_info": _version(resources), "resources": [typed(kind, **resource) for resource in resources]}
    )


def _version(resources: Sequence[Message]) -> str:
    text = json.dumps(list(resources), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _json(value: Any) -> str:
    return json.dumps(value, indent=1) + "\n"


def _without_discovery(value: Any) -> Any:
    """A copy in which a secret's `sds_config` is gone: Envoy then looks for a static secret of that name."""
    if isinstance(value, Mapping):
        return {key: _without_discovery(item) for key, item in value.items() if key != "sds_config"}
    return [_without_discovery(item) for item in value] if isinstance(value, list | tuple) else value
