"""What is wanted of a scene of Maya: the only way in which the rest of the module touches one.

Here everything is in Maya's own units, whatever units its user has chosen: centimetres, radians
and times in frames of the scene's time unit. Axes are those of the scene, in which +Y or +Z is up.
Matrices are 16 numbers by rows for row vectors (p' = p M), as everywhere in Maya: the last row is
the place. `maya_scene.MayaScene` is the real one; the tests have one that only calculates.
"""

from __future__ import annotations

import abc
from typing import Any, ContextManager, NamedTuple, Sequence, Tuple

from .shared import turns
from .shared.errors import RigError

Node = str  # names a transform for good, whatever it is renamed to or hung under; tells nothing
Vec = Tuple[float, float, float]
Matrix = Tuple[float, ...]
ROTATE = ("rotateX", "rotateY", "rotateZ")
TRANSLATE = ("translateX", "translateY", "translateZ")
# time units by frames per second: those with a name of their own, and all others
NAMED_RATES = {15: "game", 24: "film", 25: "pal", 30: "ntsc", 48: "show", 50: "palf", 60: "ntscf"}
RATES = (
    *(2, 3, 4, 5, 6, 8, 10, 12, 15, 16, 20, 23.976, 24, 25, 29.97, 30, 40, 47.952, 48, 50, 59.94),
    *(60, 75, 80, 90, 100, 120, 125, 150, 200, 240, 250, 300, 375, 400, 500, 600, 750, 1200, 1500),
    *(2000, 3000, 6000),
)
NEAR = 0.0005  # [share] by which a rate may differ from the one that it is taken for


class SceneError(RigError):
    """Something that the scene does not hold or does not allow; one line that says what."""


class Joint(NamedTuple):
    """A joint as it stands in the scene now.

    Attributes:
        node: the joint.
        name: its own, with a namespace and without a path.
        parent: index of the joint above it in the same list, -1 for the first.
        order: "xyz" to "zyx", its rotateOrder: xyz turns by x first.
        rotate: [rad] about x, y and z.
        translate: [cm] in its parent.
        scale: factors along x, y and z.
        orient: (x, y, z, w) JO, its jointOrient.
        axis: (x, y, z, w) RO, its rotateAxis.
        inverse_scale: factors of the joint above that IS takes back; 1 where
            segmentScaleCompensate is off.
        world: matrix to the world.
        above: matrix of what it hangs on to the world: world = own matrix times above. Usually the
            world matrix of the joint above, but for groups and an offsetParentMatrix in between.
        locked: those of ROTATE and TRANSLATE that cannot be set, being locked or driven by other
            than keys.
    """

    node: Node
    name: str
    parent: int
    order: str
    rotate: Vec
    translate: Vec
    scale: Vec
    orient: turns.Quat
    axis: turns.Quat
    inverse_scale: Vec
    world: Matrix
    above: Matrix
    locked: tuple[str, ...] = ()


class Curve(NamedTuple):
    """Keys of one attribute.

    Attributes:
        node: whose attribute it is.
        attribute: of ROTATE or TRANSLATE.
        frames: times, increasing, in frames of the scene; need not be whole.
        values: [rad] or [cm], as many.
    """

    node: Node
    attribute: str
    frames: Sequence[float]
    values: Sequence[float]


class Picture(NamedTuple):
    """An image plane that shows pictures one after the other.

    Attributes:
        name: of the node.
        path: of the first picture; Maya counts on the number in its name.
        first: frame of the scene at which the first picture is shown.
        number: the number in its name.
        centre: [cm] of the plane in the world.
        size: [cm] width and height.
    """

    name: str
    path: str
    first: float
    number: int
    centre: Vec
    size: tuple[float, float]


def time_unit(fps: float) -> tuple[str, float]:
    """The time unit of so many frames per second: Maya's name for it, and its rate.

    Raises:
        SceneError: there is none.
    """
    near = min(RATES, key=lambda rate: abs(rate - fps))
    if not abs(near - fps) <= NEAR * near:
        raise SceneError(f"Maya has no time unit of {fps:g} frames per second; next is {near:g}")
    return NAMED_RATES.get(int(near) if near == int(near) else -1, f"{near:g}fps"), float(near)


class Scene(abc.ABC):
    """A scene of Maya. Every method raises SceneError for a node that is gone."""

    # --- the scene as a whole ---

    @property
    @abc.abstractmethod
    def up(self) -> str:
        """The axis that points up, "y" or "z"."""

    @property
    @abc.abstractmethod
    def rate(self) -> float:
        """Frames per second."""

    @abc.abstractmethod
    def set_rate(self, fps: float) -> None:
        """Change the frames per second; keys that are there keep their times in seconds.

        Raises:
            SceneError: Maya has no such time unit.
        """

    @property
    @abc.abstractmethod
    def frame(self) -> float:
        """The current time, in frames."""

    @abc.abstractmethod
    def show_frames(self, first: float, last: float) -> None:
        """Make the animation range reach from `first` to `last`, if it does not yet."""

    @abc.abstractmethod
    def undo_chunk(self, name: str) -> ContextManager[Any]:
        """What is done in this `with` is undone at once; redrawing waits until its end."""

    # --- nodes ---

    @abc.abstractmethod
    def exists(self, node: Node) -> bool:
        """Whether a node is still in the scene."""

    @abc.abstractmethod
    def name_of(self, node: Node) -> str:
        """The shortest name that tells a node from all others."""

    @abc.abstractmethod
    def is_taken(self, name: str) -> bool:
        """Whether any node has this name, with its namespace and without a path."""

    @abc.abstractmethod
    def roots(self, selected: bool = False) -> list[Node]:
        """Joints that hang on no joint; with `selected`, only those of what is selected: above it
        or below it."""

    @abc.abstractmethod
    def joints(self, root: Node) -> list[Joint]:
        """A joint and all below it, parents before children, in the order of the outliner.

        Raises:
            SceneError: it is gone, or no joint.
        """

    @abc.abstractmethod
    def make_group(
        self, name: str, parent: Node | None = None, rotate: Vec = (0.0, 0.0, 0.0)
    ) -> Node:
        """A new transform at the origin of its parent, turned by [rad] about x, y and z."""

    @abc.abstractmethod
    def make_joint(
        self,
        name: str,
        parent: Node | None,
        translate: Vec,
        order: str = "xyz",
        radius: float = 1.0,
    ) -> Node:
        """A new joint that is not turned, of jointOrient 0 and without segmentScaleCompensate.

        Args:
            name: legal, and not taken; with a namespace, which is made if it is not there.
            parent: None for the world.
            translate: [cm] in the parent.
            order: its rotateOrder.
            radius: [cm] of how it is drawn.
        """

    @abc.abstractmethod
    def make_locator(self, name: str, parent: Node | None, translate: Vec) -> Node:
        """A new locator."""

    @abc.abstractmethod
    def make_picture(self, picture: Picture) -> Node:
        """A new image plane, upright, facing the front of the scene (+Z, or -Y where Z is up)."""

    @abc.abstractmethod
    def select(self, nodes: Sequence[Node]) -> None:
        """Make these the selection."""

    # --- values ---

    @abc.abstractmethod
    def remembered(self) -> str:
        """The text kept with the scene itself; "" if there is none."""

    @abc.abstractmethod
    def remember(self, text: str) -> None:
        """Keep a text with the scene itself, in a node of its own."""

    @abc.abstractmethod
    def text(self, node: Node, attribute: str) -> str:
        """A text kept with a node; "" if there is none."""

    @abc.abstractmethod
    def set_text(self, node: Node, attribute: str, text: str) -> None:
        """Keep a text with a node, in an attribute of its own."""

    @abc.abstractmethod
    def pose(
        self,
        nodes: Sequence[Node],
        rotations: Sequence[Vec],
        moved: Sequence[Node] = (),
        places: Sequence[Vec] = (),
    ) -> None:
        """Turn and move nodes now, outside undo and without keys; attributes that are locked or
        driven stay as they are.

        Args:
            nodes, rotations: [rad] about x, y and z, for the rotateOrder that each node has.
            moved, places: [cm] in their parents.

        Raises:
            SceneError: one of them is gone; the others were turned.
        """

    @abc.abstractmethod
    def stand(self, nodes: Sequence[Node], rotations: Sequence[Vec], places: Sequence[Vec]) -> None:
        """As `pose`, of nodes that all are moved, but with undo, as a user does it by hand."""

    @abc.abstractmethod
    def write_keys(self, curves: Sequence[Curve]) -> None:
        """Write keys with linear tangents.

        Keys between the first and the last of a curve are replaced, those before and after stay.
        Angles are taken as they are: who writes them sees to it that they do not jump. Attributes
        that are locked or driven by other than keys are left out.
        """
