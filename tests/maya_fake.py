"""A scene of Maya that only calculates: what Maya's documentation says of joints, keys and units.

A joint's matrix is written out here as documented, [S][RO][R][JO][IS][T] for row vectors, from
matrices of turns about one axis, with none of the module's own maths. Lengths are kept in
centimetres and shown in the linear unit, angles in degrees, as Maya's `getAttr` shows them. Nothing
here is a mock: what is not calculated does not exist.
"""

from __future__ import annotations

import copy
import math
import re
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

SCRIPTS = Path(__file__).parents[1] / "addons" / "maya" / "mocap_bridge" / "scripts"
if str(SCRIPTS) not in sys.path:
    sys.path.insert(0, str(SCRIPTS))

from mocap_bridge_maya.scene import (  # noqa: E402
    ROTATE,
    TRANSLATE,
    Curve,
    Joint,
    Picture,
    Scene,
    SceneError,
    time_unit,
)

UNITS = {"mm": 0.1, "cm": 1.0, "m": 100.0, "in": 2.54, "ft": 30.48}  # [cm]
NAME = re.compile(r"([A-Za-z_][A-Za-z0-9_]*:)*[A-Za-z_][A-Za-z0-9_]*")
ONES = (1.0, 1.0, 1.0)
ZEROS = (0.0, 0.0, 0.0)


def about(axis, angle):
    """(4, 4) turn about "x", "y" or "z" [rad] for row vectors."""
    c, s = math.cos(angle), math.sin(angle)
    m = np.eye(4)
    j, k = ((1, 2), (2, 0), (0, 1))["xyz".index(axis)]
    m[j, j] = m[k, k] = c
    m[j, k], m[k, j] = s, -s
    return m


def euler(angles, order):
    """(4, 4) of angles about x, y and z; the first axis of the order turns first."""
    m = np.eye(4)
    for axis in order:
        m = m @ about(axis, angles["xyz".index(axis)])
    return m


@dataclass
class Thing:
    """A node: a transform, a joint, a locator or an image plane. Angles [rad], lengths [cm]."""

    name: str
    kind: str = "transform"
    parent: str | None = None
    translate: tuple = ZEROS
    rotate: tuple = ZEROS
    scale: tuple = ONES
    order: str = "xyz"
    orient: tuple = ZEROS  # jointOrient, angles in xyz
    axis: tuple = ZEROS  # rotateAxis, angles in xyz
    compensate: bool = False
    offset: np.ndarray = field(default_factory=lambda: np.eye(4))  # offsetParentMatrix
    radius: float = 1.0
    locked: frozenset = frozenset()
    texts: dict = field(default_factory=dict)
    keys: dict = field(default_factory=dict)  # attribute to {seconds: value}
    picture: Picture | None = None


class FakeScene(Scene):
    """A scene; `user` and what follows are for tests.

    Args:
        up: "y" or "z".
        unit: name of the linear unit.
        rate: frames per second.
    """

    def __init__(self, up="y", unit="cm", rate=24.0):
        self._up, self._unit, self._rate = up, unit, float(rate)
        self.things: dict[str, Thing] = {}
        self.selection: list[str] = []
        self.range = (1.0, 24.0)
        self._frame, self._count, self._depth = 1.0, 0, 0
        self._text = ""
        self._undo: list[tuple[str, object, set]] = []
        self._stood: set[str] = set()  # nodes set by commands in the chunk that is open

    # --- the scene as a whole ---

    @property
    def up(self):
        return self._up

    @property
    def rate(self):
        return self._rate

    def set_rate(self, fps):
        _, self._rate = time_unit(fps)

    @property
    def frame(self):
        return self._frame

    def show_frames(self, first, last):
        self.range = (min(first, self.range[0]), max(last, self.range[1]))

    @contextmanager
    def undo_chunk(self, name):
        before = self._state() if self._depth == 0 else None
        if self._depth == 0:
            self._stood = set()
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if before is not None:
                self._undo.append((name, before, self._stood))

    def _state(self):
        return copy.deepcopy((self.things, self.selection, self.range, self._rate, self._text))

    # --- nodes ---

    def exists(self, node):
        return node in self.things

    def name_of(self, node):
        name = self._thing(node).name
        return name if self.find(name) == node else self._path(node)

    def is_taken(self, name):
        return any(thing.name == name for thing in self.things.values())

    def roots(self, selected=False):
        joints = [n for n, t in self.things.items() if t.kind == "joint"]
        tops = [
            n for n in joints if not any(self.things[a].kind == "joint" for a in self._above(n))
        ]
        if not selected:
            return tops
        lines = [{n, *self._above(n)} for n in joints]
        chosen = {n for line in lines for n in line if line & set(self.selection)}
        return [n for n in tops if n in chosen]

    def joints(self, root):
        if self._thing(root).kind != "joint":
            raise SceneError(f"{self.name_of(root)} is no joint")
        found, index = [], {}

        def walk(node, parent):
            thing = self.things[node]
            if thing.kind == "joint":
                index[node] = len(found)
                found.append(self._joint(node, parent))
                parent = index[node]
            for child in self._below(node):
                walk(child, parent)

        walk(root, -1)
        return found

    def _joint(self, node, parent):
        thing = self.things[node]
        return Joint(
            node=node,
            name=thing.name,
            parent=parent,
            order=thing.order,
            rotate=thing.rotate,
            translate=thing.translate,
            scale=thing.scale,
            orient=quaternion(euler(thing.orient, "xyz")),
            axis=quaternion(euler(thing.axis, "xyz")),
            inverse_scale=self._inverse_scale(node),
            world=tuple(self.world(node).ravel().tolist()),
            above=tuple((thing.offset @ self._parent_world(node)).ravel().tolist()),
            locked=tuple(sorted(thing.locked)),
        )

    def make_group(self, name, parent=None, rotate=ZEROS):
        return self._new(Thing(name, parent=parent, rotate=tuple(rotate)))

    def make_joint(self, name, parent, translate, order="xyz", radius=1.0):
        made = Thing(name, "joint", parent, tuple(translate), order=order, radius=radius)
        return self._new(made)

    def make_locator(self, name, parent, translate):
        return self._new(Thing(name, "locator", parent, tuple(translate)))

    def make_picture(self, picture):
        return self._new(Thing(picture.name, "imagePlane", None, picture.centre, picture=picture))

    def _new(self, thing):
        assert NAME.fullmatch(thing.name), f"illegal name {thing.name!r}"
        assert not self.is_taken(thing.name), f"{thing.name!r} is taken"
        assert thing.parent is None or thing.parent in self.things
        self._count += 1
        node = f"uuid-{self._count}"
        self.things[node] = thing
        return node

    def select(self, nodes):
        for node in nodes:
            self._thing(node)
        self.selection = list(nodes)

    # --- values ---

    def remembered(self):
        return self._text

    def remember(self, text):
        self._text = text

    def text(self, node, attribute):
        return self._thing(node).texts.get(attribute, "")

    def set_text(self, node, attribute, text):
        self._thing(node).texts[attribute] = text

    def pose(self, nodes, rotations, moved=(), places=()):
        gone = ""
        for names, kind, some, values in (
            (ROTATE, "rotate", nodes, rotations),
            (TRANSLATE, "translate", moved, places),
        ):
            for node, wanted in zip(some, values, strict=True):
                thing = self.things.get(node)
                if thing is None:
                    gone = gone or node
                    continue
                free = [name not in thing.locked for name in names]
                had = getattr(thing, kind)
                assert all(map(math.isfinite, wanted))
                setattr(thing, kind, tuple(np.where(free, wanted, had).tolist()))
        if gone:
            raise SceneError("a joint is gone")

    def stand(self, nodes, rotations, places):
        self.pose(nodes, rotations, nodes, places)
        self._stood.update(nodes)

    def write_keys(self, curves):
        for curve in curves:
            assert isinstance(curve, Curve)
            assert len(curve.frames) == len(curve.values) > 0
            assert np.isfinite(curve.values).all()
            thing = self._thing(curve.node)
            if curve.attribute in thing.locked:
                continue
            times = [frame / self._rate for frame in curve.frames]
            assert (np.diff(times) > 0).all()
            old = thing.keys.get(curve.attribute, {})
            kept = {t: v for t, v in old.items() if not times[0] - 1e-9 <= t <= times[-1] + 1e-9}
            new = {**kept, **dict(zip(times, map(float, curve.values), strict=True))}
            thing.keys[curve.attribute] = dict(sorted(new.items()))

    # --- for tests: what Maya and its user would see and do ---

    def world(self, node):
        """(4, 4) worldMatrix, row vectors."""
        thing = self._thing(node)
        return self.own_matrix(node) @ thing.offset @ self._parent_world(node)

    def own_matrix(self, node):
        """(4, 4) [S][RO][R][JO][IS][T], as the documentation of the joint node writes it."""
        thing = self.things[node]
        s, inverse = np.diag([*thing.scale, 1.0]), np.diag([*self._inverse_scale(node), 1.0])
        ro, r = euler(thing.axis, "xyz"), euler(thing.rotate, thing.order)
        jo, t = euler(thing.orient, "xyz"), np.eye(4)
        t[3, :3] = thing.translate
        return s @ ro @ r @ jo @ inverse @ t

    def place(self, node):
        """(3,) [cm] in the world."""
        return self.world(node)[3, :3]

    def turn(self, node):
        """(3, 3) where the node's axes point in the world, as rows of length one."""
        m = self.world(node)[:3, :3]
        return m / np.linalg.norm(m, axis=1, keepdims=True)

    def get(self, node, attribute):
        """What `getAttr` shows: degrees, or lengths in the linear unit."""
        thing = self._thing(node)
        kind, i = attribute[:-1], "XYZ".index(attribute[-1])
        value = getattr(thing, kind)[i]
        return value / self.unit if kind == "translate" else math.degrees(value)

    def go_to(self, frame):
        """Make this the current time: keys move what they hold, linear in between."""
        self._frame = frame
        for thing in self.things.values():
            for attribute, keys in thing.keys.items():
                kind, i = attribute[:-1], "XYZ".index(attribute[-1])
                values = list(getattr(thing, kind))
                values[i] = float(np.interp(frame / self._rate, [*keys], [*keys.values()]))
                setattr(thing, kind, tuple(values))

    def key_frames(self, node, attribute):
        """Frames of the keys of an attribute."""
        return [t * self._rate for t in self._thing(node).keys.get(attribute, {})]

    def undo(self):
        """Take back the last chunk; returns its name. What only posed a node stays, as in Maya."""
        name, before, stood = self._undo.pop()
        poses = {n: (t.translate, t.rotate) for n, t in self.things.items() if n not in stood}
        self.things, self.selection, self.range, self._rate, self._text = before
        for node, thing in self.things.items():
            if node in poses:
                thing.translate, thing.rotate = poses[node]
        return name

    def add(self, name, kind="joint", parent=None, **values):
        """A node of any kind with any attributes; its id."""
        return self._new(Thing(name, kind, parent, **values))

    @property
    def unit(self):
        """[cm] of the linear unit."""
        return UNITS[self._unit]

    def find(self, name):
        """The node of a name or path; None if there is none or several."""
        found = [
            node for node, thing in self.things.items() if name in (thing.name, self._path(node))
        ]
        return found[0] if len(found) == 1 else None

    def delete(self, nodes):
        """Delete nodes with all below them."""
        gone = {n for n in self.things for a in (n, *self._above(n)) if a in set(nodes)}
        self.things = {n: t for n, t in self.things.items() if n not in gone}

    def rename(self, node, name):
        self._thing(node).name = name

    def _thing(self, node):
        if node not in self.things:
            raise SceneError("a joint is gone")
        return self.things[node]

    def _inverse_scale(self, node):
        thing = self.things[node]
        above = self.things.get(thing.parent)
        if not thing.compensate or above is None or above.kind != "joint":
            return ONES
        return tuple(1.0 / s for s in above.scale)

    def _parent_world(self, node):
        parent = self.things[node].parent
        return np.eye(4) if parent is None else self.world(parent)

    def _above(self, node):
        line, parent = [], self.things[node].parent
        while parent is not None:
            line.append(parent)
            parent = self.things[parent].parent
        return line

    def _below(self, node):
        return [n for n, t in self.things.items() if t.parent == node]

    def _path(self, node):
        return "".join(f"|{self.things[n].name}" for n in (*self._above(node)[::-1], node))


def quaternion(m):
    """x, y, z, w of a (4, 4) turn for row vectors, found from its axis: not as the module does."""
    c = m[:3, :3].T
    values, vectors = np.linalg.eigh(
        np.array(
            [
                [c[0, 0] - c[1, 1] - c[2, 2], 0, 0, 0],
                [c[1, 0] + c[0, 1], c[1, 1] - c[0, 0] - c[2, 2], 0, 0],
                [c[2, 0] + c[0, 2], c[2, 1] + c[1, 2], c[2, 2] - c[0, 0] - c[1, 1], 0],
                [c[2, 1] - c[1, 2], c[0, 2] - c[2, 0], c[1, 0] - c[0, 1], np.trace(c)],
            ]
        )
        / 3
    )
    return tuple(vectors[:, np.argmax(values)].tolist())
