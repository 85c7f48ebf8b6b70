"""Where Blender's add-on lies, clients that are closed at the end, and a scripted server."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from host_client import Connect, Scripted
from mocap_bridge_maya.shared.client import Client

sys.path.insert(0, str(Path(__file__).parents[2] / "addons" / "blender"))


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Makes clients that are closed at the end."""
    made: list[Any] = []

    def make(*arguments: Any, **options: Any) -> Any:
        made.append(Client(*arguments, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    with Scripted() as server:
        yield server
