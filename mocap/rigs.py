"""A target to retarget takes to, by the name of a skeleton or from a file of the user's rig."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import exporters
from mocap import bone_map as bone_maps
from mocap import skeletons
from mocap.arrays import Array
from mocap.bone_map import BoneMap, detect
from mocap.errors import FormatError, UnknownName
from mocap.motion import Motion
from mocap.retarget import Retargeter, retarget
from mocap.skeleton import Skeleton
from mocap.stance import reading
from mocap.take import Take


@dataclass(frozen=True)
class Rig:
    """A skeleton and which of its bones are which of a human.

    Attributes:
        skeleton: in its rest pose.
        bone_map: human bones to its bones.
        rest: (J, 4) local rotations in which it stands, None for its rest pose.
    """

    skeleton: Skeleton
    bone_map: BoneMap
    rest: Array | None = None

    def take(self, take: Take, source_map: BoneMap | None = None) -> Take:
        """The take with everyone's motion on this rig; landmarks stay as they are.

        Args:
            take: of any origin.
            source_map: the human bones of its skeletons; None detects them.
        """
        moved = []
        for person in take.people:
            if person.motion is not None:
                person = replace(person, motion=self._moved(person.motion, source_map))
            moved.append(person)
        return replace(take, people=tuple(moved))

    def _moved(self, motion: Motion, source_map: BoneMap | None) -> Motion:
        if motion.skeleton.names == skeletons.humanoid().names:  # ours: nothing to be guessed
            return Retargeter(
                motion.skeleton,
                self.skeleton,
                source_map,
                self.bone_map,
                target_rest=self.rest,
            ).motion(motion)
        return retarget(
            motion,
            self.skeleton,
            source_map=source_map,
            target_map=self.bone_map,
            target_rest=self.rest,
        )


def rig(name_or_file: str, map_name_or_file: str | None = None) -> Rig:
    """The rig of this name, or in this file: a skeleton as JSON, or a take or BVH made on it.

    Args:
        name_or_file: one of `skeletons.names()`, or a path.
        map_name_or_file: a bone map by name or path; None detects it.

    Raises:
        UnknownName: neither a known name nor a file.
        FormatError: a file without a skeleton or bone map.
        InvalidValue: a skeleton in which no human can be found.
    """
    given = None if map_name_or_file is None else bone_map(map_name_or_file)
    if name_or_file in skeletons.names():
        skeleton = skeletons.by_name(name_or_file)
        return Rig(skeleton, given or detect(skeleton))
    path = Path(name_or_file)
    if not path.is_file():
        raise UnknownName("skeleton or file", name_or_file, skeletons.names())
    if path.suffix.lower() == ".json" and _is_skeleton(path):
        skeleton = skeletons.load(path)
        return Rig(skeleton, given or detect(skeleton))
    for person in exporters.read(path).people:
        if person.motion is not None:
            found = given or detect(person.motion.skeleton)
            return Rig(person.motion.skeleton, found, reading(person.motion, found).rest)
    raise FormatError("the take holds no motion, so no skeleton", path=path)


def bone_map(name_or_file: str) -> BoneMap:
    """A bone map by name or from a JSON file. Raises UnknownName or FormatError."""
    if name_or_file not in bone_maps.names() and Path(name_or_file).is_file():
        return bone_maps.load(name_or_file)
    return bone_maps.by_name(name_or_file)


def _is_skeleton(path: Path) -> bool:
    """Whether a JSON file is a skeleton rather than a take."""
    try:
        return "bones" in json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, TypeError):
        return False
