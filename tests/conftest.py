"""What holds for every test: no verdict depends on how busy the machine is."""

from __future__ import annotations

import os
import signal

from hypothesis import HealthCheck, settings

# A deadline per example would make a timed test of a property; in CI the same examples come each time.
settings.register_profile(
    "lbpatterns",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
    print_blob=True,
)
settings.load_profile("lbpatterns")

# A shell starts what it puts into the background with interrupts ignored, and every child inherits that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
