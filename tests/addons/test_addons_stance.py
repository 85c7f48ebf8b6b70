"""How hosts read the way in which a body stands: as the package does, with a floor of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from mocap_bridge.shared import stance, turns  # type: ignore[import-not-found]
from mocap_bridge.shared.errors import RigError  # type: ignore[import-not-found]
from motions import degrees_apart
from rig_motions import ALL, HUMANOID, TURNS, without

from mocap import bone_map, rotation, skeletons
from mocap.arrays import Array
from mocap.bone_map import SIDES
from mocap.skeleton import Skeleton
from mocap.stance import Stance


def read(skeleton: Skeleton, at: Array, ends: Array, stands: bool = False) -> Any:
    """The stance of bones at places (J, 3), some of which are known to end at `ends`."""
    tips = [tuple(end) if np.isfinite(end).all() else None for end in ends]
    pairs = bone_map.detect(skeleton).pairs
    return stance.stance_of(pairs, skeleton.names, skeleton.parents.tolist(), at, tips, stands)


def places(skeleton: Skeleton, lift: float = 0.0) -> tuple[Array, Array]:
    """Where the bones of a rest pose begin and end, `lift` over where they were."""
    at, _ = skeleton.fk(skeleton.offsets[0], rotation.identity(len(skeleton)))
    at = at + [0.0, lift, 0.0]
    return at, at + skeleton.tips


@pytest.mark.parametrize("turn", ["as it is", *TURNS])
@pytest.mark.parametrize("name", ALL)
def test_a_body_stands_as_the_package_says(name: str, turn: str) -> None:
    skeleton = skeletons.by_name(name)
    q = TURNS.get(turn, rotation.identity())
    turned = skeleton.replace(
        offsets=rotation.rotate(q, skeleton.offsets), tips=rotation.rotate(q, skeleton.tips)
    )
    expected = Stance.of(turned, bone_map.detect(turned))
    found = read(turned, *places(turned))
    assert found.index == dict(expected.index)
    assert found.leg == pytest.approx(expected.leg)
    assert degrees_apart(np.array(found.align), expected.align) < 1e-5
    assert turns.rotate(found.world, rotation.rotate(q, np.array([0.0, 1.0, 0.0]))) == (
        pytest.approx((0.0, 1.0, 0.0), abs=1e-9)
    )


@pytest.mark.parametrize("lift", [0.0, 0.02, 1.0])
@pytest.mark.parametrize("stands", [True, False])
@pytest.mark.parametrize("toes", [True, False])
def test_a_floor_near_the_origin_is_the_floor(toes: bool, stands: bool, lift: float) -> None:
    """For a character, and where nothing tells how high its ankles are; else bones tell it."""
    at, ends = places(HUMANOID, lift)
    body = HUMANOID
    if not toes:
        body = without(HUMANOID, ["leftToes", "rightToes"])
        ends = np.full_like(ends, np.nan)
    keep = [HUMANOID.index(bone) for bone in body.names]
    found = read(body, at[keep], ends[keep], stands)
    foot = float(at[HUMANOID.index("leftFoot")][1])
    lowest = float(np.nanmin([at[:, 1].min(), np.nanmin(ends[:, 1], initial=np.inf)]))
    sole = lowest if toes else foot - stance.SOLE * found.leg
    if abs(sole) < stance.OFF * found.leg and (stands or not toes):
        sole = 0.0
    for side in SIDES:
        assert found.heights[side + "Foot"] == pytest.approx(foot - sole, abs=1e-9)
    assert found.stand == pytest.approx(found.leg + foot - sole)
    assert found.ground[1] == pytest.approx(sole if abs(sole) > stance.OFF * found.leg else 0.0)


def test_bodies_that_do_not_stand_are_told() -> None:
    at, ends = places(HUMANOID)
    for side in SIDES:
        at[HUMANOID.index(side + "Foot")] = at[HUMANOID.index(side + "LowerLeg")] + [0, 0, 0.4]
    with pytest.raises(RigError, match="does not stand"):
        read(HUMANOID, at, ends)
    at, ends = places(HUMANOID)
    for side in SIDES:
        at[HUMANOID.index(side + "UpperLeg")] = at[HUMANOID.index("hips")]
    with pytest.raises(RigError, match="left cannot be told from right"):
        read(HUMANOID, at, ends)
