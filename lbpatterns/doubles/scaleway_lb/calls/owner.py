"""Whom a new object belongs to."""

from lbpatterns.doubles.scaleway_lb.bodies.body import OwnedBody
from lbpatterns.doubles.scaleway_lb.errors import invalid_argument


def owner_of(body: OwnedBody) -> str:
    """The project, or the organization, which has the id of its first project: precisely one is sent (SDK)."""
    if (body.project_id is None) == (body.organization_id is None):
        raise invalid_argument("project_id", "constraint", "send precisely one of project_id and organization_id")
    return body.project_id or body.organization_id or ""
