"""A lifter's joints as directions of bones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mocap.arrays import Array
from mocap.errors import InvalidValue
from mocap.lifted import Lifted
from mocap.solve.body import BONES
from mocap.solve.estimate import Measured
from mocap.solve.measure import ENDS, MIDDLES, TOO_SHORT

SAID_TWICE = 4.0  # times sigma, of what stands in the estimator's place already
KNOWN = sorted(
    {name for ends in ENDS.values() for name in ends} | {n for m in MIDDLES.values() for n in m}
)


def heard(seen: Measured, lifted: Lifted) -> Measured:
    """What was seen, and what a lifter says of it.

    One that is informed of the estimator's 3D speaks in its place too.

    Raises:
        InvalidValue: as `bones`.
    """
    directions, sigma = bones(lifted)
    if not lifted.informed:
        return replace(seen, lifted=directions, lifted_sigma=sigma)
    vectors = np.where(np.isfinite(sigma)[..., None], directions, seen.vectors)
    return replace(seen, vectors=vectors, lifted=directions, lifted_sigma=SAID_TWICE * sigma)


def bones(lifted: Lifted) -> tuple[Array, Array]:
    """(T, B, 3) unit directions of the bones both of whose ends are known, and (T, B) their
    standard deviations [m], infinite for the others. Joints of other names tell nothing.

    Raises:
        InvalidValue: no name is known.
    """
    if not set(lifted.names) & set(KNOWN):
        raise InvalidValue(
            f"lifted joints: unknown {', '.join(lifted.names)}; known are {', '.join(KNOWN)}"
        )
    frames = len(lifted.times)
    directions = np.tile(np.array([0.0, 1.0, 0.0]), (frames, len(BONES), 1))
    sigma = np.full((frames, len(BONES)), np.inf)
    for i, (bone, _) in enumerate(BONES):
        ends = [_joint(lifted, name) for name in ENDS[bone]]
        if ends[0] is None or ends[1] is None:
            continue
        (start, a), (end, b) = ends[0], ends[1]
        vector = end - start
        length = np.linalg.norm(vector, axis=1)
        good = np.isfinite(length) & (length > TOO_SHORT)
        directions[good, i] = vector[good] / length[good, None]
        sigma[good, i] = np.hypot(a, b)[good]
    return directions, sigma


def _joint(lifted: Lifted, name: str) -> tuple[Array, Array] | None:
    """(T, 3) a joint, or the middle of two, and (T,) its sigma."""
    parts = (name,) if name in lifted.names else MIDDLES.get(name, (name,))
    if not set(parts) <= set(lifted.names):
        return None
    index = [lifted.names.index(part) for part in parts]
    each = np.broadcast_to(lifted.sigma, lifted.positions.shape[:2])[:, index]
    spread = np.sqrt(np.mean(each**2, axis=1) / len(index))
    return lifted.positions[:, index].mean(axis=1), spread
