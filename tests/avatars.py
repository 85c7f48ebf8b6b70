"""VRM avatars made of boxes, as bytes of a file: of VRM 0 and 1, with bones of any axes."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np

from mocap import rotation
from mocap.arrays import Array
from mocap.skeleton import Skeleton

CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)]) - 0.5
FACES = [0, 1, 3, 0, 3, 2, 4, 6, 7, 4, 7, 5, 0, 4, 5, 0, 5, 1,
         2, 3, 7, 2, 7, 6, 0, 2, 6, 0, 6, 4, 1, 5, 7, 1, 7, 3]  # fmt: skip
HALF_TURN = rotation.axis_angle([0.0, 1.0, 0.0], np.pi)
WHITE, ORANGE, RED = 0, 1, 2  # materials: the left side is orange, the nose red


def avatar(skeleton: Skeleton, version: int, axes: Array | None = None) -> bytes:
    """A .vrm file of a skeleton of the humanoid's names in its T-pose.

    Args:
        version: 0 or 1; that of VRM 0 faces -Z, as its specification says.
        axes: (J, 4) global rest rotations of the bones, facing +Z; none if not given.
    """
    facing = HALF_TURN if version == 0 else rotation.identity()
    world = rotation.identity(len(skeleton)) if axes is None else axes
    world = rotation.mul(np.broadcast_to(facing, world.shape), world)
    rest = rotation.rotate(np.broadcast_to(facing, world.shape), skeleton.rest_positions)
    nodes: list[dict[str, Any]] = []
    for i, name in enumerate(skeleton.names):
        up = int(skeleton.parents[i])
        step = rest[i] if up < 0 else rotation.rotate(rotation.inv(world[up]), rest[i] - rest[up])
        turned = world[i] if up < 0 else rotation.mul(rotation.inv(world[up]), world[i])
        nodes.append({"name": name, "translation": step.tolist(), "rotation": turned.tolist()})
    for i in range(len(skeleton)):
        children = [*skeleton.children[i], *_boxes(nodes, skeleton, i, facing, world[i])]
        if children:
            nodes[i]["children"] = children
    bones = {name: {"node": i} for i, name in enumerate(skeleton.names)}
    meta = {"name": "boxes", "authors": ["nobody"], "licenseUrl": "https://vrm.dev/licenses/1.0/"}
    extension: dict[str, Any] = (
        {"VRMC_vrm": {"specVersion": "1.0", "meta": meta, "humanoid": {"humanBones": bones}}}
        if version == 1
        else {
            "VRM": {
                "specVersion": "0.0",
                "meta": {"title": "boxes"},
                "humanoid": {"humanBones": [{"bone": n, **b} for n, b in bones.items()]},
            }
        }
    )
    return _glb(nodes, extension)


def _boxes(
    nodes: list[dict[str, Any]], skeleton: Skeleton, i: int, facing: Array, world: Array
) -> list[int]:
    """Nodes with boxes from a bone to its children and its tip, and of the head's nose."""
    ends = [skeleton.offsets[child] for child in skeleton.children[i]]
    ends += [skeleton.tips[i]] if np.isfinite(skeleton.tips[i]).all() else []
    material = ORANGE if skeleton.names[i].startswith("left") else WHITE
    wanted = [(end / 2, np.maximum(np.abs(end) * 0.9, 0.05), material) for end in ends]
    if skeleton.names[i] == "head":
        wanted.append((np.array([0.0, 0.08, 0.09]), np.full(3, 0.04), RED))
    made = []
    upright = rotation.mul(rotation.inv(world), facing)  # boxes lie along the axes of the body
    for middle, size, mesh in wanted:
        made.append(len(nodes))
        nodes.append(
            {
                "translation": rotation.rotate(upright, middle).tolist(),
                "rotation": upright.tolist(),
                "scale": size.tolist(),
                "mesh": mesh,
            }
        )
    return made


def _glb(nodes: list[dict[str, Any]], extension: dict[str, Any]) -> bytes:
    corners = CORNERS.astype("<f4").tobytes()
    faces = np.array(FACES, dtype="<u2").tobytes()
    colours = [[0.85, 0.87, 0.9, 1.0], [1.0, 0.5, 0.15, 1.0], [0.9, 0.1, 0.1, 1.0]]
    document = {
        "asset": {"version": "2.0"},
        "extensionsUsed": list(extension),
        "extensions": extension,
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": nodes,
        "materials": [{"pbrMetallicRoughness": {"baseColorFactor": c}} for c in colours],
        "meshes": [
            {"primitives": [{"attributes": {"POSITION": 0}, "indices": 1, "material": i}]}
            for i in range(len(colours))
        ],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 8, "type": "VEC3",
             "min": [-0.5] * 3, "max": [0.5] * 3},
            {"bufferView": 1, "componentType": 5123, "count": len(FACES), "type": "SCALAR"},
        ],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": len(corners)},
            {"buffer": 0, "byteOffset": len(corners), "byteLength": len(faces)},
        ],
        "buffers": [{"byteLength": len(corners) + len(faces)}],
    }  # fmt: skip
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    data = corners + faces
    data += b"\0" * (-len(data) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text
    chunks += struct.pack("<II", len(data), 0x004E4942) + data
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks
