"""Draws solve.png, the picture of docs/solve.md: python docs/images/solve.py"""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from mocap.solve.body import BONES, CHAINS, LENGTHS, OF_LENGTH, POINTS, REST, TEMPLATE, reached
from mocap.solve.estimate import SHARED, UNKNOWNS

INK, SOFT, FAINT = "#1d2331", "#677085", "#e3e6ee"
TURN = np.radians(35)  # the body is seen from its front and right
FRAMES = 7  # drawn of the matrix


def flat(points: np.ndarray) -> np.ndarray:
    """Points (..., 3) [m] on the paper (..., 2), seen from a little above."""
    x, y, z = np.moveaxis(points, -1, 0)
    across = x * np.cos(TURN) + z * np.sin(TURN)
    return np.stack([across, y + 0.18 * (x * np.sin(TURN) - z * np.cos(TURN))], axis=-1)


def directions() -> np.ndarray:
    """(B, 3) of someone with arms and legs apart, so that they hide nothing."""
    apart = {"upper_arm": (0.6, -0.8, 0.35), "forearm": (0.45, -0.8, 0.35), "thigh": (0.2, -1, 0.1),
             "shin": (0.1, -1, -0.1)}  # fmt: skip
    lifted = REST.copy()
    for i, (name, length) in enumerate(BONES):
        if length in apart:
            lifted[i] = apart[length] * np.array([1 if name.startswith("left") else -1, 1, 1])
    return lifted / np.linalg.norm(lifted, axis=1, keepdims=True)


def body(ax: Axes) -> None:
    lengths = np.array(list(TEMPLATE.values()))
    root = np.array([0.0, 0.925, 0.0])
    joints = dict(zip(POINTS, reached(root, directions(), lengths), strict=True))
    joints["root"] = root
    joints["neck"] = root + lengths[LENGTHS.index("spine")] * directions()[1]
    colours = plt.get_cmap("tab10")(np.arange(len(LENGTHS)))
    ends = bone_ends()
    for i, (name, _) in enumerate(BONES):
        start, end = (flat(joints[p]) for p in ends[name])
        ax.annotate(
            "", end, start,
            arrowprops={"arrowstyle": "-|>", "lw": 3, "color": colours[OF_LENGTH[i]],
                        "shrinkA": 0, "shrinkB": 0, "mutation_scale": 13},
        )  # fmt: skip
    corners = [(-0.85, 0, -0.6), (0.85, 0, -0.6), (0.85, 0, 0.75), (-0.85, 0, 0.75)]
    ax.fill(*flat(np.array(corners)).T, color=FAINT, zorder=0)
    halves = flat(np.stack([root, joints["right_hip"]]))
    ax.plot(*halves.T, lw=3, color=colours[LENGTHS.index("hip")], zorder=2)
    ax.plot(*flat(root), "o", ms=7, color=INK, zorder=5)
    camera = np.array([1.25, 1.02])
    for point in ("left_wrist", "left_ankle"):
        ax.plot(*np.stack([camera, flat(joints[point])]).T, ls=":", lw=1.2, color=SOFT, zorder=1)
    ax.plot(*camera, marker="s", ms=14, color=INK)
    ax.annotate("", (0.82, 0.58), (0.82, 0.02), arrowprops={"arrowstyle": "-|>", "color": INK})
    notes = [
        (flat(root), (-1.36, 1.02), "root\n3 numbers a frame"),
        (flat((joints["right_knee"] + joints["right_hip"]) / 2), (-1.36, 0.62),
         f"each of {len(BONES)} bones\na direction: 2 numbers a frame"),
        (flat((joints["left_elbow"] + joints["left_shoulder"]) / 2), (0.42, 1.62),
         f"{len(LENGTHS)} lengths (colours)\nfor both sides and all frames"),
    ]  # fmt: skip
    for at, place, said in notes:
        ax.annotate(
            said, at, place, color=INK, fontsize=10, va="center",
            arrowprops={"arrowstyle": "-", "color": SOFT, "lw": 0.8, "relpos": (0.5, 0.5)},
        )  # fmt: skip
    ax.text(0.88, 0.3, "up and the floor,\nfor all frames", color=INK, fontsize=10, va="center")
    ax.text(1.25, 1.17, "camera\nfocal length", color=INK, fontsize=10, ha="center")
    ax.set(xlim=(-1.4, 1.65), ylim=(-0.25, 1.85), aspect="equal")
    ax.axis("off")


def bone_ends() -> dict[str, tuple[str, str]]:
    """The two joints of each bone."""
    ends = {"hip": ("root", "left_hip"), "spine": ("root", "neck"), "head": ("neck", "head")}
    for name, _ in BONES[3:]:
        end = next(p for p in POINTS if list(CHAINS[p])[-1] == name)
        before = [p for p in POINTS if CHAINS[p] == dict(list(CHAINS[end].items())[:-1])]
        ends[name] = (before[0] if before else "neck", end)
    return ends


def matrix(ax: Axes) -> None:
    every = FRAMES + 0.7
    for i in range(FRAMES):
        ax.add_patch(Rectangle((i, i), 1, 1, color="#2a70b8"))
        if i + 1 < FRAMES:
            for at in ((i + 1, i), (i, i + 1)):
                ax.add_patch(Rectangle(at, 1, 1, color="#2a70b8", alpha=0.5))
        if i + 2 < FRAMES:
            for x, y in ((i + 2, i), (i, i + 2)):
                ax.plot([x, x + 1], [y, y + 1], color="#2a70b8", lw=2)
    for at, size in (((FRAMES, 0), (0.7, FRAMES)), ((0, FRAMES), (FRAMES, 0.7))):
        ax.add_patch(Rectangle(at, *size, color="#d65f26", alpha=0.45))
    ax.add_patch(Rectangle((FRAMES, FRAMES), 0.7, 0.7, color="#d65f26"))
    ax.add_patch(Rectangle((0, 0), every, every, fill=False, color=INK))
    ax.text(0.1, -0.25, f"frames, {UNKNOWNS} unknowns each", color=INK, fontsize=10)
    ax.text(every, -0.25, f"{SHARED} shared", color="#a8430f", fontsize=10, ha="right")
    ax.set(xlim=(-0.1, every + 0.1), ylim=(every + 0.1, -0.7), aspect="equal")
    ax.axis("off")


def main() -> None:
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.6), width_ratios=(1.5, 1))
    body(left)
    matrix(right)
    figure.tight_layout()
    figure.savefig(Path(__file__).with_suffix(".png"), dpi=110, facecolor="white")


if __name__ == "__main__":
    main()
