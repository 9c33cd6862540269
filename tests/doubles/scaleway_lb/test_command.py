"""`lbpatterns scaleway-double`: a process that says where it is, ends when told to, and explains a taken port."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from lbpatterns.doubles.scaleway_lb import CannotListenError, running

from .client import ZONE


@contextmanager
def command(*words: str) -> Iterator[tuple["subprocess.Popen[str]", dict[str, str]]]:
    """The process, and the variables of its one line."""
    line = [sys.executable, "-m", "lbpatterns.cli", "scaleway-double", *words]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            words_of_env = shlex.split(said.partition("env: ")[2])
            yield process, dict(word.split("=", 1) for word in words_of_env)
        finally:
            process.kill()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_ends_when_told_to(ending: signal.Signals) -> None:
    with command("--mode", "fast") as (process, variables):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", variables["SCW_API_URL"])
        assert variables["SCW_DEFAULT_ZONE"] == "fr-par-1"
        headers = {"X-Auth-Token": variables["SCW_SECRET_KEY"]}
        answer = httpx.get(f"{variables['SCW_API_URL']}{ZONE}/lbs", headers=headers, trust_env=False)
        assert answer.json() == {"lbs": [], "total_count": 0}
        process.send_signal(ending)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "", "")


def test_a_taken_port_is_one_clear_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = [sys.executable, "-m", "lbpatterns.cli", "scaleway-double", "--port", str(port)]
        answer = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)
        assert answer.returncode == 1
        assert re.fullmatch(rf"error: cannot listen on 127\.0\.0\.1:{port}: .+\n  fix: .+\n", answer.stderr)
        with pytest.raises(CannotListenError, match=str(port)), running(port=port):
            pass


@pytest.mark.parametrize("words", [["--port", "70000"], ["--mode", "quick"]])
def test_wrong_options_are_refused(words: list[str]) -> None:
    line = [sys.executable, "-m", "lbpatterns.cli", "scaleway-double", *words]
    answer = subprocess.run(
        line, capture_output=True, text=True, check=False, timeout=60, env={**os.environ, "COLUMNS": "200"}
    )
    assert answer.returncode == 2
    assert words[0] in answer.stderr


def test_the_port_is_free_again_afterwards() -> None:
    with running() as double:
        port = int(double.url.rpartition(":")[2])
        with httpx.Client(trust_env=False) as client:
            client.get(double.url)
    with running(port=port) as again:
        assert again.url == double.url


def test_two_doubles_know_nothing_of_each_other() -> None:
    with running() as one, running(mode="realistic") as other:
        headers = {"X-Auth-Token": one.environment()["SCW_SECRET_KEY"]}
        body = {"project_id": one.environment()["SCW_DEFAULT_PROJECT_ID"]}
        httpx.post(f"{one.url}{ZONE}/ips", headers=headers, json=body, trust_env=False)
        assert (one.state()["ips"], other.state()["ips"]) == (1, 0)


def test_the_server_library_is_loaded_only_where_a_server_starts() -> None:
    program = "import sys, lbpatterns, lbpatterns.doubles.scaleway_lb; print('werkzeug' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout == "False\n"
