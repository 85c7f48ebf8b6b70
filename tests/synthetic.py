"""People made of mathematics: a humanoid motion seen as 33 landmarks through a perfect camera."""

from __future__ import annotations

import numpy as np

from mocap import rotation, skeletons
from mocap.arrays import Array
from mocap.camera import Camera
from mocap.landmarks import MEDIAPIPE_POSE, LandmarkTrack
from mocap.motion import Motion

SIZE = (640, 720)
CAMERA = Camera.from_fov(SIZE, 60)
CAMERA_AT = np.array([0.0, 1.3, 4.0])  # in front of the person, level

# where a point lies in its bone [m]; mirrored for the right side
ON_BONES: dict[str, tuple[str, tuple[float, float, float]]] = {
    "nose": ("head", (0.0, 0.07, 0.12)),
    "left_eye_inner": ("head", (0.018, 0.11, 0.09)),
    "left_eye": ("head", (0.032, 0.11, 0.09)),
    "left_eye_outer": ("head", (0.046, 0.11, 0.085)),
    "left_ear": ("head", (0.08, 0.0932, -0.01)),
    "mouth_left": ("head", (0.024, 0.03, 0.09)),
    # estimators mark shoulders above the joints
    "left_shoulder": ("upperChest", (0.175, 0.152, 0.0)),
    "left_elbow": ("leftLowerArm", (0.0, 0.0, 0.0)),
    "left_wrist": ("leftHand", (0.0, 0.0, 0.0)),
    "left_pinky": ("leftHand", (0.08, 0.0, -0.03)),
    "left_index": ("leftHand", (0.08, 0.0, 0.03)),
    "left_thumb": ("leftHand", (0.05, 0.0, 0.06)),
    # estimators mark hips below and outside of the joints
    "left_hip": ("hips", (0.1035, -0.024, 0.0)),
    "left_knee": ("leftLowerLeg", (0.0, 0.0, 0.0)),
    "left_ankle": ("leftFoot", (0.0, 0.0, 0.0)),
    "left_heel": ("leftFoot", (0.0, -0.05, -0.06)),
    "left_foot_index": ("leftFoot", (0.0, -0.05, 0.18)),
}


def standing(times: Array, **locals_: Array) -> Motion:
    """The humanoid at the origin with arms down and some local rotations (T, 4) or (4,) set."""
    skeleton = skeletons.humanoid()
    q = rotation.identity(len(times), len(skeleton))
    for side, sign in (("left", -1.0), ("right", 1.0)):
        axis = np.array([0.0, 0.0, sign])
        q[:, skeleton.index(f"{side}UpperArm")] = rotation.axis_angle(axis, np.radians(70))
    for bone, local in locals_.items():
        q[:, skeleton.index(bone)] = local
    root = np.broadcast_to(skeleton.offsets[0], (len(times), 3))
    return Motion(skeleton, times, root, q)


def turn(axis: str, degrees: Array | float) -> Array:
    """Rotation about one of x, y, z."""
    return rotation.axis_angle(np.eye(3)["xyz".index(axis)], np.radians(degrees))


# where the joints are that estimators mark elsewhere
JOINTS = {
    "left_shoulder": ("leftUpperArm", (0.0, 0.0, 0.0)),
    "left_hip": ("leftUpperLeg", (0.0, 0.0, 0.0)),
}


def points_of(motion: Motion, marked: bool = True) -> Array:
    """(T, 33, 3) [m] world positions of the landmarks, as estimators mark them or in the joints."""
    places = ON_BONES if marked else ON_BONES | JOINTS
    positions, world = motion.fk()
    points = np.empty((len(motion), 33, 3))
    for k, name in enumerate(MEDIAPIPE_POSE.points):
        left = name.replace("right", "left")
        bone, offset = places[left]
        if name != left:
            bone, offset = bone.replace("left", "right"), (-offset[0], *offset[1:])
        i = motion.skeleton.index(bone)
        points[:, k] = positions[:, i] + rotation.rotate(world[:, i], np.array([offset]))
    return points


def seen(
    motion: Motion,
    camera: Camera = CAMERA,
    at: Array = CAMERA_AT,
    pitch: float = 0.0,
    marked: bool = True,
    roll: float = 0.0,
) -> LandmarkTrack:
    """The track a perfect estimator would give of a motion.

    Args:
        camera, at: the camera and where it is [m], looking along -Z.
        pitch: [degrees] how far it looks down.
        marked: whether hips and shoulders are seen where estimators mark them.
        roll: [degrees] how far what it sees is turned to the left.
    """
    tilt = rotation.mul(turn("z", roll), turn("x", pitch))
    view = rotation.rotate(tilt, points_of(motion, marked) - at)
    image = camera.project(view)
    hips = view[:, [MEDIAPIPE_POSE.index("left_hip"), MEDIAPIPE_POSE.index("right_hip")]]
    centred = view - hips.mean(axis=1, keepdims=True)
    # an estimator sees its crop straight ahead: undo the turn to the line of sight
    ray = rotation.unit(camera.rays(image).mean(axis=1))
    ahead = rotation.between(ray, np.array([0.0, 0.0, -1.0]))
    inside = ((image >= 0) & (image <= np.array(camera.size))).all(axis=-1)
    return LandmarkTrack(
        MEDIAPIPE_POSE,
        times=motion.times,
        image=image,
        world=rotation.rotate(ahead[:, None], centred),
        confidence=inside.astype(float),
        size=camera.size,
    )
