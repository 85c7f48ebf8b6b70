"""The embedded estimator on the sample clip, whose truth is known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mocap.errors import EstimatorError, InvalidValue, UnknownName
from mocap.estimators import Estimator, open_estimator
from mocap.frame import Frame
from mocap.landmarks import MEDIAPIPE_POSE
from mocap.sample import CLIP, TRUTH
from mocap.sources.video import VideoSource

FRAMES = 8


@pytest.fixture(scope="module")
def frames() -> list[Frame]:
    with VideoSource(CLIP, stop=(FRAMES - 0.5) / 30) as source:
        return list(source)


@pytest.fixture
def estimator() -> Iterator[Estimator]:
    with open_estimator() as opened:
        yield opened


def test_the_person_is_found_where_they_are(estimator: Estimator, frames: list[Frame]) -> None:
    true = np.load(TRUTH)["pixels"]
    for frame, pixels in zip(frames, true, strict=False):
        (found,) = estimator(frame)
        assert found.layout is MEDIAPIPE_POSE
        assert np.median(np.linalg.norm(found.image - pixels, axis=1)) < 8
        assert found.confidence.min() > 0.5
        assert found.appearance is not None


def test_metres_are_in_view_axes(estimator: Estimator, frames: list[Frame]) -> None:
    (found,) = estimator(frames[0])
    assert found.world is not None
    at = {name: found.world[k] for k, name in enumerate(MEDIAPIPE_POSE.points)}
    assert at["left_shoulder"][0] > at["right_shoulder"][0] + 0.2, "facing us, left is at +x"
    assert at["nose"][1] > at["left_hip"][1] + 0.4 > at["left_ankle"][1] + 0.9, "y is up"
    assert at["nose"][2] > (at["left_ear"] + at["right_ear"])[2] / 2, "z is towards the camera"


def test_nobody_is_found_where_nobody_is(estimator: Estimator) -> None:
    assert estimator(Frame(0.0, np.full((240, 320, 3), 128, dtype=np.uint8))) == []


def test_points_outside_the_picture_are_not_seen(estimator: Estimator, frames: list[Frame]) -> None:
    waist = Frame(0.0, np.ascontiguousarray(frames[0].image[:400]))  # cut above the knees
    (found,) = estimator(waist)
    below = [MEDIAPIPE_POSE.index(f"{s}_{p}") for s in ("left", "right") for p in ("ankle", "heel")]
    assert (found.confidence[below] == 0).all()
    assert found.confidence[MEDIAPIPE_POSE.index("left_shoulder")] > 0.5


def test_reset_gives_what_a_new_one_gives(estimator: Estimator, frames: list[Frame]) -> None:
    new = [estimator(frame)[0].image for frame in frames]
    estimator.reset()
    again = [estimator(frame)[0].image for frame in frames]
    np.testing.assert_array_equal(new, again)


def test_times_closer_than_a_millisecond(estimator: Estimator, frames: list[Frame]) -> None:
    for i, frame in enumerate(frames):
        assert len(estimator(Frame(i / 5000, frame.image))) == 1


@pytest.mark.parametrize("size", [(8, 8), (8, 600), (1, 1)])
def test_tiny_pictures(estimator: Estimator, size: tuple[int, int]) -> None:
    assert estimator(Frame(0.0, np.zeros((*size, 3), dtype=np.uint8))) == []


def test_a_model_that_is_missing_or_no_model(tmp_path: Path) -> None:
    with pytest.raises(EstimatorError, match=r"no model file .*missing\.task"):
        open_estimator(model=tmp_path / "missing.task")
    (tmp_path / "bad.task").write_bytes(b"not a model")
    with pytest.raises(EstimatorError, match=r"refused the model .*bad\.task"):
        open_estimator(model=tmp_path / "bad.task")


def test_an_unknown_estimator_lists_the_known() -> None:
    with pytest.raises(UnknownName, match=r"'openpose'; known: blazepose"):
        open_estimator("openpose")


def test_nobody_cannot_be_looked_for() -> None:
    with pytest.raises(InvalidValue, match="people"):
        open_estimator(people=0)
