"""A stream for asyncio: the socket is read in a task, so that frames are never old."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Any, TypeVar

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_socket
from websockets.exceptions import ConnectionClosed, WebSocketException

from mocap.client import requests
from mocap.client.address import DEFAULT_URL, Address, ended_well, pauses
from mocap.client.conversation import Answer, Arrival, Conversation
from mocap.client.requests import Request
from mocap.client.told import Told
from mocap.errors import MocapError, StreamError
from mocap.stream.frames import LiveFrame

T = TypeVar("T")
LOOK = 0.1  # [s] how often pings are thought of while nothing arrives


def connect_async(
    url: str = DEFAULT_URL,
    *,
    token: str | None = None,
    encoding: str = "binary",
    reconnect: bool = False,
    timeout: float = 5.0,
    on_note: Callable[[str], None] | None = None,
) -> AsyncStream:
    """A stream that connects where it is entered: `async with connect_async() as stream`.

    Arguments and errors are those of `connect`; `on_note` is called in the event loop.
    """
    return AsyncStream(
        Address(url, token, encoding, timeout), Conversation(on_note), reconnect=reconnect
    )


class AsyncStream(Told):
    """Frames of a server, always the newest, and commands to it; made by `connect_async`."""

    _socket: ClientConnection
    _task: asyncio.Task[None]

    def __init__(self, address: Address, talk: Conversation, *, reconnect: bool) -> None:
        super().__init__(address, talk)
        self._reconnect = reconnect
        self._arrival: Arrival | None = None
        self._changed = asyncio.Event()  # there is an arrival, or none will come
        self._over = False
        self._ending = False  # before Python 3.12 `wait_for` may forget that it was cancelled

    async def __aenter__(self) -> AsyncStream:
        self._socket = await self._dial()
        self._task = asyncio.create_task(self._work())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def __aiter__(self) -> AsyncIterator[LiveFrame]:
        """Frames as they come; one that was overtaken by a newer is left out.

        Ends when the server ends. Raises StreamError when the connection is lost.
        """
        while True:
            frame = await self.frame()
            if frame is None:
                return
            yield frame

    async def frame(self, timeout: float | None = None) -> LiveFrame | None:
        """The newest frame that was not handed out yet, as soon as there is one.

        Args:
            timeout: [s] to wait for it; without end if None.

        Returns:
            None if none came in time, or none will: the server or this stream has ended.

        Raises:
            StreamError: the connection was lost.
        """
        await asyncio.sleep(0)  # whoever only looks must not keep frames from coming
        if not self._changed.is_set():
            try:
                await asyncio.wait_for(self._changed.wait(), timeout)
            except asyncio.TimeoutError:
                return None
        if self._arrival is None:  # ended
            await asyncio.wait([self._task])
            error = None if self._task.cancelled() else self._task.exception()
            if error is not None and not self._ending:
                raise error
            return None
        self._handed, self._arrival = self._arrival, None
        if not self._over:
            self._changed.clear()
        return self._handed.frame

    async def record(self, name: str | None = None, note: str = "") -> str:
        """Begin a recording; returns the name of the take. Raises Refused, as all commands do."""
        return await self._ask(requests.record(name, note))

    async def stop(self) -> dict[str, Any]:
        """End the recording; returns its take, seconds, frames and file."""
        return await self._ask(requests.stop())

    async def calibrate(self, height: float | None = None, delay: float = 3.0) -> float:
        """Have people in a T-pose measured after `delay` [s]; a note tells what came of it."""
        return await self._ask(requests.calibrate(height, delay))

    async def set(self, option: str, value: Any) -> Any:
        """Change smoothing, look_ahead, people, height or filter; returns the value it has now."""
        return await self._ask(requests.set_option(option, value))

    async def takes(self) -> list[dict[str, Any]]:
        """The takes that were recorded."""
        return await self._ask(requests.takes())

    async def ping(self) -> float:
        """Compare clocks; returns [s] the server's clock over `time.perf_counter()` here."""
        await self._ask(requests.ping(time.perf_counter()))
        return self._talk.offset or 0.0

    async def close(self) -> None:
        """End the stream; may be called more than once."""
        self._ending = True
        self._task.cancel()
        await self._socket.close()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _ask(self, request: Request[T]) -> T:
        box: asyncio.Queue[Answer] = asyncio.Queue()
        number, text = self._talk.ask(request, box.put_nowait)
        timeout = self._address.timeout
        try:
            await self._socket.send(text)
            answer = await asyncio.wait_for(box.get(), timeout)
        except ConnectionClosed as error:
            raise self._address.explained(error) from None
        except asyncio.TimeoutError:
            raise self._address.unanswered(request.message) from None
        finally:
            self._talk.forget(number)
        if isinstance(answer, MocapError):
            raise answer
        return request.read(answer)

    async def _dial(self) -> ClientConnection:
        """Open a socket and wait for the hello. Raises StreamError."""
        self._talk.reset()
        try:
            socket = await open_socket(self._address.url, **self._address.options)
        except (OSError, asyncio.TimeoutError, WebSocketException) as error:
            raise self._address.explained(error) from None
        try:
            while not self._talk.greeted:
                data = await asyncio.wait_for(socket.recv(), self._address.timeout)
                await self._hear(socket, data)
        except (OSError, asyncio.TimeoutError, WebSocketException) as error:
            await socket.close()
            raise self._address.explained(error) from None
        except BaseException:
            await socket.close()
            raise
        return socket

    async def _work(self) -> None:
        try:
            while not self._ending:
                lost = await self._listen()
                if lost is None:
                    return
                error = self._address.explained(lost)
                self._talk.lost(error)
                if not self._reconnect:
                    if ended_well(lost):
                        return
                    raise error
                await self._come_back(error)
        finally:
            self._talk.lost(StreamError(f"{self.url}: the stream has ended"))
            self._over = True
            self._changed.set()
            await self._socket.close()

    async def _listen(self) -> ConnectionClosed | None:
        """Take what arrives until the connection or the stream ends."""
        while not self._ending:
            try:
                await self._hear(self._socket, await asyncio.wait_for(self._socket.recv(), LOOK))
            except asyncio.TimeoutError:
                await self._say(self._socket)
            except ConnectionClosed as error:
                return error
        return None

    async def _come_back(self, error: StreamError) -> None:
        """Connect again, however long it takes; say why it does whenever the reason changes."""
        for pause in pauses():
            if self._ending:
                return
            if str(error) not in self._talk.notes:
                self._talk.tell(str(error))
            await asyncio.sleep(pause)
            try:
                self._socket = await self._dial()
            except StreamError as failed:
                error = failed
            else:
                self._talk.tell(f"{self.url}: connected again")
                return

    async def _hear(self, socket: ClientConnection, data: str | bytes) -> None:
        arrival = self._talk.receive(data, time.perf_counter())
        if arrival is not None:
            self._arrival = arrival
            self._changed.set()
        await self._say(socket)

    async def _say(self, socket: ClientConnection) -> None:
        for text in self._talk.outgoing(time.perf_counter()):
            await socket.send(text)
