"""The server and page of the panel: the one place that imports viser."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import rich
import viser

from mocap.errors import StreamError
from mocap.panel.gate import keep
from mocap.stream.access import Access
from mocap.stream.ports import listen, next_free

Client = viser.ClientHandle
Crowd = viser.BatchedMeshHandle
Icon = viser.Icon
EVERY_ADDRESS = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # and one that leads here


class Web(viser.ViserServer):
    """A viser server that is quiet, asks who comes, and never shares itself outside.

    Args:
        access: where it listens, and who may connect.
        port: to listen on; the next free one if it is taken.

    Attributes:
        url: of its page, with the token.

    Raises:
        StreamError: it cannot listen there.
    """

    def __init__(self, access: Access, port: int) -> None:
        # browsers connect beforehand and hang up, which is nothing to print a traceback for
        logging.getLogger("websockets.server").setLevel(logging.CRITICAL)
        free = free_port(access.host, port)
        with _quiet():
            super().__init__(host=access.host, port=free, label="mocap live", verbose=False)
        try:
            keep(self, access)
        except StreamError:
            self.stop()
            raise
        host = EVERY_ADDRESS.get(access.host, access.host)
        place = f"[{host}]:{self.get_port()}" if ":" in host else f"{host}:{self.get_port()}"
        self.url = f"http://{place}/"
        if access.token is not None:  # by this the page finds its socket
            own = f"ws://{place}/?token={quote(access.token, safe='')}"
            self.url += f"?websocket={quote(own, safe=':/?=')}"

    def request_share_url(self, verbose: bool = True) -> str | None:
        """Nothing: pages can ask for this, and nobody outside is to see or command anything."""
        return None

    def stop(self) -> None:
        """End the server and its threads."""
        with _quiet():
            super().stop()


def free_port(host: str, port: int) -> int:
    """This port, or the next that nobody has. viser would look for one forever.

    Raises:
        StreamError: there is none, or the host is none of this machine's.
    """
    found = next_free(host, port)
    if found is None:
        listen(host, port).close()  # tells why not
    return port if found is None else found


@contextmanager
def _quiet() -> Iterator[None]:
    """No banner: what is printed belongs to the command."""
    console = rich.get_console()
    before, console.quiet = console.quiet, True
    try:
        yield
    finally:
        console.quiet = before
