"""Cameras and picture files through OpenCV. The only module of the sources that imports cv2."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

# DirectShow first: it opens at once, and its order is that of the names Windows gives.
BACKENDS = {
    "win32": (cv2.CAP_DSHOW, cv2.CAP_MSMF),
    "darwin": (cv2.CAP_AVFOUNDATION,),
    "linux": (cv2.CAP_V4L2,),
}

MJPG = int.from_bytes(b"MJPG", "little")


class Capture(Protocol):
    """The part of cv2.VideoCapture that a camera needs."""

    def isOpened(self) -> bool: ...
    def read(self) -> tuple[bool, Any]: ...
    def get(self, property: int, /) -> float: ...
    def set(self, property: int, value: float, /) -> bool: ...
    def release(self) -> None: ...


def open_capture(index: int) -> Capture:
    """The camera at `index`, which may not be open; OpenCV's own complaints are not shown."""
    cv2.setLogLevel(0)
    capture = cv2.VideoCapture()
    for backend in BACKENDS.get(sys.platform, (cv2.CAP_ANY,)):
        if capture.open(index, backend):
            break
    return capture


def request(capture: Capture, size: tuple[int, int] | None, fps: float | None) -> None:
    """Ask for a size and rate; the camera gives what it can."""
    if size is not None:
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
    if fps is not None:
        capture.set(cv2.CAP_PROP_FPS, fps)
    if size is not None or fps is not None:
        # Uncompressed, USB carries large pictures at a few frames a second only. DirectShow
        # forgets the format when the size is set after it.
        capture.set(cv2.CAP_PROP_FOURCC, MJPG)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)


def rate(capture: Capture) -> float | None:
    """The rate [1/s] the driver claims, or None."""
    fps = capture.get(cv2.CAP_PROP_FPS)
    return fps if 0 < fps <= 1000 else None


def rgb(image: Any) -> NDArray[np.uint8]:
    """(H, W, 3) RGB of a picture as OpenCV captures it: BGR, or (H, W) gray."""
    code = cv2.COLOR_GRAY2RGB if image.ndim == 2 else cv2.COLOR_BGR2RGB
    converted: NDArray[np.uint8] = cv2.cvtColor(image, code)
    return converted


def fitted(image: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """(H, W, 3) a picture scaled to lie within `size` (W, H), in its middle on black."""
    height, width = image.shape[:2]
    scale = min(size[0] / width, size[1] / height)
    inner = (max(1, round(width * scale)), max(1, round(height * scale)))
    x, y = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    whole = np.zeros((size[1], size[0], 3), np.uint8)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    whole[y : y + inner[1], x : x + inner[0]] = cv2.resize(image, inner, interpolation=how)
    return whole


def load_image(path: Path) -> NDArray[np.uint8] | None:
    """(H, W, 3) uint8 RGB of a picture file, turned as its EXIF says; None if unreadable."""
    # cv2.imread cannot open names outside the code page of Windows.
    data = np.fromfile(path, np.uint8)
    image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    return None if image is None else rgb(image)
