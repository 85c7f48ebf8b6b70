"""Video files: pictures at their true presentation times, whole or any range of seconds."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from mocap.arrays import Array
from mocap.errors import SourceError
from mocap.frame import Frame
from mocap.sources.base import Source, SourceWarning, require_range
from mocap.sources.clock import Clock
from mocap.sources.decode import Decoder, Packet
from mocap.sources.lens import focal_of_quicktime, focal_of_tags

# Packets looked at to tell the rate and whether it varies.
SAMPLE = 120


@dataclass(frozen=True)
class VideoInfo:
    """What a video file says of itself.

    Attributes:
        size: width and height [px], upright and with square pixels.
        fps: average rate [1/s], None if unknown.
        frames: about how many, None if unknown.
        duration: [s], None if unknown.
        codec: FFmpeg's name of it.
        rotation: degrees clockwise by which the stored pictures are turned: 0, 90, 180 or 270.
        variable: the time between frames varies.
        focal_35mm: [mm] 35 mm equivalent of the focal length, None if unknown.
    """

    size: tuple[int, int]
    fps: float | None
    frames: int | None
    duration: float | None
    codec: str
    rotation: int
    variable: bool
    focal_35mm: float | None


def probe(path: str | Path) -> VideoInfo:
    """Look at a video without decoding more than its first picture.

    Raises:
        SourceError: the file is missing, empty, no video, or nothing in it decodes.
    """
    return _look(Path(path))[0]


def timestamps(path: str | Path) -> Array:
    """Times (T,) [s] of all frames as a full read gives them, from the packets alone.

    A file whose timestamps need repair is decoded to be exact. Where single packets are damaged
    there may be times at which no frame comes.

    Raises:
        SourceError: as `probe`.
    """
    path = Path(path)
    info, origin = _look(path)
    packets = _packets(path)
    if not _clean(packets):
        return np.array([frame.t for frame in VideoSource(path)])
    with _open(path) as decoder:
        clock = Clock(decoder.time_base, info.fps, origin)
    times = [clock.seconds(p.pts) for p in packets if p.pts is not None]
    return np.array(sorted(t for t in times if t >= 0))


class VideoSource(Source):
    """The frames of a video file with start <= t < stop, at the times a full read gives them.

    t is 0 at the first frame of the file, whatever the range. Sound is ignored. What a damaged
    or truncated file still holds is delivered, then a SourceWarning says what is missing.
    """

    live = False

    def __init__(self, path: str | Path, *, start: float = 0.0, stop: float | None = None) -> None:
        """Look at the file; it is opened again by every loop.

        Args:
            path: any container and codec FFmpeg knows.
            start: first time [s].
            stop: time [s] before which to stop; None for the end.

        Raises:
            SourceError: as `probe`.
            InvalidValue: the range is empty.
        """
        require_range(start, stop)
        self._path = Path(path)
        self._start, self._stop = start, stop
        self.info, self._origin = _look(self._path)
        self.name = str(path)
        self.size = self.info.size
        self.fps = self.info.fps
        self.frame_count = self._expected()
        self.focal_35mm = self.info.focal_35mm

    def __iter__(self) -> Iterator[Frame]:
        with self._decoder() as decoder:
            clock = Clock(decoder.time_base, self.fps, self._origin)
            count, why = 0, ""
            try:
                for picture in decoder.pictures():
                    t = clock(picture.pts)
                    if self._stop is not None and t >= self._stop:
                        break
                    if t >= self._start:
                        yield Frame(t, picture.rgb(self.size))
                        count += 1
            except SourceError as error:
                why = f" ({error})"
            if why or self._ends_early(decoder, clock):
                of = "" if self.frame_count is None else f" of about {self.frame_count}"
                lost = f"the file ends early: {count}{of} frames{why}"
                warnings.warn(f"{self.name}: {lost}", SourceWarning, stacklevel=2)
            elif decoder.damaged:
                lost = f"{decoder.damaged} damaged packets were skipped"
                warnings.warn(f"{self.name}: {lost}", SourceWarning, stacklevel=2)

    def _expected(self) -> int | None:
        info = self.info
        if self._start == 0 and self._stop is None:
            return info.frames
        end = min(info.duration or np.inf, np.inf if self._stop is None else self._stop)
        if info.fps is None or np.isinf(end):
            return None
        return max(0, round((end - self._start) * info.fps))

    def _decoder(self) -> Decoder:
        """A decoder at or before `start`: at the beginning where a seek would not be exact."""
        decoder = _open(self._path)
        if self._start > 0 and (key := self._key(decoder)) and not decoder.seek(key):
            decoder.close()
            decoder = _open(self._path)
        return decoder

    def _key(self, decoder: Decoder) -> Packet | None:
        packets = _packets(self._path)
        if not _clean(packets):
            return None  # times are repaired from frame to frame, from the first one on
        clock = Clock(decoder.time_base, self.fps, self._origin)
        keys = [p for p in packets if p.key and clock.seconds(p.pts or 0) <= self._start]
        return max(keys, key=lambda p: p.pts or 0, default=None)

    def _ends_early(self, decoder: Decoder, clock: Clock) -> bool:
        if decoder.end is None or decoder.reached is None:
            return False
        end, reached = clock.seconds(decoder.end), clock.seconds(decoder.reached)
        if self._stop is not None:
            end = min(end, self._stop)
        return reached < end - 2 * clock.step


def _look(path: Path) -> tuple[VideoInfo, int | None]:
    """What `probe` tells, and the tick of the first picture."""
    with _open(path) as decoder:
        first = next(decoder.pictures(), None)
        if first is None:
            raise SourceError(
                f"{path}: no picture in it can be decoded ({decoder.codec}, "
                f"{decoder.damaged} damaged packets)"
            )
        steps = np.diff(_sample(path)) * float(decoder.time_base)
        fps = decoder.fps
        # Recorders that write no rate leave FFmpeg to guess, up to 1000 for a 30 fps webcam.
        if len(steps) and steps.sum() > 0:
            measured = len(steps) / float(steps.sum())
            fps = fps if fps and 0.5 < fps / measured < 2 else measured
        frames = decoder.frames
        if frames is None and decoder.duration and fps:
            frames = max(1, round(decoder.duration * fps))
        info = VideoInfo(
            size=first.size,
            fps=fps,
            frames=frames,
            duration=decoder.duration,
            codec=decoder.codec,
            rotation=first.rotation,
            variable=_varies(steps, float(decoder.time_base)),
            focal_35mm=focal_of_tags(decoder.tags) or focal_of_quicktime(path),
        )
        return info, first.pts


def _sample(path: Path) -> Array:
    """Ticks of the first pictures in order of presentation, without gaps."""
    with _open(path) as decoder:
        packets = list(islice(decoder.packets(), SAMPLE))
    ticks = sorted(p.pts for p in packets if p.pts is not None)
    if packets and (last := packets[-1].dts) is not None:
        ticks = [t for t in ticks if t <= last]  # after it, others may come in between
    return np.array(ticks, np.float64)


def _varies(steps: Array, tick: float) -> bool:
    # Containers round to their tick, so a step may be off by one of them without meaning it.
    middle = np.median(steps) if len(steps) else 0.0
    return bool((np.abs(steps - middle) > max(0.2 * middle, 1.5 * tick)).any())


def _open(path: Path) -> Decoder:
    if not path.exists():
        raise SourceError(f"{path}: no such file")
    if path.is_dir():
        raise SourceError(f"{path}: expected a video file, got a folder")
    if path.stat().st_size == 0:
        raise SourceError(f"{path}: the file is empty")
    # The prefix keeps a colon or percent sign in a name from meaning something to FFmpeg.
    return Decoder(f"file:{path}", name=str(path))


def _packets(path: Path) -> list[Packet]:
    found: list[Packet] = []
    # Of a truncated file, what comes before the cut counts.
    with _open(path) as decoder, contextlib.suppress(SourceError):
        found.extend(decoder.packets())
    return found


def _clean(packets: list[Packet]) -> bool:
    """Every packet has its own time and the stream's clock never goes back."""
    pts = [p.pts for p in packets]
    dts = [p.dts for p in packets if p.dts is not None]
    return None not in pts and len(set(pts)) == len(pts) and dts == sorted(dts)
