"""Addresses as users write them, and a socket that never waits."""

from __future__ import annotations

import errno
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vmc_stage import listening

from mocap.errors import InvalidValue, StreamError
from mocap.stream.udp import Address, UdpSender, parse_address

# --- addresses -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("192.168.1.20:9", "192.168.1.20", 9),
        ("studio-pc", "studio-pc", 39539),
        (" studio-pc.local:1 ", "studio-pc.local", 1),
        (":65535", "127.0.0.1", 65535),
        ("9000", "127.0.0.1", 9000),
        (" 1 ", "127.0.0.1", 1),
        ("", "127.0.0.1", 39539),
        ("[::1]:7", "::1", 7),
        ("[fe80::1]", "fe80::1", 39539),
        ("fe80::1", "fe80::1", 39539),
    ],
)
def test_addresses(text: str, host: str, port: int) -> None:
    address = parse_address(text, 39539)
    assert address == Address(host, port)
    assert parse_address(str(address), 1) == address


@pytest.mark.parametrize(
    "text",
    [
        "a:",
        ":",
        "a:b",
        "a:0",
        "a:65536",
        "0",
        "65536",
        "2130706433",
        "a:-1",
        "a:1:2",
        "http://a:1",
        "a b",
        "[a]:1",
        "[::1",
        "a:\uff11",
    ],
)
def test_addresses_that_are_none(text: str) -> None:
    with pytest.raises(InvalidValue, match=r"HOST:PORT|65535"):
        parse_address(text, 39539)


@given(st.text(max_size=20))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        address = parse_address(text, 39539)
    except InvalidValue:
        return
    assert address.host
    assert 1 <= address.port <= 65535


# --- the socket ------------------------------------------------------------------------------


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_datagrams_arrive(family: socket.AddressFamily) -> None:
    ear, address = listening(family)
    with ear, UdpSender(address) as sender:
        for data in (b"one", b"two"):
            sender.send(data)
        assert [ear.recv(100) for _ in range(2)] == [b"one", b"two"]
        assert (sender.sent, sender.lost, sender.refused) == (2, 0, 0)


def test_nobody_listening_is_counted_and_nothing_is_kept_from_who_comes_later() -> None:
    ear, address = listening()
    ear.close()
    with UdpSender(address) as sender:
        for _ in range(5):
            sender.send(b"into the void")
        assert sender.sent == 5
        assert sender.lost == 0
        refused = sender.refused  # not every system tells
        assert refused <= 5
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as late:
            late.bind((address.host, address.port))
            late.settimeout(10)
            for i in range(3):
                sender.send(bytes([i]))
            assert [late.recv(10) for _ in range(3)] == [b"\0", b"\1", b"\2"]


def test_what_the_system_does_not_take_is_lost_and_counted() -> None:
    ear, address = listening()
    with ear, UdpSender(address) as sender:
        sender.send(bytes(100_000))  # larger than any datagram
        assert (sender.sent, sender.lost) == (0, 1)
        sender.send(b"small")
        assert ear.recv(10) == b"small"
    sender.send(b"after closing")
    assert sender.lost == 2
    sender.close()


def test_a_full_buffer_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def connect(self, place: object) -> None: ...

        def send(self, data: bytes) -> None:
            raise BlockingIOError

    ear, address = listening()
    with ear, UdpSender(address) as sender:
        with monkeypatch.context() as changed:
            changed.setattr(sender, "_socket", Full())
            sender.send(b"x")
        assert (sender.sent, sender.lost) == (0, 1)


def test_a_network_that_comes_back_finds_a_new_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unreachable:
        def send(self, data: bytes) -> None:
            raise OSError(errno.ENETUNREACH, "Network is unreachable")

        def close(self) -> None: ...

    def down(place: object, _: object) -> None:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    ear, address = listening()
    with ear, UdpSender(address) as sender:
        monkeypatch.setattr(sender, "_socket", Unreachable())
        sender.send(b"lost")
        with monkeypatch.context() as changed:
            changed.setattr(socket.socket, "connect", down)
            sender.send(b"lost")
        sender.send(b"found")
        assert ear.recv(10) == b"found"
        assert (sender.sent, sender.lost) == (1, 2)


def test_a_machine_without_such_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*args: object) -> None:
        raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")

    monkeypatch.setattr(socket, "socket", none)
    with pytest.raises(StreamError, match="Address family"):
        UdpSender(Address("127.0.0.1", 9))


def test_a_host_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(StreamError, match=r"no host 'nowhere' \(Name or .*IP address"):
        UdpSender(Address("nowhere", 1))


def test_a_name_that_is_too_long_for_any_host() -> None:
    with pytest.raises(StreamError, match="no host"):
        UdpSender(Address("x" * 300, 1))


def test_ipv4_goes_before_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [
        (socket.AF_INET6, socket.SOCK_DGRAM, 17, "", ("::1", 9, 0, 0)),
        (socket.AF_INET, socket.SOCK_DGRAM, 17, "", ("127.0.0.1", 9)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: list(both))
    with UdpSender(Address("both", 9)) as sender:
        assert sender._place == ("127.0.0.1", 9)
