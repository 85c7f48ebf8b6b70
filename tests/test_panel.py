"""The panel's server, spoken to as its page would, without a browser."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import viser
from pretend_live import PretendSession, strolling
from synthetic import standing
from viser._messages import GuiUpdateMessage, ViewerCameraMessage
from waiting import eventually, free_port
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from mocap.client import connect as connect_stream
from mocap.errors import Refused, StreamError
from mocap.motion import TrackState
from mocap.panel import Panel
from mocap.panel.gate import POLICY, keep, refusal
from mocap.panel.web import Web
from mocap.stream.access import Access
from mocap.stream.commands import Calibrate, Record, Set, Stop
from mocap.stream.frames import Cast, LiveFrame, LivePerson
from mocap.takes.folder import TakeFolder
from mocap.threads import Mailbox

msgpack = pytest.importorskip("msgspec.msgpack")
zstandard = pytest.importorskip("zstandard")

PATIENCE = 20.0  # [s]
CAMERA = ViewerCameraMessage(
    wxyz=(1.0, 0.0, 0.0, 0.0), position=(0.0, 1.0, 4.0), fov=0.7, near=0.1, far=100.0,
    image_height=800, image_width=600, look_at=(0.0, 1.0, 0.0), up_direction=(0.0, 1.0, 0.0),
)  # fmt: skip


class Browser:
    """A page of viser's, without the page.

    Attributes:
        controls: what can be used on it, by label: uuid and value.
        told: what notifications said.
        shown: the newest of what else can be read or seen, by id and property.
    """

    def __init__(self, panel: Panel, origin: str | None = "", path: str = "/", **how: Any) -> None:
        self._panel = panel
        own = f"http://127.0.0.1:{panel.port}"
        self.socket: ClientConnection = connect(
            f"ws://127.0.0.1:{panel.port}{path}",
            origin=own if origin == "" else origin,  # type: ignore[arg-type]
            subprotocols=[f"viser-v{viser.__version__}"],  # type: ignore[list-item]
            max_size=None,
            **how,
        )
        self.controls: dict[str, str] = {}
        self.told: list[str] = []
        self.shown: dict[str, dict[str, Any]] = {}

    def send(self, message: Any) -> None:
        self.socket.send(msgpack.encode({"type": type(message).__name__, **asdict(message)}))

    def come_in(self) -> Browser:
        """Say where the camera is, as a page does first of all; wait for the controls."""
        before = len(self._panel._web.get_clients())
        self.send(CAMERA)
        eventually(lambda: len(self._panel._web.get_clients()) > before)
        self.read_until(lambda: "Record" in self.controls)
        return self

    def read_until(self, done: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE
        while not done():
            assert time.monotonic() < end, "waited too long"
            self.read(end - time.monotonic())

    def read(self, timeout: float) -> None:
        data = self.socket.recv(timeout=timeout)
        assert isinstance(data, bytes)
        size = int.from_bytes(data[8:16], "little")
        inner = zstandard.ZstdDecompressor().decompress(data[16 : 16 + size])
        for message in msgpack.decode(inner)["messages"]:
            self._hear(message)

    def _hear(self, message: dict[str, Any]) -> None:
        kind, props = message["type"], message.get("props") or {}
        id = str(message.get("uuid") or message.get("name"))
        if kind.startswith("Gui") and props.get("label"):
            self.controls[props["label"]] = id
        if kind == "NotificationShowMessage":
            self.told.append(props["body"])
        known = self.shown.setdefault(id, {})
        known.update(props)
        known.update(message.get("updates") or {})

    def use(self, label: str, value: object = True) -> None:
        """Click a button, or change a value."""
        self.send(GuiUpdateMessage(self.controls[label], {"value": value}))

    def of(self, label: str) -> dict[str, Any]:
        return self.shown[self.controls[label]]

    @property
    def text(self) -> str:
        return " ".join(str(p.get("content", "")) for p in self.shown.values())


@pytest.fixture
def session() -> PretendSession:
    return PretendSession([strolling()])


@pytest.fixture
def panel(session: PretendSession, tmp_path: Path) -> Iterator[Panel]:
    with Panel(session, TakeFolder(tmp_path), port=free_port()) as panel:
        panel.open(session.cast)
        yield panel


@pytest.fixture
def browser(panel: Panel) -> Iterator[Browser]:
    browser = Browser(panel).come_in()
    yield browser
    browser.socket.close()


# -- who may come in


def test_a_foreign_page_reads_nothing_and_commands_nothing(
    panel: Panel, session: PretendSession, browser: Browser
) -> None:
    """Its messages, sent before it is shown the door, are those that would work."""
    for origin in ("https://evil.example", "http://127.0.0.1:1", "null"):
        foreign = Browser(panel, origin)
        foreign.controls = browser.controls
        try:
            foreign.send(CAMERA)
            foreign.use("Record")
        except ConnectionClosed:
            pass  # quicker than we
        with pytest.raises(ConnectionClosed) as closed:
            foreign.read(PATIENCE)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == POLICY
        assert foreign.shown == {}
    browser.use("Calibrate in a T-pose")  # after theirs
    eventually(lambda: session.asked)
    assert session.asked == [Calibrate(None, 3.0)]


def test_the_own_page_and_programs_come_in(panel: Panel) -> None:
    for origin in (f"http://127.0.0.1:{panel.port}", None):
        inside = Browser(panel, origin).come_in()
        inside.read_until(lambda page=inside: "running" in page.text)  # type: ignore[misc]
        inside.socket.close()


def test_a_name_of_somebody_else_that_leads_here_is_refused(panel: Panel) -> None:
    """DNS rebinding: then page and socket are of one origin, but it is not ours."""
    with socket.create_connection(("127.0.0.1", panel.port)) as plain:
        name = f"evil.example:{panel.port}"
        rebound = connect(
            f"ws://{name}/",
            sock=plain,
            origin=f"http://{name}",  # type: ignore[arg-type]
            subprotocols=[f"viser-v{viser.__version__}"],  # type: ignore[list-item]
        )
        with pytest.raises(ConnectionClosed):
            rebound.recv(PATIENCE)
    headers = [("Host", "evil.example:8080"), ("Origin", "http://evil.example:8080")]
    refused = refusal(Access(), "/", headers)
    assert refused is not None
    assert "evil.example" in refused.message


def test_origins_are_compared_with_the_host_that_was_asked() -> None:
    def refused(origin: str, asked: str = "127.0.0.1:8080", **rules: Any) -> bool:
        sent = [("Host", asked), ("Origin", origin)]
        return refusal(Access(**rules), "/", sent) is not None

    assert not refused("http://127.0.0.1:8080")
    assert not refused("http://localhost:8080", "localhost:8080")
    assert not refused("http://[::1]:8080", "[::1]:8080")
    assert refused("http://localhost:8080"), "another name is another origin"
    assert refused("http://127.0.0.1:8081")
    assert refused("https://evil.example")
    assert not refused("https://good.example", origins=("https://good.example",))
    assert refused("http://192.0.2.1:8080", "192.0.2.1:8080"), "not from here, on loopback"
    outside = {"host": "0.0.0.0", "no_token": True}
    assert not refused("http://192.0.2.1:8080", "192.0.2.1:8080", **outside)
    assert refused("https://evil.example", "192.0.2.1:8080", **outside)
    both = [("Host", "127.0.0.1:8080"), ("Origin", "http://127.0.0.1:8080"), ("Origin", "x")]
    assert refusal(Access(), "/", both) is not None


def test_with_a_token_the_address_that_is_told_has_it(
    session: PretendSession, tmp_path: Path
) -> None:
    access = Access(token="a token & more")
    with Panel(session, TakeFolder(tmp_path), access=access, port=free_port()) as panel:
        without = Browser(panel)
        with pytest.raises(ConnectionClosed):
            without.read(PATIENCE)
        own = parse_qs(urlsplit(panel.url).query)["websocket"][0]
        assert own.startswith(f"ws://127.0.0.1:{panel.port}/?token=")
        Browser(panel, path=own.removeprefix(f"ws://127.0.0.1:{panel.port}")).come_in()


def test_a_viser_that_cannot_be_guarded_is_not_used() -> None:
    with pytest.raises(StreamError, match=r"viser .* foreign web pages; use --no-panel"):
        keep(object(), Access())


def test_a_client_of_the_stream_is_told_that_this_is_the_panel(panel: Panel) -> None:
    with pytest.raises(StreamError, match=r'that is the panel; .*printed as "stream"'):
        connect_stream(f"127.0.0.1:{panel.port}")


def test_it_is_never_shared_with_strangers(panel: Panel) -> None:
    assert panel._web.request_share_url() is None
    assert Web.request_share_url is not viser.ViserServer.request_share_url


def test_a_port_that_is_taken_is_followed_by_the_next(
    panel: Panel, session: PretendSession, tmp_path: Path
) -> None:
    with Panel(session, TakeFolder(tmp_path), port=panel.port) as second:
        assert panel.port < second.port <= panel.port + 100
        assert second.url == f"http://127.0.0.1:{second.port}/"


def test_a_host_of_another_machine_is_said_at_once(session: PretendSession, tmp_path: Path) -> None:
    with pytest.raises(StreamError, match=r"192\.0\.2\.1"):
        Panel(session, TakeFolder(tmp_path), access=Access("192.0.2.1", no_token=True))


# -- what is done


def test_record_and_stop_are_asked_for_by_name(browser: Browser, session: PretendSession) -> None:
    browser.use("Name", "  jump ")
    browser.use("Note", "with a turn")
    browser.use("Record")
    browser.read_until(lambda: session.asked and "jump" in browser.text)
    assert session.asked == [Record("jump", "with a turn")]
    browser.read_until(lambda: browser.of("Stop")["visible"])
    browser.use("Stop")
    browser.read_until(lambda: browser.of("Record")["visible"])
    assert session.asked[1:] == [Stop()]
    assert browser.told == []  # the session itself tells everyone what was recorded


def test_a_refusal_is_told_to_who_asked_alone(
    panel: Panel, browser: Browser, session: PretendSession
) -> None:
    other = Browser(panel).come_in()
    session.refuse = "the camera sleeps"
    browser.use("Record")
    browser.read_until(lambda: "the camera sleeps" in browser.told)
    panel.tell({"type": "error", "message": "the disk is full"})
    other.read_until(lambda: "the disk is full" in other.told)
    assert "the camera sleeps" not in other.told
    browser.read_until(lambda: "the disk is full" in browser.told)
    later = Browser(panel).come_in()
    later.read_until(lambda: "the disk is full" in later.text)
    for each in (other, later):
        each.socket.close()


def test_only_notes_and_errors_are_told(panel: Panel, browser: Browser) -> None:
    panel.tell({"type": "status", "state": "running", "message": "no"})
    panel.tell({"type": "note", "message": "person 1 is on stage"})
    browser.read_until(lambda: browser.told)
    assert browser.told == ["person 1 is on stage"]


def test_a_calibration_is_counted_down(browser: Browser, session: PretendSession) -> None:
    browser.use("Calibrate in a T-pose")
    browser.read_until(lambda: "T-pose in" in browser.text)
    assert session.asked == [Calibrate(None, 3.0)]


def test_a_value_that_no_command_takes_is_told(browser: Browser, session: PretendSession) -> None:
    browser.use("Height m (0: not known)", 0.1)
    eventually(lambda: session.options["height"])
    session.refuse = "height: expected more"
    browser.use("Height m (0: not known)", 0.2)
    browser.read_until(lambda: browser.told)
    assert browser.told == ["height: expected more"]
    # and the page shows again what holds
    browser.read_until(lambda: browser.of("Height m (0: not known)").get("value") == 0.1)


def test_options_are_set_and_shown_whoever_set_them(
    browser: Browser, session: PretendSession
) -> None:
    browser.read_until(lambda: browser.of("Look-ahead").get("value") == 3)
    browser.use("Look-ahead", 1)
    eventually(lambda: session.options["look_ahead"] == 1)
    assert session.asked == [Set("look_ahead", 1)]
    session.options["filter"] = "butterworth:cutoff=9"
    browser.read_until(lambda: browser.of("Filter").get("value") == "butterworth:cutoff=9")
    session.options.clear()  # as while a take is played
    browser.read_until(lambda: browser.of("Filter").get("disabled"))
    assert len(session.asked) == 1, "what is shown is not set"


def test_an_export_that_fails_says_why(browser: Browser, session: PretendSession) -> None:
    session.takes = [{"name": "gone"}]
    browser.read_until(lambda: browser.of("Take").get("value") == "gone")
    browser.use("Export")
    browser.read_until(lambda: "no take" in browser.text)


def test_errors_of_a_session_that_breaks_do_not_end_the_panel(
    browser: Browser, session: PretendSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> dict[str, Any]:
        raise Refused("no status today")

    monkeypatch.setattr(session, "status", broken)
    browser.read_until(lambda: "no status today" in browser.told)
    monkeypatch.undo()
    session.recording = "later"
    browser.read_until(lambda: "later" in browser.text)


def test_what_can_be_shown_no_more_is_told_and_the_rest_goes_on(
    panel: Panel, browser: Browser, session: PretendSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("a bone is lost")

    monkeypatch.setattr(panel._scene, "show", broken)
    panel.write(session.frame(0))
    browser.read_until(lambda: any("no more figures" in told for told in browser.told))
    session.recording = "later"
    browser.read_until(lambda: "later" in browser.text)


# -- what is seen


def test_everyone_is_drawn_where_they_are(panel: Panel, browser: Browser) -> None:
    two = [standing(np.zeros(1)), standing(np.zeros(1))]
    cast = Cast({3: two[0].skeleton, 5: two[1].skeleton})
    poses = [LivePerson(id, m.pose(0)) for id, m in zip((3, 5), two, strict=True)]
    panel.open(cast)
    panel.write(LiveFrame(1, 0.0, tuple(poses)))
    browser.read_until(lambda: browser.shown.get("/people/balls", {}).get("visible", True))
    browser.read_until(lambda: "person" in browser.text)
    panel.write(LiveFrame(2, 0.1, ()))
    assert panel.name.startswith("panel http://127.0.0.1:")


def test_nothing_is_drawn_while_nobody_looks(
    panel: Panel, session: PretendSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[object] = []
    monkeypatch.setattr(panel._scene, "show", lambda *frame: drawn.append(frame) or [])
    for i in range(3):
        panel.write(session.frame(i))
        time.sleep(0.05)
    assert not drawn
    browser = Browser(panel).come_in()
    eventually(lambda: drawn)  # the newest, although nothing came since
    browser.socket.close()


def test_the_picture_is_asked_for_only_while_somebody_looks(
    session: PretendSession, tmp_path: Path
) -> None:
    wanted: list[bool] = []
    box: Mailbox[Any] = Mailbox()
    with Panel(session, TakeFolder(tmp_path), box, look=wanted.append, port=free_port()) as panel:
        eventually(lambda: wanted)
        assert not any(wanted)
        browser = Browser(panel).come_in()
        eventually(lambda: wanted[-1])
        box.put(session.pictured(0))
        browser.read_until(lambda: any(p.get("_data") for p in browser.shown.values()))
        browser.use("Picture", False)
        eventually(lambda: not wanted[-1])
        browser.use("Picture", True)
        eventually(lambda: wanted[-1])
        browser.socket.close()
        eventually(lambda: not wanted[-1])
    assert not wanted[-1]


def test_the_capture_never_waits_for_the_panel(
    panel: Panel, session: PretendSession, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    going_on = threading.Event()
    monkeypatch.setattr(panel._scene, "show", lambda *_: going_on.wait(PATIENCE) and [])
    for i in range(1000):  # a browser that takes forever
        panel.write(session.frame(i))
    assert panel._frames.dropped > 900
    going_on.set()


def test_a_lost_person_is_grey_and_says_so(panel: Panel, browser: Browser) -> None:
    motion = standing(np.zeros(1))
    pose = replace(motion.pose(0), state=TrackState.LOST)
    panel.open(Cast({0: motion.skeleton}))
    for i in range(12):
        moment = replace(pose, t=i / 30)
        panel.write(LiveFrame(i, i / 30, (LivePerson(0, moment),)))
        time.sleep(0.06)
    browser.read_until(lambda: "0%" in browser.text)


# -- the end


def test_it_ends_with_its_threads_and_without_a_word(
    session: PretendSession, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = set(threading.enumerate())
    panel = Panel(session, TakeFolder(tmp_path), Mailbox(), port=free_port())
    panel.open(session.cast)
    browsers = [Browser(panel).come_in() for _ in range(2)]
    panel.write(session.frame(0))
    browsers[0].use("Record")
    eventually(lambda: session.asked)
    panel.close()
    panel.close()
    panel.write(session.frame(1))  # a sink that was closed meanwhile
    for browser in browsers:
        with pytest.raises(ConnectionClosed):
            browser.read_until(lambda: False)
    eventually(lambda: not [t for t in set(threading.enumerate()) - before if t.is_alive()])
    said = capfd.readouterr()
    assert said.out == said.err == ""
