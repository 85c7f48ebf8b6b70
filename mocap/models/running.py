"""Networks run by PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mocap.errors import EstimatorError, InvalidValue
from mocap.models.backend import nn, torch
from mocap.models.lifters import Run


class TorchRunner:
    """Makes networks into functions of arrays.

    Args:
        device: "cpu", "cuda", "cuda:1" ...; "auto" is a GPU if there is one.

    Attributes:
        runtime: as messages say it.

    Raises:
        InvalidValue: there is no such device.
    """

    runtime = "PyTorch"

    def __init__(self, device: str = "cpu") -> None:
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        try:
            self.device = torch.device(device)
            torch.zeros(1, device=self.device)
        except (RuntimeError, AssertionError) as error:
            reason = str(error).splitlines()[0]
            raise InvalidValue(f"cannot run networks on {device!r}: {reason}") from None

    def __call__(self, network: nn.Module, window: tuple[int, ...] = ()) -> Run:
        """The network, for lifting only; `window` as of Runner."""
        network = network.eval().requires_grad_(False).to(self.device)

        def run(features: NDArray[np.float32]) -> NDArray[np.float32]:
            try:
                with torch.inference_mode():
                    given = torch.from_numpy(features).to(self.device)
                    result: NDArray[np.float32] = network(given).cpu().numpy()
            except RuntimeError as error:
                reason = str(error).splitlines()[0]
                raise EstimatorError(f"the network failed on {self.device}: {reason}") from None
            return result

        return run


def tensors(state: dict[str, NDArray[Any]]) -> dict[str, torch.Tensor]:
    """Arrays as a state for `load_state_dict`."""
    return {key: torch.from_numpy(np.array(array)) for key, array in state.items()}
