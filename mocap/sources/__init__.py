"""Where pictures come from. `open_source` decides by what it is given; nothing heavy is imported
before a source is opened."""

from __future__ import annotations

import re
from pathlib import Path

from mocap.errors import SourceError
from mocap.sources.base import Source, SourceWarning

__all__ = ["Source", "SourceWarning", "open_source"]


def open_source(
    what: str | Path,
    *,
    start: float | None = None,
    stop: float | None = None,
    fps: float | None = None,
    size: tuple[int, int] | None = None,
) -> Source:
    """Open a camera, stream, video or folder of images.

    Args:
        what: digits are the index of a camera; `rtsp://`, `http://` and the like a stream; an
            existing folder holds images; an existing file is a video or an image; anything
            else is (a part of) the name of a camera.
        start: first time [s]; files and images only.
        stop: time [s] before which to stop; files and images only.
        fps: rate [1/s] of images (30 if not given), or to ask a camera for.
        size: width and height [px] to ask a camera for.

    Raises:
        SourceError: it cannot be opened, or an option does not apply to it; the message says
            what was tried and what there is.
        InvalidValue: an option out of range.
    """
    text, path = str(what), Path(what)
    node = re.fullmatch(r"(?:/dev/video)?(\d+)", text)
    if node and not path.is_file():
        _require_unused(f"camera {text}", start=start, stop=stop)
        from mocap.sources.camera import CameraSource

        return CameraSource(int(node[1]), size=size, fps=fps)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", text):
        _require_unused("a stream", start=start, stop=stop, fps=fps, size=size)
        from mocap.sources.stream import StreamSource

        return StreamSource(text)
    if path.exists():
        _require_unused(text, size=size)
        from mocap.sources.images import SUFFIXES, ImageSource

        if path.is_dir() or path.suffix.lower() in SUFFIXES:
            return ImageSource(path, fps=fps or 30.0, start=start or 0.0, stop=stop)
        _require_unused(f"the video {text}", fps=fps)
        from mocap.sources.video import VideoSource

        return VideoSource(path, start=start or 0.0, stop=stop)
    if re.search(r"[/\\]|\.[A-Za-z][A-Za-z0-9]{1,4}$", text):
        raise SourceError(f"{text}: no such file or folder")
    _require_unused(f"camera {text!r}", start=start, stop=stop)
    from mocap.sources.camera import CameraSource

    try:
        return CameraSource(text, size=size, fps=fps)
    except SourceError as error:
        raise SourceError(f"no file or folder {text!r}, and {error}") from None


def _require_unused(source: str, **options: object) -> None:
    for option, value in options.items():
        if value is not None:
            raise SourceError(f"{source} takes no {option}, got {value}")
