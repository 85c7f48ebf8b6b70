"""Short films of people, cut and composed from the sample clip at test time."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from mocap.sample import CLIP
from mocap.sources import open_source

Image = NDArray[np.uint8]
SIZE = (270, 360)  # width and height [px]: half the sample's


@cache
def person() -> tuple[Image, ...]:
    """Every picture of the sample clip, (360, 270, 3)."""
    with open_source(CLIP) as source:
        return tuple(cv2.resize(f.image, SIZE, interpolation=cv2.INTER_AREA) for f in source)


@cache
def room() -> Image:
    """(360, 1, 3) what is seen behind the person, at every height."""
    beside = np.array(person()[::7])[:, :, [*range(88, 100), *range(185, 205)]]
    return np.median(beside, axis=(0, 2)).astype(np.uint8)[:, None]


def empty(frames: int) -> list[Image]:
    """Nobody at all."""
    return [np.full((SIZE[1], SIZE[0], 3), 128, np.uint8)] * frames


def stage(width: int) -> Image:
    """A room of any width, with nobody in it."""
    return np.repeat(room(), width, axis=1)


def put(picture: Image, frame: int, x: int, *, scale: float = 1.0, other: bool = False) -> None:
    """Put the person of a frame of the sample into a picture, their feet on its floor.

    Args:
        picture: changed in place.
        frame: of the sample clip.
        x: where the middle of the sample's picture goes [px].
        scale: of the person.
        other: give them other clothes.
    """
    image = person()[frame]
    difference = np.abs(image.astype(int) - room()).max(axis=2) > 24
    difference[:, [*range(88), *range(208, 270)]] &= False
    mask = cv2.morphologyEx(difference.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5)))
    if other:
        blue = (image[..., 2].astype(int) - image[..., 0] > 12)[..., None]
        image = np.where(blue, image[..., ::-1], image)
    size = (round(SIZE[0] * scale), round(SIZE[1] * scale))
    image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    inside = cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST).astype(bool)
    top, left = picture.shape[0] - size[1], x - size[0] // 2
    first, last = max(left, 0), min(left + size[0], picture.shape[1])
    part = slice(first - left, last - left)
    picture[top:, first:last][inside[:, part]] = image[:, part][inside[:, part]]


def two(frames: Iterable[int]) -> list[Image]:
    """Two people side by side: the right one smaller, in other clothes, and later in the act."""
    pictures = one_of_two(frames)
    for i, picture in zip(frames, pictures, strict=True):
        put(picture, i + 60, 400, scale=0.85, other=True)
    return pictures


def one_of_two(frames: Iterable[int]) -> list[Image]:
    """The left one of two people, when the other has left."""
    pictures = []
    for i in frames:
        pictures.append(stage(540))
        put(pictures[-1], i, 150)
    return pictures


def crossing(frames: int) -> list[Image]:
    """Two people who change sides, one before the other."""
    pictures = []
    for way in np.linspace(0.0, 1.0, frames):
        picture = stage(540)
        at = round(way * (frames - 1))
        put(picture, at + 90, round(400 - 260 * way), scale=0.85, other=True)
        put(picture, at + 90, round(140 + 260 * way))
        pictures.append(picture)
    return pictures
