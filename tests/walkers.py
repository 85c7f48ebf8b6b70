"""People made of mathematics who stand on their feet: walks, jumps, squats and kicks in which it
is known exactly which foot stands and where."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from synthetic import standing, turn

from mocap import rotation
from mocap.arrays import Array, BoolArray
from mocap.landmarks import Landmarks, LandmarkTrack
from mocap.motion import Motion
from mocap.solve import LiveSolver

ANKLE = 0.07  # [m] over the floor, of a foot that stands
HIP = 0.09  # [m] sideways from the middle
LEG = 0.43  # [m] thigh and shin
GRAVITY = 9.81  # [m/s^2]
X, Y, Z = np.eye(3)


@dataclass(frozen=True)
class Walker:
    """Attributes:
    motion: what they do, y = 0 being the floor.
    stands: (T, 2) whether the left and the right foot stand.
    """

    motion: Motion
    stands: BoolArray


def smoothstep(u: Array) -> Array:
    u = np.clip(u, 0.0, 1.0)
    return u * u * (3 - 2 * u)


def on_feet(
    times: Array, root: Array, ankles: Array, heading: Array | float = 0.0, **locals_: Array
) -> Motion:
    """Someone with hips and ankles in given places and level feet; knees bend forwards.

    Args:
        root: (T, 3) [m] between the hips.
        ankles: (T, 2, 3) [m] left and right.
        heading: [degrees] (T,) or one; 90 faces +X.
        locals_: rotations of other bones; of the hips, on top of the heading.
    """
    facing = np.broadcast_to(turn("y", np.asarray(heading, dtype=float)), (len(times), 4))
    tip = np.broadcast_to(locals_.pop("hips", rotation.identity()), facing.shape)
    hips = rotation.mul(facing, tip)
    legs = {}
    for i, (side, sign) in enumerate((("left", 1.0), ("right", -1.0))):
        joint = root + rotation.rotate(hips, sign * HIP * X[None])
        way = rotation.rotate(rotation.inv(facing), ankles[:, i] - joint)
        far = np.linalg.norm(way, axis=1)
        assert far.max() < 2 * LEG, f"the {side} leg is too short by {far.max() - 2 * LEG:.3f} m"
        bend = np.degrees(np.arccos(far / (2 * LEG)))
        thigh = rotation.mul(rotation.between(-Y, way), turn("x", -bend))
        legs[f"{side}UpperLeg"] = rotation.mul(rotation.inv(tip), thigh)
        legs[f"{side}LowerLeg"] = turn("x", 2 * bend)
        legs[f"{side}Foot"] = rotation.inv(rotation.mul(thigh, turn("x", 2 * bend)))
    still = standing(times, hips=hips, **legs, **locals_)
    return replace(still, root=root)


def arms(times: Array, left: Array, right: Array) -> dict[str, Array]:
    """Rotations of arms that hang and swing forwards by so many degrees (T,)."""
    return {
        f"{side}UpperArm": rotation.mul(turn("x", -swing), turn("z", down))
        for side, swing, down in (("left", left, -80.0), ("right", right, 80.0))
    }


def walk(
    times: Array, travel: Array, heading: float = 0.0, steps: float = 1.8, lift: float = 0.12
) -> Walker:
    """Someone who walks along a line.

    Args:
        travel: (T,) [m] how far ahead, at any speed either way.
        heading: [degrees] where they face and walk; 90 is +X.
        steps: [Hz].
        lift: [m] of the foot in the middle of its swing.
    """
    duty, cycle = 0.6, 2.0 / steps
    ankles, stands = np.empty((len(times), 2, 3)), np.empty((len(times), 2), dtype=bool)
    for i, sign in enumerate((1.0, -1.0)):
        count, phase = np.divmod(times / cycle + 0.5 * i, 1.0)
        middle = (count - 0.5 * i + 0.5 * duty) * cycle  # of standing
        here, there = (np.interp(m, times, travel) for m in (middle, middle + cycle))
        swing = smoothstep((phase - duty) / (1 - duty))
        along = here + swing * (there - here)
        high = ANKLE + lift * np.sin(np.pi * swing) ** 2
        ankles[:, i] = np.stack([np.full(len(times), sign * HIP), high, along], axis=1)
        stands[:, i] = phase < duty
    root = np.stack([0 * times, np.full(len(times), 0.87), travel], axis=1)
    facing = turn("y", heading)
    swinging = 25 * np.sin(np.pi * steps * times)
    return Walker(
        on_feet(
            times,
            rotation.rotate(facing, root),
            rotation.rotate(facing, ankles),
            heading,
            **arms(times, -swinging, swinging),
        ),
        stands,
    )


def in_place(times: Array) -> Array:
    """(T, 2, 3) ankles of someone who stands."""
    return np.broadcast_to([[HIP, ANKLE, 0.0], [-HIP, ANKLE, 0.0]], (len(times), 2, 3)).copy()


def jump(times: Array, height: float = 0.35, begin: float = 0.8, crouch: float = 0.3) -> Walker:
    """Someone who crouches, jumps once as high as `height` [m], and lands."""
    speed = np.sqrt(2 * GRAVITY * height)
    up = 2 * speed / GRAVITY
    u = times - begin
    flying = np.where((u > 0) & (u < up), speed * u - 0.5 * GRAVITY * u**2, 0.0)
    stretched, usual = 0.925, 0.90
    # down, and up again as fast as the flight begins, all as one smooth curve each
    knots = [-0.6, -0.35, -0.2, 0.0]
    before = np.interp(u, knots, [usual, usual - crouch, usual - crouch, stretched])
    after = stretched - crouch * 0.6 * np.exp(-(u - up) / 0.25) * np.sin(
        np.clip((u - up) / 0.5, 0, 1) * np.pi
    )
    root = np.where(u <= 0, before, np.where(u < up, stretched + flying, after))
    ankles = in_place(times)
    ankles[..., 1] += flying[:, None]
    stands = np.repeat((flying == 0)[:, None], 2, axis=1)
    return Walker(on_feet(times, np.outer(root, Y), ankles), stands)


def squat(times: Array, depth: float = 0.5, period: float = 2.0) -> Walker:
    """Someone who goes down as deep as `depth` [m] and up again, both feet on the floor."""
    down = 0.5 - 0.5 * np.cos(2 * np.pi * times / period)
    root = np.stack([0 * times, 0.9 - depth * down, -0.2 * depth / 0.5 * down], axis=1)
    motion = on_feet(
        times,
        root,
        in_place(times),
        hips=turn("x", 35 * down),
        **arms(times, 60 * down, 60 * down),
    )
    return Walker(motion, np.ones((len(times), 2), dtype=bool))


def one_leg(times: Array, begin: float = 0.6, hold: float = 1.2, kick: bool = False) -> Walker:
    """Someone who lifts the left foot, holds it in the air, and puts it down again."""
    share = smoothstep((times - begin) / 0.3) * smoothstep((begin + hold + 0.6 - times) / 0.3)
    ankles = in_place(times)
    # the body comes over the foot that stands
    root = np.stack([-HIP * smoothstep((times - begin + 0.6) / 0.5)
                     * smoothstep((begin + hold + 1.2 - times) / 0.5),
                     np.full(len(times), 0.9), 0 * times], axis=1)  # fmt: skip
    ankles[:, 0] += np.outer(share, [0.0, 0.45, 0.55] if kick else [0.0, 0.35, -0.1])
    stands = np.ones((len(times), 2), dtype=bool)
    stands[:, 0] = share == 0
    return Walker(on_feet(times, root, ankles), stands)


def noisy(
    track: LandmarkTrack, seed: int, pixels: float = 2.0, metres: float = 0.03
) -> LandmarkTrack:
    """The track as a poor estimator gives it: every point a little off in every frame."""
    random = np.random.default_rng(seed)
    assert track.world is not None
    return replace(
        track,
        image=track.image + random.normal(0, pixels, track.image.shape),
        world=track.world + random.normal(0, metres, track.world.shape),
    )


def frames_of(track: LandmarkTrack) -> list[tuple[float, Landmarks | None]]:
    """The track as it comes live; None where the person is not there."""
    assert track.world is not None
    return [
        (float(t), Landmarks(track.layout, image, world, confidence) if confidence.any() else None)
        for t, image, world, confidence in zip(
            track.times, track.image, track.world, track.confidence, strict=True
        )
    ]


def lived(live: LiveSolver, track: LandmarkTrack) -> Motion:
    """The motion of a track through a live solver, which sees the person from the first frame."""
    poses = [live.push(t, landmarks) for t, landmarks in frames_of(track)]
    found = [pose for pose in poses if pose is not None] + live.flush()
    return Motion.from_poses(live.skeleton, found)
