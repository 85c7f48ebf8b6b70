"""The panel in a real browser: it opens, people move in it, what is clicked happens, and no page
of somebody else's gets in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from chromium import Page, browser, executable, until
from pretend import Pictures, Seer, somebody
from pretend_live import FPS, PretendSession, strolling

import exporters
from mocap.frame import Frame
from mocap.landmarks import Landmarks
from mocap.live.capturing import Capturing
from mocap.panel import Panel
from mocap.panel.gate import POLICY
from mocap.stream.commands import Record, Stop
from mocap.takes.folder import TakeFolder
from mocap.threads import Mailbox, Worker

pytestmark = pytest.mark.skipif(
    executable() is None, reason="no Chromium on this machine (Debian: apt install chromium)"
)

STAGE = (slice(200, 780), slice(330, 940))  # rows and columns of the page in which people stand
CHANGED = 24  # of 255: what anybody sees


class Stream:
    """A session whose frames go to a panel until it is told to halt."""

    def __init__(self, panel: Panel, session: PretendSession, pictures: Mailbox) -> None:  # type: ignore[type-arg]
        self.flowing = threading.Event()
        self.ended = threading.Event()
        self._seq = 0
        self._panel, self._session, self._pictures = panel, session, pictures
        panel.open(session.cast)
        self.flowing.set()
        self._worker = Worker("pretend", self._run)

    def _run(self) -> None:
        while not self.ended.wait(1 / FPS):
            if self.flowing.is_set():
                self._seq += 1
                self._panel.write(self._session.frame(self._seq))
                self._pictures.put(self._session.pictured(self._seq))

    def close(self) -> None:
        self.ended.set()
        self._worker.join()


@pytest.fixture(scope="module")
def new_page() -> Iterator[Callable[[], Page]]:
    with browser() as new_page:
        yield new_page


@pytest.fixture(scope="module")
def session() -> PretendSession:
    return PretendSession([strolling(x=0.45, phase=0.2), strolling(x=-0.45)])


@pytest.fixture(scope="module")
def panel_and_stream(
    session: PretendSession, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Panel, Stream]]:
    pictures: Mailbox = Mailbox()  # type: ignore[type-arg]
    takes = TakeFolder(tmp_path_factory.mktemp("takes"))
    with Panel(session, takes, pictures, port=18480) as panel:
        stream = Stream(panel, session, pictures)
        yield panel, stream
        stream.close()


@pytest.fixture
def panel(panel_and_stream: tuple[Panel, Stream]) -> Panel:
    return panel_and_stream[0]


@pytest.fixture
def stream(panel_and_stream: tuple[Panel, Stream]) -> Stream:
    return panel_and_stream[1]


@pytest.fixture(scope="module")
def page(new_page: Callable[[], Page], panel_and_stream: tuple[Panel, Stream]) -> Page:
    page = new_page()
    page.open(panel_and_stream[0].url)
    until(lambda: "latency" in page.text() and "Record" in page.text(), "the panel")
    return page


def changed(before: np.ndarray, after: np.ndarray) -> float:
    """Share of the stage that looks different."""
    difference = np.abs(before[STAGE].astype(int) - after[STAGE].astype(int)).max(axis=-1)
    return float((difference > CHANGED).mean())


def test_the_page_opens_and_asks_nobody_else_for_anything(page: Page, panel: Panel) -> None:
    text = page.text()
    for words in ("mocap live", "2 people", "MediaPipe Pose full", "Record", "latency"):
        assert words in text
    assert not page.said
    own = (panel.url, panel.url.replace("http:", "ws:"), "data:", f"blob:{panel.url}")
    assert [url for url in page.requests if not f"{url}/".startswith(own)] == []


def test_people_move_when_frames_come_and_only_then(page: Page, stream: Stream) -> None:
    stream.flowing.clear()
    until(lambda: changed(page.picture(), page.picture()) < 0.001, "a picture that stands still")
    before = page.picture()
    time.sleep(1.0)
    assert changed(before, page.picture()) < 0.001
    stream.flowing.set()
    until(lambda: changed(before, page.picture()) > 0.02, "people who move")


def test_two_people_of_two_colours_stand_on_the_stage(page: Page) -> None:
    def colours_seen() -> bool:
        blue, _, red = np.moveaxis(page.picture()[STAGE].astype(int), -1, 0)
        amber, sky = red - blue > 60, blue - red > 60
        return bool(amber.mean() > 0.01 and sky.mean() > 0.01)

    until(colours_seen, "an amber and a blue figure")


def test_record_and_stop_are_clicked(page: Page, session: PretendSession, panel: Panel) -> None:
    page.fill("Name", "jump")
    until(lambda: panel._controls._name.value == "jump", "the name")  # no hand is quicker
    page.click("Record")
    until(lambda: session.asked, "the command")
    assert session.asked == [Record("jump", "")]
    until(lambda: "REC" in page.text(), "the word that it records")
    page.click("Stop")
    until(lambda: len(session.asked) == 2, "the command")
    assert session.asked[1] == Stop()
    until(lambda: "REC" not in page.text(), "the end of it")


class Slow(Pictures):
    """Blank pictures, twenty a second."""

    def __iter__(self) -> Iterator[Frame]:
        for frame in super().__iter__():
            time.sleep(0.05)
            yield frame


class Always(Seer):
    """Sees somebody, whenever it is."""

    def __call__(self, frame: Frame) -> list[Landmarks]:
        return super().__call__(replace(frame, t=0.0))


def test_a_click_records_a_take_and_another_exports_it(
    new_page: Callable[[], Page], tmp_path: Path
) -> None:
    session = Capturing(
        lambda _: Slow(10**6, live=True),
        lambda *_: Always([somebody(1)]),
        takes=TakeFolder(tmp_path),
    )
    with session:
        panel = Panel(session, session.takes, session.picture, look=session.look, port=18580)
        session.add(panel)
        session.start()
        page = new_page()
        page.open(panel.url)
        until(lambda: "1 person" in page.text() and "Record" in page.text(), "somebody")
        page.fill("Name", "jump")
        until(lambda: panel._controls._name.value == "jump", "the name")
        page.click("Record")
        until(lambda: "REC" in page.text(), "the word that it records")
        time.sleep(1.0)
        page.click("Stop")
        until(lambda: "recorded jump" in page.text(), "the word that it is kept")
        until(lambda: panel._controls._take.value == "jump", "the list of takes")
        page.click("Takes", "[role=tab]")
        page.click("Export")
        until(lambda: "wrote jump.bvh" in page.text(), "the export")
    (take,) = session.takes.list()
    assert take.name == "jump"
    assert take.complete
    recorded = exporters.read(session.takes.path_of("jump")).people[0].motion
    exported = exporters.read(tmp_path / "jump.bvh").people[0].motion
    assert recorded is not None
    assert exported is not None
    assert len(recorded) > 5
    assert len(exported) > 5


def test_what_goes_wrong_is_on_every_screen(
    page: Page, new_page: Callable[[], Page], panel: Panel
) -> None:
    other = new_page()
    other.open(panel.url)
    until(lambda: "latency" in other.text(), "a second screen")
    panel.tell({"type": "error", "message": "the disk is full; recording has stopped"})
    for each in (page, other):
        until(lambda each=each: "the disk is full" in each.text(), "the error")  # type: ignore[misc]


def test_a_page_of_somebody_else_is_shown_the_door(
    new_page: Callable[[], Page], panel: Panel, tmp_path: Path
) -> None:
    import viser

    (tmp_path / "index.html").write_text("<p>nothing good")
    quiet = type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(quiet, directory=str(tmp_path))) as other:
        serving = Worker("other", other.serve_forever)
        page = new_page()
        page.open(f"http://127.0.0.1:{other.server_port}/")
        page.wait_for("document.body?.innerText.includes('nothing good')")
        heard, code = page.evaluate(
            "new Promise(done => { let heard = 0;"
            f"const socket = new WebSocket('ws://127.0.0.1:{panel.port}/',"
            f" ['viser-v{viser.__version__}']);"
            "socket.onmessage = () => { heard += 1; };"
            "socket.onclose = event => done([heard, event.code]); })"
        )
        other.shutdown()
        serving.join()
    assert (heard, code) == (0, POLICY)
