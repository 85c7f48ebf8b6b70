"""How many frames can be encoded in a second."""

from __future__ import annotations

import time
from collections.abc import Callable

from benchmarks.live.material import Played
from benchmarks.live.rows import Row
from mocap.stream import binary, protocol
from mocap.stream.connection import binary_frame, text_frame
from mocap.stream.frames import LiveFrame

ENCODINGS: dict[str, Callable[[LiveFrame], bytes]] = {
    "JSON": lambda frame: text_frame(protocol.encode_frame(frame)),
    "binary": lambda frame: binary_frame(binary.encode_frame(frame)),
}


def measure(played: Played, seconds: float = 1.0, crowds: tuple[int, ...] = (1, 5)) -> list[Row]:
    """Frames a second, each once for all clients; and their size."""
    rows = []
    for people in crowds:
        moments = played.people(people)
        frames = [LiveFrame(i, i / 60, m) for i, m in enumerate(moments)]
        who = "1 person" if people == 1 else f"{people} people"
        for name, encode in ENCODINGS.items():
            count, size, begin = 0, 0, time.process_time()
            while time.process_time() - begin < seconds:
                size += len(encode(frames[count % len(frames)]))
                count += 1
            rate = count / (time.process_time() - begin)
            rows.append(Row(f"{name}, {who}", rate, "1/s"))
            rows.append(Row(f"{name}, {who}: size", size / count, "bytes"))
    return rows
