"""Who moves whom: the targets of a scene, each a person and the armature that follows.

What was worked out for an armature is remembered until anything that it hangs on changes; `reset`
forgets it all (after undo and file load).
"""

import json
from dataclasses import dataclass, replace

import numpy as np

from . import rigify, rigs
from .clips import skeleton_of
from .shared import sources
from .shared.bone_maps import detect, tables
from .shared.bones import BONES
from .shared.errors import RigError


class Memory:
    """What is remembered between frames.

    Attributes:
        sources: by person, the hello of which the skeleton was made, and the skeleton.
        rigged: by name of the armature, the settings and the skeleton for which it was worked
            out, and the `Rigged`, or a `Failure` to do so.
        problems: by name of the armature, why it does not follow.
    """

    def __init__(self):
        self.reset()

    def reset(self):
        """As new."""
        self.sources = {}
        self.rigged = {}
        self.problems = {}


_memory = Memory()
reset = _memory.reset


def apply_frame(scene, frame, hello):
    """Move every armature whose person is in the frame.

    Args:
        frame, hello: as the client gives them.

    Returns:
        "", or a sentence about the first armature that cannot follow; the others do.
    """
    people = {person.id: person for person in frame.people}
    _memory.problems = {}
    for item in scene.mocap_bridge.targets:
        person, armature = people.get(item.person), item.armature
        if person is None or armature is None or not item.enabled:
            continue
        if armature.mode == "EDIT" or armature.name not in scene.objects:
            continue
        try:
            rigged = target_of(item, source_of(hello, person.id))
            rotations = np.array(person.rotations, dtype=np.float64).reshape(1, -1, 4)
            root = np.array(person.root, dtype=np.float64)[None]
            rigged.apply(rigged.pose(root, rotations))
        except RigError as error:
            _memory.problems[armature.name] = str(error)
    return next((f"{name}: {why}" for name, why in _memory.problems.items()), "")


def problems():
    """By name of the armature, why it did not follow the last frame."""
    return dict(_memory.problems)


def source_of(hello, person):
    """The `Skeleton` of a person, with their own lengths where the hello tells them."""
    known = _memory.sources.get(person)
    if known is not None and known[0] is hello:
        return known[1]
    made = skeleton_of(sources.skeleton_of(hello, person))
    if known is not None and same(made, known[1]):
        made = known[1]
    _memory.sources[person] = (hello, made)
    return made


def same(a, b):
    """Whether two skeletons are equal."""
    return a is b or (
        a.same_bones(b)
        and np.array_equal(a.offsets, b.offsets)
        and np.array_equal(a.tips, b.tips, equal_nan=True)
    )


def target_of(item, source):
    """The `Rigged` of a target for a person of this skeleton, worked out if it is not known.

    Raises:
        RigError: the armature cannot follow; says why.
    """
    armature = item.armature
    if armature is None:
        raise RigError("choose an armature")
    settings = settings_of(item)
    size = None if settings.scale == "LEGS" else rigs.size_of(armature)
    key = (settings, size, armature.data.name)
    known = _memory.rigged.get(armature.name)
    if known is not None and known[0] == key and same(known[1], source):
        found = known[2]
        if isinstance(found, Failure):
            if found.signature == rigs.signature_of(armature):
                raise RigError(found.why)
        elif found.valid():
            return found
    try:
        found = rigged_of(armature, source, settings)
    except RigError as error:
        found = Failure(str(error), rigs.signature_of(armature))
        if not rigify.is_rig(armature):  # with which it may be the wrong moment only
            _memory.rigged[armature.name] = (key, source, found)
        raise
    _memory.rigged[armature.name] = (key, source, found)
    return found


@dataclass(frozen=True)
class Failure:
    """Why an armature with this rest pose cannot follow."""

    why: str
    signature: int


def rigged_of(armature, source, settings):
    """A `Rigged` of an armature object; detects the bones if `settings` has none.

    Raises:
        RigError: the armature cannot follow; says why.
    """
    if not settings.pairs:
        settings = replace(settings, pairs=tuple(map_of(armature).pairs.items()))
    kind = rigify.RigifyRigged if rigify.is_rig(armature) else rigs.Rigged
    return kind(armature, source, settings)


def map_of(armature):
    """The bone map of an armature object, detected. Raises RigError."""
    if rigify.is_rig(armature):
        return tables()["rigify"].fit(tuple(armature.data.bones.keys()))
    return detect(rigs.read(armature).skeleton())


def settings_of(item):
    """The `rigs.Settings` of a target. Raises RigError for a broken reference pose."""
    return rigs.Settings(
        pairs=tuple((line.human, line.bone) for line in item.bones if line.bone),
        reference=reference_of(item.reference),
        scale=item.scale,
        factor=item.scale_factor,
        root=item.root,
        in_place=item.in_place,
    )


def reference_of(text):
    """The stored reference pose of its JSON. Raises RigError."""
    if not text:
        return ()
    known = _references.get(text)
    if known is None:
        try:
            told = {str(bone): tuple(map(float, q)) for bone, q in json.loads(text).items()}
            if not all(len(q) == 4 and np.isfinite(q).all() and any(q) for q in told.values()):
                raise ValueError
        except (ValueError, TypeError, AttributeError):
            raise RigError("the stored reference pose is broken; store it again") from None
        _references.clear()
        known = _references[text] = tuple(told.items())
    return known


_references = {}


def store_reference(item):
    """Keep the pose in which the armature stands now as its reference pose. Raises RigError."""
    if rigify.is_rig(item.armature):
        raise RigError("a Rigify rig needs none: its metarig stood in a known pose")
    item.reference = json.dumps(rigs.stored_pose(item.armature), separators=(",", ":"))


def detect_into(item):
    """Fill the bone list of a target with what is detected. The map; raises RigError."""
    found = map_of(item.armature)
    fill(item, found.pairs)
    return found


def fill(item, pairs):
    """Write pairs into the bone list of a target, all human bones, in order."""
    item.bones.clear()
    for human in BONES:
        line = item.bones.add()
        line.human, line.bone = human, pairs.get(human, "")
