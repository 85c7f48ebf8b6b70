"""Poses of a captured person as rotations of an armature's bones, whatever its bones and rest pose.

The same maths as the capture program's `mocap.retarget`. Between the two bodies lies the canonical
T-pose (+Y up, facing +Z, arms along X). For a bone i of a body in its reference pose let

    P_i   its rotation there from the rest pose, in the body's world,
    A_i   the rotation that takes the bone from the canonical T-pose to the reference pose: the
          body's own axes F for torso, head and feet; for arms and legs, which may be posed (A-pose,
          arms hanging), the one of the bone above, then the shortest arc to where the bone points,
    C_i = P_i^-1 A_i.

A pose that has turned the bone by G_i from its rest turns it from the canonical T-pose by

    H_i = W G_i C_i,    W: the body's world to the canonical one,

which is the same for every body in the same pose, twist included. So for the armature (primed)
G'_i = W'^-1 H_i C'_i^-1, and with R_i the bone's rest orientation in the armature, its orientation
is G'_i R_i. Blender wants it from that of the parent, p, at rest (the formula of a pose bone):

    basis_i = R_i^-1 G'_p^-1 G'_i R_i.

Bones that nothing drives keep their reference rotation and are carried along; spine and neck of
more or fewer bones bend as much in all. All of these products but G and the two G' are constants,
and a product with a constant from either side is one 4 x 4 matrix.
"""

from typing import Dict, List, Optional, Sequence, Tuple

import numpy as np

from . import turns
from .armature import Armature
from .clips import Skeleton
from .shared.bone_maps import detect
from .shared.bones import FEET, Pairs, meeting
from .shared.drives import drives_of
from .shared.errors import RigError
from .shared.stance import HIPS, NEAR, Stance
from .stance import UP, stance_of

BLOCK = 512  # frames at once, so that what is computed stays near the processor
ONE = np.array([0.0, 0.0, 0.0, 1.0])
WXYZ = [3, 0, 1, 2]


# --- quaternions as matrices ---------------------------------------------------------------

# where the components of q stand in the matrix that multiplies by q, and their signs
_PLACES = np.array([[3, 2, 1, 0], [2, 3, 0, 1], [1, 0, 3, 2], [0, 1, 2, 3]])
_LEFT = np.array([[1, -1, 1, 1], [1, 1, -1, 1], [-1, 1, 1, 1], [-1, -1, -1, 1]], dtype=np.float64)
_RIGHT = np.array([[1, 1, -1, 1], [-1, 1, 1, 1], [1, -1, 1, 1], [-1, -1, -1, 1]], dtype=np.float64)


def left(q: np.ndarray) -> np.ndarray:
    """(..., 4, 4) that multiplies by q (..., 4) from the left: left(a) @ b is a b."""
    return q[..., _PLACES] * _LEFT


def right(q: np.ndarray) -> np.ndarray:
    """(..., 4, 4) that multiplies by q (..., 4) from the right: right(b) @ a is a b."""
    return q[..., _PLACES] * _RIGHT


def matrices(q: np.ndarray) -> np.ndarray:
    """Rotation matrices (..., 3, 3)."""
    return (left(q) @ right(turns.inv(q)))[..., :3, :3]


# --- positions of a few joints -------------------------------------------------------------


class Reach:
    """Positions of a few joints from the rotations of the bones on the way to them.

    Args:
        joints: indices of the joints.
        above: for each bone the nearest bone above that has a rotation, -1 for none.
        at: (J, 3) positions in the reference pose.
        posed: (J, 4) rotations in it.
    """

    def __init__(self, joints, above, at, posed) -> None:
        ways: List[List[Tuple[int, int]]] = []
        for joint in joints:
            way, below = [], joint
            while above[below] >= 0:
                way.append((above[below], below))
                below = above[below]
            ways.append(way)
        steps = sorted({step for way in ways for step in way})
        self.bones = [a for a, _ in steps]
        vectors = [turns.rotate(turns.inv(posed[a]), at[b] - at[a]) for a, b in steps]
        self._vectors = np.array(vectors).reshape(-1, 3, 1)
        self._sum = np.array([[float(step in way) for step in steps] for way in ways])
        # of a joint that nothing carries the place is where its line begins
        tops = [way[-1][0] if way else joint for joint, way in zip(joints, ways)]
        self.tops = at[tops]

    def __call__(self, rotations: np.ndarray) -> np.ndarray:
        """(T, N, 3) the joints from where their lines begin; rotations (T, len(bones), 4)."""
        return self._sum @ (matrices(rotations) @ self._vectors)[..., 0]


# --- from one to the other -----------------------------------------------------------------


class Retarget:
    """Brings poses of a skeleton to an armature; pure, nothing is kept in between.

    Args:
        source: the skeleton of the person.
        armature: the armature.
        pairs: human bone to bone of the armature; None detects it.
        reference: rotations of pose bones, w, x, y, z, in which the armature stands like a human,
            best in a T-pose; empty for its rest pose, in T, A or otherwise.
        scale: factor of the travel, armature units for a metre; None for the ratio of the legs.
        in_place: whether the body stays over the spot on which it stands.
        source_pairs: human bone to bone of the source; None detects it.

    Attributes:
        bones: the B bones of the armature that are turned.
        travel: the bone that carries the travel, the hips if they can leave their place.
        scale: the factor in use.
        up: (3,) the axis of the armature that points up.

    Raises:
        RigError: bones cannot be told or are missing, or a rest pose does not stand.
    """

    def __init__(
        self,
        source: Skeleton,
        armature: Armature,
        pairs: Optional[Pairs] = None,
        *,
        reference: Optional[Dict[str, Sequence[float]]] = None,
        scale: Optional[float] = None,
        in_place: bool = False,
        source_pairs: Optional[Pairs] = None,
    ) -> None:
        source_pairs = detect(source).pairs if source_pairs is None else source_pairs
        pairs = detect(armature.skeleton()).pairs if pairs is None else pairs
        rest = np.tile(ONE, (len(source), 1))
        seen = source.rest_positions()
        here = stance_of(source_pairs, source.names, source.parents, seen, seen + source.tips, rest)
        posed, at = armature.posed(reference or {})
        ends = at + turns.rotate(posed, armature.ends(pairs) - armature.heads)
        there = stance_of(pairs, armature.names, armature.parents, at, ends, posed, stands=True)
        self.scale = there.leg / here.leg if scale is None else float(scale)
        if not 0 < self.scale < np.inf:
            raise RigError(f"the scale has to be a positive number, not {scale}")
        self.up = turns.rotate(turns.inv(there.world), UP)
        self._in_place = in_place
        self._levels = _levels(source.parents)
        self._drive(here, there, armature)
        self._turn(armature, there, posed)
        self._stand(here, there, source, armature, posed, at)

    def _drive(self, here: Stance, there: Stance, armature: Armature) -> None:
        """Constants of H: which bone of the source turns which of the armature, and how."""
        drives = drives_of(here.index, there.index, armature.parents)
        self._driven = sorted(drives)
        goal = turns.inv(there.align)

        def factors(bones, of):
            first = turns.mul(here.align[of], goal[bones])
            return left(here.world) @ right(first)

        first, second, weight = (list(x) for x in zip(*(drives[i] for i in self._driven)))
        self._first, self._first_factors = first, factors(self._driven, first)
        self._mixed = [n for n, w in enumerate(weight) if w > 0]
        self._second = [second[n] for n in self._mixed]
        self._weights = np.array([weight[n] for n in self._mixed])
        self._second_factors = factors([self._driven[n] for n in self._mixed], self._second)

    def _turn(self, armature: Armature, there: Stance, posed: np.ndarray) -> None:
        """Constants of the basis, and which bone carries which."""
        row = {bone: n for n, bone in enumerate(self._driven)}
        count = len(armature.names)
        self._above = [-1] * count  # for each bone the nearest driven one above it
        for i, parent in enumerate(armature.parents):
            if parent >= 0:
                self._above[i] = parent if parent in row else self._above[parent]
        carriers, factors = [], []
        for i in self._driven:
            parent = armature.parents[i]
            above = self._turned_by(i, armature, row)
            if not armature.inherits[i] or parent < 0:
                fixed = ONE
            elif above < 0:
                fixed = posed[parent]
            else:
                fixed = turns.mul(turns.inv(posed[above]), posed[parent])
            before = turns.inv(turns.mul(fixed, armature.rest[i]))
            if above < 0:  # nothing is taken off, so the canonical world has to be left here
                before = turns.mul(before, turns.inv(there.world))
            carriers.append(row.get(above, len(row)))
            factors.append(left(before) @ right(armature.rest[i]))
        self._carriers = carriers
        self._basis = np.array(factors)[:, WXYZ]
        held = [i for i in range(count) if i not in row and self._held(i, armature, posed)]
        self.bones = tuple(armature.names[i] for i in (*self._driven, *held))
        own = [_own(i, armature, posed) for i in held]
        fixed = [turns.mul(turns.mul(turns.inv(r), q), r) for q, r in own]
        self._held_basis = np.array(fixed).reshape(-1, 4)[:, WXYZ]

    @staticmethod
    def _turned_by(i: int, armature: Armature, row: Dict[int, int]) -> int:
        """The driven bone with which bone i turns, -1 for none."""
        while armature.inherits[i] and armature.parents[i] >= 0:
            i = armature.parents[i]
            if i in row:
                return i
        return -1

    @staticmethod
    def _held(i: int, armature: Armature, posed: np.ndarray) -> bool:
        """Whether a bone that is not driven is turned in the reference pose."""
        return abs(_own(i, armature, posed)[0][3]) < 1 - 1e-9

    def _stand(self, here, there, source, armature, posed, at) -> None:
        """Constants of the place; see `_place`."""
        pairs = {human: armature.names[i] for human, i in there.index.items()}
        tree = armature.skeleton()
        carrying = meeting(tree, [pairs[b] for b in ("hips", *HIPS)])
        bone = there.index["hips"] if carrying is None else armature.names.index(carrying)
        while armature.connected[bone] and armature.parents[bone] >= 0:
            bone = armature.parents[bone]
        self.travel = armature.names[bone]
        parent = armature.parents[bone]
        axes = posed[parent] if parent >= 0 else ONE
        if armature.local[bone]:
            axes = turns.mul(axes, armature.rest[bone])
        elif parent >= 0:
            axes = turns.mul(axes, armature.rest[parent])
        self._axes = matrices(turns.inv(axes)).T

        self._feet = [foot for foot in FEET if foot in here.heights and foot in there.heights]
        joints = (*HIPS, *self._feet)
        rest = np.tile(ONE, (len(source), 1))
        self._seen = Reach(
            [here.index[b] for b in joints], source.parents, source.rest_positions(), rest
        )
        self._mine = Reach([there.index[b] for b in joints], self._above, at, posed)
        row = {bone: n for n, bone in enumerate(self._driven)}
        self._mine_rows = [row[bone] for bone in self._mine.bones]
        self._world, self._back = matrices(here.world).T, matrices(there.world)
        self._fixed = self._mine.tops @ self._back.T
        self._lift = there.stand - self.scale * here.stand
        self._ground = there.ground - self.scale * here.ground * [1.0, 0.0, 1.0]
        self._soles = np.array(
            [there.heights[b] - self.scale * here.heights[b] for b in self._feet]
        )
        self._heights = np.array([here.heights[b] for b in self._feet])
        self._near = NEAR * there.leg
        self._spot = at[[there.index[b] for b in HIPS]].mean(axis=0) @ self._back.T

    def __call__(self, root: np.ndarray, rotations: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
        """What the armature has to do for T poses of the source.

        Args:
            root: (T, 3) [m] position of the source's first bone.
            rotations: (T, J, 4) its local rotations, x, y, z, w.

        Returns:
            basis: (T, B, 4) rotations of the pose bones `bones`, w, x, y, z.
            shift: (T, 3) how far the hips travel from where they rest, in the armature's space.
        """
        if len(rotations) > BLOCK:
            starts = range(0, len(rotations), BLOCK)
            parts = [self(root[i : i + BLOCK], rotations[i : i + BLOCK]) for i in starts]
            return tuple(np.concatenate(part) for part in zip(*parts))
        world = self._to_world(rotations)
        turned = (self._first_factors @ world[:, self._first, :, None])[..., 0]
        if self._mixed:
            other = (self._second_factors @ world[:, self._second, :, None])[..., 0]
            turned[:, self._mixed] = turns.slerp(turned[:, self._mixed], other, self._weights)
        count = len(self._driven)
        parents = np.empty((len(turned), count + 1, 4))
        parents[:, :count], parents[:, count] = turned, ONE
        own = left(turns.inv(parents))[:, self._carriers] @ turned[..., None]
        basis = np.empty((len(turned), len(self.bones), 4))
        basis[:, :count] = (self._basis @ own)[..., 0]
        basis[:, count:] = self._held_basis
        return basis, self._place(root, world, turned)

    def location(self, shift: np.ndarray) -> np.ndarray:
        """Location (..., 3) of the bone `travel` for a shift (..., 3)."""
        return shift @ self._axes

    def _to_world(self, rotations: np.ndarray) -> np.ndarray:
        """Rotations (T, J, 4) of the source's bones in its world."""
        world = left(rotations)
        for bones, parents in self._levels:
            world[:, bones] = world[:, parents] @ world[:, bones]
        return world[..., 3]

    def _place(self, root: np.ndarray, world: np.ndarray, turned: np.ndarray) -> np.ndarray:
        """Shift (T, 3) of the hips in the armature's space.

        The middle m between the hip joints goes to W m times the scale, lifted so that who stands
        straight on the source's floor stands on the armature's: with the legs' directions kept,
        feet then are where they were, times the scale. Legs bent in other proportions of thigh and
        shin miss the ground a little. Each foot (ankle and toes) that is r over its height at rest
        asks for a rise by its error e; feet off the ground ask less, by w = exp(-r / NEAR): the
        rise is sum(w e) / max(sum(w), 1).
        """
        seen = (self._seen(world[:, self._seen.bones]) + root[:, None]) @ self._world
        at = self._mine(turned[:, self._mine_rows]) + self._fixed
        middle, mine = 0.5 * (seen[:, 0] + seen[:, 1]), 0.5 * (at[:, 0] + at[:, 1])
        shift = self.scale * middle - mine + self._ground
        shift[:, 1] += self._lift
        feet = seen[:, 2:, 1]
        wanted = self.scale * feet + self._soles + self._ground[1]
        error = wanted - at[:, 2:, 1] - shift[:, 1:2]
        rise = self.scale * (feet - self._heights)
        weight = np.exp(-np.maximum(rise, 0.0) / self._near)
        shift[:, 1] += (weight * error).sum(axis=1) / np.maximum(weight.sum(axis=1), 1.0)
        if self._in_place:
            shift[:, ::2] = (self._spot - mine)[:, ::2]
        return shift @ self._back


def _own(i: int, armature: Armature, posed: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
    """Rotation (4,) of a bone in the reference pose from where its parent carries it, and R."""
    parent = armature.parents[i]
    if parent < 0 or not armature.inherits[i]:
        return posed[i], armature.rest[i]
    return turns.mul(turns.inv(posed[parent]), posed[i]), armature.rest[i]


def _levels(parents: Sequence[int]) -> List[Tuple[np.ndarray, np.ndarray]]:
    """Bones that have a parent, and the parents; those equally far from the root together."""
    depth: List[int] = []
    for parent in parents:
        depth.append(0 if parent < 0 else depth[parent] + 1)
    levels = []
    for d in range(1, max(depth) + 1):
        bones = np.flatnonzero(np.array(depth) == d)
        levels.append((bones, np.array(parents)[bones]))
    return levels
