"""BVH files: the format every animation program reads, both ways.

Lengths are centimetres unless the options say otherwise, +Y is up. Position channels are the
joint's position in its parent and take the place of its OFFSET; an axis without a channel stays
at the OFFSET. Rotation channels multiply in the order of the file: "Z X Y" is Rz Rx Ry.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from exporters import bvh_text
from exporters.bvh_text import Document, Joint
from exporters.files import replacing
from exporters.format import UNITS, Format, FormatWarning, Options
from mocap import rotation
from mocap.arrays import Array
from mocap.errors import FormatError, InvalidValue, OutputError
from mocap.motion import Motion
from mocap.skeleton import Skeleton
from mocap.take import Person, Take

# One order for all joints, as some readers know only one. The middle angle should stay away from
# 90 degrees, and of an arm at rest along X that is X: arms hang by Z, point forward and bend by Y.
ORDER = "ZXY"
END_LENGTH = 0.05  # [m] of a last bone whose end is not known
MOVED = 1e-6  # [m] a bone that leaves its offset by less only repeats it in its channels
UNEVEN = 0.01  # of a frame: times that stray further from a constant rate are resampled
PLAUSIBLE = (0.7, 3.0)  # [m] largest extent of a rest pose
_BLOCK = 256  # frames converted at a time, for the processor's cache


def read(path: Path, options: Options) -> Take:
    """The people of a file, one for each ROOT, by the file's order from 0.

    A file without frames, which only describes a skeleton, gives one frame of the rest pose.
    Warns with FormatWarning about damage that was repaired and about an unlikely size, as from
    a wrong unit.

    Raises:
        FormatError: the file cannot be read; names the line.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FormatError(f"cannot read: {error.strerror or error}", path=path) from None
    return loads(data, options, path)


def loads(data: bytes, options: Options | None = None, path: Path | None = None) -> Take:
    """The people of a file's contents, as `read`; `path` is for the names and messages."""
    options = options or Options()
    document = bvh_text.parse(bvh_text.decode(data), path)
    joints = document.joints
    roots = [i for i, joint in enumerate(joints) if joint.parent < 0]
    people = []
    for person, (first, after) in enumerate(zip(roots, [*roots[1:], len(joints)], strict=True)):
        try:
            motion = _motion(document, first, after, options, path)
        except InvalidValue as error:
            raise FormatError(str(error), path=path) from None
        people.append(Person(person, motion))
    return Take(tuple(people), made={} if path is None else {"source": path.name})


def _motion(
    document: Document, first: int, after: int, options: Options, path: Path | None
) -> Motion:
    """The person whose joints are `first` to `after`."""
    joints, values = document.joints[first:after], document.values
    skeleton = _skeleton(joints, first, options, path)
    if len(values) == 0:
        still = rotation.identity(1, len(joints))
        return Motion(skeleton, np.zeros(1), skeleton.offsets[:1], still)
    scale = 1.0 / UNITS[options.unit]
    root = np.tile(skeleton.offsets[0], (len(values), 1))
    steps = None
    if any(kind == "position" for joint in joints[1:] for _, kind in joint.channels):
        steps = np.tile(skeleton.offsets, (len(values), 1, 1))
    turns = defaultdict(list)  # by rotation order: joints and the columns of their angles
    column = sum(len(joint.channels) for joint in document.joints[:first])
    for i, joint in enumerate(joints):
        order, columns = "", []
        for axis, kind in joint.channels:
            if kind == "rotation":
                order += "XYZ"[axis]
                columns.append(column)
            elif i == 0:
                root[:, axis] = values[:, column] * scale
            elif steps is not None:
                steps[:, i, axis] = values[:, column] * scale
            column += 1
        turns[order].append((i, columns))
    if steps is not None and np.abs(steps - skeleton.offsets).max() <= MOVED:
        steps = None
    return Motion(
        skeleton,
        times=np.arange(len(values)) * document.frame_time,
        root=root,
        rotations=_rotations(values, len(joints), turns),
        translations=steps,
    )


def _skeleton(joints: list[Joint], first: int, options: Options, path: Path | None) -> Skeleton:
    """The rest pose, in metres, of joints of which the first is number `first` of the file."""
    scale = 1.0 / UNITS[options.unit]
    names = [joint.name for joint in joints]
    unique = bvh_text.safe_names(names, exact=True)
    for name, instead in zip(names, unique, strict=True):
        if name != instead:
            _warn(path, f"joint name {name!r} is used twice or unusable; it is now {instead!r}")
    skeleton = Skeleton(
        names=tuple(unique),
        parents=np.array([max(joint.parent - first, -1) for joint in joints]),
        offsets=np.array([joint.offset for joint in joints]) * scale,
        tips=np.array([joint.tip or (np.nan,) * 3 for joint in joints]) * scale,
        name=path.stem if path else "skeleton",
    )
    ends = skeleton.rest_positions + np.nan_to_num(skeleton.tips)
    extent = float(np.ptp([*skeleton.rest_positions, *ends], axis=0).max())
    if not PLAUSIBLE[0] <= extent <= PLAUSIBLE[1]:
        _warn(
            path,
            f"the skeleton is {extent:.3g} m large if the unit is {options.unit!r}; "
            "if that is wrong, say so with --unit (of a file to convert: --input-unit)",
        )
    return skeleton


def _warn(path: Path | None, message: str) -> None:
    warnings.warn(f"{path or 'BVH'}: {message}", FormatWarning, stacklevel=5)


def _rotations(values: Array, count: int, turns: dict[str, list[tuple[int, list[int]]]]) -> Array:
    """Local rotations (T, count, 4)."""
    rotations = np.empty((len(values), count, 4))
    for order, members in turns.items():
        bones = _run([i for i, _ in members])
        columns = np.array([c for _, c in members], dtype=np.int64)
        missing = "".join(axis for axis in "XYZ" if axis not in order)
        still = np.zeros((_BLOCK, len(members), len(missing)))
        for start in range(0, len(values), _BLOCK):
            angles = np.radians(values[start : start + _BLOCK, columns])
            if missing:
                angles = np.concatenate([angles, still[: len(angles)]], axis=2)
            rotations[start : start + _BLOCK, bones] = rotation.from_euler(angles, order + missing)
    return rotations


def _run(indices: list[int]) -> slice | list[int]:
    """Increasing indices, as a slice if none is left out: much faster to assign to."""
    first, last = indices[0], indices[-1]
    return slice(first, last + 1) if last - first + 1 == len(indices) else indices


def write(take: Take, path: Path, options: Options) -> list[Path]:
    """Write each person's motion; returns the files.

    One person goes to `path`, several to `name.person0.bvh`, `name.person1.bvh` and so on by
    their ids. Uneven frame times are resampled to a constant rate. The first frame is at time
    zero, as BVH has no other.

    Raises:
        OutputError: nobody has a motion, or a file cannot be written.
    """
    people = [(person.id, person.motion) for person in take.people if person.motion is not None]
    if not people:
        raise OutputError(f"cannot write {path}: nobody in the take has a solved motion")
    paths = []
    for person, motion in people:
        target = path
        if len(people) > 1:
            target = path.with_name(f"{path.stem}.person{person}{path.suffix}")
        with replacing(target) as part, part.open("wb") as file:
            file.writelines(dump(motion, options))
        paths.append(target)
    return paths


def dump(motion: Motion, options: Options | None = None) -> Iterator[bytes]:
    """The contents of a motion's file, piece by piece.

    Raises:
        InvalidValue: the motion goes beyond what the format can hold.
    """
    options = options or Options()
    motion, fps = even(motion, options)
    scale = UNITS[options.unit]
    skeleton = motion.skeleton
    bones = _depth_first(skeleton)
    place = {bone: at for at, bone in enumerate(bones)} | {-1: -1}
    names = bvh_text.safe_names(skeleton.names, exact=options.names == "exact")
    steps = motion.translations
    turned = [("XYZ".index(axis), "rotation") for axis in ORDER]
    moved = [(axis, "position") for axis in range(3)]
    joints = [
        Joint(
            name=names[i],
            parent=place[int(skeleton.parents[i])],
            offset=tuple(skeleton.offsets[i] * scale),
            channels=moved + turned if at == 0 or steps is not None else turned,
            tip=None if skeleton.children[i] else tuple(_tip(skeleton, i) * scale),
        )
        for at, i in enumerate(bones)
    ]
    yield bvh_text.format_hierarchy(joints).encode()
    yield f"MOTION\nFrames: {len(motion)}\nFrame Time: {1 / fps:.10g}\n".encode()
    values = np.degrees(_angles(motion))[:, bones]
    if steps is not None:
        values = np.concatenate([steps[:, bones] * scale, values], axis=2)
        values[:, 0, :3] = motion.root * scale
    values = values.reshape(len(motion), values.shape[1] * values.shape[2])
    if steps is None:
        values = np.concatenate([motion.root * scale, values], axis=1)
    yield from bvh_text.format_rows(values)


def even(motion: Motion, options: Options) -> tuple[Motion, float]:
    """The motion at a constant rate, as it is if it already has it, and that rate [1/s]."""
    if len(motion) < 2:
        return motion, options.fps or motion.fps
    rate = options.fps or (len(motion) - 1) / motion.duration
    stray = (motion.times - motion.times[0]) * rate - np.arange(len(motion))
    if np.abs(stray).max() <= UNEVEN:
        return motion, rate
    rate = options.fps or motion.fps
    return replace(options, fps=rate).paced(motion), rate


def _depth_first(skeleton: Skeleton) -> list[int]:
    """Bones in the order of nested braces: each followed by all below it."""
    order, waiting = [], [0]
    while waiting:
        bone = waiting.pop()
        order.append(bone)
        waiting.extend(reversed(skeleton.children[bone]))
    return order


def _tip(skeleton: Skeleton, bone: int) -> Array:
    """(3,) [m] the end of a last bone; straight on if it is not known."""
    if np.isfinite(skeleton.tips[bone]).all():
        return skeleton.tips[bone]
    direction = rotation.unit(skeleton.offsets[bone])
    return END_LENGTH * (direction if direction.any() else np.array([0.0, 1.0, 0.0]))


def _angles(motion: Motion) -> Array:
    """(T, J, 3) [rad] angles in ORDER, without jumps over time."""
    angles = np.empty((*motion.rotations.shape[:2], 3))
    # a few bones at a time, for the processor's cache
    for start in range(0, len(motion.skeleton), 4):
        some = slice(start, start + 4)
        angles[:, some] = rotation.to_euler_continuous(motion.rotations[:, some], ORDER)
    return angles


FORMAT: Format = Format(
    "bvh", (".bvh",), "Biovision hierarchy, for any animation program", read, write
)
