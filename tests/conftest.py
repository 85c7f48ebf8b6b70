"""What all tests share: hypothesis settings, the folder of large test data, Blender's exit."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "mocap",
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("mocap")

_status = [0]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of recordings that are too large or not ours to keep in the repository.

    $MOCAP_SHARED_DATA, or shared/data beside the repository; the test is skipped without it.
    """
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("MOCAP_SHARED_DATA") or beside)
    if not folder.is_dir():
        pytest.skip(f"no test data in {folder}; MOCAP_SHARED_DATA can name another folder")
    return folder


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    _status[0] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    # Blender 4.5 as a module never ends the process if anything of ours is still registered
    if "bpy" in sys.modules:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_status[0])
