"""Detections that are nobody: a table, a coat on a stand.

An estimator gives every thing that it takes for a person a body, and gives it a new one in each
frame. So two laws are broken at once that no person breaks together for long: bones keep their
length, and a body looks in the picture as it is in space. One alone proves nothing: who sits
behind a table has legs that are guesses, who is near looks distorted, who turns quickly is
measured badly.

It takes some frames in a row to tell. Of a whole take this is done afterwards, before people are
followed; live, of each person followed, from the last frames.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from mocap.arrays import Array
from mocap.detect import Sighting
from mocap.estimators.tracker import KEYPOINT_SIGMA, MATCH, similarity, size_of
from mocap.landmarks import Landmarks, Layout, Observation

LINES = [
    *(
        (f"{side}_{a}", f"{side}_{b}")
        for side in ("left", "right")
        for a, b in (
            ("shoulder", "elbow"),
            ("elbow", "wrist"),
            ("shoulder", "hip"),
            ("hip", "knee"),
            ("knee", "ankle"),
        )
    ),
    ("left_shoulder", "right_shoulder"),
    ("left_hip", "right_hip"),
]
GAP = 0.35  # [s] without a detection, after which a row of them ends
FEWEST = 4  # detections in a row, to tell anything
LATEST = 30  # detections in a row that live judgement looks at
FORGOTTEN = 60.0  # [s] out of sight, after which a judgement is forgotten
# Measured: people deviate by up to 0.14 in rows of ten and more, in shorter ones by up to 0.32
# while they fit their picture to 0.08, and by up to 0.12 where they do not fit it to 0.125. A
# table deviates by 0.14 to 0.40 and fits to 0.13 to 0.21.
UNSTEADY = 0.18  # deviation of the logarithm of a length, on average over the bones
UNLIKE = 0.125  # distance of the picture from the body, as a share of the size of the picture


def without_things(sightings: Sequence[Sighting]) -> list[Sighting]:
    """The sightings without detections that are nobody.

    If nobody were left, all stay: somebody badly seen is better than nobody.
    """
    things = {
        (frame, place)
        for row in rows(sightings)
        if is_thing([sightings[frame].people[place] for frame, place in row])
        for frame, place in row
    }
    if not things or len(things) == sum(len(s.people) for s in sightings):
        return list(sightings)
    return [
        replace(s, people=tuple(p for j, p in enumerate(s.people) if (i, j) not in things))
        for i, s in enumerate(sightings)
    ]


def rows(sightings: Sequence[Sighting]) -> Iterator[list[tuple[int, int]]]:
    """Detections that follow one another at one place: frame, and place in it, of each."""
    going: list[list[tuple[int, int]]] = []
    for i, sighting in enumerate(sightings):
        yield from (row for row in going if sighting.t - sightings[row[-1][0]].t > GAP)
        going = [row for row in going if sighting.t - sightings[row[-1][0]].t <= GAP]
        for j, person in enumerate(sighting.people):
            free = [row for row in going if row[-1][0] < i]
            alike = [_alike(sightings, row[-1], person) for row in free]
            if alike and max(alike) >= MATCH:
                free[int(np.argmax(alike))].append((i, j))
            else:
                going.append([(i, j)])
    yield from going


def _alike(sightings: Sequence[Sighting], last: tuple[int, int], person: Landmarks) -> float:
    before = sightings[last[0]].people[last[1]]
    weights = np.minimum(before.confidence, person.confidence) + 0.05
    size = size_of(before.image, before.confidence)
    return similarity(before.image, person.image, weights, size, KEYPOINT_SIGMA)


def is_thing(row: Sequence[Landmarks]) -> bool:
    """Whether detections that follow one another are of nobody."""
    worlds = [person.world for person in row if person.world is not None]
    if len(worlds) < max(len(row), FEWEST):
        return False
    world, image = np.array(worlds), np.array([person.image for person in row])
    return (
        length_deviation(world, row[0].layout) > UNSTEADY
        and float(np.median(misfit(world, image))) > UNLIKE
    )


@dataclass
class _Judgement:
    """Attributes:
    t: [s] of the last detection.
    row: the last ones that followed one another.
    person: whether it was last taken for a person; not before anything can be told.
    """

    t: float
    row: deque[Landmarks] = field(default_factory=lambda: deque(maxlen=LATEST))
    person: bool = False


class Doorkeeper:
    """Lets people in and keeps out what is nobody, live.

    Who is new waits for FEWEST detections, so that a mistake of a few frames is never let in.
    Who was judged before is taken for the same until there is more to tell.
    """

    def __init__(self) -> None:
        self._judged: dict[int, _Judgement] = {}

    def reset(self) -> None:
        """Forget everyone."""
        self._judged = {}

    def __call__(self, observation: Observation) -> Observation:
        """The observation without those who are not, or not yet, taken for people."""
        t = observation.t
        self._judged = {id: j for id, j in self._judged.items() if t - j.t <= FORGOTTEN}
        let_in = [p for p in observation.people if self._is_person(t, p)]
        return replace(observation, people=tuple(let_in))

    def _is_person(self, t: float, seen: Landmarks) -> bool:
        judgement = self._judged.setdefault(seen.person, _Judgement(t))
        if t - judgement.t > GAP:
            judgement.row.clear()
        judgement.t = t
        judgement.row.append(seen)
        if len(judgement.row) >= FEWEST:
            judgement.person = not is_thing(judgement.row)
        return judgement.person


def length_deviation(world: Array, layout: Layout) -> float:
    """Deviation of the logarithm of a bone's length, on average over the bones.

    Args:
        world: (T, K, 3) [m].
        layout: the names of the points.
    """
    ends = np.array([[layout.index(a), layout.index(b)] for a, b in LINES])
    lengths = np.linalg.norm(world[:, ends[:, 0]] - world[:, ends[:, 1]], axis=-1)
    return float(np.log(np.maximum(lengths, 1e-3)).std(axis=0).mean())


def misfit(world: Array, image: Array) -> Array:
    """(T,) how far image points are from where the body shows them from afar.

    Seen from afar, a body (weak perspective) is its points without depth, scaled and shifted.

    Args:
        world: (T, K, 3) [m] in view axes.
        image: (T, K, 2) [px].

    Returns:
        Root mean square of the distances, as a share of that of the points from their middle.
    """
    body = world[..., :2] * np.array([1.0, -1.0])
    body = body - body.mean(axis=1, keepdims=True)
    seen = image - image.mean(axis=1, keepdims=True)
    spread = np.maximum((body * body).sum(axis=(1, 2)), 1e-12)
    scale = (body * seen).sum(axis=(1, 2)) / spread
    off = seen - scale[:, None, None] * body
    size = np.maximum((seen * seen).sum(axis=(1, 2)), 1e-12)
    share: Array = np.sqrt((off * off).sum(axis=(1, 2)) / size)
    return share
