from __future__ import annotations

import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from motions import degrees_apart, millimetres_apart, motions
from motions import standing as at_rest

from exporters import bvh, bvh_text
from exporters.format import FormatWarning, Options
from mocap import rotation
from mocap.arrays import Array
from mocap.errors import FormatError, InvalidValue, OutputError
from mocap.motion import Motion
from mocap.skeleton import Skeleton
from mocap.take import Person, Take

GOLDEN = (Path(__file__).parent / "golden" / "orders.bvh").read_text()
HEAD, REST, MOVED = re.fullmatch(r"(.*)\n(.*)\n(.*)\n", GOLDEN, re.DOTALL).groups()  # type: ignore[union-attr]
EXACT = Options(names="exact")


def read(text: str | bytes, options: Options | None = None) -> Motion:
    data = text.encode() if isinstance(text, str) else text
    motion = bvh.loads(data, options).people[0].motion
    assert motion is not None
    return motion


def written(motion: Motion, options: Options | None = None) -> str:
    return b"".join(bvh.dump(motion, options)).decode()


def numbers(text: str) -> Array:
    rows = text.split("Frame Time:")[1].splitlines()[1:]
    return np.array([[float(word) for word in row.split(" ")] for row in rows])


def standing(frames: int = 3, fps: float = 30.0) -> Motion:
    return at_rest(frames, fps)


# The rotations of the second frame are quarter turns, so the positions follow by hand. With
# e.g. x>y for "x goes to y":
#   Hips   Ry(90)                    x>-z, y>y,  z>x     at (10, 100, 30), from the channels
#   Spine  Rz(90) Rx(90)             x>y,  y>z,  z>x     in the world x>y, y>x, z>-z
#   Arm    Rx(0) Rz(90) Ry(90)       x>-z, y>-x, z>y     in the world x>z, y>-y, z>x
#   Hand   Rz(90)                    x>y,  y>-x, z>z     in the world x>-y
#   Leg    41 below instead of 40, from its channel; Rx(90): -y>-z, in the world -x
POSITIONS = {
    "Hips": (10, 100, 30),
    "Spine": (10, 150, 30),
    "Left Arm": (10, 170, 30),
    "Left Hand": (10, 170, 60),
    "Left Leg": (10, 59, 25),
}
TIPS = {"Left Hand": (10, 160, 60), "Left Leg": (-35, 59, 25)}


def test_positions_derived_by_hand() -> None:
    motion = read(GOLDEN)
    positions, world = motion.fk()
    tips = motion.skeleton.tip_positions(positions, world)
    np.testing.assert_allclose(positions[0], motion.skeleton.rest_positions, atol=1e-12)
    for bone, expected in POSITIONS.items():
        i = motion.skeleton.index(bone)
        np.testing.assert_allclose(positions[1, i] * 100, expected, atol=1e-9, err_msg=bone)
        if bone in TIPS:
            np.testing.assert_allclose(tips[1, i] * 100, TIPS[bone], atol=1e-9, err_msg=bone)
    np.testing.assert_allclose(motion.times, [0.0, 0.04])


DIALECTS = {
    "windows": GOLDEN.replace("\n", "\r\n"),
    "old mac": GOLDEN.replace("\n", "\r"),
    "mixed line ends": GOLDEN.replace("\n", "\r\n", 30),
    "byte order mark": b"\xef\xbb\xbf" + GOLDEN.encode(),
    "tabs": GOLDEN.replace(" 0.0", "\t0.0").replace("Frames: ", "Frames:\t"),
    "spaces": GOLDEN.replace("\t", "   ").replace("0.0 ", "0.0   "),
    "no indent": GOLDEN.replace("\t", ""),
    "blank lines": GOLDEN.replace("\n", "\n \n\n"),
    "brace on the line": re.sub(r"\n\s*{", " {", GOLDEN),
    "no last newline": GOLDEN.rstrip("\n"),
    "upper case": GOLDEN.replace("position", "POSITION").replace("Frame Time", "FRAME TIME"),
    "lower case": re.sub(
        "HIERARCHY|ROOT|JOINT|OFFSET|CHANNELS|.rot", lambda m: m[0].lower(), GOLDEN
    ),
    "no zero": re.sub(r"\b0\.0", ".0", GOLDEN),
    "exponents": GOLDEN.replace("40.0", "4e1").replace("90.0", "9.0E+01"),
    "whole numbers": re.sub(r"\.0\b(?!4)", "", GOLDEN),
    "decimal commas": GOLDEN.replace(".", ","),
    "commas between": re.sub(r"(?<=[\d.]) (?=[-\d])", ", ", GOLDEN),
}


@pytest.mark.parametrize("text", DIALECTS.values(), ids=DIALECTS.keys())
def test_dialects_mean_the_same(text: str | bytes) -> None:
    expected, got = read(GOLDEN), read(text)
    assert got.skeleton.names == expected.skeleton.names
    np.testing.assert_array_equal(got.fk()[0], expected.fk()[0])
    np.testing.assert_array_equal(got.skeleton.tips, expected.skeleton.tips)
    np.testing.assert_array_equal(got.times, expected.times)


def test_latin_1_and_utf_8_names() -> None:
    text = GOLDEN.replace("Spine", "Rückgrat")
    for encoding in ("latin-1", "utf-8"):
        assert read(text.encode(encoding)).skeleton.names[1] == "Rückgrat"


def test_names_used_twice_are_told_apart() -> None:
    with pytest.warns(FormatWarning, match="'Hips' is used twice .* 'Hips_2'"):
        names = read(GOLDEN.replace("JOINT Spine", "JOINT Hips")).skeleton.names
    assert names[:2] == ("Hips", "Hips_2")


def test_end_sites() -> None:
    without = re.sub(r"End Site\s*{[^}]*}", "", GOLDEN)
    assert np.isnan(read(without).skeleton.tips).all()
    beside_a_joint = GOLDEN.replace("\tJOINT Spine", "End Site { \n OFFSET 1 2 3 \n }\nJOINT Spine")
    np.testing.assert_allclose(read(beside_a_joint).skeleton.tips[0], [0.01, 0.02, 0.03])


def test_repeated_offsets_are_no_translations() -> None:
    assert read(GOLDEN).translations is not None
    assert read(GOLDEN.replace("-41.0", "-40.0")).translations is None


def test_root_stays_at_its_offset_without_channels() -> None:
    text = GOLDEN.replace("6 Zposition Xposition Yposition", "3")
    text = re.sub(r"^(\S+ ){3}(?=\S+ \S+ \S+ \S+ \S+)", "", text, flags=re.MULTILINE)
    motion = read(text)
    np.testing.assert_allclose(motion.root, [[0, 0.9, 0]] * 2)
    np.testing.assert_allclose(motion.rotations, read(GOLDEN).rotations)


def test_every_root_is_a_person() -> None:
    hierarchy, head = HEAD.split("MOTION")
    twice = hierarchy + hierarchy.replace("HIERARCHY", "").replace("Hips", "Pelvis")
    take = bvh.loads(f"{twice}MOTION{head}\n{REST} {MOVED}\n{MOVED} {REST}".encode())
    first, second = (p.motion for p in take.people)
    assert first is not None
    assert second is not None
    assert [p.id for p in take.people] == [0, 1]
    assert (first.skeleton.names[0], second.skeleton.names[0]) == ("Hips", "Pelvis")
    np.testing.assert_array_equal(first.fk()[0], second.fk()[0][::-1])


def test_unit() -> None:
    text = written(standing(), Options(unit="m"))
    np.testing.assert_allclose(read(text, Options(unit="m")).root, standing().root)
    with pytest.warns(FormatWarning, match="0.0177 m large if the unit is 'cm'"):
        read(text)
    with pytest.warns(FormatWarning, match="177 m large if the unit is 'm'"):
        read(written(standing()), Options(unit="m"))


def test_wrong_number_of_frames_is_repaired() -> None:
    for said in (1, 3, 999_999_999):
        with pytest.warns(FormatWarning, match=f"says {said} frames but the file has 2"):
            assert len(read(GOLDEN.replace("Frames: 2", f"Frames: {said}"))) == 2


@pytest.mark.parametrize(
    "end", [" 90.0\n", "0.0 -41.0 90.0\n", " " + MOVED.split(" ", 1)[1] + "\n"]
)
def test_last_row_cut_short_is_dropped(end: str) -> None:
    with pytest.warns(FormatWarning, match="2, the last one cut short; using the 1 complete"):
        assert len(read(GOLDEN.removesuffix(end))) == 1


def test_file_without_frames_gives_the_rest_pose() -> None:
    text = GOLDEN.split("Frames:")[0] + "Frames: 0\nFrame Time: 0.04\n"
    motion = read(text)
    assert len(motion) == 1
    np.testing.assert_allclose(motion.fk()[0][0], motion.skeleton.rest_positions)


FAULTS = {
    "empty": ("", 1, "no ROOT"),
    "another format": ("solid cube\nfacet", 1, "unexpected 'solid cube'"),
    "short row": (f"{HEAD}\n{REST[:-4]}\n{MOVED}", 38, "expected 15 numbers.*got 14"),
    "long row": (f"{HEAD}\n{REST} 0\n{MOVED}", 38, "expected 15 numbers.*got 16"),
    "no complete row": (f"{HEAD}\n{REST[:-10]}", 38, "expected 15 numbers.*got 13"),
    "word in a row": (f"{HEAD}\n{REST[:-3]}abc\n{MOVED}", 38, "a number, got 'abc'"),
    "nan in a row": (GOLDEN.replace("-41.0", "nan"), 39, "a number up to 1e.12, got 'nan'"),
    "infinity": (GOLDEN.replace("-41.0", "1e999"), 39, "got '1e999'"),
    "windows nan": (GOLDEN.replace("-41.0", "-1.#IND"), 39, "got '-1.#IND'"),
    "two points": (GOLDEN.replace("-41.0", "4.1.0"), 39, "got '4.1.0'"),
    "no frame time": (GOLDEN.replace("Frame Time: 0.04\n", ""), 37, "expected 'Frame Time:'"),
    "zero frame time": (GOLDEN.replace("0.04", "0"), 37, "expected a frame time .* got 0"),
    "negative frame time": (GOLDEN.replace("0.04", "-0.04"), 37, "got -0.04"),
    "frame time in words": (GOLDEN.replace("0.04", "fast"), 37, "a number, got 'fast'"),
    "no frame count": (GOLDEN.replace("Frames: 2\n", ""), 36, "expected 'Frames:'.*Frame Time"),
    "negative frame count": (GOLDEN.replace("Frames: 2", "Frames: -2"), 36, "got '-2'"),
    "endless frame count": (GOLDEN.replace("Frames: 2", "Frames: " + "9" * 5000), 36, "frames"),
    "no motion": (GOLDEN.split("MOTION")[0], 35, "the file ends before MOTION$"),
    "ends inside": (GOLDEN[: GOLDEN.index("JOINT Left Leg")], 25, "inside joint 'Hips'"),
    "not closed": (GOLDEN.replace("}\nMOTION", "MOTION"), 34, "'MOTION' inside joint 'Hips'"),
    "closed twice": (GOLDEN.replace("}\nMOTION", "}\n}\nMOTION"), 35, "'}' outside of any joint"),
    "no brace": (GOLDEN.replace("ROOT Hips\n{", "ROOT Hips\n"), 4, "expected '{', got 'OFFSET"),
    "two braces": (GOLDEN.replace("ROOT Hips\n{", "ROOT Hips\n{{"), 3, "unexpected '{'"),
    "no name": (GOLDEN.replace("ROOT Hips", "ROOT"), 2, "unexpected 'ROOT'"),
    "joint for root": (GOLDEN.replace("ROOT", "JOINT"), 2, "outside of any joint"),
    "joint in an end site": (
        GOLDEN.replace("OFFSET 10.0 0.0 0.0", "JOINT x"),
        20,
        "inside the End Site of 'Left Hand'",
    ),
    "no offset": (GOLDEN.replace("\t\tOFFSET 0.0 50.0 0.0\n", ""), 23, "'Spine' has no OFFSET"),
    "offset of two": (GOLDEN.replace("0.0 50.0 0.0", "0.0 50.0"), 8, "OFFSET with 3 .* got 2"),
    "offset of words": (GOLDEN.replace("0.0 50.0 0.0", "a b c"), 8, "a number, got 'a'"),
    "infinite offset": (GOLDEN.replace("0.0 50.0 0.0", "0 1e308 0"), 8, "got '1e308'"),
    "channel count": (GOLDEN.replace("3 Zrot", "4 Zrot"), 9, "CHANNELS says '4' and names 3"),
    "no channel count": (GOLDEN.replace("3 Zrot", "Zrot"), 9, "CHANNELS says 'Zrotation'"),
    "unknown channel": (GOLDEN.replace("3 Zrot", "3 Wrot"), 9, "channel such as .*'Wrotation'"),
    "channel twice": (GOLDEN.replace("3 Zrot", "3 Yrot"), 9, "named twice"),
}


@pytest.mark.parametrize(("text", "line", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_faults_name_the_line(text: str, line: int, message: str) -> None:
    with pytest.raises(FormatError, match=message) as caught:
        read(text)
    assert caught.value.line == line


def test_faults_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "broken.bvh"
    with pytest.raises(FormatError, match=r"broken.bvh: cannot read: No such file"):
        bvh.read(path, Options())
    path.write_text("HIERARCHY\nfoo")
    with pytest.raises(FormatError, match=r"broken.bvh: line 2: unexpected 'foo'"):
        bvh.read(path, Options())


def test_thousands_of_joints_deep() -> None:
    depth = 3000
    text = "ROOT a\n{\nOFFSET 0 0.01 0\n" + "".join(
        f"JOINT b{i} {{\nOFFSET 0 0.01 0\nCHANNELS 0\n" for i in range(depth)
    )
    text += "}" * (depth + 1) + "\nMOTION\nFrames: 0\nFrame Time: 1"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FormatWarning)
        motion = read(text)
        assert len(motion.skeleton) == depth + 1
        assert read(written(motion)).skeleton.names == motion.skeleton.names


snippets = st.sampled_from(
    ["{", "}", "\n", " ", "ROOT x", "JOINT", "End Site", "OFFSET", "CHANNELS 3", "Xrotation"]
) | st.sampled_from(
    ["MOTION", "Frames:", "-", "e", "0", ",", "1e400", "nan", "1_0", "\x00", "\r", "\ufeff", "\x85"]
)
edits = st.lists(
    st.tuples(st.integers(0, len(GOLDEN)), st.integers(0, 30), snippets | st.text(max_size=5)),
    min_size=1,
    max_size=4,
)


def take_or_format_error(data: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FormatWarning)
        try:
            take = bvh.loads(data)
            for person in take.people:
                assert person.motion is not None
                assert np.isfinite(person.motion.fk()[0]).all()
        except FormatError:
            pass


@given(st.binary())
def test_any_bytes_give_a_take_or_a_format_error(data: bytes) -> None:
    take_or_format_error(data)
    take_or_format_error(b"HIERARCHY\nROOT a\n{\n" + data)
    take_or_format_error(GOLDEN.encode().replace(b"90.0", data))


@given(edits)
def test_damaged_text_gives_a_take_or_a_format_error(changes: list[tuple[int, int, str]]) -> None:
    text = GOLDEN
    for at, removed, added in changes:
        text = text[:at] + added + text[at + removed :]
    take_or_format_error(text.encode("utf-8", "surrogatepass"))


@given(motions())
def test_round_trip(motion: Motion) -> None:
    for options in (EXACT, Options(), Options(unit="m")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FormatWarning)  # sizes are random too
            back = read(written(motion, options), options)
        # the file keeps the bones depth first
        names = bvh_text.safe_names(motion.skeleton.names, exact=options is EXACT)
        order = [names.index(name) for name in back.skeleton.names]
        assert sorted(order) == list(range(len(names)))
        assert millimetres_apart(back.fk()[0], motion.fk()[0][:, order]) < 0.01
        assert degrees_apart(back.rotations, motion.rotations[:, order]) < 1e-4
        assert np.abs(back.times - motion.times).max() < 1e-8
        tips, expected = back.skeleton.tips, motion.skeleton.tips[order]
        last = [not children for children in back.skeleton.children]
        known = last & np.isfinite(expected).all(axis=1)
        assert millimetres_apart(tips[known], expected[known]) < 0.01
        assert np.isfinite(tips).all(axis=1).tolist() == last


@given(st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=8))
def test_numbers_are_formatted_as_python_does(millionths: list[int]) -> None:
    values = np.array([millionths, millionths[::-1]]) / 1e6
    rows = [" ".join(f"{x + 0.0:.6f}" for x in row) for row in values]
    expected = "".join(f"{row}\n" for row in rows)
    assert b"".join(bvh_text.format_rows(values)).decode() == expected


def test_what_rounds_to_zero_has_no_sign() -> None:
    assert b"".join(bvh_text.format_rows(np.array([[-1e-9, -0.0]]))) == b"0.000000 0.000000\n"


def test_many_rows_are_formatted_in_order() -> None:
    values = np.random.default_rng(1).normal(0, 200, (1000, 50))
    text = b"".join(bvh_text.format_rows(values)).decode()
    np.testing.assert_allclose(np.loadtxt(text.splitlines()), values, atol=5.1e-7)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e10])
def test_numbers_that_cannot_be_written(value: float) -> None:
    with pytest.raises(InvalidValue, match="expected finite numbers up to 1e"):
        list(bvh_text.format_rows(np.array([[value]])))


def test_layout_of_the_written_file() -> None:
    text = written(standing())
    assert text.startswith("HIERARCHY\nROOT hips\n{\n\tOFFSET 0.000000 93.000000 0.000000\n")
    six = "CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation"
    assert text.count("CHANNELS") == 22
    assert text.count("CHANNELS 3 Zrotation Xrotation Yrotation") == 21
    assert text.count(six) == 1
    assert text.count("End Site") == 5
    assert "\nFrames: 3\nFrame Time: 0.03333333333\n0.000000 93.000000 0.000000 " in text
    assert "-0.000000" not in text
    assert numbers(text).shape == (3, 6 + 3 * 21)


def test_moving_bones_have_six_channels() -> None:
    motion = read(GOLDEN)
    text = written(motion)
    assert text.count("CHANNELS 6 Xposition Yposition Zposition") == len(motion.skeleton)
    np.testing.assert_allclose(read(text).fk()[0], motion.fk()[0], atol=1e-8)


def test_spin_is_written_without_flips() -> None:
    still = standing(frames=200)
    turns = rotation.axis_angle([0.0, 1.0, 0.0], np.linspace(0, 6 * np.pi, 200))
    rotations = still.rotations.copy()
    rotations[:, 0] = turns
    motion = Motion(still.skeleton, still.times, still.root, rotations)
    rows = numbers(written(motion))
    assert np.abs(np.diff(rows, axis=0)).max() < 6
    assert rows[-1, 5] == pytest.approx(1080)


def test_bones_without_a_known_end_get_one() -> None:
    body = Skeleton(("a", "b"), np.array([-1, 0]), np.array([[0, 1.0, 0], [0.8, 0, 0]]))
    motion = Motion(body, np.zeros(1), body.offsets[:1], rotation.identity(1, 2))
    np.testing.assert_allclose(read(written(motion)).skeleton.tips[1], [0.05, 0, 0])
    alone = Skeleton(("a",), np.array([-1]), np.zeros((1, 3)))
    motion = Motion(alone, np.zeros(1), np.zeros((1, 3)), rotation.identity(1, 1))
    with pytest.warns(FormatWarning, match=r"0.05 m large"):
        np.testing.assert_allclose(read(written(motion)).skeleton.tips[0], [0, 0.05, 0])


def test_uneven_times_are_resampled() -> None:
    still = standing(frames=31)
    root = np.stack([still.times, still.times * 0, still.times * 0], axis=1)
    uneven = still.times + 0.01 * np.sin(np.arange(31))
    motion = Motion(
        still.skeleton, uneven, root + 0.01 * np.sin(np.arange(31))[:, None], still.rotations
    )
    back = read(written(motion, Options(fps=50)))
    np.testing.assert_allclose(np.diff(back.times), 0.02)
    np.testing.assert_allclose(back.root[:, 0] - back.root[0, 0], back.times, atol=1e-6)
    assert read(written(motion)).fps == pytest.approx(motion.fps)


def test_even_times_are_written_as_they_are() -> None:
    still = standing(frames=31)
    root = np.random.default_rng(0).normal(size=(31, 3))
    jittered = still.times + 1e-4 * np.sin(np.arange(31) * np.pi / 3)
    motion = Motion(still.skeleton, jittered, root, still.rotations)
    for options in (Options(), Options(fps=30)):
        np.testing.assert_allclose(read(written(motion, options)).root, root, atol=1e-8)
    assert len(read(written(motion, Options(fps=60)))) == 61


def test_take_without_frames() -> None:
    empty = standing()[:0]
    assert len(read(written(empty))) == 1
    assert "Frames: 0\n" in written(empty)


def test_safe_names() -> None:
    names = ["mixamorig:Hips", "Rückgrat", "2nd", "left arm", "left.arm", "腰", "", "ok_1"]
    assert bvh_text.safe_names(names) == [
        *("mixamorig_Hips", "Ruckgrat", "_2nd", "left_arm", "left_arm_2", "_", "bone", "ok_1")
    ]
    assert bvh_text.safe_names([" a{b}\n", "腰", "\ud800"], exact=True) == ["a_b__", "腰", "_"]


@given(st.lists(st.text(max_size=4), max_size=6), st.booleans())
def test_names_are_always_unique(names: list[str], exact: bool) -> None:
    made = bvh_text.safe_names(names, exact=exact)
    assert len(set(made)) == len(names)
    assert exact or all(re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) for name in made)
    assert bvh_text.safe_names(made, exact=exact) == made


def test_a_file_for_each_person(tmp_path: Path) -> None:
    one, two = Person(3, standing(2)), Person(5, standing(4))
    assert bvh.write(Take((one,)), tmp_path / "a.bvh", Options()) == [tmp_path / "a.bvh"]
    files = bvh.write(Take((one, two)), tmp_path / "b.bvh", Options())
    assert [f.name for f in files] == ["b.person3.bvh", "b.person5.bvh"]
    counts = [len(p.motion or []) for f in files for p in bvh.read(f, Options()).people]
    assert counts == [2, 4]
    assert sorted(f.name for f in tmp_path.iterdir()) == ["a.bvh", *(f.name for f in files)]


def test_nobody_to_write(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="nobody in the take has a solved motion"):
        bvh.write(Take(()), tmp_path / "a.bvh", Options())
    assert not list(tmp_path.iterdir())
