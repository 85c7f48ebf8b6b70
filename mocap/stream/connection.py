"""One client's socket: the WebSocket handshake, messages in, frames out as it can take them."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol as Interface

from websockets.exceptions import NegotiationError
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request as HTTPRequest
from websockets.protocol import OPEN
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from mocap.stream import protocol
from mocap.stream.access import Access, Refusal
from mocap.stream.commands import Command
from mocap.stream.flow import OLDEST, Allowance, Flow
from mocap.stream.frames import Cast
from mocap.stream.protocol import Request

HANDSHAKE = 5.0  # [s] to ask for a WebSocket
GOODBYE = 1.0  # [s] to answer a close
SILENCE = 60.0  # [s] after which a client that has not even answered a ping is taken for dead
SEND_BUFFER = 16 * 1024  # bytes in the kernel; more would only keep old frames
BACKLOG = 256 * 1024  # bytes of answers that wait for a client before it is given up
PAUSE = 32 * 1024  # bytes that wait for a client before its own messages do
LARGEST = 4 * protocol.LARGEST  # bytes; what is between is refused by a message, not a close
COMMANDS = 50.0  # [1/s] from one client; more are refused
ABUSE = 500.0  # refusals after which a client is sent away
PING = struct.Struct(">I")  # what the pings of `Flow` carry
FRAMES = 1000.0  # [1/s] WebSocket frames of any kind, with twice as many at once


@dataclass(frozen=True)
class Packet:
    """A frame as the sockets get it, and when it came [s] on the loop's clock."""

    seq: int
    at: float
    wire: bytes


class Hub(Interface):
    """What a connection needs of its server.

    Attributes:
        access: who may connect.
        cast: who is on stage.
        frames: how many there were.
    """

    access: Access
    cast: Cast
    frames: int

    def met(self, client: Connection) -> bool:
        """Somebody knocks; False if he is not to be listened to."""

    def full(self) -> bool:
        """Whether no more clients can be had."""

    def opened(self, client: Connection) -> None:
        """A client is there."""

    def closed(self, client: Connection) -> None:
        """A socket is gone."""

    def refused(self, client: Connection, why: str) -> None:
        """A client was turned away or sent away."""

    def clock(self) -> float:
        """[s] of the session."""

    def hello(self, encoding: str) -> bytes:
        """Who is on stage, as a socket gets it."""

    def newest(self, encoding: str) -> Packet | None:
        """The newest frame of those on stage."""

    def obey(self, client: Connection, command: Command, request: Request | None) -> None:
        """A client commands."""


def text_frame(text: str) -> bytes:
    """A text message as it goes out."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


def binary_frame(data: bytes) -> bytes:
    """A binary message as it goes out."""
    return Frame(Opcode.BINARY, data).serialize(mask=False)


def _choose(_: ServerProtocol, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """The first sub-protocol that is known; none if none is asked for."""
    for name in offered:
        if name in protocol.SUBPROTOCOLS:
            return name
    if offered:
        raise NegotiationError(f"sub-protocols: known are {', '.join(protocol.SUBPROTOCOLS)}")
    return None


class Connection(asyncio.Protocol):
    """One client, from its first byte to its last. All methods are called on the event loop.

    Attributes:
        address: host and port of the client.
        encoding: of the frames it gets.
        flow: what is on its way to it.
        sent: frames that it got.
        turn: held while one of its commands is obeyed.
        waiting: commands of it that were not answered yet.
    """

    def __init__(self, hub: Hub, loop: asyncio.AbstractEventLoop) -> None:
        self.address = "?"
        self.encoding = protocol.JSON
        self.flow = Flow()
        self.sent = 0
        self.turn = asyncio.Lock()
        self.waiting = 0
        self._hub = hub
        self._loop = loop
        self._protocol = ServerProtocol(select_subprotocol=_choose, max_size=LARGEST)
        self._transport: asyncio.Transport
        self._open = False
        self._clear = True  # nothing waits in our own buffer
        self._reading = True
        self._deadline: asyncio.TimerHandle | None = None
        self._cast: Cast | None = None  # the last one announced
        self._packet: Packet | None = None  # the last one sent
        self._frames_before = 0  # of the session, when this client came
        self._status: bytes | None = None
        self._parts = bytearray()  # of a fragmented message
        self._binary = False
        self._commands = Allowance(COMMANDS, COMMANDS)
        self._refusals = Allowance(COMMANDS, ABUSE)
        self._frames = Allowance(FRAMES, 2 * FRAMES)
        self._heard = loop.time()
        self._asked: float | None = None  # when a sign of life was asked for

    @property
    def dropped(self) -> int:
        """Frames that it did not get since it came."""
        return max(0, self._hub.frames - self._frames_before - self.sent)

    # From the socket.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if not self._hub.met(self):
            transport.abort()
            return
        peer = transport.get_extra_info("peername")
        if peer:
            self.address = f"[{peer[0]}]:{peer[1]}" if ":" in peer[0] else f"{peer[0]}:{peer[1]}"
        plug = transport.get_extra_info("socket")
        with suppress(OSError):
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        transport.set_write_buffer_limits(high=0)  # so that we hear when all of it is gone
        self._abort_in(HANDSHAKE)

    def connection_lost(self, error: Exception | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._open = False
        self._hub.closed(self)

    def pause_writing(self) -> None:
        self._clear = False

    def resume_writing(self) -> None:
        self._clear = True
        if not self._reading and not self._transport.is_closing():
            self._reading = True
            self._transport.resume_reading()
        self.pump()

    def eof_received(self) -> None:
        self._protocol.receive_eof()
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._heard, self._asked = self._loop.time(), None
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, HTTPRequest):
                self._handshake(event)
            elif isinstance(event, Frame) and self._open:
                self._frame(event)
        self._flush()
        waiting = self._transport.get_write_buffer_size()
        if self._reading and waiting > PAUSE and not self._transport.is_closing():
            self._reading = False  # who does not read what is answered is not asked for more
            self._transport.pause_reading()

    def _handshake(self, request: HTTPRequest) -> None:
        refusal = self._hub.access.refusal(request.path, request.headers.raw_items())
        if refusal is None and self._hub.full():
            refusal = Refusal(503, "there are too many clients; try again later")
        if refusal is None:
            response = self._protocol.accept(request)
        else:
            response = self._protocol.reject(refusal.status, refusal.message + "\n")
            self._hub.refused(self, refusal.message)
        self._protocol.send_response(response)
        self._flush()
        if self._protocol.state is not OPEN:
            return
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        self.encoding = protocol.SUBPROTOCOLS.get(self._protocol.subprotocol or "", protocol.JSON)
        self._open = True
        self._packet = self._hub.newest(self.encoding)  # it begins with the next
        self._frames_before = self._hub.frames
        self._hub.opened(self)
        self.pump()

    def _frame(self, frame: Frame) -> None:
        now = self._loop.time()
        if not self._frames.take(now):
            self._send_away(f"more than {FRAMES:.0f} frames a second")
        elif frame.opcode is Opcode.PONG:
            if len(frame.data) == PING.size:
                self.flow.pong(PING.unpack(frame.data)[0], now)
                self.pump()
        elif frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            if frame.opcode is not Opcode.CONT:
                self._binary = frame.opcode is Opcode.BINARY
            self._parts += frame.data
            if frame.fin:
                message = bytes(self._parts)
                self._parts.clear()
                self._message(message, now)

    def _message(self, data: bytes, now: float) -> None:
        try:
            if self._binary:
                raise protocol.NotUnderstood("expected text, got a binary message")
            message, request = protocol.parse(data)
        except protocol.NotUnderstood as error:
            self._refuse(str(error), now, error.of, error.request)
            return
        if isinstance(message, protocol.Seen):
            self.flow.seen(message.seq, now)
            self.pump()
        elif not self._commands.take(now):
            of = protocol.name_of(message)
            why = f"{of}: more than {COMMANDS:.0f} messages a second; send fewer"
            self._refuse(why, now, of, request)
        elif isinstance(message, protocol.Ping):
            self.send(text_frame(protocol.encode_pong(message, self._hub.clock(), request)))
        else:
            self._hub.obey(self, message, request)

    def _refuse(self, why: str, now: float, of: str | None, request: Request | None) -> None:
        if self._refusals.take(now):
            self.send(text_frame(protocol.encode_error(why, of, request)))
        else:
            self._send_away("too many messages that had to be refused")

    # To the socket.

    def pump(self) -> None:
        """Send what the client can take now: who is on stage, the status, the newest frame."""
        if not self._open or not self._clear:
            return
        if self._cast is not self._hub.cast:
            self._cast = self._hub.cast
            self._transport.write(self._hub.hello(self.encoding))
        if self._status is not None and self._clear:
            status, self._status = self._status, None
            self._transport.write(status)
        packet = self._hub.newest(self.encoding)
        if packet is None or packet is self._packet or not self._clear:
            return
        now = self._loop.time()
        if now - packet.at > OLDEST or not self.flow.may_send(now):
            return
        self._packet = packet
        self.sent += 1
        ping = self.flow.sent(packet.seq, now)
        if ping is None:
            self._transport.write(packet.wire)
        else:
            asked = Frame(Opcode.PING, PING.pack(ping)).serialize(mask=False)
            self._transport.write(packet.wire + asked)

    def tell_status(self, wire: bytes) -> None:
        """How the session is doing, in the place of what was not sent yet."""
        self._status = wire
        self.pump()

    def send(self, wire: bytes) -> None:
        """Send something that must not be left out."""
        if not self._open:
            return
        self._transport.write(wire)
        if self._transport.get_write_buffer_size() > BACKLOG:
            self._hub.refused(self, "it does not read what it is told")
            self._open = False
            self._transport.abort()

    def look(self, now: float) -> None:
        """Ask for a sign of life if there was none for long; who gives none is taken for dead."""
        if self._asked is not None and now - self._asked > SILENCE / 2:
            self._open = False
            self._transport.abort()
        elif self._open and self._asked is None and now - self._heard > SILENCE / 2:
            self._asked = now
            self._transport.write(Frame(Opcode.PING, b"").serialize(mask=False))

    def leave(self, reason: str) -> None:
        """Say goodbye."""
        if not self._open:
            self._transport.abort()
            return
        self._protocol.send_close(CloseCode.GOING_AWAY, reason)
        self._flush()
        self._abort_in(GOODBYE)

    def _send_away(self, reason: str) -> None:
        self._hub.refused(self, reason)
        self._protocol.fail(CloseCode.POLICY_VIOLATION, reason)
        self._open = False

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)
            else:
                # half of it: what was said still arrives while the other side goes on talking
                with suppress(OSError, RuntimeError):
                    self._transport.write_eof()
                self._abort_in(GOODBYE)
        self._open = self._open and self._protocol.state is OPEN

    def _abort_in(self, seconds: float) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self._loop.call_later(seconds, self._transport.abort)
