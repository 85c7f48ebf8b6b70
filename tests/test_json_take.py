from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from motions import degrees_apart, millimetres_apart, motions
from motions import standing as at_rest

from exporters import json_take
from exporters.format import Options
from mocap.arrays import Array
from mocap.errors import FormatError, InvalidValue, OutputError
from mocap.landmarks import MEDIAPIPE_POSE, LandmarkTrack, Layout
from mocap.motion import Motion
from mocap.take import Person, Take

TRIANGLE = Layout("triangle", ("a", "b", "c"), (("a", "b"), ("b", "c")))


def written(take: Take, options: Options | None = None) -> str:
    return "".join(json_take.dump(take, options))


def read(document: Any) -> Take:
    text = document if isinstance(document, str) else json.dumps(document)
    return json_take.loads(text.encode())


def seen(times: Array, layout: Layout = TRIANGLE, person: int = 0) -> LandmarkTrack:
    """Random points; unseen as a whole in the second frame, in part in the third."""
    random = np.random.default_rng(len(times))
    frames, points = len(times), len(layout)
    image = random.uniform(-50, 2000, (frames, points, 2))
    image[1:2] = np.nan
    image[2:3, 0] = np.nan
    world = random.normal(0, 1, (frames, points, 3)) + 0 * image[..., :1]
    confidence = random.random((frames, points)) * np.isfinite(image).all(axis=-1)
    return LandmarkTrack(layout, times, image, world, confidence, (1280, 720), person)


def standing(frames: int = 4, fps: float = 25.0) -> Motion:
    steps = {"leftFoot": np.arange(frames) % 2 == 0}
    return replace(at_rest(frames, fps), contacts=steps)


def example() -> Take:
    motion = standing()
    return Take(
        (Person(0, motion, seen(motion.times)), Person(2, None, seen(motion.times, person=2))),
        made={"source": "a.mp4", "estimator": {"name": "x", "licence": "MIT"}},
    )


def assert_same_motion(got: Motion, expected: Motion) -> None:
    assert got.skeleton.names == expected.skeleton.names
    assert got.skeleton.name == expected.skeleton.name
    for attribute in ("parents", "offsets", "tips"):
        np.testing.assert_array_equal(
            getattr(got.skeleton, attribute), getattr(expected.skeleton, attribute)
        )
    np.testing.assert_array_equal(got.times, expected.times)
    np.testing.assert_array_equal(got.state, expected.state)
    assert (got.translations is None) == (expected.translations is None)
    assert millimetres_apart(got.fk()[0], expected.fk()[0]) < 0.01
    assert degrees_apart(got.rotations, expected.rotations) < 1e-4
    assert np.abs(got.confidence - expected.confidence).max(initial=0) <= 5.1e-4
    assert got.contacts.keys() == expected.contacts.keys()
    for foot, on in expected.contacts.items():
        np.testing.assert_array_equal(got.contacts[foot], on)


def assert_same_landmarks(got: LandmarkTrack, expected: LandmarkTrack) -> None:
    assert got.layout == expected.layout
    assert (got.size, got.person) == (expected.size, expected.person)
    np.testing.assert_array_equal(got.times, expected.times)
    np.testing.assert_allclose(got.image, expected.image, atol=5.1e-3)
    np.testing.assert_allclose(got.confidence, expected.confidence, atol=5.1e-4)
    assert (got.world is None) == (expected.world is None)
    if got.world is not None and expected.world is not None:
        np.testing.assert_allclose(got.world, expected.world, atol=5.1e-5)


@given(st.lists(motions(), max_size=3), st.booleans())
def test_round_trip(moving: list[Motion], landmarks: bool) -> None:
    people = [
        Person(2 * i, motion, seen(motion.times, person=2 * i) if landmarks else None)
        for i, motion in enumerate(moving)
    ]
    back = read(written(Take(tuple(people), made={"n": len(moving)})))
    assert [p.id for p in back.people] == [p.id for p in people]
    assert back.made == {"n": len(moving)}
    for got, expected in zip(back.people, people, strict=True):
        assert got.motion is not None
        assert expected.motion is not None
        assert_same_motion(got.motion, expected.motion)
        assert (got.landmarks is None) == (expected.landmarks is None)
        if got.landmarks is not None and expected.landmarks is not None:
            assert_same_landmarks(got.landmarks, expected.landmarks)


def test_a_second_writing_changes_nothing() -> None:
    text = written(example())
    assert written(read(text)) == text


def test_landmarks_alone_and_without_depth() -> None:
    times = np.array([0.0, 0.1, 0.25])
    track = seen(times, MEDIAPIPE_POSE)
    flat = LandmarkTrack(track.layout, times, track.image, None, track.confidence, track.size)
    back = read(written(Take((Person(0, None, flat),))))
    assert back.people[0].motion is None
    assert back.people[0].landmarks is not None
    assert back.people[0].landmarks.layout is MEDIAPIPE_POSE
    assert_same_landmarks(back.people[0].landmarks, flat)


def test_everybody_may_have_other_times() -> None:
    one, two = standing(4), standing(7, fps=60)
    take = Take((Person(0, one, seen(two.times)), Person(1, two), Person(2, None, seen(one.times))))
    text = written(take)
    assert text.count('"times"') == 3
    for got, expected in zip(read(text).people, take.people, strict=True):
        if got.motion is not None and expected.motion is not None:
            assert_same_motion(got.motion, expected.motion)
        if got.landmarks is not None and expected.landmarks is not None:
            np.testing.assert_array_equal(got.landmarks.times, expected.landmarks.times)


def test_document_describes_itself() -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    text = written(example())
    document = json.loads(text, parse_constant=refuse)
    assert list(document) == ["format", "version", "fps", "unit", "axes", "times", "people", "made"]
    assert (document["format"], document["version"]) == ("mocap-take", 1)
    assert (document["fps"], document["unit"]) == (25.0, "m")
    assert document["axes"] == {
        "up": "+Y",
        "forward": "+Z",
        "handedness": "right",
        "quaternion": "xyzw",
    }
    person = document["people"][0]
    assert person["rotations"][0] == [0.0, 0.0, 0.0, 1.0] * 22
    assert person["state"] == ["tracked"] * 4
    assert person["contacts"] == {"leftFoot": [True, False, True, False]}
    assert person["landmarks"]["points"] == ["a", "b", "c"]
    assert person["landmarks"]["image"][1] is None
    assert person["landmarks"]["image"][2][:2] == [None, None]
    # a line for each frame
    frame = "[0.0,0.0,0.0,1.0," + "0.0,0.0,0.0,1.0," * 20 + "0.0,0.0,0.0,1.0]"
    assert [line.rstrip(",") for line in text.splitlines()].count(frame) == 4


def test_options() -> None:
    take = example()
    back = read(written(take, Options(landmarks=False)))
    assert [(p.id, p.landmarks) for p in back.people] == [(0, None)]
    motion = read(written(take, Options(fps=50))).people[0].motion
    assert motion is not None
    np.testing.assert_allclose(np.diff(motion.times), 0.02)


def test_nothing_left_to_write(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    only_seen = Take((Person(0, None, seen(np.zeros(1))),))
    with pytest.raises(OutputError, match="without landmarks nothing of the take is left"):
        json_take.write(only_seen, path, Options(landmarks=False))
    assert not path.exists()
    assert json_take.write(Take(()), path, Options()) == [path]
    assert json_take.read(path, Options()).people == ()


@pytest.mark.parametrize("made", [{"a": float("nan")}, {"a": object()}])
def test_made_must_be_json(made: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue, match="made: expected what JSON can hold"):
        written(Take((), made=made))


def test_unknown_keys_are_ignored() -> None:
    document = json.loads(written(example()))
    document["later"] = document["people"][0]["later"] = {"a": 1}
    assert len(read(document).people) == 2


def test_known_layout_needs_no_points() -> None:
    document = json.loads(written(Take((Person(0, None, seen(np.zeros(1), MEDIAPIPE_POSE)),))))
    del document["people"][0]["landmarks"]["points"], document["people"][0]["landmarks"]["lines"]
    landmarks = read(document).people[0].landmarks
    assert landmarks is not None
    assert landmarks.layout is MEDIAPIPE_POSE


def put(*path: Any, value: Any = ...) -> Callable[[Any], None]:
    """A change of a document: the value at a path, or its removal."""

    def change(document: Any) -> None:
        for key in path[:-1]:
            document = document[key]
        if value is ...:
            del document[path[-1]]
        else:
            document[path[-1]] = value

    return change


FAULTS = [
    (put("format", value="bvh"), r"not a take: expected .* \"format\": \"mocap-take\""),
    (put("version"), "version: missing"),
    (put("version", value=2), r"version: expected 1, got 2; a newer version of the program can"),
    (put("version", value="1"), 'version: expected a whole number, got "1"'),
    (put("unit", value="cm"), 'unit: expected "m"'),
    (put("axes", "up", value="+Z"), 'axes: expected .*"up": "\\+Y"'),
    (put("people"), "people: missing"),
    (put("people", value={}), "people: expected a list, got an object of 0"),
    (put("people", 0, value=7), r"people\[0\]: expected an object, got 7"),
    (put("people", 1, "id", value=0), r"take: every person id must be used once, got \[0, 0\]"),
    (put("people", 1, "id", value=True), r"people\[1\].id: expected a whole number, got true"),
    (put("people", 1, "landmarks"), "person 2: expected a motion, landmarks or both"),
    (put("times"), "times: missing"),
    (put("times", 1, value=-1), r"times\[1\]: expected increasing seconds"),
    (put("times", 1, value="x"), r'times\[1\]: expected numbers up to 1e\+12, got "x"'),
    (put("times", value=[0]), r"people\[0\].rotations: expected 1 rows, one per time, got 4"),
    (put("people", 0, "skeleton", "bones"), r"people\[0\].skeleton: .*'bones'"),
    (put("people", 0, "skeleton", "bones", 0, "offset", value=[0, 1e300, 0]), "lengths up to"),
    (put("people", 0, "skeleton", "bones", 0, "offset", value=[0, 10**400, 0]), "skeleton: "),
    (put("people", 0, "skeleton", "bones", 3, "parent", value="x"), "skeleton: .*unknown 'x'"),
    (put("people", 0, "root", 2), r"people\[0\].root: expected 4 rows, one per time, got 3"),
    (put("people", 0, "root", 2, value=None), r"root\[2\]: expected 3 numbers, got null"),
    (put("people", 0, "root", 2, value=[1, 2]), r"root\[2\]: expected 3 numbers, got 2"),
    (put("people", 0, "root", 2, 1, value=None), r"root\[2\]: .* up to 1e\+12, got null"),
    (put("people", 0, "root", 2, 1, value=10**400), r"root\[2\]: .* up to 1e\+12, got 1000"),
    (put("people", 0, "root", 2, 1, value=1e300), r"root\[2\]: .* up to 1e\+12, got 1e\+300"),
    (put("people", 0, "rotations", 1, 3, value=0), r"rotations\[1\]: .*\[0.0, .*0.0\] for hips"),
    (put("people", 0, "rotations", 1, 3, value=1e200), r"rotations\[1\]: .* up to 1e\+12"),
    (put("people", 0, "state", value=["tracked"]), r"state: expected 4 of held, lost, tracked"),
    (put("people", 0, "state", 0, value={}), r"state: expected 4 of held, lost, tracked"),
    (put("people", 0, "contacts", "leftFoot", value=[1, 0, 1, 0]), r"contacts.leftFoot: .*true"),
    (put("people", 0, "confidence", 3, 0, value=1.5), r"confidence\[3\]: .* from 0 to 1"),
    (put("people", 0, "translations", value=[]), r"translations: expected 4 rows.* got 0"),
    (put("people", 0, "landmarks", "layout", value=1), r"people\[0\].landmarks.layout: .*string"),
    (put("people", 0, "landmarks", "points"), r"landmarks.points: missing"),
    (put("people", 0, "landmarks", "points", 1, value="a"), r"points: expected names, each once"),
    (put("people", 0, "landmarks", "points", 1, value=[]), r"points: expected names, each once"),
    (put("people", 0, "landmarks", "lines", 0, value=["a", "x"]), r"lines: expected pairs"),
    (put("people", 0, "landmarks", "lines", 0, value="ab"), r"lines: expected pairs"),
    (put("people", 0, "landmarks", "size", value=[0, 1]), r"size: expected \[width, height\]"),
    (put("people", 0, "landmarks", "image", 0, value=[]), r"image\[0\]: expected 6 numbers, got 0"),
    (put("people", 0, "landmarks", "image", 0, 0, value=True), r"image\[0\]: .* got true"),
    (put("people", 0, "landmarks", "confidence", 0, value=None), r"confidence\[0\]: .* got null"),
    (put("made", value=[]), "made: expected an object, got a list of 0"),
]


@pytest.mark.parametrize(("change", "message"), FAULTS)
def test_faults_name_the_key(change: Callable[[Any], None], message: str) -> None:
    document = json.loads(written(example()))
    change(document)
    with pytest.raises(FormatError, match=message):
        read(document)


def test_faults_name_the_file_and_the_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    with pytest.raises(FormatError, match=r"broken.json: cannot read: No such file"):
        json_take.read(path, Options())
    path.write_text('{\n"format": "mocap-take",\n"version": }')
    with pytest.raises(FormatError, match=r"broken.json: line 3: not JSON: Expecting value"):
        json_take.read(path, Options())
    path.write_text("{}")
    with pytest.raises(FormatError, match=r"broken.json: not a take"):
        json_take.read(path, Options())


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a": NaN}', '{"a": -Infinity}', "9" * 5000, ""])
def test_what_is_not_strict_json(text: str) -> None:
    with pytest.raises(FormatError):
        read(text)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from([10**400, 1e308, -1e308, 0, -1, "", "a", "hips", "tracked"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["name", "bones", "offset", "times", "x"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


def take_or_format_error(data: bytes) -> None:
    try:
        take = json_take.loads(data)
    except FormatError:
        return
    for person in take.people:
        if person.motion is not None:
            assert np.isfinite(person.motion.fk()[0]).all()


@given(st.binary(), values)
def test_any_file_gives_a_take_or_a_format_error(data: bytes, value: Any) -> None:
    take_or_format_error(data)
    take_or_format_error(json.dumps(value).encode())


@given(st.data())
def test_changed_documents_give_a_take_or_a_format_error(data: st.DataObject) -> None:
    document = copy.deepcopy(EXAMPLE)
    node: Any = document
    while True:
        keys = list(node) if isinstance(node, dict) else range(len(node))
        key = data.draw(st.sampled_from(list(keys)))
        if not isinstance(node[key], dict | list) or not node[key] or data.draw(st.booleans()):
            break
        node = node[key]
    node[key] = data.draw(values)
    take_or_format_error(json.dumps(document).encode())


@given(st.integers(0, 10**6), st.integers(0, 20), st.binary(max_size=4))
def test_damaged_text_gives_a_take_or_a_format_error(at: int, removed: int, added: bytes) -> None:
    at %= len(EXAMPLE_TEXT)
    take_or_format_error(EXAMPLE_TEXT[:at] + added + EXAMPLE_TEXT[at + removed :])
    take_or_format_error(EXAMPLE_TEXT[:at])


EXAMPLE_TEXT = written(example()).encode()
EXAMPLE = json.loads(EXAMPLE_TEXT)
