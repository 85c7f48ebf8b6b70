"""`3d_data.json` and `2d_data.json`, as the fork of 3d-pose-baseline for Maya writes them.

What is in them stands in `mocap.keypoints.baseline`. They are known by their names, or by the end
of a name, as walk.3d_data.json: other .json files are takes.

Read, the 3D file becomes motion: a skeleton of the usual lengths goes through the points, level and
on the floor, in the size that the points have. How far people travel in it is as in the file; the
fork itself puts there how far they move in the picture, pixels as millimetres. The 2D file becomes
landmarks.

Files of the fork hold a mean where the network says nothing, as at point 16, which recordings have
at point 13. By that they are known: their heights, too, are pixels, so the floor is put under the
lower foot all the time, but for jumps.

Written, points that no recording of Human3.6M tells apart are as these have them: number 11 is at
the hips, 16 and 24 between the shoulders, 20 to 23 and 28 to 31 in the hands, 4, 5, 9 and 10 in the
feet. The floor is at z = 0.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np

from exporters.bvh import even
from exporters.files import replacing
from exporters.format import Format, FormatWarning, Options
from mocap.arrays import Array
from mocap.bone_map import detect
from mocap.errors import FormatError, OutputError
from mocap.keypoints.baseline import FLAT, Numbered, load
from mocap.landmarks import LandmarkTrack
from mocap.layouts import by_name, track_in
from mocap.motion import Motion
from mocap.rotation import rotate
from mocap.skeleton import Skeleton
from mocap.stance import Stance, reading, to_canonical
from mocap.take import Person, Take

FPS = 30.0  # of files, which do not tell
MILLIMETRES = 1000.0  # in a metre
DECIMALS = {3: 3, 2: 2}  # of mm, of px
PICTURES = "image_plane"  # the folder that the fork fills for Maya
# sizes that pictures often have, by which one that nothing tells is guessed
SIZES = ((640, 480), (1280, 720), (1920, 1080), (3840, 2160), (7680, 4320))
POINTS = {  # what each of the 32 points is; "top" ends the head, "...Tip" a hand or foot
    0: "hips", 1: "rightUpperLeg", 2: "rightLowerLeg", 3: "rightFoot", 4: "rightToes",
    5: "rightToesTip", 6: "leftUpperLeg", 7: "leftLowerLeg", 8: "leftFoot", 9: "leftToes",
    10: "leftToesTip", 11: "hips", 12: "spine", 13: "neck", 14: "head", 15: "top", 16: "neck",
    17: "leftUpperArm", 18: "leftLowerArm", 19: "leftHand", 20: "leftHand", 21: "leftHandTip",
    22: "leftHandTip", 23: "leftHandTip", 24: "neck", 25: "rightUpperArm", 26: "rightLowerArm",
    27: "rightHand", 28: "rightHand", 29: "rightHandTip", 30: "rightHandTip", 31: "rightHandTip",
}  # fmt: skip
TWINS = (13, 16)  # in the same place in recordings, and in files written here
TOGETHER = 1.0  # [mm]
TOLD = (0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27)  # those that mean something


def read_solid(path: Path, options: Options) -> Take:
    """The motion of a 3D file; points that a frame lacks are between those before and after.

    Warns with FormatWarning if nobody says at which rate the frames are.

    Raises:
        FormatError: no such file, or it lacks a point in all frames.
    """
    # the solve is heavy to import, and few who have formats read this one
    from mocap.solve import motion_of_joints

    found = load(path)
    if not found.solid:
        raise FormatError(
            "holds points without depth, which belong into 2d_data.json; mocap capture with "
            "--lifter gives them depth",
            path=path,
        )
    points = _whole(found, path)
    # +Y up, +Z towards the camera, +X to the right of the picture
    placed = points[..., [0, 2, 1]] * [1.0, 1.0, -1.0] / MILLIMETRES
    joints = {POINTS[i]: placed[:, i] for i in TOLD}
    # where points that are always together are not, a network gave no more than the others, and
    # heights are those in the picture
    afloat = not np.allclose(points[:, TWINS[0]], points[:, TWINS[1]], atol=TOGETHER)
    times = _times(found, options, path)
    motion = motion_of_joints(times, joints, tilted=True, afloat=afloat)
    return Take((Person(0, motion),), made={"source": path.name})


def _times(found: Numbered, options: Options, path: Path) -> Array:
    """(T,) [s]"""
    if options.source_fps is None and len(found.numbers) > 1:
        _warn(
            path,
            f"does not tell its rate; taken to be {FPS:g} frames per second, which mocap "
            "convert can change by --input-fps",
        )
    return np.asarray((found.numbers - found.numbers[0]) / (options.source_fps or FPS))


def _warn(path: Path, message: str) -> None:
    warnings.warn(f"{path}: {message}", FormatWarning, stacklevel=5)


def _whole(found: Numbered, path: Path) -> Array:
    """(T, 32, 3) [mm] without gaps where points mean something."""
    points = found.points.copy()
    for i in TOLD:
        known = np.isfinite(points[:, i, 0])
        if not known.any():
            raise FormatError(f"point {i} ({POINTS[i]}) is in no frame", path=path)
        for axis in range(3):
            points[:, i, axis] = np.interp(
                found.numbers, found.numbers[known], points[known, i, axis]
            )
    return points


def read_flat(path: Path, options: Options) -> Take:
    """The landmarks of a 2D file. Warns with FormatWarning where nothing tells the rate, or how
    large the pictures were. Raises FormatError."""
    found = load(path)
    if found.solid:
        raise FormatError(
            "holds points with depth; it belongs into 3d_data.json, or say --input-format 3d_data",
            path=path,
        )
    seen = np.isfinite(found.points).all(axis=2) & found.points.any(axis=2)
    track = LandmarkTrack(
        by_name(FLAT),
        times=_times(found, options, path),
        image=np.where(seen[..., None], found.points, np.nan),
        world=None,
        confidence=seen.astype(np.float64),
        size=_size(found.points[seen], path),
    )
    return Take((Person(0, landmarks=track),), made={"source": path.name})


def _size(points: Array, path: Path) -> tuple[int, int]:
    """[px] of the pictures beside the file, or the smallest usual one that has all points (N, 2)
    in it."""
    from mocap.errors import SourceError
    from mocap.sources.images import ImageSource

    try:
        return ImageSource(path.parent / PICTURES).size
    except SourceError:
        pass
    reach = points.max(axis=0) if len(points) else np.zeros(2)
    for width, height in SIZES:
        for size in ((width, height), (height, width)):
            if (reach <= size).all():
                taken = f"{size[0]}x{size[1]}"
                _warn(path, f"does not tell how large the pictures were; taken to be {taken}")
                return size
    raise FormatError(f"a point at ({reach[0]:g}, {reach[1]:g}) is in no picture", path=path)


def write_solid(take: Take, path: Path, options: Options) -> list[Path]:
    """Write each person's motion; returns the files.

    One person goes to `path`, several to person0.NAME, person1.NAME and so on by their ids.

    Raises:
        OutputError: nobody has a motion, or a file cannot be written.
        InvalidValue: a skeleton in which no human can be found.
    """
    people = [(p.id, points_of(even(p.motion, options)[0])) for p in take.people if p.motion]
    if not people:
        raise OutputError(f"cannot write {path}: nobody in the take has a solved motion")
    return _write(people, path)


def write_flat(take: Take, path: Path, options: Options) -> list[Path]:
    """Write the points that each person has in the picture; returns the files, named as those of
    `write_solid`. Raises OutputError."""
    people = [
        (p.id, _flat(p.landmarks, options)) for p in take.people if p.landmarks and len(p.landmarks)
    ]
    if not people:
        raise OutputError(f"cannot write {path}: the take holds no landmarks")
    return _write(people, path)


def _write(people: list[tuple[int, Array]], path: Path) -> list[Path]:
    paths = []
    for person, points in people:
        target = path if len(people) == 1 else path.with_name(f"person{person}.{path.name}")
        with replacing(target) as part:
            part.write_text(dumps(points), encoding="ascii", newline="")
        paths.append(target)
    return paths


def dumps(points: Array) -> str:
    """The contents of the file of points (T, K, 2 or 3)."""
    rounded = np.round(points, DECIMALS[points.shape[-1]]) + 0.0  # no negative zeros
    return json.dumps(
        {
            str(t): {str(i): {"translate": place} for i, place in enumerate(row)}
            for t, row in enumerate(rounded.tolist())
        }
    )


def points_of(motion: Motion) -> Array:
    """(T, 32, 3) [mm] the points of a motion on any skeleton: x to the left of who faces the
    front, y away from it, z up.

    Raises:
        InvalidValue: no human can be found in the skeleton.
    """
    skeleton = motion.skeleton
    bones = detect(skeleton)
    at, world = motion.fk()
    tips = skeleton.tip_positions(at, world)
    read = reading(motion, bones)
    turn = to_canonical(Stance.of(skeleton, bones, read.rest).frame, read.up)
    shift = np.array([0.0, 0.0 if motion.contacts else -read.floor, 0.0])
    named = _named(skeleton, dict(bones.pairs), at, tips)
    placed = np.stack([named[POINTS[i]] for i in range(len(POINTS))], axis=1)
    stood = rotate(turn, placed) + shift
    return np.asarray(stood[..., [0, 2, 1]] * [1.0, -1.0, 1.0] * MILLIMETRES)


def _named(skeleton: Skeleton, pairs: dict[str, str], at: Array, tips: Array) -> dict[str, Array]:
    """(T, 3) each of the POINTS by name; one that a skeleton lacks is where the one above is."""

    def bone(*names: str) -> Array | None:
        return next((at[:, skeleton.index(pairs[n])] for n in names if n in pairs), None)

    def tip(name: str) -> Array | None:
        if name not in pairs or not np.isfinite(skeleton.tips[skeleton.index(pairs[name])]).all():
            return None
        return tips[:, skeleton.index(pairs[name])]

    def first(*found: Array | None) -> Array:
        return next(place for place in found if place is not None)

    named = {}
    for side in ("left", "right"):
        for part in ("UpperArm", "LowerArm", "Hand", "UpperLeg", "LowerLeg", "Foot"):
            named[side + part] = first(bone(side + part))
        named[f"{side}Toes"] = first(bone(f"{side}Toes"), tip(f"{side}Foot"), named[f"{side}Foot"])
        named[f"{side}ToesTip"] = first(tip(f"{side}Toes"), named[f"{side}Toes"])
        named[f"{side}HandTip"] = first(tip(f"{side}Hand"), named[f"{side}Hand"])
    named["hips"] = (named["leftUpperLeg"] + named["rightUpperLeg"]) / 2
    between = (named["leftUpperArm"] + named["rightUpperArm"]) / 2
    named["neck"] = first(bone("neck"), between)
    named["spine"] = first(bone("chest", "spine"), (named["hips"] + named["neck"]) / 2)
    named["head"] = first(bone("head"), named["neck"])
    named["top"] = first(tip("head"), 2 * named["head"] - named["neck"])
    return named


def _flat(track: LandmarkTrack, options: Options) -> Array:
    """(T, 18, 2) [px] at an even rate, (0, 0) where nothing was seen."""
    found = track_in(track, by_name(FLAT))
    times = found.times - found.times[0]
    rate = options.fps or (1 / float(np.median(np.diff(times))) if len(times) > 1 else FPS)
    frames = np.arange(int(times[-1] * rate + 1e-3) + 1) / rate
    nearest = np.searchsorted((times[1:] + times[:-1]) / 2, frames)
    seen = (found.confidence > 0) & np.isfinite(found.image).all(axis=2)
    return np.where(seen[nearest][..., None], np.nan_to_num(found.image[nearest]), 0.0)


SOLID: Format = Format(
    "3d_data",
    ("3d_data.json",),
    "joints of 3d-pose-baseline for Maya",
    read_solid,
    write_solid,
)
FLAT_FORMAT: Format = Format(
    "2d_data",
    ("2d_data.json",),
    "points in the picture of 3d-pose-baseline for Maya",
    read_flat,
    write_flat,
)
