"""What a network takes and says, for teaching it: as its lifter has it, both ways."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mocap import layouts
from mocap.arrays import Array
from mocap.landmarks import Layout
from mocap.models.base import with_mirror_image
from mocap.models.lifters import NetworkLifter, on_screen
from mocap.models.opening import output_layout
from mocap.models.registry import architecture
from mocap.training.config import Config
from mocap.training.seen import Seen


class Form:
    """The language of a network.

    Args:
        config: names its architecture and layouts.
        network: itself; not run here.
    """

    def __init__(self, config: Config, network: Any) -> None:
        kind = architecture(config.architecture)
        self.inputs: Layout = layouts.by_name(config.inputs)
        self.outputs: Layout = output_layout(config.outputs)
        self.lifter: NetworkLifter | None = None
        if kind.lifter is not None:
            made = kind.lifter(
                network,
                lambda *_: None,
                name=config.architecture,
                licence="",
                inputs=self.inputs,
                outputs=self.outputs,
            )
            assert isinstance(made, NetworkLifter)
            self.lifter = made

    def features(self, seen: Seen) -> NDArray[np.float32]:
        """(2, T, ...) what goes into the network: of what was seen, and of its mirror image."""
        image, confidence = with_mirror_image(seen.image, seen.confidence, self.inputs, seen.size)
        if self.lifter is None:
            return on_screen(image, seen.size).astype(np.float32)
        return self.lifter.features(image, confidence, seen.size).astype(np.float32)

    def numbers(self, joints: NDArray[Any]) -> NDArray[np.float32]:
        """What the network should say of joints (..., J, 3) [m] about the root."""
        told = joints if self.lifter is None else self.lifter.numbers(joints)
        return told.astype(np.float32)

    def joints(self, numbers: NDArray[Any]) -> Array:
        """(B, J, 3) [m] about the root, of what the network says (B, ...) of single frames."""
        told = numbers.astype(np.float64)
        return told if self.lifter is None else self.lifter.joints(told)
