"""A whole live session with its panel, against the least that anybody can do: a loop of OpenCV's
read and MediaPipe's call on the same clip. The two take turns."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from benchmarks.live import readers
from benchmarks.live.beside import Beside, wanted
from benchmarks.live.rows import Row
from benchmarks.speed import bare_frames
from mocap.arrays import Array
from mocap.live import LiveSettings, open_session
from mocap.live.stage import StageSettings
from mocap.panel import Panel
from mocap.sources.video import VideoSource
from mocap.stream.server import WebSocketServer
from mocap.takes.folder import TakeFolder

TARGET = 0.95  # of the bare loop's frames a second
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
WITHOUT_A_SCREEN = (
    "--headless=new", "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist", "--remote-debugging-port=0",
    "--no-first-run", "--disable-extensions", "--disable-background-networking",
    "--disable-component-update", "--disable-dev-shm-usage", "--window-size=1280,800",
)  # fmt: skip
EARLY = 30  # frames at the beginning that do not count: models warm up
SURE = 12.0  # [s]
COMING = 90.0  # [s] for a page to open
SETTLING = 3.0  # [s] for it to load
LAST = 8  # frames at the end that do not count: the session hands the last ones out at once


@dataclass(frozen=True)
class Kind:
    """How a session is run.

    Attributes:
        name: of the figure.
        people: that are wanted, 0 for everyone.
        first: frame that counts.
        drawn: whether a browser draws the panel.
    """

    name: str
    people: int
    first: int
    drawn: bool = False


def bare(pipe: Connection, clip: Path) -> None:
    """The bare loop; says when each frame was done [s]."""
    pipe.send([time.perf_counter() for _ in bare_frames(clip)])
    pipe.poll(None)


def live(pipe: Connection, clip: Path, people: int) -> None:
    """A session as `mocap live --every-frame` with server and panel; says its addresses, begins
    once a client is connected and somebody looks at the panel, and says when it has ended."""
    watched = threading.Event()
    settings = LiveSettings(StageSettings(people=people), every_frame=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        open_session(str(clip), settings, TakeFolder(folder)) as session,
    ):

        def look(wanted: bool) -> None:
            session.look(wanted)
            if wanted:
                watched.set()

        server = WebSocketServer(session, port=0)
        session.add(server)
        panel = Panel(session, session.takes, session.picture, look=look)
        session.add(panel)
        pipe.send({"port": server.port, "panel": panel.port, "zero": 0.0})
        pipe.recv()
        if not watched.wait(COMING):
            raise RuntimeError("nobody came to look at the panel")
        time.sleep(SETTLING)
        session.start()
        session.ended.wait()
        if session.failure is not None:
            raise session.failure
        pipe.send("ended")
        pipe.poll(None)


def arrivals(pipe: Connection, port: int) -> None:
    """A client that notes when each frame comes: numbers and times."""
    from mocap.client import connect

    with connect(f"ws://127.0.0.1:{port}") as stream:
        pipe.send("there")
        came: list[tuple[int, float]] = []
        while (question := wanted(pipe)) is not None:
            frame = stream.frame(readers.IDLE)
            if frame is not None:
                came.append((frame.seq, time.perf_counter()))
            if question:
                pipe.send(came)


def page(pipe: Connection, port: int) -> None:
    """What a page of the panel does, but for drawing: it comes in, and takes all that it is sent.

    viser begins to show a page things when it has said where its camera is.
    """
    import msgspec
    import viser
    from viser._messages import ViewerCameraMessage
    from websockets.sync.client import connect

    camera = ViewerCameraMessage(
        wxyz=(1.0, 0.0, 0.0, 0.0), position=(0.0, 1.0, 4.0), fov=0.7, near=0.1, far=100.0,
        image_height=800, image_width=600, look_at=(0.0, 1.0, 0.0), up_direction=(0.0, 1.0, 0.0),
    )  # fmt: skip
    with connect(
        f"ws://127.0.0.1:{port}",
        origin=f"http://127.0.0.1:{port}",  # type: ignore[arg-type]
        subprotocols=[f"viser-v{viser.__version__}"],  # type: ignore[list-item]
        max_size=None,
    ) as socket:
        socket.send(msgspec.msgpack.encode({"type": type(camera).__name__, **asdict(camera)}))
        pipe.send("there")
        taken = 0
        while (question := wanted(pipe)) is not None:
            with suppress(TimeoutError):
                taken += len(socket.recv(readers.IDLE))
            if question:
                pipe.send(taken)


@contextmanager
def browser(port: int) -> Iterator[None]:
    """The panel in a browser without a screen, which draws it with the processor."""
    program = next(found for name in BROWSERS if (found := shutil.which(name)))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [program, *WITHOUT_A_SCREEN, f"--user-data-dir={profile}"]
        opened = subprocess.Popen(
            [*command, f"http://127.0.0.1:{port}/"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            yield
        finally:
            opened.terminate()
            opened.wait()


def browser_there() -> bool:
    return any(shutil.which(name) for name in BROWSERS)


def times_of_bare(clip: Path) -> Array:
    """[s] when each frame of the bare loop was done."""
    with Beside(bare, clip) as loop:
        return np.array(loop.said)


def times_of_live(clip: Path, kind: Kind) -> Array:
    """(N, 2) number, and when it came [s], of the frames that a client got from a session."""
    with (
        Beside(live, clip, kind.people) as session,
        browser(session.said["panel"]) if kind.drawn else Beside(page, session.said["panel"]),
        Beside(arrivals, session.said["port"]) as client,
    ):
        session.tell("go")
        session.hear(patience=3600.0)
        return np.array(client.ask("came"))


def rate(came: Array, first: int, last: int) -> float:
    """[1/s] between the first frames that came of and after two numbers.

    Args:
        came: (N, 2) numbers of frames and when they came [s].
    """
    begin, end = (came[np.searchsorted(came[:, 0], number)] for number in (first, last))
    return float((end[0] - begin[0]) / (end[1] - begin[1]))


def measure(
    clip: Path, rounds: int = 3, drawn: bool | None = None, sure: float = SURE
) -> list[Row]:
    """Medians over the rounds of the ratios, each to the bare loops before and after its round.

    Args:
        clip: what is captured, longer than `sure`.
        rounds: of the bare loop and each kind of session.
        drawn: whether a browser draws the panel too; None where there is one.
        sure: [s] of the clip after which who looks for everyone follows one alone.
    """
    with VideoSource(clip) as video:
        everyone = round(sure * (video.fps or 30.0))
    kinds = [
        Kind("one person wanted, panel open", 1, EARLY),
        Kind("everyone wanted, panel open", 0, everyone),
    ]
    if browser_there() if drawn is None else drawn:
        kinds.append(Kind("one person wanted, panel drawn by the processor", 1, EARLY, True))
    loops = [times_of_bare(clip)]
    last = len(loops[0]) - LAST
    ratios: dict[str, list[float]] = {kind.name: [] for kind in kinds}
    for _ in range(rounds):
        found = [rate(times_of_live(clip, kind), kind.first, last) for kind in kinds]
        loops.append(times_of_bare(clip))
        for kind, fps in zip(kinds, found, strict=True):
            beside = [rate(_numbered(loop), kind.first, last) for loop in loops[-2:]]
            ratios[kind.name].append(fps / statistics.mean(beside))
    alone = [rate(_numbered(loop), EARLY, last) for loop in loops]
    return [
        Row("bare loop", statistics.median(alone), "fps"),
        *(
            Row(f"{kind.name}: of it", statistics.median(ratios[kind.name]), "", TARGET, True)
            for kind in kinds
        ),
    ]


def _numbered(times: Array) -> Array:
    return np.stack([np.arange(len(times)), times], axis=1)
