"""A small corpus of motion: somebody made of sticks who swings arms and legs while turning."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

NAMES = (
    "hips", "r_hip", "r_knee", "r_ankle", "r_toe", "l_hip", "l_knee", "l_ankle", "l_toe", "spine",
    "thorax", "neck", "head", "head_top", "l_shoulder", "l_elbow", "l_wrist", "l_hand",
    "r_shoulder", "r_elbow", "r_wrist", "r_hand",
)  # fmt: skip
FPS = 30.0


def corpus(folder: Path, clips: int = 10, frames: int = 90) -> Path:
    """NAME.npz and NAME.json in a folder; clips are called walk_00, walk_01 ..."""
    rng = np.random.default_rng(7)
    every = {f"walk_{i:02d}": moving(frames, rng) for i in range(clips)}
    folder.mkdir(exist_ok=True)
    np.savez(folder / "walks.npz", **every)
    told = {"joints": NAMES, "clips": {name: {"fps": FPS} for name in every}}
    (folder / "walks.json").write_text(json.dumps(told), encoding="utf-8")
    return folder


def moving(frames: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """(T, 22, 3) [m] joints, +Y up."""
    t = np.arange(frames) / FPS
    at: dict[str, NDArray[np.float64]] = {}

    def put(name: str, start: str, length: float, lean: NDArray[np.float64], yaw: float) -> None:
        down = np.stack([np.sin(yaw) * np.cos(lean), -np.cos(lean) * np.cos(yaw), np.sin(lean)], 1)
        at[name] = at[start] + length * down

    def beside(name: str, start: str, x: float, y: float, z: float = 0.0) -> None:
        at[name] = at[start] + np.array([x, y, z])

    still = np.zeros(frames)
    at["hips"] = np.stack([still, 0.95 + 0.02 * np.sin(7 * t), still], axis=1)
    for name, start, y in (
        ("spine", "hips", 0.2), ("thorax", "spine", 0.28), ("neck", "thorax", 0.05),
        ("head", "neck", 0.08), ("head_top", "head", 0.18),
    ):  # fmt: skip
        beside(name, start, 0.0, y)
    for side, x in (("l", 1.0), ("r", -1.0)):
        swing, bend = rng.uniform(0.2, 0.9, 2)
        speed, phase = rng.uniform(2, 6), rng.uniform(0, 6)
        leg = swing * np.sin(speed * t + phase)
        beside(f"{side}_hip", "hips", 0.09 * x, -0.03)
        put(f"{side}_knee", f"{side}_hip", 0.43, leg, 0.05 * x)
        put(f"{side}_ankle", f"{side}_knee", 0.42, leg - bend * (1 + np.sin(speed * t)), 0.0)
        beside(f"{side}_toe", f"{side}_ankle", 0.0, -0.05, 0.14)
        beside(f"{side}_shoulder", "thorax", 0.18 * x, 0.0)
        yaw = rng.uniform(0.1, 1.2) * x
        put(f"{side}_elbow", f"{side}_shoulder", 0.28, -leg, yaw)
        put(f"{side}_wrist", f"{side}_elbow", 0.25, -leg + bend, yaw)
        put(f"{side}_hand", f"{side}_wrist", 0.08, -leg + bend, yaw)
    joints = np.stack([at[name] for name in NAMES], axis=1)
    turn = rng.uniform(0, 6) + rng.uniform(-1, 1) * t
    cos, sin = np.cos(turn)[:, None], np.sin(turn)[:, None]
    x, y, z = np.moveaxis(joints, -1, 0)
    return np.stack([cos * x + sin * z, y, cos * z - sin * x], axis=-1).astype(np.float32)
