"""The naked body as signed distance: torso, arms, legs and neck of a `BodyShape`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .sdf import Loft, cone, ellipsoid, f32, smooth_max, smooth_min
from .skeleton import REFERENCE_HEIGHT, SIDES, rest_joints

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class BodyShape:
    """What a person looks like. Colours are linear RGB; widths are factors of the reference."""

    height: float = REFERENCE_HEIGHT
    girth: float = 1.0
    feminine: float = 0.0  # 0 = the male profile, 1 = the female one
    shoulders: float = 1.0
    hair: str = "short"  # short, long or pony
    sleeve: float = 0.66  # length, as a part of the upper arm
    looseness: float = 1.0  # how far the clothes stand off
    shorts: bool = False
    stripes: Colour | None = None
    skin: Colour = (0.85, 0.65, 0.54)
    hair_colour: Colour = (0.24, 0.16, 0.11)
    shirt: Colour = (0.66, 0.20, 0.20)
    trousers: Colour = (0.20, 0.25, 0.37)
    shoes: Colour = (0.22, 0.22, 0.24)

    def __post_init__(self):
        if self.hair not in ("short", "long", "pony"):
            raise ValueError(f"hair {self.hair!r}: expected short, long or pony")


# Sections (distance along the limb, half width, depth in front, depth behind) in metres.
# The torso's rows start with the height instead and give the male body, then the female one.
_TORSO = (
    # height   male                    female
    (0.79, (0.060, 0.036, 0.040), (0.060, 0.036, 0.042)),
    (0.82, (0.118, 0.070, 0.074), (0.120, 0.070, 0.078)),
    (0.86, (0.160, 0.092, 0.098), (0.168, 0.092, 0.104)),
    (0.92, (0.172, 0.100, 0.110), (0.184, 0.100, 0.118)),
    (0.98, (0.164, 0.104, 0.100), (0.168, 0.100, 0.106)),
    (1.05, (0.150, 0.104, 0.086), (0.140, 0.094, 0.082)),
    (1.12, (0.147, 0.104, 0.084), (0.129, 0.092, 0.076)),
    (1.20, (0.153, 0.112, 0.094), (0.134, 0.104, 0.082)),
    (1.28, (0.162, 0.122, 0.106), (0.143, 0.138, 0.094)),
    (1.35, (0.167, 0.120, 0.112), (0.148, 0.128, 0.100)),
    (1.41, (0.164, 0.098, 0.104), (0.146, 0.088, 0.096)),
    (1.45, (0.138, 0.070, 0.086), (0.124, 0.062, 0.080)),
    (1.48, (0.088, 0.050, 0.072), (0.078, 0.046, 0.066)),
    (1.52, (0.058, 0.045, 0.064), (0.052, 0.042, 0.058)),
)
_THIGH = (
    (-0.03, 0.083, 0.085, 0.092),
    (0.07, 0.087, 0.090, 0.090),
    (0.20, 0.078, 0.082, 0.077),
    (0.32, 0.063, 0.066, 0.060),
    (0.42, 0.054, 0.058, 0.052),
    (0.50, 0.053, 0.052, 0.054),
)
_SHANK = (
    (-0.09, 0.055, 0.058, 0.053),
    (-0.03, 0.053, 0.057, 0.052),
    (0.03, 0.053, 0.052, 0.053),
    (0.11, 0.057, 0.045, 0.068),
    (0.19, 0.051, 0.042, 0.062),
    (0.30, 0.039, 0.036, 0.046),
    (0.39, 0.034, 0.034, 0.040),
    (0.44, 0.034, 0.036, 0.042),
)
_UPPER_ARM = (
    (-0.02, 0.050, 0.052, 0.052),
    (0.05, 0.052, 0.054, 0.052),
    (0.15, 0.046, 0.049, 0.047),
    (0.25, 0.040, 0.042, 0.041),
    (0.335, 0.039, 0.040, 0.041),
)
_FOREARM = (
    (-0.045, 0.039, 0.040, 0.041),
    (0.00, 0.040, 0.042, 0.041),
    (0.05, 0.042, 0.046, 0.042),
    (0.12, 0.037, 0.041, 0.038),
    (0.20, 0.026, 0.032, 0.030),
    (0.262, 0.022, 0.029, 0.028),
)


_THIGH_GAP = 0.007  # m from the midline, more than a cell of the mesh


def _scaled(rows: tuple, factor: float) -> np.ndarray:
    rows = np.array(rows)
    rows[:, 1:] *= factor
    return rows


class Body:
    """Distance fields of a `BodyShape` in the rest pose, at the reference height."""

    def __init__(self, shape: BodyShape):
        self.shape = shape
        feminine, extra = shape.feminine, shape.girth - 1

        def mix(male: object, female: object) -> np.ndarray:
            return (1 - feminine) * np.asarray(male, float) + feminine * np.asarray(female, float)

        self.shoulder_half_width = float(mix(0.178, 0.162)) * shape.shoulders
        self.joints = rest_joints(self.shoulder_half_width, float(mix(0.088, 0.092)))
        # A heavy person is heavy at the waist first, then at the limbs, least at the neck.
        heights, male, female = (np.array(column) for column in zip(*_TORSO, strict=True))
        heavier = 1 + extra * np.interp(heights, [0.8, 1.1, 1.4, 1.5], [0.8, 1.3, 0.8, 0.4])
        self.torso_rows = np.column_stack([heights, mix(male, female) * heavier[:, None]])
        self.limb_scale = 1 + extra * 0.8
        self.arm_scale = self.limb_scale * (1 - 0.10 * feminine)
        self.thigh_rows = _scaled(_THIGH, self.limb_scale)
        self.shank_rows = _scaled(_SHANK, self.limb_scale * (1 - 0.06 * feminine))
        self.upper_arm_rows = _scaled(_UPPER_ARM, self.arm_scale)
        self.forearm_rows = _scaled(_FOREARM, self.arm_scale)

    def _upper_arm(self, points: np.ndarray, side: str, inflate: float, flare: float) -> np.ndarray:
        shoulder = self.joints[side + "UpperArm"]
        rows = self.upper_arm_rows.copy()
        rows[:, 1:] += inflate + flare * np.clip(rows[:, :1] / 0.25, 0, 1)
        limb = Loft(shoulder, self.joints[side + "LowerArm"] - shoulder, rows, round_ends=0.03)
        radii = np.array([0.050, 0.054, 0.047]) * self.arm_scale + inflate
        deltoid = ellipsoid(points, shoulder + np.array([0, -0.002, -0.008]), radii)
        return smooth_min(limb(points), deltoid, 0.03)

    def arm(self, points: np.ndarray, side: str) -> np.ndarray:
        """Upper arm and forearm down to the wrist."""
        elbow = self.joints[side + "LowerArm"]
        wrist = self.joints[side + "Hand"]
        forearm = Loft(elbow, wrist - elbow, self.forearm_rows, round_ends=0.02)
        return smooth_min(self._upper_arm(points, side, 0.0, 0.0), forearm(points), 0.015)

    def sleeve(
        self, points: np.ndarray, side: str, inflate: float, length: float, flare: float
    ) -> np.ndarray:
        """The upper arm inflated, widening by `flare`, cut off at `length` of the upper arm."""
        shoulder = self.joints[side + "UpperArm"]
        bone = self.joints[side + "LowerArm"] - shoulder
        reach = np.linalg.norm(bone)
        along = (points - shoulder.astype(f32)) @ (bone / reach).astype(f32)
        return smooth_max(
            self._upper_arm(points, side, inflate, flare), along - length * reach, 0.006
        )

    def leg(
        self, points: np.ndarray, side: str, inflate: float = 0.0, flare: float = 0.0
    ) -> np.ndarray:
        """Thigh and shank down to the ankle, optionally inflated to a trouser leg."""
        hip, knee, ankle = (self.joints[side + bone] for bone in ("UpperLeg", "LowerLeg", "Foot"))
        thigh_rows, shank_rows = self.thigh_rows.copy(), self.shank_rows.copy()
        thigh_rows[:, 1:] += inflate + flare * 0.3 * np.clip(thigh_rows[:, :1] / 0.4, 0, 1)
        shank_rows[:, 1:] += inflate + flare * np.clip(shank_rows[:, :1] / 0.4 + 0.3, 0, 1.3)
        thigh = Loft(hip, knee - hip, thigh_rows, round_ends=0.04)
        shank = Loft(knee, ankle - knee, shank_rows, round_ends=0.04)
        limb = smooth_min(thigh(points), shank(points), 0.02)
        # Thighs press against each other; if they merged, a web would span every wide stance.
        return smooth_max(limb, _THIGH_GAP - SIDES[side] * points[..., 0], 0.02)

    def legs(self, points: np.ndarray, inflate: float = 0.0, flare: float = 0.0) -> np.ndarray:
        """Both legs, not joined."""
        left, right = (self.leg(points, side, inflate, flare) for side in SIDES)
        return np.minimum(left, right)

    def torso(self, points: np.ndarray, inflate: float = 0.0) -> np.ndarray:
        """Trunk with trapezius, buttocks and breasts."""
        shape = Loft((0, 0, 0), (0, 0, 1), self.torso_rows, power=2.35, inflate=inflate)(points)
        for x in SIDES.values():
            shape = smooth_min(
                shape,
                cone(
                    points,
                    (x * 0.045, 0.02, 1.485),
                    (x * self.shoulder_half_width * 0.93, 0.01, 1.437),
                    0.030 + inflate,
                    0.046 * self.arm_scale + inflate,
                ),
                0.04,
            )
            radii = np.array([0.085, 0.078, 0.095]) * self.limb_scale + inflate
            shape = smooth_min(shape, ellipsoid(points, (x * 0.075, 0.042, 0.895), radii), 0.03)
            if self.shape.feminine > 0:
                radii = np.array([0.062, 0.055, 0.062]) * self.shape.feminine + inflate
                shape = smooth_min(shape, ellipsoid(points, (x * 0.07, -0.085, 1.285), radii), 0.03)
        return shape

    def neck(self, points: np.ndarray) -> np.ndarray:
        """Neck, reaching into torso and head."""
        radius = 0.056 * (1 - 0.14 * self.shape.feminine) * (1 + (self.shape.girth - 1) * 0.5)
        return cone(points, (0, 0.022, 1.46), (0, 0.004, 1.60), radius * 1.12, radius * 0.95)

    def skin(self, points: np.ndarray) -> np.ndarray:
        """The whole body but for head, hands and feet."""
        shape = self.torso(points)
        for side in SIDES:
            shape = smooth_min(shape, self.arm(points, side), 0.045)
        shape = smooth_min(shape, self.legs(points), 0.03)
        return smooth_min(shape, self.neck(points), 0.04)
