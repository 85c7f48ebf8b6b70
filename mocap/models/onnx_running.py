"""Networks run by ONNX Runtime, which an extra brings, where that is faster than PyTorch.

It is for networks that see one window of frames, at whose inputs of always the same shape it wins;
over clips of any length, which the dilated VideoPose3D takes at once, the two are equally fast, and
PyTorch keeps them. `benchmarks/lifter_speed.py` measures both, docs/weights.md tells the figures.
"""

from __future__ import annotations

import io
import warnings

import numpy as np
from numpy.typing import NDArray

from mocap.errors import EstimatorError, MissingExtra
from mocap.models.backend import nn, torch
from mocap.models.lifters import Run
from mocap.models.registry import Runner

RUNTIME = "ONNX Runtime"
AGREE = 1e-4  # what two ways to run a network may differ by
OPERATORS = 17  # version of ONNX's set of them: one that all versions of both packages know
CPU = ["CPUExecutionProvider"]


class OnnxRunner:
    """Makes networks into functions of arrays that run on the CPU.

    Args:
        other: what runs the networks that ONNX Runtime would not run faster, or not alike.

    Attributes:
        runtime: what runs the networks that were made, as messages say it.
    """

    def __init__(self, other: Runner) -> None:
        self.runtime = other.runtime
        self._other = other

    def __call__(self, network: nn.Module, window: tuple[int, ...] = ()) -> Run:
        """The network, for lifting only; `window` as of Runner."""
        run = self._other(network, window)
        if not window:
            return run
        try:
            faster = converted(network, window)
            if not alike(run, faster, window):
                return run
        except Exception:  # not installed, or an export may raise anything: it runs without
            return run
        self.runtime = RUNTIME
        return faster


def converted(network: nn.Module, window: tuple[int, ...]) -> Run:
    """A network, run by ONNX Runtime with as many threads as PyTorch now has.

    Args:
        network: ready for lifting, on the CPU.
        window: the shape of one input.

    Raises:
        MissingExtra: ONNX Runtime is not installed.
        Exception: of any kind, if the network uses something that cannot be exported.
    """
    try:
        import onnx  # noqa: F401  PyTorch's export needs it
        import onnxruntime
    except ImportError:
        raise MissingExtra("onnxruntime", "onnx", "running networks by ONNX Runtime") from None
    model = io.BytesIO()
    with warnings.catch_warnings():
        # It knows a newer export, which takes ten times as long and more packages, and warns of
        # each size that it takes for a constant.
        warnings.simplefilter("ignore")
        torch.onnx.utils.export(
            network,
            (torch.zeros(2, *window),),
            model,
            input_names=["windows"],
            output_names=["joints"],
            dynamic_axes={"windows": {0: "batch"}, "joints": {0: "batch"}},
            opset_version=OPERATORS,
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.inter_op_num_threads = 1
    # threads that have nothing to do sleep: the estimator's own need the cores
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(model.getvalue(), options, providers=CPU)

    def run(features: NDArray[np.float32]) -> NDArray[np.float32]:
        try:
            result: NDArray[np.float32] = session.run(None, {"windows": features})[0]
        except Exception as error:  # its errors have no class in common
            reason = str(error).splitlines()[0]
            raise EstimatorError(f"the network failed in {RUNTIME}: {reason}") from None
        return result

    return run


def alike(one: Run, other: Run, window: tuple[int, ...]) -> bool:
    """Whether two ways to run a network give the same within 1e-4, for any number of windows."""
    random = np.random.default_rng(0)
    for batch in (1, 3):
        features = random.uniform(-1, 1, (batch, *window)).astype(np.float32)
        a, b = one(features), other(features)
        if a.shape != b.shape or not np.abs(a - b).max() <= AGREE:
            return False
    return True
