"""Assembles the coloured, skinned meshes of one person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import clothes, hands, head, surface
from .body import Body, BodyShape
from .sdf import f32, smooth_step
from .skeleton import HEAD_CENTRE, REFERENCE_HEIGHT, SIDES, landmarks
from .weights import cloth_weights, skin_weights, split_weights

BODY_CELL, SHOE_CELL, HAND_CELL, HEAD_CELL, HAIR_CELL = 0.006, 0.004, 0.003, 0.0026, 0.004


@dataclass(frozen=True)
class Part:
    """One mesh in the rest pose at the reference height."""

    name: str
    vertices: np.ndarray  # (V, 3) float32, m
    quads: np.ndarray  # (F, 4) int
    colours: np.ndarray  # (V, 3) float32, linear RGB
    weights: np.ndarray  # (V, B) float32, rows sum to 1
    material: str  # skin, cloth, shoe or hair


class Person:
    """A `BodyShape` with its rest joints, landmarks and meshes."""

    def __init__(self, shape: BodyShape):
        self.shape = shape
        self.scale = shape.height / REFERENCE_HEIGHT
        self.body = Body(shape)
        self.joints = self.body.joints
        self.landmarks = landmarks(self.joints, hands.hand_scale(self.body))

    def parts(self) -> list[Part]:
        """Mesh everything; takes a few seconds."""
        parts = [self._skin(), self._shirt(), self._trousers()]
        for side in SIDES:
            parts += [self._shoe(side), self._hand(side)]
        return [*parts, self._head(), self._hair()]

    def _skin(self) -> Part:
        body = self.body
        vertices, quads = surface.mesh(
            body.skin, (-0.62, -0.2, 0.02), (0.62, 0.22, 1.64), BODY_CELL
        )
        # Skin well below the clothes would only poke through them when the person moves.
        covered = (clothes.shirt(body, vertices) < -0.0045) | (
            clothes.trousers(body, vertices) < -0.0045
        )
        vertices, quads = surface.keep_faces(vertices, quads, ~covered[quads].all(1))
        colours = _plain(vertices, self.shape.skin)
        return Part("skin", vertices, quads, colours, skin_weights(body, vertices), "skin")

    def _shirt(self) -> Part:
        body = self.body
        vertices, quads = surface.mesh(
            lambda p: clothes.shirt(body, p), (-0.5, -0.22, 0.84), (0.5, 0.24, 1.56), BODY_CELL
        )
        colours = _plain(vertices, self.shape.shirt)
        if self.shape.stripes is not None:
            colours[np.floor(vertices[:, 2] / 0.045) % 2 == 0] = self.shape.stripes
        collar = (vertices[:, 2] > 1.44) & (clothes.collar(vertices) < 0.012)
        colours[collar] *= 0.7
        colours *= _mottle(vertices, 0.06, 22)
        return Part("shirt", vertices, quads, colours, cloth_weights(body, vertices), "cloth")

    def _trousers(self) -> Part:
        body = self.body
        vertices, quads = surface.mesh(
            lambda p: clothes.trousers(body, p), (-0.26, -0.22, 0.03), (0.26, 0.24, 1.03), BODY_CELL
        )
        colours = _plain(vertices, self.shape.trousers)
        x, z = np.abs(vertices[:, 0]), vertices[:, 2]
        colours[z > 0.972] *= 0.6  # belt
        colours[np.abs(x - 0.155 - 0.02 * (z < 0.8)) < 0.003] *= 0.8  # seams
        colours *= _mottle(vertices, 0.08, 18)
        return Part("trousers", vertices, quads, colours, cloth_weights(body, vertices), "cloth")

    def _shoe(self, side: str) -> Part:
        x = self.joints[side + "Foot"][0]
        vertices, quads = surface.mesh(
            lambda p: clothes.shoe(self.body, p, side),
            (x - 0.08, -0.22, -0.01),
            (x + 0.08, 0.12, 0.13),
            SHOE_CELL,
        )
        colours = _plain(vertices, self.shape.shoes)
        across, y, z = np.abs(vertices[:, 0] - x), vertices[:, 1], vertices[:, 2]
        colours[z < 0.024] = (0.75, 0.75, 0.72)  # sole
        lacing = (y < -0.02) & (y > -0.10) & (z > 0.055) & (across < 0.02)
        colours[lacing & (np.floor(y / 0.008) % 2 == 0)] = (0.8, 0.8, 0.8)
        weights = split_weights(side + "Foot", side + "Toes", smooth_step((y + 0.125) / 0.03))
        return Part(side + "Shoe", vertices, quads, colours, weights, "shoe")

    def _hand(self, side: str) -> Part:
        wrist = self.joints[side + "Hand"]
        forearm = wrist - self.joints[side + "LowerArm"]
        vertices, quads = surface.mesh(
            lambda p: hands.hand(self.body, p, side), wrist - 0.22, wrist + 0.22, HAND_CELL
        )
        past_wrist = (vertices - wrist) @ (forearm / np.linalg.norm(forearm))
        share = np.clip((past_wrist + 0.02) / 0.03, 0, 1)
        weights = split_weights(side + "Hand", side + "LowerArm", share)
        colours = _plain(vertices, self.shape.skin)
        return Part(side + "Hand", vertices, quads, colours, weights, "skin")

    def _head(self) -> Part:
        vertices, quads = surface.mesh(
            lambda p: head.head(self.body, p),
            HEAD_CENTRE + [-0.1, -0.14, -0.17],
            HEAD_CENTRE + [0.1, 0.13, 0.13],
            HEAD_CELL,
        )
        above_neck = smooth_step((vertices[:, 2] - 1.525) / 0.05)
        chin = np.clip((-vertices[:, 1] - 0.03) / 0.03, 0, 1)  # hangs below the neck's top
        weights = split_weights("head", "neck", np.maximum(above_neck, chin))
        colours = head.head_colours(self.body, vertices)
        return Part("head", vertices, quads, colours, weights, "skin")

    def _hair(self) -> Part:
        vertices, quads = surface.mesh(
            lambda p: head.hair(self.body, p),
            HEAD_CENTRE + [-0.11, -0.13, -0.2],
            HEAD_CENTRE + [0.11, 0.19, 0.15],
            HAIR_CELL,
        )
        weights = split_weights("head", "head", np.ones(len(vertices)))
        colours = head.hair_colours(self.body, vertices)
        return Part("hair", vertices, quads, colours, weights, "hair")


def _plain(vertices: np.ndarray, colour: tuple[float, float, float]) -> np.ndarray:
    return np.tile(np.asarray(colour, f32), (len(vertices), 1))


def _mottle(vertices: np.ndarray, amount: float, frequency: float) -> np.ndarray:
    """(V, 1) float32 brightness of woven cloth: soft blotches and a little grain."""
    x, y, z = (vertices * frequency).T
    blotches = np.sin(x + 1.7 * np.sin(0.6 * y + 0.3 * z)) * np.sin(
        1.3 * z + 1.5 * np.sin(0.7 * x)
    ) + 0.6 * np.sin(2.3 * y - 1.9 * z + np.sin(1.1 * x)) * np.sin(2.7 * x + z)
    grain = np.random.default_rng(0).normal(size=len(vertices))
    return (1 + amount * blotches + amount * 0.35 * grain)[:, None].astype(f32)
