"""How late, how steady and how costly live capture is.

    python -m benchmarks.live [--source my.mp4] [--soak 20000] [--quick] [--json live.json]

Servers and clients are processes of their own on this machine, and share its cores: what a figure
says of the server is never better than what it would be with clients elsewhere. Beside the figures
stands how busy the machine was with other things.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.live import delivery, encoding, material, soak, whole
from benchmarks.live.delivery import Effort
from benchmarks.live.rows import Row, Section, load
from benchmarks.solve_speed import landmarks
from benchmarks.speed import repeated
from mocap.landmarks import LandmarkTrack
from mocap.sample import CLIP
from mocap.sources.video import VideoSource

RECORDED = 210  # frames whose landmarks are played


@dataclass(frozen=True)
class Size:
    """How much of everything.

    Attributes:
        effort: of clients and servers.
        crowded: the same with 300 clients.
        encode: [s] of encoding, for each figure.
        clip: [s] that a clip has at least, repeated if need be, to be captured from end to end.
        sure: [s] of it after which who looks for everyone follows one alone.
        rounds: of capturing it.
        soak: frames.
    """

    effort: Effort = Effort()
    crowded: Effort = Effort(warm=5.0, seconds=20.0)
    encode: float = 1.0
    clip: float = 28.0
    sure: float = whole.SURE
    rounds: int = 3
    soak: int = 20_000


QUICK = Size(
    Effort(warm=1.0, seconds=2.0, many=10, crowd=20, stalled=2),
    Effort(warm=1.0, seconds=3.0, many=10, crowd=20, stalled=2),
    encode=0.2,
    clip=7.0,
    sure=1.0,
    rounds=1,
    soak=300,
)


def section(title: str, measure: Callable[[], Sequence[Row]]) -> Section:
    """Measure, and print at once what came of it."""
    begin, before = time.perf_counter(), load()
    rows = measure()
    done = Section(title, rows, (before, load()), time.perf_counter() - begin)
    print("\n".join(done.lines), flush=True)
    return done


def sections(source: Path, size: Size, only: str) -> list[Section]:
    """Everything, or what has this in its name."""
    track: LandmarkTrack = landmarks(RECORDED)
    played, quick = material.played(track), material.at_rate(track, delivery.FPS)
    crowded, effort = size.crowded, size.effort
    stalled = f"{crowded.crowd} clients at 60 fps, {crowded.stalled} of them stalled"
    todo: list[tuple[str, Callable[[], Sequence[Row]]]] = [
        ("latency from capture to client, without inference, 60 fps",
         lambda: delivery.latency(played, quick, effort)),
        ("cost of the server, 10 clients at 60 fps", lambda: delivery.cost(played, effort)),
        (f"crowd: {stalled}", lambda: delivery.many(played, crowded)),
        ("slow: who takes 20 of 60 frames a second", lambda: delivery.slow(played, effort)),
        ("whole session, every frame, one client", lambda: whole_session(source, size)),
        ("encoding", lambda: encoding.measure(played, size.encode)),
        ("soak: stage, server and recorder, people come and go",
         lambda: soak.measure(track, size.soak)),
    ]  # fmt: skip
    return [section(title, measure) for title, measure in todo if only in title]


def whole_session(source: Path, size: Size) -> list[Row]:
    """Against the bare loop, on a clip that is long enough."""
    with VideoSource(source) as video:
        frames, fps = sum(1 for _ in video), video.fps or 30.0
    times = math.ceil(size.clip * fps / frames)
    with tempfile.TemporaryDirectory() as folder:
        clip = source if times == 1 else repeated(source, times, Path(folder))
        return whole.measure(clip, size.rounds, sure=size.sure)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--source", type=Path, default=CLIP, help="clip for the whole session")
    parser.add_argument("--soak", type=int, metavar="N", help="frames of the soak; 8 h are 864000")
    parser.add_argument(
        "--quick", action="store_true", help="everything small: to see that it runs"
    )
    parser.add_argument("--only", default="", metavar="WORD", help="what has this in its title")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    arguments = parser.parse_args()
    size = QUICK if arguments.quick else Size()
    if arguments.soak is not None:
        size = replace(size, soak=arguments.soak)
    found = sections(arguments.source, size, arguments.only)
    missed = [row.name for part in found for row in part.rows if row.met is False]
    print(f"\n{len(missed)} targets missed" + "".join(f"\n    {name}" for name in missed))
    if arguments.json is not None:
        told = {
            "machine": {"cores": os.cpu_count(), "system": platform.platform()},
            "python": platform.python_version(),
            "quick": arguments.quick,
            "sections": [part.to_dict() for part in found],
        }
        arguments.json.write_text(json.dumps(told, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
