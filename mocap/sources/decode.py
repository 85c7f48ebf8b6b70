"""Video through FFmpeg. The only module that imports PyAV, 13 or newer."""

from __future__ import annotations

import errno
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av

from mocap.closing import Closing
from mocap.errors import SourceError
from mocap.sources.picture import Picture

# FFmpeg shows plain text as "video" of a terminal.
NOT_VIDEO = {"tty"}
# It knows when a packet is decoded; what FFmpeg adds as pts is out of order with B-frames.
NO_PRESENTATION_TIMES = {"avi"}
# AV_DISPOSITION_ATTACHED_PIC: the cover of a song.
ATTACHED_PICTURE = 0x0400
# The tag of a stream of Matroska.
DURATION = r"(\d+):(\d+):(\d+\.?\d*)"
# PyAV 17 raises some of FFmpeg's errors as these instead.
FAILURES = (av.error.FFmpegError, OSError, ValueError)


@dataclass(frozen=True)
class Packet:
    """A compressed picture as the file holds it; times in ticks of the stream."""

    pts: int | None
    dts: int | None
    key: bool


class Decoder(Closing):
    """An open container and its one real video stream.

    Attributes:
        fps: average rate the file declares [1/s], or None.
        tags: metadata of the container and of the stream.
        duration: length [s], or None.
        end: tick at which the file says the video ends, or None.
        reached: tick at which the last packet read ends, or None.
        damaged: packets that did not decode.
    """

    def __init__(
        self,
        url: str,
        *,
        name: str,
        options: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> None:
        """Open a file (`file:...`) or a URL.

        Args:
            url: what FFmpeg opens.
            name: what messages call it.
            options: FFmpeg's own options of the format and protocol.
            timeout: longest wait [s] for data, while opening and between packets.

        Raises:
            SourceError: it cannot be opened or holds no video.
        """
        self.name = name
        self._timeout = timeout
        self._low_delay = False
        began = time.monotonic()
        try:
            self._container: Any = av.open(url, options=dict(options or {}), timeout=timeout)
        except FAILURES as error:
            why = self._why(error, began, lost="nothing answers at this address")
            raise SourceError(f"{name}: cannot be opened: {why}") from None
        try:
            self._stream = self._real_stream()
        except SourceError:
            self._container.close()
            raise
        self.format: str = self._container.format.name
        self.codec: str = self._stream.codec_context.name
        self.time_base = _fraction(self._stream.time_base) or Fraction(1, 90000)
        rate = _fraction(self._stream.average_rate) or _fraction(self._stream.guessed_rate)
        self.fps = float(rate) if rate else None
        self.frames: int | None = self._stream.frames or None
        self.tags: dict[str, str] = {**self._container.metadata, **self._stream.metadata}
        self.end, self.duration = self._declared()
        aspect = _fraction(self._stream.sample_aspect_ratio)
        # Anything outside is a mistake of the file, not a lens.
        self._aspect = aspect if aspect and 0.25 <= aspect <= 4 else Fraction(1)
        self.reached: int | None = None
        self.damaged = 0
        self._sought = False

    def packets(self) -> Iterator[Packet]:
        """Packets in decode order, nothing decoded. Raises SourceError where reading fails."""
        for packet in self._demux():
            # Packets an edit list cuts off are decoded but never shown.
            if packet.size and not packet.is_discard:
                pts = None if self.format in NO_PRESENTATION_TIMES else packet.pts
                yield Packet(pts, packet.dts, bool(packet.is_keyframe))

    def pictures(self, *, low_delay: bool = False) -> Iterator[Picture]:
        """Pictures in order of presentation; what does not decode is counted and skipped.

        Args:
            low_delay: for live streams: decode without the frame of delay that every thread
                costs, and show what is damaged rather than skip it.

        Raises:
            SourceError: the file or connection cannot be read on.
        """
        self._low_delay = low_delay
        self._stream.thread_type = "SLICE" if low_delay else "AUTO"
        try:
            for packet in self._demux():
                if self._usable(packet):
                    yield from self._decode(packet)
        except SourceError:
            yield from self._decode(None)  # what the decoder still has in hand
            raise

    def seek(self, key: Packet) -> bool:
        """Go to a key packet; False if the container did not land at it or before it."""
        wanted = key.pts if key.dts is None else key.dts
        try:
            self._seek(wanted)
            landed = next(self.packets(), None)
            self._seek(wanted)
        except (*FAILURES, SourceError):
            return False
        self._sought, self.reached = True, None
        at = None if landed is None else (landed.pts if landed.dts is None else landed.dts)
        return at is not None and wanted is not None and at <= wanted

    def close(self) -> None:
        """Close the file or connection; may be called more than once."""
        self._container.close()

    def _seek(self, ticks: int | None) -> None:
        self._container.seek(ticks or 0, stream=self._stream, backward=True)

    def _usable(self, packet: Any) -> bool:
        if self._sought and packet.size and not packet.is_keyframe:
            return False  # a seek may land a little early, where nothing decodes yet
        self._sought = False
        if packet.is_corrupt and not self._low_delay:
            # Cut in half, mostly by the end of the file. Failing on it, a decoder would lose
            # what its other threads have in hand.
            self.damaged += 1
            return False
        return True

    def _decode(self, packet: Any) -> Iterator[Picture]:
        try:
            frames = self._stream.decode(packet)
        except FAILURES:
            self.damaged += 1
            return
        for frame in frames:
            yield Picture(frame, self._time(frame), self._aspect)

    def _time(self, frame: Any) -> int | None:
        ticks: int | None = frame.dts if self.format in NO_PRESENTATION_TIMES else frame.pts
        return ticks

    def _demux(self) -> Iterator[Any]:
        began = time.monotonic()
        try:
            for packet in self._container.demux(self._stream):
                if packet.pts is not None:
                    end = packet.pts + (packet.duration or 0)
                    self.reached = end if self.reached is None else max(self.reached, end)
                yield packet
                began = time.monotonic()
        except FAILURES as error:
            why = self._why(error, began, lost="the connection broke off")
            raise SourceError(f"{self.name}: cannot be read on: {why}") from None

    def _real_stream(self) -> Any:
        stream = self._container.streams.best("video")
        if stream is None or self._container.format.name in NOT_VIDEO or _is_cover(stream):
            kinds = sorted({s.type for s in self._container.streams} - {"video"})
            holds = f"only {', '.join(kinds)}" if kinds else "nothing that can be shown"
            raise SourceError(f"{self.name}: not a video; it holds {holds}")
        if stream.codec_context is None:
            raise SourceError(f"{self.name}: this FFmpeg has no decoder for its video")
        return stream

    def _declared(self) -> tuple[int | None, float | None]:
        stream, container = self._stream, self._container
        start = stream.start_time or 0
        whole = None if container.duration is None else container.duration / av.time_base
        if stream.duration:
            end = start + stream.duration
        elif tag := re.fullmatch(DURATION, stream.metadata.get("DURATION", "")):
            hours, minutes, seconds = map(float, tag.groups())
            end = round((hours * 3600 + minutes * 60 + seconds) / self.time_base)
        elif whole is not None and len(container.streams) == 1:
            end = start + round(whole / self.time_base)
        else:
            return None, whole
        return end, float((end - start) * self.time_base)

    def _why(self, error: Exception, began: float, lost: str) -> str:
        """What an error of FFmpeg means, of something that began at a monotonic time [s]."""
        if self._timeout is not None:
            # RTSP reports a wait that was cut short as bad data.
            late = time.monotonic() - began >= self._timeout
            if late or isinstance(error, av.error.ExitError):
                return f"no data for {self._timeout:g} s"
            if getattr(error, "errno", None) == errno.EIO:
                return lost
        if isinstance(error, av.error.InvalidDataError):
            return "it is no video, or was cut off before its index was written"
        return str(getattr(error, "strerror", None) or error)


def _is_cover(stream: Any) -> bool:
    disposition = getattr(stream, "disposition", None)  # PyAV 14
    return bool(getattr(disposition, "value", 0) & ATTACHED_PICTURE)


def _fraction(rational: Any) -> Fraction | None:
    # PyAV 19 gives its own rational, 0/1 for unknown, where older ones give a Fraction or None.
    if not rational or not rational.denominator:
        return None
    return Fraction(rational.numerator, rational.denominator)


def input_devices(kind: str) -> list[str]:
    """Names of the video inputs FFmpeg finds (`dshow`), empty where it or PyAV cannot tell."""
    enumerate_ = getattr(av, "enumerate_input_devices", None)  # PyAV 18
    try:
        devices = enumerate_(kind) if enumerate_ else []
    except FAILURES:
        return []
    return [device.description for device in devices if "video" in device.media_types]
