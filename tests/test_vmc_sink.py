"""VMC targets as users write them, and the sink on a real socket."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from vmc_receiver import Receiver, packet
from vmc_stage import HUMANOID, listening, pose

from mocap import rotation
from mocap.bone_map import BODY, BONES
from mocap.errors import InvalidValue, StreamError, UnknownName
from mocap.motion import Pose
from mocap.stream.bone_choice import GROUPS, chosen
from mocap.stream.frames import Cast, LiveFrame, LivePerson
from mocap.stream.osc import LARGEST
from mocap.stream.udp import Address
from mocap.stream.vmc_profiles import PROFILES
from mocap.stream.vmc_settings import OF_EVERY_AVATAR, OPTIONAL, VmcSettings
from mocap.stream.vmc_sink import OPTIONS, VmcSink, target_of


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"travel": "feet"}, "hips or root"),
        ({"yaw": math.inf}, "degrees"),
        ({"scale": 0.0}, "0.01 to 100"),
        ({"every": 0}, "at least 1"),
        ({"rate": 0.0}, "above 0"),
        ({"rate": math.nan}, "above 0"),
        ({"ok": 2}, "1, 3 or 4"),
        ({"bundle": 17}, "0 to 16"),
        ({"bones": frozenset({"tail"})}, "tail"),
        ({"without": frozenset({"hips"})}, "upperChest"),
        ({"bones": frozenset()}, "at least one"),
        ({"bones": frozenset({"neck"}), "without": frozenset({"neck"})}, "at least one"),
    ],
)
def test_settings_that_make_no_sense(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidValue, match=why):
        VmcSettings(**wrong)


def test_what_every_avatar_has() -> None:
    assert {*OF_EVERY_AVATAR, *OPTIONAL} == set(BONES)
    assert len(OF_EVERY_AVATAR) == 15  # as HumanTrait.RequiredBone counts them


def test_a_target_is_read() -> None:
    target = target_of("127.0.0.1:4000, profile=vseeface ,person=1,travel=root,bones=upper")
    assert target.address == Address("127.0.0.1", 4000)
    assert target.profile is PROFILES["vseeface"]
    assert target.settings == VmcSettings(
        person=1, travel="root", bones=GROUPS["upper"], rate=200.0
    )
    many = target_of("host,yaw=-90,scale=0.8,every=2,rate=30,bundle=0,face=rest,without=neck")
    assert many.address == Address("host", 39539)
    assert many.settings == VmcSettings(
        yaw=-90, scale=0.8, every=2, rate=30, bundle=0, face=True, without=frozenset({"neck"})
    )


@pytest.mark.parametrize("spec", ["", ":", "profile=default", " "])
def test_a_target_without_an_address_is_on_this_machine(spec: str) -> None:
    if spec == ":":
        with pytest.raises(InvalidValue, match="HOST:PORT"):
            target_of(spec)
    else:
        assert target_of(spec).address == Address("127.0.0.1", 39539)
    assert target_of("profile=godot").address.port == 7004
    assert target_of(":80,profile=godot").address.port == 80


def test_a_receiver_is_spared_whatever_the_user_wants() -> None:
    assert target_of("h,profile=vseeface,rate=500").settings.rate == 200
    assert target_of("h,profile=vseeface,rate=50").settings.rate == 50
    assert target_of("h,rate=500").settings.rate == 500


@pytest.mark.parametrize(
    ("spec", "error", "told"),
    [
        ("h,profil=x", UnknownName, list(OPTIONS)),
        ("h,profile=vsf", UnknownName, list(PROFILES)),
        ("h,bones=tail", UnknownName, [*GROUPS, *BODY]),
        ("h,bones=upper upper", InvalidValue, ["joined by"]),
        ("h,bones=neck-neck", InvalidValue, ["leaves none"]),
        ("h,travel=feet", InvalidValue, ["hips", "root"]),
        ("h,person=first", InvalidValue, ["person=first", "number"]),
        ("h,person", InvalidValue, ["person=VALUE"]),
        ("h,person=", InvalidValue, ["person=VALUE"]),
        ("h,yaw=1,yaw=2", InvalidValue, ["twice"]),
        ("h,every=0", InvalidValue, ["at least 1"]),
        ("h,without=head", InvalidValue, ["upperChest"]),
        ("h h:1", InvalidValue, ["HOST:PORT"]),
        ("h:99999", InvalidValue, ["65535"]),
    ],
)
def test_a_target_that_makes_no_sense(spec: str, error: type[Exception], told: list[str]) -> None:
    with pytest.raises(error) as raised:
        target_of(spec)
    assert all(word in str(raised.value) for word in told)


@pytest.mark.parametrize(
    ("text", "bones"),
    [
        ("all", set(BONES)),
        ("upper+lower", set(BONES)),
        ("-legs", set(BONES) - GROUPS["legs"]),
        ("head", {"neck", "head", "leftEye", "rightEye", "jaw"}),
        ("head-neck + leftHand", {"head", "leftEye", "rightEye", "jaw", "leftHand"}),
        ("legs-legs+hips", {"hips"}),
    ],
)
def test_choices_of_bones(text: str, bones: set[str]) -> None:
    assert chosen(text) == bones


# --- the sink --------------------------------------------------------------------------------


def test_a_sink_is_called_by_its_address_and_the_profile_that_was_chosen() -> None:
    for spec, shown in (("39540", ""), ("39540,profile=warudo", " (profile warudo)")):
        with VmcSink(target_of(spec)) as sink:
            assert str(sink.target) == f"127.0.0.1:39540{shown}"
            assert sink.name == f"VMC 127.0.0.1:39540{shown}"


def test_a_vmc_receiver_on_this_machine_hears_everything() -> None:
    ear, address = listening()
    receiver = Receiver()
    with ear:
        sink = VmcSink(target_of(str(address)))
        assert sink.name == f"VMC {address}"
        sink.open(Cast({0: HUMANOID}))
        for i in range(31):
            before = sink.sender.sent
            sink.write(LiveFrame(i, i / 30, (LivePerson(0, pose(HUMANOID, i)),) if i else ()))
            for _ in range(sink.sender.sent - before):
                receiver.take(ear.recv(LARGEST))
        sink.close()
        sink.close()
        assert packet(ear.recv(LARGEST))[1][0].values == (0, 0, 0, 0)
    assert [f.ok[0] for f in receiver.frames] == [0] + [1] * 30
    assert [f.t for f in receiver.frames] == pytest.approx([i / 30 for i in range(31)])
    assert (sink.sender.lost, sink.sender.refused) == (0, 0)


def test_a_sink_without_a_receiver_goes_on() -> None:
    ear, address = listening()
    ear.close()
    with VmcSink(target_of(str(address))) as sink:
        sink.open(Cast({0: HUMANOID}))
        rest = Pose(0.0, np.zeros(3), rotation.identity(len(HUMANOID)))
        for i in range(10):
            sink.write(LiveFrame(i, i / 30, (LivePerson(0, rest),)))
        assert sink.sender.sent == 50


def test_a_sink_to_a_host_that_is_not_there() -> None:
    with pytest.raises(StreamError, match="no host"):
        VmcSink(target_of("x" * 300))
