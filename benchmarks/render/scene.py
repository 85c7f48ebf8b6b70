"""The Blender scene of a clip: room, person, light, camera, and the rendering of frames.

The only file that needs `bpy`. World: x = the person's left, -y = forward, z = up, metres.
"""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix, Vector

from . import room as rooms
from .clips import Clip
from .person import Part, Person
from .pose import Solved
from .rotation import rot_z
from .skinning import skin

ENGINES = ("workbench", "cycles")
_COLOUR = "Col"
_ROUGHNESS = {"skin": 0.55, "cloth": 0.9, "shoe": 0.5, "hair": 0.5, "room": 0.8}
_SENSOR = 24.0  # mm, of no consequence: the lens is set from the clip's focal length
_CYCLES_BRIGHTER = 1.7  # stops by which the lamps outshine the studio light of Workbench
_SHADOW_STRIDE = 3  # every third vertex of the person is enough for the shadow


class Scene:
    """A clip on stage. `pose` the person, then `render` the frame."""

    def __init__(
        self, clip: Clip, person: Person, size: tuple[int, int], engine: str, samples: int
    ):
        if engine not in ENGINES:
            raise ValueError(f"engine {engine!r}: one of {', '.join(ENGINES)}")
        self._clip, self._person = clip, person
        bpy.ops.wm.read_factory_settings(use_empty=True)
        self._scene = bpy.context.scene
        self._materials = {name: _material(name, rough) for name, rough in _ROUGHNESS.items()}
        self._floor = rooms.floor(clip.room)
        self._floor_mesh = self._build_room()
        self._parts: list[tuple[Part, bpy.types.Mesh]] = []
        for part in person.parts():
            mesh = _mesh(part.name, part.vertices * person.scale, part.quads, part.colours)
            mesh.shade_smooth()
            self._add(mesh, part.material)
            self._parts.append((part, mesh))
        self._light()
        self._place_camera()
        self._set_engine(size, engine, samples)
        # Cycles casts shadows itself; Workbench gets them painted on the floor.
        self._paint_shadow = engine == "workbench"

    def pose(self, solved: Solved) -> None:
        """Put the person into a solved pose."""
        posed = []
        for part, mesh in self._parts:
            vertices = skin(part.vertices, part.weights, self._person.joints, solved)
            vertices = vertices * np.float32(self._person.scale)
            mesh.vertices.foreach_set("co", vertices.ravel())
            mesh.update()
            posed.append(vertices[::_SHADOW_STRIDE])
        if self._paint_shadow:
            in_room = np.concatenate(posed) @ rot_z(self._clip.camera.yaw)
            shade = rooms.shadow(self._floor, in_room, self._clip.light.azimuth)
            colours = _linear(self._floor.colours) * shade[..., None]
            _set_colours(self._floor_mesh, colours.reshape(-1, 3))
            self._floor_mesh.update()

    def render(self, path: Path) -> None:
        """Write the frame as PNG."""
        self._scene.render.filepath = str(path)
        bpy.ops.render.render(write_still=True)

    def _add(self, mesh: bpy.types.Mesh, material: str) -> bpy.types.Object:
        mesh.materials.append(self._materials[material])
        thing = bpy.data.objects.new(mesh.name, mesh)
        self._scene.collection.objects.link(thing)
        return thing

    def _build_room(self) -> bpy.types.Mesh:
        """Floor, walls and furniture, turned with the camera; returns the floor."""
        clip, turned = self._clip, rot_z(self._clip.camera.yaw)
        wall = rooms.WALL_COLOURS[clip.room]
        boxes = [((x, 0, 2.1), (0.05, 6, 2.1), wall) for x in (-3.2, 3.2)]
        boxes += rooms.FURNITURE
        floor, back = (
            _surface_mesh(name, surface, turned)
            for name, surface in (("floor", self._floor), ("wall", rooms.back_wall(clip.room)))
        )
        meshes = [floor, back]
        meshes += [_box(np.array(c), np.array(h), colour, turned) for c, h, colour in boxes]
        if clip.seat:
            centre, half, colour = rooms.SEAT
            size = self._person.scale
            # Behind the person, wherever the camera is.
            meshes.append(_box(np.array(centre) * size, np.array(half) * size, colour, np.eye(3)))
        for mesh in meshes:
            self._add(mesh, "room")
        return floor

    def _light(self) -> None:
        """A warm key light, a cool fill from the other side, a soft top light, a dim sky.

        Workbench ignores these and lights the scene from the camera.
        """
        yaw, azimuth = self._clip.camera.yaw, self._clip.light.azimuth
        key = rot_z(yaw - azimuth) @ [0, -3.15, 3.0]
        fill = rot_z(yaw - azimuth + 90) @ [0, -2.9, 2.6]
        self._area_light(key, (0, 0, 1.1), 1.6, 190, (1, 0.96, 0.9))
        self._area_light(fill, (0, 0, 1.0), 1.4, 80, (0.9, 0.95, 1))
        self._area_light((0, 0.3, 3.2), (0, 0, 0), 2.5, 60, (1, 1, 1))
        world = bpy.data.worlds.new("sky")
        self._scene.world = world
        world.use_nodes = True
        sky = world.node_tree.nodes["Background"].inputs
        sky["Color"].default_value = (0.75, 0.82, 0.9, 1)
        sky["Strength"].default_value = 0.45

    def _area_light(
        self, at: np.ndarray, target: tuple, size: float, watts: float, colour: tuple
    ) -> None:
        light = bpy.data.lights.new("light", "AREA")
        light.size, light.energy, light.color = size, watts, colour
        thing = bpy.data.objects.new("light", light)
        thing.location = at
        toward = Vector(target) - Vector(at)
        thing.rotation_euler = toward.to_track_quat("-Z", "Y").to_euler()
        self._scene.collection.objects.link(thing)

    def _place_camera(self) -> None:
        camera = self._clip.camera
        lens = bpy.data.cameras.new("camera")
        lens.sensor_fit, lens.sensor_height = "VERTICAL", _SENSOR
        lens.lens = camera.focal * _SENSOR
        thing = bpy.data.objects.new("camera", lens)
        # Blender's camera has the same axes as the view: x right, y up, z toward the viewer.
        matrix = np.eye(4)
        matrix[:3, :3], matrix[:3, 3] = camera.rotation().T, camera.position()
        thing.matrix_world = Matrix(matrix.tolist())
        self._scene.collection.objects.link(thing)
        self._scene.camera = thing

    def _set_engine(self, size: tuple[int, int], engine: str, samples: int) -> None:
        scene, render = self._scene, self._scene.render
        render.resolution_x, render.resolution_y = size
        render.resolution_percentage = 100
        render.image_settings.file_format = "PNG"
        render.image_settings.color_mode = "RGB"
        render.image_settings.compression = 30
        scene.view_settings.view_transform = "Standard"
        if engine == "workbench":
            render.engine = "BLENDER_WORKBENCH"
            scene.display.render_aa = "8" if samples > 1 else "FXAA"
            shading = scene.display.shading
            shading.light, shading.color_type = "STUDIO", "VERTEX"
            shading.show_shadows = shading.show_cavity = False
            shading.show_specular_highlight = False
            scene.view_settings.exposure = self._clip.light.exposure
            return
        render.engine = "CYCLES"
        render.use_persistent_data = True
        scene.view_settings.exposure = self._clip.light.exposure - _CYCLES_BRIGHTER
        cycles = scene.cycles
        cycles.samples = samples
        cycles.use_adaptive_sampling = cycles.use_light_tree = False
        cycles.max_bounces = cycles.diffuse_bounces = cycles.glossy_bounces = 1
        cycles.caustics_reflective = cycles.caustics_refractive = False
        cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
        cycles.denoising_prefilter = cycles.denoising_quality = "FAST"


def _linear(srgb: np.ndarray) -> np.ndarray:
    return np.asarray(srgb) ** 2.2


def _material(name: str, roughness: float) -> bpy.types.Material:
    """A material that takes its colour from the mesh's colour attribute."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    tree = material.node_tree
    surface = tree.nodes["Principled BSDF"]
    colour = tree.nodes.new("ShaderNodeAttribute")
    colour.attribute_name = _COLOUR
    tree.links.new(colour.outputs["Color"], surface.inputs["Base Color"])
    surface.inputs["Roughness"].default_value = roughness
    surface.inputs["Specular IOR Level"].default_value = 0.3
    return material


def _mesh(
    name: str, vertices: np.ndarray, quads: np.ndarray, colours: np.ndarray
) -> bpy.types.Mesh:
    """Mesh of vertices (V, 3), quads (F, 4) and linear colours (V, 3)."""
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(vertices))
    mesh.vertices.foreach_set("co", vertices.astype(np.float32).ravel())
    mesh.loops.add(quads.size)
    mesh.loops.foreach_set("vertex_index", quads.astype(np.int32).ravel())
    mesh.polygons.add(len(quads))
    mesh.polygons.foreach_set("loop_start", np.arange(0, quads.size, 4, dtype=np.int32))
    mesh.update(calc_edges=True)
    mesh.color_attributes.new(_COLOUR, "FLOAT_COLOR", "POINT")
    _set_colours(mesh, colours)
    return mesh


def _set_colours(mesh: bpy.types.Mesh, colours: np.ndarray) -> None:
    rgba = np.ones((len(colours), 4), np.float32)
    rgba[:, :3] = colours
    mesh.color_attributes[_COLOUR].data.foreach_set("color", rgba.ravel())


def _surface_mesh(name: str, surface: rooms.Surface, turned: np.ndarray) -> bpy.types.Mesh:
    points = surface.points()
    index = np.arange(points[..., 0].size).reshape(points.shape[:2])
    corners = (index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:])
    quads = np.stack(corners, -1).reshape(-1, 4)
    colours = _linear(surface.colours).reshape(-1, 3)
    return _mesh(name, points.reshape(-1, 3) @ turned.T, quads, colours)


def _box(centre: np.ndarray, half: np.ndarray, colour: tuple, turned: np.ndarray) -> bpy.types.Mesh:
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    quads = np.array(
        [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
    )
    vertices = (centre + corners * half) @ turned.T
    return _mesh("box", vertices, quads, np.tile(_linear(colour), (8, 1)))
