"""Keys by the thousand: curves with a key for every frame, written at once.

Curves and connections are made by commands, which Maya undoes; the keys themselves by OpenMaya,
as one change that the plug-in's command can undo (changes.py).
"""

from __future__ import annotations

from typing import Any, Sequence

from maya import cmds
from maya.api import OpenMaya, OpenMayaAnim

from . import changes
from .scene import ROTATE, Curve


class Keys(changes.Change):
    """Keys added to curves that have none at these times.

    Args:
        added: curve (MFnAnimCurve), times (MTimeArray) and values (MDoubleArray), each.
    """

    def __init__(self, added: Sequence[tuple[Any, Any, Any]]) -> None:
        self._added = added
        self._done: list[Any] = []

    def do(self) -> None:
        linear = OpenMayaAnim.MFnAnimCurve.kTangentLinear
        self._done = []
        for curve, times, values in self._added:
            change = OpenMayaAnim.MAnimCurveChange()
            curve.addKeys(times, values, linear, linear, True, change)
            self._done.append(change)

    def undo(self) -> None:
        for change in reversed(self._done):
            change.undoIt()

    def redo(self) -> None:
        for change in self._done:
            change.redoIt()


def write(curves: Sequence[tuple[str, Curve]]) -> None:
    """Write curves to attributes, each given by its path."""
    known: dict[int, Any] = {}  # most curves have the same times, and an MTime each takes long
    added = []
    for path, curve in curves:
        times = known.get(id(curve.frames))
        if times is None:
            times = known[id(curve.frames)] = _times(curve.frames)
        # what is set by OpenMaya is in radians and centimetres
        values = OpenMaya.MDoubleArray(list(curve.values))
        added.append((_curve_of(path, curve), times, values))
    changes.run(Keys(added))


def _times(frames: Sequence[float]) -> OpenMaya.MTimeArray:
    unit = OpenMaya.MTime.uiUnit()
    times = OpenMaya.MTimeArray()
    for frame in frames:
        times.append(OpenMaya.MTime(frame, unit))
    return times


def _curve_of(path: str, curve: Curve) -> Any:
    """The animation curve of an attribute, without keys where the new ones will be."""
    source = _connected(path)
    if source:
        # to where the frames begin and end, even if they lie between whole ones
        span = (curve.frames[0] - 1e-4, curve.frames[-1] + 1e-4)
        cmds.cutKey(source, time=span, option="keys", clear=True)
        source = _connected(path)  # Maya deletes a curve that has lost its last key
    if not source:
        kind = "animCurveTA" if curve.attribute in ROTATE else "animCurveTL"
        short = path.rpartition("|")[2].replace(".", "_").rpartition(":")[2]
        source = cmds.createNode(kind, name=short, skipSelect=True)
        cmds.connectAttr(f"{source}.output", path)
    found = OpenMaya.MSelectionList()
    found.add(source)
    return OpenMayaAnim.MFnAnimCurve(found.getDependNode(0))


def _connected(path: str) -> str:
    """The animation curve that drives an attribute; "" if none does."""
    found = cmds.listConnections(path, source=True, destination=False, type="animCurve")
    return str(found[0]) if found else ""
