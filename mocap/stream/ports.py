"""A port to listen on; if it is taken, by whom, and which is free."""

from __future__ import annotations

import errno
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path

from mocap.errors import StreamError

NEXT = 100  # ports that are tried after the one that was asked for
BACKLOG = 512


class PortTaken(StreamError):
    """Somebody else listens there.

    Attributes:
        port: the one that was asked for.
        holder: who has it, None if it cannot be told.
        free: one that can be had, None if none was found near.
    """

    def __init__(self, host: str, port: int, holder: str | None, free: int | None) -> None:
        message = f"port {port} of {host} is taken" + ("" if holder is None else f" by {holder}")
        if free is not None:
            message += f"; port {free} is free"
        super().__init__(message)
        self.port, self.holder, self.free = port, holder, free


def listen(host: str, port: int) -> socket.socket:
    """A TCP socket that listens; port 0 takes any free one.

    Raises:
        PortTaken: somebody else has it.
        StreamError: there is no such host on this machine, or no right to the port.
    """
    if not 0 <= port < 2**16:  # some systems would take the remainder
        raise StreamError(f"cannot listen on port {port}: expected one from 0 to 65535")
    try:
        return _listen(host, port)
    except socket.gaierror as error:
        raise StreamError(
            f"cannot listen on {host!r}: {error.strerror}; 127.0.0.1 is for this machine, 0.0.0.0 "
            "for every network"
        ) from None
    except UnicodeError:
        raise StreamError(f"cannot listen on {host[:80]!r}: that is no name of a host") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(host, port, holder(port), next_free(host, port + 1)) from None
        if error.errno == errno.EADDRNOTAVAIL:
            raise StreamError(
                f"cannot listen on {host}: this machine does not have that address; 0.0.0.0 is "
                "for every address that it has"
            ) from None
        if error.errno in (errno.EACCES, errno.EPERM):
            raise StreamError(
                f"cannot listen on port {port} of {host}: not allowed; ports from 1024 on are"
            ) from None
        raise StreamError(f"cannot listen on {host}:{port}: {error.strerror or error}") from None


def _listen(host: str, port: int) -> socket.socket:
    # of several addresses ("localhost") the one of IPv4, which every client tries
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = min(found, key=lambda f: f[0] != socket.AF_INET)
    listener = socket.socket(family, kind, protocol)
    try:
        if sys.platform == "win32":  # there, REUSEADDR would share the port with strangers
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def next_free(host: str, port: int) -> int | None:
    """The first port from this one on that can be had now."""
    for candidate in range(port, min(port + NEXT, 2**16)):
        with suppress(OSError):
            _listen(host, candidate).close()
            return candidate
    return None


def holder(port: int) -> str | None:
    """Name and number of the program that listens on a port, where Linux tells."""
    sockets: set[str] = set()
    for table in ("tcp", "tcp6"):
        with suppress(OSError, ValueError, IndexError):
            for line in Path("/proc/net", table).read_text().splitlines()[1:]:
                fields = line.split()
                # local address, state (0A: listening), inode
                if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                    sockets.add(f"socket:[{fields[9]}]")
    if not sockets:
        return None
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # those of others are closed to us, and some end meanwhile
            if any(_leads_to(file, sockets) for file in (process / "fd").iterdir()):
                words = (process / "cmdline").read_bytes().split(b"\0")
                command = b" ".join(words).strip().decode(errors="replace")
                name = command or (process / "comm").read_text().strip()
                return f"{name[:80]!r} (process {process.name})"
    return None


def _leads_to(descriptor: Path, targets: set[str]) -> bool:
    try:
        return os.readlink(descriptor) in targets
    except OSError:  # closed meanwhile
        return False


def own_address() -> str:
    """The address by which other machines of the network reach this one; no packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # of a range that is nobody's (RFC 5737)
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"
