"""The scene that is open in Maya, by maya.cmds and OpenMaya.

What a user may undo goes through cmds, which speaks in the units that the user has chosen; what is
read, and what moves live, through OpenMaya, which tells the unit with every number and leaves no
trace in the undo queue.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Iterator, Sequence

from maya import cmds
from maya.api import OpenMaya, OpenMayaAnim

from . import euler, joints, maya_keys
from .maya_nodes import GONE, Nodes, numbers, paths_above, root_namespace, text_of
from .scene import (
    ROTATE,
    TRANSLATE,
    Curve,
    Joint,
    Node,
    Picture,
    Scene,
    SceneError,
    Vec,
    time_unit,
)

MEMORY = "mocapBridge"  # name of the node that keeps the scene's text, and of its attribute


class MayaScene(Scene):
    """The open scene. Nothing of it is kept but how to find its nodes again."""

    def __init__(self) -> None:
        self._nodes = Nodes()
        self._memory: OpenMaya.MObjectHandle | None = None
        self._depth = 0

    # --- the scene as a whole ---

    @property
    def up(self) -> str:
        return str(cmds.upAxis(query=True, axis=True))

    @property
    def rate(self) -> float:
        second = OpenMaya.MTime(1.0, OpenMaya.MTime.kSeconds)
        return float(second.asUnits(OpenMaya.MTime.uiUnit()))

    def set_rate(self, fps: float) -> None:
        name, _ = time_unit(fps)
        try:
            cmds.currentUnit(time=name, updateAnimation=True)
        except RuntimeError:
            raise SceneError(f"this Maya has no time unit {name}") from None

    @property
    def frame(self) -> float:
        now = OpenMayaAnim.MAnimControl.currentTime()
        return float(now.asUnits(OpenMaya.MTime.uiUnit()))

    def show_frames(self, first: float, last: float) -> None:
        start = min(first, cmds.playbackOptions(query=True, animationStartTime=True))
        end = max(last, cmds.playbackOptions(query=True, animationEndTime=True))
        cmds.playbackOptions(
            edit=True, animationStartTime=start, minTime=start, animationEndTime=end, maxTime=end
        )

    @contextmanager
    def undo_chunk(self, name: str) -> Iterator[None]:
        cmds.undoInfo(openChunk=True, chunkName=name)
        if self._depth == 0:
            cmds.refresh(suspend=True)
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if self._depth == 0:
                cmds.refresh(suspend=False)
            cmds.undoInfo(closeChunk=True)

    # --- nodes ---

    def exists(self, node: Node) -> bool:
        try:
            self._nodes.object_of(node)
        except SceneError:
            return False
        return True

    def name_of(self, node: Node) -> str:
        return str(OpenMaya.MFnDagNode(self._nodes.object_of(node)).partialPathName())

    def is_taken(self, name: str) -> bool:
        return bool(cmds.objExists(f":{name}"))

    def roots(self, selected: bool = False) -> list[Node]:
        paths = cmds.ls(type="joint", long=True)
        known = set(paths)
        tops = [path for path in paths if not any(above in known for above in paths_above(path))]
        if selected:
            chosen = cmds.ls(selection=True, long=True, type="transform")
            lines = [{path, *paths_above(path)} for path in chosen]
            # what is selected stands below a root, or above it
            tops = [
                top
                for top in tops
                if any(top in line for line in lines) or set(chosen) & set(paths_above(top))
            ]
        return [self._nodes.node_at(path) for path in tops]

    def joints(self, root: Node) -> list[Joint]:
        if not self._nodes.object_of(root).hasFn(OpenMaya.MFn.kJoint):
            raise SceneError(f"{self.name_of(root)} is no joint")
        self._nodes.forget_plugs()  # what is locked is looked up anew
        found: list[Joint] = []
        open_nodes = [(OpenMaya.MFnDagNode(self._nodes.object_of(root)).getPath(), -1)]
        while open_nodes:
            path, parent = open_nodes.pop()
            if path.hasFn(OpenMaya.MFn.kJoint):
                found.append(self._joint(path, parent))
                parent = len(found) - 1
            below = []
            for i in range(path.childCount()):
                child = path.child(i)
                if child.hasFn(OpenMaya.MFn.kTransform):
                    below.append((OpenMaya.MDagPath(path).push(child), parent))
            open_nodes += below[::-1]
        return found

    def _joint(self, path: OpenMaya.MDagPath, parent: int) -> Joint:
        node = self._nodes.node_of(path.node())
        plug = OpenMaya.MFnDependencyNode(path.node()).findPlug
        own = OpenMaya.MFnMatrixData(plug("matrix", False).asMObject()).matrix()
        world = path.inclusiveMatrix()

        def angles(name: str) -> Vec:
            x, y, z = (plug(name + axis, False).asMAngle().asRadians() for axis in "XYZ")
            return (x, y, z)

        def factors(name: str) -> Vec:
            x, y, z = (plug(name + axis, False).asDouble() for axis in "XYZ")
            return (x, y, z)

        inverse: Vec = (1.0, 1.0, 1.0)
        if plug("segmentScaleCompensate", False).asBool():
            x, y, z = (1.0 / factor if factor else 1.0 for factor in factors("inverseScale"))
            inverse = (x, y, z)
        x, y, z = (plug(name, False).asMDistance().asCentimeters() for name in TRANSLATE)
        return Joint(
            node=node,
            name=str(OpenMaya.MFnDependencyNode(path.node()).name()),
            parent=parent,
            order=euler.ORDERS[plug("rotateOrder", False).asInt()],
            rotate=angles("rotate"),
            translate=(x, y, z),
            scale=factors("scale"),
            orient=euler.from_euler(angles("jointOrient"), "xyz"),
            axis=euler.from_euler(angles("rotateAxis"), "xyz"),
            inverse_scale=inverse,
            world=numbers(world),
            above=joints.product(joints.inverse(numbers(own)), numbers(world)),
            locked=tuple(
                name for name in (*ROTATE, *TRANSLATE) if not self._nodes.settable(node, name)
            ),
        )

    def make_group(
        self, name: str, parent: Node | None = None, rotate: Vec = (0.0, 0.0, 0.0)
    ) -> Node:
        node = self._create("transform", name, parent)
        self._set_angles(node, "rotate", rotate)
        return node

    def make_joint(
        self,
        name: str,
        parent: Node | None,
        translate: Vec,
        order: str = "xyz",
        radius: float = 1.0,
    ) -> Node:
        node = self._create("joint", name, parent)
        path = self._nodes.path_of(node)
        self._set_place(node, translate)
        cmds.setAttr(f"{path}.rotateOrder", euler.ORDERS.index(order))
        cmds.setAttr(f"{path}.segmentScaleCompensate", False)
        cmds.setAttr(f"{path}.radius", radius)
        return node

    def make_locator(self, name: str, parent: Node | None, translate: Vec) -> Node:
        node = self._create("transform", name, parent)
        cmds.createNode("locator", parent=self._nodes.path_of(node), skipSelect=True)
        self._set_place(node, translate)
        return node

    def make_picture(self, picture: Picture) -> Node:
        width, height = (OpenMaya.MDistance.internalToUI(size) for size in picture.size)
        with root_namespace(picture.name):
            made: Any = cmds.imagePlane(
                name=picture.name,
                fileName=picture.path,
                width=width,
                height=height,
                maintainRatio=False,
            )
        node = self._nodes.node_at(cmds.ls(made[0], long=True)[0])
        shape = cmds.listRelatives(self._nodes.path_of(node), shapes=True, fullPath=True)[0]
        cmds.setAttr(f"{shape}.useFrameExtension", True)
        cmds.setAttr(f"{shape}.frameOffset", round(picture.number - picture.first))
        cmds.expression(string=f"{shape}.frameExtension = frame")
        self._set_place(node, picture.centre)
        if self.up == "z":
            self._set_angles(node, "rotate", (euler.TURN / 4, 0.0, 0.0))
        return node

    def select(self, nodes: Sequence[Node]) -> None:
        cmds.select([self._nodes.path_of(node) for node in nodes], replace=True)

    # --- values ---

    def remembered(self) -> str:
        # asked all the time, so not looked for among all nodes
        if self._memory is None or not self._memory.isValid():
            found = OpenMaya.MSelectionList()
            try:
                found.add(MEMORY)
            except RuntimeError:
                return ""
            self._memory = OpenMaya.MObjectHandle(found.getDependNode(0))
        return text_of(self._memory.object(), MEMORY)

    def remember(self, text: str) -> None:
        if not cmds.objExists(MEMORY):
            with root_namespace(MEMORY):
                cmds.createNode("network", name=MEMORY, skipSelect=True)
        if not cmds.attributeQuery(MEMORY, node=MEMORY, exists=True):
            cmds.addAttr(MEMORY, longName=MEMORY, dataType="string")
        cmds.setAttr(f"{MEMORY}.{MEMORY}", text, type="string")

    def text(self, node: Node, attribute: str) -> str:
        return text_of(self._nodes.object_of(node), attribute)

    def set_text(self, node: Node, attribute: str, text: str) -> None:
        path = self._nodes.path_of(node)
        try:
            if not cmds.attributeQuery(attribute, node=path, exists=True):
                cmds.addAttr(path, longName=attribute, dataType="string")
            cmds.setAttr(f"{path}.{attribute}", text, type="string")
        except RuntimeError as error:  # what Maya raises for all that it refuses
            raise SceneError(f"{self.name_of(node)}: {' '.join(str(error).split())}") from None

    def pose(
        self,
        nodes: Sequence[Node],
        rotations: Sequence[Vec],
        moved: Sequence[Node] = (),
        places: Sequence[Vec] = (),
    ) -> None:
        gone = False
        for node, angles in zip(nodes, rotations):
            plugs = self._nodes.plugs_of(node)
            if plugs is None:
                gone = True
                continue
            for plug, angle in zip(plugs.rotate, angles):
                if plug is not None:
                    plug.setMAngle(OpenMaya.MAngle(angle, OpenMaya.MAngle.kRadians))
        for node, place in zip(moved, places):
            plugs = self._nodes.plugs_of(node)
            if plugs is None:
                gone = True
                continue
            for plug, length in zip(plugs.translate, place):
                if plug is not None:
                    plug.setMDistance(OpenMaya.MDistance(length, OpenMaya.MDistance.kCentimeters))
        if gone:
            raise SceneError(GONE)

    def stand(self, nodes: Sequence[Node], rotations: Sequence[Vec], places: Sequence[Vec]) -> None:
        for node, angles, place in zip(nodes, rotations, places):
            path = self._nodes.path_of(node)
            shown = [
                *(OpenMaya.MAngle.internalToUI(angle) for angle in angles),
                *(OpenMaya.MDistance.internalToUI(length) for length in place),
            ]
            for name, value in zip((*ROTATE, *TRANSLATE), shown):
                if self._nodes.settable(node, name):
                    cmds.setAttr(f"{path}.{name}", value)

    def write_keys(self, curves: Sequence[Curve]) -> None:
        maya_keys.write(
            [
                (f"{self._nodes.path_of(curve.node)}.{curve.attribute}", curve)
                for curve in curves
                if self._nodes.settable(curve.node, curve.attribute)
            ]
        )

    def _create(self, kind: str, name: str, parent: Node | None) -> Node:
        with root_namespace(name):
            if parent is None:
                made = cmds.createNode(kind, name=name, skipSelect=True)
            else:
                path = self._nodes.path_of(parent)
                made = cmds.createNode(kind, name=name, parent=path, skipSelect=True)
        return self._nodes.node_at(made)

    def _set_angles(self, node: Node, attribute: str, angles: Vec) -> None:
        shown = [OpenMaya.MAngle.internalToUI(angle) for angle in angles]
        cmds.setAttr(f"{self._nodes.path_of(node)}.{attribute}", *shown, type="double3")

    def _set_place(self, node: Node, place: Vec) -> None:
        shown = [OpenMaya.MDistance.internalToUI(length) for length in place]
        cmds.setAttr(f"{self._nodes.path_of(node)}.translate", *shown, type="double3")
