"""How fast capturing, files and starting are, each as a ratio measured in one run.

    python -m benchmarks.speed [--clip my.mp4] [--repeat 10] [--rounds 3] [--json speed.json]

Capturing is compared with the least that anybody can do: a loop of OpenCV's read and MediaPipe's
call on the same clip. The two take turns, so that a machine that slows down slows both.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import bvh, solve_speed
from mocap.capture import CaptureSettings, capture
from mocap.estimators.blazepose import quiet
from mocap.estimators.bundle import pose_bundle
from mocap.movie import save_movie
from mocap.sample import CLIP
from mocap.sources.video import VideoSource

TARGETS = {"sequential": 1.05, "parallel": 1 / 1.6}  # of the bare loop's time


def bare_loop(clip: Path) -> int:
    """Read with OpenCV, estimate with MediaPipe, throw away; returns the number of frames."""
    return sum(1 for _ in bare_frames(clip))


def bare_frames(clip: Path) -> Iterator[int]:
    """The bare loop frame by frame: the number of each, once it is done."""
    import cv2
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_buffer=pose_bundle()),
        running_mode=vision.RunningMode.VIDEO,
    )
    frames = 0
    with quiet(), vision.PoseLandmarker.create_from_options(options) as landmarker:
        video = cv2.VideoCapture(str(clip))
        while True:
            more, image = video.read()
            if not more:
                return
            picture = mp.Image(
                image_format=mp.ImageFormat.SRGB, data=cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
            )
            landmarker.detect_for_video(picture, frames * 33)
            yield frames
            frames += 1


def repeated(clip: Path, times: int, folder: Path) -> Path:
    """A longer video: the clip over and over."""
    with VideoSource(clip) as source:
        frames = list(source)
    step = frames[-1].t / max(len(frames) - 1, 1)
    longer = folder / "longer.mp4"
    save_movie(
        longer,
        (
            ((n * len(frames) + i) * step, frame.image)
            for n in range(times)
            for i, frame in enumerate(frames)
        ),
        1 / step,
    )
    return longer


def seconds(work: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def capturing(clip: Path, rounds: int, workers: int) -> dict[str, Any]:
    """Medians over the rounds of the times and of their ratios, pair by pair."""
    bare, alone, shared = [], [], []
    frames = bare_loop(clip)  # warms caches up
    for _ in range(rounds):
        bare.append(seconds(lambda: bare_loop(clip)))
        alone.append(seconds(lambda: capture(clip, CaptureSettings(workers=1))))
        shared.append(seconds(lambda: capture(clip, CaptureSettings(workers=workers))))
    ms = {name: 1000 * statistics.median(t) / frames for name, t in
          (("bare", bare), ("sequential", alone), ("parallel", shared))}  # fmt: skip
    ratios = {
        "sequential": statistics.median(np.divide(alone, bare)),
        "parallel": statistics.median(np.divide(shared, bare)),
    }
    return {"frames": frames, "workers": workers, "ms_per_frame": ms, "ratio_to_bare": ratios}


def starting(rounds: int) -> dict[str, float]:
    """[s] of `mocap --help`, and of a Python that does nothing."""
    run = [sys.executable, "-m", "mocap", "--help"]
    idle = [sys.executable, "-c", "pass"]

    def median(command: list[str]) -> float:
        return statistics.median(
            seconds(lambda: subprocess.run(command, capture_output=True, check=True))
            for _ in range(2 * rounds + 1)
        )

    return {"mocap_help_s": median(run), "python_s": median(idle)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clip", type=Path, default=CLIP)
    parser.add_argument(
        "--repeat", type=int, default=10, help="make the clip this many times longer"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--bvh", type=Path, help="also time this BVH file against pybvh")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        clip = repeated(arguments.clip, arguments.repeat, Path(folder))
        figures: dict[str, Any] = {
            "capture": capturing(clip, arguments.rounds, arguments.workers),
            "start": starting(arguments.rounds),
        }
    figures["solve"] = solve_speed.measure()
    if arguments.bvh is not None:
        figures["bvh"] = bvh.measure(arguments.bvh)

    of = figures["capture"]
    print(f"{of['frames']} frames            ms/frame   x bare loop")
    for name, ms in of["ms_per_frame"].items():
        ratio = of["ratio_to_bare"].get(name, 1.0)
        target = f"   (at most {TARGETS[name]:.3f})" if name in TARGETS else ""
        print(f"{name:20} {ms:9.2f} {ratio:11.3f}{target}")
    adds = figures["solve"]["clip_1800"]["ms"] / of["ms_per_frame"]["bare"]
    figures["solve"]["share_of_bare"] = adds
    print("\n".join(solve_speed.lines(figures["solve"])))
    print(f"the solve adds {100 * adds:.1f} % to the bare loop (at most 15)")
    start = figures["start"]
    print(f"mocap --help {start['mocap_help_s']:.3f} s (Python alone {start['python_s']:.3f} s)")
    if "bvh" in figures:
        for name, value in figures["bvh"].items():
            print(f"{name:28} {value:.4g}" if isinstance(value, float) else f"{name:28} {value}")
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
