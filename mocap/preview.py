"""Pictures of a take: the footage with its landmarks, and the solved skeleton beside it."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mocap import rotation
from mocap.arrays import Array
from mocap.errors import SourceError
from mocap.frame import Frame
from mocap.landmarks import LandmarkTrack
from mocap.motion import Motion
from mocap.skeleton import Skeleton
from mocap.sources import open_source
from mocap.take import Take

Image = NDArray[np.uint8]
Colour = tuple[int, int, int]

# RGB. Left is warm and right is cold, in both pictures, so that a swap is seen at once.
LEFT: Colour = (255, 158, 61)
RIGHT: Colour = (72, 166, 255)
MIDDLE: Colour = (226, 229, 235)
FADED: Colour = (96, 102, 114)  # not seen: held or resting
GROUND: Colour = (58, 64, 75)
TRAIL: Colour = (120, 200, 140)
BACKGROUND: Colour = (27, 30, 37)

SAME = 1e-4  # [s] times of one frame differ by less
HEIGHT = 480  # [px] of every picture of a preview
SUPERSAMPLING = 2
VIEW = (np.radians(28.0), np.radians(12.0))  # the stage's camera: round to the left, and up
LENS = np.radians(35.0)  # its vertical field of view


def side_colour(name: str) -> Colour:
    """Colour of a bone or point by the side in its name."""
    lower = name.lower()
    return LEFT if "left" in lower else RIGHT if "right" in lower else MIDDLE


def draw_landmarks(image: Image, track: LandmarkTrack, frame: int) -> None:
    """Draw one person's landmarks into a picture; what was not seen is left out."""
    seen = track.confidence[frame] > 0
    # cv2 takes fixed-point coordinates: 4 bits below the pixel
    points = np.round(np.where(seen[:, None], track.image[frame], 0) * 16).astype(int)
    thick = max(1, round(max(image.shape[:2]) / 320))
    for a, b in track.layout.lines:
        i, j = track.layout.index(a), track.layout.index(b)
        if seen[i] and seen[j]:
            colour = side_colour(a) if side_colour(a) == side_colour(b) else MIDDLE
            cv2.line(image, points[i].tolist(), points[j].tolist(), colour, thick, cv2.LINE_AA, 4)
    for k in np.flatnonzero(seen):
        colour = side_colour(track.layout.points[k])
        cv2.circle(image, points[k].tolist(), 16 * thick, colour, -1, cv2.LINE_AA, 4)


class Stage:
    """A floor seen by a still camera that has all the motion in view."""

    def __init__(self, motions: Sequence[Motion], size: tuple[int, int]) -> None:
        """
        Args:
            motions: of humanoids, on one time line.
            size: width and height of its pictures [px].
        """
        self._motions = motions
        self._size = np.array(size) * SUPERSAMPLING
        turn, lift = VIEW
        self._turn = rotation.mul(
            rotation.axis_angle(np.array([1.0, 0.0, 0.0]), lift),
            rotation.axis_angle(np.array([0.0, 1.0, 0.0]), -turn),
        )
        self._fk = [motion.fk() for motion in motions]
        seen = np.concatenate([p.reshape(-1, 3) for p, _ in self._fk])
        self._low, self._high = seen.min(axis=0) - 0.15, seen.max(axis=0) + 0.15
        self._low[1] = 0.0
        self._focal = 0.5 * self._size[1] / np.tan(LENS / 2)
        corners = np.stack(
            np.meshgrid(*zip(self._low, self._high, strict=True), indexing="ij"), axis=-1
        ).reshape(-1, 3)
        self._middle = (self._low + self._high) / 2
        self._distance = 1.0
        self._distance = self._fitting(corners)

    def _fitting(self, corners: Array) -> float:
        """[m] distance at which all corners are in the picture."""
        around = rotation.rotate(self._turn, corners - self._middle)
        half = 0.49 * self._size / self._focal  # tangents, with a little margin
        needed = np.abs(around[:, :2]) / half + around[:, 2:]
        return float(np.max(needed))

    def _project(self, points: Array) -> tuple[Array, Array]:
        """World points (..., 3) to pixels (..., 2) and distances (...)."""
        view = rotation.rotate(self._turn, points - self._middle)
        depth = self._distance - view[..., 2]
        plane = view[..., :2] * [1.0, -1.0] / np.maximum(depth, 0.05)[..., None]
        return plane * self._focal + self._size / 2, depth

    def draw(self, frame: int) -> Image:
        """The people on the floor at one frame, RGB."""
        image = np.full((self._size[1], self._size[0], 3), BACKGROUND, dtype=np.uint8)
        self._draw_floor(image)
        strokes: list[tuple[float, Array, Array, float, Colour]] = []
        for motion, (positions, world) in zip(self._motions, self._fk, strict=True):
            self._draw_trail(image, positions[: frame + 1, 0])
            strokes += self._strokes(motion, positions[frame], world[frame], frame)
        for _, a, b, width, colour in sorted(strokes, key=lambda s: -s[0]):
            self._line(image, a, b, colour, max(2, round(width)))
        small = cv2.resize(image, tuple(self._size // SUPERSAMPLING), interpolation=cv2.INTER_AREA)
        return np.asarray(small, dtype=np.uint8)

    def _draw_floor(self, image: Image) -> None:
        (x0, _, z0), (x1, _, z1) = np.floor(self._low * 2) / 2, np.ceil(self._high * 2) / 2
        for x in np.arange(x0, x1 + 0.01, 0.5):
            self._floor_line(image, np.array([[x, 0, z0], [x, 0, z1]]))
        for z in np.arange(z0, z1 + 0.01, 0.5):
            self._floor_line(image, np.array([[x0, 0, z], [x1, 0, z]]))

    def _floor_line(self, image: Image, ends: Array) -> None:
        pixels, _ = self._project(ends)
        self._line(image, pixels[0], pixels[1], GROUND, 2)

    def _draw_trail(self, image: Image, root: Array) -> None:
        pixels, _ = self._project(root * [1.0, 0.0, 1.0])
        cv2.polylines(image, [np.round(pixels).astype(np.int32)], False, TRAIL, 3, cv2.LINE_AA)

    def _strokes(
        self, motion: Motion, positions: Array, world: Array, frame: int
    ) -> list[tuple[float, Array, Array, float, Colour]]:
        skeleton = motion.skeleton
        ends = bone_ends(skeleton, positions, world)
        strokes = []
        for i, (a, b) in ends:
            pixels, depth = self._project(np.stack([a, b]))
            name = skeleton.names[i]
            colour = side_colour(name) if motion.confidence[frame, i] > 0 else FADED
            if motion.contacts.get(name, np.zeros(frame + 1))[frame]:
                colour = TRAIL
            width = thickness(name) * self._focal / float(np.mean(depth))
            strokes.append((float(np.mean(depth)), pixels[0], pixels[1], width, colour))
        return strokes

    @staticmethod
    def _line(image: Image, a: Array, b: Array, colour: Colour, width: int) -> None:
        start, end = (np.clip(np.round(p * 16), -1e6, 1e6).astype(int).tolist() for p in (a, b))
        cv2.line(image, start, end, colour, width, cv2.LINE_AA, 4)


def bone_ends(
    skeleton: Skeleton, positions: Array, world: Array
) -> list[tuple[int, tuple[Array, Array]]]:
    """Each bone's index and where it starts and ends [m]: at its children or at its tip."""
    tips = skeleton.tip_positions(positions, world)
    ends = []
    for i, children in enumerate(skeleton.children):
        ends += [(i, (positions[i], positions[child])) for child in children]
        if np.isfinite(tips[i]).all():
            ends.append((i, (positions[i], tips[i])))
    return ends


def thickness(name: str) -> float:
    """[m] how thick a bone is drawn."""
    if name == "head":
        return 0.13
    for part, width in (("UpperLeg", 0.09), ("LowerLeg", 0.07), ("UpperArm", 0.065)):
        if part in name:
            return width
    return 0.05


def beside(footage: Image, stage: Image) -> Image:
    """The two pictures side by side, both HEIGHT tall, of even width."""
    width = round(footage.shape[1] * HEIGHT / footage.shape[0] / 2) * 2
    left = cv2.resize(footage, (width, HEIGHT), interpolation=cv2.INTER_AREA)
    return np.hstack([left, stage])


def preview(
    take: Take,
    source: str | Path | None,
    fps: float | None = None,
    only: Container[int] | None = None,
) -> Iterator[tuple[float, Image]]:
    """Times and pictures of the footage beside the take that was captured from it.

    Args:
        take: solved, with landmarks.
        source: the same footage, readable again; None shows the landmarks alone.
        fps: rate of a folder of images, if it was given for the capture.
        only: the frames to show; None shows all.
    """
    people = [p for p in take.people if p.motion is not None]
    motions = [p.motion for p in people if p.motion is not None]
    times = motions[0].times
    stage = Stage(motions, (HEIGHT, HEIGHT))
    with nullcontext(_blank(take)) if source is None else open_source(source, fps=fps) as frames:
        for frame in frames:
            if frame.t > times[-1] + SAME:
                return
            i = int(np.argmin(np.abs(times - frame.t)))
            if abs(times[i] - frame.t) > SAME or (only is not None and i not in only):
                continue
            image = frame.image.copy()
            for person in people:
                if person.landmarks is not None:
                    draw_landmarks(image, person.landmarks, i)
            yield frame.t, beside(image, stage.draw(i))


def _blank(take: Take) -> Iterator[Frame]:
    """Footage on which nothing is to be seen, of the size and times of a take's landmarks."""
    track = next(p.landmarks for p in take.people if p.landmarks is not None)
    image = np.full((track.size[1], track.size[0], 3), BACKGROUND, dtype=np.uint8)
    return (Frame(float(t), image) for t in track.times)


def contact_sheet(
    take: Take, source: str | Path | None, fps: float | None = None, count: int = 4
) -> Image:
    """A few moments of a preview above one another, two in a row.

    Raises:
        SourceError: the source no longer has them.
    """
    frames = next(len(p.motion) for p in take.people if p.motion is not None)
    moments = {(2 * i + 1) * frames // (2 * count) for i in range(count)}
    pictures = [image for _, image in preview(take, source, fps, moments)]
    if not pictures:
        raise SourceError(f"{source}: has no pictures at the times of the take")
    if len(pictures) == 1:
        return pictures[0]
    if len(pictures) % 2:
        pictures.append(np.full_like(pictures[0], BACKGROUND))
    return np.vstack([np.hstack(pictures[i : i + 2]) for i in range(0, len(pictures), 2)])


def save_picture(path: Path, image: Image) -> None:
    """Write a PNG or JPEG. Raises OSError."""
    done, data = cv2.imencode(path.suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    if not done:
        raise OSError(f"OpenCV cannot encode {path.suffix} pictures")
    path.write_bytes(data.tobytes())
