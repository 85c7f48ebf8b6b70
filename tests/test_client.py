"""Clients and a real server, over a real socket."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from stages import CAST, Obedient, frame_of, playing
from waiting import eventually, free_port
from websockets.sync.server import ServerConnection, serve

from mocap.client import Stream, connect, connect_async
from mocap.errors import InvalidValue, Refused, StreamError
from mocap.stream import protocol
from mocap.stream.access import Access
from mocap.stream.commands import Calibrate, ListTakes, Record, Set, Stop
from mocap.stream.server import WebSocketServer
from mocap.threads import Worker

DOCUMENT = Path(__file__).parent.parent / "docs" / "client.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", DOCUMENT.read_text("utf-8"), re.M | re.S)
EXAMPLE = Path(__file__).parent.parent / "examples" / "python" / "print_hips.py"
PATIENCE = 20.0  # [s] until a test gives up on something that should come soon
ENCODINGS = pytest.mark.parametrize("encoding", ["binary", "json"])


@contextmanager
def scripted(handler: Callable[[ServerConnection], None]) -> Iterator[str]:
    """The address of a server that does as it is told, right or wrong."""
    with serve(handler, "127.0.0.1", 0) as server:
        worker = Worker("scripted", server.serve_forever)
        host, port = server.socket.getsockname()[:2]
        try:
            yield f"ws://{host}:{port}"
        finally:
            server.shutdown()
            worker.join()


def silent(connection: ServerConnection) -> None:
    """Says nothing until the other side goes."""
    for _ in connection:
        pass


def breaks(connection: ServerConnection) -> None:
    """Says hello, and breaks the line at the first word."""
    connection.send(protocol.encode_hello(CAST))
    connection.recv()
    connection.socket.shutdown(socket.SHUT_RDWR)


@ENCODINGS
def test_frames_come_in_order_with_their_cast(server: WebSocketServer, encoding: str) -> None:
    with connect(server.url, encoding=encoding) as stream:
        assert stream.server == json.loads(protocol.encode_hello(CAST))["server"]
        last = 0
        for count, frame in enumerate(stream):
            assert frame.seq > last
            last = frame.seq
            (person,) = frame.people
            assert person.pose.root[1] == pytest.approx(frame.seq % 1000 / 1000, abs=1e-5)
            assert person.pose.contacts == {"leftFoot": True, "rightFoot": False}
            assert len(stream.cast.skeletons[person.id]) == len(person.pose.rotations)
            if count == 20:
                break
        assert stream.received > 20
        assert stream.cast.fps == CAST.fps


def test_latency_is_known_by_pings(server: WebSocketServer, session: Obedient) -> None:
    with connect(server.url) as stream:
        offset = stream.ping()
        assert offset == pytest.approx(session.clock() - time.perf_counter(), abs=0.1)
        stream.frame(0)  # one that came before the ping
        assert stream.frame(PATIENCE) is not None
        assert stream.latency is not None
        assert -0.1 < stream.latency < PATIENCE


def test_commands_are_obeyed(server: WebSocketServer, session: Obedient) -> None:
    with connect(server.url) as stream:
        assert stream.record("walk", note="third try") == "walk"
        assert stream.record() == "take1"
        assert stream.stop() == {
            "take": "take1", "seconds": 1.5, "frames": 45, "file": "take1.jsonl",
        }  # fmt: skip
        assert stream.calibrate(height=1.82, delay=0.5) == 0.5
        assert stream.set("smoothing", False) is False
        assert stream.set("height", None) is None
        assert stream.takes() == [{"name": "take1", "seconds": 1.5}]
    assert session.told == [
        Record("walk", "third try"), Record(), Stop(), Calibrate(1.82, 0.5),
        Set("smoothing", False), Set("height", None), ListTakes(),
    ]  # fmt: skip


def test_a_refused_command_says_why_and_the_stream_goes_on(server: WebSocketServer) -> None:
    with connect(server.url) as stream:
        with pytest.raises(Refused, match="the disk is full"):
            stream.record("full")
        with pytest.raises(InvalidValue, match="option: expected one of"):
            stream.set("colour", 1)
        assert stream.frame(PATIENCE) is not None


def test_status_and_notes_are_heard(server: WebSocketServer) -> None:
    heard: list[str] = []
    with connect(server.url, on_note=heard.append) as stream:
        server.tell({"type": "note", "message": "stand still"})
        server.tell({"type": "error", "message": "the disk is full"})
        eventually(lambda: len(heard) == 2 and stream.status)
        assert heard == stream.notes == ["stand still", "the disk is full"]
        assert stream.status["state"] == "running"


def test_who_is_slow_gets_the_newest_only(session: Obedient) -> None:
    with WebSocketServer(session, port=0) as server, connect(server.url) as stream:
        server.open(CAST)
        for seq in range(1, 200):
            server.write(frame_of(seq, session.clock()))
            time.sleep(0.001)
        eventually(lambda: nothing_comes(stream))
        frame = stream.frame(PATIENCE)
        assert frame is not None
        assert frame.seq == 199
        assert stream.frame(0.05) is None


def nothing_comes(stream: Stream) -> bool:
    """Whether frames have come, and none for a while."""
    before = stream.received
    time.sleep(0.2)
    return stream.received == before > 0


def test_a_restarted_server_is_found_again(session: Obedient) -> None:
    port = free_port()
    with WebSocketServer(session, port=port) as first, playing(first, session):
        stream = connect(f"127.0.0.1:{port}", reconnect=True)
        assert stream.frame(PATIENCE) is not None
    with stream:
        eventually(lambda: any("ended" in note or "lost" in note for note in stream.notes))
        stream.frame(0)
        assert stream.frame(0.05) is None
        with pytest.raises(StreamError):
            stream.record()
        with WebSocketServer(session, port=port) as again, playing(again, session):
            frame = stream.frame(PATIENCE)
            assert frame is not None
            assert stream.notes[-1].endswith("connected again")
            assert stream.record("walk") == "walk"


def test_a_server_that_ends_ends_the_loop(session: Obedient) -> None:
    with WebSocketServer(session, port=0) as server, playing(server, session):
        stream = connect(server.url)
        frames = iter(stream)
        next(frames)
    with stream:
        for _ in frames:  # those on their way
            pass
        with pytest.raises(StreamError, match="ended the connection"):
            stream.stop()


def test_a_connection_that_breaks_is_an_error() -> None:
    with (
        scripted(breaks) as url,
        connect(url) as stream,
        pytest.raises(StreamError, match="connection lost"),
    ):
        list(stream)


def test_nobody_listens() -> None:
    with pytest.raises(StreamError, match=r"nobody listens there.*start `mocap live`"):
        connect(f"127.0.0.1:{free_port()}")


@pytest.mark.parametrize(("token", "said"), [(None, "asks for a token"), ("x" * 9, "is wrong")])
def test_a_wrong_token(session: Obedient, token: str | None, said: str) -> None:
    with WebSocketServer(session, port=0, access=Access(token="right one")) as server:
        by_header, by_address = (server.url, token), (f"{server.url}/?token={token}", None)
        for url, header in (by_header, by_address) if token else (by_header,):
            with pytest.raises(StreamError, match=said) as caught:
                connect(url, token=header)
            assert str(caught.value).count("token") == 1
            assert "right one" not in str(caught.value)
        with connect(server.url, token="right one") as stream:
            assert stream.server
        with connect(f"{server.url}/?token=right%20one") as stream:
            assert "right" not in stream.url


def test_another_protocol_version() -> None:
    hello = json.loads(protocol.encode_hello(CAST)) | {"protocol": 2}

    def greet(connection: ServerConnection) -> None:
        connection.send(json.dumps(hello))

    with (
        scripted(greet) as url,
        pytest.raises(StreamError, match=r"expected 1, got 2.*same version"),
    ):
        connect(url)


def test_something_else_listens_there() -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as web:
        worker = Worker("web", web.serve_forever)
        with pytest.raises(StreamError, match="something else than `mocap live` listens there"):
            connect(f"127.0.0.1:{web.server_port}")
        web.shutdown()
        worker.join()


def test_a_server_that_says_nothing() -> None:
    with (
        scripted(silent) as url,
        pytest.raises(StreamError, match=r"no answer within 0.2 s"),
    ):
        connect(url, timeout=0.2)


def test_a_command_that_nobody_answers() -> None:
    def mute(connection: ServerConnection) -> None:
        connection.send(protocol.encode_hello(CAST))
        for _ in connection:
            pass

    with (
        scripted(mute) as url,
        connect(url, timeout=0.2) as stream,
        pytest.raises(StreamError, match=r"no answer to 'stop' within 0.2 s"),
    ):
        stream.stop()


def test_nonsense_from_the_server_is_an_error() -> None:
    def nonsense(connection: ServerConnection) -> None:
        connection.send(protocol.encode_hello(CAST))
        connection.send(b"\1\1nonsense")
        for _ in connection:
            pass

    with (
        scripted(nonsense) as url,
        connect(url) as stream,
        pytest.raises(StreamError, match="not understood"),
    ):
        list(stream)


@pytest.mark.parametrize("url", ["", "http://127.0.0.1", "ws://", "ws://host:99999", "ws://h:0"])
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(InvalidValue, match="expected one like ws://"):
        connect(url)


def test_a_closed_stream_is_over(server: WebSocketServer) -> None:
    stream = connect(server.url)
    stream.close()
    stream.close()
    stream.frame(0)
    assert stream.frame() is None
    with pytest.raises(StreamError):
        stream.takes()


@ENCODINGS
def test_the_same_in_asyncio(server: WebSocketServer, encoding: str) -> None:
    async def use() -> None:
        async with connect_async(server.url, encoding=encoding) as stream:
            last = 0
            async for frame in stream:
                assert frame.seq > last
                last = frame.seq
                assert frame.people[0].id in stream.cast.skeletons
                if stream.received > 20:
                    break
            assert await stream.record("walk") == "walk"
            with pytest.raises(Refused, match="the disk is full"):
                await stream.record("full")
            assert (await stream.stop())["frames"] == 45
            assert await stream.calibrate(delay=1.0) == 1.0
            assert await stream.set("people", 2) == 2
            assert await stream.takes() == [{"name": "take1", "seconds": 1.5}]
            assert await stream.ping() == pytest.approx(stream.clock_offset)
            await asyncio.sleep(0.2)
            before = stream.received
            frame_now = await stream.frame(PATIENCE)
            assert frame_now is not None
            assert stream.received >= before
            await asyncio.sleep(0.2)
            assert await stream.frame(0) is not None
        await stream.frame(0)  # one that came before the end
        assert await stream.frame() is None

    asyncio.run(use())


def test_asyncio_finds_a_restarted_server(session: Obedient) -> None:
    port = free_port()

    async def use() -> None:
        first = WebSocketServer(session, port=port)
        async with connect_async(f"127.0.0.1:{port}", reconnect=True) as stream:
            await asyncio.to_thread(first.close)
            assert await stream.frame(0.1) is None
            again = WebSocketServer(session, port=port)
            with again, playing(again, session):
                assert await stream.frame(PATIENCE) is not None

    asyncio.run(use())


def test_asyncio_errors_are_the_same(session: Obedient) -> None:
    async def use(url: str) -> None:
        async with connect_async(url, timeout=0.2):
            raise AssertionError("connected")

    with pytest.raises(StreamError, match="nobody listens"):
        asyncio.run(use(f"127.0.0.1:{free_port()}"))
    with (
        WebSocketServer(session, port=0, access=Access(token="right one")) as server,
        pytest.raises(StreamError, match="asks for a token"),
    ):
        asyncio.run(use(server.url))
    with scripted(silent) as url, pytest.raises(StreamError, match="no answer within"):
        asyncio.run(use(url))


def test_asyncio_tells_a_broken_connection() -> None:
    async def use(url: str) -> None:
        async with connect_async(url) as stream:
            async for _ in stream:
                pass

    with scripted(breaks) as url, pytest.raises(StreamError, match="connection lost"):
        asyncio.run(use(url))


def test_the_example_prints_hips(server: WebSocketServer) -> None:
    command = [sys.executable, "-u", str(EXAMPLE), server.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as example:
        assert example.stdout is not None
        lines = [example.stdout.readline() for _ in range(3)]
        example.kill()
    assert lines[0].startswith(f"{server.url}: mocap ")
    assert "person 0     0.25 " in lines[1]


@pytest.mark.skipif(sys.platform == "win32", reason="no Ctrl-C for one process alone")
def test_the_example_ends_quietly_with_ctrl_c(server: WebSocketServer) -> None:
    command = [sys.executable, "-u", str(EXAMPLE), server.url]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as example:
        assert example.stdout is not None
        example.stdout.readline()
        example.send_signal(signal.SIGINT)
        assert example.communicate(timeout=PATIENCE)[1] == ""
        assert example.returncode == 0


# --- the document ----------------------------------------------------------------------------


def ctrl_c_at_the_third(printed: list[object]) -> Callable[..., None]:
    """A `print` after which somebody presses Ctrl-C."""

    def show(*things: object) -> None:
        printed.append(things)
        if len(printed) == 3:
            signal.raise_signal(signal.SIGINT)

    return show


@pytest.mark.parametrize("block", [b for b in BLOCKS if "connect" in b])
def test_the_loops_of_the_document_run_as_printed_until_ctrl_c(
    server: WebSocketServer, monkeypatch: pytest.MonkeyPatch, block: str
) -> None:
    monkeypatch.setattr("mocap.client.connect", partial(connect, server.url))
    monkeypatch.setattr("mocap.client.connect_async", partial(connect_async, server.url))
    printed: list[object] = []
    exec(block, {"print": ctrl_c_at_the_third(printed)})
    assert len(printed) == 3


def test_the_commands_of_the_document_run_as_printed(
    server: WebSocketServer, session: Obedient, monkeypatch: pytest.MonkeyPatch
) -> None:
    (block,) = [b for b in BLOCKS if "connect" not in b]
    sleep, told_by_then = time.sleep, []

    def shortened(seconds: float) -> None:
        if seconds == 10:
            told_by_then.extend(session.told)
        else:
            sleep(seconds)

    monkeypatch.setattr(time, "sleep", shortened)
    with connect(server.url) as stream:
        exec(block, {"stream": stream})
    assert told_by_then == [Record("walk", "third try")]  # a take of ten seconds, not of none
    assert [type(command) for command in session.told] == [Record, Stop, Calibrate, Set, ListTakes]
