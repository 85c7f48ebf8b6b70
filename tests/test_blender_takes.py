"""The add-on's readers of takes, journals and BVH, judged by the package's own readers.

They share no code: the add-on imports nothing of the package.
"""

from __future__ import annotations

import copy
import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from motions import SHARED_BVH, degrees_apart, millimetres_apart, motions
from recordings import CLOCK, STICK, header, of_motion, random_pose, small

import exporters.bvh
import exporters.journal
import exporters.json_take
from exporters.format import FormatWarning, Options
from exporters.journal_lines import EndLine, cast_line, end_line, frame_line, header_line
from mocap import rotation
from mocap.arrays import Array
from mocap.motion import Motion
from mocap.retarget import Retargeter, retarget
from mocap.skeleton import Skeleton
from mocap.skeletons import by_name, humanoid
from mocap.take import Person, Take

sys.path.insert(0, str(Path(__file__).parents[1] / "addons" / "blender"))

from mocap_bridge import bvh, journal, json_take, takes, turns, upright  # type: ignore[import-not-found]
from mocap_bridge.clips import TakeError  # type: ignore[import-not-found]

GOLDEN = Path(__file__).parent / "golden"
ORDERS = (GOLDEN / "orders.bvh").read_text()


def assert_same(clip: Any, motion: Motion, *, at: slice | None = None) -> None:
    """Assert that a clip is what a motion is, to the last digits that quaternions have."""
    assert clip.skeleton.names == motion.skeleton.names
    assert clip.skeleton.parents == tuple(motion.skeleton.parents.tolist())
    np.testing.assert_allclose(clip.skeleton.offsets, motion.skeleton.offsets, atol=1e-9)
    np.testing.assert_allclose(clip.skeleton.tips, motion.skeleton.tips, atol=1e-9)
    np.testing.assert_allclose(clip.times, motion.times, atol=1e-9)
    np.testing.assert_allclose(clip.root, motion.root, atol=1e-9)
    assert degrees_apart(clip.rotations, motion.rotations) < 1e-6
    assert (clip.translations is None) == (motion.translations is None)
    places, world = clip.fk()
    expected_places, expected_world = motion.fk()
    assert millimetres_apart(places, expected_places) < 1e-6
    assert degrees_apart(world, expected_world) < 1e-6


def moving_people(take: Take) -> dict[int, Motion]:
    return {p.id: p.motion for p in take.people if p.motion is not None}


# -- takes


def json_of(*people: Motion) -> bytes:
    take = Take(tuple(Person(i, motion) for i, motion in enumerate(people)))
    return "".join(exporters.json_take.dump(take)).encode()


@given(st.lists(motions(), min_size=1, max_size=2))
def test_takes_are_read_as_the_package_reads_them(people: list[Motion]) -> None:
    data = json_of(*people)
    expected = moving_people(exporters.json_take.loads(data))
    clips = json_take.loads(data).clips
    assert [clip.person for clip in clips] == list(expected)
    for clip in clips:
        assert_same(clip, expected[clip.person])


def test_a_take_beside_landmarks() -> None:
    data = (GOLDEN / "journal" / "dance.json").read_bytes()
    expected = moving_people(exporters.json_take.loads(data))
    found = takes.read(GOLDEN / "journal" / "dance.json")
    assert [clip.person for clip in found.clips] == list(expected)
    for clip in found.clips:
        assert_same(clip, expected[clip.person])


def put(*path: Any, value: Any) -> Callable[[Any], None]:
    """A change of a document: the value at a path."""

    def change(document: Any) -> None:
        for key in path[:-1]:
            document = document[key]
        document[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put("format", value="other"), "not a take"),
        (put("format", value="mocap-journal"), "ending .jsonl"),
        (put("version", value=2), "version: expected 1, got 2; a newer version of this add-on"),
        (put("version", value=True), "version: expected 1, got True"),
        (put("unit", value="cm"), 'unit: expected "m"'),
        (put("axes", "up", value="+Z"), "axes: expected"),
        (put("people", value=[]), "nobody is in it"),
        (put("people", 0, value=7), r"people\[0\]: expected an object"),
        (put("people", 0, "id", value=None), r"people\[0\].id: missing"),
        (put("people", 0, "id", value=1.5), r"people\[0\].id: expected a whole number"),
        (put("people", 0, "skeleton", "bones", value=[]), "at least one bone"),
        (put("people", 0, "skeleton", "bones", 2, "parent", value="x"), "unknown 'x'"),
        (put("people", 0, "skeleton", "bones", 2, "parent", value=None), "one root"),
        (put("people", 0, "skeleton", "bones", -1, "name", value="hips"), "used twice"),
        (put("people", 0, "skeleton", "bones", 2, "offset", value=[1]), "expected bones with"),
        (put("people", 0, "root", value=[]), r"people\[0\].root: expected 3 rows"),
        (put("people", 0, "root", 1, value=[0, 0]), r"people\[0\].root\[1\]: expected 3 numbers"),
        (put("people", 0, "root", 1, 1, value=None), r"people\[0\].root: expected a list of num"),
        (put("people", 0, "root", 1, 1, value=10**400), r"people\[0\].root: .* up to 1e\+12"),
        (put("people", 0, "rotations", 1, 3, value=0.5), r"people\[0\].rotations: expected unit"),
        (put("times", value=[0, 0, 1]), "times: expected increasing"),
        (put("times", 0, value="0"), "times: expected a list of numbers"),
    ],
)
def test_faults_of_takes_are_named(change: Callable[[Any], None], message: str) -> None:
    document = json.loads(json_of(standing(3)))
    change(document)
    with pytest.raises(TakeError, match=message):
        json_take.loads(json.dumps(document).encode())


def standing(frames: int) -> Motion:
    body = humanoid()
    return Motion(
        body,
        times=np.arange(frames) / 30,
        root=np.tile(body.offsets[0], (frames, 1)),
        rotations=rotation.identity(frames, len(body)),
    )


def test_landmarks_alone_are_no_motion() -> None:
    document = json.loads(json_of(standing(2)))
    del document["people"][0]["skeleton"]
    with pytest.raises(TakeError, match="only landmarks; mocap capture solves them"):
        json_take.loads(json.dumps(document).encode())


def test_faults_begin_with_the_name_of_the_file(tmp_path: Path) -> None:
    for name, data, message in (
        ("none.json", None, "none.json: cannot read: No such file or directory"),
        ("a.json", b'{\n"a": }', "a.json: line 2: not JSON: Expecting value"),
        ("a.jsonl", b"{}\n", "a.jsonl: not a journal"),
        ("a.bvh", b"HIERARCHY\n", "a.bvh: not a BVH file"),
        ("a.fbx", b"", "a.fbx: expected a file of .json, .jsonl, .bvh"),
    ):
        if data is not None:
            (tmp_path / name).write_bytes(data)
        with pytest.raises(TakeError, match=message) as caught:
            takes.read(tmp_path / name)
        assert "\n" not in str(caught.value)


# -- journals


def test_the_golden_journals_are_read_as_the_package_reads_them() -> None:
    for name in ("dance", "cut"):
        path = GOLDEN / "journal" / f"{name}.jsonl"
        expected, loss = exporters.journal.recovered(path)
        found = takes.read(path)
        assert (len(found.notes) > 0) == (loss is not None)
        people = moving_people(expected)
        assert [clip.person for clip in found.clips] == list(people)
        for clip in found.clips:
            # the package's time line has also the moments at which something was only seen
            motion = people[clip.person]
            start = motion.times[np.abs(motion.root - clip.root[0]).max(axis=1).argmin()]
            assert start == 0 or name == "cut"
            assert_same(clip, motion.resampled(times=clip.times + motion.times[0]))


@given(motions())
def test_journals_are_read_as_the_package_reads_them(motion: Motion) -> None:
    data = b"".join(of_motion(motion))
    (clip,) = journal.loads(data).clips
    expected = Take((Person(0, motion),)).people[0].motion
    assert expected is not None
    np.testing.assert_array_equal(clip.root, expected.root)
    assert degrees_apart(clip.rotations, expected.rotations) < 1e-9
    np.testing.assert_allclose(clip.times, expected.times - expected.times[0], atol=1e-9)


def test_who_comes_and_goes_and_settles_is_as_in_the_package(tmp_path: Path) -> None:
    tall = STICK.scaled(1.1)
    lines = [header_line(header()), cast_line({0: STICK}, 30.0)]
    stages: list[list[int]] = [[0], [], [0], [1], [0, 1], [1], []]
    for i, ids in enumerate(stages):
        if i == 3:
            lines.append(cast_line({0: tall, 1: STICK}, 30.0))
        t = CLOCK + i / 30
        moving = i == 4
        poses = [(p, random_pose(10 * i + p, 2, t, moving=moving and p == 1)) for p in ids]
        lines.append(frame_line(i, t, poses))
    lines.append(end_line(EndLine(len(stages), 0.2, (0, 1))))
    path = tmp_path / "two.jsonl"
    path.write_bytes(b"".join(lines))
    people = moving_people(exporters.journal.read(path, Options()))
    found = takes.read(path)
    assert found.notes == ()
    for clip in found.clips:
        assert_same(clip, people[clip.person])


@pytest.mark.parametrize(
    "damage",
    [
        lambda line: line[: len(line) // 2] + b"\n",
        lambda line: b"\0" * 100 + b"\n",
        lambda line: line.replace(b"root", b"soot"),
        lambda line: line.replace(b'"t":', b'"t":-'),
        lambda line: b"[1]\n",
        lambda line: b"\xff" + line,
    ],
)
def test_a_damaged_line_takes_no_other_with_it(damage: Callable[[bytes], bytes]) -> None:
    lines = small(4)
    whole = journal.loads(b"".join(lines)).clips[0]
    lines[5] = damage(lines[5])
    found = journal.loads(b"".join(lines))
    assert "1 damaged line was left out (line 6:" in found.notes[0]
    np.testing.assert_array_equal(found.clips[0].root, np.delete(whole.root, 1, axis=0))


# -- BVH


def package_bvh(data: bytes, **options: Any) -> Take:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FormatWarning)
        return exporters.bvh.loads(data, Options(**options))


@given(motions(), st.sampled_from(["cm", "m"]))
def test_bvh_is_read_as_the_package_reads_it(motion: Motion, unit: str) -> None:
    data = b"".join(exporters.bvh.dump(motion, Options(names="exact", unit=unit)))
    expected = package_bvh(data, unit=unit).people[0].motion
    assert expected is not None
    (clip,) = bvh.loads(data, unit.upper()).clips
    assert_same(clip, expected)


def test_the_golden_bvh_in_every_dialect() -> None:
    expected = package_bvh(ORDERS.encode()).people[0].motion
    assert expected is not None
    for text in (
        ORDERS,
        ORDERS.replace("\n", "\r\n"),
        ORDERS.replace("\n", "\r"),
        "\ufeff" + ORDERS,
        ORDERS.lower().replace("hips", "Hips"),
        ORDERS.replace("{", "\n{\n"),
    ):
        (clip,) = bvh.loads(text.encode(), "CM").clips
        places, _ = clip.fk()
        assert millimetres_apart(places, expected.fk()[0]) < 1e-6


@pytest.mark.parametrize("name", SHARED_BVH)
def test_recordings_are_read_as_the_package_reads_them(shared_data: Path, name: str) -> None:
    path = shared_data / "bvh" / name
    if not path.exists():
        pytest.skip(f"{name} is not in {path.parent}")
    expected = package_bvh(path.read_bytes())
    for clip, person in zip(takes.read(path, "CM").clips, expected.people, strict=True):
        assert person.motion is not None
        assert_same(clip, person.motion)


def test_the_unit_is_guessed_by_the_size_of_people() -> None:
    for unit, factor in (("cm", 1.0), ("m", 1.0), ("cm", 3.7)):
        body = humanoid().scaled(factor * (100 if factor != 1 else 1))
        motion = Motion(body, np.zeros(1), body.offsets[:1], rotation.identity(1, len(body)))
        data = b"".join(exporters.bvh.dump(motion, Options(unit=unit)))
        found = bvh.loads(data)
        height = np.ptp(found.clips[0].skeleton.rest_positions()[:, 1])
        assert 1.2 < height < 1.8
        assert (len(found.notes) > 0) == (unit == "m" or factor != 1)


def test_every_root_is_a_person_and_no_frames_are_the_rest_pose() -> None:
    text = (
        "HIERARCHY\nROOT a\n{\nOFFSET 0 90 0\nCHANNELS 3 Xposition Yposition Zposition\n}\n"
        "ROOT b\n{\nOFFSET 0 1 0\nCHANNELS 1 Xrotation\nEnd Site\n{\nOFFSET 0 100 0\n}\n}\n"
        "MOTION\nFrames: {}\nFrame Time: 0.1\n"
    )
    first, second = bvh.loads((text.replace("{}", "1") + "1 2 3 90").encode()).clips
    np.testing.assert_allclose(first.root, [[0.01, 0.02, 0.03]])
    np.testing.assert_allclose(second.rotations[0, 0], [np.sqrt(0.5), 0, 0, np.sqrt(0.5)])
    still = bvh.loads(text.replace("{}", "0").encode()).clips
    assert [len(clip) for clip in still] == [1, 1]
    np.testing.assert_allclose(still[0].root, [[0, 0.9, 0]])


# -- nothing but one error


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from([10**400, 1e308, -1e308, 0, -1, "", "hips", [], {}]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


def take_or_error(read: Callable[[bytes], Any], data: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            take = read(data)
        except TakeError as error:
            told = str(error)
            assert told.splitlines() == [told]
            return
    for clip in take.clips:
        assert np.isfinite(clip.fk()[0]).all()
        assert np.isfinite(clip.resampled(10.0 / max(clip.seconds, 1e-3)).rotations).all()


EXAMPLE = json_of(standing(2))


@given(st.data())
def test_any_document_gives_a_take_or_its_error(data: st.DataObject) -> None:
    take_or_error(json_take.loads, data.draw(st.binary()))
    document = copy.deepcopy(json.loads(EXAMPLE))
    node: Any = document
    while True:
        key = data.draw(st.sampled_from(list(node) if isinstance(node, dict) else range(len(node))))
        if not isinstance(node[key], dict | list) or not node[key] or data.draw(st.booleans()):
            break
        node = node[key]
    node[key] = data.draw(values)
    take_or_error(json_take.loads, json.dumps(document).encode())


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a": NaN}', "9" * 5000, "", "\x00", "null"])
def test_what_is_not_strict_json(text: str) -> None:
    take_or_error(json_take.loads, text.encode())
    take_or_error(journal.loads, text.encode())


@given(st.data())
def test_any_journal_gives_a_take_or_its_error(data: st.DataObject) -> None:
    lines = [json.loads(line) for line in small(2)]
    at: Any = lines[data.draw(st.integers(0, len(lines) - 1))]
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        if not keys:
            break
        key = data.draw(st.sampled_from(keys))
        if isinstance(at[key], dict | list) and data.draw(st.integers(0, 4)):
            at = at[key]
            continue
        at[key] = data.draw(values)
        break
    broken = bytearray(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    if data.draw(st.booleans()):
        place = data.draw(st.integers(0, len(broken)))
        broken[place : place + data.draw(st.sampled_from([0, 3, 400]))] = data.draw(
            st.binary(max_size=8) | st.sampled_from([b"\n", b"\0" * 50, b'"', b"}", b"9" * 400])
        )
    take_or_error(journal.loads, bytes(broken))


snippets = st.sampled_from(
    ["{", "}", "\n", " ", "ROOT x", "JOINT", "End Site", "OFFSET", "CHANNELS 3", "Xrotation"]
    + ["MOTION", "Frames:", "-", "e", "0", ",", "1e400", "nan", "1_0", "\x00", "\r", "\ufeff", "²"]
)


@given(
    st.lists(
        st.tuples(st.integers(0, len(ORDERS)), st.integers(0, 30), snippets | st.text(max_size=5)),
        max_size=4,
    ),
    st.binary(),
)
def test_any_bvh_gives_a_take_or_its_error(
    changes: list[tuple[int, int, str]], noise: bytes
) -> None:
    text = ORDERS
    for at, removed, added in changes:
        text = text[:at] + added + text[at + removed :]
    take_or_error(bvh.loads, text.encode("utf-8", "surrogatepass"))
    take_or_error(bvh.loads, b"HIERARCHY\nROOT a\n{\n" + noise)


def test_wherever_a_file_is_cut_off() -> None:
    for read, whole in (
        (bvh.loads, ORDERS.encode()),
        (json_take.loads, EXAMPLE[:3000]),
        (journal.loads, b"".join(small(2))),
    ):
        for at in range(0, len(whole), 7):
            take_or_error(read, whole[:at])


# -- clips in time


@given(motions(), st.sampled_from([24.0, 29.97, 60.0]))
def test_resampling_is_that_of_the_package(motion: Motion, fps: float) -> None:
    (clip,) = journal.loads(b"".join(of_motion(motion, 0.0))).clips
    expected = motion.resampled(fps=fps)
    found = clip.resampled(fps)
    np.testing.assert_allclose(found.times, expected.times - motion.times[0], atol=2e-5)
    assert len(found) == len(expected)
    if len(motion) > 1:
        np.testing.assert_allclose(found.root, expected.root, atol=0.02)


def test_a_clip_at_the_wanted_rate_is_kept_bit_for_bit() -> None:
    (clip,) = journal.loads(b"".join(of_motion(standing(5)))).clips
    assert clip.resampled(30.0).rotations is clip.rotations


def random_walk(seed: int, frames: int = 60) -> Array:
    """(T, 4) turns that wander by up to some degrees from frame to frame, everywhere."""
    steps = np.random.default_rng(seed).normal(0, 0.2, (frames, 3))
    turned = rotation.identity(frames)
    for i in range(1, frames):
        turned[i] = rotation.mul(turned[i - 1], rotation.exp(steps[i]))
    return turned


@given(st.integers(0, 2**32 - 1), st.sampled_from(["XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX"]))
def test_angles_mean_the_same_and_do_not_flip(seed: int, order: str) -> None:
    q = random_walk(seed)
    angles = turns.to_euler(q, order)
    assert degrees_apart(rotation.from_euler(angles, order), q) < 1e-4
    np.testing.assert_allclose(angles, rotation.to_euler_continuous(q, order), atol=1e-6)
    assert np.abs(np.diff(angles, axis=0)).max() <= np.pi + 1e-9
    around = turns.to_axis_angle(q)
    half = around[:, :1] / 2
    assert degrees_apart(np.concatenate([np.sin(half) * around[:, 1:], np.cos(half)], 1), q) < 1e-4
    assert (np.sum(around[1:, 1:] * around[:-1, 1:], axis=1) >= 0).all()
    signed = turns.continuous(np.where(np.arange(len(q))[:, None] % 2, -q, q))
    assert (np.sum(signed[1:] * signed[:-1], axis=1) >= 0).all()


@given(st.integers(0, 2**32 - 1))
def test_turns_are_those_of_the_package(seed: int) -> None:
    random = np.random.default_rng(seed)
    a, b = rotation.normalize(random.normal(size=(2, 5, 4)))
    v, w = random.normal(size=(2, 5, 3))
    np.testing.assert_allclose(turns.mul(a, b), rotation.mul(a, b), atol=1e-12)
    np.testing.assert_allclose(turns.rotate(a, v), rotation.rotate(a, v), atol=1e-12)
    share = random.random(5)
    assert degrees_apart(turns.slerp(a, b, share), rotation.slerp(a, b, share)) < 1e-6
    arc = turns.between(v[0], w[0])
    assert degrees_apart(arc, rotation.between(v[0], w[0])) < 1e-6
    assert degrees_apart(turns.from_matrix(rotation.to_matrix(a)), a) < 1e-5
    assert degrees_apart(turns.from_matrix(rotation.to_matrix(a[0])), a[0]) < 1e-5
    np.testing.assert_allclose(turns.rotate(turns.between(v[0], -v[0]), v[0]), -v[0], atol=1e-9)


# -- files of other programs


def as_clip(motion: Motion) -> Any:
    (clip,) = json_take.loads(json_of(motion)).clips
    return clip


def package_motion(clip: Any) -> Motion:
    """A clip as a motion of the package."""
    body = Skeleton(
        clip.skeleton.names,
        np.array(clip.skeleton.parents),
        clip.skeleton.offsets,
        clip.skeleton.tips,
    )
    return Motion(body, clip.times, clip.root, clip.rotations, clip.translations)


@given(motions(), st.integers(0, 2**32 - 1))
def test_another_rest_pose_moves_nothing(motion: Motion, seed: int) -> None:
    clip = as_clip(motion)
    bones = len(motion.skeleton)
    rest = rotation.normalize(np.random.default_rng(seed).normal(size=(bones, 4)))
    counted = upright.rebased(clip, rest)
    np.testing.assert_allclose(counted.fk()[0], clip.fk()[0], atol=1e-9)
    # the new rest pose is the pose that was asked for
    still = np.tile([0.0, 0.0, 0.0, 1.0], (bones, 1))
    posed, _ = motion.skeleton.fk(clip.skeleton.offsets[0], rest)
    found = package_motion(counted).skeleton.fk(clip.skeleton.offsets[0], still)[0]
    if clip.translations is None:
        np.testing.assert_allclose(found, posed, atol=1e-9)


def own_axes(frames: int = 30) -> Motion:
    """The humanoid walking, of which each bone has axes of its own, over a floor at -0.3 m."""
    body = humanoid()
    random = np.random.default_rng(5)
    times = np.arange(frames) / 30
    turned = rotation.exp(0.2 * np.sin(times)[:, None, None] * random.normal(size=(len(body), 3)))
    turned[:1] = rotation.identity(1, len(body))
    axes = rotation.exp(random.normal(0, 1.5, (len(body), 3)))
    world = rotation.mul(body.to_global(turned), axes)
    offsets = body.offsets.copy()
    above = axes[body.parents[1:]]
    offsets[1:] = rotation.rotate(rotation.inv(above), offsets[1:])
    strange = Skeleton(body.names, body.parents, offsets)
    root = np.stack([0 * times, body.offsets[0, 1] - 0.3 + 0 * times, times], axis=-1)
    return Motion(strange, times, root, strange.to_local(world))


def assert_retargets_alike(motion: Motion, clip: Any) -> None:
    """Assert that what was read upright needs no more reading to move another body alike."""
    target = by_name("mixamo")
    expected = retarget(motion, target)
    found = Retargeter(package_motion(clip).skeleton, target)(package_motion(clip))
    assert millimetres_apart(found.fk()[0], expected.fk()[0]) < 0.01
    assert degrees_apart(found.rotations, expected.rotations) < 1e-3


def test_bones_with_axes_of_their_own_are_read_upright() -> None:
    motion = own_axes()
    clip = upright.upright(as_clip(motion))
    assert_retargets_alike(motion, clip)
    assert np.abs(clip.fk()[0][..., 1].min() - clip.skeleton.rest_positions()[:, 1].min()) < 0.1


def test_what_the_capture_writes_is_upright_already() -> None:
    clip = as_clip(standing(3))
    assert upright.upright(clip) is clip
    nobody = as_clip(Motion(STICK, np.zeros(1), np.zeros((1, 3)), rotation.identity(1, 2)))
    assert upright.upright(nobody) is nobody


@pytest.mark.parametrize("name", SHARED_BVH)
def test_recordings_are_read_upright_as_in_the_package(shared_data: Path, name: str) -> None:
    path = shared_data / "bvh" / name
    if not path.exists():
        pytest.skip(f"{name} is not in {path.parent}")
    motion = package_bvh(path.read_bytes()).people[0].motion
    assert motion is not None
    assert_retargets_alike(motion, upright.upright(takes.read(path, "CM").clips[0]))
