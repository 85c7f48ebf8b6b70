"""Rendered clips without their pictures, and the laws that each of them keeps."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from benchmarks.render.clips import CLIPS
from benchmarks.render.person import Person
from benchmarks.render.pose import HEEL_BEHIND, Solved
from benchmarks.render.skeleton import PARENTS, SIDES
from benchmarks.render.truth import Truth, make_truth, solve_clip

RECORDED = ("salsa", "salsa_steps")  # of recorded motion: see test_render_dance.py


class Shown(NamedTuple):
    person: Person
    solved: list[Solved]
    truth: Truth


@lru_cache(maxsize=4)
def shown(name: str) -> Shown:
    clip = CLIPS[name]
    person = Person(clip.body)
    solved, contacts = solve_clip(clip, person)
    return Shown(
        person, solved, make_truth(clip, person, solved, contacts, clip.camera.scaled(1.0))
    )


def joint(truth: Truth, name: str) -> np.ndarray:
    return truth.positions[:, truth.names.tolist().index(name)]


def landmark(truth: Truth, name: str) -> np.ndarray:
    return truth.landmarks[:, truth.landmark_names.tolist().index(name)]


def heel(clip: Shown, side: str) -> np.ndarray:
    """(T, 3) where the heel touches the floor, m at the reference height, z up."""
    ankle = clip.person.joints[side + "Foot"]
    under = np.array([0.0, HEEL_BEHIND, -ankle[2]])
    foot = side + "Foot"
    return np.array([pose.positions[foot] + pose.rotations[foot] @ under for pose in clip.solved])


def check_clip(clip: Shown) -> None:
    """Laws of every clip: floor, contacts, bones."""
    truth = clip.truth
    assert truth.positions[..., 1].min() > 0
    assert truth.landmarks[..., 1].min() > 0
    lengths = np.stack(
        [
            np.linalg.norm(joint(truth, bone) - joint(truth, parent), axis=1)
            for bone, parent in PARENTS.items()
            if parent
        ]
    )
    np.testing.assert_allclose(lengths, lengths[:, :1] + 0 * lengths, atol=1e-9)
    for column, side in enumerate(SIDES):
        # In place is the ball, as long as the heel is up, or else the heel.
        ball = np.array([pose.positions[side + "Toes"] for pose in clip.solved])
        stays = truth.contacts[1:, column] & truth.contacts[:-1, column]
        moved = np.minimum(*(np.linalg.norm(np.diff(p[:, :2], axis=0), axis=1)
                             for p in (ball, heel(clip, side))))  # fmt: skip
        assert moved[stays].max(initial=0) < 1e-3
        low = np.minimum(ball[:, 2] - clip.person.joints[side + "Toes"][2], heel(clip, side)[:, 2])
        assert np.abs(low[truth.contacts[:, column]]).max(initial=0) < 1e-9
