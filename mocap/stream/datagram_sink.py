"""Frames as datagrams to one receiver, whatever they look like."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from mocap.stream.frames import Cast, LiveFrame
from mocap.stream.sink import Sink
from mocap.stream.udp import Address, UdpSender


class Encoder(Protocol):
    """Makes datagrams of frames."""

    def open(self, cast: Cast) -> None:
        """The frames that follow are of these people."""

    def encode(self, frame: LiveFrame) -> Iterable[bytes]:
        """The datagrams of a frame, in the order to send them; none if it is to be left out."""

    def farewell(self) -> Iterable[bytes]:
        """What to send last: nobody is there any more."""


class Target(Protocol):
    """A receiver; its text tells people which."""

    @property
    def address(self) -> Address:
        """Where it listens."""


class DatagramSink(Sink):
    """Sends what an encoder makes of the frames.

    Attributes:
        target: whom to, and how.
        sender: the socket, which counts what left, was lost and was refused.

    Raises:
        StreamError: there is no such host.
    """

    def __init__(self, protocol: str, target: Target, encoder: Encoder) -> None:
        self.target = target
        self.name = f"{protocol} {target}"
        self.sender = UdpSender(target.address)
        self._encoder = encoder
        self._closed = False

    def open(self, cast: Cast) -> None:
        self._encoder.open(cast)

    def write(self, frame: LiveFrame) -> None:
        self._send(self._encoder.encode(frame))

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._send(self._encoder.farewell())
            self.sender.close()

    def _send(self, datagrams: Iterable[bytes]) -> None:
        for datagram in datagrams:
            self.sender.send(datagram)
