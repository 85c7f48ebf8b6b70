"""Nodes of Maya by names that stay: their UUIDs.

Paths change with every renaming, and a pointer ends with undo and with a new scene; so both are
looked up again where they are needed, and pointers are asked first whether they still hold.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import Iterator

from maya import cmds
from maya.api import OpenMaya

from .scene import ROTATE, TRANSLATE, Matrix, Node, SceneError

GONE = "a node is gone from the scene"
# curves over time; those over other attributes are driven keys
KEYED = (OpenMaya.MFn.kAnimCurveTimeToAngular, OpenMaya.MFn.kAnimCurveTimeToDistance)


class Plugs:
    """Attributes of a node that are set live; None for one that cannot be."""

    def __init__(
        self, rotate: list[OpenMaya.MPlug | None], translate: list[OpenMaya.MPlug | None]
    ) -> None:
        self.rotate = rotate
        self.translate = translate


class Nodes:
    """How to find nodes again."""

    def __init__(self) -> None:
        self._handles: dict[Node, OpenMaya.MObjectHandle] = {}
        self._plugs: dict[Node, Plugs] = {}

    def forget_plugs(self) -> None:
        """Look anew at what is locked."""
        self._plugs.clear()

    def object_of(self, node: Node) -> OpenMaya.MObject:
        """The node itself. Raises SceneError if it is gone."""
        handle = self._handles.get(node)
        if handle is not None and handle.isValid():
            there: OpenMaya.MObject = handle.object()
            return there
        found = OpenMaya.MSelectionList()
        try:
            found.add(OpenMaya.MUuid(node.partition("#")[0]))
            there = found.getDependNode(0)
        except (RuntimeError, ValueError):
            raise SceneError(GONE) from None
        self._handles[node] = OpenMaya.MObjectHandle(there)
        self._plugs.pop(node, None)
        return there

    def node_of(self, found: OpenMaya.MObject) -> Node:
        """The name of a node: its UUID, with a number where files that are referenced several
        times have several nodes of one UUID."""
        uuid = str(OpenMaya.MFnDependencyNode(found).uuid().asString())
        node, number = uuid, 1
        while True:
            handle = self._handles.get(node)
            if handle is None or not handle.isAlive() or handle.object() == found:
                self._handles[node] = OpenMaya.MObjectHandle(found)
                return node
            number += 1
            node = f"{uuid}#{number}"

    def node_at(self, path: str) -> Node:
        """The name of the node at a path."""
        found = OpenMaya.MSelectionList()
        found.add(path)
        return self.node_of(found.getDependNode(0))

    def path_of(self, node: Node) -> str:
        """The full path of a node now. Raises SceneError if it is gone."""
        return str(OpenMaya.MFnDagNode(self.object_of(node)).fullPathName())

    def settable(self, node: Node, attribute: str) -> bool:
        """Whether an attribute is neither locked nor driven by other than keys."""
        found = OpenMaya.MFnDependencyNode(self.object_of(node))
        return is_free(found.findPlug(attribute, False))

    def plugs_of(self, node: Node) -> Plugs | None:
        """What `pose` sets of a node; None if it is gone."""
        handle = self._handles.get(node)
        known = self._plugs.get(node)
        if known is not None and handle is not None and handle.isValid():
            return known
        try:
            find = OpenMaya.MFnDependencyNode(self.object_of(node)).findPlug
        except SceneError:
            return None
        rotate, translate = (
            [plug if is_free(plug) else None for plug in (find(name, False) for name in names)]
            for names in (ROTATE, TRANSLATE)
        )
        known = self._plugs[node] = Plugs(rotate, translate)
        return known


def is_free(plug: OpenMaya.MPlug) -> bool:
    """Whether x, y or z of an attribute is neither locked, as a whole neither, nor driven by other
    than keys."""
    if plug.isLocked or plug.parent().isDestination:
        return False
    return not plug.isDestination or plug.source().node().apiType() in KEYED


@contextmanager
def root_namespace(name: str) -> Iterator[None]:
    """New nodes get their names as they are given; the namespace of this one is made."""
    current = cmds.namespaceInfo(currentNamespace=True, absoluteName=True)
    cmds.namespace(setNamespace=":")
    try:
        space, _, _ = name.rpartition(":")
        if space and not cmds.namespace(exists=space):
            cmds.namespace(addNamespace=space)
        yield
    finally:
        cmds.namespace(setNamespace=current)


def text_of(node: OpenMaya.MObject, attribute: str) -> str:
    """A text kept with a node; "" if there is none."""
    found = OpenMaya.MFnDependencyNode(node)
    return str(found.findPlug(attribute, False).asString()) if found.hasAttribute(attribute) else ""


def paths_above(path: str) -> list[str]:
    """The full paths of what a node hangs on."""
    parts = path.split("|")
    return ["|".join(parts[:n]) for n in range(2, len(parts))]


def numbers(m: OpenMaya.MMatrix) -> Matrix:
    """A matrix by rows."""
    return tuple(m.getElement(i, j) for i in range(4) for j in range(4))
