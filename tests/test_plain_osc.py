"""Plain OSC, read by a parser that shares no code with the sender."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from motions import seeds
from strategies import rotations
from vmc_receiver import Received, packet
from vmc_stage import HUMANOID, listening

from mocap.bone_map import BODY, BONES
from mocap.errors import InvalidValue, UnknownName
from mocap.motion import Pose, TrackState
from mocap.stream.frames import Cast, LiveFrame, LivePerson
from mocap.stream.osc import LARGEST
from mocap.stream.osc_sink import OscSink, target_of
from mocap.stream.plain_osc import OscEncoder, OscSettings
from mocap.stream.udp import Address


def pose(seed: int, state: TrackState = TrackState.TRACKED) -> Pose:
    random = np.random.default_rng(seed)
    turns = rotations(random, (len(HUMANOID),))
    confidence = np.full(len(HUMANOID), 0.5)
    return Pose(0.0, random.normal(0, 2, 3), turns, state=state, confidence=confidence)


SEQ = 2**31 - 5  # the largest numbers that an integer of OSC holds


def told(settings: OscSettings, people: dict[int, Pose], cast: list[int]) -> list[Received]:
    """The messages of a frame, each datagram of which has to be sound."""
    encoder = OscEncoder(settings)
    encoder.open(Cast(dict.fromkeys(cast, HUMANOID)))
    stage = tuple(LivePerson(i, p) for i, p in sorted(people.items()))
    datagrams = encoder.encode(LiveFrame(2**31 + SEQ, 1.5, stage))
    return [message for datagram in datagrams for message in packet(datagram)[1]]


def test_everybody_is_told_of() -> None:
    found = told(OscSettings(), {0: pose(0), 12: pose(1, TrackState.HELD)}, [0, 12, 13])
    assert [m for m in found if m.address.count("/") == 2] == [
        Received("/mocap/frame", "ifi", (SEQ, 1.5, 2))
    ]
    states = {m.address: m.values for m in found if m.address.endswith("state")}
    assert states == {
        "/mocap/0/state": ("tracked", 0.5),
        "/mocap/12/state": ("held", 0.5),
        "/mocap/13/state": ("gone", 0.0),
    }
    for person in (0, 12):
        tags = {m.address: m.tags for m in found if m.address.startswith(f"/mocap/{person}/")}
        assert tags == {
            f"/mocap/{person}/state": "sf",
            f"/mocap/{person}/root": "fff",
            **{f"/mocap/{person}/{bone}": "fffffff" for bone in HUMANOID.names},
        }
    assert not [m for m in found if m.address.startswith("/mocap/13/r")]
    assert found[0].address == "/mocap/frame"


@given(
    seeds,
    st.sampled_from(["global", "local"]),
    st.sampled_from(["global", "local"]),
    st.frozensets(st.sampled_from(BONES), min_size=1),
)
def test_numbers_are_those_of_the_pose(
    seed: int, positions: str, turns: str, bones: frozenset[str]
) -> None:
    person = pose(seed)
    found = told(OscSettings(bones=bones, positions=positions, rotations=turns), {3: person}, [3])
    places, world = HUMANOID.fk(person.root, person.rotations)
    by_name = {m.address.removeprefix("/mocap/3/"): m.values for m in found}
    assert by_name["root"] == pytest.approx(person.root.tolist(), rel=1e-6)
    assert set(by_name) & set(BODY) == bones & set(HUMANOID.names)
    for bone in bones & set(HUMANOID.names):
        at = HUMANOID.index(bone)
        place = places[at]
        if positions == "local":
            place = HUMANOID.offsets[at] if at else person.root
        turn = world[at] if turns == "global" else person.rotations[at]
        assert by_name[bone] == pytest.approx([*place, *turn], abs=1e-5)


def test_one_person_alone() -> None:
    found = told(OscSettings(person=7), {3: pose(0), 7: pose(1)}, [3, 7])
    assert found[0].values == (SEQ, 1.5, 1)
    assert {m.address.split("/")[2] for m in found[1:]} == {"7"}
    assert told(OscSettings(person=9), {3: pose(0)}, [3])[0].values == (SEQ, 1.5, 0)


def test_plain_osc_keeps_its_pace() -> None:
    encoder = OscEncoder(OscSettings(every=3))
    encoder.open(Cast())
    assert [len(encoder.encode(LiveFrame(i, i / 30, ()))) for i in range(4)] == [1, 0, 0, 1]
    encoder.reset()
    assert encoder.encode(LiveFrame(0, 0.0, ()))


def test_targets_of_plain_osc() -> None:
    target = target_of("10.0.0.2:7400,person=2,bones=arms,positions=local,rotations=global")
    assert target.address == Address("10.0.0.2", 7400)
    assert target.settings.person == 2
    assert (target.settings.positions, target.settings.rotations) == ("local", "global")
    assert "leftHand" in target.settings.bones
    assert target_of("").address == Address("127.0.0.1", 9000)
    for spec, error, why in [
        ("h,travel=root", UnknownName, "positions"),
        ("h,positions=room", InvalidValue, "global or local"),
        ("h,rate=0", InvalidValue, "above 0"),
    ]:
        with pytest.raises(error, match=why):
            target_of(spec)
    with pytest.raises(InvalidValue, match="global or local"):
        OscSettings(rotations="world")
    with pytest.raises(InvalidValue, match="at least one"):
        OscSettings(bones=frozenset())


def test_a_receiver_of_plain_osc_on_this_machine_hears_everything() -> None:
    ear, address = listening()
    with ear, OscSink(target_of(str(address))) as sink:
        assert sink.name == f"OSC {sink.target}" == f"OSC {address}"
        sink.open(Cast({0: HUMANOID}))
        sink.write(LiveFrame(0, 0.0, (LivePerson(0, pose(1)),)))
        found = [m for _ in range(sink.sender.sent) for m in packet(ear.recv(LARGEST))[1]]
        sink.close()
        ((_, (last,)),) = [packet(ear.recv(LARGEST))]
    assert len(found) == 3 + len(HUMANOID)
    assert (last.address, last.values) == ("/mocap/0/state", ("gone", 0.0))
