"""What a client sees of a load balancer, and how one is made to die."""

import http.client
import os
import signal
import socket
import ssl

from lbpatterns.pem import leaf_facts
from lbpatterns.pki.authority import Authority
from lbpatterns.targets.envoy.process import Process

from .conftest import Plain


def served_leaf(port: int, authority: Authority) -> str:
    """The fingerprint of the leaf that is presented."""
    context = ssl.create_default_context(cadata=authority.certificate_pem)
    context.check_hostname = False
    with socket.create_connection(("127.0.0.1", port), 2) as plain, context.wrap_socket(plain) as tls:
        der = tls.getpeercert(binary_form=True)
    assert der
    return leaf_facts(ssl.DER_cert_to_PEM_cert(der)).sha256


def connect(port: int, authority: Authority) -> http.client.HTTPSConnection:
    context = ssl.create_default_context(cadata=authority.certificate_pem)
    context.check_hostname = False
    return http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=5)


def get(port: int, authority: Authority) -> int:
    connection = connect(port, authority)
    try:
        connection.request("GET", "/", headers={"Host": "shop.test"})
        return connection.getresponse().status
    finally:
        connection.close()


def kill(made: Plain) -> None:
    process = Process(made["pid"], made["started_at"])
    os.kill(process.pid, signal.SIGKILL)
    while process.is_alive():
        pass
