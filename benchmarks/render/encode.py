"""PNG frames -> H.264 video, with PyAV."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
from av.video.frame import PictureType
from av.video.reformatter import ColorRange, Colorspace


def encode(frames: Sequence[Path], video: Path, fps: int, quality: int = 20) -> None:
    """Write `frames` (PNG, even size) as an MP4 that every player takes: H.264, yuv420p.

    `quality` is x264's constant rate factor: lower is better and larger, 18 to 28 is sensible.
    """
    if not frames:
        raise ValueError("no frames to encode")
    with av.open(str(video), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": str(quality), "preset": "slow"}
        stream.codec_context.time_base = Fraction(1, fps)
        stream.codec_context.gop_size = fps
        first = _read(frames[0])
        stream.width, stream.height = first.width, first.height
        for number, path in enumerate(frames):
            # Untagged small video is taken for BT.601, limited range; say and do just that.
            frame = _read(path).reformat(
                format="yuv420p",
                dst_colorspace=Colorspace.SMPTE170M,
                dst_color_range=ColorRange.MPEG,
            )
            frame.pts, frame.time_base = number, Fraction(1, fps)
            frame.pict_type = PictureType.NONE  # as decoded, every frame would become a key frame
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _read(path: Path) -> av.VideoFrame:
    with av.open(str(path)) as picture:
        return next(picture.decode(video=0))
