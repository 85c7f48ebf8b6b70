"""Clips as keys: people over time become keys of the joints that follow them."""

from __future__ import annotations

from array import array
from typing import Sequence

from .resample import resampled
from .rig import Rigged
from .scene import ROTATE, TRANSLATE, Curve, Node, Scene
from .shared.clip import Clip
from .shared.errors import TakeError


def write(scene: Scene, cast: Sequence[tuple[Rigged, Clip]], first: float) -> int:
    """Write clips as keys of characters, all beginning at the same moment.

    Args:
        scene: whose rate they get; its range grows if they end beyond it.
        cast: character and clip of each person.
        first: frame of the moment at which the earliest clip begins.

    Returns:
        How many frames the longest has.

    Raises:
        RigError: a clip is of another skeleton than the character was made ready for, or a joint
            is gone.
        TakeError: there is nothing to write.
    """
    if not cast:
        raise TakeError("no character follows")
    start = min(clip.times[0] for _, clip in cast)
    curves: list[Curve] = []
    longest = 0
    for rigged, clip in cast:
        even = resampled(clip, scene.rate, start)
        curves += curves_of(rigged, even, first)
        longest = max(longest, len(even))
    with scene.undo_chunk("Write motion"):
        scene.write_keys(curves)
        scene.show_frames(first, first + longest - 1)
    return longest


def curves_of(rigged: Rigged, clip: Clip, first: float) -> list[Curve]:
    """The keys of a character for a clip that has the rate of the scene.

    Args:
        first: frame of its first pose; there is a key in every frame.
    """
    turned = [array("d") for _ in range(3 * len(rigged.nodes))]
    moved = [array("d") for _ in range(3 * len(rigged.moved))]
    wide = 4 * len(clip.skeleton)
    rigged.begin()
    for n in range(len(clip)):
        pose = rigged.pose(clip.root[3 * n : 3 * n + 3], clip.rotations[wide * n : wide * (n + 1)])
        for some, values in ((turned, pose.rotations), (moved, pose.places)):
            column = 0
            for x, y, z in values:
                some[column].append(x)
                some[column + 1].append(y)
                some[column + 2].append(z)
                column += 3
    frames = [first + n for n in range(len(clip))]
    return [
        *columns(rigged.nodes, ROTATE, frames, turned),
        *columns(rigged.moved, TRANSLATE, frames, moved),
    ]


def columns(
    nodes: Sequence[Node],
    attributes: Sequence[str],
    frames: Sequence[float],
    values: Sequence[Sequence[float]],
) -> list[Curve]:
    """Curves of nodes, three for each, of so many columns of numbers."""
    return [
        Curve(node, attribute, frames, values[3 * i + k])
        for i, node in enumerate(nodes)
        for k, attribute in enumerate(attributes)
    ]
