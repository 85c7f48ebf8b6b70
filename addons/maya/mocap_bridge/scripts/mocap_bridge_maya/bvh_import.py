"""BVH files as new skeletons, with the angles that the file has.

Maya has no importer of its own. A joint's rotateOrder is the order of its channels reversed, so
degrees go into the scene as they are; only whole turns are added where a file jumps from 180 to
-180, which would spin the joint between two frames.
"""

from __future__ import annotations

from array import array
from dataclasses import replace
from pathlib import Path
from typing import Sequence

from . import bvh_clips, euler
from .bake import columns
from .own import RATES, Loaded, names_for
from .resample import steps
from .scene import ROTATE, TRANSLATE, Curve, Scene
from .shared import takes, turns
from .shared.bvh import Bvh
from .shared.errors import TakeError
from .skeleton_make import METRE, Made, create
from .upright import vertical_of

FEW = 40  # frames that tell what is up
DRIFT = 0.5  # [frames] that the last frame may lie beside its frame of the scene


def load(
    scene: Scene,
    path: str | Path,
    rate: str = "RESAMPLE",
    unit: str = "AUTO",
    first: float = 1.0,
    namespace: str = "",
    scale: float = 1.0,
) -> Loaded:
    """Make the skeletons of a BVH file, with their motion.

    Args:
        scene: gets them.
        path: of the file.
        rate: "RESAMPLE": a key in every frame of the scene, the file's own angles if its rate is
            the scene's; "SCENE": the scene gets the rate of the file; "EXACT": the file's own
            angles at its own times, between frames too.
        unit: of the file, "CM" or "M"; "AUTO" for the one in which it is as large as people are.
        first: frame at which it begins.
        namespace: of the joints; numbered where there are several people; "" for none.
        scale: factor of the size.

    Raises:
        TakeError: the file cannot be read.
        SceneError: the scene cannot have the rate.
    """
    if rate not in RATES:
        raise TakeError(f"rate: expected one of {', '.join(RATES)}, got {rate}")
    path = Path(path)
    bvh = takes.read(path, unit)
    if not isinstance(bvh, Bvh):
        raise TakeError(f"{path.name}: expected a BVH file")
    made, curves, notes = [], [], list(bvh.notes)
    with scene.undo_chunk(f"Import {path.name}"):
        if rate == "SCENE":
            scene.set_rate(1.0 / bvh.frame_time)
        frames, ways = _times(bvh, scene.rate, rate, first)
        if ways:
            notes.append(f"{1 / bvh.frame_time:.6g} frames a second became {scene.rate:.6g}")
        for number, person in enumerate(bvh.people):
            own, space = names_for(path.stem, namespace, number, len(bvh.people))
            orders = [bvh_clips.order_of(channels) for channels in person.channels]
            up = vertical_of(bvh_clips.clip_of(_few(bvh), number))
            if up == "z":
                notes.append(f"{own} stands along +Z in the file and was turned upright")
            skeleton = create(scene, person.skeleton, own, space, orders, scale, up)
            made.append(skeleton)
            curves += curves_of(bvh, number, skeleton, frames, ways, scale)
        if curves:
            scene.write_keys(curves)
            scene.show_frames(first, frames[-1])
    roots = tuple(one.root for one in made)
    count = int(frames[-1] - first + 1e-6) + 1 if frames else 0
    return Loaded(roots, tuple(made), count, tuple(notes))


def curves_of(
    bvh: Bvh,
    person: int,
    made: Made,
    frames: Sequence[float],
    ways: Sequence[tuple[int, int, float]] = (),
    scale: float = 1.0,
) -> list[Curve]:
    """The keys of a person's skeleton.

    Args:
        made: of the person, by `skeleton_make.create`, with the orders of the file.
        frames: times of the keys.
        ways: of each the rows before and after it, and the share of the way; none where keys and
            rows are the same.
        scale: factor of the size.
    """
    curves: list[Curve] = []
    if not frames:
        return curves
    one = bvh.people[person]
    for i, bone in enumerate(one.skeleton.names):
        node, channels = made.joints[bone], one.channels[i]
        if any(kind == "rotation" for _, kind in channels):
            order = bvh_clips.order_of(channels)
            turned = euler.unjumped(bvh_clips.angles_of(bvh, person, i), order)
            if ways:
                turned = _between(turned, order, ways)
            curves += columns([node], ROTATE, frames, turned)
        for axis, places in bvh_clips.places_of(bvh, person, i).items():
            if ways:
                places = [places[a] + (places[b] - places[a]) * s for a, b, s in ways]
            values = [METRE * scale * place for place in places]
            curves.append(Curve(node, TRANSLATE[axis], frames, values))
    return curves


def _between(
    angles: Sequence[Sequence[float]], order: str, ways: Sequence[tuple[int, int, float]]
) -> list[Sequence[float]]:
    """Angles at other times: turned the short way from row to row."""
    if all(min(column) == max(column) for column in angles):  # as fingers often are
        return [array("d", [column[0]]) * len(ways) for column in angles]
    turned = [euler.from_euler(row, order) for row in zip(*angles)]
    found = [array("d"), array("d"), array("d")]
    near = (angles[0][0], angles[1][0], angles[2][0])
    for a, b, share in ways:
        q = turns.slerp(turned[a], turned[b], share) if share else turned[a]
        near = euler.to_euler(q, order, near)
        for column, angle in zip(found, near):
            column.append(angle)
    return list(found)


def _times(
    bvh: Bvh, fps: float, rate: str, first: float
) -> tuple[list[float], list[tuple[int, int, float]]]:
    """Frames of the scene for the keys, and the rows of the file between which each lies; none
    where every row is a key."""
    count, step = len(bvh), bvh.frame_time * fps
    if rate == "EXACT":
        return [first + n * step for n in range(count)], []
    # a rate that is written with few digits is that of the scene all the same
    if abs(step - 1.0) * count < DRIFT and abs(step - 1.0) < 0.002:
        return [first + n for n in range(count)], []
    if count == 0:
        return [], []
    frames = int((count - 1) * step + 1e-3) + 1
    ways = steps([n * step for n in range(count)], [float(n) for n in range(frames)])
    return [first + n for n in range(frames)], ways


def _few(bvh: Bvh) -> Bvh:
    """The file with some of its frames, at most FEW."""
    wide = bvh.width
    stride = wide * max(1, -(-len(bvh) // FEW))
    rows = array("d")
    for start in range(0, len(bvh.rows), max(stride, 1)):
        rows.extend(bvh.rows[start : start + wide])
    return replace(bvh, rows=rows)
