"""Who is let in by the WebSocket server: handshakes, origins, names, tokens, subprotocols."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress

import pytest
from stream_stage import WAIT, Session, handshake, join, raw, receive, rest_of
from stream_stage import session as session
from stream_stage import stream as stream
from waiting import eventually
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from mocap.errors import InvalidValue
from mocap.stream import connection, server
from mocap.stream.access import Access
from mocap.stream.server import WebSocketServer


@pytest.fixture
def together() -> Iterator[ExitStack]:
    """Closes what was opened."""
    with ExitStack() as stack:
        yield stack


def test_who_never_asks_for_a_websocket_is_sent_away(
    stream: WebSocketServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HANDSHAKE", 0.05)
    for start in (b"", b"GET / HTTP/1.1\r\nHost: x\r\n"):
        with closing(raw(stream, start)) as plug:
            assert rest_of(plug) == b""


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 1000 + b"\r\n",
        b"\0" * 100_000,
        b"\r\n\r\n",
    ],
    ids=["page", "post", "tls", "long", "many", "zeros", "empty"],
)
def test_what_is_no_handshake_is_turned_away(
    stream: WebSocketServer, request_: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HANDSHAKE", 0.5)
    with closing(socket.create_connection(("127.0.0.1", stream.port), WAIT)) as plug:
        with suppress(ConnectionError):
            plug.sendall(request_)
        answer = rest_of(plug)
        assert b" 101 " not in answer
    with join(stream) as client:
        assert receive(client)["type"] == "hello"


def test_pages_from_elsewhere_are_turned_away(stream: WebSocketServer, session: Session) -> None:
    with pytest.raises(InvalidStatus) as caught:
        join(stream, origin="https://evil.com")
    assert caught.value.response.status_code == 403
    assert any("evil.com" in note for note in session.notes)
    with join(stream, origin="http://localhost:3000") as client:
        assert receive(client)["type"] == "hello"


def test_names_that_pretend_are_turned_away(stream: WebSocketServer) -> None:
    with closing(raw(stream, handshake(stream, host="evil.com"))) as plug:
        assert rest_of(plug).startswith(b"HTTP/1.1 403")


def test_a_token_is_asked_for(session: Session) -> None:
    with WebSocketServer(session, port=0, access=Access(token="sesame-open")) as stream:
        for wrong in ("", "/?token=wrong-wrong"):
            with pytest.raises(InvalidStatus) as caught:
                connect(stream.url + wrong, proxy=None)
            assert caught.value.response.status_code == 401
        with connect(f"{stream.url}/?token=sesame-open", proxy=None) as client:
            assert receive(client)["type"] == "hello"
        header = {"Authorization": "Bearer sesame-open"}
        with connect(stream.url, additional_headers=header, proxy=None) as client:
            assert receive(client)["type"] == "hello"
        assert "sesame" not in stream.url + stream.name


def test_others_need_a_token(session: Session) -> None:
    with pytest.raises(InvalidValue, match="token"):
        WebSocketServer(session, "0.0.0.0", 0)
    with pytest.raises(InvalidValue, match="token"):  # rules for another host do not help
        WebSocketServer(session, "0.0.0.0", 0, Access("127.0.0.1"))
    with WebSocketServer(session, "0.0.0.0", 0, Access("0.0.0.0", no_token=True)) as stream:
        assert stream.url.startswith("ws://")
        assert "0.0.0.0" not in stream.url


def test_an_unknown_subprotocol_is_turned_away(stream: WebSocketServer) -> None:
    with pytest.raises(InvalidStatus) as caught:
        connect(stream.url, subprotocols=["mocap.v9.json"], proxy=None)  # type: ignore[list-item]
    assert caught.value.response.status_code == 400
    assert b"mocap.v1.bin" in (caught.value.response.body or b"")
    wanted = ["mocap.v9.bin", "mocap.v1.bin", "mocap.v1.json"]
    with connect(stream.url, subprotocols=wanted, proxy=None) as client:  # type: ignore[arg-type]
        assert client.subprotocol == "mocap.v1.bin"


def test_clients_are_limited(
    stream: WebSocketServer, monkeypatch: pytest.MonkeyPatch, together: ExitStack
) -> None:
    monkeypatch.setattr(server, "CLIENTS", 3)
    for _ in range(3):
        together.enter_context(join(stream))
    with pytest.raises(InvalidStatus) as caught:
        join(stream)
    assert caught.value.response.status_code == 503
    together.close()
    eventually(lambda: stream.receivers == 0)
    with join(stream) as client:
        assert receive(client)["type"] == "hello"
