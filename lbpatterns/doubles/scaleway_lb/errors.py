"""What the API answers instead of what was asked for: a status and one of its error bodies.

The typed bodies are those that the public Go SDK parses (scw/errors.go); a 404 of the load balancer API carries a
message alone (recorded).
"""

from typing import Any


class CannotListenError(Exception):
    """The address is not to be had. The message names it."""


class ApiError(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status} {body.get('message', '')}")
        self.status = status
        self.body = body
        self.headers = headers or {}


def not_found(kind: str) -> ApiError:
    """A 404 of the load balancer API, which has no type (recorded: `lbs not Found`)."""
    return ApiError(404, {"message": f"{kind} not Found"})


def resource_not_found(resource: str, resource_id: str) -> ApiError:
    """A 404 of the other APIs (CAS:lb-private-network-basic, vpc)."""
    body = {"message": "resource is not found", "resource": resource, "resource_id": resource_id, "type": "not_found"}
    return ApiError(404, body)


def invalid_argument(name: str, reason: str, help_message: str) -> ApiError:
    """A 400 that names one argument; `reason` is unknown, required, format or constraint."""
    return invalid_arguments([{"argument_name": name, "reason": reason, "help_message": help_message}])


def invalid_arguments(details: list[dict[str, str]]) -> ApiError:
    """A 400 that names every wrong argument."""
    return ApiError(400, {"details": details, "message": "invalid argument(s)", "type": "invalid_arguments"})


def still_in_use(help_message: str) -> ApiError:
    """A 412: something else still needs the resource."""
    body = {
        "help_message": help_message,
        "message": "precondition failed",
        "precondition": "resource_still_in_use",
        "type": "precondition_failed",
    }
    return ApiError(412, body)


def transient_state(resource: str, resource_id: str, current_state: str) -> ApiError:
    """A 409: the resource is changing (wire form recorded on another product, vpc-gw)."""
    body = {
        "current_state": current_state,
        "message": "resource is in a transient state",
        "resource": resource,
        "resource_id": resource_id,
        "type": "transient_state",
    }
    return ApiError(409, body)


def quota_exceeded(resource: str, quota: int, current: int) -> ApiError:
    """A 403: there are as many as there may be."""
    details = [{"resource": resource, "quota": quota, "current": current}]
    return ApiError(403, {"details": details, "message": "quota exceeded(s)", "type": "quotas_exceeded"})


def forbidden() -> ApiError:
    """A 403: the key may not do this."""
    body = {
        "details": [{"action": "write", "resource": "lb"}],
        "message": "insufficient permissions",
        "type": "permissions_denied",
    }
    return ApiError(403, body)


def denied(reason: str) -> ApiError:
    """A 401: the token is missing, malformed (`invalid_argument`) or unknown (`not_found`)."""
    body = {
        "message": "authentication is denied",
        "method": "api_key",
        "reason": reason,
        "type": "denied_authentication",
    }
    return ApiError(401, body)


def unknown_call(method: str, path: str) -> ApiError:
    """A 501 of the double itself: the real API may know this call, the double does not."""
    message = f"the double does not know {method} {path}: COVERAGE.md lists the calls it knows"
    return ApiError(501, {"message": message, "type": "unknown_to_the_double"})
