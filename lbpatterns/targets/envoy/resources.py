"""The Pulumi side: the resource `lbpatterns-envoy:index:LoadBalancer`, as programs declare it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pulumi

from lbpatterns.targets.envoy.paths import KEY_FIELD

RESOURCE_TYPE: Final = "lbpatterns-envoy:index:LoadBalancer"
_OUTPUTS: Final = ("host", "ports", "pid", "started_at", "directory", "admin", "configuration")


class LoadBalancer(pulumi.CustomResource):
    """A load balancer that is an Envoy process on the machine that runs Pulumi.

    `spec` is what `lbpatterns.core.plain.to_plain` makes of an `LBSpec`; private keys in it become secrets. The
    provider chooses what is left out: a name that is kept (`<name>-<7 hex digits>`), 127.0.0.1, 2 worker threads.
    `ports` are those it listens on, `host` is where this machine reaches it, `pid` and `started_at` say which process
    it is, `directory` and `admin` (a unix socket) where it lives, and `configuration` stands for what is on disk.
    """

    name: pulumi.Output[str]
    spec: pulumi.Output[Mapping[str, Any]]
    bind_address: pulumi.Output[str]
    concurrency: pulumi.Output[int]
    host: pulumi.Output[str]
    ports: pulumi.Output[list[int]]
    pid: pulumi.Output[int]
    started_at: pulumi.Output[str]
    directory: pulumi.Output[str]
    admin: pulumi.Output[str]
    configuration: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        spec: pulumi.Input[Mapping[str, Any]],
        bind_address: pulumi.Input[str] | None = None,
        concurrency: pulumi.Input[int] | None = None,
        name: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "name": name,
            "spec": pulumi.Output.from_input(spec).apply(with_secret_keys)
            if _is_late(spec)
            else with_secret_keys(spec),
            "bind_address": bind_address,
            "concurrency": concurrency,
        }
        super().__init__(RESOURCE_TYPE, resource_name, {**inputs, **dict.fromkeys(_OUTPUTS)}, opts)


def with_secret_keys(value: Any) -> Any:
    """A copy of plain values in which every private key is a secret. What is an Output already stays as it is."""
    if isinstance(value, Mapping):
        return {key: _secret(item) if key == KEY_FIELD else with_secret_keys(item) for key, item in value.items()}
    return [with_secret_keys(item) for item in value] if isinstance(value, list | tuple) else value


def _secret(value: Any) -> Any:
    return value if value is None else pulumi.Output.secret(value)


def _is_late(value: Any) -> bool:
    return not isinstance(value, Mapping)
