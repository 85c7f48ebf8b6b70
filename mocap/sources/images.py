"""A folder of pictures as a film."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mocap.errors import InvalidValue, SourceError
from mocap.frame import Frame
from mocap.sources.base import Source, require_range
from mocap.sources.lens import focal_of_picture

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")


class ImageSource(Source):
    """The pictures of a folder in natural order (img2 before img10), or a single picture.

    The picture at place i has t = i / fps, whatever the range.
    """

    live = False

    def __init__(
        self,
        path: str | Path,
        *,
        fps: float = 30.0,
        start: float = 0.0,
        stop: float | None = None,
    ) -> None:
        """Look at the folder and its first picture.

        Args:
            path: a folder, or one picture file.
            fps: pictures a second.
            start: first time [s].
            stop: time [s] before which to stop; None for the end.

        Raises:
            SourceError: no such folder, no pictures in it, or the first one is unreadable.
            InvalidValue: the rate is not positive or the range is empty.
        """
        if not fps > 0:
            raise InvalidValue(f"rate of images: expected more than 0 per second, got {fps}")
        require_range(start, stop)
        path = Path(path)
        files = _pictures(path)
        self.name = str(path)
        self.fps = fps
        self._files = [
            (i / fps, file)
            for i, file in enumerate(files)
            if start <= i / fps and (stop is None or i / fps < stop)
        ]
        self.frame_count = len(self._files)
        self._first = files[0]
        height, width, _ = _load(files[0]).shape
        self.size = (width, height)
        self.focal_35mm = focal_of_picture(files[0])

    def __iter__(self) -> Iterator[Frame]:
        for t, file in self._files:
            frame = Frame(t, _load(file))
            if frame.size != self.size:
                raise SourceError(
                    f"{file}: expected {_times(self.size)} pixels like {self._first.name}, "
                    f"got {_times(frame.size)}; pictures of one take must have one size"
                )
            yield frame


def _pictures(path: Path) -> list[Path]:
    if not path.exists():
        raise SourceError(f"{path}: no such file or folder")
    if path.is_file():
        return [path]
    # Names with a leading dot are what macOS leaves beside the pictures on foreign disks.
    found = [
        file
        for file in path.iterdir()
        if file.suffix.lower() in SUFFIXES and not file.name.startswith(".")
    ]
    if not found:
        raise SourceError(f"{path}: no pictures in this folder; known are {', '.join(SUFFIXES)}")
    return sorted(found, key=_natural)


def _natural(path: Path) -> tuple[list[tuple[bool, int, str]], str]:
    parts = re.findall(r"\d+|\D+", path.name)
    key = [(not p.isdecimal(), int(p) if p.isdecimal() else 0, p.casefold()) for p in parts]
    return key, path.name


def _load(path: Path) -> NDArray[np.uint8]:
    from mocap.sources.opencv import load_image

    try:
        image = load_image(path)
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from None
    if image is None:
        raise SourceError(f"{path}: not a readable picture; known are {', '.join(SUFFIXES)}")
    return image


def _times(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"
