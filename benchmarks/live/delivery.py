"""Latency, loss and cost of the stream: servers and clients side by side on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.live import crowd, readers, serving
from benchmarks.live.beside import Beside, Used
from benchmarks.live.crowd import Crowd, Got
from benchmarks.live.material import Played
from benchmarks.live.rows import Row
from mocap.arrays import Array
from mocap.landmarks import LandmarkTrack

FPS = 60.0
SLOW_FPS = 20.0  # [1/s] of a client that is too slow
FRAME_MS = 16.7  # [ms] of a frame at 60 fps
LOOK = 30  # frames from look to look at what a server uses
NONE_MB = 1.0  # what is no growth: allocators round, and a backlog grows faster than this in 1 s


@dataclass(frozen=True)
class Effort:
    """How long and how large measurements are.

    Attributes:
        warm: [s] that connections and buffers get before it counts.
        seconds: [s] that count.
        many: clients, where there are to be 100.
        crowd: the same, where there are to be 300.
        stalled: of them.
    """

    warm: float = 3.0
    seconds: float = 10.0
    many: int = 100
    crowd: int = 300
    stalled: int = 5


@dataclass(frozen=True, eq=False)
class Measured:
    """What clients got, and what the server used meanwhile.

    Attributes:
        got: by client.
        looks: at the server, from the first to the last moment.
        late: [ms] by which somebody who only slept meanwhile, 60 times a second, was woken late:
            what the machine adds to every wait.
    """

    got: Sequence[Got]
    looks: Sequence[Used]
    late: Array

    @property
    def ages(self) -> Array:
        """[ms] of every frame that anybody got."""
        ages: Array = 1000.0 * np.concatenate([g.ages for g in self.got])
        return ages

    @property
    def share(self) -> float:
        """Of the frames, that the client got who got the fewest. Frames count from the first to
        the last that anybody got."""
        seqs = np.concatenate([g.seqs for g in self.got])
        if not len(seqs):
            return 0.0
        there = seqs.max() - seqs.min() + 1
        return float(min(len(g.seqs) for g in self.got) / there)

    @property
    def cpu(self) -> float:
        """Share of a core that the server took."""
        first, last = self.looks[0], self.looks[-1]
        return (last.cpu - first.cpu) / (last.wall - first.wall)

    @property
    def growth(self) -> float:
        """[MB] of the server's memory, from the first quarter of the looks to the last."""
        memory = [look.memory for look in self.looks]
        quarter = max(len(memory) // 4, 1)
        return float(np.median(memory[-quarter:]) - np.median(memory[:quarter]))

    @property
    def solve(self) -> float:
        """[ms] that the solve of a frame took; NaN if nothing was solved."""
        return middle(np.array([look.solve for look in self.looks if look.solve is not None]))


def measured(
    server: Sequence[Any], client: Callable[..., None], how: Sequence[Any], effort: Effort
) -> Measured:
    """Have clients listen to a server, each in a process of their own.

    Args:
        server: a function of `serving`, and its arguments.
        client: a function of `crowd` or `readers`,
        how: and what it is told besides port and clock.
        effort: how long.
    """
    with (
        Beside(*server) as serves,
        Beside(client, serves.said["port"], serves.said["zero"], *how) as listens,
    ):
        time.sleep(effort.warm)
        listens.ask("forget")
        looks, late = [serves.ask("used")], []
        for number in range(1, round(effort.seconds * FPS) + 1):
            due = looks[0].wall + number / FPS
            time.sleep(max(due - time.perf_counter(), 0.0))
            late.append(time.perf_counter() - due)
            if number % LOOK == 0:
                looks.append(serves.ask("used"))
        return Measured(listens.ask("got"), looks, np.array(late) * 1000.0)


def middle(ages: Array) -> float:
    return float(np.median(ages)) if len(ages) else float("nan")


def p99(ages: Array) -> float:
    return float(np.percentile(ages, 99)) if len(ages) else float("nan")


def latency(played: Played, track: LandmarkTrack, effort: Effort) -> list[Row]:
    """From capture to client, at 60 fps: of one client, decoded; of many, as it leaves the
    socket; of frames made beforehand, and with the solve."""
    frames = (serving.frames, played, 1, FPS)
    session = (serving.session, track, FPS, 0)
    many = Crowd(effort.many)
    rows = []
    for name, server, client, how in (
        ("1 client, without the solve", frames, readers.own, ()),
        ("1 client, with the solve", session, readers.own, ()),
        (f"{effort.many} clients, without the solve", frames, crowd.run, (many,)),
        (f"{effort.many} clients, with the solve", session, crowd.run, (many,)),
    ):
        found = measured(server, client, how, effort)
        rows += [
            Row(f"{name}: median", middle(found.ages), "ms", 5.0),
            Row(f"{name}: 99 % within", p99(found.ages), "ms", FRAME_MS),
            Row(f"{name}: frames that each of them got, at least", 100 * found.share, "%"),
            Row("    meanwhile, who only sleeps is woken late: 99 % within", p99(found.late), "ms"),
        ]
        if not np.isnan(found.solve):
            rows.append(Row("    of it, the solve takes: median", found.solve, "ms"))
    ahead = measured((serving.session, track, FPS, 3), readers.own, (), effort)
    name = "1 client, with the solve looking 3 frames (50 ms) ahead: median"
    return [*rows, Row(name, middle(ahead.ages), "ms")]


def cost(played: Played, effort: Effort) -> list[Row]:
    """Of a server with 10 clients at 60 fps, frames made beforehand."""
    rows = []
    for name, who in (
        ("JSON, clients that say nothing", Crowd(10)),
        ("JSON, clients that say `seen`", Crowd(10, says_seen=True)),
        ("binary, clients that say `seen`", Crowd(10, encoding="bin", says_seen=True)),
    ):
        found = measured((serving.frames, played, 1, FPS), crowd.run, (who,), effort)
        rows.append(Row(f"{name}: of a core", 100 * found.cpu, "%", 10.0))
    return rows


def many(played: Played, effort: Effort) -> list[Row]:
    """Many clients at 60 fps, some of them stalled."""
    who = Crowd(effort.crowd - effort.stalled, effort.stalled)
    found = measured((serving.frames, played, 1, FPS), crowd.run, (who,), effort)
    return [
        Row("frames that each healthy client got, at least", 100 * found.share, "%", 99.0, True),
        Row("latency: median", middle(found.ages), "ms"),
        Row("latency: 99 % within", p99(found.ages), "ms", 25.0),
        Row(f"growth of memory in {effort.seconds:g} s", found.growth, "MB", NONE_MB),
        Row("server: of a core", 100 * found.cpu, "%"),
        Row("    meanwhile, who only sleeps is woken late: 99 % within", p99(found.late), "ms"),
    ]


def slow(played: Played, effort: Effort) -> list[Row]:
    """A client that takes 20 of 60 frames a second: the oldest frame that it sees."""
    rows = []
    for kind, name, target in (
        ("plain", "reads its socket itself, answers pings: oldest", 0.25),
        ("seen", "a library reads ahead, says `seen`: oldest", 0.25),
        ("own", "mocap.client: oldest", 0.25),
        ("library", "a library reads ahead (16 messages), no `seen`: oldest", None),
    ):
        found = measured((serving.frames, played, 1, FPS), readers.slow, (kind, SLOW_FPS), effort)
        oldest = float(found.ages.max()) / 1000 if len(found.ages) else float("nan")
        rows.append(Row(name, oldest, "s", target))
    return rows
