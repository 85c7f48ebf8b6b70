"""Small films made at test time, whose pictures tell their own number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

# Cuts the picture into 8 columns, one per bit, black or white, so that it survives any codec.
BITS = 8
RED, GREEN, BLUE, WHITE = (200, 30, 30), (30, 200, 30), (30, 30, 200), (230, 230, 230)


def numbered(number: int, size: tuple[int, int] = (64, 48)) -> NDArray[np.uint8]:
    """A picture (H, W, 3) of `size` (W, H) that shows a number below 256."""
    width, height = size
    column = np.minimum(np.arange(width) * BITS // width, BITS - 1)
    bright = (number >> column) & 1
    return np.broadcast_to((bright * 200 + 25)[:, None], (height, width, 3)).astype(np.uint8)


def number_of(image: NDArray[np.uint8]) -> int:
    """The number a picture shows."""
    columns = np.array_split(image.mean(axis=(0, 2)), BITS)
    return sum(1 << bit for bit, part in enumerate(columns) if np.median(part) > 125)


def corners(size: tuple[int, int] = (64, 48)) -> NDArray[np.uint8]:
    """A picture with four coloured quarters: red, green / blue, white."""
    width, height = size
    image = np.empty((height, width, 3), np.uint8)
    image[: height // 2, : width // 2] = RED
    image[: height // 2, width // 2 :] = GREEN
    image[height // 2 :, : width // 2] = BLUE
    image[height // 2 :, width // 2 :] = WHITE
    return image


def corner_names(image: NDArray[np.uint8]) -> str:
    """First letters of the colours of the quarters, row by row: "rgbw" for `corners()`."""
    height, width, _ = image.shape
    colours = np.array([RED, GREEN, BLUE, WHITE], float)
    spots = [(0.25, 0.25), (0.25, 0.75), (0.75, 0.25), (0.75, 0.75)]
    seen = [image[int(y * height), int(x * width)].astype(float) for y, x in spots]
    return "".join("rgbw"[int(np.abs(colours - s).sum(1).argmin())] for s in seen)


def write_film(
    path: Path,
    images: Iterable[NDArray[np.uint8]],
    *,
    ticks: Sequence[int] | None = None,
    fps: Fraction | int = 30,
    time_base: Fraction | None = None,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    options: Mapping[str, str] | None = None,
    container: Mapping[str, str] | None = None,
    aspect: Fraction | None = None,
    sound: float = 0.0,
) -> Path:
    """Write pictures as a video.

    Args:
        ticks: time of each picture in `time_base`; 0, 1, 2, ... if not given.
        time_base: [s]; 1 / fps if not given.
        options, container: FFmpeg's own options of the codec and of the container.
        aspect: width of a pixel over its height.
        sound: seconds of silence to add.
    """
    images = list(images)
    height, width, _ = images[0].shape
    with av.open(str(path), "w", options=dict(container or {})) as output:
        stream: Any = output.add_stream(codec, rate=fps, options=dict(options or {}))
        stream.width, stream.height, stream.pix_fmt = width, height, pix_fmt
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        base = time_base or 1 / Fraction(fps)
        stream.time_base = stream.codec_context.time_base = base
        if sound:
            write_silence(output, sound)
        for i, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts = i if ticks is None else ticks[i]
            frame.time_base = base
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def write_silence(output: Any, seconds: float) -> None:
    """Add a silent sound stream to an open output."""
    stream = output.add_stream("aac", rate=8000)
    stream.layout = "mono"
    for i in range(round(seconds * 8000 / 1024)):
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate, frame.pts, frame.time_base = 8000, i * 1024, Fraction(1, 8000)
        output.mux(stream.encode(frame))
    output.mux(stream.encode(None))


def set_display_matrix(path: Path, matrix: Sequence[int]) -> None:
    """Write (a, b, c, d) of a display matrix into an MP4, as a phone does that is held upright."""
    data = bytearray(path.read_bytes())
    a, b, c, d = (int(m) << 16 for m in matrix)
    at = data.index(b"tkhd") + 4 + 40  # version 0: what stands before the matrix is 40 bytes
    data[at : at + 36] = np.array([a, b, 0, c, d, 0, 0, 0, 1 << 30], ">i4").tobytes()
    path.write_bytes(bytes(data))
