"""Pictures from a URL: RTSP, RTMP, UDP, SRT and HTTP cameras, or a video file on a server."""

from __future__ import annotations

import re
import time
import warnings
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import chain

from mocap.errors import SourceError
from mocap.frame import Frame
from mocap.sources.base import Source, SourceWarning
from mocap.sources.clock import Clock
from mocap.sources.decode import Decoder
from mocap.sources.lens import focal_of_tags

# A sender that never ends on purpose, whatever length it announces.
LIVE_SCHEMES = {"rtsp", "rtsps", "rtmp", "rtmps", "rtp", "udp", "srt", "tcp"}
# What cameras send in these carries no clock of its own.
CLOCKLESS_FORMATS = {"mpjpeg", "mjpeg", "h264", "hevc"}

MICROSECOND = Fraction(1, 10**6)


class StreamSource(Source):
    """One connection to a URL; a second loop goes on where the first stopped.

    It is live unless it is a file on a web server: that has a known length, and every frame of
    it is given. Whatever ends a live stream raises SourceError. Times are the sender's, or those
    of arrival where it sends none; the first picture has t = 0.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 10.0,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Connect and wait for the first picture.

        Args:
            url: anything FFmpeg opens; a password in it is left out of messages.
            timeout: time [s] without any data after which the connection counts as lost.
            now: monotonic clock [s].

        Raises:
            SourceError: nobody answers, or what comes is no video.
        """
        scheme = url.split(":", 1)[0].lower()
        self.name = re.sub(r"(?<=://)([^/@:]*):[^/@]*@", r"\1:***@", url)
        self._decoder = decoder = Decoder(
            url,
            name=self.name,
            options=_options(scheme),
            timeout=timeout,
        )
        self.live = scheme in LIVE_SCHEMES or decoder.duration is None
        pictures = decoder.pictures(low_delay=self.live)
        try:
            first = next(pictures, None)
            if first is None:
                raise SourceError(f"{self.name}: the connection ended before any picture came")
        except SourceError:
            decoder.close()
            raise
        self._pictures = chain([first], pictures)
        self._now = now if decoder.format in CLOCKLESS_FORMATS else None
        self._clock = Clock(MICROSECOND if self._now else decoder.time_base, decoder.fps)
        self.size = first.size
        self.fps = decoder.fps
        self.frame_count = None if self.live else decoder.frames
        self.focal_35mm = focal_of_tags(decoder.tags)

    def __iter__(self) -> Iterator[Frame]:
        t = 0.0
        for picture in self._pictures:
            ticks = picture.pts if self._now is None else round(self._now() / MICROSECOND)
            t = self._clock(ticks)
            yield Frame(t, picture.rgb(self.size))
        if self.live:
            raise SourceError(f"{self.name}: the sender ended the stream after {t:.1f} s")
        end, reached = self._decoder.end, self._decoder.reached
        if end and reached and (end - reached) * self._decoder.time_base > 2 * self._clock.step:
            warnings.warn(f"{self.name}: the file ends early", SourceWarning, stacklevel=2)

    def close(self) -> None:
        self._decoder.close()


def _options(scheme: str) -> dict[str, str]:
    if scheme in {"rtsp", "rtsps"}:
        # TCP: lost UDP packets smear the picture, and a lost person costs more than latency.
        return {"rtsp_transport": "tcp", "fflags": "nobuffer", "analyzeduration": "2000000"}
    if scheme in LIVE_SCHEMES:
        return {"fflags": "nobuffer", "analyzeduration": "2000000"}
    return {}
