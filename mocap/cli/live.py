"""Capture live from a camera, stream or file, and send the motion to everyone who listens.

mocap live                                       (the first camera; a panel opens in the browser)
mocap live --source dance.mp4 --loop             (a file, again and again, as if it were a camera)
mocap live --vmc 127.0.0.1:39539                 (also to VSeeFace, Warudo, Unity ... over VMC)
mocap live --record takes --seconds 60           (record from the start, end after a minute)
mocap live --source take.jsonl                   (play a recorded take again)

Blender, Maya, Unity and web pages connect to ws://127.0.0.1:8765; mocap listen shows what they
get. Ctrl-C ends.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mocap.cli.lifters import add_lifter_option, chosen
from mocap.cli.messages import complain, note, shown_by
from mocap.cli.options import add_camera_options, add_model_option, add_source_rate

if TYPE_CHECKING:
    from mocap.live import LiveSettings, Session
    from mocap.stream.access import Access
    from mocap.stream.server import WebSocketServer

NAME = "live"
HELP = "camera to Blender, Unity, VMC and a panel in the browser, as it happens"
PORT, PANEL_PORT = 8765, 8080


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_argument_group("what")
    what.add_argument(
        "--source", default="0", metavar="INPUT",
        help="camera number or name, URL, video, folder of images, or a recorded take (default 0)",
    )  # fmt: skip
    what.add_argument("--loop", action="store_true", help="begin again when a file ends")
    what.add_argument(
        "--every-frame", action="store_true",
        help="work on every frame of a file however long it takes, instead of keeping pace",
    )  # fmt: skip
    what.add_argument("--seconds", type=float, metavar="S", help="end after so long")
    add_source_rate(what)
    what.add_argument(
        "--size", type=size, metavar="WxH", help="size of picture to ask a camera for"
    )
    who = parser.add_argument_group("who")
    who.add_argument(
        "--people", type=int, default=0, metavar="N",
        help="how many at most; 1 is fastest (default 0: everyone)",
    )  # fmt: skip
    who.add_argument(
        "--height", type=float, metavar="M", help="how tall they are, in metres (default 1.70)"
    )
    how = parser.add_argument_group("how")
    add_camera_options(how)
    add_model_option(how)
    add_lifter_option(how, "body-live")
    how.add_argument(
        "--look-ahead", type=int, default=3, metavar="N",
        help="frames, 0 to 5, by which poses come later and steadier (default 3)",
    )  # fmt: skip
    how.add_argument("--no-smoothing", action="store_true", help="leave the joints as found")
    how.add_argument(
        "--filter", metavar="SPEC", default="none",
        help="smooth the motion further: one_euro or butterworth, perhaps with parameters in Hz, "
        "as in one_euro:min_cutoff=1,beta=4",
    )  # fmt: skip
    to = parser.add_argument_group("where to")
    to.add_argument(
        "--host", default="127.0.0.1",
        help="address to listen on; any but this computer's own needs a token (default 127.0.0.1)",
    )  # fmt: skip
    to.add_argument(
        "--port", type=int, metavar="N",
        help=f"of the WebSocket server (default {PORT}, or the next that is free)",
    )  # fmt: skip
    to.add_argument("--token", help="what clients must know (default: made up, if one is needed)")
    to.add_argument("--no-token", action="store_true", help="let anyone connect who can reach it")
    to.add_argument(
        "--allow-origin", action="append", default=[], metavar="URL",
        help="a web page of another computer that may connect; may be repeated",
    )  # fmt: skip
    to.add_argument(
        "--vmc", action="append", default=[], metavar="HOST:PORT",
        help="send VMC there, as in 127.0.0.1:39539,profile=vseeface; may be repeated",
    )  # fmt: skip
    to.add_argument(
        "--osc", action="append", default=[], metavar="HOST:PORT",
        help="send plain OSC there; may be repeated",
    )  # fmt: skip
    takes = parser.add_argument_group("takes")
    takes.add_argument(
        "--record", type=Path, metavar="DIR", help="record from the start, into this folder"
    )
    takes.add_argument(
        "--takes", type=Path, metavar="DIR",
        help="where recordings go that are begun later (default takes)",
    )  # fmt: skip
    panel = parser.add_argument_group("panel")
    panel.add_argument("--no-panel", action="store_true", help="no panel in the browser")
    panel.add_argument(
        "--panel-port", type=int, metavar="N",
        help=f"of the panel (default {PANEL_PORT}, or the next that is free)",
    )  # fmt: skip
    panel.add_argument("--no-browser", action="store_true", help="do not open the browser")
    parser.add_argument(
        "--json", action="store_true", help="print the status as a line of JSON each second"
    )


def size(text: str) -> tuple[int, int]:
    """Width and height of a text such as 1280x720."""
    width, cross, height = text.lower().partition("x")
    if not (cross and width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"expected a size as 1280x720, got {text!r}")
    return int(width), int(height)


def run(arguments: argparse.Namespace) -> int:
    from exporters.files import check_writable
    from mocap.live import open_session
    from mocap.stream.commands import Record
    from mocap.takes.folder import TakeFolder

    settings = settings_of(arguments)
    for folder in filter(None, (arguments.record, arguments.takes)):
        check_writable(folder / "take.jsonl")
    takes = TakeFolder(arguments.record or arguments.takes or Path("takes"))
    lines = Lines(as_json=arguments.json)
    with (
        shown_by(lines.above),
        open_session(
            arguments.source,
            settings,
            takes,
            lines.say,
        ) as session,
    ):
        for what, value in [*session.facts(), *add_sinks(session, arguments)]:
            lines.fact(what, value)
        session.start()
        if arguments.record is not None:
            session.obey(Record())
        with suppress(KeyboardInterrupt), terminated_as_interrupted():  # the usual ends
            watch(session, lines, arguments.seconds)
        lines.end()
    return 0 if session.failure is None else 2


@contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """Meanwhile a request to end is a Ctrl-C: recordings are finished, processes ended."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def watch(session: Session, lines: Lines, seconds: float | None) -> None:
    """Show how the session is doing until it ends, or for so many seconds."""
    began = time.monotonic()
    while not session.ended.wait(1.0 if seconds is None else min(1.0, max(seconds, 0.01))):
        lines.status(session.status())
        if seconds is not None and time.monotonic() - began >= seconds:
            return


def settings_of(arguments: argparse.Namespace) -> LiveSettings:
    """The settings that the options say."""
    from mocap.body_filters import parse
    from mocap.live import LiveSettings
    from mocap.live.stage import StageSettings
    from mocap.solve import SolveSettings

    return LiveSettings(
        stage=StageSettings(
            people=arguments.people,
            look_ahead=arguments.look_ahead,
            solve=SolveSettings(height=arguments.height, smoothing=not arguments.no_smoothing),
            filter=parse(arguments.filter),
        ),
        loop=arguments.loop,
        every_frame=arguments.every_frame,
        fps=arguments.source_fps,
        size=arguments.size,
        fov=arguments.fov,
        camera=arguments.camera,
        model=arguments.model,
        lifter=chosen(arguments.lifter, live=True),
    )


def add_sinks(session: Session, arguments: argparse.Namespace) -> list[tuple[str, str]]:
    """Let a session send everywhere that the options say; kind and address of each.

    Raises:
        MocapError: one of them cannot be; the message says what would work.
    """
    from mocap.stream.access import Access, is_loopback, new_token
    from mocap.stream.osc_sink import OscSink
    from mocap.stream.osc_sink import target_of as osc_target
    from mocap.stream.vmc_sink import VmcSink
    from mocap.stream.vmc_sink import target_of as vmc_target

    facts = []
    token = arguments.token
    if token is None and not arguments.no_token and not is_loopback(arguments.host):
        token = new_token()
    access = Access(arguments.host, token, arguments.no_token, tuple(arguments.allow_origin))
    server = serve(session, access, arguments.port)
    session.add(server)
    facts.append(("stream", server.url))
    if token is not None:
        facts.append(("token", token))
    for kind, sinks in (
        ("vmc", [VmcSink(vmc_target(spec)) for spec in arguments.vmc]),
        ("osc", [OscSink(osc_target(spec)) for spec in arguments.osc]),
    ):
        for sink in sinks:
            session.add(sink)
            facts.append((kind, str(sink.target)))
    if not arguments.no_panel:
        from mocap.panel import Panel

        panel = Panel(
            session,
            session.takes,
            session.picture,
            look=session.look,
            access=access,
            port=arguments.panel_port or PANEL_PORT,
            open_browser=not arguments.no_browser,
        )
        if panel.port != (arguments.panel_port or PANEL_PORT):
            note(
                f"port {arguments.panel_port or PANEL_PORT} is taken; the panel is on {panel.port}"
            )
        session.add(panel)
        facts.append(("panel", panel.url))
    facts.append(("takes", str(session.takes.path)))
    return facts


def serve(session: Session, access: Access, port: int | None) -> WebSocketServer:
    """The WebSocket server; on the next free port if the usual one is taken and none was asked
    for."""
    from mocap.stream.ports import PortTaken
    from mocap.stream.server import WebSocketServer

    try:
        return WebSocketServer(session, access.host, port or PORT, access, session.tell)
    except PortTaken as taken:
        if port is not None or taken.free is None:
            raise
        note(f"{taken}, and is used; clients must be told")
        return WebSocketServer(session, access.host, taken.free, access, session.tell)


class Lines:
    """What the terminal shows: facts, then a status line that renews itself, messages above it.

    In a pipe there is no such line; with `as_json` each status is a line of its own on stdout.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._renews = not as_json and sys.stderr is not None and sys.stderr.isatty()
        self._shown = 0  # characters of the status line on the screen

    def fact(self, what: str, value: str) -> None:
        self.above(f"{what:8}{value}")

    def say(self, message: str, problem: bool) -> None:
        (complain if problem else note)(message)

    def above(self, line: str) -> None:
        """Print a line; the status line is renewed below it by and by."""
        self._clear()
        print(line, file=sys.stderr, flush=True)

    def status(self, status: dict[str, Any]) -> None:
        if self._as_json:
            import json

            print(json.dumps(status), flush=True)
        elif self._renews:
            line = text(status)
            self._clear()
            print(line, end="\r", file=sys.stderr, flush=True)
            self._shown = len(line)

    def end(self) -> None:
        """Leave the status line behind."""
        if self._shown:
            print(file=sys.stderr)
            self._shown = 0

    def _clear(self) -> None:
        if self._shown:
            print(" " * self._shown, end="\r", file=sys.stderr)
            self._shown = 0


def text(status: dict[str, Any]) -> str:
    """A status in a line of less than 100 characters."""
    late = [
        f"{name} {ms:.0f}"
        for name in ("estimate", "solve")
        if (ms := status["latency"].get(name)) is not None
    ]
    total, people = status["latency"].get("total"), len(status["people"])
    parts = [
        status["state"] if status["state"] != "running" else f"{status['fps']:.0f} fps",
        f"{' + '.join(late)} ms" if late else "",
        "" if total is None else f"{total:.0f} ms old",
        f"{people} {'person' if people == 1 else 'people'}",
        f"{status['clients']} client{'' if status['clients'] == 1 else 's'}",
        f"{status['dropped']} dropped",
    ]
    if status["recording"] is not None:
        parts.append(f"recording {status['recording']['seconds']:.0f} s")
    return " · ".join(part for part in parts if part)[:99]
