"""A HumanIK definition of a skeleton, so that any HumanIK character can take it as its source.

HumanIK's own procedures are MEL; `Calls` is all of them that is used. They are not documented, and
nothing here was ever run in Maya: what each call means is common use among those who script it.
The slots are numbers of HumanIK's; Maya's own skeletons name theirs after them (`LeftUpLeg`, 2).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Mapping

from .shared.errors import RigError

SIDES = (("left", "Left"), ("right", "Right"))
_LEG = ("UpperLeg", "LowerLeg", "Foot")
_ARM = ("UpperArm", "LowerArm", "Hand")
_FINGERS = {"Thumb": 50, "Index": 54, "Middle": 58, "Ring": 62, "Little": 66}  # of the left hand
_RIGHT_HAND = 24  # more than the same joint of the left
_JOINTS = {
    "Thumb": ("Metacarpal", "Proximal", "Distal"),
    **{f: ("Proximal", "Intermediate", "Distal") for f in ("Index", "Middle", "Ring", "Little")},
}
PLUGINS = ("mayaHIK", "mayaCharacterization")
SCRIPTS = (
    "hikGlobalUtils.mel",
    "hikCharacterControlsUI.mel",
    "hikDefinitionOperations.mel",
    "hikInputSourceUtils.mel",
)


def _slots() -> dict[str, int]:
    """Human bone to slot."""
    slots = {"hips": 1, "spine": 8, "chest": 23, "upperChest": 24, "neck": 20, "head": 15}
    for at, (side, _) in enumerate(SIDES):
        slots.update((side + part, 2 + 3 * at + i) for i, part in enumerate(_LEG))
        slots.update((side + part, 9 + 3 * at + i) for i, part in enumerate(_ARM))
        slots[side + "Toes"] = 16 + at
        slots[side + "Shoulder"] = 18 + at
        for finger, first in _FINGERS.items():
            for i, part in enumerate(_JOINTS[finger]):
                slots[side + finger + part] = first + _RIGHT_HAND * at + i
    return slots


SLOTS = _slots()
NEEDED = tuple(  # without these fifteen HumanIK takes no definition
    bone
    for bone in SLOTS
    if bone in ("hips", "spine", "head") or bone.endswith(_LEG) or bone.endswith(_ARM)
)


class Calls(ABC):
    """What is asked of HumanIK."""

    @abstractmethod
    def prepare(self) -> None:
        """Load HumanIK and its procedures. Raises RigError where Maya lacks them."""

    @abstractmethod
    def create(self, name: str) -> str:
        """A new, empty definition; the name that it got."""

    @abstractmethod
    def assign(self, joint: str, definition: str, slot: int) -> None:
        """Put a joint into a slot of a definition."""

    @abstractmethod
    def lock(self, definition: str) -> None:
        """End the definition: only now can it be a source. Raises RuntimeError if it is not."""


class MayaCalls(Calls):
    """The same, in Maya."""

    def prepare(self) -> None:
        from maya import cmds, mel

        try:
            for plugin in PLUGINS:
                if not cmds.pluginInfo(plugin, query=True, loaded=True):
                    cmds.loadPlugin(plugin, quiet=True)
            for script in SCRIPTS:
                mel.eval(f"source {quoted(script)}")
        except RuntimeError as error:
            raise RigError(f"HumanIK is not there: {one_line(error)}") from None

    def create(self, name: str) -> str:
        from maya import mel

        return str(mel.eval(f"hikCreateCharacter({quoted(name)})"))

    def assign(self, joint: str, definition: str, slot: int) -> None:
        from maya import mel

        mel.eval(f"setCharacterObject({quoted(joint)}, {quoted(definition)}, {slot}, 0)")

    def lock(self, definition: str) -> None:
        from maya import cmds, mel

        mel.eval(f"hikSetCurrentCharacter({quoted(definition)})")
        mel.eval(f"hikCharacterLock({quoted(definition)}, 1, 1)")
        if not cmds.about(batch=True):
            mel.eval("hikUpdateDefinitionUI()")
        # which says nothing where it refuses, as for a pose that is none of rest
        if not mel.eval(f"hikIsDefinitionLocked({quoted(definition)})"):
            raise RuntimeError(f"{definition} is made, but cannot be locked; look at it there")


def quoted(text: str) -> str:
    """A text as MEL writes it."""
    return '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))


def one_line(error: Exception) -> str:
    """What an error says, in one line."""
    return " ".join(str(error).split())


def define(calls: Calls, name: str, joints: Mapping[str, str]) -> tuple[str, int]:
    """Make a definition of a skeleton, which has to stand in its T-pose meanwhile.

    Args:
        calls: `MayaCalls`, or something that does the same.
        name: wanted for the definition.
        joints: human bone to the name of its joint in Maya.

    Returns:
        The name of the definition, and how many slots are filled.

    Raises:
        RigError: HumanIK needs a bone that is not there, or does not work; says which or why.
    """
    missing = [bone for bone in NEEDED if not joints.get(bone)]
    if missing:
        raise RigError("HumanIK needs {}, which no joint plays".format(", ".join(missing)))
    calls.prepare()
    try:
        definition = calls.create(name)
        filled = [(slot, joints[bone]) for bone, slot in SLOTS.items() if joints.get(bone)]
        for slot, joint in filled:
            calls.assign(joint, definition, slot)
        calls.lock(definition)
    except RuntimeError as error:  # what Maya raises for everything
        raise RigError(f"HumanIK refused: {one_line(error)}") from None
    return definition, len(filled)
