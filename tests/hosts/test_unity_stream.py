"""The core of the Unity package as a client of the real server, and of whatever else may listen."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import unity_build
from unity_client import Client, Line, slowly
from unity_core import (
    BODY,
    ENCODINGS,
    FPS,
    MIRROR_POSITION,
    PEOPLE,
    Built,
    Show,
    in_order,
    is_shown,
    pose_at,
)
from unity_core import built as built
from unity_core import pytestmark as pytestmark
from waiting import free_port
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from mocap.stream import protocol
from mocap.stream.access import Access
from mocap.stream.frames import Cast


@ENCODINGS
def test_five_people_at_sixty_frames_a_second(built: Built, encoding: str) -> None:
    show = Show()
    with show.on() as port, Client(built.client, "stream", f"localhost:{port}", encoding) as client:
        client.until(lambda: len(client.frames) >= 240)
        behind = show.newest - client.frames[-1]["seq"]
        end = client.last()
    assert behind < FPS  # live means newest
    frames = client.frames
    assert in_order(frames)
    for line in frames:
        is_shown(line, show.shown[line["seq"]])
    numbers = [line["seq"] for line in frames]
    # those that are missing were left out by the server, and the client knows how many
    missed = numbers[-1] - numbers[0] + 1 - len(numbers)
    assert missed <= end["dropped"]
    assert end["received"] + end["dropped"] >= numbers[-1] - numbers[0] + 1
    assert len(numbers) > 0.5 * (numbers[-1] - numbers[0])
    assert end["ended"] == "Closed"
    assert end["status"] == "running"
    assert 0 <= end["latency"] < 5
    cast = client.of("cast")[-1]
    assert cast["cast"] == list(PEOPLE)
    assert cast["bones"] == list(BODY.names)
    np.testing.assert_allclose(cast["offsets"], BODY.offsets * MIRROR_POSITION, atol=1e-5)


def test_what_is_played_is_smooth_and_between_what_came(built: Built) -> None:
    show = Show()
    with show.on() as port, Client(built.client, "stream", f"127.0.0.1:{port}", "bin") as client:
        client.until(lambda: len(client.of("shown")) >= 5 * 100)
        client.end()
    played = [line["root"] for line in client.of("shown") if line["shown"] == 3]
    assert len(played) >= 90
    roots = np.array(played)
    times = np.arcsin(np.clip(-roots[:, 0] + 3, -1, 1))  # the way back to sin(t)
    exact = np.array([pose_at(f.t, 3).root * MIRROR_POSITION for f in show.shown.values()])
    nearest = np.linalg.norm(roots[:, None] - exact[None], axis=-1).min(axis=1)
    assert nearest.max() < 0.05  # on their way, which goes on by 2 cm from frame to frame
    assert len(set(np.round(times, 6))) > 30  # it moves


def test_commands_and_answers(built: Built) -> None:
    show = Show()
    with show.on() as port, Client(built.client, "stream", f"127.0.0.1:{port}", "bin") as client:
        client.until_state("Connected")
        for said in ("record a/b é", "record full", "people 2", "calibrate", "stop"):
            client.say(said)
        client.until(lambda: len(client.of("answer")) == 5)
        client.end()
    asked = [line["request"] for line in client.of("asked")]
    answers = client.of("answer")
    assert [line["request"] for line in answers] == asked
    assert [line["of"] for line in answers] == ["record", "record", "set", "calibrate", "stop"]
    assert [line["answer"] for line in answers] == ["Ack", "Error", "Ack", "Ack", "Ack"]
    assert answers[0]["take"] == "a/b é"
    assert answers[1]["message"] == "the disk is full"
    told = [str(command) for command in show.control.told]
    assert "1.75" in told[3]
    assert 'a "note" é' in told[0] or 'a \\"note\\" é' in told[0]


@ENCODINGS
def test_a_server_that_comes_back_is_found_again(built: Built, encoding: str) -> None:
    port = free_port()
    with Client(built.client, "stream", f"127.0.0.1:{port}", encoding) as client:
        client.until_state("Waiting", "nobody listens there")
        for times in (1, 2, 3):
            show = Show()
            with show.on(port):
                client.until_state("Connected")
                before = len(client.frames)
                client.until(lambda before=before: len(client.frames) >= before + 20)  # type: ignore[misc]
                for line in client.frames[before:]:
                    is_shown(line, show.shown[line["seq"]])
            client.until_state("Waiting")
            assert len({line["session"] for line in client.frames}) == times
        client.say("stop")
        client.until(lambda: client.of("answer"))
        assert client.of("answer")[-1]["message"] == "stop: not connected"
        client.end()
    assert in_order(client.frames)


def test_a_slow_network_brings_fewer_frames_and_no_old_ones(built: Built) -> None:
    """A third of what five people need at this rate."""
    show = Show()
    with (
        show.on() as port,
        slowly(port, 40_000) as slow,
        Client(built.client, "stream", f"127.0.0.1:{slow}", "bin") as client,
    ):
        behind = []
        for wanted in range(20, 100, 10):
            client.until(lambda wanted=wanted: len(client.frames) >= wanted)  # type: ignore[misc]
            behind.append(show.newest - client.frames[-1]["seq"])
        numbers = [line["seq"] for line in client.frames]
        client.end()
    assert in_order(client.frames)
    for line in client.frames:
        is_shown(line, show.shown[line["seq"]])
    assert len(numbers) < 0.7 * (numbers[-1] - numbers[0])  # it was slow
    assert np.median(behind) < FPS  # and yet live; all that was left out would be hundreds


def test_a_slow_game_finds_the_newest(built: Built) -> None:
    show = Show()
    with show.on() as port, Client(built.client, "stream", f"127.0.0.1:{port}", "bin") as client:
        client.until(lambda: len(client.frames) > 10)
        client.say("slow 700")
        client.until(lambda: client.of("asked"))
        time.sleep(1)
        before = len(client.frames)
        client.until(lambda: len(client.frames) > before + 16)
        behind = show.newest - client.frames[-1]["seq"]
        assert client.last()["dropped"] > 0
    assert behind < 2 * FPS
    assert in_order(client.frames)


@pytest.mark.parametrize(("token", "says"), [("", "asks for a token"), ("wrong-token", "is wrong")])
def test_who_is_refused_is_told_and_stays_away(built: Built, token: str, says: str) -> None:
    show = Show()
    with show.on(access=Access(token="the-right-token")) as port:
        with Client(built.client, "stream", f"127.0.0.1:{port}", "bin", token) as client:
            client.until_state("Refused", says)
            client.say("stop")
            client.until(lambda: client.of("answer"))
            assert client.last()["ended"] == "Refused"
        assert [line["state"] for line in client.of("state")] == ["Connecting", "Refused"]
        where = f"ws://127.0.0.1:{port}/?token=the-right-token"
        with Client(built.client, "stream", where, "bin") as client:
            client.until(lambda: client.frames)
            client.end()


# With whatever else may listen.


@contextmanager
def scripted(*messages: str | bytes, heard: list[Line] | None = None) -> Iterator[int]:
    """A server that says this to everybody and then is silent; its port.

    Args:
        heard: takes what it is told.
    """
    over = threading.Event()

    def talk(client: ServerConnection) -> None:
        for message in messages:
            client.send(message)
        with suppress(ConnectionClosed):
            while not over.is_set():
                with suppress(TimeoutError):
                    said = json.loads(client.recv(0.02))
                    if heard is not None:
                        heard.append(said)

    names: Any = ["mocap.v1.bin"]
    with serve(talk, "127.0.0.1", 0, subprotocols=names, compression=None) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.socket.getsockname()[1]
        finally:
            over.set()
            server.shutdown()
            thread.join()


HELLO = protocol.encode_hello(Cast(dict.fromkeys(PEOPLE, BODY), FPS), "bin")


@pytest.mark.parametrize(
    ("messages", "state", "says"),
    [
        ([HELLO.replace('"protocol":1', '"protocol":2')], "Refused", "version 2 of the protocol"),
        ([HELLO.replace('"+Z"', '"-Z"')], "Waiting", "convention"),
        (["garbage"], "Waiting", "JSON"),
        (["[" * 70_000], "Waiting", "JSON"),
        ([b"\1\1\1\0"], "Waiting", "expected a hello before it"),
        ([HELLO, b"\1\1\1\0"], "Connected", "a frame was left out"),
        ([HELLO, b"\1" * 5000], "Connected", "a frame was left out"),
        ([HELLO, '{"type":"frame","seq":1}'], "Connected", "a frame was left out"),
        ([HELLO, "x" * 300_000], "Waiting", "at most 262144 bytes"),
        ([HELLO, '{"type":"later","x":[{}]}', b"\7later"], "Connected", ""),
        ([HELLO], "Waiting", "no word for 6 s"),
    ],
)
def test_what_is_none_of_the_protocol_is_said_and_survived(
    built: Built, messages: list[str | bytes], state: str, says: str
) -> None:
    with (
        scripted(*messages) as port,
        Client(built.client, "stream", f"127.0.0.1:{port}", "bin") as client,
    ):
        client.until_state(state, says)
        client.end()


BAD = b"\1\1\1\0\2\0\0\0\7" + bytes(15)  # a frame of two bones, number 7
GOOD = b"\1\1" + bytes(6) + b"\xff\xff\xff\xff" + bytes(12)  # of nobody, the last number there is


@pytest.mark.parametrize(
    ("messages", "seen"),
    [
        ([BAD], 7),
        (['{"type":"frame","t":"soon","seq":4294967299}'], 3),
        ([BAD, GOOD], 2**32 - 1),
    ],
)
def test_what_was_read_is_said_whatever_it_is(
    built: Built, messages: list[str | bytes], seen: int
) -> None:
    heard: list[Line] = []
    with (
        scripted(HELLO, *messages, heard=heard) as port,
        Client(built.client, "stream", f"127.0.0.1:{port}", "bin") as client,
    ):
        client.until(lambda: {"type": "seen", "seq": seen} in heard)
        client.until(lambda: any(line["type"] == "ping" for line in heard))
        wanted = [seen] if GOOD in messages else []
        client.until(lambda: [line["seq"] for line in client.frames] == wanted)
        client.end()


def test_after_a_refusal_nobody_is_asked_again(built: Built) -> None:
    came = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def refuse() -> None:
            with suppress(OSError):
                while True:
                    plug, _ = listener.accept()
                    with plug:
                        came.append(plug.recv(4096))
                        plug.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")

        refusing = threading.Thread(target=refuse, daemon=True)
        refusing.start()
        with Client(built.client, "stream", f"127.0.0.1:{port}", "bin") as client:
            client.until_state("Refused", "HTTP status 403 (no)")
            time.sleep(1)  # several pauses between tries
            client.end()
        listener.shutdown(socket.SHUT_RDWR)
        refusing.join()
    assert len(came) == 1


def test_something_else_that_listens_is_told_from_a_server(built: Built) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def answer() -> None:
            for said in (b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.0 404 Nothing here\r\n\r\n", b""):
                plug, _ = listener.accept()
                with plug:
                    plug.recv(4096)
                    plug.sendall(said)

        speaking = threading.Thread(target=answer, daemon=True)
        speaking.start()
        with Client(built.client, "stream", f"127.0.0.1:{port}", "bin") as client:
            client.until_state("Waiting", "something else than `mocap live` listens there")
            client.until_state("Waiting", "refused with HTTP status 404")
            client.until_state("Waiting", "something else than `mocap live` listens there")
            client.end()
        speaking.join()


@pytest.fixture(scope="module")
def counting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program that counts what is allocated; under its name it may use all of the core."""
    folder = tmp_path_factory.mktemp("counting")
    return unity_build.compiled(
        "MocapBridge.Tests",
        sorted((unity_build.CLIENT / "allocations").glob("*.cs")),
        folder,
        references=["System", "System.Core", unity_build.core(folder)],
        program=True,
    )


@ENCODINGS
def test_nothing_is_allocated_from_the_socket_to_the_avatar(counting: Path, encoding: str) -> None:
    """Statuses, pings and `seen` among the frames."""
    show = Show()
    with (
        show.on(fps=300.0) as port,
        Client(counting, f"127.0.0.1:{port}", encoding, 1200) as client,
    ):
        client.until(lambda: client.of("bytes"))
    (found,) = client.of("bytes")
    assert 1000 <= found["counted"] < 1100  # it would be seen
    assert found["frames"] >= 1200
    assert found["solved"] >= 5 * 1000
    assert found["bytes"] == 0
