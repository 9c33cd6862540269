"""How long it takes to judge a stack, as a function of its size.

    .venv/bin/python bench/policy_check.py                  # 10, 100 and 1,000 load balancers; a table
    .venv/bin/python bench/policy_check.py --json           # the same figures for machines
    .venv/bin/python bench/policy_check.py --balancers 100  # one size; profile it with `python -m cProfile -s cumtime`

Each load balancer is eight resources, as somebody writes them by hand: an address, the load balancer, a certificate,
two backends, two frontends and a route; three in four are right, and one has a mistake. What is timed, once for each
size in this process, is what `lbpatterns policy check --state` does between reading the file and printing: the state's
resources (`read`), and every rule put to them (`judge`). Linear means that the time for one resource stays the same:
the last column is that time in terms of the size before, and near 1.0 is linear. A first, untimed run of each kind of
load balancer warms up what Python does once.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

from lbpatterns.policy.judge import judge
from lbpatterns.policy.sources import from_state

SIZES = (10, 100, 1_000)
TODAY = date(2026, 11, 21)
_PREFIX = "urn:pulumi:bench::bench::scaleway:loadbalancers/"
_TOKENS = {
    "ip": "ip:Ip",
    "lb": "loadBalancer:LoadBalancer",
    "certificate": "certificate:Certificate",
    "backend": "backend:Backend",
    "frontend": "frontend:Frontend",
    "route": "route:Route",
}


def state(balancers: int) -> dict[str, Any]:
    """What `pulumi stack export` prints for that many load balancers."""
    resources = [resource for number in range(balancers) for resource in _balancer(number)]
    return {"version": 3, "deployment": {"resources": resources}}


def _balancer(number: int) -> Iterator[dict[str, Any]]:
    def made(kind: str, name: str, **inputs: Any) -> dict[str, Any]:
        urn = f"{_PREFIX}{_TOKENS[kind]}::{name}-{number}"
        depends = {key: [f"{_PREFIX}{_TOKENS[kind]}::x"] for key in inputs if key.endswith("Id")}
        return {
            "urn": urn,
            "custom": True,
            "id": _identity(f"{name}-{number}"),
            "type": urn.split("::")[2],
            "inputs": inputs,
            "outputs": inputs,
            "propertyDependencies": depends,
        }

    def of(name: str) -> str:
        return _identity(f"{name}-{number}")

    wrong = number % 4 == 3
    backend = {"lbId": of("lb"), "forwardProtocol": "http", "forwardPort": 8080, "healthCheckHttp": {"uri": "/"}}
    yield made("ip", "ip")
    yield made("lb", "lb", type="LB-S", ipIds=[of("ip")])
    yield made("certificate", "certificate", lbId=of("lb"), letsencrypt={"commonName": f"shop-{number}.example.test"})
    yield made("backend", "web", **backend, serverIps=["203.0.113.7" if wrong else "10.0.0.20"])
    yield made("backend", "api", **backend, serverIps=["10.0.0.30", "10.0.0.31"])
    yield made(
        "frontend", "https", lbId=of("lb"), backendId=of("web"), inboundPort=443, certificateIds=[of("certificate")]
    )
    yield made("frontend", "http", lbId=of("lb"), backendId=of("web"), inboundPort=80, acls=[_TO_HTTPS])
    yield made("route", "api", frontendId=of("https"), backendId=of("api"), matchPathBegin="/api")


_TO_HTTPS = {
    "action": {"type": "redirect", "redirects": [{"type": "scheme", "target": "https", "code": 301}]},
    "match": {"ipSubnets": ["0.0.0.0/0", "::/0"]},
}


def _identity(name: str) -> str:
    return f"fr-par-1/{uuid.uuid5(uuid.NAMESPACE_DNS, name)}"


def measure(balancers: int) -> dict[str, Any]:
    """One run, with its times in seconds."""
    document = state(balancers)
    started = time.perf_counter()
    resources = tuple(from_state(document))
    read = time.perf_counter()
    findings = judge(resources, today=TODAY)
    ended = time.perf_counter()
    return {
        "balancers": balancers,
        "resources": len(resources),
        "findings": len(findings),
        "read": read - started,
        "judge": ended - read,
        "microseconds_per_resource": (ended - started) / len(resources) * 1e6,
    }


def main(arguments: list[str]) -> None:
    """Measure each size, and print."""
    parser = argparse.ArgumentParser(description="How long it takes to judge a stack.")
    parser.add_argument("--balancers", type=int, nargs="+", default=SIZES, metavar="N")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    measure(4)
    rows: list[dict[str, Any]] = []
    for size in options.balancers:
        row = measure(size)
        before = rows[-1]["microseconds_per_resource"] if rows else None
        row["to_the_size_before"] = None if before is None else row["microseconds_per_resource"] / before
        rows.append(row)
    print(json.dumps(rows, indent=1) if options.json else table(rows))


def table(rows: list[dict[str, Any]]) -> str:
    """The figures in columns."""
    lines = [
        f"{'balancers':>9} {'resources':>9} {'findings':>8} {'read':>9} {'judge':>9} {'a resource':>11} {'ratio':>6}"
    ]
    for row in rows:
        ratio = "" if row["to_the_size_before"] is None else f"{row['to_the_size_before']:.2f}"
        lines.append(
            f"{row['balancers']:>9,} {row['resources']:>9,} {row['findings']:>8,} {row['read']:>8.3f}s "
            f"{row['judge']:>8.3f}s {row['microseconds_per_resource']:>8.0f} µs {ratio:>6}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main(sys.argv[1:])
