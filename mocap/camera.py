"""A still pinhole camera: how points in front of it land in the picture."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mocap.arrays import Array, frozen, require_finite
from mocap.errors import FormatError, InvalidValue

DEFAULT_FOV = 60.0  # degrees across the long side: between a phone's main camera and a webcam
FILM_DIAGONAL = math.hypot(36.0, 24.0)  # [mm] of a picture on 35 mm film, 43.27
FOCAL_RANGE = (5.0, 1000.0)  # [mm] 35 mm equivalents that are believed
WHOLE = 1.5  # width over height up to which a picture shows the whole sensor


@dataclass(frozen=True, eq=False)
class Camera:
    """Pinhole intrinsics in pixels.

    View axes: x right, y up, z towards the viewer, so what is seen has negative z.

    Attributes:
        size: width and height of the picture [px].
        focal: (2,) focal lengths along x and y [px].
        center: (2,) principal point [px].
        distortion: (5,) Brown-Conrady k1, k2, p1, p2, k3 as OpenCV orders them.
    """

    size: tuple[int, int]
    focal: Array
    center: Array
    distortion: Array = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        set_(self, "size", (int(self.size[0]), int(self.size[1])))
        set_(self, "focal", frozen(self.focal, (2,), "focal length"))
        set_(self, "center", frozen(self.center, (2,), "principal point"))
        bent = np.zeros(5) if self.distortion is None else self.distortion
        set_(self, "distortion", frozen(bent, (5,), "distortion"))
        require_finite(self.center, "principal point")
        require_finite(self.distortion, "distortion")
        if min(self.size) <= 0 or not (np.isfinite(self.focal).all() and np.min(self.focal) > 0):
            raise InvalidValue(
                f"camera: expected a picture size and focal lengths above zero, got {self.size} "
                f"and {self.focal.tolist()}"
            )

    @classmethod
    def from_fov(cls, size: tuple[int, int], degrees: float = DEFAULT_FOV) -> Camera:
        """A camera with square pixels that sees `degrees` across the long side."""
        if not 5.0 <= degrees <= 170.0:
            raise InvalidValue(f"field of view: expected 5 to 170 degrees, got {degrees}")
        focal = 0.5 * max(size) / np.tan(np.radians(degrees) / 2)
        return cls(size, np.array([focal, focal]), np.array(size) / 2.0)

    @classmethod
    def from_focal_35mm(cls, size: tuple[int, int], millimetres: float) -> Camera:
        """A camera with square pixels and a lens equal to this one on 35 mm film.

        Equal means the same angle of view across the diagonal (CIPA DCG-001). A picture wider
        than 3:2 is taken to be cut from a 4:3 sensor of the same width, as phones do for video:
        their focal length tells of the whole sensor. What a stabiliser cuts off is not known.
        """
        if plausible_focal(millimetres) is None:
            low, high = FOCAL_RANGE
            raise InvalidValue(
                f"35 mm equivalent of the focal length: expected {low:g} to {high:g} mm, "
                f"got {millimetres}"
            )
        long, short = max(size), min(size)
        diagonal = math.hypot(long, short) if long <= WHOLE * short else long * 5 / 4
        focal = diagonal * millimetres / FILM_DIAGONAL
        return cls(size, np.array([focal, focal]), np.array(size) / 2.0)

    @classmethod
    def load(cls, path: str | Path, size: tuple[int, int]) -> Camera:
        """A calibration for pictures of `size`.

        The file is JSON with "width", "height", "fx", "fy", "cx", "cy" and optionally
        "distortion" (4 or 5 numbers in OpenCV's order). A calibration made at another
        resolution of the same shape is scaled.

        Raises:
            FormatError: not such a file, or made for a picture of another shape.
        """
        try:
            given = cls.from_dict(json.loads(Path(path).read_text(encoding="utf-8")))
            return given.scaled(size)
        except OSError as error:
            raise FormatError(f"cannot read the camera file: {error.strerror}", path=path) from None
        except json.JSONDecodeError as error:
            raise FormatError(f"not JSON: {error.msg}", path=path, line=error.lineno) from None
        except ValueError as error:  # not even text, or an InvalidValue
            raise FormatError(str(error), path=path) from None

    @classmethod
    def from_dict(cls, data: Any) -> Camera:
        """A camera from its JSON form. Raises InvalidValue."""
        try:
            bent = np.zeros(5)
            coefficients = np.asarray(data.get("distortion", []), dtype=np.float64)
            bent[: len(coefficients)] = coefficients
            return cls(
                (int(data["width"]), int(data["height"])),
                np.array([data["fx"], data["fy"]], dtype=np.float64),
                np.array([data["cx"], data["cy"]], dtype=np.float64),
                bent,
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidValue(
                'expected a camera with "width", "height", "fx", "fy", "cx", "cy" and at most 5 '
                f'"distortion" numbers; got a problem with {error}'
            ) from None

    def to_dict(self) -> dict[str, Any]:
        """The JSON form, as `from_dict` reads it."""
        return {
            "width": self.size[0],
            "height": self.size[1],
            "fx": round(float(self.focal[0]), 3),
            "fy": round(float(self.focal[1]), 3),
            "cx": round(float(self.center[0]), 3),
            "cy": round(float(self.center[1]), 3),
            "distortion": self.distortion.tolist(),
        }

    def scaled(self, size: tuple[int, int]) -> Camera:
        """The same camera at another resolution of the same shape. Raises InvalidValue."""
        scale = np.array(size) / self.size
        if abs(scale[0] / scale[1] - 1) > 0.01:
            raise InvalidValue(
                f"the camera was calibrated at {self.size[0]}x{self.size[1]}, the picture is "
                f"{size[0]}x{size[1]}: another shape"
            )
        return Camera(size, self.focal * scale, self.center * scale, self.distortion)

    @property
    def fov(self) -> float:
        """[degrees] seen across the long side, the lens taken as straight."""
        side = int(np.argmax(self.size))
        return math.degrees(2 * math.atan(self.size[side] / (2 * float(self.focal[side]))))

    def rays(self, pixels: Array) -> Array:
        """Pixels (..., 2) to points (..., 3) on the plane one metre in front of the camera."""
        bent = (pixels - self.center) / self.focal
        k1, k2, p1, p2, k3 = self.distortion
        straight = bent
        if self.distortion.any():
            for _ in range(10):  # fixed point of the distortion equation
                x, y = straight[..., :1], straight[..., 1:]
                r2 = x * x + y * y
                radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
                tangential = np.concatenate(
                    [
                        2 * p1 * x * y + p2 * (r2 + 2 * x * x),
                        p1 * (r2 + 2 * y * y) + 2 * p2 * x * y,
                    ],
                    axis=-1,
                )
                straight = (bent - tangential) / radial
        z = np.full((*straight.shape[:-1], 1), -1.0)
        return np.concatenate([straight[..., :1], -straight[..., 1:], z], axis=-1)

    def project(self, points: Array) -> Array:
        """Points in view axes (..., 3) [m] to undistorted pixels (..., 2)."""
        depth = -points[..., 2:]
        plane = points[..., :2] * np.array([1.0, -1.0]) / depth
        return plane * self.focal + self.center


def plausible_focal(value: object) -> float | None:
    """[mm] a 35 mm equivalent, of a number or text; None for what is none or of no known lens."""
    try:
        millimetres = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, ArithmeticError):  # of fractions over zero, too
        return None
    low, high = FOCAL_RANGE
    return millimetres if low <= millimetres <= high else None
