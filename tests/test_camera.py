"""The camera: points to pixels and back, with OpenCV as the oracle; and calibration files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from motions import seeds

from mocap.arrays import Array
from mocap.camera import DEFAULT_FOV, Camera, plausible_focal
from mocap.errors import FormatError, InvalidValue

FILE = {"width": 1920, "height": 1080, "fx": 1500.0, "fy": 1510.0, "cx": 950.0, "cy": 545.0}
TO_OPENCV = np.array([1.0, -1.0, -1.0])  # its x is right, y down, z away
# k1, k2, p1, p2, k3: none, a webcam's barrel, a pincushion, a decentred lens
LENSES = [
    (0, 0, 0, 0, 0),
    (-0.25, 0.08, 0, 0, -0.01),
    (0.15, 0.05, 0, 0, 0),
    (-0.1, 0.02, 0.005, -0.004, 0),
]


def camera(lens: tuple[float, ...] = LENSES[0]) -> Camera:
    return Camera.from_dict({**FILE, "distortion": lens})


def matrix(camera: Camera) -> Array:
    (fx, fy), (cx, cy) = camera.focal, camera.center
    return np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]])


def points(seed: int, shape: tuple[int, ...] = (50,)) -> Array:
    """Points within 65 by 40 degrees, half a metre to twenty metres before the camera."""
    random = np.random.default_rng(seed)
    plane = random.uniform((-0.64, -0.36, -1), (0.64, 0.36, -1), (*shape, 3))
    return plane * random.uniform(0.5, 20, (*shape, 1))


# --- points and pixels ---------------------------------------------------------------------


@given(seeds, st.sampled_from([(), (4,), (2, 3), (0,)]))
def test_rays_lead_back_to_the_points(seed: int, shape: tuple[int, ...]) -> None:
    at = points(seed, shape)
    rays = camera().rays(camera().project(at))
    np.testing.assert_allclose(rays, at / -at[..., 2:], atol=1e-12)
    np.testing.assert_array_equal(rays[..., 2], -1.0)


@given(seeds)
def test_pixels_come_back_from_their_rays(seed: int) -> None:
    pixels = np.random.default_rng(seed).uniform(-500, 2500, (2, 5, 2))
    back = camera().project(7.0 * camera().rays(pixels))
    np.testing.assert_allclose(back, pixels, atol=1e-9)


def test_right_is_right_and_up_is_up() -> None:
    middle, right, up = camera().project(np.array([[0, 0, -2.0], [1, 0, -2], [0, 1, -2]]))
    np.testing.assert_allclose(middle, [950, 545])
    np.testing.assert_allclose(right - middle, [750, 0])
    np.testing.assert_allclose(up - middle, [0, -755])


@given(seeds)
def test_projection_agrees_with_opencv(seed: int) -> None:
    cv2 = pytest.importorskip("cv2")
    at = points(seed)
    expected, _ = cv2.projectPoints(
        at * TO_OPENCV, np.zeros(3), np.zeros(3), matrix(camera()), np.zeros(5)
    )
    np.testing.assert_allclose(camera().project(at), expected[:, 0], atol=1e-9)


@pytest.mark.parametrize("lens", LENSES)
@given(seed=seeds)
def test_rays_undo_what_opencv_says_the_lens_does(lens: tuple[float, ...], seed: int) -> None:
    cv2 = pytest.importorskip("cv2")
    bent, at = camera(lens), points(seed)
    pixels, _ = cv2.projectPoints(
        at * TO_OPENCV, np.zeros(3), np.zeros(3), matrix(bent), bent.distortion
    )
    rays = bent.rays(pixels[:, 0])
    np.testing.assert_allclose(rays, at / -at[:, 2:], atol=1e-5)  # a hundredth of a pixel
    exact = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 50, 1e-14)
    straight = cv2.undistortPointsIter(
        pixels, matrix(bent), bent.distortion, np.eye(3), np.eye(3), exact
    )
    np.testing.assert_allclose(rays[:, :2] * [1, -1], straight[:, 0], atol=1e-5)


# --- other cameras -------------------------------------------------------------------------


@given(st.tuples(st.integers(16, 4096), st.integers(16, 4096)), st.floats(5, 170))
def test_field_of_view_spans_the_long_side(size: tuple[int, int], degrees: float) -> None:
    found = Camera.from_fov(size, degrees)
    long = int(size[1] > size[0])
    edge = np.array(size) / 2
    edge[long] = 0
    ray = found.rays(edge)
    assert 2 * np.degrees(np.arctan(abs(ray[long]))) == pytest.approx(degrees)
    assert ray[1 - long] == pytest.approx(0)
    np.testing.assert_allclose(found.rays(np.array(size) / 2), [0, 0, -1], atol=1e-12)


def test_field_of_view_has_a_usual_value() -> None:
    assert Camera.from_fov((640, 480)).focal[0] == pytest.approx(
        320 / np.tan(np.radians(DEFAULT_FOV / 2))
    )


@pytest.mark.parametrize("degrees", [0, 4.9, 170.1, 360, np.nan])
def test_field_of_view_of_no_lens_is_refused(degrees: float) -> None:
    with pytest.raises(InvalidValue, match=f"5 to 170 degrees, got {degrees}"):
        Camera.from_fov((640, 480), degrees)


@given(seeds, st.floats(0.2, 3))
def test_scaled_sees_the_same_rays(seed: int, factor: float) -> None:
    one = camera(LENSES[3])
    other = one.scaled((round(1920 * factor), round(1080 * factor)))
    grown = np.array(other.size) / one.size
    pixels = np.random.default_rng(seed).uniform((0, 0), one.size, (20, 2))
    np.testing.assert_allclose(other.rays(pixels * grown), one.rays(pixels), atol=1e-12)


def test_scaled_to_another_shape_is_refused() -> None:
    with pytest.raises(InvalidValue, match=r"at 1920x1080, the picture is 1080x1920: another"):
        camera().scaled((1080, 1920))


# --- validation and files ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"size": (0, 480)}, r"above zero, got \(0, 480\)"),
        ({"focal": np.array([500.0, 0.0])}, r"above zero, .* \[500.0, 0.0\]"),
        ({"focal": np.array([np.nan, 500.0])}, r"above zero, .* \[nan, 500.0\]"),
        ({"focal": np.zeros(1)}, r"focal length: expected shape \(2,\), got \(1,\)"),
        ({"center": np.array([np.nan, 0])}, "principal point: expected finite numbers"),
        ({"center": np.zeros(3)}, r"principal point: expected shape \(2,\), got \(3,\)"),
        ({"distortion": np.zeros(4)}, r"distortion: expected shape \(5,\), got \(4,\)"),
        ({"distortion": np.full(5, np.inf)}, "distortion: expected finite numbers"),
    ],
)
def test_what_is_wrong_is_named(wrong: dict[str, Any], message: str) -> None:
    values: dict[str, Any] = {"size": (640, 480), "focal": np.ones(2), "center": np.zeros(2)}
    with pytest.raises(InvalidValue, match=message):
        Camera(**{**values, **wrong})


@pytest.mark.parametrize("lens", LENSES)
def test_a_camera_survives_its_file(tmp_path: Path, lens: tuple[float, ...]) -> None:
    path, one = tmp_path / "camera.json", camera(lens)
    path.write_text(json.dumps(one.to_dict()))
    other = Camera.load(path, (1920, 1080))
    assert other.to_dict() == one.to_dict()
    for name in ("size", "focal", "center", "distortion"):
        np.testing.assert_array_equal(getattr(other, name), getattr(one, name))


def test_a_calibration_is_scaled_to_the_picture(tmp_path: Path) -> None:
    path = tmp_path / "camera.json"
    path.write_text(json.dumps(FILE))
    half = Camera.load(path, (960, 540))
    np.testing.assert_allclose([half.focal, half.center], [[750, 755], [475, 272.5]])
    np.testing.assert_array_equal(half.distortion, np.zeros(5))


def test_four_distortion_numbers_are_enough() -> None:
    assert camera((0.1, 0.2, 0.3, 0.4)).distortion.tolist() == [0.1, 0.2, 0.3, 0.4, 0.0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Expecting value"),
        ("fx = 3", "Expecting value"),
        ("[]", 'expected a camera with "width"'),
        ("{}", "a problem with 'width'"),
        (json.dumps({**FILE, "fx": "wide"}), "a problem with could not convert"),
        (json.dumps({**FILE, "fx": None}), "a problem with"),
        (json.dumps({**FILE, "fx": -1}), "above zero"),
        (json.dumps({**FILE, "cx": np.nan}), "principal point: expected finite"),
        (json.dumps({**FILE, "distortion": [0.0] * 8}), 'at most 5 "distortion" numbers'),
        (json.dumps({**FILE, "width": 1080, "height": 1920}), "1080x1920, .* 1920x1080: another"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "camera.json"
    path.write_text(text)
    with pytest.raises(FormatError, match=rf"camera\.json: .*{message}"):
        Camera.load(path, (1920, 1080))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"none\.json: cannot read the camera file: No such file"):
        Camera.load(tmp_path / "none.json", (1920, 1080))


# --- the focal length that footage tells of ------------------------------------------------


@pytest.mark.parametrize(
    ("size", "fov"),
    [
        ((3000, 2000), 2 * np.degrees(np.arctan(18 / 26))),  # film itself: 36 mm by 24 mm
        ((2000, 3000), 2 * np.degrees(np.arctan(18 / 26))),
        # a phone: 4/5 of the diagonal of its 4:3 sensor are its width, in photo and in video
        ((4032, 3024), 2 * np.degrees(np.arctan(0.8 * np.hypot(36, 24) / 2 / 26))),
        ((1920, 1080), 2 * np.degrees(np.arctan(0.8 * np.hypot(36, 24) / 2 / 26))),
        ((1080, 1920), 2 * np.degrees(np.arctan(0.8 * np.hypot(36, 24) / 2 / 26))),
    ],
)
def test_the_35_mm_equivalent_tells_the_field_of_view(size: tuple[int, int], fov: float) -> None:
    found = Camera.from_focal_35mm(size, 26)
    assert found.fov == pytest.approx(fov)
    assert found.focal[0] == found.focal[1]
    np.testing.assert_array_equal(found.center, np.array(size) / 2)


@given(st.floats(5, 170), st.sampled_from([(640, 480), (1080, 1920), (700, 700)]))
def test_the_field_of_view_comes_back(degrees: float, size: tuple[int, int]) -> None:
    assert Camera.from_fov(size, degrees).fov == pytest.approx(degrees)


@pytest.mark.parametrize("millimetres", [0.0, 4.9, 1001.0, np.nan, np.inf, -26.0])
def test_no_lens_has_this_focal_length(millimetres: float) -> None:
    assert plausible_focal(millimetres) is None
    with pytest.raises(InvalidValue, match="5 to 1000 mm"):
        Camera.from_focal_35mm((640, 480), millimetres)


@given(st.one_of(st.none(), st.text(), st.floats(), st.integers(), st.binary(), st.tuples()))
def test_a_focal_length_is_plausible_or_none(value: object) -> None:
    found = plausible_focal(value)
    assert found is None or 5 <= found <= 1000
