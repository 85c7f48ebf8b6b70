"""The core of the Unity package and OscJack as receivers of VMC."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import tarfile
import time
from pathlib import Path

import numpy as np
import pytest
import unity_build
from unity_client import Client, Program
from unity_core import BODY, FPS, MIRROR_POSITION, MIRROR_ROTATION, OSC_JACK, Built, pose_at
from unity_core import built as built
from unity_core import pytestmark as pytestmark
from waiting import eventually, free_port

from mocap import bone_map
from mocap.arrays import Array
from mocap.stream.frames import Cast, LiveFrame, LivePerson
from mocap.stream.vmc_sink import VmcSink, target_of


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
