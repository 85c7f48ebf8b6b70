"""The motion table: name -> function of (time s, length of the clip s) that returns a `Pose`.

Feet on the floor do not move except in steps. Units and frame as in `pose`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

import numpy as np

from . import crossing, dance, exercises, running
from .footsteps import Footsteps, Step, along_path, ease
from .pose import BALL_AHEAD, Pose, mix, stand_foot
from .rotation import rot_z
from .skeleton import SIDES
from .timing import Motion, breathe, key, wave


def bend_down(pose: Pose, depth: float) -> None:
    """Squat by `depth` (0 = standing, 1 = thighs level), arms out in front for balance."""
    pose.rise -= 0.40 * depth
    pose.at = pose.at + rot_z(pose.yaw)[:2, :2] @ [0.0, 0.13 * depth]
    pose.tilt += 28 * depth
    pose.spine = pose.spine + [10 * depth, 0, 0]
    pose.chest = pose.chest + [4 * depth, 0, 0]
    pose.neck = pose.neck + [-12 * depth, 0, 0]
    pose.head = pose.head + [-18 * depth, 0, 0]
    pose.knees_out += 12 * depth
    for arm in pose.arms.values():
        arm.flexion += 108 * depth
        arm.abduction -= arm.abduction * 0.5 * depth
        arm.elbow += 8 * depth


def raise_arms(pose: Pose, abduction: float, twist: float) -> None:
    """Both arms up sideways; the head follows the hands a little."""
    for arm in pose.arms.values():
        arm.abduction, arm.twist = abduction, twist
        arm.elbow += 6 * np.sin(np.radians(abduction))
    pose.head = pose.head + [-10 * np.clip((abduction - 95) / 75, 0, 1), 0, 0]


def arms(t: float, seconds: float) -> Pose:
    """Arms up sideways, overhead, down, then up in front."""
    pose, s = Pose(), 5 * t / seconds
    abduction, twist = key(s, (0, 9, 0), (0.9, 95, 0), (1.2, 95, 0), (2, 160, 40), (2.3, 160, 40),
                           (3.1, 9, 0), (5, 9, 0))  # fmt: skip
    raise_arms(pose, abduction, twist)
    (flexion,) = key(s, (0, 2), (3.1, 2), (3.9, 92), (4.3, 92), (5, 2))
    for arm in pose.arms.values():
        arm.flexion = flexion
    return breathe(pose, t)


def one_arm(t: float, seconds: float) -> Pose:
    """The right hand waves while the left one rests on the hip."""
    pose, s = Pose(), 5 * t / seconds
    abduction, elbow = key(s, (0, 9, 12), (0.8, 70, 100), (3, 70, 100), (3.8, 9, 12), (5, 9, 12))
    waving = np.clip(min(s - 0.6, 3.2 - s) / 0.3, 0, 1)
    right, left = pose.arms["right"], pose.arms["left"]
    right.abduction, right.twist = abduction, -80 * ease((abduction - 9) / 61)
    right.elbow = elbow + 18 * waving * wave(s, 1 / 1.6)
    left.abduction, left.elbow = key(s, (0, 9, 12), (1.2, 30, 90), (3.6, 30, 90), (4.6, 9, 12),
                                     (5, 9, 12))  # fmt: skip
    left.twist = 35 * ease((left.elbow - 12) / 78)
    pose.spine = np.array([0, 5 * wave(s, 5), 0])
    pose.head = np.array([0, -5 * waving, -8 * waving])
    return breathe(pose, t)


def squat(t: float, seconds: float) -> Pose:
    """Squats, one in about 2.5 s."""
    count = max(1, round(seconds / 2.5))
    (depth,) = key(count * t / seconds % 1, (0, 0), (0.42, 1), (0.55, 1), (0.95, 0), (1, 0))
    pose = Pose()
    pose.feet = {side: stand_foot(side, width=0.15, toe_out=14) for side in SIDES}
    bend_down(pose, float(depth))
    return breathe(pose, t)


def sit(t: float, seconds: float) -> Pose:
    """Sits down on a seat 0.45 m high and 0.4 m behind the heels, looks around, gets up."""
    s = 5 * t / seconds
    down, lean = key(s, (0, 0, 0), (0.4, 0, 0), (1.0, 0.5, 1), (1.7, 1, 0), (3.4, 1, 0),
                     (4.0, 0.5, 1), (4.7, 0, 0), (5, 0, 0))  # fmt: skip
    (look,) = key(s, (0, 0), (1.7, 0), (2.2, 30), (2.7, -25), (3.2, 0), (5, 0))
    pose = Pose()
    pose.at = np.array([0.0, 0.40 * down])
    pose.rise = -0.39 * down
    pose.tilt = 34 * lean - 6 * down
    pose.spine = np.array([10 * lean, 0, 0])
    pose.neck = np.array([-14 * lean, 0, 0.4 * look])
    pose.head = np.array([-10 * lean, 0, 0.6 * look])
    pose.feet = {side: stand_foot(side, width=0.12) for side in SIDES}
    for arm in pose.arms.values():
        arm.flexion, arm.elbow = 2 + 30 * lean + 22 * down, 12 + 42 * down
    return breathe(pose, t)


def jumping_jack(t: float, seconds: float) -> Pose:
    """Feet and arms apart and together again, with a hop each time."""
    period = 1.1
    hops, phase = divmod(2 * t / period, 1)
    air = np.clip((phase - 0.15) / 0.7, 0, 1)
    out = ease(air) if hops % 2 == 0 else 1 - ease(air)
    hop = 0.07 * 4 * air * (1 - air)
    pose = Pose(rise=hop - 0.02)
    for side, x in SIDES.items():
        foot = pose.feet[side]
        foot.ball = np.array([x * (0.09 + 0.24 * out), -BALL_AHEAD])
        foot.heading, foot.lift = x * (6 + 8 * out), hop
        foot.pitch, foot.toes = 28 * ease(hop / 0.07), 20 * ease(hop / 0.07)
        arm = pose.arms[side]
        arm.abduction, arm.twist = 10 + 150 * out, 30 * out
        arm.elbow = 14 + 10 * np.sin(np.pi * out)
    return breathe(pose, t)


def jump(t: float, seconds: float) -> Pose:
    """Crouch, jump about 0.25 m high, land softly; one jump in about 2.5 s."""
    count = max(1, round(seconds / 2.5))
    s = 2.5 * (count * t / seconds % 1)
    # Steady acceleration into the flight and out of it, matched to the flight's own speed.
    push, land = np.clip([(s - 0.68) / 0.27, (s - 1.40) / 0.22], 0, 1)
    air = np.clip((s - 0.95) / 0.45, 0, 1)
    height = 9.81 * 0.45**2 / 2 * air * (1 - air)
    (crouch,) = key(s, (0, 0), (0.62, 0.75)) * (1 - push**2)
    crouch += 0.6 * (1 - (1 - land) ** 2) * (1 - ease((s - 1.7) / 0.6))
    (heel,) = key(s, (0, 0), (0.75, 0), (0.95, 36), (1.2, 22), (1.4, 14), (1.52, 0), (2.5, 0))
    (swing,) = key(s, (0, 2), (0.62, -40), (1.05, 110), (1.4, 60), (2, 10), (2.5, 2))
    pose = Pose()
    bend_down(pose, float(crouch))
    pose.rise += height
    for side in SIDES:
        foot = pose.feet[side]
        foot.lift, foot.pitch = height, heel
        foot.toes = 0.8 * heel * ease(air / 0.2) * (1 - ease((air - 0.8) / 0.2))
        pose.arms[side].flexion = swing
    return breathe(pose, t)


def kick(t: float, seconds: float) -> Pose:
    """Front kicks, right and left in turn, one in about 1.7 s."""
    count = max(1, round(seconds / 1.7))
    turn = count * t / seconds
    leg, other = ("right", "left") if int(turn) % 2 == 0 else ("left", "right")
    s = turn % 1
    over, lift, reach = key(s, (0, 0, 0, 0), (0.22, 1, 0, -0.1), (0.42, 1, 0.48, 0.25),
                            (0.55, 1, 0.75, 0.85), (0.66, 1, 0.45, 0.3), (0.82, 0.8, 0, 0),
                            (1, 0, 0, 0))  # fmt: skip
    pose = Pose()
    pose.at = np.array([SIDES[other] * 0.07 * over, 0.06 * ease(lift / 0.6)])
    pose.tilt = -10 * ease(lift / 0.75)
    pose.spine = np.array([6 * ease(lift / 0.75), 0, 0])
    foot = pose.feet[leg]
    # The foot leaves the floor before it travels: nothing slides.
    foot.lift = lift
    foot.ball = foot.ball + [0, -reach * ease(lift / 0.3)]
    foot.pitch = 20 * ease(lift / 0.2) * (1 - ease((lift - 0.3) / 0.4))
    foot.toes = 0.8 * foot.pitch
    for side in SIDES:
        pose.arms[side].elbow = 12 + 70 * over
        pose.arms[side].flexion = 2 + (38 if side == other else 18) * over
    return breathe(pose, t)


def march(t: float, seconds: float) -> Pose:
    """Knees high, on the spot."""
    period = 1.1
    pose = Pose(rise=-0.01)
    for side, x, offset in (("left", 1, 0.0), ("right", -1, 0.5)):
        phase = (t / period + offset) % 1
        up = np.sin(np.pi * phase / 0.5) ** 2 if phase < 0.5 else 0.0
        foot = pose.feet[side]
        foot.ball = np.array([x * 0.088, -BALL_AHEAD - 0.10 * up])
        foot.lift, foot.toes = 0.30 * up, 10 * up
        foot.pitch = 30 * np.sin(np.pi * up / 2)
        opposite = pose.arms["right" if side == "left" else "left"]
        opposite.flexion, opposite.elbow, opposite.abduction = -12 + 55 * up, 35 + 45 * up, 10
    pose.at = np.array([-0.02 * wave(t, period), 0])
    return breathe(pose, t)


def lunge(t: float, seconds: float) -> Pose:
    """A lunge with the left leg, then one with the right."""
    s = 2 * t / seconds
    front, back = ("left", "right") if s < 1 else ("right", "left")
    s = s % 1 if s < 2 else 1.0
    (down,) = key(s, (0, 0), (0.4, 1), (0.55, 1), (0.95, 0), (1, 0))
    out = ease(s / 0.3) * (1 - ease((s - 0.65) / 0.3))
    pose = Pose(at=np.array([0, -0.28 * out]), rise=-0.26 * down, tilt=6 * down)
    pose.feet[front].ball = np.array([SIDES[front] * 0.10, -BALL_AHEAD - 0.62 * out])
    pose.feet[front].lift = 0.10 * 4 * out * (1 - out)
    pose.feet[back].pitch = 38 * down
    for arm in pose.arms.values():
        arm.abduction, arm.elbow, arm.twist, arm.flexion = 25, 12 + 70 * down, 40 * down, 8 * down
    return breathe(pose, t)


def _walker(
    path: Callable[[float, float], tuple[float, float, float]], stride_time: float
) -> Motion:
    """A motion along path(time, seconds) -> hips' (x, y, yaw); `stride_time` s for two steps."""

    @lru_cache(maxsize=8)
    def footsteps(seconds: float) -> Footsteps:
        return along_path(lambda t: path(t, seconds), seconds, stride_time)

    def motion(t: float, seconds: float) -> Pose:
        pose = Pose(rise=-0.008, tilt=3)
        footsteps(seconds).apply(pose, t)
        return breathe(pose, t)

    return motion


def _line(t: float, seconds: float) -> tuple[float, float, float]:
    """Across the picture, from the person's right to the left."""
    return 0.62 * (t - seconds / 2), 0.0, 80.0


def _circle(t: float, seconds: float) -> tuple[float, float, float]:
    """Once around a circle of 0.55 m radius."""
    angle = 2 * np.pi * t / seconds
    return 0.55 * np.sin(angle), 0.1 - 0.55 * np.cos(angle), 90 + np.degrees(angle)


def _full_turn(t: float, seconds: float) -> tuple[float, float, float]:
    """All the way round on the spot."""
    return 0.0, 0.0, 360 * ease((t - 0.4) / (seconds - 1.0))


walk_across = _walker(_line, 1.25)
walk_circle = _walker(_circle, 1.1)
turn = _walker(_full_turn, 0.95)

_TOUR = Footsteps(
    [
        # Three steps toward the camera and to the person's left.
        Step("left", 2.25, 2.64, (0.02, 0.20)),
        Step("right", 2.74, 3.16, (0.13, -0.14)),
        Step("left", 3.26, 3.62, (0.19, -0.25)),
        # A turn to the left in two steps, which also close the feet, and back with them wider.
        Step("left", 3.90, 4.24, (0.19, -0.25), yaw=70),
        Step("right", 4.28, 4.66, (0.19, -0.25), yaw=70),
        Step("right", 4.95, 5.31, (0.16, -0.25), yaw=0, width=0.145),
        Step("left", 5.35, 5.70, (0.16, -0.25), yaw=0, width=0.145),
    ],
    start=(-0.12, 0.45),
    width=0.11,
)


def tour(t: float, seconds: float) -> Pose:
    """Arms up, a few steps, a quarter turn and back, a squat: what a first look should see."""
    pose = Pose()
    for arm in pose.arms.values():
        arm.abduction = 16
    _TOUR.apply(pose, t)
    abduction, twist = key(t, (0, 16, 0), (0.5, 16, 0), (1.25, 142, 25), (1.5, 142, 25),
                           (2.3, 16, 0), (99, 16, 0))  # fmt: skip
    raise_arms(pose, abduction, twist)
    (depth,) = key(t, (0, 0), (5.6, 0), (6.15, 0.9), (6.25, 0.9), (6.82, 0), (99, 0))
    bend_down(pose, float(depth))
    return breathe(pose, t)


_APPROACH = Footsteps(
    [
        Step(("left", "right")[i % 2], 0.3 + 0.54 * i, 0.3 + 0.54 * i + 0.44, (0.0, 0.75 - 0.5 * i))
        for i in range(4)
    ]
    + [Step("left", 2.46, 2.84, (0.0, -0.75))],
    start=(0.0, 1.0),
)


def come_close(t: float, seconds: float) -> Pose:
    """Walks toward the camera, stops, beckons with one hand, then spreads both arms."""
    pose = Pose(rise=-0.006)
    _APPROACH.apply(pose, t)
    walking = ease((t - 0.2) / 0.5) * (1 - ease((t - 2.3) / 0.6))
    pose.tilt += 3 * walking
    keys = ((0, 0, 0, 0), (2.7, 0, 0, 0), (3.2, 4, 42, 68), (4.0, 4, 42, 68), (4.6, 46, 18, 30))
    abduction, flexion, elbow = key(t, *keys, (99, 46, 18, 30))
    (other,) = key(t, (0, 0), (3.9, 0), (4.6, 1), (99, 1))
    beckoning = np.clip(min(t - 3.1, 4.1 - t) / 0.2, 0, 1)
    right, left = pose.arms["right"], pose.arms["left"]
    right.abduction += abduction
    right.flexion += flexion
    right.elbow += elbow + 22 * beckoning * wave(t, 0.5)
    left.abduction += 46 * other
    left.flexion += 18 * other
    left.elbow += 30 * other
    return breathe(pose, t)


def sequence(*parts: tuple[Motion, float], pause: float = 0.6) -> Motion:
    """Motions of the given seconds, one after the other, with `pause` s to change between them."""

    def motion(t: float, seconds: float) -> Pose:
        total = sum(length for _, length in parts) + pause * (len(parts) - 1)
        t = min(t * total / seconds, total)
        for (now, length), (following, next_length) in pairwise(parts):
            if t <= length:
                return now(t, length)
            if t < length + pause:
                u = (t - length) / pause
                return _change(now(length, length), following(0.0, next_length), u)
            t -= length + pause
        last, length = parts[-1]
        return last(min(t, length), length)

    return motion


def _change(a: Pose, b: Pose, u: float) -> Pose:
    """Mix two poses; the left foot steps over in the first half, the right one in the second."""
    pose = mix(a, b, ease(u))
    for side, start in (("left", 0.0), ("right", 0.5)):
        v = np.clip((u - start) / 0.5, 0, 1)
        foot = mix(a.feet[side], b.feet[side], ease(v))
        moved = np.linalg.norm(b.feet[side].ball - a.feet[side].ball)
        foot.lift += 0.05 * min(1.0, moved / 0.05) * np.sin(np.pi * v) ** 2
        pose.feet[side] = foot
    return pose


MOTIONS: dict[str, Motion] = {
    "arms": arms,
    "one_arm": one_arm,
    "squat": squat,
    "sit": sit,
    "jumping_jack": jumping_jack,
    "jump": jump,
    "kick": kick,
    "march": march,
    "lunge": lunge,
    "walk_across": walk_across,
    "walk_circle": walk_circle,
    "turn": turn,
    "tour": tour,
    "come_close": come_close,
    "medley": sequence((arms, 3.2), (squat, 2.2), (jumping_jack, 2.2), (turn, 3.4)),
    **running.MOTIONS,
    **crossing.MOTIONS,
    **exercises.MOTIONS,
    **dance.MOTIONS,
}
