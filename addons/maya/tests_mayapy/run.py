"""Checks inside a real Maya. **Not run so far: no Maya was at hand when they were written.**

    mayapy tests_mayapy/run.py        (in addons/maya of a checkout, or in the unpacked zip)

Each check tells what it found; please send what fails, with the version of Maya that is printed.
`mayapy` has no user interface, so the panel and the shelf are not among them: by_hand.md beside
this file says what to look at.
"""

from __future__ import annotations

import math
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
MODULE = HERE.parent / "mocap_bridge"
sys.path.insert(0, str(MODULE / "scripts"))

import maya.standalone  # noqa: E402

maya.standalone.initialize(name="python")

from maya import cmds, mel  # noqa: E402
from mocap_bridge_maya import (  # noqa: E402
    bake,
    commands,
    humanik,
    joints,
    live,
    maya_scene,
    rig,
    skeleton_make,
)
from mocap_bridge_maya.shared.clip import Clip  # noqa: E402
from mocap_bridge_maya.shared.skeleton import Skeleton  # noqa: E402

BVH = """HIERARCHY
ROOT Hips
{
  OFFSET 0 90 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT Chest
  {
    OFFSET 0 30 0
    CHANNELS 3 Zrotation Xrotation Yrotation
    End Site
    {
      OFFSET 0 20 0
    }
  }
}
MOTION
Frames: 2
Frame Time: 0.041666667
0 90 0 10 20 30 40 50 60
5 91 2 15 25 35 45 55 65
"""


def person() -> Skeleton:
    """A person of the fewest bones that can be retargeted, 22 of them."""
    side = {}
    for name, s in (("left", 1.0), ("right", -1.0)):
        side.update(
            {
                f"{name}UpperLeg": ("hips", (0.1 * s, -0.05, 0.0)),
                f"{name}LowerLeg": (f"{name}UpperLeg", (0.0, -0.42, 0.0)),
                f"{name}Foot": (f"{name}LowerLeg", (0.0, -0.42, 0.0)),
                f"{name}Toes": (f"{name}Foot", (0.0, -0.06, 0.13)),
                f"{name}Shoulder": ("upperChest", (0.05 * s, 0.12, 0.0)),
                f"{name}UpperArm": (f"{name}Shoulder", (0.12 * s, 0.0, 0.0)),
                f"{name}LowerArm": (f"{name}UpperArm", (0.28 * s, 0.0, 0.0)),
                f"{name}Hand": (f"{name}LowerArm", (0.25 * s, 0.0, 0.0)),
            }
        )
    bones: dict[str, tuple[str | None, tuple[float, float, float]]] = {
        "hips": (None, (0.0, 0.95, 0.0)),
        "spine": ("hips", (0.0, 0.1, 0.0)),
        "chest": ("spine", (0.0, 0.12, 0.0)),
        "upperChest": ("chest", (0.0, 0.12, 0.0)),
        "neck": ("upperChest", (0.0, 0.16, 0.0)),
        "head": ("neck", (0.0, 0.1, 0.0)),
        **side,
    }
    names = tuple(bones)
    return Skeleton(
        names,
        tuple(-1 if above is None else names.index(above) for above, _ in bones.values()),
        tuple(offset for _, offset in bones.values()),
        tuple(None for _ in names),
    )


def turned(count: int, angle: float) -> list[float]:
    """Rotations of so many bones, each about an axis of its own."""
    flat: list[float] = []
    for i in range(count):
        x, y, z = math.sin(i), math.cos(2.0 * i), math.sin(3.0 * i + 1.0)
        size = math.sqrt(x * x + y * y + z * z)
        half = math.sin(angle / 2.0) / size
        flat += [x * half, y * half, z * half, math.cos(angle / 2.0)]
    return flat


def near(found: float, wanted: float, tolerance: float) -> None:
    """Two numbers are equal but for a little."""
    assert abs(found - wanted) < tolerance, f"found {found}, wanted {wanted}"


def refused(line: str) -> bool:
    """Whether a line of MEL ends in an error."""
    try:
        mel.eval(line)
    except RuntimeError:
        return True
    return False


class InMaya(unittest.TestCase):
    """Everything begins in an empty scene, with the plug-in loaded."""

    def setUp(self) -> None:
        cmds.file(new=True, force=True)
        cmds.undoInfo(state=True, infinity=True)
        cmds.currentUnit(linear="cm", time="film")
        cmds.upAxis(axis="y")
        cmds.loadPlugin(str(MODULE / "plug-ins" / "mocap_bridge_plugin.py"), quiet=True)
        self.scene = maya_scene.MayaScene()
        self.person = person()

    def made(self) -> Any:
        return skeleton_make.create(self.scene, self.person, "skeleton", "Person0")

    def place(self, node: str) -> list[float]:
        found: Any = cmds.xform(
            self.scene.name_of(node), query=True, worldSpace=True, translation=True
        )
        return list(found)

    # The joint's matrix.

    def test_the_matrix_of_a_joint_is_as_documented(self) -> None:
        above = cmds.joint(position=(1, 2, 3), orientation=(20, -40, 70))
        name = cmds.joint(position=(4, 5, 6), absolute=True)
        for order in range(6):
            cmds.setAttr(f"{name}.rotateOrder", order)
            cmds.setAttr(f"{name}.rotateAxis", 10, 20, 30, type="double3")
            cmds.setAttr(f"{name}.jointOrient", -50, 60, 15, type="double3")
            cmds.setAttr(f"{name}.rotate", 33, -44, 55, type="double3")
            (root,) = self.scene.roots()
            joint = self.scene.joints(root)[1]
            wanted: Any = cmds.xform(name, query=True, matrix=True, objectSpace=True)
            world: Any = cmds.xform(name, query=True, matrix=True, worldSpace=True)
            for found, number in zip(joint.world, world):
                near(found, number, 1e-5)
            for found, number in zip(joints.own_matrix(joint), wanted):
                near(found, number, 1e-5)
        assert above

    # Skeletons.

    def test_a_new_skeleton_stands_where_the_person_stands(self) -> None:
        made = self.made()
        for (x, y, z), bone in zip(self.person.rest_positions(), self.person.names):
            for found, wanted in zip(self.place(made.joints[bone]), (x, y, z)):
                near(found, 100.0 * wanted, 1e-3)

    def test_units_and_up_axis(self) -> None:
        cmds.currentUnit(linear="m")
        cmds.upAxis(axis="z")
        made = self.made()
        x, y, z = self.person.rest_positions()[self.person.names.index("head")]
        found = self.place(made.joints["head"])  # in metres now
        for number, wanted in zip(found, (x, -z, y)):
            near(number, wanted, 1e-4)

    def test_live_poses_leave_nothing_to_undo(self) -> None:
        made = self.made()
        rigged = rig.Rigged(self.scene, made.root, self.person)
        before = cmds.undoInfo(query=True, undoName=True)
        rigged.apply((0.0, 1.0, 0.0), turned(len(self.person), 0.4))
        assert cmds.undoInfo(query=True, undoName=True) == before
        near(self.place(made.root)[1], 100.0, 1e-2)

    # Keys.

    def test_keys_are_written_undone_and_written_again(self) -> None:
        made = self.made()
        rigged = rig.Rigged(self.scene, made.root, self.person)
        count = len(self.person)
        frames = 100
        clip = Clip(
            0,
            self.person,
            _doubles([n / 24.0 for n in range(frames)]),
            _doubles([c for n in range(frames) for c in (0.0, 0.95 + 0.001 * n, 0.0)]),
            _doubles([q for n in range(frames) for q in turned(count, 0.01 * n)]),
            None,
        )
        name = self.scene.name_of(made.root)
        with self.scene.undo_chunk("keys"):
            bake.write(self.scene, [(rigged, clip)], 1.0)
        for _ in range(2):
            assert cmds.keyframe(f"{name}.translateY", query=True, keyframeCount=True) == frames
            cmds.undo()
            assert cmds.keyframe(f"{name}.translateY", query=True, keyframeCount=True) == 0
            cmds.redo()
        cmds.currentTime(51)
        near(self.place(made.root)[1], 100.0, 1e-2)

    def test_the_stored_t_pose_comes_back_and_is_undone(self) -> None:
        made = self.made()
        name = self.scene.name_of(made.joints["leftUpperArm"])
        cmds.setAttr(f"{name}.rotateZ", 30.0)
        session = live.Session(self.scene)
        print(commands.to_rest(session, made.root))
        near(float(cmds.getAttr(f"{name}.rotateZ")), 0.0, 1e-4)
        cmds.undo()
        near(float(cmds.getAttr(f"{name}.rotateZ")), 30.0, 1e-4)

    # Commands.

    def test_the_commands_take_their_flags(self) -> None:
        mel.eval('mocapBridgeConnect -address "127.0.0.1:9"')  # nobody is there
        mel.eval("mocapBridgeDisconnect")
        for line in (
            "mocapBridgeCreate -person 0",
            "mocapBridgeRecord -stop",
            'mocapBridgeImport -file "none.json" -onto "new"',
        ):
            assert refused(line), line

    # Files.

    def test_a_bvh_keeps_its_angles(self) -> None:
        session = live.Session(self.scene)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "two.bvh"
            path.write_text(BVH)
            print(commands.import_file(session, str(path), "new"))
        (root,) = self.scene.roots()
        chest = next(j for j in self.scene.joints(root) if j.name.startswith("Chest"))
        assert chest.order == "yxz"  # the reverse of the file's ZXY
        cmds.currentTime(1)
        shown: Any = cmds.getAttr(f"{self.scene.name_of(chest.node)}.rotate")
        for found, wanted in zip(shown[0], (50.0, 60.0, 40.0)):
            near(found, wanted, 1e-3)
        cmds.undo()
        assert self.scene.roots() == []

    # Characters.

    def test_what_a_scene_remembers_is_saved_and_undone(self) -> None:
        made = self.made()
        session = live.Session(self.scene)
        self.scene.select([made.joints["head"]])
        print(commands.add_rig(session, 3))
        assert [one.person for one in session.characters()] == [3]
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "scene.ma")
            cmds.file(rename=path)
            cmds.file(save=True, type="mayaAscii")
            cmds.file(path, open=True, force=True)
            assert [one.person for one in session.characters()] == [3]
            cmds.file(new=True, force=True)
        assert session.characters() == []

    def test_names_follow_a_rename(self) -> None:
        made = self.made()
        cmds.rename(self.scene.name_of(made.root), "another")
        assert self.scene.name_of(made.root) == "another"
        cmds.delete("another")
        assert not self.scene.exists(made.root)

    # HumanIK.

    def test_humanik_takes_the_definition(self) -> None:
        made = self.made()
        session = live.Session(self.scene)
        self.scene.select([made.root])
        commands.add_rig(session, 0)
        print(commands.characterise(session, made.root, humanik.MayaCalls()))
        (definition,) = cmds.ls(type="HIKCharacterNode")
        hips: Any = cmds.listConnections(f"{definition}.Hips", source=True)
        assert hips == [self.scene.name_of(made.root)]
        assert cmds.getAttr(f"{definition}.InputCharacterizationLock")


def _doubles(values: list[float]) -> Any:
    from array import array

    return array("d", values)


if __name__ == "__main__":
    print("Maya", cmds.about(version=True), "Python", sys.version.split()[0])
    outcome = unittest.main(exit=False).result
    maya.standalone.uninitialize()
    sys.exit(0 if outcome.wasSuccessful() else 1)
