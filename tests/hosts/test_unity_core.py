"""The engine-free core of the Unity package, compiled and run by Mono: its own tests, and itself as
a client of the real server, of VMC, and of whatever else may listen."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import tarfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import unity_build
from stages import Obedient, playing
from strategies import rotations
from unity_client import Client, Line, Program, slowly
from waiting import eventually, free_port
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from mocap import bone_map, rotation, skeletons
from mocap.arrays import Array
from mocap.motion import Pose
from mocap.retarget import Retargeter
from mocap.skeleton import Skeleton
from mocap.stream import protocol
from mocap.stream.access import Access
from mocap.stream.frames import Cast, LiveFrame, LivePerson
from mocap.stream.server import WebSocketServer
from mocap.stream.vmc_sink import VmcSink, target_of

BODY = skeletons.humanoid()
PEOPLE = tuple(range(5))
FPS = 60.0
MIRROR_POSITION = np.array([-1.0, 1.0, 1.0])  # to Unity's axes
MIRROR_ROTATION = np.array([1.0, -1.0, -1.0, 1.0])
OSC_JACK = "jp.keijiro.osc-jack@2.0.0"
ENCODINGS = pytest.mark.parametrize("encoding", ["bin", "json"])
REST = np.tile([0.0, 0.0, 0.0, 1.0], (len(BODY), 1))

pytestmark = pytest.mark.skipif(
    None in (unity_build.MCS, unity_build.MONO, unity_build.NUNIT),
    reason="Mono and NUnit are not installed: apt-get install mono-mcs mono-runtime mono-devel "
    "nunit-console libnunit-cil-dev",
)


@dataclass(frozen=True)
class Built:
    """What was compiled, all in one folder."""

    core: Path
    client: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The core, against nothing but the base libraries, and the program made of it."""
    folder = tmp_path_factory.mktemp("unity")
    core = unity_build.core(folder)
    client = unity_build.compiled(
        "Client",
        sorted(unity_build.CLIENT.glob("*.cs")),
        folder,
        references=["System", "System.Core", core],
        program=True,
    )
    return Built(core, client)


def test_its_own_tests(built: Built) -> None:
    tests = unity_build.compiled(
        "MocapBridge.Tests",
        sorted(unity_build.CORE_TESTS.glob("Core*.cs")),
        built.core.parent,
        references=["System", "System.Core", "nunit.framework", built.core],
    )
    said = unity_build.nunit(tests)
    ran = re.search(r"Tests run: (\d+), Errors: 0, Failures: 0", said)
    assert ran is not None, said
    assert int(ran.group(1)) > 150
    assert "Ignored: 0" in said  # also those that count what is allocated


def test_bones_are_called_as_in_the_bone_map(built: Built) -> None:
    said = subprocess.run(
        unity_build.with_mono(built.client, "bones"), capture_output=True, text=True, check=True
    )
    rows = [line.split() for line in said.stdout.splitlines()]
    pairs = {theirs: unity for unity, theirs, _ in rows}
    assert pairs == dict(bone_map.by_name("unity").pairs)
    assert [row[0] for row in rows][54] == "UpperChest"
    vrm = skeletons.by_name("vrm")
    for unity, theirs, above in rows:
        if theirs in vrm.names:
            parent = vrm.parents[vrm.index(theirs)]
            assert (rows[int(above)][1] if int(above) >= 0 else None) == (
                vrm.names[parent] if parent >= 0 else None
            ), unity


# With the server.


def pose_at(t: float, person: int) -> Pose:
    """Every joint swings in its own way; nobody is like anybody else."""
    phase = t * (1 + person / 7) + np.arange(3 * len(BODY)).reshape(-1, 3)
    return Pose(
        t=t,
        root=np.array([np.sin(t) - person, 0.9 + 0.01 * person + person % 2, 0.3 * t % 2]),
        rotations=rotation.exp(0.5 * np.sin(phase)),
        confidence=np.full(len(BODY), 0.5),
        contacts={"leftFoot": person % 2 == 0, "rightFoot": True},
    )


class Show:
    """Five people, and a server that shows them.

    Attributes:
        shown: the frames that were made, by their numbers.
    """

    def __init__(self) -> None:
        self.shown: dict[int, LiveFrame] = {}
        self.control = Obedient()

    def frame(self, seq: int, t: float) -> LiveFrame:
        made = LiveFrame(seq, t, tuple(LivePerson(i, pose_at(t, i)) for i in PEOPLE))
        self.shown[seq] = made
        return made

    @contextmanager
    def on(self, port: int = 0, fps: float = FPS, access: Access | None = None) -> Iterator[int]:
        """A server for the time of the block; its port."""
        with (
            WebSocketServer(self.control, port=port, access=access) as server,
            playing(server, self.control, fps, self.frame),
        ):
            server.open(Cast(dict.fromkeys(PEOPLE, BODY), fps=fps))
            yield server.port

    @property
    def newest(self) -> int:
        return max(self.shown, default=0)


def together(people: list[Any]) -> list[Line]:
    return sorted(people, key=lambda person: person["id"])


def is_shown(line: Line, frame: LiveFrame) -> None:
    """A line of the client is this frame, in Unity's axes."""
    assert line["t"] == pytest.approx(frame.t, abs=2e-6)
    assert [person["id"] for person in line["people"]] == [p.id for p in frame.people]
    for told, person in zip(line["people"], frame.people, strict=True):
        assert told["state"] == "Tracked"
        np.testing.assert_allclose(told["root"], person.pose.root * MIRROR_POSITION, atol=1e-5)
        wanted = person.pose.rotations * MIRROR_ROTATION
        found = np.array(told["rotations"])
        found *= np.sign((found * wanted).sum(axis=1, keepdims=True))
        np.testing.assert_allclose(found, wanted, atol=1e-5)


def in_order(frames: list[Line]) -> bool:
    numbers = [(line["session"], line["seq"]) for line in frames]
    return numbers == sorted(set(numbers))


@ENCODINGS
def test_five_people_at_sixty_frames_a_second(built: Built, encoding: str) -> None:
    show = Show()
    with show.on() as port, Client(built.client, "stream", f"localhost:{port}", encoding) as client:
        client.until(lambda: len(client.frames) >= 240)
        behind = show.newest - client.frames[-1]["seq"]
        end = client.last()
    assert behind < FPS  # live means newest
    frames = client.frames
    assert in_order(frames)
    for line in frames:
        is_shown(line, show.shown[line["seq"]])
    numbers = [line["seq"] for line in frames]
    # those that are missing were left out by the server, and the client knows how many
    missed = numbers[-1] - numbers[0] + 1 - len(numbers)
    assert missed <= end["dropped"]
    assert end["received"] + end["dropped"] >= numbers[-1] - numbers[0] + 1
    assert len(numbers) > 0.5 * (numbers[-1] - numbers[0])
    assert end["ended"] == "Closed"
    assert end["status"] == "running"
    assert 0 <= end["latency"] < 5
    cast = client.of("cast")[-1]
    assert cast["cast"] == list(PEOPLE)
    assert cast["bones"] == list(BODY.names)
    np.testing.assert_allclose(cast["offsets"], BODY.offsets * MIRROR_POSITION, atol=1e-5)


def test_what_is_played_is_smooth_and_between_what_came(built: Built) -> None:
    show = Show()
    with show.on() as port, Client(built.client, "stream", f"127.0.0.1:{port}", "bin") as client:
        client.until(lambda: len(client.of("shown")) >= 5 * 100)
        client.end()
    played = [line["root"] for line in client.of("shown") if line["shown"] == 3]
    assert len(played) >= 90
    roots = np.array(played)
    times = np.arcsin(np.clip(-roots[:, 0] + 3, -1, 1))  # the way back to sin(t)
    exact = np.array([pose_at(f.t, 3).root * MIRROR_POSITION for f in show.shown.values()])
    nearest = np.linalg.norm(roots[:, None] - exact[None], axis=-1).min(axis=1)
    assert nearest.max() < 0.05  # on their way, which goes on by 2 cm from frame to frame
    assert len(set(np.round(times, 6))) > 30  # it moves


def test_commands_and_answers(built: Built) -> None:
    show = Show()
    with show.on() as port, Client(built.client, "stream", f"127.0.0.1:{port}", "bin") as client:
        client.until_state("Connected")
        for said in ("record a/b é", "record full", "people 2", "calibrate", "stop"):
            client.say(said)
        client.until(lambda: len(client.of("answer")) == 5)
        client.end()
    asked = [line["request"] for line in client.of("asked")]
    answers = client.of("answer")
    assert [line["request"] for line in answers] == asked
    assert [line["of"] for line in answers] == ["record", "record", "set", "calibrate", "stop"]
    assert [line["answer"] for line in answers] == ["Ack", "Error", "Ack", "Ack", "Ack"]
    assert answers[0]["take"] == "a/b é"
    assert answers[1]["message"] == "the disk is full"
    told = [str(command) for command in show.control.told]
    assert "1.75" in told[3]
    assert 'a "note" é' in told[0] or 'a \\"note\\" é' in told[0]


@ENCODINGS
def test_a_server_that_comes_back_is_found_again(built: Built, encoding: str) -> None:
    port = free_port()
    with Client(built.client, "stream", f"127.0.0.1:{port}", encoding) as client:
        client.until_state("Waiting", "nobody listens there")
        for times in (1, 2, 3):
            show = Show()
            with show.on(port):
                client.until_state("Connected")
                before = len(client.frames)
                client.until(lambda before=before: len(client.frames) >= before + 20)  # type: ignore[misc]
                for line in client.frames[before:]:
                    is_shown(line, show.shown[line["seq"]])
            client.until_state("Waiting")
            assert len({line["session"] for line in client.frames}) == times
        client.say("stop")
        client.until(lambda: client.of("answer"))
        assert client.of("answer")[-1]["message"] == "stop: not connected"
        client.end()
    assert in_order(client.frames)


def test_a_slow_network_brings_fewer_frames_and_no_old_ones(built: Built) -> None:
    """A third of what five people need at this rate."""
    show = Show()
    with (
        show.on() as port,
        slowly(port, 40_000) as slow,
        Client(built.client, "stream", f"127.0.0.1:{slow}", "bin") as client,
    ):
        behind = []
        for wanted in range(20, 100, 10):
            client.until(lambda wanted=wanted: len(client.frames) >= wanted)  # type: ignore[misc]
            behind.append(show.newest - client.frames[-1]["seq"])
        numbers = [line["seq"] for line in client.frames]
        client.end()
    assert in_order(client.frames)
    for line in client.frames:
        is_shown(line, show.shown[line["seq"]])
    assert len(numbers) < 0.7 * (numbers[-1] - numbers[0])  # it was slow
    assert np.median(behind) < FPS  # and yet live; all that was left out would be hundreds


def test_a_slow_game_finds_the_newest(built: Built) -> None:
    show = Show()
    with show.on() as port, Client(built.client, "stream", f"127.0.0.1:{port}", "bin") as client:
        client.until(lambda: len(client.frames) > 10)
        client.say("slow 700")
        client.until(lambda: client.of("asked"))
        time.sleep(1)
        before = len(client.frames)
        client.until(lambda: len(client.frames) > before + 16)
        behind = show.newest - client.frames[-1]["seq"]
        assert client.last()["dropped"] > 0
    assert behind < 2 * FPS
    assert in_order(client.frames)


@pytest.mark.parametrize(("token", "says"), [("", "asks for a token"), ("wrong-token", "is wrong")])
def test_who_is_refused_is_told_and_stays_away(built: Built, token: str, says: str) -> None:
    show = Show()
    with show.on(access=Access(token="the-right-token")) as port:
        with Client(built.client, "stream", f"127.0.0.1:{port}", "bin", token) as client:
            client.until_state("Refused", says)
            client.say("stop")
            client.until(lambda: client.of("answer"))
            assert client.last()["ended"] == "Refused"
        assert [line["state"] for line in client.of("state")] == ["Connecting", "Refused"]
        where = f"ws://127.0.0.1:{port}/?token=the-right-token"
        with Client(built.client, "stream", where, "bin") as client:
            client.until(lambda: client.frames)
            client.end()


# With whatever else may listen.


@contextmanager
def scripted(*messages: str | bytes, heard: list[Line] | None = None) -> Iterator[int]:
    """A server that says this to everybody and then is silent; its port.

    Args:
        heard: takes what it is told.
    """
    over = threading.Event()

    def talk(client: ServerConnection) -> None:
        for message in messages:
            client.send(message)
        with suppress(ConnectionClosed):
            while not over.is_set():
                with suppress(TimeoutError):
                    said = json.loads(client.recv(0.02))
                    if heard is not None:
                        heard.append(said)

    names: Any = ["mocap.v1.bin"]
    with serve(talk, "127.0.0.1", 0, subprotocols=names, compression=None) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.socket.getsockname()[1]
        finally:
            over.set()
            server.shutdown()
            thread.join()


HELLO = protocol.encode_hello(Cast(dict.fromkeys(PEOPLE, BODY), FPS), "bin")


@pytest.mark.parametrize(
    ("messages", "state", "says"),
    [
        ([HELLO.replace('"protocol":1', '"protocol":2')], "Refused", "version 2 of the protocol"),
        ([HELLO.replace('"+Z"', '"-Z"')], "Waiting", "convention"),
        (["garbage"], "Waiting", "JSON"),
        (["[" * 70_000], "Waiting", "JSON"),
        ([b"\1\1\1\0"], "Waiting", "expected a hello before it"),
        ([HELLO, b"\1\1\1\0"], "Connected", "a frame was left out"),
        ([HELLO, b"\1" * 5000], "Connected", "a frame was left out"),
        ([HELLO, '{"type":"frame","seq":1}'], "Connected", "a frame was left out"),
        ([HELLO, "x" * 300_000], "Waiting", "at most 262144 bytes"),
        ([HELLO, '{"type":"later","x":[{}]}', b"\7later"], "Connected", ""),
        ([HELLO], "Waiting", "no word for 6 s"),
    ],
)
def test_what_is_none_of_the_protocol_is_said_and_survived(
    built: Built, messages: list[str | bytes], state: str, says: str
) -> None:
    with (
        scripted(*messages) as port,
        Client(built.client, "stream", f"127.0.0.1:{port}", "bin") as client,
    ):
        client.until_state(state, says)
        client.end()


BAD = b"\1\1\1\0\2\0\0\0\7" + bytes(15)  # a frame of two bones, number 7
GOOD = b"\1\1" + bytes(6) + b"\xff\xff\xff\xff" + bytes(12)  # of nobody, the last number there is


@pytest.mark.parametrize(
    ("messages", "seen"),
    [
        ([BAD], 7),
        (['{"type":"frame","t":"soon","seq":4294967299}'], 3),
        ([BAD, GOOD], 2**32 - 1),
    ],
)
def test_what_was_read_is_said_whatever_it_is(
    built: Built, messages: list[str | bytes], seen: int
) -> None:
    heard: list[Line] = []
    with (
        scripted(HELLO, *messages, heard=heard) as port,
        Client(built.client, "stream", f"127.0.0.1:{port}", "bin") as client,
    ):
        client.until(lambda: {"type": "seen", "seq": seen} in heard)
        client.until(lambda: any(line["type"] == "ping" for line in heard))
        wanted = [seen] if GOOD in messages else []
        client.until(lambda: [line["seq"] for line in client.frames] == wanted)
        client.end()


def test_after_a_refusal_nobody_is_asked_again(built: Built) -> None:
    came = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def refuse() -> None:
            with suppress(OSError):
                while True:
                    plug, _ = listener.accept()
                    with plug:
                        came.append(plug.recv(4096))
                        plug.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")

        refusing = threading.Thread(target=refuse, daemon=True)
        refusing.start()
        with Client(built.client, "stream", f"127.0.0.1:{port}", "bin") as client:
            client.until_state("Refused", "HTTP status 403 (no)")
            time.sleep(1)  # several pauses between tries
            client.end()
        listener.shutdown(socket.SHUT_RDWR)
        refusing.join()
    assert len(came) == 1


def test_something_else_that_listens_is_told_from_a_server(built: Built) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def answer() -> None:
            for said in (b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.0 404 Nothing here\r\n\r\n", b""):
                plug, _ = listener.accept()
                with plug:
                    plug.recv(4096)
                    plug.sendall(said)

        speaking = threading.Thread(target=answer, daemon=True)
        speaking.start()
        with Client(built.client, "stream", f"127.0.0.1:{port}", "bin") as client:
            client.until_state("Waiting", "something else than `mocap live` listens there")
            client.until_state("Waiting", "refused with HTTP status 404")
            client.until_state("Waiting", "something else than `mocap live` listens there")
            client.end()
        speaking.join()


@pytest.fixture(scope="module")
def counting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program that counts what is allocated; under its name it may use all of the core."""
    folder = tmp_path_factory.mktemp("counting")
    return unity_build.compiled(
        "MocapBridge.Tests",
        sorted((unity_build.CLIENT / "allocations").glob("*.cs")),
        folder,
        references=["System", "System.Core", unity_build.core(folder)],
        program=True,
    )


@ENCODINGS
def test_nothing_is_allocated_from_the_socket_to_the_avatar(counting: Path, encoding: str) -> None:
    """Statuses, pings and `seen` among the frames."""
    show = Show()
    with (
        show.on(fps=300.0) as port,
        Client(counting, f"127.0.0.1:{port}", encoding, 1200) as client,
    ):
        client.until(lambda: client.of("bytes"))
    (found,) = client.of("bytes")
    assert 1000 <= found["counted"] < 1100  # it would be seen
    assert found["frames"] >= 1200
    assert found["solved"] >= 5 * 1000
    assert found["bytes"] == 0


# VMC.


def test_vmc_of_our_own_sender(built: Built) -> None:
    port = free_port()
    with Client(built.client, "vmc", port) as client:
        client.until_state("Connecting")
        sink = VmcSink(target_of(f"127.0.0.1:{port}"))
        sink.open(Cast({4: BODY}, FPS))
        t = 1.0
        while len(client.frames) < 60:
            t += 0.25  # exact in the four bytes of a time in VMC
            sink.write(LiveFrame(int(4 * t), t, (LivePerson(4, pose_at(t, 4)),)))
            time.sleep(0.01)
            assert t < 1000, client.lines
        sink.close()  # says that nobody is there any more
        client.until(lambda: client.frames[-1]["people"] == [])
        client.until_state("Waiting", "nothing comes any more")
        client.end()
    cast = client.of("cast")[-1]
    order = [BODY.names.index(name) for name in cast["bones"]]
    assert sorted(order) == list(range(len(BODY)))
    offsets = np.array(cast["offsets"])[1:]
    np.testing.assert_allclose(offsets, (BODY.offsets * MIRROR_POSITION)[order][1:], atol=1e-5)
    whole = [
        line
        for line in client.frames
        if line["people"] and len(line["people"][0]["rotations"]) == 22
    ]
    assert len(whole) >= 59
    for line in whole:
        pose = pose_at(line["t"], 4)
        (told,) = line["people"]
        np.testing.assert_allclose(told["root"], pose.root * MIRROR_POSITION, atol=1e-5)
        wanted = (pose.rotations * MIRROR_ROTATION)[order]
        found = np.array(told["rotations"])
        found *= np.sign((found * wanted).sum(axis=1, keepdims=True))
        np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_a_port_that_is_taken_is_said(built: Built) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("0.0.0.0", 0))
        with Client(built.client, "vmc", other.getsockname()[1]) as client:
            client.until_state("Refused", "cannot be had")
            client.end()


def test_what_is_no_vmc_is_said(built: Built) -> None:
    port = free_port()
    with (
        Client(built.client, "vmc", port) as client,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        client.until_state("Connecting")
        for noise in (b"hello", b"/a\0\0,f\0\0", b"#bundle\0" + b"\xff" * 60):
            sender.sendto(noise, ("127.0.0.1", port))
        client.until_state("Connecting", "is no VMC")
        client.end()


@pytest.fixture(scope="module")
def osc_jack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that listens with OscJack, which npm brings."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    folder = tmp_path_factory.mktemp("oscjack")
    try:
        subprocess.run(
            [npm, "pack", OSC_JACK], cwd=folder, capture_output=True, check=True, timeout=60
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        pytest.skip(f"npm cannot bring {OSC_JACK}")
    (packed,) = folder.glob("*.tgz")
    sources = []
    with tarfile.open(packed) as archive:
        for member in archive:
            data = archive.extractfile(member)
            if data is not None and re.fullmatch(r"package/Runtime/Base/.*\.cs", member.name):
                sources.append(folder / Path(member.name).name)
                sources[-1].write_bytes(data.read())
    assert len(sources) > 5
    # its own warnings are not ours: a library first, whatever they are
    library = unity_build.compiled(
        "OscJack", sources, folder, references=["System", "System.Core"], strict=False
    )
    return unity_build.compiled(
        "Listener",
        sorted((unity_build.CLIENT / "oscjack").glob("*.cs")),
        folder,
        references=["System", "System.Core", library],
        program=True,
    )


def test_osc_jack_hears_what_our_sender_says(osc_jack: Path) -> None:
    port = free_port()
    with Program(osc_jack, port) as listener:
        eventually(lambda: "listening" in listener.said)
        sink = VmcSink(target_of(f"127.0.0.1:{port}"))
        sink.open(Cast({0: BODY}, FPS))
        t = 1.0
        while sum("/VMC/Ext/T" in line for line in listener.said) < 5:
            t += 0.25
            sink.write(LiveFrame(int(4 * t), t, (LivePerson(0, pose_at(t, 0)),)))
            time.sleep(0.02)
            assert t < 500
        sink.close()
        listener.end()
    unity = bone_map.by_name("unity").pairs
    heard: dict[str, Array] = {}
    frames = 0
    for line in listener.said:
        if not line.startswith("/VMC"):
            continue
        address, name, *numbers = line.split()
        values = np.array([float(n) for n in numbers])
        if address == "/VMC/Ext/Bone/Pos":
            heard[name] = values
        elif address == "/VMC/Ext/T" and len(heard) == len(BODY):
            pose = pose_at(float(values[0]), 0)
            for i, bone in enumerate(BODY.names):
                place = pose.root if i == 0 else BODY.offsets[i]
                np.testing.assert_allclose(
                    heard[unity[bone]][:3], place * MIRROR_POSITION, atol=1e-6
                )
                np.testing.assert_allclose(
                    heard[unity[bone]][3:], pose.rotations[i] * MIRROR_ROTATION, atol=1e-6
                )
            frames += 1
    assert frames >= 4


# Retargeting, with the package as the judge.


def figure_of(random: np.random.Generator, lacking: tuple[str, ...]) -> tuple[Skeleton, Array]:
    """Somebody of other proportions, whose bones have axes at random.

    Returns:
        The skeleton whose bones rest in the axes of the world, and the turn (J, 4) that each bone
        of the avatar has at rest besides.
    """
    size = random.uniform(0.3, 2.0)
    keep = [i for i, name in enumerate(BODY.names) if name not in lacking]
    names = tuple(BODY.names[i] for i in keep)
    at = BODY.rest_positions * size
    at[:, 1] *= random.uniform(0.8, 1.2)  # legs and torso of other proportions than arms
    at[:, 1] += random.uniform(-0.01, 0.05)  # and other soles
    parents, offsets = [], []
    for i in keep:
        above = int(BODY.parents[i])
        while above >= 0 and above not in keep:
            above = int(BODY.parents[above])
        parents.append(keep.index(above) if above >= 0 else -1)
        offsets.append(at[i] - (at[above] if above >= 0 else 0))
    tips = np.full((len(keep), 3), np.nan)
    for n, i in enumerate(keep):
        if "Toes" in names[n] or (
            "Foot" in names[n] and names[n].replace("Foot", "Toes") in lacking
        ):
            tips[n] = [0.0, -at[i, 1], 0.05 * size]  # an avatar stands on its root
    skeleton = Skeleton(names, np.array(parents), np.array(offsets), tips)
    return skeleton, rotations(random, (len(names),))


@pytest.mark.parametrize(
    "lacking",
    [
        (),
        ("upperChest",),
        ("chest", "upperChest", "neck"),
        ("leftShoulder", "rightShoulder", "leftToes", "rightToes"),
    ],
)
def test_avatars_move_as_in_the_package(built: Built, lacking: tuple[str, ...]) -> None:
    random = np.random.default_rng(len(lacking))
    asked, wanted = [], []
    hello = json.loads(protocol.encode_hello(Cast({0: BODY}, FPS)))
    for seed in range(25):
        avatar, turns = figure_of(random, lacking)
        pose = pose_at(100.0 * seed, seed)
        judge = Retargeter(BODY, avatar)
        moved = judge.pose(pose)
        at, world = avatar.fk(moved.root, moved.rotations)
        rest = avatar.rest_positions
        unity = [bone_map.by_name("unity").pairs[name] for name in avatar.names]
        asked.append(
            {
                "hello": hello,
                "root": (pose.root * MIRROR_POSITION).tolist(),
                "rotations": (pose.rotations * MIRROR_ROTATION).tolist(),
                "avatar": {
                    name: [
                        (rest[i] * MIRROR_POSITION).tolist(),
                        (turns[i] * MIRROR_ROTATION).tolist(),
                    ]
                    for i, name in enumerate(unity)
                },
            }
        )
        turned = rotation.mul(world, turns) * MIRROR_ROTATION
        wanted.append((at[0] * MIRROR_POSITION, dict(zip(unity, turned, strict=True)), judge.scale))
    done = subprocess.run(
        unity_build.with_mono(built.client, "retarget"),
        input="".join(json.dumps(line) + "\n" for line in asked),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    for answer, (hips, turned, scale) in zip(answers, wanted, strict=True):
        assert answer["scale"] == pytest.approx(scale, abs=1e-4)
        np.testing.assert_allclose(answer["hips"], hips, atol=1e-4)
        assert set(answer["rotations"]) == set(turned)
        for name, found in answer["rotations"].items():
            q = np.array(found) * np.sign(np.dot(found, turned[name]))
            np.testing.assert_allclose(q, turned[name], atol=1e-4, err_msg=name)
