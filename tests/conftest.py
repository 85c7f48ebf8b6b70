"""What all tests share: hypothesis settings, a command, a server, large data, Blender's exit."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import Command, Outcome
from hypothesis import HealthCheck, settings
from pretend import Pretending, Seer
from stages import Obedient, playing

import mocap.capture
from mocap.cli import main
from mocap.landmarks import LandmarkTrack
from mocap.stream.server import WebSocketServer

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


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `mocap` with arguments, in this process."""

    def run(*arguments: object) -> Outcome:
        capsys.readouterr()
        try:
            status = main([str(a) for a in arguments])
        except SystemExit as end:
            status = int(end.code or 0)
        return Outcome(status, *capsys.readouterr())

    return run


@pytest.fixture
def pretending(monkeypatch: pytest.MonkeyPatch) -> Pretending:
    """Has captures see the tracks given rather than run a model; returns the seers opened."""

    def pretend(*tracks: LandmarkTrack) -> list[Seer]:
        opened: list[Seer] = []

        def open_for(people: int, model: Path | None = None) -> Seer:
            opened.append(Seer(tracks))
            return opened[-1]

        monkeypatch.setattr(mocap.capture, "open_for", open_for)
        return opened

    return pretend


@pytest.fixture
def session() -> Obedient:
    """A session that does what it is told, and captures nothing."""
    return Obedient()


@pytest.fixture
def server(session: Obedient) -> Iterator[WebSocketServer]:
    """A server on which somebody moves."""
    with WebSocketServer(session, port=0) as server, playing(server, session):
        yield server


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
