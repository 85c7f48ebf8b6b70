"""What networks are taught by, as functions of tensors.

Joints are (..., J, 3) [m] in camera axes: x right, y down, z forward. Errors come as one number,
the mean over everything but the coordinates.
"""

from __future__ import annotations

from collections.abc import Sequence

from mocap.models.backend import torch

NEAREST = 1e-3  # [m] of depth; what is nearer has no direction
FARTHEST = 1.0  # [focal lengths] from the middle of the picture; what is beyond is cut off


def mpjpe(points: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Mean distance of points (..., D) from where they should be."""
    return torch.linalg.vector_norm(points - truth, dim=-1).mean()


def weighted_mpjpe(points: torch.Tensor, truth: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """The same, each distance (...) times a weight.

    With one over the depth as weight, errors of where people are count as they are seen: Pavllo
    et al., "3D human pose estimation in video with temporal convolutions", 2019.
    """
    return (torch.linalg.vector_norm(points - truth, dim=-1) * weight).mean()


def mse(points: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Mean of the squares of all coordinates; of the linear baseline and SemGCN."""
    return ((points - truth) ** 2).mean()


def velocity(points: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Mean error of the steps between the frames of (B, T, J, D)."""
    return mpjpe(torch.diff(points, dim=1), torch.diff(truth, dim=1))


def middle_and_all(middle: torch.Tensor, every: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """The loss of P-STMO: of the middle frame (B, 1, J, 3), and of all frames (B, T, J, 3)."""
    at = truth.shape[1] // 2
    return mpjpe(middle, truth[:, at : at + 1]) + mpjpe(every, truth)


def projected(points: torch.Tensor, lens: torch.Tensor) -> torch.Tensor:
    """Where points (..., 3) in camera axes are seen (..., 2).

    Args:
        points: those farther off than FARTHEST are seen there.
        lens: (..., 9) focal length and centre of x and y, in the unit of the result, three radial
            and two tangential coefficients as Human3.6M has them.
    """
    depth = points[..., 2:]
    depth = torch.where(depth.abs() < NEAREST, NEAREST, depth)
    plane = (points[..., :2] / depth).clamp(-FARTHEST, FARTHEST)
    focal, centre, radial, tangential = lens.split([2, 2, 3, 2], dim=-1)
    r2 = (plane**2).sum(dim=-1, keepdim=True)
    bent = 1 + (radial * torch.cat([r2, r2**2, r2**3], dim=-1)).sum(dim=-1, keepdim=True)
    bent = bent + (tangential * plane).sum(dim=-1, keepdim=True)
    return focal * (plane * bent + tangential * r2) + centre


def reprojection(
    joints: torch.Tensor, root: torch.Tensor, lens: torch.Tensor, seen: torch.Tensor
) -> torch.Tensor:
    """Mean distance in the picture between joints and the points (B, J, 2) they were seen at.

    Args:
        joints: (B, J, 3) about the root.
        root: (B, 1, 3) where that is from the camera.
        lens: (B, 9) as of `projected`.
        seen: in the unit of the lens.
    """
    return mpjpe(projected(joints + root, lens[:, None]), seen)


def bone_lengths(joints: torch.Tensor, bones: Sequence[tuple[int, int]]) -> torch.Tensor:
    """(N,) mean length of each bone, a pair of joints, over all poses (..., J, 3)."""
    a, b = (list(ends) for ends in zip(*bones, strict=True))
    lengths = torch.linalg.vector_norm(joints[..., a, :] - joints[..., b, :], dim=-1)
    return lengths.reshape(-1, len(bones)).mean(dim=0)


def bone_length_difference(
    known: torch.Tensor, unknown: torch.Tensor, bones: Sequence[tuple[int, int]]
) -> torch.Tensor:
    """How much the mean bone lengths of two sets of poses differ, on average."""
    return (bone_lengths(known, bones) - bone_lengths(unknown, bones)).abs().mean()
