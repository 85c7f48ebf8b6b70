"""The panel: a sink that shows live frames in browsers, and gives commands.

The capture hands over a frame and goes on. Threads of the panel show the newest one, the newest
picture, and how things are, each as often as it is worth it and only while somebody looks.
"""

from __future__ import annotations

import threading
import time
import webbrowser
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import exporters
from mocap.errors import MocapError
from mocap.panel import words
from mocap.panel.controls import Controls
from mocap.panel.export import export
from mocap.panel.gauges import Gauges
from mocap.panel.picture import drawn
from mocap.panel.scene import Poses, Scene
from mocap.panel.web import Client, Web
from mocap.stream.access import Access
from mocap.stream.commands import Control
from mocap.stream.frames import Cast, LiveFrame
from mocap.stream.sink import Sink
from mocap.takes.folder import TakeFolder
from mocap.threads import Mailbox, Worker

if TYPE_CHECKING:
    from mocap.live.session import Seen

PORT = 8080
DRAW_EVERY = 1 / 35  # [s] at least, between two frames drawn
PICTURE_EVERY = 1 / 12  # [s] at least, between two pictures
STATUS_EVERY = 0.5  # [s]
COUNT_EVERY = 0.2  # [s] while a countdown runs
LIST_EVERY = 5.0  # [s] between two looks at the folder of takes
IDLE = 0.25  # [s] after which a thread without work looks whether there is another
REMEMBERED = 4  # messages
PATIENCE = 5.0  # [s] for a thread to end
JPEG_QUALITY = 70
SIDE_WIDTH = 300  # [px]


class Panel(Sink):
    """Shows a live session in browsers on this machine.

    Args:
        control: of the session; obeys what is clicked.
        takes: where recordings are.
        picture: the newest picture and who was found in it; None without pictures.
        look: told whether anybody looks at the picture.
        access: where to listen, and who may connect; None is for this machine alone.
        port: to listen on; the next free one if it is taken.
        open_browser: whether to open it at once.

    Attributes:
        url: of the panel, with the token if there is one.
        port: on which it listens.

    Raises:
        StreamError: it cannot listen.
    """

    def __init__(
        self,
        control: Control,
        takes: TakeFolder,
        picture: Mailbox[Seen] | None = None,
        *,
        look: Callable[[bool], None] = lambda _: None,
        access: Access | None = None,
        port: int = PORT,
        open_browser: bool = False,
    ) -> None:
        self._control, self._takes, self._picture, self._look = control, takes, picture, look
        self._web = Web(access or Access(), port)
        self.url, self.port = self._web.url, self._web.get_port()
        self.name = f"panel {self._web.url.partition('?')[0]}"
        self._cast = Cast()
        self._frames: Mailbox[tuple[Cast, LiveFrame]] = Mailbox()
        self._closing = threading.Event()
        self._exporting = threading.Lock()
        self._gauges: dict[int, Gauges] = {}
        self._measuring = threading.Lock()  # gauges are filled and read by two threads
        self._said: deque[tuple[bool, str]] = deque(maxlen=REMEMBERED)
        self._lay_out()
        self._workers = [
            self._worker("figures", self._draw),
            self._worker("words", self._inform),
            self._worker("picture", self._show_pictures),
        ]
        if open_browser:
            Worker("panel browser", lambda: _open(self.url))

    def _lay_out(self) -> None:
        web = self._web
        web.gui.configure_theme(
            dark_mode=True, show_logo=False, show_share_button=False, brand_color=(38, 150, 160)
        )
        self._scene = Scene(web)
        web.gui.main_panel.dock_right()
        self._controls = Controls(
            web, self._control, self._say, self._begin_export, self._scene.look_at_people
        )
        side = web.gui.add_panel()
        with side.add_tab("Live"):
            if self._picture is not None:
                self._pictured = web.gui.add_checkbox("Picture", True)
                self._image = web.gui.add_image(
                    _blank(), format="jpeg", jpeg_quality=JPEG_QUALITY, visible=False
                )
            self._figures = web.gui.add_html("")
            self._notes = web.gui.add_html("")
        side.dock_left()
        side.set_width(SIDE_WIDTH)

    # -- the sink

    def open(self, cast: Cast) -> None:
        self._cast = cast

    def write(self, frame: LiveFrame) -> None:
        self._frames.put((self._cast, frame))

    def tell(self, message: Mapping[str, Any]) -> None:
        if message.get("type") in ("note", "error"):
            self._say(None, str(message.get("message", "")), message["type"] == "error")

    def close(self) -> None:
        if self._closing.is_set():
            return
        self._closing.set()
        self._frames.close()
        for worker in self._workers:
            worker.join(PATIENCE)
        self._web.stop()

    # -- what people are told

    def _say(self, client: Client | None, text: str, wrong: bool) -> None:
        """Show a message in one browser, or in all."""
        clients = list(self._web.get_clients().values()) if client is None else [client]
        for each in clients:
            each.add_notification(
                "Problem" if wrong else "Note",
                text,
                color="red" if wrong else "teal",
                auto_close_seconds=30.0 if wrong else 5.0,
            )
        if client is None:
            self._said.append((wrong, text))
            self._notes.content = words.notes(list(self._said))

    # -- threads

    def _worker(self, what: str, work: Callable[[], None]) -> Worker:
        """A thread that shows something; if it cannot go on, that is told and all else goes on."""

        def shown() -> None:
            try:
                work()
            except Exception as error:
                self._say(None, f"the panel shows no more {what}: {error!r}", True)
                raise

        return Worker(f"panel {what}", shown)

    def _draw(self) -> None:
        latest: tuple[Cast, LiveFrame] | None = None
        drawn_at = float("-inf")
        while not self._closing.is_set():
            newest = self._frames.take(IDLE)
            latest = newest or latest
            if latest is None or not self._web.get_clients():
                continue
            poses = self._scene.show(*latest)
            now = time.perf_counter()
            if self._controls.following:
                self._scene.follow(min(now - drawn_at, IDLE))
            drawn_at = now
            if newest is not None:
                self._measure(poses)
                self._closing.wait(DRAW_EVERY)

    def _measure(self, poses: Poses) -> None:
        with self._measuring:
            for id in self._gauges.keys() - {p[0] for p in poses}:
                del self._gauges[id]
            for id, skeleton, pose, positions, _ in poses:
                if id not in self._gauges or self._gauges[id].skeleton.names != skeleton.names:
                    self._gauges[id] = Gauges(skeleton)
                self._gauges[id].push(pose, positions)

    def _inform(self) -> None:
        listed = aimed = float("-inf")
        while not self._closing.wait(COUNT_EVERY if self._controls.counting else STATUS_EVERY):
            clients = self._web.get_clients()
            if not clients:
                continue
            try:
                now = time.monotonic()
                status = self._control.status()
                self._controls.update(status)
                with self._measuring:
                    said = {id: gauges.quality() for id, gauges in self._gauges.items()}
                quality = {id: figures for id, figures in said.items() if figures is not None}
                self._figures.content = words.gauges(status, quality, len(clients))
                if now - aimed > LIST_EVERY:
                    self._scene.aim()
                    aimed = now
                if now - listed > LIST_EVERY:
                    self._controls.show_takes()
                    listed = now
            except MocapError as error:
                self._say(None, str(error), True)

    def _show_pictures(self) -> None:
        if self._picture is None:
            return
        while not self._closing.is_set():
            wanted = self._pictured.value and bool(self._web.get_clients())
            self._look(wanted)
            self._image.visible = wanted
            if not wanted:
                self._closing.wait(IDLE)
                continue
            seen = self._picture.take(IDLE)
            if seen is not None:
                self._image.image = drawn(seen.frame, seen.people)
            self._closing.wait(PICTURE_EVERY)
        self._look(False)

    # -- exports

    def _begin_export(self, name: str, format: str, skeleton: str) -> None:
        if self._exporting.acquire(blocking=False):
            self._controls.busy(True)
            Worker("panel export", lambda: self._export(name, format, skeleton))

    def _export(self, name: str, format: str, skeleton: str) -> None:
        try:
            path = self._takes.path_of(name)
            files = export(exporters.read(path), path.stem, path.parent, format, skeleton)
            text, wrong = f"wrote {', '.join(f.name for f in files)} in {path.parent}", False
        except (MocapError, OSError) as error:
            text, wrong = f"{name}: {error}", True
        finally:
            self._exporting.release()
        if not self._closing.is_set():
            self._controls.busy(False)
            self._controls.show_outcome(text, wrong)


def _blank() -> NDArray[np.uint8]:
    """What is shown before the first picture."""
    return np.zeros((2, 2, 3), dtype=np.uint8)


def _open(url: str) -> None:
    """Open the browser, if there is one."""
    with suppress(webbrowser.Error):
        webbrowser.open(url)
