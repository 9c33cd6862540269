"""A small public key infrastructure for stacks on one machine, the demo and the tests.

Everything is ECDSA P-256 and made on `cryptography`; nothing is fetched and nothing is global. Not for production: the
authorities' private keys live beside what they sign.
"""

from lbpatterns.pki.authority import Authority, Issued, PrivateKey
from lbpatterns.pki.demo import DemoPKI
from lbpatterns.pki.faults import faulty_server_certificates, self_signed_leaf

__all__ = ["Authority", "DemoPKI", "Issued", "PrivateKey", "faulty_server_certificates", "self_signed_leaf"]
