"""The WebSocket server: live frames to many clients, commands from them.

Live means newest: each client gets the newest frame whenever it is ready for one, and what it
missed is gone. So nobody waits for anybody, and no memory grows. The event loop runs in a thread
of its own; commands are obeyed in others, so that a slow one holds nothing up.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from mocap.errors import MocapError, StreamError
from mocap.stream import binary, protocol
from mocap.stream.access import Access
from mocap.stream.commands import Command, Control
from mocap.stream.connection import Connection, Packet, binary_frame, text_frame
from mocap.stream.frames import Cast, LiveFrame
from mocap.stream.ports import listen, own_address
from mocap.stream.sink import Sink
from mocap.threads import Worker

CLIENTS = 512  # at most
COMMANDS = 16  # of one client that may wait for an answer
CLOCK_AGE = 0.01  # [s] that the clock in a hello may be old; clients that come together share it
PULSE = 1.0  # [s] from status to status
PAUSE = 0.05  # [s] between those that are asked for, by a crowd that comes or commands at once
START, END = 5.0, 3.0  # [s] that the thread may take to begin and to end
NOTES = 10  # different ones about clients in a minute; of a crowd of strangers more says nothing


@dataclass(frozen=True)
class Client:
    """How one client is doing.

    Attributes:
        address: host and port.
        encoding: of its frames, "json" or "bin".
        fps: [1/s] frames that it got in the last second.
        delay: [ms] from the sending of a frame to the client's word that it was read; None until
            it said so.
        dropped: frames that it did not get since it came, being slow or the stream being fast.
    """

    address: str
    encoding: str
    fps: float
    delay: float | None
    dropped: int


class WebSocketServer(Sink):
    """Listens from its birth until `close`; every method can be called from any thread.

    Attributes:
        name: with its address, for messages.
        url: for clients of this machine, or of the network if it listens to that; no token in it.
        port: the one it listens on.
        clients: those connected, as they were up to a second ago.
        frames: how many were written.
    """

    def __init__(
        self,
        control: Control,
        host: str = "127.0.0.1",
        port: int = protocol.PORT,
        access: Access | None = None,
        on_note: Callable[[str], None] = lambda note: None,
    ) -> None:
        """Begin to listen.

        Args:
            control: obeys clients; its clock is that of the frames.
            host: name or address of this machine to listen on.
            port: 0 for any that is free.
            access: who may connect, its host being this one; None is for those of this machine.
            on_note: is told, on the server's thread, what people should know.

        Raises:
            PortTaken: somebody else has the port; knows one that is free.
            StreamError: this machine cannot listen there.
            InvalidValue: others could connect without a token, and nobody said they may.
        """
        self.access = Access(host) if access is None else replace(access, host=host)
        self.cast = Cast()
        self.frames = 0
        self.clients: tuple[Client, ...] = ()
        self._control = control
        self._on_note = on_note
        self._noted: set[str] = set()
        self._noted_since = 0.0
        self._listener = listen(host, port)
        self.port = int(self._listener.getsockname()[1])
        shown = own_address() if host in ("", "0.0.0.0", "::") else host
        self.url = f"ws://{f'[{shown}]' if ':' in shown else shown}:{self.port}"
        self.name = f"WebSocket {self.url}"
        self._sockets: set[Connection] = set()
        self._open: set[Connection] = set()
        self._sent: dict[Connection, int] = {}  # frames, until the last pulse
        self._rates: dict[Connection, float] = {}
        self._frame: tuple[Cast, LiveFrame, float] | None = None
        self._packets: dict[str, Packet | None] = {}
        self._hellos: dict[str, tuple[float, bytes]] = {}
        self._lock = threading.Lock()  # for the two that follow, set by other threads
        self._written: tuple[Cast, LiveFrame] | None = None
        self._written_cast = self.cast
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self._worker = Worker("mocap websocket", lambda: asyncio.run(self._serve()))
        self._ready.wait(START)
        if not self._worker.running:
            raise StreamError(f"the server could not start: {self._worker.error}")

    @property
    def receivers(self) -> int:
        return len(self._open)

    # From other threads.

    def open(self, cast: Cast) -> None:
        with self._lock:
            self._written_cast = cast
        self._later(lambda: self._announce(cast))

    def write(self, frame: LiveFrame) -> None:
        with self._lock:
            woken = self._written is not None
            self._written = (self._written_cast, frame)
        if not woken:
            self._later(self._publish)

    def tell(self, message: Mapping[str, Any]) -> None:
        """Send a message to every client, as {"type": "note", "message": ...}. A status may be
        left out for those who have not read the one before; nothing else is."""
        wire = text_frame(protocol.dumps(message))
        self._later(lambda: self._tell(wire, message.get("type") == "status"))

    def close(self) -> None:
        self._later(lambda: self._stop.set())
        self._worker.join(END)

    def _later(self, act: Callable[[], None]) -> None:
        if self._loop is not None:
            with suppress(RuntimeError):  # closed: nobody is there any more
                self._loop.call_soon_threadsafe(act)

    # On the event loop.

    async def _serve(self) -> None:
        loop = self._loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._failed)
        self._stop, self._wanted = asyncio.Event(), asyncio.Event()
        server = await loop.create_server(lambda: Connection(self, loop), sock=self._listener)
        self._ready.set()
        pulses = [loop.create_task(self._pulse()), loop.create_task(self._statuses())]
        try:
            await self._stop.wait()
        finally:
            server.close()
            for pulse in pulses:
                pulse.cancel()
            for client in tuple(self._sockets):
                client.leave("the server ends")
            while self._sockets:  # each ends soon, with or without an answer
                await asyncio.sleep(0.01)

    def _failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self._note(f"{self.name}: {context.get('exception') or context.get('message')}")

    async def _pulse(self) -> None:
        then = self._now()
        while True:
            await asyncio.sleep(PULSE)
            now = self._now()
            for client in tuple(self._sockets):
                client.look(now)
            self._count(now - then)
            then = now
            self._wanted.set()

    def _count(self, seconds: float) -> None:
        """Frames a second of each client, over the last `seconds`."""
        self._rates = {c: (c.sent - self._sent.get(c, 0)) / seconds for c in self._open}
        self._sent = {c: c.sent for c in self._open}
        self._describe()

    def _describe(self) -> None:
        self.clients = tuple(
            Client(
                client.address,
                client.encoding,
                round(self._rates.get(client, 0.0), 1),
                None if client.flow.delay is None else round(1000 * client.flow.delay, 1),
                client.dropped,
            )
            for client in self._open
        )

    async def _statuses(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            if self._open:
                try:
                    status = await asyncio.to_thread(self._control.status)
                    self._tell(text_frame(protocol.encode_status(status)), status=True)
                except Exception as error:  # whatever it is, clients still want frames
                    self._note(f"{self.name}: no status: {error}")
            await asyncio.sleep(PAUSE)

    def _tell(self, wire: bytes, status: bool) -> None:
        for client in tuple(self._open):
            if status:
                client.tell_status(wire)
            else:
                client.send(wire)

    def _announce(self, cast: Cast) -> None:
        if cast is self.cast:
            return
        self.cast = cast
        self._hellos.clear()
        self._packets.clear()  # frames of those who were on stage before
        for client in tuple(self._open):
            client.pump()

    def _publish(self) -> None:
        with self._lock:
            written, self._written = self._written, None
        if written is None:
            return
        cast, frame = written
        self._announce(cast)
        self.frames += 1
        self._frame = (cast, frame, self._now())
        self._packets.clear()
        for client in tuple(self._open):
            client.pump()

    def _now(self) -> float:
        assert self._loop is not None
        return self._loop.time()

    # What connections need.

    def met(self, client: Connection) -> bool:
        if self._stop.is_set() or len(self._sockets) >= 2 * CLIENTS:
            return False
        self._sockets.add(client)
        return True

    def full(self) -> bool:
        return len(self._open) >= CLIENTS

    def opened(self, client: Connection) -> None:
        self._open.add(client)
        self._describe()
        self._wanted.set()

    def closed(self, client: Connection) -> None:
        self._sockets.discard(client)
        if client in self._open:
            self._open.discard(client)
            self._describe()

    def refused(self, client: Connection, why: str) -> None:
        now = self._now()
        if now - self._noted_since > 60:
            self._noted, self._noted_since = set(), now
        if why not in self._noted and len(self._noted) < NOTES:
            self._noted.add(why)
            self._note(f"client {client.address} refused: {why}")

    def clock(self) -> float:
        return self._control.clock()

    def hello(self, encoding: str) -> bytes:
        now = self._now()
        made, wire = self._hellos.get(encoding, (-1.0, b""))
        if not wire or now - made > CLOCK_AGE:
            wire = text_frame(protocol.encode_hello(self.cast, encoding, self.clock()))
            self._hellos[encoding] = (now, wire)
        return wire

    def newest(self, encoding: str) -> Packet | None:
        if encoding not in self._packets:
            self._packets[encoding] = self._packet(encoding)
        return self._packets[encoding]

    def _packet(self, encoding: str) -> Packet | None:
        if self._frame is None or self._frame[0] is not self.cast:
            return None
        _, frame, at = self._frame
        try:
            if encoding == protocol.BINARY:
                wire = binary_frame(binary.encode_frame(frame))
            else:
                wire = text_frame(protocol.encode_frame(frame))
        except Exception as error:  # a frame that cannot be said is left out
            self._note(f"{self.name}: frame {frame.seq}: {error}")
            return None
        return Packet(frame.seq, at, wire)

    def obey(self, client: Connection, command: Command, request: protocol.Request | None) -> None:
        if client.waiting >= COMMANDS:
            of = protocol.name_of(command)
            why = f"{of}: {COMMANDS} commands wait already; send them after the answers"
            client.send(text_frame(protocol.encode_error(why, of, request)))
            return
        client.waiting += 1
        assert self._loop is not None
        task = self._loop.create_task(self._obey(client, command, request))
        self._tasks.add(task)  # the loop itself would let it be collected
        task.add_done_callback(self._tasks.discard)

    async def _obey(
        self, client: Connection, command: Command, request: protocol.Request | None
    ) -> None:
        of = protocol.name_of(command)
        async with client.turn:
            try:
                answer = await asyncio.to_thread(self._control.obey, command)
                reply = protocol.encode_ack(of, answer, request)
            except MocapError as error:
                reply = protocol.encode_error(str(error), of, request)
            except Exception as error:
                reply = protocol.encode_error(f"{of}: the server failed: {error}", of, request)
                self._note(f"{self.name}: {of} of {client.address} failed: {error!r}")
            client.waiting -= 1
            client.send(text_frame(reply))
        self._wanted.set()

    def _note(self, note: str) -> None:
        with suppress(Exception):  # who listens to notes cannot stop the frames
            self._on_note(note)
