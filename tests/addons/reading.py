"""What judges the readers that hosts carry: the package's own, which share no code with them."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from motions import degrees_apart, millimetres_apart

import exporters.bvh
import exporters.json_take
from exporters.format import FormatWarning, Options
from mocap import rotation
from mocap.motion import Motion
from mocap.skeletons import humanoid
from mocap.take import Person, Take

GOLDEN = Path(__file__).parents[1] / "golden"
ORDERS = (GOLDEN / "orders.bvh").read_text()


def assert_same(clip: Any, motion: Motion, *, at: slice | None = None) -> None:
    """Assert that a clip is what a motion is, to the last digits that quaternions have."""
    assert clip.skeleton.names == motion.skeleton.names
    assert clip.skeleton.parents == tuple(motion.skeleton.parents.tolist())
    np.testing.assert_allclose(clip.skeleton.offsets, motion.skeleton.offsets, atol=1e-9)
    np.testing.assert_allclose(clip.skeleton.tips, motion.skeleton.tips, atol=1e-9)
    np.testing.assert_allclose(clip.times, motion.times, atol=1e-9)
    np.testing.assert_allclose(clip.root, motion.root, atol=1e-9)
    assert degrees_apart(clip.rotations, motion.rotations) < 1e-6
    assert (clip.translations is None) == (motion.translations is None)
    places, world = clip.fk()
    expected_places, expected_world = motion.fk()
    assert millimetres_apart(places, expected_places) < 1e-6
    assert degrees_apart(world, expected_world) < 1e-6


def moving_people(take: Take) -> dict[int, Motion]:
    return {p.id: p.motion for p in take.people if p.motion is not None}


def json_of(*people: Motion) -> bytes:
    take = Take(tuple(Person(i, motion) for i, motion in enumerate(people)))
    return "".join(exporters.json_take.dump(take)).encode()


def standing(frames: int) -> Motion:
    body = humanoid()
    return Motion(
        body,
        times=np.arange(frames) / 30,
        root=np.tile(body.offsets[0], (frames, 1)),
        rotations=rotation.identity(frames, len(body)),
    )


def package_bvh(data: bytes, **options: Any) -> Take:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FormatWarning)
        return exporters.bvh.loads(data, Options(**options))
