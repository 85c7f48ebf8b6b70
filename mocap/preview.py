"""Pictures of a take: the footage with its landmarks, and the solved skeleton beside it."""

from __future__ import annotations

from collections.abc import Container, Iterator
from contextlib import nullcontext
from pathlib import Path

import cv2
import numpy as np

from mocap.errors import SourceError
from mocap.figure import MIDDLE, SIDES, Figure
from mocap.frame import Frame
from mocap.landmarks import LandmarkTrack
from mocap.sources import open_source
from mocap.stage import BACKGROUND, Image, Stage
from mocap.take import Take

SAME = 1e-4  # [s] times of one frame differ by less
HEIGHT = 480  # [px] of every picture of a preview


def draw_landmarks(image: Image, track: LandmarkTrack, frame: int) -> None:
    """Draw one person's landmarks into a picture; what was not seen is left out."""
    seen = track.confidence[frame] > 0
    # cv2 takes fixed-point coordinates: 4 bits below the pixel
    points = np.round(np.where(seen[:, None], track.image[frame], 0) * 16).astype(int)
    thick = max(1, round(max(image.shape[:2]) / 320))
    for a, b in track.layout.lines:
        i, j = track.layout.index(a), track.layout.index(b)
        if seen[i] and seen[j]:
            colour = SIDES.of(a) if SIDES.of(a) == SIDES.of(b) else MIDDLE
            cv2.line(image, points[i].tolist(), points[j].tolist(), colour, thick, cv2.LINE_AA, 4)
    for k in np.flatnonzero(seen):
        colour = SIDES.of(track.layout.points[k])
        cv2.circle(image, points[k].tolist(), 16 * thick, colour, -1, cv2.LINE_AA, 4)


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
    figures = [Figure.of(motion) for motion in motions]
    stage = Stage(figures, (HEIGHT, HEIGHT))
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
