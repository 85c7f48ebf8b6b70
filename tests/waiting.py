"""Waiting for what others do meanwhile, and a port where nobody listens yet."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

PATIENCE = 60.0  # [s] until a test gives up on something that should come soon


def eventually(condition: Callable[[], object]) -> None:
    """Wait until something is so; the test fails where it does not come to be."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.005)


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
