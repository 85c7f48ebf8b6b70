"""The default estimator: MediaPipe's BlazePose through the Tasks API.

33 points per person in the picture and in metres about the hips. Model: Bazarevsky et al.,
"BlazePose: on-device real-time body pose tracking", 2020; Apache-2.0.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from mocap.arrays import Array
from mocap.errors import EstimatorError, InvalidValue
from mocap.estimators.appearance import describe
from mocap.estimators.base import Estimator
from mocap.estimators.bundle import pose_bundle
from mocap.frame import Frame
from mocap.landmarks import MEDIAPIPE_POSE, Landmarks


class BlazePose(Estimator):
    """People as 33 BlazePose points.

    Args:
        people: how many people to look for at most.
        model: a `.task` file (pose_landmarker_lite, _full or _heavy); None takes the embedded
            full model.
        min_confidence: below it, a detection or a followed person is dropped.

    Raises:
        EstimatorError: the model is missing or refused.
    """

    licence = "Apache-2.0"
    layout = MEDIAPIPE_POSE

    def __init__(
        self, people: int = 1, model: str | Path | None = None, min_confidence: float = 0.5
    ) -> None:
        if people < 1:
            raise InvalidValue(f"people: expected 1 or more, got {people}")
        self.name = "blazepose (full, embedded)" if model is None else f"blazepose ({model})"
        self._people = people
        self._model = None if model is None else Path(model)
        self._min_confidence = min_confidence
        self._landmarker: Any = self._create()
        self._last_ms = -1
        self._warned = False

    def _create(self) -> Any:
        with quiet():  # the C++ side greets on stderr
            from mediapipe.tasks.python import BaseOptions, vision

            if self._model is not None and not self._model.is_file():
                raise EstimatorError(f"no model file {self._model}; give a .task file")
            base = (
                BaseOptions(model_asset_buffer=pose_bundle())
                if self._model is None
                # as bytes: the C++ side cannot open every path on Windows
                else BaseOptions(model_asset_buffer=self._model.read_bytes())
            )
            options = vision.PoseLandmarkerOptions(
                base_options=base,
                running_mode=vision.RunningMode.VIDEO,
                num_poses=self._people,
                min_pose_detection_confidence=self._min_confidence,
                min_pose_presence_confidence=self._min_confidence,
                min_tracking_confidence=self._min_confidence,
            )
            try:
                landmarker = vision.PoseLandmarker.create_from_options(options)
            except (RuntimeError, ValueError) as error:
                raise EstimatorError(
                    f"mediapipe refused the model {self._model or 'embedded'}: {error}"
                ) from error
            return landmarker

    def __call__(self, frame: Frame) -> list[Landmarks]:
        import mediapipe

        # MediaPipe counts whole milliseconds and wants them to grow
        ms = max(self._last_ms + 1, round(frame.t * 1000))
        picture = mediapipe.Image(
            image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(frame.image)
        )
        try:
            if self._warned:
                found = self._landmarker.detect_for_video(picture, ms)
            else:
                with quiet():  # each part of the model warns of itself when it first runs
                    found = self._landmarker.detect_for_video(picture, ms)
                self._warned = bool(found.pose_landmarks)
        except (RuntimeError, ValueError) as error:
            raise EstimatorError(f"mediapipe failed at {frame.t:.3f} s: {error}") from error
        self._last_ms = ms
        return [
            self._landmarks(points, world, frame)
            for points, world in zip(found.pose_landmarks, found.pose_world_landmarks, strict=True)
        ]

    def _landmarks(self, points: list[Any], world: list[Any], frame: Frame) -> Landmarks:
        size = np.array(frame.size)
        image = np.array([(p.x, p.y) for p in points]) * size
        seen = np.array([min(p.visibility, p.presence) for p in points])
        inside = ((image >= 0) & (image <= size)).all(axis=1)
        # MediaPipe: y down, z away from the camera
        metres: Array = np.array([(p.x, -p.y, -p.z) for p in world])
        confidence = np.clip(np.where(inside, seen, 0.0), 0.0, 1.0)
        looks = describe(frame.image, image, confidence)
        return Landmarks(MEDIAPIPE_POSE, image, metres, confidence, appearance=looks)

    def reset(self) -> None:
        self._landmarker.close()
        self._landmarker = self._create()
        self._last_ms = -1
        self._warned = False

    def close(self) -> None:
        self._landmarker.close()


@contextmanager
def quiet() -> Iterator[None]:
    """Send what native code prints on stderr nowhere; Python's own messages still come."""
    try:
        kept = os.dup(2)
    except OSError:  # no stderr at all, as under pythonw
        yield
        return
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
