"""What hosts read of journals is what the package reads, damaged lines left out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from mocap_bridge import takes  # type: ignore[import-not-found]
from mocap_bridge.shared import journal  # type: ignore[import-not-found]
from mocap_bridge.takes import take_of  # type: ignore[import-not-found]
from motions import degrees_apart, motions
from reading import GOLDEN, assert_same, moving_people
from recordings import CLOCK, STICK, header, of_motion, random_pose, small

import exporters.journal
from exporters.format import Options
from exporters.journal_lines import EndLine, cast_line, end_line, frame_line, header_line
from mocap.motion import Motion
from mocap.take import Person, Take


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
    (clip,) = take_of(journal.loads(data)).clips
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
    whole = take_of(journal.loads(b"".join(lines))).clips[0]
    lines[5] = damage(lines[5])
    found = take_of(journal.loads(b"".join(lines)))
    assert "1 damaged line was left out (line 6:" in found.notes[0]
    np.testing.assert_array_equal(found.clips[0].root, np.delete(whole.root, 1, axis=0))
