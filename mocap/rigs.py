"""A target to retarget takes to, by the name of a skeleton or from a file of the user's rig."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import exporters
from mocap import skeletons
from mocap.bone_map import BoneMap, detect
from mocap.errors import FormatError, UnknownName
from mocap.retarget import retarget
from mocap.skeleton import Skeleton
from mocap.take import Take


@dataclass(frozen=True)
class Rig:
    """A skeleton and which of its bones are which of a human.

    Attributes:
        skeleton: in its rest pose.
        bone_map: human bones to its bones.
    """

    skeleton: Skeleton
    bone_map: BoneMap

    def take(self, take: Take) -> Take:
        """The take with everyone's motion on this rig. Landmarks stay as they are."""
        people = tuple(
            person
            if person.motion is None
            else replace(
                person,
                motion=retarget(person.motion, self.skeleton, target_map=self.bone_map),
            )
            for person in take.people
        )
        return replace(take, people=people)


def rig(name_or_file: str) -> Rig:
    """The rig of this name, or in this file: a skeleton as JSON, or a take or BVH made on it.

    Raises:
        UnknownName: neither a known name nor a file.
        FormatError: a file without a skeleton.
        InvalidValue: a skeleton in which no human can be found.
    """
    if name_or_file in skeletons.names():
        skeleton = skeletons.by_name(name_or_file)
    elif Path(name_or_file).is_file():
        skeleton = _skeleton_in(Path(name_or_file))
    else:
        raise UnknownName("skeleton or file", name_or_file, skeletons.names())
    return Rig(skeleton, detect(skeleton))


def _skeleton_in(path: Path) -> Skeleton:
    if path.suffix.lower() == ".json":
        try:
            return skeletons.load(path)
        except FormatError as not_a_skeleton:
            try:
                take = exporters.read(path)
            except FormatError:
                raise not_a_skeleton from None
    else:
        take = exporters.read(path)
    for person in take.people:
        if person.motion is not None:
            return person.motion.skeleton
    raise FormatError("the take holds no motion, so no skeleton", path=path)
