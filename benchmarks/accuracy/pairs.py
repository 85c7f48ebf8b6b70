"""What the estimator says of rendered people, with the truth, for lifters to learn from.

    python -m benchmarks.render made_0-99 made
    python -m benchmarks.accuracy.pairs --rendered made --rendered FOLDER

Of clips that serve for tuning and of those drawn by chance; never of those for testing.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.accuracy import rendered
from benchmarks.accuracy.detections import CACHE
from benchmarks.accuracy.trial import Trial
from benchmarks.render.variety import PREFIX
from mocap.errors import NoPerson
from mocap.training.detections import FILE, Detection, save
from mocap.training.sessions import INDICES
from mocap.training.vectors import HEIGHT, HIPS


def detection(trial: Trial) -> Detection:
    """What was seen of a rendered person, and where the joints are."""
    view = trial.view
    joints = view[:, INDICES] - view[:, HIPS].mean(axis=1, keepdims=True)
    return Detection(trial.name, trial.track, trial.camera, joints * HEIGHT / trial.height)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--rendered", type=Path, action="append", default=[], metavar="FOLDER")
    parser.add_argument("--to", type=Path, default=FILE)
    options = parser.parse_args()
    tune, found = set(rendered.clips_of("tune")), []
    for folder in options.rendered or [options.cache / "rendered"]:
        for video in sorted(folder.glob("*.mp4")):
            name = video.stem
            if (name in tune or name.startswith(PREFIX)) and rendered.is_there(name, folder):
                try:
                    found.append(detection(rendered.rendered(name, folder, options.cache)))
                except NoPerson:
                    print(f"{name}: nobody was found")
    if not found:
        parser.error("no clips are there to learn from")
    save(found, options.to)
    frames = sum(len(one.track) for one in found)
    print(f"{options.to}: {len(found)} clips, {frames} frames")
    return 0


if __name__ == "__main__":
    sys.exit(main())
