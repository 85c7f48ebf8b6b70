"""A server, a session that may be held up, and clients that speak to it, well or badly."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.sync.connection import Connection

from mocap import skeletons
from mocap.errors import Refused
from mocap.motion import Pose
from mocap.stream import binary, protocol
from mocap.stream.commands import Command, Stop
from mocap.stream.frames import Cast, LiveFrame, LivePerson
from mocap.stream.server import WebSocketServer

BODY = skeletons.humanoid()
WAIT = 10.0  # [s] for what will come
REST = np.tile([0.0, 0.0, 0.0, 1.0], (len(BODY), 1))


class Session:
    """A session that does what it is told, unless it is held up or made to fail.

    Attributes:
        commands: those that came.
        notes: what the server had to say.
        may_go_on: commands are held up while it is not set.
        failing: what commands raise.
    """

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.notes: list[str] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.failing: Exception | None = None

    def clock(self) -> float:
        return time.monotonic()

    def obey(self, command: Command) -> dict[str, Any]:
        self.may_go_on.wait(WAIT)
        self.commands.append(command)
        if isinstance(command, Stop):
            raise Refused("nothing is being recorded")
        if self.failing is not None:
            raise self.failing
        return {"take": getattr(command, "name", "a take")}

    def status(self) -> dict[str, Any]:
        return {"state": "running", "fps": float("nan"), "commands": len(self.commands)}


# A test file that uses these imports both: `from stream_stage import stream as stream`.


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
def stream(session: Session) -> Iterator[WebSocketServer]:
    with WebSocketServer(session, port=0, on_note=session.notes.append) as stream:
        stream.open(Cast({0: BODY}))
        yield stream


def frame(seq: int, people: tuple[int, ...] = (0,)) -> LiveFrame:
    pose = Pose(t=0.0, root=np.array([seq / 1000, 1.0, 0.0]), rotations=REST)
    return LiveFrame(seq, time.monotonic(), tuple(LivePerson(i, pose) for i in people))


def join(stream: WebSocketServer, encoding: str | None = None, **options: Any) -> ClientConnection:
    names = None if encoding is None else [f"mocap.v1.{encoding}"]
    # the library waits for a goodbye that lies behind frames nobody will read
    options = {"close_timeout": 0.2, **options}
    return connect(stream.url, subprotocols=names, proxy=None, **options)  # type: ignore[arg-type]


def receive(client: Connection) -> dict[str, Any]:
    """The next message; a binary frame as the JSON one of the same content."""
    data = client.recv(WAIT)
    if isinstance(data, bytes):
        found = binary.decode_frame(data)
        return {**protocol.loads(protocol.encode_frame(found)), "binary": True}
    return protocol.loads(data)


def wait_for(client: Connection, kind: str) -> dict[str, Any]:
    """The next message of a kind; those before it are passed over."""
    while True:
        message = receive(client)
        if message["type"] == kind:
            return message


def ask(client: Connection, message: Any) -> dict[str, Any]:
    """Send something; the next answer."""
    client.send(message if isinstance(message, (str, bytes)) else json.dumps(message))
    while True:
        answer = receive(client)
        if answer["type"] in ("ack", "error", "pong"):
            return answer


def before_pong(client: Connection) -> list[dict[str, Any]]:
    """Everything that comes before the answer to a ping: whatever was on its way."""
    client.send('{"type":"ping","t":0}')
    came: list[dict[str, Any]] = []
    while True:
        message = receive(client)
        if message["type"] == "pong":
            return came
        came.append(message)


def until_closed(client: Connection) -> None:
    while True:
        client.recv(WAIT)


def raw(stream: WebSocketServer, request: bytes = b"") -> socket.socket:
    """A plain socket, that has sent something."""
    plug = socket.create_connection(("127.0.0.1", stream.port), WAIT)
    plug.sendall(request)
    return plug


def handshake(stream: WebSocketServer, *lines: str, host: str | None = None) -> bytes:
    head = [
        "GET / HTTP/1.1",
        f"Host: {host or f'127.0.0.1:{stream.port}'}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        *lines,
    ]
    return "\r\n".join([*head, "", ""]).encode()


def rest_of(plug: socket.socket) -> bytes:
    """Everything until the other side ends."""
    data = b""
    with suppress(ConnectionResetError):
        while more := plug.recv(65536):
            data += more
    return data
