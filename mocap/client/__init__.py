"""Poses from a running `mocap live`, in a few lines.

    from mocap.client import connect

    with connect() as stream:
        for frame in stream:
            for person in frame.people:
                print(person.id, person.pose.root)

`connect` waits where it must; `connect_async` is the same for asyncio.
"""

from mocap.client.address import DEFAULT_URL
from mocap.client.asynchronous import AsyncStream, connect_async
from mocap.client.blocking import Stream, connect

__all__ = ["DEFAULT_URL", "AsyncStream", "Stream", "connect", "connect_async"]
