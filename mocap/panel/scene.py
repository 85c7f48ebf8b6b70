"""The 3D scene: everyone as a figure on a floor, seen from the front."""

from __future__ import annotations

import numpy as np

from mocap.arrays import Array
from mocap.motion import Pose
from mocap.panel import figure
from mocap.panel.figure import Colours, Parts, Shape
from mocap.panel.follow import Follow
from mocap.panel.web import Client, Crowd, Web
from mocap.skeleton import Skeleton
from mocap.stream.frames import Cast, LiveFrame

BACKGROUND = (24, 27, 34)
PLANE = (33, 37, 46)
CELL, SECTION = (52, 58, 70), (78, 88, 106)
FOV = np.radians(38.0)
VIEW = np.array([0.22, 0.12, 1.0])  # from the people to the camera: in front, a little aside
STANDING = np.array([[-0.55, 0.0, -0.2], [0.55, 1.8, 0.2]])  # [m] what is shown of nobody
NEAREST = 3.3  # [m]

Poses = list[tuple[int, Skeleton, Pose, Array, Array]]  # id, positions and rotations of the bones


class Scene:
    """What all browsers see in 3D."""

    def __init__(self, web: Web) -> None:
        self._web = web
        web.scene.set_up_direction("+y")
        web.scene.world_axes.visible = False
        sky = np.empty((2, 2, 3), dtype=np.uint8)
        sky[:] = BACKGROUND
        web.scene.set_background_image(sky, format="png")
        web.scene.configure_default_lights(cast_shadow=True)
        web.scene.configure_environment_map("studio", environment_intensity=0.10)
        web.scene.configure_fog(near=9.0, far=26.0, color=BACKGROUND)
        web.scene.add_grid(
            "/floor", 40.0, 40.0, plane="xz", cell_size=0.25, section_size=1.0,
            cell_color=CELL, section_color=SECTION, plane_color=PLANE, plane_opacity=1.0,
            shadow_opacity=0.5, fade_distance=18.0, fade_from="origin",
        )  # fmt: skip
        self._balls = _Crowd(web, "/people/balls", figure.ball())
        self._limbs = _Crowd(web, "/people/limbs", figure.limb())
        self._made: dict[int, tuple[Skeleton, tuple[Parts, Parts]]] = {}
        self._box = STANDING
        self._follow = Follow()
        self._set_out: dict[int, Array] = {}  # [m] where cameras were, and have gone since
        web.initial_camera.fov = FOV
        self.aim()

    def show(self, cast: Cast, frame: LiveFrame) -> Poses:
        """Draw everyone of a frame; returns where their bones are."""
        poses = []
        for id in self._made.keys() - cast.skeletons.keys():
            del self._made[id]
        for person in frame.people:
            skeleton = cast.skeletons.get(person.id, cast.skeleton)
            pose = person.pose
            positions, world = skeleton.fk(pose.root, pose.rotations, pose.translations)
            poses.append((person.id, skeleton, pose, positions, world))
        with self._web.atomic():
            made = [self._figure(id, skeleton) for id, skeleton, *_ in poses]
            self._balls.show([_copies(f[0], *p) for f, p in zip(made, poses, strict=True)])
            self._limbs.show([_copies(f[1], *p) for f, p in zip(made, poses, strict=True)])
        if poses:
            places = np.concatenate([positions for *_, positions, _ in poses])
            self._box = np.array([places.min(axis=0), places.max(axis=0)])
        return poses

    def _figure(self, id: int, skeleton: Skeleton) -> tuple[Parts, Parts]:
        """The balls and limbs of a person, made again when their skeleton changes."""
        if id not in self._made or self._made[id][0] is not skeleton:
            self._made[id] = (skeleton, figure.figure(skeleton))
        return self._made[id][1]

    def aim(self) -> None:
        """Have new browsers, and those that reset their view, look at where people are now."""
        position, target = framing(self._box)
        self._web.initial_camera.position = position
        self._web.initial_camera.look_at = target

    def follow(self, seconds: float) -> None:
        """Take all cameras along with people who go away."""
        step = self._follow.step(framing(self._box)[1], seconds)
        if not self._follow.gliding:
            self._set_out.clear()
            return
        for id, client in self._web.get_clients().items():
            # what a browser tells of its camera comes late: count on from where it set out
            place = self._set_out.get(id, client.camera.position) + step
            self._set_out[id] = place
            client.camera.position = place

    def look_at_people(self, client: Client) -> None:
        """Turn the camera of one browser to where people are now."""
        position, target = framing(self._box)
        with client.atomic():
            client.camera.up_direction = (0.0, 1.0, 0.0)
            client.camera.position = position
            client.camera.look_at = target


def framing(box: Array) -> tuple[Array, Array]:
    """[m] where a camera is, and what it looks at, to have a box (2, 3) in its picture."""
    low, high = box[0].copy(), box[1].copy()
    low[1], high[1] = 0.0, max(high[1] + 0.15, STANDING[1, 1])
    size = np.maximum(high - low, 0.1)
    target = (low + high) / 2
    # the picture may be as high as it is wide, and its edge belongs to the panels
    reach = 0.65 * max(size[1] * 1.05, size[0] * 1.2) / np.tan(FOV / 2)
    way = VIEW / np.linalg.norm(VIEW)
    return target + way * (max(reach, NEAREST) + size[2] / 2), target


Copies = tuple[Array, Array, Array, Colours]  # places, turns, sizes, colours


def _copies(
    parts: Parts, id: int, skeleton: Skeleton, pose: Pose, positions: Array, world: Array
) -> Copies:
    """The parts of one person in a pose."""
    places, turns = parts.placed(positions, world)
    return places, turns, parts.scales, parts.colours(skeleton, pose, id)


class _Crowd:
    """Copies of one shape, which the browser draws at once."""

    def __init__(self, web: Web, name: str, shape: Shape) -> None:
        self._web, self._name, self._shape = web, name, shape
        self._scales = np.zeros((1, 3))
        self._handle = self._added()

    def _added(self) -> Crowd:
        count = len(self._scales)
        return self._web.scene.add_batched_meshes_simple(
            self._name,
            self._shape.vertices,
            self._shape.faces,
            batched_wxyzs=np.tile([1.0, 0.0, 0.0, 0.0], (count, 1)),
            batched_positions=np.zeros((count, 3)),
            batched_scales=self._scales,
            batched_colors=np.zeros((count, 3), dtype=np.uint8),
            lod="off",
        )

    def show(self, people: list[Copies]) -> None:
        """Draw the copies of everybody."""
        if not people:
            self._handle.visible = False
            return
        places, turns, scales, colours = (np.concatenate(c) for c in zip(*people, strict=True))
        if len(scales) != len(self._scales):
            self._scales = scales
            self._handle = self._added()
        self._handle.visible = True
        self._handle.batched_scales = scales.astype(np.float32)
        self._handle.batched_positions = places.astype(np.float32)
        self._handle.batched_wxyzs = turns[:, [3, 0, 1, 2]].astype(np.float32)
        self._handle.batched_colors = colours
