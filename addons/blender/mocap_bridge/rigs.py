"""Armatures of the scene: read, posed, and made.

Nothing of Blender's is kept between two calls, only names and numbers: undo and files replace every
object and bone.
"""

import contextlib
from dataclasses import dataclass
from typing import NamedTuple, Optional

import bpy
import numpy as np
from mathutils import Quaternion

from .armature import Armature
from .retarget import Retarget
from .shared.bones import SIDES
from .shared.errors import RigError

LEAF = 0.3  # length of a bone without child or tip, as a share of its parent
LEAST = 1e-3  # [m] Blender drops bones without length
# where bones with several children point to, if it is not the first
TOWARDS = {"hips": "spine", **{side + "Hand": side + "MiddleProximal" for side in SIDES}}


@dataclass(frozen=True)
class Settings:
    """How an armature follows, as in the properties of a target.

    Attributes:
        pairs: (human bone, bone of the armature), each.
        reference: (bone, (w, x, y, z)), each: the stored T-pose; empty for the rest pose.
        scale: "LEGS" by the length of the legs, "ONE" the person's metres, "CUSTOM" `factor` times.
        root: "BONE": the hips travel; "OBJECT": the object does, and the hips rise and fall.
        in_place: whether the body stays over its spot.
    """

    pairs: tuple
    reference: tuple = ()
    scale: str = "LEGS"
    factor: float = 1.0
    root: str = "BONE"
    in_place: bool = False


class Moves(NamedTuple):
    """What an armature does in T poses.

    Attributes:
        basis: (T, B, 4) rotations of pose bones, w, x, y, z.
        location: (T, 3) of the root among them.
        place: (T, 3) location of the character's object; None where that stays where it is.
    """

    basis: np.ndarray
    location: np.ndarray
    place: Optional[np.ndarray]


class Rigged:
    """An armature that a person moves.

    Args:
        armature: the armature object whose bones are turned.
        source: `Skeleton` of the person.
        settings: how it follows.

    Attributes:
        name: of the object whose bones are turned.
        bones: names of the B bones that are turned.
        root: name of the bone that has a location, the hips where they can leave their place.

    Raises:
        RigError: the armature cannot follow; says why.
    """

    def __init__(self, armature, source, settings):
        self.name = armature.name
        self._object_travels = settings.root == "OBJECT"
        size = size_of(armature)
        scale = {"LEGS": None, "ONE": 1.0 / size, "CUSTOM": settings.factor / size}[settings.scale]
        self._retarget = Retarget(
            source,
            read(armature),
            dict(settings.pairs),
            reference=dict(settings.reference),
            scale=scale,
            in_place=settings.in_place,
        )
        self.bones, self.root = self._retarget.bones, self._retarget.travel
        self._signature = signature_of(armature)
        rows = {bone.name: i for i, bone in enumerate(armature.pose.bones)}
        missing = [bone for bone in (*self.bones, self.root) if bone not in rows]
        if missing:
            raise RigError(f"its pose has no {missing[0]} yet; leave edit mode")
        self._rows = np.array([rows[bone] for bone in self.bones])
        self._root_row = rows[self.root]
        self._quaternions = np.empty((len(rows), 4), dtype=np.float32)

    @property
    def armature(self):
        """The object whose bones are turned. Raises RigError if it is gone."""
        found = bpy.data.objects.get(self.name)
        if found is None:
            raise RigError(f"{self.name} is gone")
        return found

    @property
    def character(self):
        """The object that a target names, which also travels where an object does."""
        return self.armature

    def valid(self):
        """Whether the armature is still as it was read."""
        armature = bpy.data.objects.get(self.name)
        return (
            armature is not None
            and armature.type == "ARMATURE"
            and len(armature.pose.bones) == len(self._quaternions)
            and signature_of(armature) == self._signature
        )

    def pose(self, root, rotations):
        """What the armature has to do for T poses of the person, `Moves`.

        Args:
            root: (T, 3) [m] position of the person's first bone.
            rotations: (T, J, 4) its local rotations, x, y, z, w.
        """
        basis, shift = self._retarget(root, rotations)
        if not self._object_travels:
            return Moves(basis, self._retarget.location(shift), None)
        rise = (shift @ self._retarget.up)[:, None] * self._retarget.up
        turned = np.array(self.character.matrix_basis.to_3x3())
        return Moves(basis, self._retarget.location(rise), (shift - rise) @ turned.T)

    def keyed(self, root, rotations):
        """What to write as keyframes of `character` for T poses; arguments as for `pose`.

        Returns:
            Names of the bones, the name of that with a location, and the `Moves`.
        """
        return self.bones, self.root, self.pose(root, rotations)

    def let_go(self):
        """To be called when keyframes were written: a go-between would hide them."""

    def apply(self, moves, frame=0):
        """Give the armature one pose of `pose`."""
        armature, basis = self.armature, moves.basis[frame]
        bones, quaternions = armature.pose.bones, self._quaternions
        flat = quaternions.reshape(-1)
        bones.foreach_get("rotation_quaternion", flat)
        # of q and -q the one nearer to the last
        against = (quaternions[self._rows] * basis).sum(axis=1) < 0
        quaternions[self._rows] = np.where(against[:, None], -basis, basis)
        bones.foreach_set("rotation_quaternion", flat)
        # foreach_get leaves the buffer as it was for this property in Blender 3
        modes = [bone.rotation_mode for bone in bones]
        for n, row in enumerate(self._rows.tolist()):
            if modes[row] != "QUATERNION":
                turn(bones[row], Quaternion(basis[n].tolist()))
        bones[self._root_row].location = moves.location[frame].tolist()
        if moves.place is not None:
            self.character.location = moves.place[frame].tolist()
        armature.update_tag()


def turn(bone, q):
    """Turn a pose bone that does not count in quaternions, without a jump from where it is."""
    if bone.rotation_mode == "AXIS_ANGLE":
        axis, angle = q.to_axis_angle()
        bone.rotation_axis_angle = (angle, *axis)
    else:
        bone.rotation_euler = q.to_euler(bone.rotation_mode, bone.rotation_euler)


def size_of(thing):
    """Metres in the world for a unit of an object."""
    return max(float(np.mean(np.abs(thing.matrix_world.to_scale()))), 1e-9)


def signature_of(armature):
    """A number that changes with the rest pose of an armature."""
    bones = armature.data.bones
    rest = np.empty(len(bones) * 16, dtype=np.float32)
    bones.foreach_get("matrix_local", rest)
    return hash((armature.data.name, rest.tobytes()))


def read(armature):
    """The rest pose of an armature object, an `Armature`."""
    bones = sorted(armature.data.bones, key=lambda bone: len(bone.parent_recursive))
    index = {bone.name: i for i, bone in enumerate(bones)}
    rest = [bone.matrix_local.to_quaternion() for bone in bones]
    return Armature(
        names=tuple(bone.name for bone in bones),
        parents=tuple(-1 if bone.parent is None else index[bone.parent.name] for bone in bones),
        heads=np.array([bone.head_local for bone in bones], dtype=np.float64).reshape(-1, 3),
        tails=np.array([bone.tail_local for bone in bones], dtype=np.float64).reshape(-1, 3),
        rest=np.array([(q.x, q.y, q.z, q.w) for q in rest], dtype=np.float64).reshape(-1, 4),
        inherits=np.array([bone.use_inherit_rotation for bone in bones], dtype=bool),
        connected=np.array([bone.use_connect for bone in bones], dtype=bool),
        local=np.array([bone.use_local_location for bone in bones], dtype=bool),
    )


def stored_pose(armature):
    """The pose in which an armature stands now, rotations w, x, y, z by bone: a reference pose."""
    return {
        bone.name: [round(float(x), 7) for x in bone.matrix_basis.to_quaternion()]
        for bone in armature.pose.bones
    }


def may_edit():
    """Raises RigError where no armature can be made or edited now."""
    active = bpy.context.view_layer.objects.active
    if active is not None and active.mode not in ("OBJECT", "POSE"):
        raise RigError(f"{active.name} is being edited: go back to object mode first")


class Editing:
    """Edit mode of an armature object, for as long as a `with` lasts; then all is as it was.

    Raises:
        RigError: as `may_edit`.
    """

    def __init__(self, armature):
        self._name = armature.name
        self._window = contextlib.ExitStack()

    def __enter__(self):
        may_edit()
        layer = bpy.context.view_layer
        active = layer.objects.active
        self._mode = active.mode if active is not None else "OBJECT"
        windows = bpy.context.window_manager.windows
        if bpy.context.window is None and len(windows):  # as in a timer
            self._window.enter_context(bpy.context.temp_override(window=windows[0]))
        self._active = active.name if active is not None else ""
        self._selected = [thing.name for thing in layer.objects if thing.select_get()]
        if self._mode != "OBJECT":
            bpy.ops.object.mode_set(mode="OBJECT")
        layer.objects.active = bpy.data.objects[self._name]
        bpy.ops.object.mode_set(mode="EDIT")
        return bpy.data.objects[self._name].data.edit_bones

    def __exit__(self, *_):
        bpy.ops.object.mode_set(mode="OBJECT")
        layer = bpy.context.view_layer
        for thing in layer.objects:
            thing.select_set(thing.name in self._selected)
        layer.objects.active = layer.objects.get(self._active)
        if self._mode != "OBJECT":
            bpy.ops.object.mode_set(mode=self._mode)
        self._window.close()


def create(scene, source, name):
    """A new armature object in the bones of a person, in T-pose at the origin, facing -Y.

    Args:
        source: the person's `Skeleton`; Blender's axes are (x, -z, y) of its own.
        name: of the object, made unique by Blender.

    Raises:
        RigError: as `may_edit`.
    """
    may_edit()
    armature = bpy.data.objects.new(name, bpy.data.armatures.new(name))
    scene.collection.objects.link(armature)
    heads, tips = (v[:, [0, 2, 1]] * [1, -1, 1] for v in (source.rest_positions(), source.tips))
    tails = _tails(source, heads, tips)
    with Editing(armature) as bones:
        for i, bone in enumerate(source.names):
            made = bones.new(bone)
            made.head, made.tail = heads[i].tolist(), tails[i].tolist()
            along = np.abs(tails[i] - heads[i])
            # the bone's Z axis forward, or up where the bone itself goes forward
            made.align_roll((0.0, 0.0, 1.0) if np.argmax(along) == 1 else (0.0, -1.0, 0.0))
            if source.parents[i] >= 0:
                made.parent = bones[source.names[source.parents[i]]]
    armature.data.display_type = "OCTAHEDRAL"
    armature.show_in_front = True
    return armature


def _tails(source, heads, tips):
    """(J, 3) where the bones of a skeleton are drawn to: a child, a tip, or a little further."""
    index = {bone: i for i, bone in enumerate(source.names)}
    tails = np.empty_like(heads)
    for i, bone in enumerate(source.names):
        children = [k for k, parent in enumerate(source.parents) if parent == i]
        towards = index.get(TOWARDS.get(bone, ""))
        parent = source.parents[i]
        if children:
            tail = heads[towards if towards in children else children[0]]
            if len(children) > 1 and towards not in children:
                tail = heads[min(children, key=lambda k: abs(heads[k, 0] - heads[i, 0]))]
        elif np.isfinite(tips[i]).all():
            tail = heads[i] + tips[i]
        elif parent >= 0:
            tail = heads[i] + LEAF * (heads[i] - heads[parent])
        else:
            tail = heads[i] + [0.0, 0.0, 0.1]
        short = np.linalg.norm(tail - heads[i]) < LEAST
        tails[i] = heads[i] + [0.0, 0.0, 10 * LEAST] if short else tail
    return tails
