"""A stream for programs that wait: the socket is read in a thread, so that frames are never old."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as open_socket

from mocap.client import requests
from mocap.client.address import DEFAULT_URL, Address, ended_well, pauses
from mocap.client.conversation import Answer, Arrival, Conversation
from mocap.client.requests import Request
from mocap.client.told import Told
from mocap.closing import Closing
from mocap.errors import MocapError, StreamError
from mocap.stream.frames import LiveFrame
from mocap.threads import Mailbox, Worker

T = TypeVar("T")
LOOK = 0.1  # [s] how often pings and the end are thought of while nothing arrives


def connect(
    url: str = DEFAULT_URL,
    *,
    token: str | None = None,
    encoding: str = "binary",
    reconnect: bool = False,
    timeout: float = 5.0,
    on_note: Callable[[str], None] | None = None,
) -> Stream:
    """Connect to a running `mocap live`.

    Args:
        url: ws://HOST:PORT, as it printed; "ws://" may be left out.
        token: that it printed, if it listens beyond its own computer.
        encoding: of the frames, "binary" or "json".
        reconnect: come back by itself when the connection is lost or the server restarted; the
            stream then ends only with `close()`.
        timeout: [s] to wait for the server, and for each answer.
        on_note: called with notes and errors for people, from another thread.

    Raises:
        StreamError: nobody listens there, or it wants a token, or speaks another protocol.
        InvalidValue: an argument makes no sense.
    """
    return Stream(
        Address(url, token, encoding, timeout), Conversation(on_note), reconnect=reconnect
    )


class Stream(Told, Closing):
    """Frames of a server, always the newest, and commands to it; made by `connect`."""

    def __init__(self, address: Address, talk: Conversation, *, reconnect: bool) -> None:
        super().__init__(address, talk)
        self._reconnect = reconnect
        self._arrivals: Mailbox[Arrival] = Mailbox()
        self._ending = threading.Event()
        self._socket = self._dial()
        self._worker = Worker("mocap-client", self._work)

    def __iter__(self) -> Iterator[LiveFrame]:
        """Frames as they come; one that was overtaken by a newer is left out.

        Ends when the server ends. Raises StreamError when the connection is lost.
        """
        while True:
            frame = self.frame()
            if frame is None:
                return
            yield frame

    def frame(self, timeout: float | None = None) -> LiveFrame | None:
        """The newest frame that was not handed out yet, as soon as there is one.

        Args:
            timeout: [s] to wait for it; without end if None.

        Returns:
            None if none came in time, or none will: the server or this stream has ended.

        Raises:
            StreamError: the connection was lost.
        """
        until = None if timeout is None else time.perf_counter() + timeout
        while True:
            left = LOOK if until is None else min(LOOK, until - time.perf_counter())
            arrival = self._arrivals.take(max(left, 0.0))  # in slices, for Ctrl-C on Windows
            if arrival is not None:
                self._handed = arrival
                return arrival.frame
            if self._arrivals.closed:
                self._worker.join()
                if self._worker.error is not None and not self._ending.is_set():
                    raise self._worker.error
                return None
            if until is not None and time.perf_counter() >= until:
                return None

    def record(self, name: str | None = None, note: str = "") -> str:
        """Begin a recording; returns the name of the take. Raises Refused, as all commands do."""
        return self._ask(requests.record(name, note))

    def stop(self) -> dict[str, Any]:
        """End the recording; returns its take, seconds, frames and file."""
        return self._ask(requests.stop())

    def calibrate(self, height: float | None = None, delay: float = 3.0) -> float:
        """Have people in a T-pose measured after `delay` [s]; a note tells what came of it."""
        return self._ask(requests.calibrate(height, delay))

    def set(self, option: str, value: Any) -> Any:
        """Change smoothing, look_ahead, people, height or filter; returns the value it has now."""
        return self._ask(requests.set_option(option, value))

    def takes(self) -> list[dict[str, Any]]:
        """The takes that were recorded."""
        return self._ask(requests.takes())

    def ping(self) -> float:
        """Compare clocks; returns [s] the server's clock over `time.perf_counter()` here."""
        self._ask(requests.ping(time.perf_counter()))
        return self._talk.offset or 0.0

    def close(self) -> None:
        self._ending.set()
        with contextlib.suppress(WebSocketException, OSError):
            self._socket.close()
        self._worker.join(2 * self._address.timeout)

    def _ask(self, request: Request[T]) -> T:
        box: Mailbox[Answer] = Mailbox()
        number, text = self._talk.ask(request, box.put)
        try:
            self._socket.send(text)
        except ConnectionClosed as error:
            self._talk.forget(number)
            raise self._address.explained(error) from None
        answer = box.take(self._address.timeout)
        self._talk.forget(number)
        if answer is None:
            raise self._address.unanswered(request.message)
        if isinstance(answer, MocapError):
            raise answer
        return request.read(answer)

    def _dial(self) -> ClientConnection:
        """Open a socket and wait for the hello. Raises StreamError."""
        self._talk.reset()
        try:
            socket = open_socket(self._address.url, **self._address.options)
        except (OSError, WebSocketException) as error:
            raise self._address.explained(error) from None
        try:
            while not self._talk.greeted:
                self._hear(socket, socket.recv(self._address.timeout))
        except (OSError, WebSocketException) as error:
            socket.close()
            raise self._address.explained(error) from None
        except BaseException:
            socket.close()
            raise
        return socket

    def _work(self) -> None:
        try:
            while not self._ending.is_set():
                lost = self._listen()
                error = self._address.explained(lost)
                self._talk.lost(error)
                if self._ending.is_set() or (ended_well(lost) and not self._reconnect):
                    return
                if not self._reconnect:
                    raise error
                self._come_back(error)
        finally:
            self._talk.lost(StreamError(f"{self.url}: the stream has ended"))
            self._arrivals.close()
            self._socket.close()

    def _listen(self) -> ConnectionClosed:
        """Take what arrives until the connection ends."""
        while True:
            try:
                self._hear(self._socket, self._socket.recv(LOOK))
            except TimeoutError:
                self._say(self._socket)
            except ConnectionClosed as error:
                return error

    def _come_back(self, error: StreamError) -> None:
        """Connect again, however long it takes; say why it does whenever the reason changes."""
        for pause in pauses():
            if str(error) not in self._talk.notes:
                self._talk.tell(str(error))
            if self._ending.wait(pause):
                return
            try:
                self._socket = self._dial()
            except StreamError as failed:
                error = failed
            else:
                self._talk.tell(f"{self.url}: connected again")
                return

    def _hear(self, socket: ClientConnection, data: str | bytes) -> None:
        arrival = self._talk.receive(data, time.perf_counter())
        if arrival is not None:
            self._arrivals.put(arrival)
        self._say(socket)

    def _say(self, socket: ClientConnection) -> None:
        for text in self._talk.outgoing(time.perf_counter()):
            socket.send(text)
