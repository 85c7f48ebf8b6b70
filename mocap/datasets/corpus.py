"""A corpus of motion seen by cameras that never were: BVH files of any skeletons, or joints.

- a folder of BVH files, or one file; whose bone is what is told from names and shapes;
- an .npz of (T, J, 3) [m] for each clip, +Y up, whose first frame is the rest pose and left out,
  and a .json of the same name beside it with "joints" and "clips" {clip: {"fps"}}.

Each clip is seen by four cameras around its middle, far enough away to have all of it in the
picture, and its joints are the points, without noise.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import exporters
from mocap.archives import Archive, require_dict, require_numbers
from mocap.arrays import Array
from mocap.bone_map import BoneMap, detect
from mocap.camera import Camera
from mocap.datasets.clip import Clip, track_of
from mocap.errors import FormatError, InvalidValue
from mocap.landmarks import Layout
from mocap.layouts import by_name
from mocap.motion import Motion

LAYOUT = "motion22"
SIZE, FOV = (1000, 1000), 50.0
AZIMUTHS = (0.0, 90.0, 180.0, 270.0)  # [degrees] of the cameras, from +Z towards +X
HEIGHT = 1.5  # [m] of the cameras
MARGIN = 0.5  # [m] of air around a body
NEAREST = 4.0  # [m]
BONES = {
    "hips": "hips", "spine": "spine", "neck": "neck", "thorax": "neck", "head": "head",
    **{
        f"{side}_{point}": f"{side}{bone}"
        for side in ("left", "right")
        for point, bone in (
            ("hip", "UpperLeg"), ("knee", "LowerLeg"), ("ankle", "Foot"), ("foot_index", "Toes"),
            ("shoulder", "UpperArm"), ("elbow", "LowerArm"), ("wrist", "Hand"),
        )
    },
}  # fmt: skip


def read(path: Path) -> Iterator[Clip]:
    """Every clip in every camera.

    Raises:
        FormatError: no such files, or broken ones.
        InvalidValue: a skeleton in which no human can be found.
    """
    if path.suffix.lower() == ".npz":
        yield from _archive(path)
        return
    files = sorted(path.glob("**/*.bvh")) if path.is_dir() else [path]
    if not files:
        raise FormatError("no BVH files in it", path=path)
    for file in files:
        for person in exporters.read(file).people:
            if person.motion is None or len(person.motion) < 2:
                continue
            name = file.stem if person.id == 0 else f"{file.stem}.{person.id}"
            positions = joints(person.motion)
            yield from views(name, by_name(LAYOUT), positions, person.motion.fps)


def joints(motion: Motion, bones: BoneMap | None = None) -> Array:
    """(T, J, 3) [m] joints of a motion on any skeleton, NaN where the skeleton has none.

    Raises:
        InvalidValue: no human can be found in the skeleton.
    """
    skeleton = motion.skeleton
    pairs = (bones or detect(skeleton)).pairs
    at, world = motion.fk()
    tips = skeleton.tip_positions(at, world)
    layout = by_name(LAYOUT)
    found = np.full((len(motion), len(layout), 3), np.nan)
    for point, bone in BONES.items():
        if bone in pairs:
            found[:, layout.index(point)] = at[:, skeleton.index(pairs[bone])]
    for point, bone in (
        ("head_top", "head"), ("left_hand", "leftHand"), ("right_hand", "rightHand")
    ):  # fmt: skip
        if bone in pairs:
            found[:, layout.index(point)] = tips[:, skeleton.index(pairs[bone])]
    return found


def _archive(path: Path) -> Iterator[Clip]:
    table = path.with_suffix(".json")
    try:
        told = require_dict(json.loads(table.read_text(encoding="utf-8")), "the list", table)
    except OSError as error:
        raise FormatError(
            f"tells its joints and rates, and cannot be read: {error.strerror or error}", path=table
        ) from None
    except ValueError as error:
        raise FormatError(f"not JSON: {error}", path=table) from None
    layout = _layout(told.get("joints"), table)
    archive = Archive(path)
    clips = require_dict(told.get("clips"), "clips", table)
    for name in archive:
        rate = require_dict(clips.get(name), f"clip {name}", table).get("fps")
        if not isinstance(rate, (int, float)) or not 0 < rate < 1e5:
            raise FormatError(f"clip {name}: expected a rate above 0, got {rate!r}", path=table)
        positions = require_numbers(archive[name], (None, len(layout), 3), name, path)
        if len(positions) < 2:
            raise FormatError(f"clip {name}: holds the rest pose alone", path=path)
        yield from views(name, layout, positions[1:], float(rate))


def _layout(names: object, path: Path) -> Layout:
    """The layout of joints that are named as ours, or with l_ and r_ for their sides."""
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise FormatError('"joints": expected a list of names', path=path)
    long = {"l": "left", "r": "right"}
    points = []
    for name in names:
        side, _, rest = name.partition("_")
        full = f"{long[side]}_{rest}" if side in long and rest else name
        points.append("foot_index".join(full.rsplit("toe", 1)) if full.endswith("_toe") else full)
    if len(set(points)) != len(points):
        raise FormatError(f'"joints": expected each name once, got {", ".join(points)}', path=path)
    known = by_name(LAYOUT)
    return known if tuple(points) == known.points else Layout("corpus", tuple(points))


def views(name: str, layout: Layout, positions: Array, fps: float) -> Iterator[Clip]:
    """A clip (T, J, 3) [m], +Y up, as each of the cameras sees it; without the joints that its
    skeleton lacks, which are NaN throughout.

    Raises:
        InvalidValue: it has no joints.
    """
    there = np.isfinite(positions).all(axis=(0, 2))
    if not there.all():
        points = tuple(p for p, has in zip(layout.points, there, strict=True) if has)
        layout, positions = Layout(layout.name, points), positions[:, there]
    flat = positions.reshape(-1, 3)
    flat = flat[np.isfinite(flat).all(axis=1)]
    if not len(flat):
        raise InvalidValue(f"{name}: holds no joints")
    camera = Camera.from_fov(SIZE, FOV)
    low, high = flat.min(axis=0), flat.max(axis=0)
    middle = (low + high) / 2
    reach = float(np.linalg.norm(flat - middle, axis=1).max()) + MARGIN
    distance = max(NEAREST, reach / np.sin(np.radians(FOV) / 2))
    rise = low[1] + HEIGHT - middle[1]
    level = np.sqrt(max(distance**2 - rise**2, 1.0))
    for azimuth in AZIMUTHS:
        angle = np.radians(azimuth)
        back = np.array([np.sin(angle) * level, rise, np.cos(angle) * level])
        seen = _seen_from(positions, middle + back, back)
        yield Clip(
            f"{name}/{azimuth:g}",
            name,
            name.rstrip("0123456789").rstrip("_- ."),
            track_of(layout, camera.project(seen), SIZE, fps),
            layout,
            seen,
            camera,
            np.ones(len(positions), dtype=bool),
        )


def _seen_from(positions: Array, eye: Array, back: Array) -> Array:
    """Positions in the view axes of a camera at `eye`, whose z axis is along `back`."""
    z = back / np.linalg.norm(back)
    x = np.cross([0.0, 1.0, 0.0], z)
    x /= np.linalg.norm(x)
    axes = np.array([x, np.cross(z, x), z])
    return (positions - eye) @ axes.T
