"""People on a stage, encoders that show them, and sockets that listen, for tests of VMC and OSC."""

from __future__ import annotations

import socket
from typing import Any

import numpy as np
import pytest
from strategies import rotations
from vmc_receiver import Heard, Receiver

from mocap import skeletons
from mocap.motion import Pose, TrackState
from mocap.skeleton import Skeleton
from mocap.stream.frames import Cast, LiveFrame, LivePerson
from mocap.stream.udp import Address
from mocap.stream.vmc import VmcEncoder
from mocap.stream.vmc_settings import VmcSettings

HUMANOID, VRM = skeletons.humanoid(), skeletons.by_name("vrm")


def pose(skeleton: Skeleton, seed: int, state: TrackState = TrackState.TRACKED) -> Pose:
    """Anybody in any pose, within a few metres."""
    random = np.random.default_rng(seed)
    return Pose(
        t=0.0,
        root=random.normal(0, 1.5, 3),
        rotations=rotations(random, (len(skeleton),)),
        state=state,
    )


def frame(t: float, people: dict[int, Pose]) -> LiveFrame:
    return LiveFrame(round(t * 1000), t, tuple(LivePerson(i, p) for i, p in sorted(people.items())))


def encoder_of(*people: int, **how: Any) -> VmcEncoder:
    encoder = VmcEncoder(VmcSettings(**how))
    encoder.open(Cast(dict.fromkeys(people, HUMANOID)))
    return encoder


def take_all(datagrams: list[bytes]) -> Receiver:
    receiver = Receiver()
    for datagram in datagrams:
        receiver.take(datagram)
    return receiver


def heard(encoder: VmcEncoder, t: float, people: dict[int, Pose]) -> Heard:
    """The frame that a receiver gets."""
    (received,) = take_all(encoder.encode(frame(t, people))).frames
    return received


def listening(family: socket.AddressFamily = socket.AF_INET) -> tuple[socket.socket, Address]:
    host = "::1" if family == socket.AF_INET6 else "127.0.0.1"
    try:
        ear = socket.socket(family, socket.SOCK_DGRAM)
        ear.bind((host, 0))
    except OSError as error:
        pytest.skip(f"this machine has no {host}: {error}")
    ear.settimeout(10)
    return ear, Address(host, ear.getsockname()[1])


A = pose(HUMANOID, 1)
