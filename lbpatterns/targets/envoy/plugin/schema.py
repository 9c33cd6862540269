"""The package's schema, for Pulumi's tools."""

from __future__ import annotations

from typing import Any, Final

PACKAGE: Final = "lbpatterns-envoy"
TYPE: Final = f"{PACKAGE}:index:LoadBalancer"

_OBJECT: Final = {"type": "object", "additionalProperties": {"$ref": "pulumi.json#/Any"}}
_INPUTS: Final[dict[str, dict[str, Any]]] = {
    "name": {"type": "string", "description": "The name, which is also the id. Chosen and kept when left out."},
    "spec": {**_OBJECT, "description": "The declaration, in the plain form of lbpatterns' LBSpec."},
    "bind_address": {"type": "string", "description": "The IP address to listen on; 127.0.0.1 when left out."},
    "concurrency": {"type": "integer", "description": "Worker threads; 2 when left out. A change restarts Envoy."},
}
_OUTPUTS: Final[dict[str, dict[str, Any]]] = {
    "host": {"type": "string", "description": "Where this machine reaches the load balancer."},
    "ports": {"type": "array", "items": {"type": "integer"}, "description": "The ports it listens on."},
    "pid": {"type": "integer", "description": "The Envoy process."},
    "started_at": {"type": "string", "description": "When that process started, to tell it from a later one."},
    "directory": {"type": "string", "description": "The folder it lives in."},
    "admin": {"type": "string", "description": "The unix socket of Envoy's admin interface."},
    "configuration": {"type": "string", "description": "Stands for the configuration on disk."},
}


def schema() -> dict[str, Any]:
    """The schema as Pulumi's JSON wants it."""
    return {
        "name": PACKAGE,
        "version": version(),
        "displayName": "lbpatterns on Envoy",
        "description": "Load balancers that are Envoy processes on the machine that runs Pulumi.",
        "resources": {
            TYPE: {
                "description": "One load balancer, one Envoy.",
                "inputProperties": _INPUTS,
                "requiredInputs": ["spec"],
                "properties": {**_INPUTS, **_OUTPUTS},
                "required": [*_INPUTS, *_OUTPUTS],
            }
        },
    }


def version() -> str:
    """The version of lbpatterns, which is the plugin's."""
    from importlib.metadata import version as installed_version  # noqa: PLC0415 - few runs ask, and it is slow

    return installed_version("lbpatterns")
