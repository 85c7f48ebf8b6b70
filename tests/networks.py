"""Networks for tests: weights and inputs that anyone makes alike, and small networks."""

from __future__ import annotations

import json
import math
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

GOLDEN = Path(__file__).parent / "golden" / "networks"
Numbers = NDArray[Any]

INPUTS = {  # of the golden outputs, as the original classes took them
    "videopose3d_27f": (2, 40, 17, 2),
    "pstmo_s_243f_L3": (2, 2, 243, 17, 1),
    "semgcn_16j_local": (4, 16, 2),
    "semgcn_repo_martinez_linear": (4, 32),
    "hoang_refiner_linear16": (4, 48),
}


@cache
def listings() -> dict[str, dict[str, list[int]]]:
    """Keys and shapes of every network."""
    told: dict[str, dict[str, list[int]]] = json.loads((GOLDEN / "listings.json").read_text())
    return told


def _random(text: str) -> np.random.RandomState:
    return np.random.RandomState(zlib.crc32(text.encode()))


def weight(key: str, shape: list[int]) -> Numbers:
    """Numbers of the size that such weights have, by their name."""
    random = _random(key)
    if "num_batches_tracked" in key:
        return np.zeros(shape, np.int64)
    if key.endswith("running_var"):
        return random.uniform(0.5, 1.5, shape).astype(np.float32)
    if key.endswith(("running_mean", "bias")) or "pos_embedding" in key:
        return np.asarray(0.1 * random.randn(*shape), np.float32)
    if len(shape) <= 1:
        return random.uniform(0.5, 1.5, shape).astype(np.float32)
    return np.asarray(random.randn(*shape) / math.sqrt(math.prod(shape[1:])), np.float32)


def state(name: str) -> dict[str, Numbers]:
    """Weights of a network of the listings."""
    return {key: weight(key, shape) for key, shape in listings()[name].items()}


def given(name: str) -> Numbers:
    """The input of a golden output."""
    return _random("input " + name).uniform(-1, 1, INPUTS[name]).astype(np.float32)


def filled(network: Any) -> Any:
    """A network of PyTorch with such weights, for lifting."""
    import torch

    torch.set_num_threads(1)
    own = network.state_dict()
    made = {k: torch.from_numpy(np.asarray(weight(k, list(v.shape)))) for k, v in own.items()}
    network.load_state_dict(made)
    return network.eval()
