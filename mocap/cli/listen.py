"""Show what a running `mocap live` sends: the first thing to try when something does not work.

mocap listen                              # this computer
mocap listen 192.168.1.20:8765 --token T  # another
mocap listen --bones                      # where every bone is
mocap listen --once --json                # one frame, for scripts
mocap listen --vmc                        # VMC, or other OSC, in place of mocap live's protocol

A line each second tells how many frames came, how old they were on arrival (median and worst),
how many the server left out, and for each person their state, where their hips are and which way
they face, in degrees: 0 is +Z, 90 is +X. Bones and hips are in metres, +Y up.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

from mocap.cli.messages import note

if TYPE_CHECKING:
    from mocap.client import Stream
    from mocap.motion import Pose
    from mocap.skeleton import Skeleton
    from mocap.stream.frames import LiveFrame

NAME = "listen"
HELP = "show what a running mocap live sends"
VMC_PORT = 39539
SECOND = 1.0  # [s] from line to line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "url", nargs="?", default="ws://127.0.0.1:8765", metavar="URL",
        help="where it is; %(default)s if not given",
    )  # fmt: skip
    parser.add_argument("--token", help="that mocap live printed, if it was started with --host")
    parser.add_argument("--seconds", type=float, metavar="N", help="end after so long")
    parser.add_argument("--once", action="store_true", help="show one frame and end")
    parser.add_argument("--bones", action="store_true", help="show where every bone is")
    parser.add_argument(
        "--text", action="store_true", help="ask for frames as JSON text, not as bytes"
    )
    parser.add_argument(
        "--vmc", type=int, nargs="?", const=VMC_PORT, metavar="PORT",
        help=f"show what arrives as OSC at this UDP port, {VMC_PORT} if not given",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print a JSON object a line")


def run(arguments: argparse.Namespace) -> int:
    if arguments.vmc is not None:
        from mocap.cli.listen_osc import listen

        once = SECOND if arguments.once else None
        seconds = once if arguments.seconds is None else arguments.seconds
        listen(arguments.vmc, seconds, arguments.bones, arguments.json)
        return 0

    from mocap.client import connect

    with connect(
        arguments.url,
        token=arguments.token,
        encoding="json" if arguments.text else "binary",
        reconnect=not arguments.once,
        on_note=note,
    ) as stream:
        if arguments.once:
            _once(stream, arguments)
        else:
            _watch(stream, arguments)
    return 0


def _once(stream: Stream, arguments: argparse.Namespace) -> None:
    from mocap.errors import StreamError

    limit = 5.0 if arguments.seconds is None else arguments.seconds
    stream.ping()
    frame = stream.frame(limit)
    if frame is None:
        raise StreamError(
            f"{stream.url}: connected to {stream.server}, but no frame came within {limit:g} s; "
            f"its state is {stream.status.get('state', 'unknown')}: is its camera running?"
        )
    told = {"server": stream.server, **_of_frame(stream, frame, arguments.bones)}
    if arguments.json:
        print(json.dumps(told))
    else:
        print(_greeting(stream))
        print(*_lines(told), sep="\n")


def _watch(stream: Stream, arguments: argparse.Namespace) -> None:
    end = None if arguments.seconds is None else time.monotonic() + arguments.seconds
    if not arguments.json:
        print(_greeting(stream), flush=True)
    for second in _seconds(stream, end):
        told = second.told(stream, arguments.bones)
        lines = [json.dumps(told)] if arguments.json else _lines(told)
        print(*lines, sep="\n", flush=True)


def _greeting(stream: Stream) -> str:
    cast = stream.cast
    bones = f"skeleton {cast.skeleton.name} of {len(cast.skeleton)} bones"
    return f"{stream.url}: {stream.server}, {bones}, {cast.fps:g} fps"


@dataclass
class Second:
    """What came in a second.

    Attributes:
        latencies: [s] of each frame that was taken.
        frames: how many came.
        missed: how many the server left out.
        last: the newest.
        length: [s] that it really lasted.
    """

    latencies: list[float] = field(default_factory=list)
    frames: int = 0
    missed: int = 0
    last: LiveFrame | None = None
    length: float = SECOND

    def told(self, stream: Stream, bones: bool) -> dict[str, Any]:
        told: dict[str, Any] = {
            "fps": round(self.frames / self.length, 1),
            "latency": {
                "median": _milliseconds(median(self.latencies)),
                "worst": _milliseconds(max(self.latencies)),
            }
            if self.latencies
            else None,
            "dropped": self.missed,
            "state": stream.status.get("state"),
        }
        return told | ({} if self.last is None else _of_frame(stream, self.last, bones))


def _seconds(stream: Stream, end: float | None) -> Iterator[Second]:
    """What comes, second by second, until the time [s] `end` or the end of the stream."""
    while True:
        begun = time.monotonic()
        until = begun + SECOND if end is None else min(begun + SECOND, end)
        second = Second(frames=-stream.received, missed=-stream.missed)
        while (left := until - time.monotonic()) > 0:
            frame = stream.frame(left)
            if frame is not None:
                second.last = frame
                if stream.latency is not None:
                    second.latencies.append(stream.latency)
        second.frames += stream.received
        second.missed += stream.missed
        second.length = time.monotonic() - begun
        yield second
        if end is not None and time.monotonic() >= end:
            return


def _of_frame(stream: Stream, frame: LiveFrame, bones: bool) -> dict[str, Any]:
    people = [
        _of_person(person.id, person.pose, stream.cast.skeletons[person.id], bones)
        for person in frame.people
    ]
    return {"seq": frame.seq, "t": round(frame.t, 3), "people": people}


def _of_person(number: int, pose: Pose, skeleton: Skeleton, bones: bool) -> dict[str, Any]:
    import numpy as np

    from mocap import rotation

    x, _, z = rotation.rotate(pose.rotations[:1], np.array([[0.0, 0.0, 1.0]]))[0]
    told: dict[str, Any] = {
        "id": number,
        "state": pose.state.name.lower(),
        "confidence": round(float(pose.confidence.mean()), 2),
        "hips": pose.root.round(3).tolist(),
        "faces": round(float(np.degrees(np.arctan2(x, z)))),
        "stands_on": [foot for foot, on in pose.contacts.items() if on],
    }
    if bones:
        positions, _ = skeleton.fk(pose.root, pose.rotations)
        told["bones"] = dict(zip(skeleton.names, positions.round(3).tolist(), strict=True))
    return told


def _lines(told: dict[str, Any]) -> list[str]:
    """A second or a frame as people read it."""
    parts = []
    if "fps" in told:
        late = told["latency"]
        parts.append(f"{told['fps']:5.1f} fps")
        parts.append(
            "latency unknown"
            if late is None
            else f"latency {late['median']:.1f} ms, worst {late['worst']:.1f}"
        )
        parts.append(f"{told['dropped']} dropped")
    people = told.get("people")
    if people is None:
        parts.append(f"no frames; the server is {told['state'] or 'silent'}")
    elif not people:
        parts.append("nobody on stage")
    parts += [
        f"person {p['id']} {p['state']} at {_place(p['hips'])} facing {p['faces']:+d}°"
        for p in people or ()
    ]
    lines = [" | ".join(parts)]
    for p in people or ():
        lines += [
            f"    {p['id']} {name:<24} {_place(place)}"
            for name, place in p.get("bones", {}).items()
        ]
    return lines


def _place(metres: list[float]) -> str:
    return " ".join(f"{value:6.2f}" for value in metres)


def _milliseconds(seconds: float) -> float:
    return round(1e3 * seconds, 1)
