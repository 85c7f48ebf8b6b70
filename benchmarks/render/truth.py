"""Exact truth of a clip: joints, landmarks, pixels, camera.

Written in the project's canonical frame: metres, right-handed, +y up, the character faces +z, its
left is +x. The renderer's own world is z-up; `CANONICAL` is the one place where the two meet.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .camera import project
from .clips import Clip
from .motions import MOTIONS
from .person import Person
from .pose import Solved, solve
from .skeleton import BONES, LANDMARK_NAMES, SIDES

CANONICAL = np.array([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]])  # renderer (x, y, z) -> (x, z, -y)
MAX_PIXEL_ERROR = 1e-2


@dataclass(frozen=True)
class Truth:
    """T frames, J = 21 joints, 33 landmarks. The fields are the arrays of the .npz file."""

    times: np.ndarray  # (T,) s
    names: np.ndarray  # (J,) VRM 1.0 humanoid names
    positions: np.ndarray  # (T, J, 3) m, world
    landmark_names: np.ndarray  # (33,) MediaPipe pose names
    landmarks: np.ndarray  # (T, 33, 3) m, world
    pixels: np.ndarray  # (T, 33, 2) px, (0, 0) is the picture's outer top left corner
    contacts: np.ndarray  # (T, 2) bool, left and right foot on the floor, on its sole, heel or ball
    K: np.ndarray  # (3, 3) for axes x right, y down, z forward
    camera_rotation: np.ndarray  # (3, 3) R: X_view = R (X_world - C); x right, y up, z to viewer
    camera_position: np.ndarray  # (3,) C, m
    size: np.ndarray  # (2,) width, height, px
    fps: float
    height: float  # of the person, m

    def save(self, path: Path) -> None:
        """Write a compressed .npz; tracks become float32, which keeps 1e-6 m."""
        self.check()
        arrays = dict(vars(self))
        for name in ("positions", "landmarks", "pixels"):
            arrays[name] = arrays[name].astype(np.float32)
        np.savez_compressed(path, **arrays)

    @classmethod
    def load(cls, path: Path) -> Truth:
        """Read a file written by `save`."""
        with np.load(path) as arrays:
            read = {name: arrays[name] for name in arrays.files}
        return cls(**{name: v if v.ndim else v.item() for name, v in read.items()})

    def check(self) -> float:
        """Largest distance in px between `pixels` and the projected `landmarks`; raises if off."""
        seen = project(self.landmarks, self.camera_rotation, self.camera_position, self.K)
        error = float(np.abs(seen - self.pixels).max())
        if not error < MAX_PIXEL_ERROR:
            raise ValueError(f"landmarks project {error:.3g} px off, allowed {MAX_PIXEL_ERROR} px")
        return error


def solve_clip(clip: Clip, person: Person) -> tuple[list[Solved], np.ndarray]:
    """The solved pose of every frame (reference height), and contacts (T, 2) bool."""
    solved, contacts = [], []
    for frame in range(clip.frames):
        pose = MOTIONS[clip.motion](frame / clip.fps, clip.seconds)
        solved.append(solve(person.joints, pose))
        contacts.append([pose.feet[side].lift < 1e-6 for side in SIDES])
    return solved, np.array(contacts)


def make_truth(
    clip: Clip,
    person: Person,
    solved: list[Solved],
    contacts: np.ndarray,
    size: tuple[int, int],
) -> Truth:
    """Truth of a clip filmed at `size` (width, height) px."""
    positions = np.array([[pose.positions[bone] for bone in BONES] for pose in solved])
    landmarks = np.array(
        [
            [
                pose.positions[bone] + pose.rotations[bone] @ (rest - person.joints[bone])
                for bone, rest in person.landmarks
            ]
            for pose in solved
        ]
    )
    landmarks = landmarks * person.scale
    camera, intrinsics = clip.camera, clip.camera.intrinsics(size)
    return Truth(
        times=np.arange(clip.frames) / clip.fps,
        names=np.array(BONES),
        positions=positions * person.scale @ CANONICAL.T,
        landmark_names=np.array(LANDMARK_NAMES),
        landmarks=landmarks @ CANONICAL.T,
        pixels=project(landmarks, camera.rotation(), camera.position(), intrinsics),
        contacts=contacts,
        K=intrinsics,
        camera_rotation=camera.rotation() @ CANONICAL.T,
        camera_position=CANONICAL @ camera.position(),
        size=np.array(size),
        fps=float(clip.fps),
        height=person.shape.height,
    )
