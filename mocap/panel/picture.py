"""The camera's picture made small, with the landmarks that were found in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mocap.frame import Frame
from mocap.landmarks import Landmarks, LandmarkTrack, Observation
from mocap.preview import draw_landmarks

WIDEST = 400  # [px]
TALLEST = 300  # [px]


def drawn(frame: Frame, people: Sequence[Landmarks]) -> NDArray[np.uint8]:
    """The picture, every n-th pixel of it, RGB, with everybody's landmarks."""
    width, height = frame.size
    step = max(1, -(-width // WIDEST), -(-height // TALLEST))
    image = np.ascontiguousarray(frame.image[step // 2 :: step, step // 2 :: step])
    size = (image.shape[1], image.shape[0])
    for person in people:
        small = replace(person, image=person.image / step)
        seen = [Observation(frame.t, (small,))]
        draw_landmarks(image, LandmarkTrack.from_observations(seen, small.person, size), 0)
    return image
