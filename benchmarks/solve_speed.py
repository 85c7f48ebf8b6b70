"""How long the solve takes, whole clips and live, and what memory it needs.

    python -m benchmarks.solve_speed

Landmarks are those of the sample clip, played to and fro as often as it takes.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mocap.camera import Camera
from mocap.capture import CaptureSettings, capture
from mocap.landmarks import MEDIAPIPE_POSE, Landmarks, LandmarkTrack
from mocap.sample import CLIP
from mocap.solve import LiveSolver, SolveSettings, solve

CLIPS = (300, 1800, 18000)  # frames
LIVE_FRAMES = 3000
TARGETS = {"clip_ms": 4.0, "live_p99_ms": 4.0}  # a frame


def landmarks(frames: int) -> LandmarkTrack:
    """The sample's landmarks, forwards and backwards in turn."""
    (person,) = capture(CLIP, CaptureSettings(workers=1)).take.people
    track = person.landmarks
    assert track is not None
    assert track.world is not None
    there_and_back = np.concatenate([np.arange(len(track)), np.arange(len(track))[-2:0:-1]])
    order = np.resize(there_and_back, frames)
    step = float(np.median(np.diff(track.times)))
    return replace(
        track,
        times=np.arange(frames) * step,
        image=track.image[order],
        world=track.world[order],
        confidence=track.confidence[order],
    )


def whole_clip(track: LandmarkTrack) -> dict[str, float]:
    """Milliseconds a frame."""
    camera = Camera.from_fov(track.size)
    begin = time.perf_counter()
    solve([track], camera)
    return {"ms": 1000 * (time.perf_counter() - begin) / len(track)}


def live(track: LandmarkTrack, look_ahead: int) -> dict[str, float]:
    """Milliseconds for each frame taken in: median and 99th percentile."""
    assert track.world is not None
    solver = LiveSolver(Camera.from_fov(track.size), SolveSettings(), look_ahead)
    taken = []
    for t, image, world, seen in zip(
        track.times, track.image, track.world, track.confidence, strict=True
    ):
        frame = Landmarks(track.layout, image, world, seen)
        begin = time.perf_counter()
        solver.push(float(t), frame)
        taken.append(1000 * (time.perf_counter() - begin))
    return {"ms": statistics.median(taken), "p99_ms": float(np.percentile(taken, 99))}


def measure() -> dict[str, Any]:
    """All figures; peak memory comes from processes of their own, one for each length."""
    track = landmarks(max(*CLIPS, LIVE_FRAMES))
    figures: dict[str, Any] = {}
    for frames in CLIPS:
        clip = part(track, frames)
        figures[f"clip_{frames}"] = whole_clip(clip) | {"peak_mb": peak(clip)}
    for look_ahead in (0, 3):
        figures[f"live_{look_ahead}"] = live(part(track, LIVE_FRAMES), look_ahead)
    return figures


def part(track: LandmarkTrack, frames: int) -> LandmarkTrack:
    """The first frames of a track."""
    assert track.world is not None
    return replace(
        track,
        times=track.times[:frames],
        image=track.image[:frames],
        world=track.world[:frames],
        confidence=track.confidence[:frames],
    )


def peak(track: LandmarkTrack) -> float:
    """[MB] by how much solving a clip lifts the peak memory of a process that does nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "track.npz"
        np.savez(
            path, times=track.times, image=track.image, world=track.world,
            confidence=track.confidence, size=track.size,
        )  # fmt: skip
        code = f"from benchmarks.solve_speed import grown; print(grown({str(path)!r}))"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    done.check_returncode()
    return float(done.stdout.split()[-1])


def grown(path: str) -> float:
    """[MB] the same, in this process, for the track of a file."""
    with np.load(path) as data:
        size = (int(data["size"][0]), int(data["size"][1]))
        track = LandmarkTrack(
            MEDIAPIPE_POSE, data["times"], data["image"], data["world"], data["confidence"], size
        )
    before = _most_held()
    solve([track], Camera.from_fov(track.size))
    return _most_held() - before


def _most_held() -> float:
    """[MB] the most memory this process has held. From Linux: getrusage counts the parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return float(line.split()[1]) / 1024


def lines(figures: dict[str, Any]) -> list[str]:
    """The figures for people to read."""
    told = []
    for frames in CLIPS:
        of = figures[f"clip_{frames}"]
        told.append(
            f"solve, clip of {frames:6} frames  {of['ms']:6.2f} ms a frame "
            f"(at most {TARGETS['clip_ms']:g}), {of['peak_mb']:.0f} MB more"
        )
    for look_ahead in (0, 3):
        of = figures[f"live_{look_ahead}"]
        told.append(
            f"solve, live, {look_ahead} frames ahead  {of['ms']:6.2f} ms a frame, 99 % within "
            f"{of['p99_ms']:.2f} (at most {TARGETS['live_p99_ms']:g})"
        )
    return told


if __name__ == "__main__":
    found = measure()
    print("\n".join(lines(found)))
    print(json.dumps(found))
