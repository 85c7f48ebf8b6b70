"""Writing a short video."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TICKS = 60_000  # per second: whole for the usual rates, and no more than MPEG-4 can count


def save_movie(path: Path, pictures: Iterable[tuple[float, NDArray[np.uint8]]], fps: float) -> None:
    """Write an H.264 video, or MPEG-4 where this FFmpeg has no H.264.

    Args:
        path: .mp4
        pictures: times [s] and RGB pictures of one even size.
        fps: nominal rate; the pictures are shown at their own times.

    Raises:
        OSError: it cannot be written.
    """
    import av

    codec = "libx264" if "libx264" in av.codecs_available else "mpeg4"
    stream = None
    try:
        with av.open(str(path), "w") as movie:
            for t, picture in pictures:
                if stream is None:
                    stream = movie.add_stream(codec, rate=Fraction(fps).limit_denominator(1000))
                    stream.height, stream.width = picture.shape[:2]
                    stream.pix_fmt = "yuv420p"
                    stream.codec_context.time_base = Fraction(1, TICKS)
                    if codec == "libx264":
                        stream.options = {"crf": "20", "preset": "veryfast"}
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
                frame.pts = round(t * TICKS)
                frame.time_base = Fraction(1, TICKS)
                movie.mux(stream.encode(frame))
            if stream is not None:
                movie.mux(stream.encode())
    except av.error.FFmpegError as error:
        raise OSError(f"{error.strerror or error}") from error
    if stream is None:
        raise OSError("there are no pictures to show")
