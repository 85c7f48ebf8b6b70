"""Webcams, by index or by name."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

from mocap.errors import SourceError
from mocap.frame import Frame
from mocap.sources.base import Source, SourceWarning
from mocap.sources.devices import device_names
from mocap.sources.opencv import Capture, open_capture, rate, request, rgb

OpenCapture = Callable[[int], Capture]
Names = Callable[[], Mapping[int, str]]
Now = Callable[[], float]

# Frames read to measure the rate of a camera.
MEASURED = 15


@dataclass(frozen=True)
class Camera:
    """A camera that was found.

    Attributes:
        index: what to open it with.
        name: the system's name of it, or "camera INDEX".
        size: width and height [px] it gives unasked; None if it gives no picture, mostly
            because another program uses it.
        fps: measured rate [1/s], None if it gives no pictures.
    """

    index: int
    name: str
    size: tuple[int, int] | None
    fps: float | None

    def __str__(self) -> str:
        return f"{self.index} ({self.name})"


def list_cameras(
    *,
    capture: OpenCapture = open_capture,
    names: Names = device_names,
    now: Now = time.perf_counter,
) -> tuple[Camera, ...]:
    """The cameras of this computer; each is opened for a moment.

    Args:
        capture: opens an index.
        names: index and name of the cameras the system tells of.
        now: monotonic clock [s].
    """
    known = dict(names())
    cameras, unnamed = [], False
    for index in chain(sorted(known), count(max(known, default=-1) + 1)):
        opened = capture(index)
        try:
            if index not in known:
                if not opened.isOpened():
                    break
                unnamed = True
            cameras.append(_measure(index, known.get(index), opened, now))
        finally:
            opened.release()
    if known and unnamed:
        # The system counts other cameras than OpenCV: a name could lead to the wrong one.
        cameras = [Camera(c.index, f"camera {c.index}", c.size, c.fps) for c in cameras]
    return tuple(cameras)


class CameraSource(Source):
    """A webcam. The time of a frame is when it was read, 0 at the first of the first loop."""

    live = True
    frame_count = None

    def __init__(
        self,
        camera: int | str = 0,
        *,
        size: tuple[int, int] | None = None,
        fps: float | None = None,
        patience: float = 5.0,
        capture: OpenCapture = open_capture,
        names: Names = device_names,
        now: Now = time.perf_counter,
    ) -> None:
        """Open a camera and wait for its first picture.

        Args:
            camera: index, or the name of one camera or a part of it, in any case.
            size: width and height [px] to ask for; `size` afterwards is what the camera gives,
                and a SourceWarning tells where that is something else.
            fps: rate [1/s] to ask for.
            patience: time [s] of failing reads after which the camera counts as unplugged.
            capture: opens an index.
            names: index and name of the cameras the system tells of.
            now: monotonic clock [s].

        Raises:
            SourceError: no such camera, several of this name, or it gives no picture.
        """
        self._patience = patience
        self._now = now
        self._began: float | None = None
        if isinstance(camera, str):
            camera = _by_name(camera, list_cameras(capture=capture, names=names, now=now)).index
        self.name = dict(names()).get(camera, f"camera {camera}")
        self._capture = capture(camera)
        if not self._capture.isOpened():
            found = list_cameras(capture=capture, names=names, now=now)
            raise SourceError(f"camera {camera} cannot be opened; {_found(found)}")
        request(self._capture, size, fps)
        try:
            # Not kept: by the time somebody reads, it is old.
            _, image = self._read()
        except SourceError:
            self.close()
            raise
        self.size = (image.shape[1], image.shape[0])
        self.fps = rate(self._capture)
        if size is not None and size != self.size:
            asked, got = "x".join(map(str, size)), "x".join(map(str, self.size))
            warnings.warn(f"{self.name}: asked for {asked}, gives {got}", SourceWarning, 2)

    def __iter__(self) -> Iterator[Frame]:
        while True:
            at, image = self._read()
            if self._began is None:
                self._began = at
            yield Frame(at - self._began, rgb(image))

    def close(self) -> None:
        self._capture.release()

    def _read(self) -> tuple[float, Any]:
        failing: float | None = None
        while True:
            good, image = self._capture.read()
            at = self._now()
            if good:
                return at, image
            failing = at if failing is None else failing
            if at - failing >= self._patience:
                raise SourceError(
                    f"{self.name}: no picture for {self._patience:g} s; "
                    "it was unplugged, or another program took it"
                )
            time.sleep(0.01)


def _measure(index: int, name: str | None, capture: Capture, now: Now) -> Camera:
    name = name or f"camera {index}"
    image = capture.read()[1] if capture.isOpened() else None
    if image is None:
        return Camera(index, name, None, None)
    began, frames = now(), 0
    while frames < MEASURED and capture.read()[0]:
        frames += 1
    elapsed = now() - began
    fps = frames / elapsed if frames and elapsed > 0 else None
    return Camera(index, name, (image.shape[1], image.shape[0]), fps)


def _by_name(name: str, cameras: tuple[Camera, ...]) -> Camera:
    wanted = name.casefold()
    exact = [c for c in cameras if c.name.casefold() == wanted]
    matching = exact or [c for c in cameras if wanted in c.name.casefold()]
    if not matching:
        raise SourceError(f"no camera {name!r}; {_found(cameras)}")
    if len(matching) > 1:
        several = ", ".join(map(str, matching))
        raise SourceError(f"several cameras match {name!r}: {several}; give the index of one")
    return matching[0]


def _found(cameras: tuple[Camera, ...]) -> str:
    none = "none; a video, a URL or a folder of images will do as well"
    text = f"cameras found: {', '.join(map(str, cameras)) or none}"
    if sys.platform == "darwin":
        text += "; allow the terminal to use the camera in System Settings, Privacy & Security"
    elif any(camera.size is None for camera in cameras):
        text += "; one without a picture is mostly in use by another program"
    return text
