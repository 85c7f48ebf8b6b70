"""Writing a short video or an animated picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TICKS = 60_000  # per second: whole for the usual rates, and no more than MPEG-4 can count

SAME = 255  # index of the colour of what did not change since the last picture of a GIF


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


def gif_rate(fps: float) -> float:
    """The rate that a GIF can have nearest to a wanted one: it counts hundredths of a second, and
    browsers show no fewer than two for a picture."""
    return 100 / max(round(100 / fps), 2)


def save_gif(
    path: Path,
    pictures: Iterable[tuple[float, NDArray[np.uint8]]],
    fps: float,
    samples: Sequence[NDArray[np.uint8]],
) -> None:
    """Write an animated GIF that goes on for ever.

    Args:
        path: .gif
        pictures: times [s] and RGB pictures of one size; each is shown equally long.
        fps: one of `gif_rate`.
        samples: some of the pictures, of which the colours of all are chosen. What stands still
            then has the same colours in all, and is written once.

    Raises:
        OSError: it cannot be written.
    """
    from PIL import Image

    if not len(samples):
        raise OSError("there are no pictures to show")
    chosen = Image.fromarray(np.vstack(samples)).quantize(SAME, dither=Image.Dither.NONE)
    colours = chosen.getpalette() or []

    def drawn() -> Iterator[Image.Image]:
        before = None
        for _, picture in pictures:
            whole = Image.fromarray(np.ascontiguousarray(picture))
            reduced = whole.quantize(palette=chosen, dither=Image.Dither.NONE)
            index = np.asarray(reduced)
            if before is not None:
                reduced = Image.fromarray(np.where(index == before, SAME, index).astype(np.uint8))
                reduced.putpalette(colours)
            reduced.info["transparency"] = SAME
            before = index
            yield reduced

    every = drawn()
    first = next(every, None)
    if first is None:
        raise OSError("there are no pictures to show")
    first.save(
        path,
        format="GIF",
        save_all=True,
        append_images=every,
        duration=round(1000 / fps),
        loop=0,
        disposal=1,  # what is not drawn stays
        transparency=SAME,
        optimize=False,
    )
