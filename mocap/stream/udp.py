"""UDP to one receiver: never waits, and never minds one that is not there."""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import Any

from mocap.closing import Closing
from mocap.errors import InvalidValue, StreamError

HERE = "127.0.0.1"
_BRACKETS = re.compile(r"\[([^\]]*)\](?::(.*))?")
_HOST = re.compile(r"[\w.-]+")


@dataclass(frozen=True)
class Address:
    """Where a receiver listens.

    Attributes:
        host: name, or address of IPv4 or IPv6.
        port: 1 to 65535.
    """

    host: str
    port: int

    def __post_init__(self) -> None:
        if not 1 <= self.port <= 65535:
            raise InvalidValue(f"port: expected 1 to 65535, got {self.port}")

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_address(text: str, port: int) -> Address:
    """The address that a text names: HOST:PORT, HOST, :PORT, PORT, [IPv6]:PORT or IPv6.

    Args:
        text: without a host, this machine.
        port: where the text names none.

    Raises:
        InvalidValue: it is none of these.
    """
    text = text.strip()
    wrong = InvalidValue(
        f"address: expected HOST:PORT, HOST, PORT or [IPv6]:PORT, as 127.0.0.1:{port}, got {text!r}"
    )
    digits: str | None
    if bracketed := _BRACKETS.fullmatch(text):
        host, digits = bracketed.groups()
        if not _is_ipv6(host):
            raise wrong
    elif _is_ipv6(text):
        host, digits = text, None
    elif re.fullmatch("[0-9]+", text):  # would be a host of four bytes, which nobody means
        host, digits = "", text
    else:
        host, colon, digits = text.partition(":")
        digits = digits if colon else None
        if host and not _HOST.fullmatch(host):
            raise wrong
    if digits is not None and not re.fullmatch("[0-9]{1,5}", digits):
        raise wrong
    return Address(host or HERE, port if digits is None else int(digits))


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


class UdpSender(Closing):
    """Sends datagrams to one address.

    Attributes:
        address: whom to.
        sent: datagrams that left.
        lost: datagrams that could not leave: the network is down, or its buffer full.
        refused: how often the receiver's machine said that nobody listens there.

    Raises:
        StreamError: there is no such host, or this machine cannot speak to such an address.
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        self.sent = self.lost = self.refused = 0
        self._family, self._place = _resolve(address)
        try:
            socket.socket(self._family, socket.SOCK_DGRAM).close()
        except OSError as error:
            raise StreamError(f"cannot send to {address}: {error.strerror}") from None
        self._socket: socket.socket | None = None
        self._closed = False

    def send(self, datagram: bytes) -> None:
        """Send one, or count it as lost."""
        for _ in range(0 if self._closed else 2):
            try:
                # a network that went away and came back may have given this machine another
                # address, which takes a new socket
                self._socket = self._socket or self._connected()
                self._socket.send(datagram)
            except (ConnectionRefusedError, ConnectionResetError):
                self.refused += 1  # of the one before; this one has not left yet
            except BlockingIOError:
                break
            except OSError:
                self._drop()
                break
            else:
                self.sent += 1
                return
        self.lost += 1

    def close(self) -> None:
        self._closed = True
        self._drop()

    def _connected(self) -> socket.socket:
        """A socket that never waits; a connected one, which hears that nobody listens."""
        opened = socket.socket(self._family, socket.SOCK_DGRAM)
        try:
            opened.setblocking(False)
            # one datagram for every machine of a network is a choice of the user
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            opened.connect(self._place)
        except OSError:
            opened.close()
            raise
        return opened

    def _drop(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _resolve(address: Address) -> tuple[socket.AddressFamily, Any]:
    """Family and socket address of a host; IPv4 if it has both, as most receivers listen there."""
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise StreamError(
            f"cannot send to {address}: no host {address.host!r} ({reason}); "
            "an IP address as 192.168.1.20 would work without a name"
        ) from None
    found.sort(key=lambda entry: entry[0] != socket.AF_INET)
    return found[0][0], found[0][4]
