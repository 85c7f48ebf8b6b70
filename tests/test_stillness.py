"""Whether the camera stood still, on pictures whose movement is known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from footage import write_film
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pretend import Pictures, Pretending, Seer, somebody
from synthetic import SIZE as FILM_SIZE

from mocap.capture import capture
from mocap.detect import chunks, detect
from mocap.frame import Frame
from mocap.landmarks import MEDIAPIPE_POSE, Landmarks
from mocap.sources.video import VideoSource, timestamps
from mocap.stillness import (
    INTERVAL,
    CameraMotion,
    Glimpse,
    camera_motion,
    evened,
    glimpse,
    is_due,
)

Image = NDArray[np.uint8]
SIZE = (480, 270)
SECONDS = np.arange(0, 5, INTERVAL)
NEVER = CameraMotion((), 0.0, 1.0)


def texture(seed: int, size: tuple[int, int] = (900, 900)) -> Image:
    """A wall with spots of any size."""
    random = np.random.default_rng(seed)
    layers = sum(
        blur * cv2.GaussianBlur(random.normal(size=size[::-1]).astype(np.float32), (0, 0), blur)
        for blur in (3, 8, 20)
    )
    grey = np.asarray(np.clip(128 + 60 * layers / np.std(layers), 0, 255), np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


WALL, COAT = texture(1), texture(2)


def view(
    right: float = 0, down: float = 0, turn: float = 0, zoom: float = 1, wall: Image = WALL
) -> Image:
    """What a camera sees of a wall: shift [px], turn [degrees] and zoom about the middle."""
    middle = (wall.shape[1] / 2, wall.shape[0] / 2)
    matrix = cv2.getRotationMatrix2D(middle, turn, zoom)
    matrix[:, 2] += np.array(SIZE) / 2 - middle + np.array([right, down])
    return np.asarray(cv2.warpAffine(wall, matrix, SIZE, flags=cv2.INTER_AREA), np.uint8)


def with_somebody(image: Image, left: float, width: int = 200) -> Image:
    """The picture with a coat before it that moves on its own."""
    at = round(left)
    shown = image.copy()
    shown[40:, max(at, 0) : at + width] = COAT[: SIZE[1] - 40, max(-at, 0) : width][
        :, : max(0, SIZE[0] - max(at, 0))
    ]
    return shown


def box(left: float, width: int = 200) -> Landmarks:
    """Landmarks at the corners of that coat."""
    points = np.full((33, 2), (left, 40.0))
    points[1:] = (left + width, SIZE[1])
    return Landmarks(MEDIAPIPE_POSE, points, None, np.ones(33))


def watched(see: Callable[[float], Image], *people: Callable[[float], Landmarks]) -> CameraMotion:
    """What is told of a camera that sees this at each time."""
    glimpses = [glimpse(Frame(t, see(t)), [p(t) for p in people]) for t in SECONDS]
    found = camera_motion([g for g in glimpses if g is not None])
    assert found is not None
    return found


def test_a_camera_on_a_tripod() -> None:
    assert watched(lambda _: view()) == NEVER


@pytest.mark.parametrize(
    ("see", "largest"),
    [
        (lambda t: view(right=8 * t), 8 * SECONDS[-1]),
        (lambda t: view(down=-5 * t), 5 * SECONDS[-1]),
        (lambda t: view(right=60 * t), 60 * SECONDS[-1]),  # further than half of the picture
    ],
    ids=["pan", "tilt", "far"],
)
def test_a_camera_that_pans(see: Callable[[float], Image], largest: float) -> None:
    found = watched(see)
    assert found.judged == 1
    assert found.spans[0][0] <= 1.25
    assert found.spans[-1][1] >= 3.5
    assert 0.7 * largest < found.largest < 1.05 * largest


@pytest.mark.parametrize(
    "see", [lambda t: view(turn=2 * t), lambda t: view(zoom=1 + 0.05 * t)], ids=["turn", "zoom"]
)
def test_a_camera_that_turns_or_zooms(see: Callable[[float], Image]) -> None:
    found = watched(see)
    assert found.spans
    # on average over the picture, a point is this far from its middle
    places = np.array([(x, y) for x in (-160, 0, 160) for y in (-90, 0, 90)])
    far = np.linalg.norm(places, axis=1).mean()
    most = far * (np.radians(2) if see(1)[0, 0, 0] == view(turn=2)[0, 0, 0] else 0.05) * 4.75
    assert 0.6 * most < found.largest < 1.1 * most


def test_a_camera_that_was_knocked() -> None:
    found = watched(lambda t: view(right=14 if t >= 2.9 else 0, down=-6 if t >= 2.9 else 0))
    assert found.spans == ((3.0, 3.25),)
    assert found.largest == pytest.approx(np.hypot(14, 6), abs=0.5)


def test_a_camera_held_in_the_hand() -> None:
    places = 7 * np.random.default_rng(3).normal(size=(len(SECONDS), 2))
    found = watched(lambda t: view(*places[int(t / INTERVAL)]))
    assert found.spans == ((0.25, 4.75),)
    far = np.linalg.norm(places - places[0], axis=1)
    assert 0.5 * far.max() < found.largest < far.max() + 0.5


def test_less_than_a_hundredth_of_the_picture_harms_nobody() -> None:
    assert watched(lambda t: view(right=3 * np.sin(t), down=np.cos(2 * t))).spans == ()


@pytest.mark.parametrize("found", [True, False], ids=["found", "overlooked"])
def test_somebody_who_walks_before_the_camera_is_not_the_camera(found: bool) -> None:
    def left(t: float) -> float:
        return -60 + 70 * t

    people = [lambda t: box(left(t))] if found else []
    assert watched(lambda t: with_somebody(view(), left(t)), *people).spans == ()


def test_a_pan_is_seen_behind_somebody_who_is_followed() -> None:
    found = watched(lambda t: with_somebody(view(right=12 * t), 130), lambda _: box(130))
    assert found.spans
    assert found.largest == pytest.approx(12 * SECONDS[-1], rel=0.2)


@pytest.mark.parametrize(
    "light",
    [
        lambda image, n: image * (0.6 + 0.8 * n),
        lambda image, n: 255 * (image / 255) ** (0.7 + 0.7 * n),
        lambda image, n: image * (1 - 0.9 * n),
        lambda image, n: image * (1 + 0.08 * np.sin(np.arange(270) / 20 + 6 * n))[:, None, None],
        lambda image, n: image + 90 * np.exp(-(((np.arange(480) / 480 - n) * 8) ** 2))[:, None],
    ],
    ids=["exposure", "gamma", "dark", "mains", "flare"],
)
def test_light_is_no_movement(light: Callable[[Image, float], NDArray[np.float64]]) -> None:
    random = np.random.default_rng(4).uniform(size=99)
    noise = np.random.default_rng(5).normal(0, 6, (99, *SIZE[::-1], 3))

    def see(t: float) -> Image:
        i = int(t / INTERVAL)
        return np.asarray(np.clip(light(view(), random[i]) + noise[i], 0, 255), np.uint8)

    assert watched(see).spans == ()


def test_a_cut_is_no_movement() -> None:
    other = texture(7)
    found = watched(lambda t: view() if t < 2 else view(wall=other))
    assert found.spans == ()
    assert 0.4 < found.judged < 1


def test_before_a_bare_wall_nothing_can_be_told() -> None:
    bare = np.full((*SIZE[::-1], 3), 120, np.uint8)
    glimpses = [glimpse(Frame(t, bare), []) for t in SECONDS]
    assert camera_motion([g for g in glimpses if g is not None]) is None
    assert camera_motion([]) is None
    assert glimpse(Frame(0, np.zeros((40, 300, 3), np.uint8)), []) is None


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.integers(33, 90), st.integers(33, 160))
def test_any_noise_can_be_watched(seed: int, height: int, width: int) -> None:
    random = np.random.default_rng(seed)
    boxes = np.sort(random.uniform(-50, 200, (2, 2, 2)), axis=1).reshape(2, 4)
    glimpses = [
        Glimpse(t, random.integers(0, 256, (height, width), np.uint8), 1.0, boxes)
        for t in SECONDS[:6]
    ]
    found = camera_motion(glimpses)
    assert found is None or found.spans == ()


def test_contrast_is_evened() -> None:
    image = cv2.resize(view(), (160, 90))[..., 1]
    dim = np.asarray(image * 0.5 + 20, np.uint8)
    apart = np.abs(evened(image).astype(float) - evened(dim))
    assert apart.mean() < 0.2 * np.abs(evened(image) - 128.0).mean()


@given(st.lists(st.floats(0, 100), min_size=1, max_size=50, unique=True), st.integers(0, 49))
def test_parts_take_the_glimpses_of_the_whole(times: list[float], cut: int) -> None:
    times.sort()
    befores = [None, *times[:-1]]
    whole = [t for t, before in zip(times, befores, strict=True) if is_due(t, before)]
    cut = min(cut, len(times) - 1)
    # a part begins with frames before it, whose glimpses are not its own
    warm = max(cut - 1, 0)
    part = zip(times[warm:], [None, *times[warm:-1]], strict=True)
    seen = [t for t, before in part if is_due(t, before) and t >= times[cut]]
    assert seen == [t for t in whole if t >= times[cut]]


# --- in a capture ----------------------------------------------------------------------------


def test_footage_done_in_parts_is_watched_as_a_whole(tmp_path: Path) -> None:
    film = write_film(tmp_path / "pan.mp4", [view(right=i) for i in range(60)])
    times = timestamps(film)
    whole = [s.glimpse for s in detect(VideoSource(film), Seer([])).sightings if s.glimpse]
    parts = [
        s.glimpse
        for warm_up, start, stop in chunks(times, 3)
        for s in detect(VideoSource(film, start=warm_up, stop=stop), Seer([])).sightings
        if s.glimpse and s.t >= start
    ]
    assert [g.t for g in parts] == [g.t for g in whole]
    assert len(whole) == 8
    for part, other in zip(parts, whole, strict=True):
        np.testing.assert_array_equal(part.grey, other.grey)
    found = camera_motion(parts)
    assert found == camera_motion(whole)
    assert found is not None
    assert found.spans


def test_a_glimpse_is_taken_four_times_a_second() -> None:
    found = detect(Pictures(30), Seer([somebody(30)]))
    times = [s.t for s in found.sightings if s.glimpse is not None]
    np.testing.assert_allclose(times, [0, 8 / 30, 15 / 30, 23 / 30])


def test_a_capture_tells_of_it(tmp_path: Path, pretending: Pretending) -> None:
    still = np.ascontiguousarray(WALL[: FILM_SIZE[1], : FILM_SIZE[0]])
    images = [np.roll(still, max(0, i - 30), axis=1) for i in range(75)]
    pretending(somebody(75, step=0.0))
    captured = capture(write_film(tmp_path / "pan.mp4", images))
    (note,) = captured.notes
    assert "camera seems to move from 1." in note
    assert "tripod" in note
    told = captured.take.made["camera_motion"]
    assert told["spans"][0][0] > 1
    assert 25 < told["largest_px"] < 45
    assert told["judged_percent"] > 50

    captured = capture(write_film(tmp_path / "still.mp4", [still] * 30))
    assert captured.notes == ()
    assert captured.take.made["camera_motion"] == {
        "spans": [],
        "largest_px": 0.0,
        "judged_percent": 100.0,
    }
