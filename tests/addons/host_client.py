"""The client that hosts carry with them, and servers of the test's own for it.

Scripted servers are played by the test itself, in turns with the client: neither ever waits.
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import maya_fake  # noqa: F401  puts the module where Python finds it
import protocol_cases
import pytest
from mocap_bridge_maya.shared.decoding import decode_hello, loads
from stages import CAST, frame_of
from websockets.frames import Frame, Opcode
from websockets.server import ServerProtocol

from mocap.stream import binary, protocol

PATIENCE = 20.0  # [s] until a test gives up on something that should come soon
CASES = json.loads((protocol_cases.FOLDER / "cases.json").read_text())
HELLO = protocol.encode_hello(CAST, "bin")
ENCODINGS = pytest.mark.parametrize("encoding", ["bin", "json"])
Connect = Callable[..., Any]
READ = decode_hello(loads(HELLO.encode()))
BYTES = binary.encode_frame(frame_of(5, 1.0))


def polled_until(one: Any, condition: Callable[[], object]) -> list[Any]:
    """Polls until something is so; the frames that came by the way."""
    frames = []
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"it never came to be: {one.state}, {one.problem!r}"
        frame = one.poll()
        if frame is not None:
            frames.append(frame)
        time.sleep(0.002)
    return frames


def answer(one: Any, number: int) -> dict[str, Any]:
    """The answer to a request."""
    came: list[dict[str, Any]] = []

    def is_there() -> bool:
        came.extend(a for a in one.answers() if a.get("request") == number)
        return bool(came)

    polled_until(one, is_there)
    return came[0]


class Scripted:
    """A server that says what the test says, and nothing by itself."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"ws://127.0.0.1:{self.listener.getsockname()[1]}"
        self.plug: socket.socket | None = None
        self.heard = b""

    def __enter__(self) -> Scripted:
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.close()
        self.hang_up()

    def hang_up(self) -> None:
        if self.plug is not None:
            self.plug.close()
            self.plug = None

    def asked(self, one: Any) -> None:
        """Take a client's request for a WebSocket."""
        self.hang_up()
        self.heard = b""
        polled_until(one, lambda: one._connection is not None)
        self.listener.settimeout(PATIENCE)
        self.plug, _ = self.listener.accept()
        self.plug.setblocking(False)
        polled_until(one, lambda: b"\r\n\r\n" in self.listened())

    def listened(self) -> bytes:
        """Everything that the client said."""
        assert self.plug is not None
        with suppress(BlockingIOError, ConnectionResetError):
            while data := self.plug.recv(65536):
                self.heard += data
        return self.heard

    def say(self, data: bytes) -> None:
        assert self.plug is not None
        self.plug.setblocking(True)
        self.plug.sendall(data)
        self.plug.setblocking(False)

    @property
    def welcome(self) -> bytes:
        """The answer to a handshake, as it should be."""
        head = self.heard.decode()
        key = head.split("Sec-WebSocket-Key: ")[1].split("\r\n")[0]
        asked = head.split("Sec-WebSocket-Protocol: ")[1].split("\r\n")[0]
        accept = base64.b64encode(
            hashlib.sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        ).decode()
        return (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: {asked}\r\n\r\n"
        ).encode()

    def greet(self, one: Any, hello: str = HELLO) -> None:
        """From the first byte to the hello."""
        self.asked(one)
        self.say(self.welcome + text(hello))
        polled_until(one, lambda: one.state == "connected")

    def messages(self) -> list[dict[str, Any]]:
        """What the client said since the handshake, unmasked, by the library's own reader."""
        server = ServerProtocol()
        server.receive_data(self.listened())
        events = server.events_received()
        assert events
        server.send_response(server.accept(events[0]))  # type: ignore[arg-type]
        frames = [*events[1:], *server.events_received()]
        return [
            json.loads(bytes(frame.data))
            for frame in frames
            if isinstance(frame, Frame) and frame.opcode is Opcode.TEXT
        ]


def text(message: str) -> bytes:
    return Frame(Opcode.TEXT, message.encode()).serialize(mask=False)


def data(message: bytes) -> bytes:
    return Frame(Opcode.BINARY, message).serialize(mask=False)


def golden(name: str) -> bytes:
    return (protocol_cases.FOLDER / name).read_bytes()
