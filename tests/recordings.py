"""Small recordings for tests: their values, and their bytes as journals."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone

import numpy as np

from exporters.journal_lines import (
    EndLine,
    FrameLine,
    Header,
    cast_line,
    end_line,
    frame_line,
    header_line,
    note_line,
    seen_line,
)
from mocap import rotation, skeletons
from mocap.landmarks import MEDIAPIPE_POSE, Landmarks, Layout, Observation
from mocap.motion import Motion, Pose, TrackState
from mocap.skeleton import Skeleton

STARTED = datetime(2026, 11, 21, 14, 3, 2, 123000, tzinfo=timezone.utc)
CLOCK = 12.25
PAIR = Layout("pair", ("a", "b"), (("a", "b"),))
STICK = Skeleton(("hips", "leftFoot"), np.array([-1, 0]), np.array([[0, 1.0, 0], [0, -1.0, 0]]))


def header(layout: Layout = MEDIAPIPE_POSE, **changes: object) -> Header:
    """The header of a recording that began at CLOCK."""
    told = {"made": {"source": "webcam"}, "name": "dance", "note": "second try", **changes}
    return Header(STARTED, CLOCK, layout, (640, 480), **told)  # type: ignore[arg-type]


def random_pose(seed: int, bones: int, t: float = 0.0, *, moving: bool = False) -> Pose:
    """Anything, without a round number in it."""
    random = np.random.default_rng(seed)
    return Pose(
        t=t,
        root=random.normal(0, 2, 3),
        rotations=rotation.normalize(random.normal(size=(bones, 4))),
        translations=random.normal(size=(bones, 3)) if moving else None,
        state=TrackState(int(random.integers(3))),
        confidence=random.random(bones),
        contacts={"leftFoot": bool(random.integers(2))},
    )


def sighting(seed: int, layout: Layout = PAIR, person: int = 0) -> Landmarks:
    """Random points, the first of which is not seen."""
    random = np.random.default_rng(seed)
    image, world = random.uniform(0, 480, (len(layout), 2)), random.normal(size=(len(layout), 3))
    image[0] = world[0] = np.nan
    confidence = random.random(len(layout))
    confidence[0] = 0.0
    return Landmarks(layout, image, world, confidence, person)


def small(frames: int = 4) -> list[bytes]:
    """The lines of a recording that is whole: one person of two bones and two points."""
    lines = [header_line(header(PAIR)), cast_line({0: STICK}, 30.0)]
    for i in range(frames):
        t = CLOCK + i / 30
        lines.append(seen_line(Observation(t, (sighting(i),))))
        lines.append(frame_line(i, t, [(0, random_pose(i, 2, t))]))
    return [*lines, end_line(EndLine(frames, (frames - 1) / 30, (0,)))]


def of_motion(motion: Motion, start: float = CLOCK) -> list[bytes]:
    """The lines of a recording of a motion."""
    body = header_line(header()), cast_line({0: motion.skeleton}, 30.0)
    poses = (frame_line(i, start + p.t, [(0, p)]) for i, p in enumerate(motion))
    return [*body, *poses, end_line(EndLine(len(motion), motion.duration, (0,)))]


def same_poses(got: Iterable[FrameLine], expected: Iterable[tuple[float, Pose]]) -> None:
    """Assert that frames of one person are bit for bit those expected."""
    for line, (t, pose) in zip(got, expected, strict=True):
        assert line.t == t
        (found,) = line.people.values()
        same_pose(found, pose)


def same_pose(got: Pose, expected: Pose) -> None:
    """Assert that a pose is bit for bit the one expected."""
    for attribute in ("root", "rotations", "translations", "confidence"):
        a, b = getattr(got, attribute), getattr(expected, attribute)
        assert (a is None) == (b is None)
        if b is not None:
            assert a.tobytes() == np.ascontiguousarray(b).tobytes()
    assert (got.state, got.contacts) == (expected.state, expected.contacts)


def golden() -> list[bytes]:
    """A recording that programs in other languages read too: two people, of whom one comes later,
    a skeleton that settles, points that were not seen, and a note."""
    body = skeletons.humanoid()
    settled = body.scaled(1.0625)
    lines = [header_line(header()), cast_line({0: body}, 30.0)]
    for i in range(5):
        t = CLOCK + 0.0625 * i
        if i == 2:
            lines += [cast_line({0: settled, 3: body}, 30.0), note_line("person 3 came in")]
        people = [(0, _golden_pose(0, i, t))] + ([(3, _golden_pose(3, i, t))] if i >= 2 else [])
        lines.append(seen_line(Observation(t, tuple(_golden_points(p, i) for p, _ in people))))
        if i != 3:  # one frame had no time for poses
            lines.append(frame_line(i, t, people))
    return [*lines, end_line(EndLine(4, 0.25, (0, 3)))]


def _golden_pose(person: int, frame: int, t: float) -> Pose:
    body = skeletons.humanoid()
    rotations = rotation.identity(len(body))
    rotations[body.index("hips")] = [0.0, 0.6, 0.0, 0.8]
    rotations[body.index("leftUpperArm")] = [0.5, 0.5, 0.5, 0.5]
    sine, cosine = [(0.0, 1.0), (0.28, 0.96), (0.6, 0.8), (0.8, 0.6), (0.96, 0.28)][frame]
    rotations[body.index("head")] = [0.0, 0.0, sine, cosine]
    confidence = np.full(len(body), 0.75)
    confidence[body.index("rightHand")] = 0.0
    return Pose(
        t,
        root=np.array([0.1 * frame - person, 0.9, 0.3]),
        rotations=rotations,
        state=TrackState.HELD if frame == 4 else TrackState.TRACKED,
        confidence=confidence,
        contacts={"leftFoot": frame < 2, "rightFoot": True},
    )


def _golden_points(person: int, frame: int) -> Landmarks:
    count = len(MEDIAPIPE_POSE)
    across = np.arange(count) + 10.0 * frame
    image = np.stack([across, 400 - 2.5 * across], axis=1)
    world = np.stack([across / 100, across / 200, -across / 400], axis=1)
    image[:3] = world[:3] = np.nan
    confidence = np.where(np.arange(count) < 3, 0.0, 0.875)
    return Landmarks(MEDIAPIPE_POSE, image, world, confidence, person)
