"""What the fit works on: what was seen, what is believed, and how points follow from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mocap.arrays import Array
from mocap.solve.body import BONES, LENGTHS, OF_LENGTH, POINTS, TO_MARK, reached

# unknowns of a frame: the root, then two turns of every bone
ROOT = slice(0, 3)
UNKNOWNS = 3 + 2 * len(BONES)

# unknowns that all frames share
LENGTH = slice(0, len(LENGTHS))  # logarithms of the lengths
UP = slice(len(LENGTHS), len(LENGTHS) + 2)  # two turns of the direction that is up
FLOOR = len(LENGTHS) + 2  # height of the camera over the floor
FOCAL = len(LENGTHS) + 3  # logarithm of the focal length
SHARED = len(LENGTHS) + 4


@dataclass(frozen=True)
class Measured:
    """What was seen of one person in T frames, in view axes.

    Attributes:
        times: (T,) [s].
        rays: (T, K, 2) where the line of sight of each point meets the plane one metre ahead.
        seen: (T, K) weight of each point in [0, 1].
        vectors: (T, B, 3) unit direction of each bone as the estimator sees it in 3D.
        known: (T, B) weight of each direction in [0, 1].
        lifted: (T, B, 3) unit direction of each bone as a lifter sees it.
        lifted_sigma: (T, B) [m] how far its end may be off; infinite without a lifter.
        sight: (T, 3) unit direction from the camera to the person.
        planted: (T, 2, 2) probability that heel and toes of each foot stand.
        flight: (T,) probability that the person is in the air.
    """

    times: Array
    rays: Array
    seen: Array
    vectors: Array
    known: Array
    lifted: Array
    lifted_sigma: Array
    sight: Array
    planted: Array
    flight: Array

    def __len__(self) -> int:
        return len(self.times)

    def part(self, frames: slice) -> Measured:
        """Some of the frames."""
        return Measured(*(getattr(self, name)[frames] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Estimate:
    """A person's motion as the fit believes it to be, in view axes.

    Attributes:
        root: (T, 3) [m] the middle between the hip joints.
        directions: (T, B, 3) unit direction of each bone.
        lengths: (L,) [m] of the bones.
        up: (3,) unit direction away from the floor.
        floor: [m] height of the camera over the floor.
        focal: the focal length, as a multiple of the camera's.
    """

    root: Array
    directions: Array
    lengths: Array
    up: Array
    floor: float
    focal: float

    def part(self, frames: slice) -> Estimate:
        """Some of the frames."""
        return Estimate(
            self.root[frames], self.directions[frames], self.lengths, self.up, self.floor,
            self.focal,
        )  # fmt: skip

    @property
    def joints(self) -> Array:
        """(T, K, 3) [m] the joints of POINTS."""
        return reached(self.root, self.directions, self.lengths)


def tangents(directions: Array) -> Array:
    """Two unit vectors across each unit direction (..., 3) and each other, as columns (..., 3, 2).

    Duff et al., "Building an orthonormal basis, revisited" (2017).
    """
    x, y, z = directions[..., 0], directions[..., 1], directions[..., 2]
    sign = np.where(z >= 0, 1.0, -1.0)
    a = -1.0 / (sign + z)
    b = x * y * a
    columns = np.empty((*directions.shape, 2))
    columns[..., 0, 0], columns[..., 1, 0], columns[..., 2, 0] = (
        1 + sign * x * x * a,
        sign * b,
        -sign * x,
    )
    columns[..., 0, 1], columns[..., 1, 1], columns[..., 2, 1] = b, sign + y * y * a, -y
    return columns


class Linearised:
    """An estimate with the derivatives of its points.

    Attributes:
        points: (T, K, 3) [m] where estimators would mark them.
        basis: (T, B, 3, 2) the two turns of each bone.
        long: (B,) [m] length of each bone.
        up_basis: (3, 2) the two turns of up.
        jacobian: (T, K, 3, N) derivative of the points by the unknowns of their frame.
        by_length: (T, K, 3, L) derivative by the logarithms of the lengths.
    """

    def __init__(self, estimate: Estimate) -> None:
        self.estimate = estimate
        frames = len(estimate.root)
        self.long = estimate.lengths[OF_LENGTH]
        self.points = reached(estimate.root, estimate.directions, estimate.lengths, TO_MARK)
        self.basis = tangents(estimate.directions)
        self.up_basis = tangents(estimate.up)
        self.jacobian = np.empty((frames, len(POINTS), 3, UNKNOWNS))
        self.jacobian[..., ROOT] = np.eye(3)
        turns = np.swapaxes(self.basis * self.long[:, None, None], 1, 2).reshape(frames, 1, 3, -1)
        np.multiply(TURNS_TO_MARK, turns, out=self.jacobian[..., 3:])
        vectors = np.swapaxes(estimate.directions * self.long[:, None], 1, 2)
        by_bone = TO_MARK[:, None] * vectors[:, None]  # T, K, 3, B
        self.by_length = (by_bone.reshape(-1, len(BONES)) @ IS_LENGTH).reshape(
            frames, len(POINTS), 3, -1
        )


TURNS_TO_MARK: Array = np.repeat(TO_MARK, 2, axis=1)[:, None]  # each bone has two turns
IS_LENGTH: Array = (OF_LENGTH[:, None] == np.arange(len(LENGTHS))).astype(np.float64)
