"""Who may open the panel's socket: its own page, and those that Access lets in.

viser asks nobody who they are, and has no place for a rule. So the rule is kept as the very first
thing after a connection is made: nothing was sent yet, and nothing that came is read. This file
alone knows how viser keeps its connections.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
from collections.abc import Iterable
from typing import Any

from mocap.errors import StreamError
from mocap.stream.access import Access, Refusal

POLICY = 1008  # close code of WebSocket: refused, though nothing else was wrong


def refusal(access: Access, path: str, headers: Iterable[tuple[str, str]]) -> Refusal | None:
    """Why a request to the panel is refused; None if it may come in.

    Stricter than Access alone, as only the panel's own page speaks to it: another page from this
    machine has to be named like any other.

    Args:
        access: the rules.
        path: of the request, with its query.
        headers: names and values, as often as each was sent.
    """
    sent = [(name.lower(), value.strip()) for name, value in headers]
    hosts = [value.lower() for name, value in sent if name == "host"]
    own = {f"{scheme}://{host}" for scheme in ("http", "https") for host in hosts}
    origins = [value.lower() for name, value in sent if name == "origin"]
    if len(origins) == 1 and origins[0] in own:
        sent = [(name, value) for name, value in sent if name != "origin"]
    elif any(origin not in access.origins for origin in origins):
        return Refusal(403, "only the panel's own page may connect")
    return access.refusal(path, sent)


def keep(server: Any, access: Access) -> None:
    """Have a viser server let in only who may.

    Args:
        server: a running viser.ViserServer on which nothing is to be seen yet.
        access: the rules.

    Raises:
        StreamError: this viser keeps its connections otherwise.
    """
    inside = getattr(server, "_websock_server", None)
    connections = getattr(inside, "_live_connections", None)
    if inside is None or not isinstance(connections, dict):
        raise StreamError(
            f"viser {importlib.metadata.version('viser')} cannot be closed to foreign web pages; "
            "use --no-panel, or pip install 'viser==1.1.1'"
        )

    async def admit(client: Any) -> None:
        connection = connections[client.client_id]
        request = connection.request
        refused = refusal(access, request.path, request.headers.raw_items())
        if refused is None:
            return
        await connection.close(POLICY, refused.message[:100])
        # What it sent until then would still be read. Whatever ends this, the connection has ended.
        with contextlib.suppress(Exception):
            while True:
                await connection.recv()

    inside.on_client_connect(admit)
    inside.disconnect_all_clients()  # who was quicker comes again, and is asked
