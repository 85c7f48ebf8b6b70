"""`mocap listen` as a user meets it, at a real server."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator

import pytest
from commands import Command
from stages import CAST, Obedient, playing

from mocap.cli.listen_osc import Second
from mocap.stream.access import Access
from mocap.stream.server import WebSocketServer
from mocap.stream.vmc_sink import VmcSink, target_of


@pytest.mark.parametrize("how", [(), ("--text",)])
def test_a_line_tells_what_came(
    command: Command, server: WebSocketServer, how: tuple[str, ...]
) -> None:
    shown = command("listen", server.url, "--seconds", 1.5, *how)
    assert (shown.status, shown.err) == (0, "")
    greeting, *lines = shown.out.splitlines()
    assert re.fullmatch(
        rf"{server.url}: mocap [\d.]+, skeleton humanoid of 22 bones, 100 fps", greeting
    )
    assert len(lines) == 2
    for line in lines:
        assert re.match(
            r" *[\d.]+ fps \| latency -?[\d.]+ ms, worst -?[\d.]+ \| \d+ dropped \| "
            r"person 0 tracked at +0\.25 +0\.\d\d +-0\.50 facing \+90°$",
            line,
        ), line


def test_lines_for_programs(command: Command, server: WebSocketServer) -> None:
    shown = command("listen", server.url, "--seconds", 0.6, "--json", "--bones")
    (told,) = [json.loads(line) for line in shown.out.splitlines()]
    assert told["fps"] > 0
    assert told["latency"]["median"] <= told["latency"]["worst"]
    (person,) = told["people"]
    assert (person["id"], person["state"], person["confidence"]) == (0, "tracked", 0.5)
    assert (person["faces"], person["stands_on"]) == (90, ["leftFoot"])
    assert list(person["bones"]) == list(CAST.skeleton.names)
    assert person["bones"]["hips"] == person["hips"]
    # who faces +X has the left hand in -Z
    assert person["bones"]["leftHand"][2] < person["hips"][2] - 0.5


def test_one_frame_for_scripts(command: Command, server: WebSocketServer) -> None:
    shown = command("listen", server.url, "--once", "--json")
    told = json.loads(shown.out)
    assert told["server"].startswith("mocap ")
    assert told["seq"] > 0
    assert len(told["people"]) == 1


def test_a_table_of_bones(command: Command, server: WebSocketServer) -> None:
    shown = command("listen", server.url, "--once", "--bones")
    rows = [line.split() for line in shown.out.splitlines()[2:]]
    assert [name for _, name, *_ in rows] == list(CAST.skeleton.names)
    assert all(len(row) == 5 for row in rows)


def test_a_server_without_frames(command: Command, session: Obedient) -> None:
    with WebSocketServer(session, port=0) as server:
        shown = command("listen", server.url, "--once", "--seconds", 0.2)
        assert shown.status == 2
        assert "but no frame came within 0.2 s; its state is" in shown.err
        shown = command("listen", server.url, "--seconds", 0.3)
        assert shown.status == 0
        assert "no frames; the server is" in shown.out


def test_errors_are_one_line_that_says_what_would_work(command: Command, session: Obedient) -> None:
    with WebSocketServer(session, port=0, access=Access(token="right one")) as server:
        shown = command("listen", server.url)
        assert (shown.status, shown.out) == (2, "")
        assert shown.err.startswith(f"mocap: {server.url}: it asks for a token")
        assert command("listen", server.url, "--token", "right one", "--seconds", 0.1).status == 0
    shown = command("listen", server.url)
    assert shown.status == 2
    assert shown.err.count("\n") == 1
    assert "start `mocap live`" in shown.err


@pytest.fixture
def vmc_port(session: Obedient) -> Iterator[int]:
    """A UDP port to which somebody's bones are sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with VmcSink(target_of(f"127.0.0.1:{port}")) as sink, playing(sink, session):
        yield port


def test_vmc_is_told_in_figures(command: Command, vmc_port: int) -> None:
    shown = command("listen", "--vmc", vmc_port, "--once")
    assert (shown.status, shown.err) == (0, "")
    assert f"UDP port {vmc_port}" in shown.out
    assert re.search(r"^\d+ datagrams/s from 127\.0\.0\.1, up to \d+ bytes$", shown.out, re.M)
    assert re.search(r"^    /VMC/Ext/Bone/Pos sfffffff \d+/s, \d\d names$", shown.out, re.M)


def test_vmc_for_programs(command: Command, vmc_port: int) -> None:
    shown = command("listen", "--vmc", vmc_port, "--seconds", 0.5, "--json", "--bones")
    (told,) = [json.loads(line) for line in shown.out.splitlines()]
    assert told["datagrams"] > 0
    assert told["broken"] is None
    kinds = {kind["address"]: kind for kind in told["messages"]}
    assert kinds["/VMC/Ext/Bone/Pos"]["types"] == "sfffffff"
    assert len(told["named"]["/VMC/Ext/Bone/Pos Hips"]) == 7


def test_osc_that_is_none_and_silence(command: Command) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("127.0.0.1", 0))
        shown = command("listen", "--vmc", sender.getsockname()[1])
        assert shown.status == 2
        assert "close the program that receives there" in shown.err
        port = sender.getsockname()[1]
    assert "nothing arrives" in command("listen", "--vmc", port, "--seconds", 0.1).out
    second = Second()
    second.take(b"not OSC at all", "127.0.0.1")
    assert "OSC" in second.told(bones=False)["broken"]
