"""Head and hair as signed distance, and the paint that makes a face of the head.

Numbers are metres from HEAD_CENTRE (x left, -y forward, z up), left half; the face is symmetric.
"""

from __future__ import annotations

import numpy as np

from .body import Body
from .rotation import rot_z
from .sdf import cone, ellipsoid, f32, smooth_max, smooth_min
from .skeleton import HEAD_CENTRE, SIDES


def head(body: Body, points: np.ndarray) -> np.ndarray:
    """Skull, jaw, cheeks, brows, eyes, nose, lips, ears and the upper neck."""
    feminine = body.shape.feminine
    q = points - HEAD_CENTRE.astype(f32)
    shape = ellipsoid(q, (0, 0.016, 0.034), (0.075, 0.096, 0.080))
    jaw = ellipsoid(q, (0, -0.028, -0.028), (0.062 - 0.003 * feminine, 0.064, 0.080))
    chin = ellipsoid(q, (0, -0.066, -0.092), (0.024, 0.022, 0.021))
    shape = smooth_min(shape, jaw, 0.03)
    shape = smooth_min(shape, chin, 0.028)
    for x in SIDES.values():
        jawline = cone(q, (x * 0.050, 0.002, -0.045), (x * 0.017, -0.066, -0.095), 0.018, 0.015)
        cheek = ellipsoid(q, (x * 0.043, -0.064, -0.014), (0.021, 0.02, 0.018))
        brow = cone(q, (x * 0.045, -0.074, 0.028), (x * 0.006, -0.088, 0.028), 0.008, 0.010)
        socket = ellipsoid(q, (x * 0.032, -0.104, 0.008), (0.018, 0.017, 0.012))
        eyeball = ellipsoid(q, (x * 0.032, -0.0800, 0.008), (0.0150, 0.0120, 0.0125))
        nostril = ellipsoid(q, (x * 0.0125, -0.1015, -0.026), (0.0075, 0.010, 0.008))
        turned = rot_z(x * 20)
        ear = smooth_max(
            ellipsoid(q, (x * 0.078, 0.016, -0.004), (0.009, 0.020, 0.033), turned),
            -ellipsoid(q, (x * 0.088, 0.010, -0.002), (0.007, 0.011, 0.020), turned),
            0.006,
        )
        shape = smooth_min(shape, jawline, 0.04)
        shape = smooth_min(shape, cheek, 0.035)
        shape = smooth_min(shape, brow, 0.012)
        shape = smooth_max(shape, -socket, 0.010)
        shape = smooth_min(shape, eyeball, 0.004)
        shape = smooth_min(shape, nostril, 0.006)
        shape = smooth_min(shape, ear, 0.006)
    nose = cone(q, (0, -0.090, 0.018), (0, -0.113, -0.020), 0.0065, 0.0105)
    upper_lip = ellipsoid(q, (0, -0.093, -0.051), (0.023, 0.0105, 0.0055))
    lower_lip = ellipsoid(q, (0, -0.091, -0.0615), (0.020, 0.0105, 0.0065))
    slim = 1 - 0.14 * feminine
    neck = cone(points, (0, 0.016, 1.50), (0, 0.004, 1.60), 0.054 * slim, 0.052 * slim)
    shape = smooth_min(shape, nose, 0.012)
    shape = smooth_min(shape, upper_lip, 0.006)
    shape = smooth_min(shape, lower_lip, 0.006)
    return smooth_min(shape, neck, 0.03)


def _above_hairline(q: np.ndarray) -> np.ndarray:
    """Metres above the front hairline, which falls from the forehead toward the temples."""
    return q[..., 2] - (0.066 - 0.62 * (q[..., 1] + 0.085) - 0.25 * np.abs(q[..., 0]))


def hair(body: Body, points: np.ndarray) -> np.ndarray:
    """A cap of hair cut at the hairline, with the strands of the chosen hairdo."""
    q = points - HEAD_CENTRE.astype(f32)
    x, y, z = np.moveaxis(q, -1, 0)
    bare = -_above_hairline(q)
    bare = np.where(y > 0.035, np.maximum(-0.055 - z, bare - 0.08), bare)
    shape = smooth_max(ellipsoid(q, (0, 0.018, 0.036), (0.083, 0.104, 0.088)), bare, 0.012)
    if body.shape.hair == "long":
        mane = ellipsoid(q, (0, 0.055, -0.03), (0.088, 0.065, 0.120))
        shape = smooth_min(shape, mane, 0.02)
    if body.shape.hair == "pony":
        tail = cone(q, (0, 0.115, 0.03), (0, 0.135, -0.13), 0.026, 0.012)
        shape = smooth_min(shape, tail, 0.02)
    return shape + 0.0016 * np.sin(180 * x + 4 * np.sin(60 * z)) * np.sin(70 * y + 40 * z)


def hair_colours(body: Body, vertices: np.ndarray) -> np.ndarray:
    """(V, 3) colours of the hair mesh: light and dark strands."""
    x, y, z = vertices[:, :1], vertices[:, 1:2], vertices[:, 2:]
    strands = np.sin(x * 420 + 3 * np.sin(z * 90)) * np.sin(y * 160)
    return (np.asarray(body.shape.hair_colour) * (1 + 0.25 * strands)).astype(f32)


def head_colours(body: Body, vertices: np.ndarray) -> np.ndarray:
    """(V, 3) colours of the head mesh: skin with eyes, brows, lips, blush and shaven scalp."""
    shape = body.shape
    skin = np.asarray(shape.skin, f32)
    q = vertices - HEAD_CENTRE
    x, y, z = np.abs(q[:, 0]), q[:, 1], q[:, 2]
    front = y < -0.05
    colours = np.tile(skin, (len(vertices), 1))

    def shade(amount: np.ndarray, tint: tuple[float, float, float]) -> None:
        colours[:] *= 1 - (amount * front)[:, None] * np.asarray(tint)

    shade(np.exp(-(((x - 0.042) / 0.02) ** 2 + ((z + 0.022) / 0.02) ** 2)), (0, 0.16, 0.16))
    shade(np.exp(-((x / 0.012) ** 2 + ((z + 0.022) / 0.012) ** 2)), (0, 0.12, 0.12))
    shade(np.exp(-(((x - 0.032) / 0.022) ** 2 + ((z - 0.010) / 0.016) ** 2)), (0.28, 0.28, 0.28))

    across, up = (x - 0.032) / 0.0150, z - 0.0075
    lid = np.maximum(1 - across**2, 0)
    eye = front & (np.abs(across) < 1) & (up < 0.0066 * lid) & (up > -0.0052 * lid) & (y < -0.078)
    from_pupil = (x - 0.032) ** 2 + up**2
    colours[eye] = (0.72, 0.71, 0.69)
    colours[eye & (from_pupil < 0.0062**2)] = (0.12, 0.07, 0.035)
    colours[eye & (from_pupil < 0.0032**2)] = (0.005, 0.005, 0.005)
    on_lid = np.abs(up - 0.0066 * lid - 0.0012) < 0.0016
    colours[front & (np.abs(across) < 1.12) & on_lid & (y < -0.074)] = (0.05, 0.035, 0.03)

    arch = 0.0285 - 6.0 * (x - 0.036) ** 2 + 0.03 * (x - 0.033)
    on_brow = np.abs(z - arch) < 0.0036 - 0.05 * np.maximum(x - 0.04, 0)
    colours[front & (np.abs(x - 0.033) < 0.021) & on_brow] = np.asarray(shape.hair_colour) * 0.8

    lip_half_height = np.where(z > -0.0565, 0.0085, 0.0105)
    on_lips = (x / 0.0235) ** 2 + ((z + 0.0565) / lip_half_height) ** 2 < 1
    lip_tint = (0.88, 0.52, 0.52) if shape.feminine < 0.5 else (0.80, 0.36, 0.38)
    colours[front & on_lips & (y < -0.08)] = skin * lip_tint
    between_lips = (x < 0.0225) & (np.abs(z + 0.0565 + 0.8 * x * x) < 0.0016)
    colours[front & between_lips] = (0.10, 0.03, 0.03)
    nostril = (np.abs(x - 0.0075) < 0.0042) & (z < -0.0285) & (z > -0.037) & (y < -0.095)
    colours[front & nostril] = skin * 0.25

    scalp = (_above_hairline(q) > -0.004) & (z > -0.05) & (y < 0.03)
    colours[scalp | ((y > 0.03) & (z > -0.06))] = shape.hair_colour
    ear = (x > 0.0745) & (y < 0.05) & (y > -0.02) & (z < 0.035)
    colours[ear] = skin * (0.95, 0.85, 0.85)
    return colours.astype(f32)
