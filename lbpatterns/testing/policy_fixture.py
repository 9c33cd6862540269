"""A pytest fixture. A project that wants it says `pytest_plugins = ["lbpatterns.testing.policy_fixture"]`."""

from __future__ import annotations

import pytest

from lbpatterns.testing.policy import PolicyStack


@pytest.fixture
def policy_stack() -> PolicyStack:
    """An empty stack in a preview; `policy_stack.phase = "up"` puts the same resources to a policy as once built."""
    return PolicyStack()
