"""An existing joint hierarchy that a person moves.

Joints keep their jointOrient, rotateAxis and rotateOrder: only `rotate` is written, and `translate`
of the hips. The person moves in the space of what the hips hang on, so a character that is turned,
scaled or moved by a group or a root joint stays so. The rest pose is kept with the character, as a
text on its first joint, so that it can be bound again in any pose.
"""

from __future__ import annotations

import json
import math
from typing import Mapping, NamedTuple, Sequence

from . import body as bodies
from . import euler
from . import joints as maths
from .body import Body, Rest
from .retarget import Retarget
from .scene import ROTATE, Joint, Matrix, Node, Scene, SceneError, Vec
from .shared import turns
from .shared.bone_maps import BoneMap, detect
from .shared.bones import TORSO, meeting
from .shared.errors import RigError
from .shared.skeleton import Skeleton
from .shared.stance import HIPS, facing, square

REST = "mocapBridgeRest"  # name of the attribute
METRE = 100.0  # [cm]
ASKEW = 0.02  # [rad] by which the axes of one space have to fit better than those of another
SCALES = ("LEGS", "ONE", "CUSTOM")
ROOTS = ("HIPS", "ROOT")


class Settings(NamedTuple):
    """How a character follows.

    Attributes:
        pairs: (human bone, joint), each; empty to recognise them.
        scale: "LEGS" by the length of the legs, "ONE" the person's size, "CUSTOM" `factor` times.
        factor: of "CUSTOM".
        root: "HIPS": the hips travel; "ROOT": the first joint does along the floor, where the
            hips hang below it, and the hips rise and fall.
        in_place: whether the body stays over its spot.
    """

    pairs: tuple[tuple[str, str], ...] = ()
    scale: str = "LEGS"
    factor: float = 1.0
    root: str = "HIPS"
    in_place: bool = False


class Pose(NamedTuple):
    """What a character does.

    Attributes:
        rotations: [rad] `rotate` of each of `Rigged.nodes`.
        places: [cm] `translate` of each of `Rigged.moved`.
    """

    rotations: list[Vec]
    places: list[Vec]


class Rigged:
    """A character made ready to follow a person.

    The first time that a character is bound, the pose in which it stands becomes its rest pose and
    is kept with it.

    Args:
        scene: where it stands.
        root: its first joint.
        source: skeleton of the person.
        settings: how it follows; None for `Settings()`.

    Attributes:
        root: its first joint.
        name: of that.
        nodes: joints that are turned.
        orders: rotateOrder of each.
        moved: joints that travel.
        notes: sentences about joints that do not follow, where the others do.
        scale: cm of travel for a metre of the person's.

    Raises:
        RigError: it cannot follow; says why.
    """

    def __init__(
        self, scene: Scene, root: Node, source: Skeleton, settings: Settings | None = None
    ) -> None:
        settings = settings or Settings()
        if settings.scale not in SCALES or settings.root not in ROOTS:
            raise RigError(f"scale is one of {', '.join(SCALES)}, root of {', '.join(ROOTS)}")
        self._scene, self.root, self.name = scene, root, scene.name_of(root)
        joints = scene.joints(root)
        stored = rest_of(scene, root)
        whole = bodies.read(joints, stored)
        pairs = dict(settings.pairs) or detect(whole.skeleton()).pairs
        self._body = _moving(whole, pairs)
        self._retarget = Retarget(
            source,
            self._body,
            pairs,
            scale=self._factor(settings),
            in_place=settings.in_place,
        )
        self.scale = self._retarget.scale
        driven = [self._body.joints[i] for i in self._retarget.driven]
        self.nodes = tuple(joint.node for joint in driven)
        self.orders = tuple(joint.order for joint in driven)
        lacking = [f"{human} ({bone})" for human, bone in pairs.items() if bone not in whole.names]
        self.notes = tuple(filter(None, (_lacking(lacking), _locked(driven))))
        self._rest = [self._body.rests[i].rotate for i in self._retarget.driven]
        self._travel(joints[0], whole, settings)
        self._fixed = _fixed(joints)
        self._near = [joint.rotate for joint in driven]
        if not stored:
            store_rest(scene, root)

    def _factor(self, settings: Settings) -> float | None:
        """Units of the body's space for a metre; None for the ratio of the legs."""
        if settings.scale == "LEGS":
            return None
        hips = self._body
        to_world = maths.product(maths.inverse(hips.hangs[0]), hips.joints[0].above)
        size = sum(turns.length(to_world[i : i + 3]) for i in (0, 4, 8)) / 3
        factor = settings.factor if settings.scale == "CUSTOM" else 1.0
        return factor * METRE / max(size, turns.TINY)

    def _travel(self, first: Joint, whole: Body, settings: Settings) -> None:
        """Who travels, from where, and the way from the body's space to theirs."""
        hips = self._body.joints[0]
        self._to_hips = _linear(maths.inverse(self._body.hangs[0]))
        self._at = self._body.rests[0].translate
        self.moved: tuple[Node, ...] = (hips.node,)
        self._on_root = settings.root == "ROOT" and first.node != hips.node
        if self._on_root:
            self.moved = (first.node, hips.node)
            self._root_at = whole.rests[0].translate
            to_root = maths.product(hips.above, maths.inverse(first.above))
            self._to_root = maths.product(self._to_hips, _linear(to_root))

    def pose(self, root: Sequence[float], rotations: Sequence[float]) -> Pose:
        """What the character has to do; angles follow those of the call before without a jump.

        Args:
            root: x, y, z [m] position of the person's first bone.
            rotations: its local rotations, flat, x, y, z, w of each bone.

        Raises:
            RigError: the pose is of another skeleton.
        """
        found, shift = self._retarget(root, rotations)
        near = [
            euler.to_euler(q, order, last) for q, order, last in zip(found, self.orders, self._near)
        ]
        self._near = near
        if not self._on_root:
            return Pose(near, [turns.plus(self._at, maths.moved(shift, self._to_hips))])
        up = self._retarget.up
        rise = turns.scaled(up, turns.dot(shift, up))
        along = maths.moved(turns.minus(shift, rise), self._to_root)
        rise = maths.moved(rise, self._to_hips)
        return Pose(near, [turns.plus(self._root_at, along), turns.plus(self._at, rise)])

    def apply(self, root: Sequence[float], rotations: Sequence[float]) -> None:
        """Put the character into a pose now; arguments as for `pose`.

        Raises:
            RigError: the pose is of another skeleton, or joints are gone.
        """
        pose = self.pose(root, rotations)
        if not all(map(math.isfinite, [n for v in (*pose.rotations, *pose.places) for n in v])):
            raise RigError("the pose has a number that is none")
        try:
            self._scene.pose(self.nodes, pose.rotations, self.moved, pose.places)
        except SceneError:
            raise RigError(self._gone()) from None

    def _gone(self) -> str:
        """What is no longer there."""
        names = {joint.node: name for joint, name in zip(self._body.joints, self._body.names)}
        gone = [
            names.get(node, self.name)
            for node in dict.fromkeys((*self.nodes, *self.moved))
            if not self._scene.exists(node)
        ]
        if len(gone) == len(self.nodes) or not gone:
            return f"{self.name} is gone from the scene"
        return f"{_some(gone)} of {self.name} is gone from the scene"

    def begin(self) -> None:
        """The next pose is the first of a series: its angles are those nearest to the rest."""
        self._near = list(self._rest)

    def valid(self) -> bool:
        """Whether the joints still are as they were read; new names do not matter.

        Reads the whole hierarchy: to be asked now and then, not for every frame.
        """
        try:
            return _fixed(self._scene.joints(self.root)) == self._fixed
        except SceneError:
            return False


def _moving(whole: Body, pairs: Mapping[str, str]) -> Body:
    """The joint that carries hips and legs, and all below it.

    In the space of what it hangs on, so that a root joint may turn and scale the character; but
    where that has axes askew to a body that stands straight, in the space of what all hangs on.

    Raises:
        RigError: there are no such joints.
    """
    needed = [pairs.get(human, "") for human in ("hips", *HIPS)]
    lacks = [
        f"{human} ({bone})" if bone else human
        for human, bone in zip(("hips", *HIPS), needed)
        if bone not in whole.names
    ]
    if lacks:
        raise RigError(f"there is no joint for {', '.join(lacks)}; look through the bone list")
    found = meeting(whole.skeleton(), needed)
    if found is None:
        raise RigError("hips and legs hang on several roots")
    inner = whole.below(found, maths.IDENTITY)
    outer = whole.below(found, whole.hangs[whole.names.index(found)])
    return outer if _slant(inner, pairs) > _slant(outer, pairs) + ASKEW else inner


def _lacking(bones: Sequence[str]) -> str:
    """A sentence about bones without a joint; "" for none."""
    return f"there is no joint for {_some(bones)}" if bones else ""


def _locked(driven: Sequence[Joint]) -> str:
    """A sentence about joints that cannot be turned; "" for none.

    Raises:
        RigError: that are most of them, as where controls move the joints.
    """
    names = [joint.name for joint in driven if set(joint.locked) & set(ROTATE)]
    if 2 * len(names) > len(driven):
        raise RigError(
            f"{_some(names)} cannot be turned: locked, or driven by controls or constraints; "
            "use joints that nothing drives, or HumanIK"
        )
    return f"{_some(names)} cannot be turned: locked or driven" if names else ""


def _some(names: Sequence[str]) -> str:
    """The first of some names."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _slant(body: Body, pairs: Mapping[str, str]) -> float:
    """[rad] between the axes of a body that stands and the nearest coordinate axes."""
    index = {human: body.names.index(bone) for human, bone in pairs.items() if bone in body.names}
    if not any(bone in index for bone in ("head", "neck", *TORSO)):
        return 0.0  # whoever needs these bones will say so
    frame = facing(body.at, index)
    return 2 * math.acos(min(1.0, abs(turns.mul(turns.inv(square(frame)), frame)[3])))


def _linear(m: Matrix) -> Matrix:
    """A matrix without its place."""
    return (*m[:12], 0.0, 0.0, 0.0, 1.0)


def _fixed(joints: Sequence[Joint]) -> list[tuple[object, ...]]:
    """What of joints does not change while they only move."""
    return [
        (j.node, j.parent, j.order, _rounded(j.orient), _rounded(j.axis), _rounded(j.scale))
        for j in joints
    ]


def _rounded(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(round(value, 6) for value in values)


# --- rest poses ----------------------------------------------------------------------------


def rest_of(scene: Scene, root: Node) -> dict[str, Rest]:
    """The stored rest pose of a character, by name of the joint; empty if there is none.

    Raises:
        RigError: it cannot be read.
    """
    text = scene.text(root, REST)
    if not text:
        return {}
    try:
        told = json.loads(text)["joints"]
        found = {}
        for name, values in told.items():
            a, b, c, x, y, z = map(float, values)
            if not all(map(math.isfinite, (a, b, c, x, y, z))):
                raise ValueError
            found[str(name)] = Rest((a, b, c), (x, y, z))
        return found
    except (ValueError, TypeError, KeyError, AttributeError):
        raise RigError("the stored rest pose is broken; store it again") from None


def store_rest(scene: Scene, root: Node) -> None:
    """Keep the pose in which a character stands now as its rest pose. Raises SceneError."""
    joints = scene.joints(root)
    told = {
        bodies.short(name): [round(n, 9) for n in (*joint.rotate, *joint.translate)]
        for name, joint in zip(bodies.names_of(joints), joints)
    }
    text = json.dumps({"version": 1, "unit": "rad, cm", "joints": told}, separators=(",", ":"))
    with scene.undo_chunk("Store rest pose"):
        scene.set_text(root, REST, text)


def to_rest(scene: Scene, root: Node) -> None:
    """Put a character into its stored rest pose. Raises RigError if there is none."""
    stored = rest_of(scene, root)
    if not stored:
        raise RigError(f"no rest pose of {scene.name_of(root)} is stored")
    joints = scene.joints(root)
    names = [bodies.short(name) for name in bodies.names_of(joints)]
    there = [(j.node, stored[name]) for j, name in zip(joints, names) if name in stored]
    nodes = [node for node, _ in there]
    scene.stand(nodes, [r.rotate for _, r in there], [r.translate for _, r in there])


# --- bones ---------------------------------------------------------------------------------


def names_of(scene: Scene, root: Node) -> list[str]:
    """The names of a character's joints, as a bone list names them. Raises SceneError."""
    return bodies.names_of(scene.joints(root))


def map_of(scene: Scene, root: Node) -> BoneMap:
    """The bone map of a character, recognised. Raises RigError."""
    return detect(bodies.read(scene.joints(root), rest_of(scene, root)).skeleton())
