"""`lbpatterns servers` in a checkout of its own: told to end once or twice, it takes its servers with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lbpatterns.demo import foreground
from tests.test_documents import checkout_on_free_ports


def servers_of(checkout: Path) -> list[str]:
    listed = subprocess.run(["ps", "axww", "-o", "args="], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if "lbpatterns.demo.servers" in line and str(checkout) in line]


@pytest.mark.parametrize("orders", [(signal.SIGTERM,), (signal.SIGTERM,) * 3, (signal.SIGINT, signal.SIGTERM)])
def test_no_server_outlives_it(tmp_path: Path, orders: tuple[signal.Signals, ...]) -> None:
    checkout = checkout_on_free_ports(tmp_path / "checkout")
    run = subprocess.Popen(
        [sys.executable, "-m", "lbpatterns.cli", "servers"],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        stdout=subprocess.PIPE,
        text=True,
    )
    with run:
        assert run.stdout is not None
        assert "offloaded" in run.stdout.readline()
        assert servers_of(checkout)
        for order in orders:
            run.send_signal(order)
        assert run.wait(60) == 0
    deadline = time.monotonic() + 10
    while servers_of(checkout) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert servers_of(checkout) == []


def test_after_the_first_order_no_other_is_heard() -> None:
    """One that came in the middle of the ending would end it, and leave the servers."""
    orders = (signal.SIGTERM, signal.SIGINT)
    before = {order: signal.getsignal(order) for order in orders}
    try:
        with pytest.raises(KeyboardInterrupt):
            foreground._end(signal.SIGTERM, None)
        assert {signal.getsignal(order) for order in orders} == {signal.SIG_IGN}
    finally:
        for order, handler in before.items():
            signal.signal(order, handler)
