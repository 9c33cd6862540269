"""The official SDK, imported without the compiler's warnings about its docstrings, and pointed at a double."""

import warnings

from lbpatterns.doubles.scaleway_lb import Double

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # invalid escapes: a DeprecationWarning, from Python 3.12 on a SyntaxWarning
    from scaleway import Client, ScalewayException
    from scaleway.lb import v1 as lb
    from scaleway.lb.v1 import LbV1ZonedAPI

__all__ = ["LbV1ZonedAPI", "ScalewayException", "lb", "sdk_of"]


def sdk_of(double: Double) -> LbV1ZonedAPI:
    """The SDK as a user would set it up."""
    variables = double.environment()
    return LbV1ZonedAPI(
        Client(
            api_url=double.url,
            access_key=variables["SCW_ACCESS_KEY"],
            secret_key=variables["SCW_SECRET_KEY"],
            default_project_id=variables["SCW_DEFAULT_PROJECT_ID"],
            default_zone=variables["SCW_DEFAULT_ZONE"],
            default_region=variables["SCW_DEFAULT_REGION"],
        )
    )
