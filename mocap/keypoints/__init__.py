"""Points that other detectors found: their files read as landmarks without depth.

`read_keypoints` tells the formats apart: folders of OpenPose JSON, results of AlphaPose, archives
of VideoPose3D, Detectron and video-to-pose3D.
"""

from mocap.keypoints.found import Keypoints
from mocap.keypoints.registry import is_keypoints, read_keypoints

__all__ = ["Keypoints", "is_keypoints", "read_keypoints"]
