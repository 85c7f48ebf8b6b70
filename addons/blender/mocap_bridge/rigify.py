"""Generated Rigify rigs: their FK controls follow a go-between, and are baked when that is wanted.

The controls hang on mechanism bones and constraints of their own, so no formula says which rotation
a control needs. A go-between does: a hidden armature, child of the rig, whose bones lie at rest as
the controls do and hang on each other as in a body. It is posed like any other armature, and each
control copies the rotation of its bone in the world.

The rig's own root is `torso`, in the middle of the spine, and the lower spine hangs down from it,
the last bone (`spine_fk`) carrying the pelvis. In the go-between the pelvis is the root, as in a
body, the lower spine stands on it, and `torso` is carried where that ends; so the pelvis is where
it belongs, however the spine bends.
"""

from dataclasses import replace

import bpy
import numpy as np

from .rigs import Editing, Moves, Rigged, may_edit
from .shared.bone_maps import detect
from .shared.bones import ARM, CHAINS, FINGERS, SIDES
from .shared.errors import RigError

NAME = "Mocap"  # of the constraints
MARK = "mocap_bridge_switches"  # on a go-between: which switches were how before
LIMBS = ("upper_arm_parent.L", "upper_arm_parent.R", "thigh_parent.L", "thigh_parent.R")
SWITCH = "IK_FK"  # 1 is FK
HIPS, PELVIS = "torso", "spine_fk"
FK = 1.0
SAME = 1e-4  # [m] and rotation


class RigifyRigged(Rigged):
    """A generated rig that a person moves: what is posed is its go-between. A `Rigged`."""

    def __init__(self, rig, source, settings):
        told = detect(source).pairs  # what the person has not, as fingers, is left to the user
        made, pairs = attached(rig, {human: b for human, b in settings.pairs if human in told})
        self._rig = rig.name
        super().__init__(made, source, replace(settings, pairs=tuple(pairs.items()), reference=()))

    @property
    def character(self):
        """The rig. Raises RigError if it is gone."""
        rig = bpy.data.objects.get(self._rig)
        if rig is None:
            raise RigError(f"{self._rig} is gone")
        return rig

    def valid(self):
        """Whether rig and go-between are still as they were."""
        rig = bpy.data.objects.get(self._rig)
        return rig is not None and holds(rig) and super().valid()

    def let_go(self):
        """Let the controls move by their own keyframes, with the limbs in FK."""
        release(self.character, switch_back=False)

    def keyed(self, root, rotations):
        """As of `Rigged`: what the controls do while they follow, frame by frame."""
        moves = self.pose(root, rotations)
        rig = self.character
        controls = tuple(bone.name for bone in self.armature.data.bones)
        basis = np.empty((len(moves.basis), len(controls), 4))
        location = np.empty((len(moves.basis), 3))
        for frame in range(len(basis)):
            self.apply(moves, frame)
            posed = rig.evaluated_get(bpy.context.evaluated_depsgraph_get())
            for n, name in enumerate(controls):
                control = posed.pose.bones[name]
                own = posed.convert_space(
                    pose_bone=control, matrix=control.matrix, from_space="POSE", to_space="LOCAL"
                )
                basis[frame, n] = own.to_quaternion()
                if name == HIPS:
                    location[frame] = own.translation
        return controls, HIPS, Moves(basis, location, moves.place)


def parents_of(pairs):
    """For each human bone of a map but the first the nearest one above it that the map has."""
    chains = [
        *CHAINS,
        *(("hips", "spine", "chest", "upperChest", *(s + part for part in ARM)) for s in SIDES),
        *(("hips", "spine", "neck", "head", bone) for bone in ("leftEye", "rightEye", "jaw")),
        *(
            (side + "Hand", *(side + finger + part for part in parts))
            for side in SIDES
            for finger, parts in FINGERS.items()
        ),
        ("hips", "spine", "chest", "upperChest", "neck", "head"),
    ]
    above = {}
    for chain in chains:
        known = [bone for bone in chain if bone in pairs]
        for bone, parent in zip(known[1:], known):
            above[bone] = parent
    return above


def is_rig(armature):
    """Whether an armature object is a rig that Rigify generated, with the limbs' FK controls."""
    bones = armature.data.bones
    return HIPS in bones and PELVIS in bones and "thigh_fk.L" in bones and LIMBS[0] in bones


def between(rig):
    """The go-between of a rig, or None."""
    return next((thing for thing in rig.children if MARK in thing), None)


def holds(rig):
    """Whether the controls still follow the go-between: generating a rig again removes that."""
    return NAME in rig.pose.bones[HIPS].constraints


def attached(rig, pairs):
    """The go-between of a rig and the bones of it that stand for human bones.

    It is made anew if it is missing, has other bones, or lies in another way than the controls.

    Raises:
        RigError: `pairs` does not begin at the rig's root, the rig is linked from a file, or no
            armature can be made now.
    """
    if pairs.get("hips") not in (HIPS, PELVIS):
        raise RigError(f"a Rigify rig is moved by its {HIPS}; choose that for the hips")
    if rig.library is not None:
        raise RigError("the rig is linked from another file; make a library override first")
    pairs = {human: bone for human, bone in pairs.items() if bone in rig.data.bones}
    pairs["hips"] = PELVIS
    tree = tree_of(rig, pairs)
    made = between(rig)
    if made is None or not holds(rig) or not _lies_as(made, rig, tree):
        may_edit()
        if rig.name not in bpy.context.view_layer.objects:
            raise RigError("its collection is not part of this view layer")
        release(rig)
        made = _make(rig, tree)
        _let_follow(rig, made)
    return made, pairs


def lower_spine(rig):
    """The controls from the pelvis up to the one that hangs on `torso`, in this order."""
    above = [PELVIS, *(bone.name for bone in rig.data.bones[PELVIS].parent_recursive)]
    return [bone for bone in above if bone.split(".")[0] == PELVIS]


def upper_spine(rig):
    """The controls of the spine that stand on `torso`, upwards."""
    lower = lower_spine(rig)
    spine = [b for b in rig.data.bones if b.name.split(".")[0] == PELVIS and b.name not in lower]
    return [b.name for b in sorted(spine, key=lambda bone: len(bone.parent_recursive))]


def tree_of(rig, pairs):
    """The bones of a go-between: (bone, its parent or None, where it begins), parents first.

    In the lower spine a bone begins where its control ends towards the pelvis: at the control
    below it.
    """
    lower, controls = lower_spine(rig), rig.data.bones
    tree = [(PELVIS, None, controls[PELVIS].head_local)]
    for bone, below in zip(lower[1:], lower):
        tree.append((bone, below, controls[below].head_local))
    tree.append((HIPS, lower[-1], controls[HIPS].head_local))
    above = lower[-1]
    for bone in upper_spine(rig):
        tree.append((bone, above, controls[bone].head_local))
        above = bone
    has = {bone for bone, _, _ in tree}
    parents = parents_of(pairs)
    waiting = [human for human in pairs if pairs[human] not in has]
    while waiting:  # a parent may come later in the map than its child
        human = next(h for h in waiting if parents.get(h) not in waiting)
        waiting.remove(human)
        tree.append(
            (pairs[human], pairs.get(parents.get(human)), controls[pairs[human]].head_local)
        )
    return tree


def _lies_as(made, rig, tree):
    """Whether a go-between has the bones of a tree, as the controls lie now."""
    bones, controls = made.data.bones, rig.data.bones
    if set(bones.keys()) != {bone for bone, _, _ in tree}:
        return False
    return all(
        (bones[bone].head_local - head).length < SAME
        and (bones[bone].vector - controls[bone].vector).length < SAME
        and (bones[bone].z_axis - controls[bone].z_axis).length < SAME
        for bone, _, head in tree
    )


def _make(rig, tree):
    """A go-between of these bones, hidden, in the rig's collections."""
    name = f"{rig.name} mocap"
    made = bpy.data.objects.new(name, bpy.data.armatures.new(name))
    for collection in rig.users_collection:
        collection.objects.link(made)
    made.parent = rig
    with Editing(made) as bones:
        for bone, parent, head in tree:
            control = rig.data.bones[bone]
            copy = bones.new(bone)
            copy.head, copy.tail = control.head_local, control.tail_local
            matrix = control.matrix_local.copy()
            matrix.translation = head
            copy.matrix = matrix
            if parent is not None:
                copy.parent = bones[parent]
    made.hide_viewport = made.hide_render = True
    return made


def _let_follow(rig, made):
    """Limbs to FK, and every control to its bone of the go-between."""
    before = {}
    for limb in LIMBS:
        control = rig.pose.bones.get(limb)
        if control is not None and SWITCH in control:
            before[limb] = float(control[SWITCH])
            control[SWITCH] = FK
    made[MARK] = before
    for bone in [bone.name for bone in made.data.bones]:
        kinds = ("COPY_ROTATION", "COPY_LOCATION") if bone == HIPS else ("COPY_ROTATION",)
        for kind in kinds:
            follow = rig.pose.bones[bone].constraints.new(kind)
            follow.name, follow.target, follow.subtarget = NAME, made, bone
            follow.target_space = follow.owner_space = "WORLD"


def release(rig, switch_back=True):
    """Let the controls go and remove the go-between.

    Args:
        switch_back: whether the limbs go back to IK where they were; keyframes of the FK controls
            want them left.
    """
    for control in rig.pose.bones:
        for follow in [c for c in control.constraints if c.name.split(".")[0] == NAME]:
            control.constraints.remove(follow)
    made = between(rig)
    if made is None:
        return
    for limb, value in dict(made[MARK]).items():
        if switch_back and limb in rig.pose.bones:
            rig.pose.bones[limb][SWITCH] = value
    data, action = made.data, made.animation_data and made.animation_data.action
    bpy.data.objects.remove(made)
    bpy.data.armatures.remove(data)
    if action and not action.users:
        bpy.data.actions.remove(action)


def let_keys_play(rig):
    """Free the controls if they have keyframes, which following would hide."""
    moved = rig.animation_data
    if moved is not None and (moved.action is not None or len(moved.nla_tracks)):
        release(rig, switch_back=False)


def let_all_keys_play():
    """Free every rig of the file that has keyframes."""
    for thing in list(bpy.data.objects):
        if thing.type == "ARMATURE" and is_rig(thing) and between(thing) is not None:
            let_keys_play(thing)
