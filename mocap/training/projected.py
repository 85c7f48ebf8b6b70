"""Motion seen by random cameras through simple noise: endless clips to learn from.

The points are the true joints, and a face where it usually is, each off by a normal distribution
and now and then not seen. (What a real detector does wrong is `mocap.training.noise`.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import exporters
from mocap import rotation
from mocap.archives import Archive
from mocap.arrays import Array, BoolArray
from mocap.datasets import corpus as files
from mocap.datasets.clip import to_view
from mocap.errors import FormatError, InvalidValue
from mocap.landmarks import LandmarkTrack, Layout
from mocap.layouts import available, by_name, mapped
from mocap.training.corpus import JOINTS, recordings
from mocap.training.points import FACE
from mocap.training.seen import Seen, seen, step_to
from mocap.training.views import camera_for

SECONDS = (4.0, 8.0)  # of motion before one camera
SPARSE = 8  # one in so many frames decides how far away a camera stands
LEAST = 16  # frames of a clip
SHOULDERS = ("left_shoulder", "right_shoulder")
HEAD = {
    name.replace("left", side): np.array(at) * [mirror, 1.0, 1.0]
    for name, at in FACE.items()
    for side, mirror in (("left", 1.0), ("right", -1.0))
}  # points of the face, in the head's axes
MOTION = by_name(files.LAYOUT)
POINTS = Layout("motion with a face", (*MOTION.points, *HEAD))


@dataclass(frozen=True, eq=False)
class Move:
    """A clip of motion.

    Attributes:
        name: of the clip.
        fps: frames a second.
        positions: (T, 22, 3) [m] joints of MOTION, +Y up; NaN where there is none.
    """

    name: str
    fps: float
    positions: Array


def moves(path: Path) -> list[Move]:
    """Every clip of a folder of recorded motion, NAME.npz and NAME.json, or of BVH files; or of
    one such file.

    Raises:
        FormatError: there is none, or it is broken.
        InvalidValue: a skeleton in which no human can be found.
    """
    folder = path.parent if path.suffix == ".npz" else path
    if any(p.with_suffix(".npz").is_file() for p in folder.glob("*.json")):
        told = set(Archive(path)) if path.is_file() else None  # clips of this file alone
        order = [JOINTS.index(_short(name)) for name in MOTION.points]
        return [
            Move(r.name, r.fps, np.stack([r.joints[n] for n in JOINTS], axis=1)[:, order])
            for r in recordings(folder)
            if told is None or r.name in told
        ]
    bvh = sorted(path.glob("**/*.bvh")) if path.is_dir() else [path]
    found = []
    for file in bvh:
        for person in exporters.read(file).people:
            if person.motion is not None and len(person.motion) >= LEAST:
                name = file.stem if person.id == 0 else f"{file.stem}.{person.id}"
                found.append(Move(name, person.motion.fps, files.joints(person.motion)))
    if not found:
        raise FormatError(
            "expected motion, BVH files or a pair of NAME.npz and NAME.json; found none", path=path
        )
    return found


def _short(name: str) -> str:
    """As recordings name a joint."""
    side, _, part = name.partition("_")
    if side not in ("left", "right"):
        return name
    return f"{side[0]}_{'toe' if part == 'foot_index' else part}"


def views(
    move: Move,
    inputs: Layout,
    outputs: Layout,
    rng: np.random.Generator,
    *,
    rate: float,
    noise: float,
    dropout: float,
    room: float = 1.0,
) -> Iterator[Seen]:
    """A clip in pieces of some seconds, each before a camera of its own.

    Args:
        move: the clip.
        inputs, outputs: layouts of the network.
        rng: where chance comes from.
        rate: [Hz] wanted, as near as leaving out frames comes to it.
        noise: [share of the body's height in the picture] standard deviation of the points.
        dropout: share of points that are not seen.
        room: cameras stand up to so many times as far away as they must.
    """
    step = step_to(rate, move.fps)
    positions = move.positions[int(rng.integers(step)) :: step]
    fps = move.fps / step
    begin = 0
    while begin + LEAST <= len(positions):
        end = begin + int(rng.uniform(*SECONDS) * fps)
        end = len(positions) if end + LEAST > len(positions) else end
        part = positions[begin:end]
        yield from _view(
            f"{move.name}.{begin}", part, fps, inputs, outputs, rng, noise, dropout, room
        )
        begin = end


def _view(
    name: str,
    positions: Array,
    fps: float,
    inputs: Layout,
    outputs: Layout,
    rng: np.random.Generator,
    noise: float,
    dropout: float,
    room: float,
) -> Iterator[Seen]:
    points = with_face(positions)
    there = np.isfinite(points).all(axis=(0, 2))
    lacking = {
        p for of in (inputs, outputs) for p in of.points
        if p not in available(Layout("there", _names(there)), of)
    }  # fmt: skip
    if lacking:
        raise InvalidValue(f"{name}: its skeleton has no {', '.join(sorted(lacking))}")
    around = points[::SPARSE, there]
    if room > 1:  # for a camera that stands farther away, more happens
        middle = (around.min(axis=(0, 1)) + around.max(axis=(0, 1))) / 2
        around = middle + (around - middle) * rng.uniform(1.0, room)
    camera, turn, position = camera_for(around, rng)
    view = (points - position) @ turn.T
    image = camera.project(view)
    tall = np.ptp(image[:, there], axis=1).max(axis=-1)  # (T,) [px]
    image = image + rng.standard_normal(image.shape) * (noise * tall)[:, None, None]
    sure = np.tile(there.astype(float), (len(image), 1))
    taken, confidence = mapped(image, sure, POINTS, inputs)
    own = rng.random(confidence.shape) >= dropout
    confidence = np.where(own, confidence, 0.0)
    taken = np.where(own[..., None], taken, np.nan)
    times = np.arange(len(taken)) / fps
    track = LandmarkTrack(inputs, times, taken, None, confidence, camera.size)
    joints, _ = mapped(to_view(view), sure, POINTS, outputs)
    known = np.ones(len(joints), bool)
    yield from seen(name, track, joints, known, camera, inputs, outputs, 1)


def with_face(positions: Array) -> Array:
    """(T, P, 3) [m] the joints of MOTION (T, 22, 3) and the points of the face."""
    at = {name: positions[:, MOTION.index(name)] for name in ("head", "head_top", *SHOULDERS)}
    left, right = (at[name] for name in SHOULDERS)
    turn = rotation.from_frame(at["head_top"] - at["head"], left - right, "YX")
    face = [at["head"] + rotation.rotate(turn, HEAD[name]) for name in HEAD]
    return np.concatenate([positions, np.stack(face, axis=1)], axis=1)


def _names(there: BoolArray) -> tuple[str, ...]:
    return tuple(name for name, has in zip(POINTS.points, there, strict=True) if has)
