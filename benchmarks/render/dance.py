"""Dance from recorded motion: the pose of the person fitted to 22 joints of motion capture.

The recordings (CMU Graphics Lab Motion Capture Database, joints at 60 Hz) are not part of this
package; `recordings` says where they are looked for. Trunk and head follow the recorded directions;
wrists and knees follow by inverse kinematics. Feet that are slow and low are planted: the ball then
keeps its place exactly, so what the truth calls a contact does not slide.

Units and frame as in `pose`; recordings are metres with +y up, and start in a T-pose facing +z.
"""

from __future__ import annotations

import json
import os
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.ndimage import binary_closing, binary_opening, gaussian_filter1d, label
from scipy.spatial.transform import Rotation

from .pose import Foot, Pose, straight_toes
from .reach import Reach
from .rotation import rot_z
from .skeleton import SIDES, rest_joints
from .timing import Motion

FOLDER_VARIABLE = "MOCAP_SHARED_DATA"
_FILES = ("motion/cmu_joints_60hz.npz", "motion/cmu_joints_60hz.json")
_RATE = 60.0

_SLOW, _LOW = 0.28, 0.03  # m/s and m over the floor: a foot below both is planted
_SHORTEST = 6  # frames of a contact; gaps up to half as long are closed
_MARGIN = 30  # frames before and after the part that is shown, to see contacts whole
_CLEARANCE = 0.004  # m between the floor and a foot that is not planted
_REST = rest_joints(0.178, 0.088)
_BENT = 0.03  # m: an elbow or knee nearer to the straight line also points where it usually does


class MissingRecording(Exception):
    """The recorded motion that a clip needs is not there."""


def recordings() -> Path:
    """The folder of recordings: $MOCAP_SHARED_DATA, or shared/data beside the repository."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    return Path(os.environ.get(FOLDER_VARIABLE) or beside)


@lru_cache(maxsize=8)
def _read(folder: Path, name: str) -> dict[str, np.ndarray]:
    """Joint -> positions (T, 3) m in the renderer's axes."""
    archive, description = (folder / file for file in _FILES)
    if not (archive.is_file() and description.is_file()):
        raise MissingRecording(
            f"needs recorded motion, found no {_FILES[0]} in {folder}; "
            f"--data or ${FOLDER_VARIABLE} can name the folder"
        )
    names = json.loads(description.read_text(encoding="utf-8"))["joints"]
    with np.load(archive) as clips:
        if name not in clips.files:
            raise MissingRecording(f"needs the recording {name!r}, which is not in {archive}")
        positions = clips[name].astype(float)
    positions = np.stack([positions[..., 0], -positions[..., 2], positions[..., 1]], axis=-1)
    return {joint: positions[:, i] for i, joint in enumerate(names)}


def _length(*joints: str) -> float:
    """Of the person's limb through these joints, m."""
    return sum(float(np.linalg.norm(_REST[b] - _REST[a])) for a, b in pairwise(joints))


def _frames(across: np.ndarray, up: np.ndarray) -> np.ndarray:
    """(T, 3, 3) turns from frame 0 of the axes with z `up` and x `across`, made square to it."""
    up = up / np.linalg.norm(up, axis=-1, keepdims=True)
    across = across - up * (across * up).sum(-1, keepdims=True)
    across = across / np.linalg.norm(across, axis=-1, keepdims=True)
    axes = np.stack([across, np.cross(up, across), up], axis=-1)
    return axes @ axes[0].T


def _between(start: np.ndarray, ends: np.ndarray) -> Rotation:
    """The smallest rotations from one direction (3,) to others (T, 3)."""
    start = start / np.linalg.norm(start)
    ends = ends / np.linalg.norm(ends, axis=1, keepdims=True)
    axis = np.cross(start, ends)
    sine = np.linalg.norm(axis, axis=1, keepdims=True)
    angle = np.arctan2(sine, ends @ start[:, None])
    return Rotation.from_rotvec(axis / np.maximum(sine, 1e-9) * angle)


def _bend_lean_turn(rotations: Rotation) -> np.ndarray:
    """(T, 3) degrees, as in `Pose`."""
    return rotations.as_euler("ZYX", degrees=True)[:, ::-1]


def _off_line(start: np.ndarray, middle: np.ndarray, end: np.ndarray) -> np.ndarray:
    """(T, 3) how far the middle joint of a limb lies off the straight line."""
    line = end - start
    line = line / np.linalg.norm(line, axis=1, keepdims=True)
    away = middle - start
    return away - line * (away * line).sum(1, keepdims=True)


def _planted(ball: np.ndarray, floor: float) -> np.ndarray:
    """(T,) bool: where a ball of the foot (T, 3) is slow and low."""
    speed = np.gradient(gaussian_filter1d(ball, 1.0, axis=0), 1 / _RATE, axis=0)
    found = (np.linalg.norm(speed, axis=1) < _SLOW) & (ball[:, 2] < floor + _LOW)
    found = binary_closing(np.pad(found, _SHORTEST, mode="edge"), np.ones(_SHORTEST // 2, bool))
    return binary_opening(found, np.ones(_SHORTEST, bool))[_SHORTEST:-_SHORTEST]


def _bridge(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """`values` (T, N) where `known` (T,), and straight from one to the next in between."""
    frames = np.arange(len(values))
    columns = [np.interp(frames, frames[known], column[known]) for column in values.T]
    return np.stack(columns, axis=-1)


class Recording:
    """`seconds` s of a recording from `start` s on, fitted to the person, its middle at `at`.

    `folder` is that of `recordings`; `yaw` turns the whole dance, in degrees. Raises
    `MissingRecording` where the recording is not there.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        start: float,
        seconds: float,
        yaw: float = 0.0,
        at: tuple[float, float] = (0.0, 0.0),
    ):
        joints = _read(folder, name)
        first = round(start * _RATE)
        last = first + round(seconds * _RATE) + 1
        self._first = min(first, _MARGIN)
        # Frame 0, a T-pose, stays in front: all turns are measured from it.
        part = np.r_[0, first - self._first : min(last + _MARGIN, len(joints["hips"]))]
        leg = _length("leftUpperLeg", "leftLowerLeg", "leftFoot")
        scale = leg / sum(
            float(np.linalg.norm(joints[a][0] - joints[b][0]))
            for a, b in (("l_hip", "l_knee"), ("l_knee", "l_ankle"))
        )
        shown = slice(first, last)
        middle = np.array([*np.ptp(joints["hips"][shown, :2], axis=0) / 2, 0.0])
        middle[:2] += joints["hips"][shown, :2].min(0)
        place = np.array([*at, 0.0])
        self._joints = {
            joint: scale * (track[part] - middle) @ rot_z(yaw).T + place
            for joint, track in joints.items()
        }
        self._fit_trunk(yaw)
        self._feet = {side: self._fit_foot(side) for side in SIDES}
        self._fit_hips()
        self._fit_limbs()

    def pose(self, t: float) -> Pose:
        """The pose at time t s: of the nearest frame, as clips have half the recordings' rate."""
        i = 1 + self._first + round(t * _RATE)
        bend, lean, turn = self._hips[i]
        pose = Pose(at=self._at[i], rise=self._rise[i], yaw=turn, roll=lean, tilt=bend)
        pose.spine, pose.chest = self._trunk[i], self._trunk[i]
        pose.neck, pose.head = self._head[i], self._head[i]
        for side in SIDES:
            pose.feet[side] = self._feet[side][i]
            pose.knees[side] = self._knees[side][i]
            pose.reaches[side] = Reach(self._wrists[side][i], self._elbows[side][i], "shoulder")
        return pose

    def _fit_trunk(self, yaw: float) -> None:
        """Directions of hips, chest and head; spine and chest, neck and head share their bend."""
        at = self._joints
        facing = Rotation.from_matrix(rot_z(yaw))
        hips = Rotation.from_matrix(_frames(at["l_hip"] - at["r_hip"], at["spine"] - at["hips"]))
        chest = Rotation.from_matrix(
            _frames(at["l_shoulder"] - at["r_shoulder"], at["neck"] - at["spine"])
        )
        hips, self._chest = hips * facing, chest * facing
        self._axes = hips.as_matrix()
        self._hips = _bend_lean_turn(hips)
        self._trunk = _bend_lean_turn((hips.inv() * self._chest) ** 0.5)
        head = self._chest.inv().apply(at["head_top"] - at["neck"])
        self._head = _bend_lean_turn(_between(head[0], head) ** 0.5)

    def _fit_foot(self, side: str) -> list[Foot]:
        """The foot in every frame."""
        ankle, toe = (self._joints[f"{side[0]}_{joint}"] for joint in ("ankle", "toe"))
        ahead = toe - ankle
        heading = np.degrees(np.unwrap(np.arctan2(ahead[:, 0], -ahead[:, 1])))
        heading[1:] = gaussian_filter1d(heading[1:], 2.0)
        slope = np.degrees(np.arcsin(-ahead[:, 2] / np.linalg.norm(ahead, axis=1)))
        pitch = slope - slope[0]  # frame 0 stands flat on its feet
        floor = float(np.percentile(toe[1:, 2], 10))
        planted = _planted(toe, floor)
        if not planted.any():
            raise ValueError(f"the {side} foot is never on the floor: choose another part")
        pitch = gaussian_filter1d(np.where(planted, np.maximum(pitch, 0.0), pitch), 2.0)
        moved = toe - [0.0, 0.0, floor]
        shift = np.zeros_like(moved)
        for number in range(1, label(planted)[1] + 1):
            stance = label(planted)[0] == number
            shift[stance] = [*moved[stance, :2].mean(0), 0.0] - moved[stance]
        moved = moved + _bridge(shift, planted)
        feet = []
        for i, (place, down) in enumerate(zip(moved, planted, strict=True)):
            lift = 0.0 if down else max(float(place[2]), _CLEARANCE)
            tilt = max(float(pitch[i]), 0.0) if down else float(pitch[i])
            toes = straight_toes(tilt, lift)
            feet.append(Foot(place[:2], float(heading[i]), tilt, toes, lift))
        return feet

    def _fit_hips(self) -> None:
        """Where the hips are, over feet that stand where they do in the recording."""
        at = self._joints
        middle = (at["l_hip"] + at["r_hip"]) / 2
        # As high over the ankle as recorded, of a foot whose ball is where planted balls are.
        toes = np.stack([at["l_toe"][:, 2], at["r_toe"][:, 2]])
        rest_ankle = at["l_ankle"][0, 2] - at["l_toe"][0, 2]
        ankle = np.percentile(toes[:, 1:], 10, axis=1).mean() + rest_ankle
        self._at = middle[:, :2]
        self._rise = middle[:, 2] - ankle - (_REST["leftUpperLeg"] - _REST["leftFoot"])[2]

    def _fit_limbs(self) -> None:
        """Where wrists go, and where elbows and knees point."""
        at = self._joints
        self._wrists, self._elbows, self._knees = {}, {}, {}
        reach = _length("leftUpperArm", "leftLowerArm", "leftHand")
        for side, x in SIDES.items():
            shoulder, elbow, wrist, hip, knee, ankle = (
                at[f"{side[0]}_{joint}"]
                for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
            )
            recorded = np.linalg.norm(elbow[0] - shoulder[0]) + np.linalg.norm(wrist[0] - elbow[0])
            self._wrists[side] = self._chest.inv().apply(wrist - shoulder) * reach / recorded
            usual = _BENT * np.array([0.3 * x, 1.0, -0.2])
            off = _off_line(shoulder, elbow, wrist)
            self._elbows[side] = self._chest.inv().apply(off) + usual
            usual = _BENT * np.array([0.1 * x, -1.0, 0.0])
            self._knees[side] = _off_line(hip, knee, ankle) + self._axes @ usual


def dance(
    name: str, start: float, yaw: float = 0.0, at: tuple[float, float] = (0.0, 0.0)
) -> Motion:
    """A motion that dances a recording from `start` s on, see `Recording`."""

    @lru_cache(maxsize=4)
    def recording(folder: Path, seconds: float) -> Recording:
        return Recording(folder, name, start, seconds, yaw, at)

    return lambda t, seconds: recording(recordings(), seconds).pose(t)


MOTIONS: dict[str, Motion] = {
    "salsa": dance("salsa_03", 10.45),
    "salsa_steps": dance("salsa_05", 18.0),
}
