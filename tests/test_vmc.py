"""What leaves for a VMC receiver, read by a strict one that shares no code with the sender."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from motions import seeds
from vmc_receiver import BLENDS, PARENTS, Avatar, Heard, Place, packet
from vmc_stage import HUMANOID, VRM, A, encoder_of, frame, heard, pose

from mocap import bone_map, rotation
from mocap.arrays import Array
from mocap.bone_map import BODY, BONES
from mocap.motion import Pose, TrackState
from mocap.skeleton import Skeleton
from mocap.stream.frames import Cast, LiveFrame
from mocap.stream.vmc import VmcEncoder
from mocap.stream.vmc_profiles import PROFILES
from mocap.stream.vmc_settings import OPTIONAL, VmcSettings
from mocap.stream.vmc_sink import target_of

GOLDEN = Path(__file__).parent / "golden"
UNITY = bone_map.by_name("unity").pairs
EXACT = 1e-5  # [m], and of quaternions: what 32 bit floats leave of a room
MIRROR, MIRROR_TURN = np.array([-1.0, 1.0, 1.0]), np.array([1.0, -1.0, -1.0, 1.0])


def sent(skeleton: Skeleton, of: Pose, how: VmcSettings | None = None) -> Heard:
    encoder = VmcEncoder(how)
    encoder.open(Cast({0: skeleton}))
    return heard(encoder, 1.0, {0: of})


def unity_rest(skeleton: Skeleton, without: frozenset[str] = frozenset()) -> dict[str, Place]:
    """An avatar that rests as the skeleton does, perhaps without some of its bones."""
    rest = {}
    for i, name in enumerate(skeleton.names):
        if name not in without:
            offset = skeleton.offsets[i].copy()
            above = int(skeleton.parents[i])
            while above >= 0 and skeleton.names[above] in without:
                offset += skeleton.offsets[above]
                above = int(skeleton.parents[above])
            x, y, z = (offset * MIRROR).tolist()
            rest[UNITY[name]] = (x, y, z)
    return rest


def shown(avatar: Avatar, skeleton: Skeleton) -> tuple[Array, Array]:
    """Where an avatar's bones are and how they are turned, in our axes, in the skeleton's order;
    NaN for bones that it has not."""
    world = avatar.world()
    gap = ((math.nan,) * 3, (math.nan,) * 4)
    places, turns = zip(*(world.get(UNITY[n], gap) for n in skeleton.names), strict=True)
    return np.array(places) * MIRROR, np.array(turns) * MIRROR_TURN


def apart(a: Array, b: Array) -> float:
    """The largest difference of rotations, of either sign."""
    return float(np.max(np.minimum(np.abs(a - b).max(-1), np.abs(a + b).max(-1)), initial=0.0))


whole = st.fixed_dictionaries(
    {
        "travel": st.sampled_from(["hips", "root"]),
        "yaw": st.sampled_from([0.0, 180.0, 33.0]),
        "scale": st.sampled_from([1.0, 0.5, 1.7]),
        "bundle": st.integers(0, 16),
        "face": st.booleans(),
        "ok": st.sampled_from([1, 3, 4]),
    }
)
figures = st.sampled_from([HUMANOID, VRM])


# --- poses -----------------------------------------------------------------------------------


def test_the_golden_pose_as_it_is_in_unity() -> None:
    worlds = json.loads((GOLDEN / "pose_conversions.json").read_text("utf-8"))["worlds"]
    ours, unity = (
        next(w["bones"] for w in worlds if w["name"].startswith(name))
        for name in ("mocap", "Unity")
    )
    index = {bone["name"]: i for i, bone in enumerate(ours)}
    parents = np.array([index.get(bone["parent"], -1) for bone in ours])
    skeleton = Skeleton(tuple(index), parents, np.array([b["offset"] for b in ours]))
    turns = np.array([bone["rotation"] for bone in ours])
    received = sent(skeleton, Pose(0.0, np.array(ours[0]["position"]), turns))
    assert received.root == ((0, 0, 0), (0, 0, 0, 1))
    assert list(received.bones) == [UNITY[bone["name"]] for bone in unity]
    for bone in unity:
        place, turn = received.bones[UNITY[bone["name"]]]
        # hips travel, all others stay where they rest
        expected = bone["position"] if bone["parent"] is None else bone["offset"]
        assert place == pytest.approx(expected, abs=1e-7)
        assert turn == pytest.approx(bone["rotation"], abs=1e-7)
    avatar = Avatar({UNITY[b["name"]]: tuple(b["offset"]) for b in unity})
    avatar.apply(received)
    for bone in unity:
        assert avatar.world()[UNITY[bone["name"]]][0] == pytest.approx(bone["position"], abs=1e-6)


@given(figures, seeds, whole)
def test_an_avatar_of_the_same_size_stands_as_the_person(
    skeleton: Skeleton, seed: int, how: dict[str, Any]
) -> None:
    person, chosen_so = pose(skeleton, seed), VmcSettings(**how)
    avatar = Avatar(unity_rest(skeleton.scaled(chosen_so.scale)))
    avatar.apply(sent(skeleton, person, chosen_so))
    places, turns = shown(avatar, skeleton)
    positions, world = skeleton.fk(person.root, person.rotations)
    turned = rotation.axis_angle(np.array([0.0, 1.0, 0.0]), np.radians(chosen_so.yaw))
    wanted = rotation.rotate(turned, positions) * chosen_so.scale
    np.testing.assert_allclose(places, wanted, atol=EXACT)
    assert apart(turns, rotation.mul(turned, world)) < EXACT


@given(seeds)
def test_travel_in_the_root_suits_an_avatar_that_keeps_its_own_lengths(seed: int) -> None:
    person = pose(HUMANOID, seed)
    avatar = Avatar(unity_rest(HUMANOID.scaled(0.6)), positions=False)
    avatar.apply(sent(HUMANOID, person, VmcSettings(travel="root")))
    places, turns = shown(avatar, HUMANOID)
    travelled = person.root - HUMANOID.offsets[0]
    np.testing.assert_allclose(places[0], travelled + 0.6 * HUMANOID.offsets[0], atol=EXACT)
    assert apart(turns, HUMANOID.to_global(person.rotations)) < EXACT


# --- bones left out --------------------------------------------------------------------------

some_bones = st.frozensets(st.sampled_from(BONES), min_size=1)
lacking = st.frozensets(st.sampled_from(sorted(OPTIONAL)))


@given(figures, seeds, whole, some_bones, lacking)
def test_any_choice_of_bones_is_read_and_fits(
    skeleton: Skeleton, seed: int, how: dict[str, Any], bones: frozenset[str], lost: frozenset[str]
) -> None:
    if not bones - lost:
        return
    received = sent(skeleton, pose(skeleton, seed), VmcSettings(**how, bones=bones, without=lost))
    wanted = {UNITY[n] for n in skeleton.names if n in bones - lost}
    assert set(received.bones) == wanted
    if how["bundle"]:
        full, rest = divmod(len(wanted), how["bundle"])
        assert received.bundles == [how["bundle"]] * full + [rest] * (rest > 0)
    else:
        assert received.bundles == []
    assert set(received.blends) == (BLENDS if how["face"] else set())


@given(figures, seeds, some_bones)
def test_what_is_left_out_goes_to_the_bones_below(
    skeleton: Skeleton, seed: int, bones: frozenset[str]
) -> None:
    person = pose(skeleton, seed)
    avatar = Avatar(unity_rest(skeleton))  # the bones left out rest
    avatar.apply(sent(skeleton, person, VmcSettings(bones=bones)))
    _, turns = shown(avatar, skeleton)
    kept = [i for i, name in enumerate(skeleton.names) if name in bones]
    assert apart(turns[kept], skeleton.to_global(person.rotations)[kept]) < EXACT


@given(figures, seeds, lacking)
def test_an_avatar_without_some_bones_loses_no_turn_and_no_length(
    skeleton: Skeleton, seed: int, lost: frozenset[str]
) -> None:
    person = pose(skeleton, seed)
    avatar = Avatar(unity_rest(skeleton, lost))
    avatar.apply(sent(skeleton, person, VmcSettings(without=lost)))
    _, turns = shown(avatar, skeleton)
    kept = [i for i, name in enumerate(skeleton.names) if name not in lost]
    assert apart(turns[kept], skeleton.to_global(person.rotations)[kept]) < EXACT
    rest = Pose(0.0, skeleton.offsets[0], rotation.identity(len(skeleton)))
    avatar.apply(sent(skeleton, rest, VmcSettings(without=lost)))
    places, _ = shown(avatar, skeleton)
    np.testing.assert_allclose(places[kept], skeleton.rest_positions[kept], atol=EXACT)


def test_bones_that_unity_has_not_are_folded() -> None:
    names = ("hips", "waist", "spine")
    skeleton = Skeleton(
        names, np.array([-1, 0, 1]), np.array([[0, 1, 0], [0, 0.1, 0], [0, 0.2, 0]])
    )
    person = pose(skeleton, 3)
    place, turn = sent(skeleton, person).bones["Spine"]
    assert place == pytest.approx((0, 0.3, 0))
    expected = rotation.mul(person.rotations[1], person.rotations[2]) * MIRROR_TURN
    assert turn == pytest.approx(expected.tolist(), abs=1e-6)


def test_positions_that_no_float_holds_stay_numbers() -> None:
    far = Pose(0.0, np.array([1e300, -1e300, 0.0]), rotation.identity(len(HUMANOID)))
    assert all(math.isfinite(c) for c in sent(HUMANOID, far).bones["Hips"][0])


# --- people ----------------------------------------------------------------------------------


LOADED, AWAY, NOBODY = (1, 3, 0, 1), (1, 3, 0, 0), (0, 0, 0, 0)


def is_of(received: Heard, person: Pose) -> bool:
    """Whether it shows somebody, by where they are."""
    return received.bones["Hips"][0] == pytest.approx((person.root * MIRROR).tolist(), abs=1e-5)


B = pose(HUMANOID, 2)
A_HELD, A_LOST = replace(A, state=TrackState.HELD), replace(A, state=TrackState.LOST)
B_LOST = replace(B, state=TrackState.LOST)


@pytest.mark.parametrize("person", [None, 4])
def test_nobody_is_there_until_somebody_is_seen(person: int | None) -> None:
    encoder = encoder_of(4, person=person)
    for people in ({}, {4: A_LOST}):
        received = heard(encoder, 0.0, people)
        assert (received.ok, received.root, received.bones) == (NOBODY, None, {})
    received = heard(encoder, 0.1, {4: A})
    assert received.ok == LOADED
    assert is_of(received, A)


def test_somebody_away_keeps_their_last_pose() -> None:
    encoder = encoder_of(4)
    heard(encoder, 0.0, {4: A})
    held = heard(encoder, 0.1, {4: A_HELD})
    lost = heard(encoder, 0.2, {4: replace(B, state=TrackState.LOST)})
    gone = heard(encoder, 0.3, {})
    encoder.open(Cast())
    off_stage = heard(encoder, 9.0, {})
    assert [h.ok for h in (held, lost, gone, off_stage)] == [LOADED, AWAY, AWAY, AWAY]
    assert is_of(held, A)
    assert lost.bones == gone.bones == off_stage.bones
    assert is_of(lost, B)  # lost people go to rest: that is in their frames
    assert [h.t for h in (held, gone, off_stage)] == pytest.approx([0.1, 0.3, 9.0])


def test_the_first_who_is_seen_is_followed_until_they_leave_the_stage() -> None:
    encoder = encoder_of(3, 7)
    assert is_of(heard(encoder, 0.0, {3: A_LOST, 7: B}), B)
    assert is_of(heard(encoder, 0.1, {3: A, 7: B}), B)
    received = heard(encoder, 0.2, {3: A, 7: B_LOST})
    assert is_of(received, B)
    assert received.ok == AWAY
    encoder.open(Cast({3: HUMANOID}))
    received = heard(encoder, 0.3, {3: A})
    assert is_of(received, A)
    assert received.ok == LOADED
    encoder.open(Cast({3: HUMANOID, 7: HUMANOID}))
    assert is_of(heard(encoder, 0.4, {3: A, 7: B}), A)


def test_one_chosen_by_id_and_no_other() -> None:
    encoder = encoder_of(3, 7, person=7)
    assert heard(encoder, 0.0, {3: A}).ok == NOBODY
    assert is_of(heard(encoder, 0.1, {3: A, 7: B}), B)
    encoder.open(Cast({3: HUMANOID}))
    received = heard(encoder, 0.2, {3: A})
    assert received.ok == AWAY
    assert is_of(received, B)


def test_a_frame_from_before_the_cast_changed_does_no_harm() -> None:
    encoder = encoder_of(3)
    assert heard(encoder, 0.0, {7: B}).ok == NOBODY


def test_a_new_skeleton_begins_cleanly() -> None:
    encoder = encoder_of(0)
    heard(encoder, 0.0, {0: A})
    taller = HUMANOID.scaled(1.1)
    encoder.open(Cast({0: taller}))
    gone = heard(encoder, 0.1, {})  # who was seen keeps the bones they were seen with
    assert gone.bones["Head"][0][1] == pytest.approx(0.1)
    assert heard(encoder, 0.2, {0: A}).bones["Head"][0][1] == pytest.approx(0.11)
    fingers = pose(VRM, 5)
    encoder.open(Cast({0: VRM}))
    received = heard(encoder, 0.3, {0: fingers})
    assert len(received.bones) == len(VRM)


@given(seeds)
def test_a_reset_encoder_equals_a_new_one(seed: int) -> None:
    encoder = encoder_of(0, 1, every=2, rate=20.0)
    for i in range(3):
        encoder.encode(frame(i / 30, {0: pose(HUMANOID, seed)}))
    encoder.reset()
    fresh = VmcEncoder(encoder.settings)
    for each in (encoder, fresh):
        each.open(Cast({1: HUMANOID}))
    for i in range(3):
        after = frame(i / 30, {1: pose(HUMANOID, seed + i)})
        assert encoder.encode(after) == fresh.encode(after)


def test_a_farewell_says_that_nobody_is_there() -> None:
    encoder = encoder_of(0)
    heard(encoder, 0.0, {0: A})
    (last,) = encoder.farewell()
    _, (ok,) = packet(last)
    assert (ok.address, ok.values) == ("/VMC/Ext/OK", NOBODY)


def test_frames_left_out_are_still_looked_at() -> None:
    encoder = encoder_of(0, every=2)
    assert encoder.encode(frame(0.0, {}))
    assert encoder.encode(frame(0.1, {0: A})) == []
    assert is_of(heard(encoder, 0.2, {}), A)


# --- profiles ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROFILES)
def test_a_receiver_reads_what_its_profile_sends(name: str) -> None:
    received = sent(HUMANOID, A, PROFILES[name].settings)
    assert set(received.bones) == {UNITY[b] for b in BODY}
    assert received.bundles == [16, 6]
    assert received.datagrams == 5
    assert received.blends == {}
    assert len(received.ok) == (3 if name == "evmc4u" else 4)


def test_a_whole_hand_of_fingers_fits() -> None:
    assert sent(VRM, pose(VRM, 1)).bundles == [16, 16, 16, 4]
    assert len(PARENTS) == 55
    assert set(UNITY.values()) == set(PARENTS)


def test_godot_sees_people_from_the_front() -> None:
    rest = Pose(0.0, np.array([0.3, 0.9, 0.5]), rotation.identity(len(HUMANOID)))
    place, turn = sent(HUMANOID, rest, PROFILES["godot"].settings).bones["Hips"]
    assert place == pytest.approx((0.3, 0.9, -0.5))
    assert np.abs(turn) == pytest.approx([0, 1, 0, 0])


def test_vseeface_is_spared() -> None:
    encoder = VmcEncoder(PROFILES["vseeface"].settings)
    encoder.open(Cast({0: HUMANOID}))
    assert sum(bool(encoder.encode(frame(i / 1000, {0: A}))) for i in range(1000)) == 200


# --- golden packets --------------------------------------------------------------------------

INDEX = json.loads((GOLDEN / "vmc" / "index.json").read_text("utf-8"))


def golden_frame() -> tuple[Cast, LiveFrame]:
    told = INDEX["frame"]
    assert told["bones"] == list(HUMANOID.names)
    person = Pose(told["t"], np.array(told["root"]), np.array(told["rotations"]))
    return Cast({told["person"]: HUMANOID}), frame(told["t"], {told["person"]: person})


@pytest.mark.parametrize("target", INDEX["targets"])
def test_golden_packets(target: str) -> None:
    cast, of = golden_frame()
    encoder = VmcEncoder(target_of(target).settings)
    encoder.open(cast)
    files = INDEX["targets"][target]
    datagrams = encoder.encode(of)
    assert len(datagrams) == len(files)
    for datagram, file in zip(datagrams, files, strict=True):
        golden = (GOLDEN / "vmc" / file).read_bytes()
        (bundled, ours), (golden_bundled, theirs) = packet(datagram), packet(golden)
        assert (bundled, len(datagram)) == (golden_bundled, len(golden))
        for mine, other in zip(ours, theirs, strict=True):
            assert (mine.address, mine.tags) == (other.address, other.tags)
            assert mine.values == pytest.approx(other.values, abs=1e-6)


@pytest.mark.parametrize("file", INDEX["packets"])
def test_the_index_says_what_is_in_the_golden_packets(file: str) -> None:
    golden = (GOLDEN / "vmc" / file).read_bytes()
    bundled, messages = packet(golden)
    told = INDEX["packets"][file]
    assert (bundled, len(golden)) == (told["bundle"], told["size"])
    found = [[m.address, m.tags, *m.values] for m in messages]
    for mine, other in zip(found, told["messages"], strict=True):
        assert mine[:2] == other[:2]
        assert mine[2:] == pytest.approx(other[2:], abs=1e-6)


def test_every_profile_and_file_is_in_the_index() -> None:
    assert {f"profile={name}" for name in PROFILES} <= set(INDEX["targets"])
    files = {p.name for p in (GOLDEN / "vmc").glob("*.bin")}
    assert files == set(INDEX["packets"]) == {f for fs in INDEX["targets"].values() for f in fs}
