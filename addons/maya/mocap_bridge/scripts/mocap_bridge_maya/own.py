"""Clips as keys of skeletons that were made for them: nothing is retargeted."""

from __future__ import annotations

from array import array
from typing import NamedTuple, Sequence

from . import euler
from .bake import columns
from .resample import resampled
from .scene import ROTATE, TRANSLATE, Curve, Node, Scene
from .shared.clip import Clip
from .shared.errors import TakeError
from .skeleton_make import METRE, Made, create

RATES = ("RESAMPLE", "SCENE", "EXACT")
USUAL = (12.0, 15.0, 20.0, 24.0, 25.0, 30.0, 48.0, 50.0, 60.0, 90.0, 100.0, 120.0, 240.0)
NEAR = 0.02  # [share] by which cameras miss their rate


class Loaded(NamedTuple):
    """What became of a file.

    Attributes:
        roots: first joint of each person.
        made: their skeletons.
        frames: of the scene, from the first key to the last, both counted.
        notes: sentences about the file.
    """

    roots: tuple[Node, ...]
    made: tuple[Made, ...]
    frames: int
    notes: tuple[str, ...]


def load(
    scene: Scene,
    clips: Sequence[Clip],
    name: str,
    rate: str = "RESAMPLE",
    first: float = 1.0,
    namespace: str = "",
    notes: Sequence[str] = (),
) -> Loaded:
    """Make a skeleton for each clip, and its keys.

    Args:
        scene: gets them.
        clips: of one take.
        name: of the take.
        rate: "RESAMPLE": a key in every frame of the scene; "SCENE": the scene gets the rate of
            the clips, then the same; "EXACT": keys at the times of the clips, between frames too.
        first: frame at which the earliest clip begins.
        namespace: of the joints; numbered where there are several people; "" for none.
        notes: to be told with the result.

    Raises:
        TakeError: `rate` is none of these.
        SceneError: the scene cannot have the rate.
    """
    if rate not in RATES:
        raise TakeError(f"rate: expected one of {', '.join(RATES)}, got {rate}")
    start = min(clip.times[0] for clip in clips)
    made, curves = [], []
    with scene.undo_chunk(f"Import {name}"):
        if rate == "SCENE":
            scene.set_rate(rate_of(clips[0].times))
        for clip in clips:
            own, space = names_for(name, namespace, clip.person, len(clips))
            skeleton = create(scene, clip.skeleton, own, space)
            if rate == "EXACT":
                frames = [first + (t - start) * scene.rate for t in clip.times]
            else:
                clip = resampled(clip, scene.rate, start)
                frames = [first + n for n in range(len(clip))]
            made.append(skeleton)
            curves += curves_of(skeleton, clip, frames)
        scene.write_keys(curves)
        last = max(curve.frames[-1] for curve in curves)
        scene.show_frames(first, last)
    roots = tuple(one.root for one in made)
    return Loaded(roots, tuple(made), int(last - first + 1e-6) + 1, tuple(notes))


def names_for(name: str, namespace: str, person: int, people: int) -> tuple[str, str]:
    """Name of a person's group, and namespace."""
    if people == 1:
        return name, namespace
    return f"{name}_person{person}", f"{namespace}{person}" if namespace else ""


def rate_of(times: Sequence[float]) -> float:
    """Frames per second of capture times, which jitter: a usual rate, if one is near; 30 of a
    single one."""
    if len(times) < 2:
        return 30.0
    rate = (len(times) - 1) / (times[-1] - times[0])
    usual = min(USUAL, key=lambda known: abs(known - rate))
    return usual if abs(usual - rate) < NEAR * usual else rate


def curves_of(made: Made, clip: Clip, frames: Sequence[float]) -> list[Curve]:
    """The keys of a skeleton made by `skeleton_make.create`, of the clip's own bones.

    Args:
        frames: times of the clip's poses.
    """
    bones = clip.skeleton.names
    count = len(bones)
    curves: list[Curve] = []
    for i, bone in enumerate(bones):
        turned = [array("d") for _ in range(3)]
        near = (0.0, 0.0, 0.0)
        for k in range(4 * i, len(clip.rotations), 4 * count):
            near = euler.to_euler(clip.rotations[k : k + 4], "xyz", near)
            for column, angle in zip(turned, near):
                column.append(angle)
        curves += columns([made.joints[bone]], ROTATE, frames, turned)
    curves += columns([made.root], TRANSLATE, frames, _places(clip.root, 0, 1))
    if clip.translations is not None:
        for i, bone in enumerate(bones[1:], 1):
            places = _places(clip.translations, i, count)
            curves += columns([made.joints[bone]], TRANSLATE, frames, places)
    return curves


def _places(flat: Sequence[float], bone: int, bones: int) -> list[Sequence[float]]:
    """[cm] x, y and z over time of one of so many bones [m]."""
    return [[METRE * n for n in flat[3 * bone + axis :: 3 * bones]] for axis in range(3)]
