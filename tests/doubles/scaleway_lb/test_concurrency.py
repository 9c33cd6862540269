"""Many clients at once: every id is its own, nothing is lost, and a lock is held by nobody for long."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from lbpatterns.doubles.scaleway_lb import Double

from .client import ZONE, LbClient
from .conftest import client_of

CLIENTS, EACH = 12, 10


def test_many_clients_create_at_once(double: Double, client: LbClient) -> None:
    lb = client.lb()

    def work(number: int) -> list[Any]:
        with client_of(double) as own:
            return [own.backend(lb, name=f"b{number}-{turn}") for turn in range(EACH)]

    with ThreadPoolExecutor(CLIENTS) as pool:
        backends = [backend for made in pool.map(work, range(CLIENTS)) for backend in made]
    assert len({backend["id"] for backend in backends}) == CLIENTS * EACH == double.state()["backends"]
    assert sorted(backend["lb"]["backend_count"] for backend in backends) == list(range(1, CLIENTS * EACH + 1))
    assert client.ok("GET", f"{ZONE}/lbs/{lb['id']}")["backend_count"] == CLIENTS * EACH
    pages = [client.ok("GET", f"{ZONE}/lbs/{lb['id']}/backends?page={page}") for page in (1, 2, 3)]
    listed = [backend["id"] for page in pages for backend in page["backends"]]
    assert sorted(listed) == sorted(backend["id"] for backend in backends)


def test_of_many_that_want_one_port_one_gets_it(double: Double, client: LbClient) -> None:
    backend = client.backend(client.lb())
    path = f"{ZONE}/lbs/{backend['lb']['id']}/frontends"

    def work(number: int) -> int:
        with client_of(double) as own:
            body = {"name": f"f{number}", "inbound_port": 443, "backend_id": backend["id"]}
            return own.post(path, json=body).status_code

    with ThreadPoolExecutor(CLIENTS) as pool:
        statuses = sorted(pool.map(work, range(CLIENTS)))
    assert statuses == [200] + [400] * (CLIENTS - 1)


def test_whole_lives_side_by_side_leave_nothing(double: Double) -> None:
    def live(number: int) -> None:
        with client_of(double) as own:
            for _ in range(3):
                ip = own.ip()
                lb = own.lb(name=f"lb{number}", ip_ids=[ip["id"]])
                frontend = own.frontend(own.backend(lb), inbound_port=1000 + number)
                own.ok("GET", f"{ZONE}/frontends/{frontend['id']}")
                own.ok("DELETE", f"{ZONE}/lbs/{lb['id']}")
                own.refused(404, "GET", f"{ZONE}/lbs/{lb['id']}")
                own.ok("DELETE", f"{ZONE}/ips/{ip['id']}")

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(live, range(CLIENTS)))
    assert not any(double.state().values())
