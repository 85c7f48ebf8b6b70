"""Journals: what is written is read, bit for bit, and of what is damaged all that is whole."""

from __future__ import annotations

import io
import json
import tempfile
import tracemalloc
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import Command
from hypothesis import given
from hypothesis import strategies as st
from motions import motions
from recordings import (
    CLOCK,
    PAIR,
    STICK,
    golden,
    header,
    of_motion,
    random_pose,
    same_pose,
    sighting,
    small,
)

import exporters
from exporters import FormatWarning, journal_people, json_take
from exporters.journal import Journal, load, summary
from exporters.journal_decode import Decoder, read_header
from exporters.journal_lines import (
    CastLine,
    EndLine,
    FrameLine,
    Line,
    NoteLine,
    cast_line,
    end_line,
    frame_line,
    header_line,
    note_line,
    seen_line,
)
from mocap.errors import FormatError, InvalidValue
from mocap.landmarks import Observation
from mocap.motion import Motion, TrackState
from mocap.take import Take
from mocap.takes.replay import replay

GOLDEN = Path(__file__).parent / "golden" / "journal"


def take_of(data: bytes | list[bytes]) -> tuple[Take, str | None]:
    return load(io.BytesIO(data if isinstance(data, bytes) else b"".join(data)))


def frames_of(data: bytes) -> list[FrameLine]:
    return [line for line in Journal(io.BytesIO(data)) if isinstance(line, FrameLine)]


def motion_of(take: Take, person: int = 0) -> Motion:
    motion = take.person(person).motion
    assert motion is not None
    return motion


@given(motions(st.sampled_from(["hips", "leftFoot", "head", "x", "y", "z", "ä", "\u2028"])))
def test_poses_come_back_bit_for_bit(motion: Motion) -> None:
    lines = of_motion(motion)
    got = frames_of(b"".join(lines))
    for line, pose in zip(got, motion, strict=True):
        assert line.t == CLOCK + pose.t
        same_pose(line.people[0], pose)
    take, loss = take_of(lines)
    assert loss is None
    back = motion_of(take)
    assert back.skeleton.names == motion.skeleton.names
    assert back.skeleton.offsets.tobytes() == motion.skeleton.offsets.tobytes()
    for attribute in ("root", "rotations", "confidence", "state"):
        np.testing.assert_array_equal(getattr(back, attribute), getattr(motion, attribute))
    np.testing.assert_array_equal(
        back.fk()[0], motion.skeleton.fk(motion.root, motion.rotations, motion.translations)[0]
    )


def test_every_kind_of_line_comes_back() -> None:
    seen = Observation(13.0, (sighting(1), sighting(2, person=4)))
    decode = Decoder(header(PAIR))

    def back(line: bytes) -> Line | None:
        assert line.endswith(b"\n")
        assert line.count(b"\n") == 1
        return decode(line)

    cast = back(cast_line({2: STICK, 5: STICK}, 29.97))
    assert isinstance(cast, CastLine)
    assert (list(cast.people), cast.fps) == ([2, 5], 29.97)
    assert back(note_line("ça va\n\u2028")) == NoteLine("ça va\n\u2028")
    assert back(end_line(EndLine(3, 0.1, (2, 5)))) == EndLine(3, 0.1, (2, 5))
    assert back(b'{"weather":"fine"}\n') is None
    got = back(seen_line(seen))
    assert isinstance(got, Observation)
    for a, b in zip(got.people, seen.people, strict=True):
        assert (got.t, a.layout, a.person) == (13.0, PAIR, b.person)
        assert a.world is not None
        assert b.world is not None
        np.testing.assert_allclose(a.image, b.image, atol=5.1e-3)
        np.testing.assert_allclose(a.world, b.world, atol=5.1e-5)
        np.testing.assert_allclose(a.confidence, b.confidence, atol=5.1e-4)


def test_the_header_comes_back() -> None:
    told = header(PAIR, note="a\nb", made={"camera": {"fov": 60.0}})
    assert read_header(header_line(told)) == told
    assert told.utc(CLOCK + 1.5).isoformat() == "2026-11-21T14:03:03.623000+00:00"


def test_what_json_cannot_hold_is_refused_at_the_beginning() -> None:
    with pytest.raises(InvalidValue, match="made"):
        header_line(header(made={"a": {1, 2}}))
    with pytest.raises(InvalidValue, match="made"):
        header_line(header(made={"a": float("nan")}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "mocap-take"}, "not a journal"),
        ({"version": 2}, "newer version"),
        ({"version": True}, "version"),
        ({"unit": "cm"}, "unit"),
        ({"axes": {}}, "axes"),
        ({"started": "yesterday"}, "started: expected a date"),
        ({"started": "2026-13-21T14:03:02Z"}, "started"),
        ({"clock": "now"}, "clock"),
        ({"clock": 10**400}, "clock"),
        ({"size": [0, 480]}, "size"),
        ({"points": ["a", "a"]}, "points"),
        ({"lines": [["a", "c"]]}, "lines"),
        ({"made": []}, "made"),
        ({"name": None}, "name"),
    ],
)
def test_a_header_that_is_none(change: dict[str, Any], message: str) -> None:
    told = {**json.loads(small()[0]), **change}
    with pytest.raises(FormatError, match=message) as raised:
        take_of(json.dumps(told).encode())
    assert raised.value.line == 1


# -- the take


def test_the_golden_journal_is_what_is_written_today() -> None:
    assert (GOLDEN / "dance.jsonl").read_bytes() == b"".join(golden())


def test_the_golden_journal_is_read_as_the_golden_take() -> None:
    take = exporters.read(GOLDEN / "dance.jsonl")
    assert "".join(json_take.dump(take)) == (GOLDEN / "dance.json").read_text("ascii")


def test_the_golden_journal_that_was_cut_off() -> None:
    with pytest.warns(FormatWarning, match=r"1 damaged line .* cut off"):
        take = exporters.read(GOLDEN / "cut.jsonl")
    assert [p.id for p in take.people] == [0, 3]
    assert take.made["recording"]["complete"] is False


def test_times_begin_at_zero_and_the_date_of_that_is_told() -> None:
    late = 0.125  # the first frame came so long after the recording was begun
    lines = [header_line(header()), cast_line({0: STICK}, 30.0)]
    lines += [frame_line(7 + i, CLOCK + late + i / 4, [(0, random_pose(i, 2))]) for i in range(3)]
    take, loss = take_of(lines)
    np.testing.assert_array_equal(motion_of(take).times, [0.0, 0.25, 0.5])
    assert take.made["source"] == "webcam"
    assert take.made["recording"] == {
        "name": "dance",
        "note": "second try",
        "started": "2026-11-21T14:03:02.248Z",
        "clock": CLOCK + late,
        "complete": False,
        "notes": [],
    }
    assert loss == "the recording was cut off; what is whole was read"


def test_people_who_come_and_go_share_a_time_line() -> None:
    lines = [header_line(header(PAIR)), cast_line({1: STICK, 2: STICK}, 10.0)]
    here = {1: [2, 3, 4, 12, 13], 2: list(range(20))}  # frames in which each is
    for i in range(20):
        posed = [(p, random_pose(i, 2)) for p in here if i in here[p]]
        lines.append(seen_line(Observation(i / 10, tuple(sighting(i, person=p) for p, _ in posed))))
        lines.append(frame_line(i, i / 10, posed))
    take, _ = take_of(lines)
    one, two = (motion_of(take, p) for p in (1, 2))
    np.testing.assert_array_equal(one.times, two.times)
    lost, held = TrackState.LOST, TrackState.HELD
    own = [random_pose(i, 2).state for i in range(20)]
    expected = [lost, lost, *own[2:5], *[held] * 5, lost, lost, *own[12:14], *[held] * 5, lost]
    assert one.state.tolist() == expected
    for frame, kept in ((0, 2), (7, 4), (11, 4), (19, 13)):
        np.testing.assert_array_equal(one.root[frame], random_pose(kept, 2).root)
        np.testing.assert_array_equal(one.rotations[frame], random_pose(kept, 2).rotations)
        assert not one.confidence[frame].any()
        assert not one.contacts["leftFoot"][frame]
    track = take.person(1).landmarks
    assert track is not None
    assert np.flatnonzero(track.present).tolist() == here[1]
    assert np.isnan(track.image[~track.present]).all()
    assert not track.confidence[~track.present].any()


def test_a_frame_without_poses_repeats_the_one_before() -> None:
    # seen three times, solved twice: with look-ahead, the last poses never come
    lines = [header_line(header(PAIR)), cast_line({0: STICK}, 30.0)]
    lines += [seen_line(Observation(t, (sighting(0),))) for t in (1.0, 1.1, 1.2)]
    lines += [frame_line(i, t, [(0, random_pose(i, 2))]) for i, t in enumerate((1.0, 1.1))]
    take, _ = take_of(lines)
    motion, track = motion_of(take), take.people[0].landmarks
    assert track is not None
    np.testing.assert_array_equal(motion.times, track.times)
    assert motion.state[2] == TrackState.HELD
    np.testing.assert_array_equal(motion.root[2], motion.root[1])


def test_a_skeleton_that_settles_counts_from_the_beginning() -> None:
    lines = [header_line(header()), cast_line({0: STICK}, 30.0)]
    lines += [frame_line(0, 1.0, [(0, random_pose(0, 2))])]
    lines += [cast_line({0: STICK.scaled(2.0)}, 30.0)]
    lines += [frame_line(1, 2.0, [(0, random_pose(1, 2))])]
    motion = motion_of(take_of(lines)[0])
    np.testing.assert_array_equal(motion.skeleton.offsets, STICK.offsets * 2)
    # with longer legs they stand higher, on the same floor
    longer = STICK.offsets[0] * [0.0, 1.0, 0.0]
    np.testing.assert_allclose(motion.root[0], random_pose(0, 2).root + longer, atol=1e-12)
    np.testing.assert_array_equal(motion.root[1], random_pose(1, 2).root)


def test_whoever_was_never_really_seen_is_left_out() -> None:
    nothing = sighting(0, person=9)
    nothing = replace(nothing, image=nothing.image * np.nan)
    lines = [header_line(header(PAIR)), seen_line(Observation(1.0, (sighting(1), nothing)))]
    assert [p.id for p in take_of(lines)[0].people] == [0]


def test_an_empty_recording_is_an_empty_take() -> None:
    take, loss = take_of(small(0))
    assert (take.people, loss) == ((), None)


def test_what_only_some_frames_tell() -> None:
    """Translations and contacts that come with later frames alone."""
    lines = [header_line(header()), cast_line({0: STICK}, 30.0)]
    poses = [replace(random_pose(0, 2), contacts={}), random_pose(1, 2, moving=True)]
    lines += [frame_line(i, float(i), [(0, p)]) for i, p in enumerate(poses)]
    motion = motion_of(take_of(lines)[0])
    assert motion.translations is not None
    np.testing.assert_array_equal(motion.translations[0], STICK.offsets)
    assert poses[1].translations is not None
    np.testing.assert_array_equal(motion.translations[1], poses[1].translations)
    assert motion.contacts["leftFoot"].tolist() == [False, poses[1].contacts["leftFoot"]]


def test_a_time_line_too_long_for_everyone(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [header_line(header()), cast_line({0: STICK, 1: STICK}, 30.0)]
    lines += [frame_line(i, float(i), [(int(i > 5), random_pose(i, 2))]) for i in range(10)]
    monkeypatch.setattr(journal_people, "ROOM", 0)
    take, _ = take_of(lines)
    np.testing.assert_array_equal(motion_of(take, 0).times, np.arange(6))
    np.testing.assert_array_equal(motion_of(take, 1).times, np.arange(6, 10))
    np.testing.assert_array_equal(motion_of(take, 1).root[0], random_pose(6, 2).root)
    monkeypatch.setattr(journal_people, "MOST_ROOM", 0)
    with pytest.raises(FormatError, match="GiB"):
        take_of(lines)


def test_hours_are_read_without_keeping_their_json() -> None:
    pose, seen = random_pose(0, 2), sighting(0)

    class Endless(io.RawIOBase):
        """A journal made while it is read, so that it takes no memory itself."""

        def __init__(self, frames: int) -> None:
            self._lines = self._made(frames)

        def _made(self, frames: int) -> Any:
            yield from small(0)[:2]
            for i in range(frames):
                yield seen_line(Observation(i / 30, (seen,)))
                yield frame_line(i, i / 30, [(0, pose)])

        def readline(self, size: int | None = -1, /) -> bytes:
            return next(self._lines, b"")

    def peak(frames: int) -> int:
        tracemalloc.start()
        take, _ = load(Endless(frames))  # type: ignore[arg-type]
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert len(motion_of(take)) == frames
        return most

    peak(10)  # what is loaded once
    row = 8 * (3 + 2 * 5 + 2 * 6 + 2)  # numbers of a frame, in a take
    growth = peak(4000) - peak(2000)
    assert growth < 2000 * (3 * row + 100)


# -- damage


def test_cut_off_anywhere() -> None:
    lines = small()
    data = b"".join(lines)
    expected = frames_of(data)
    ends = np.cumsum([len(line) for line in lines])
    is_frame = [line.startswith(b'{"frame"') for line in lines]
    for size in range(len(data)):
        if size < len(lines[0]) - 1:
            with pytest.raises(FormatError):
                take_of(data[:size])
            continue
        take, loss = take_of(data[:size])
        # a line that lacks but its end is whole
        whole = sum(f and end - 1 <= size for f, end in zip(is_frame, ends, strict=True))
        got = frames_of(data[:size])
        assert len(got) == whole
        for a, b in zip(got, expected, strict=False):
            same_pose(a.people[0], b.people[0])
        assert (loss is None) == (size >= len(data) - 1)
        assert sum(len(p.motion or ()) > 0 for p in take.people) == (whole > 0)


@pytest.mark.parametrize(
    "damage",
    [
        lambda line: line[:20] + b"\n",
        lambda line: b"\0" * len(line) + b"\n",
        lambda line: b"\xff\xfe garbage\n",
        lambda line: b"[" * 100_000 + b"\n",
        lambda line: b'{"frame":' * 5000 + b"\n",
        lambda line: b"9" * 10_000 + b"\n",
        lambda line: line.replace(b'"id":0', b'"id":7'),
        lambda line: line.replace(b'"id":0', b'"id":-1'),
        lambda line: line.replace(b'"t":12', b'"t":1e999, "_":1'),
        lambda line: line.replace(b'"t":12', b'"t":11'),
        lambda line: line.replace(b'"rotations":[', b'"rotations":[1,'),
        lambda line: line.replace(b'"rotations":[', b'"rotations":[1e200,1e200,1e200,1e200],"_":['),
        lambda line: line.replace(b'"root":[', b'"root":[NaN,'),
        lambda line: line.replace(b'"leftFoot"', b'"tail"'),
        lambda line: line.replace(b'"state":"', b'"state":"un'),
        lambda line: line.replace(b'"confidence":[', b'"confidence":[1.5],"_":['),
    ],
)
def test_a_damaged_line_takes_no_other_with_it(damage: Callable[[bytes], bytes]) -> None:
    lines = small()
    at = 5  # the second frame
    whole = frames_of(b"".join(lines))
    broken = [*lines[:at], damage(lines[at]), *lines[at + 1 :]]
    assert broken != lines
    got = frames_of(b"".join(broken))
    assert [f.seq for f in got] == [0, 2, 3]
    same_pose(got[1].people[0], whole[2].people[0])
    _, loss = take_of(broken)
    assert loss is not None
    assert loss.startswith("1 damaged line was left out (line 6: ")
    assert "cut off" not in loss


def test_zeros_after_a_power_failure() -> None:
    lines = small()
    take, loss = take_of(b"".join(lines[:-1]) + b"\0" * 5000)
    assert len(motion_of(take)) == 4
    assert loss is not None
    # a file system may also keep the lines and pad before what was written next
    take, loss = take_of([*lines[:5], b"\0" * 700 + lines[5], *lines[6:]])
    assert (len(motion_of(take)), loss) == (4, None)


def test_a_line_too_long_for_any_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exporters.journal.LONGEST_LINE", 2000)
    lines = small()
    take, loss = take_of([*lines[:4], b"[" * 9000 + b"\n", *lines[4:]])
    assert len(motion_of(take)) == 4
    assert loss is not None
    assert loss.startswith("1 damaged line")


def test_other_bones_in_the_middle_leave_what_came_before() -> None:
    other = STICK.replace(names=("hips", "head"))
    lines = small()
    cut = len(lines) - 3
    take, loss = take_of([*lines[:cut], cast_line({0: other}, 30.0), *lines[cut:]])
    assert motion_of(take).skeleton.names == STICK.names
    assert (motion_of(take).state[3], loss is None) == (TrackState.HELD, False)


@given(st.data())
def test_bytes_of_any_kind_are_survived(data: st.DataObject) -> None:
    whole = b"".join(small(2))
    broken = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(broken)))
        gone = data.draw(st.sampled_from([0, 1, 3, 400]))
        broken[at : at + gone] = data.draw(
            st.binary(max_size=8) | st.sampled_from([b"\n", b"\0" * 50, b'"', b"}", b"9" * 400])
        )
    survives(bytes(broken))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(2**62, 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([1e308, -1e308, 10**400, 0, -1])
    | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(st.data())
def test_values_of_any_kind_are_survived(data: st.DataObject) -> None:
    lines = [json.loads(line) for line in small(2)]
    for _ in range(data.draw(st.integers(1, 3))):
        at: Any = lines[data.draw(st.integers(0, len(lines) - 1))]
        while True:
            keys = list(at) if isinstance(at, dict) else list(range(len(at)))
            if not keys:
                break
            key = data.draw(st.sampled_from(keys))
            inside = isinstance(at[key], dict | list)
            if inside and data.draw(st.integers(0, 4)):
                at = at[key]
                continue
            at[key] = data.draw(JSON)
            break
    survives(b"".join(json.dumps(line).encode() + b"\n" for line in lines))


def survives(data: bytes) -> None:
    """Assert that a journal is read, glanced at and played, or refused as it should be."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.jsonl"
        path.write_bytes(data)
        with suppress(FormatError):
            assert summary(path).people >= 0
        with suppress(FormatError), warnings.catch_warnings():
            warnings.simplefilter("ignore", FormatWarning)
            for _ in replay(path):
                pass
    try:
        take, _ = take_of(data)
    except FormatError:
        return
    for person in take.people:
        if person.motion is not None:
            assert np.isfinite(person.motion.fk()[0]).all()
    "".join(json_take.dump(take))


# -- as a file


def test_a_file_that_is_none(tmp_path: Path) -> None:
    for name, content in (("empty", b""), ("zeros", b"\0" * 100), ("text", b"hello\nyou\n")):
        path = tmp_path / f"{name}.jsonl"
        path.write_bytes(content)
        for reading in (exporters.read, summary):
            with pytest.raises(FormatError, match=name):
                reading(path)
    for reading in (exporters.read, summary):
        with pytest.raises(FormatError, match="cannot read"):
            reading(tmp_path / "missing.jsonl")
        folder = tmp_path / "folder.jsonl"
        folder.mkdir(exist_ok=True)
        with pytest.raises(FormatError, match="cannot read"):
            reading(folder)


def test_journals_are_only_read(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="can be read, not written"):
        exporters.writable_format_of(tmp_path / "a.jsonl")


@pytest.mark.parametrize(("lines", "complete"), [(slice(None), True), (slice(-1), False)])
def test_a_summary_looks_at_both_ends_alone(
    tmp_path: Path, lines: slice, complete: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(small(40)[lines]))
    monkeypatch.setattr("exporters.journal.ENDS", 2000)
    found = summary(path)
    assert found.seconds == pytest.approx(39 / 30)
    assert (found.people, found.complete, found.header.name) == (1, complete, "dance")


def test_a_recording_is_solved_again(tmp_path: Path, command: Command) -> None:
    from pretend import landmarks_of, somebody

    track = somebody(30)
    lines = [header_line(header())]
    for t in track.times.tolist():
        lines.append(seen_line(Observation(CLOCK + t, tuple(landmarks_of(track, t)))))
    path, out = tmp_path / "a.jsonl", tmp_path / "a.json"
    path.write_bytes(b"".join(lines))
    done = command("solve", path, "-o", out, "--height", 1.8)
    assert done.status == 0
    assert "cut off" in done.err
    solved = exporters.read(out)
    assert solved.made["recording"]["name"] == "dance"
    assert motion_of(solved).skeleton.height == pytest.approx(1.8)
    assert len(motion_of(solved)) == 30
    assert command("convert", out, tmp_path / "b.bvh").status == 0
    assert command("report", out).status == 0
