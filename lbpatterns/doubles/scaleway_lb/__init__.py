"""A double of Scaleway's Load Balancer HTTP API, for testing only. README.md has its goals and limits.

>>> from lbpatterns.doubles.scaleway_lb import running
>>> with running(mode="fast") as double:
...     double.url
'http://127.0.0.1:...'
"""

from lbpatterns.doubles.scaleway_lb.double import Double, running
from lbpatterns.doubles.scaleway_lb.errors import CannotListenError

__all__ = ["CannotListenError", "Double", "running"]
