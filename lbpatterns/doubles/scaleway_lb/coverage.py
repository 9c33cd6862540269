"""COVERAGE.md, written from the table of calls and the list of refusals. As a program, it prints the file."""

import sys
from collections.abc import Iterator

from lbpatterns.doubles.scaleway_lb.refusals import REFUSALS
from lbpatterns.doubles.scaleway_lb.table import CALLS

HEAD = """# Coverage

Every call that the double knows; any other is answered with 501. A test holds this file against the code. Written by

    python -m lbpatterns.doubles.scaleway_lb.coverage > lbpatterns/doubles/scaleway_lb/COVERAGE.md

Evidence for an answer: *recorded* in public recordings of the real API, *documented* by its public documentation or
SDKs, or *modelled*: a guess.

## Calls

| call | answers | evidence | fields of the body | parameters |
|---|---|---|---|---|
"""

REFUSED = """
## What is refused

| what | answer | label | source |
|---|---|---|---|
"""

ACCEPTED = """
## What is accepted, though it does not work

The real API was recorded to accept these, and so does the double: whoever wants them refused has to check them before.

| what | recorded in |
|---|---|
| cookie stickiness on a tcp backend | backend-basic |
| TLS towards the servers of a tcp backend | backend-basic |
| TLS towards the servers without verification | backend-basic |
| a PROXY protocol header in health checks alone | backend-basic |
| HTTP/3 without a certificate, and before a tcp backend | frontend-basic |
| plain HTTP to port 443 of the servers | frontend-certificate |
| port 443 without a certificate | frontend-basic |
| an HTTPS health check of servers that are spoken to without TLS | backend-health-check |
| a health check's uri that is no path | backend-health-check |
| a backend without servers | acl-basic, and most others |
| access rules by path or header, and redirects, before a tcp backend | not recorded: documented as without effect |

## Switchable faults

| kind | answer | evidence |
|---|---|---|
| server_error | 500 | modelled |
| unavailable | 503 | modelled |
| too_many_requests | 429 with Retry-After | modelled |
| transient_state | 409 transient_state | wire form recorded on another product (vpc-gw) |
| quota | 403 quotas_exceeded | documented (SDK) |
| slow | the answer, after `seconds` | |
| reset | none: the connection is reset before anything happens | |
| lost_answer | none: the connection is reset after the call was carried out | |
| forbidden | 403 permissions_denied | documented (SDK) |
| letsencrypt_error | the certificate ends in status error with status_details | documented (SDK), its text modelled |
| attach_error | the private network ends in status error | documented (SDK) |
"""


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |\n"


def _calls() -> Iterator[str]:
    for call in CALLS:
        body = ", ".join(call.body.model_fields) or "none"
        query = ", ".join(call.query.model_fields) or "none"
        yield _row(f"{call.method} {call.path}", call.status, call.evidence, body, query)


def markdown() -> str:
    """The whole file."""
    refused = (_row(one.what, one.answer, one.label, one.source) for one in REFUSALS)
    return HEAD + "".join(_calls()) + REFUSED + "".join(refused) + ACCEPTED


if __name__ == "__main__":
    sys.stdout.write(markdown())
