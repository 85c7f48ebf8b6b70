"""Networks run by ONNX Runtime give what PyTorch gives, or are run by PyTorch."""

from __future__ import annotations

import builtins
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networks
import numpy as np
import pytest
from networks import Numbers

torch = pytest.importorskip("torch", reason="an extra brings PyTorch")
torch.set_num_threads(1)

from small_lifters import SIZE, clip, small  # noqa: E402

from mocap import weights  # noqa: E402
from mocap.errors import EstimatorError, MissingExtra  # noqa: E402
from mocap.models import LiveLifter, onnx_running, open_lifter  # noqa: E402
from mocap.models.base import PointLifter  # noqa: E402
from mocap.models.lifters import Run  # noqa: E402
from mocap.models.onnx_running import OnnxRunner, alike, converted  # noqa: E402
from mocap.models.opening import NOTE, fastest_runner  # noqa: E402
from mocap.models.registry import ARCHITECTURES  # noqa: E402
from mocap.models.running import TorchRunner  # noqa: E402
from mocap.models.safetensors import dump_safetensors  # noqa: E402
from mocap.models.videopose3d import TemporalModel  # noqa: E402

WINDOWS: dict[str, dict[str, Any]] = {
    "martinez": {}, "semgcn": {}, "semgcn-nonlocal": {}, "semgcn-linear": {}, "causal": {},
    "trajectory": {"causal": True}, "pstmo": {},
}  # fmt: skip


def saved(folder: Path, **settings: Any) -> str:
    """The path of a small VideoPose3D with these settings, as `mocap weights import` keeps it."""
    network = networks.filled(TemporalModel(17, 17, channels=12, **settings))
    state = {key: tensor.numpy() for key, tensor in network.state_dict().items()}
    told = {"causal": True} if network.causal else {}
    entry = weights.Entry(
        "small",
        architecture="videopose3d",
        inputs="coco17",
        outputs="h36m17",
        licence="MIT",
        settings=told,
    )
    path = folder / "small.safetensors"
    path.write_bytes(dump_safetensors(state, {NOTE: json.dumps(entry.to_dict())}))
    return str(path)


@pytest.fixture
def runtime() -> Any:
    """ONNX Runtime; the test is skipped where it is not installed."""
    pytest.importorskip("onnx", reason="an extra brings ONNX")
    return pytest.importorskip("onnxruntime", reason="an extra brings ONNX Runtime")


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> None:
    """ONNX Runtime is not installed."""
    real = builtins.__import__

    def refuse(name: str, *others: Any) -> Any:
        if name.split(".")[0] in ("onnx", "onnxruntime"):
            raise ImportError(name)
        return real(name, *others)

    monkeypatch.setattr(builtins, "__import__", refuse)


@pytest.mark.usefixtures("runtime")
@pytest.mark.parametrize("name", WINDOWS)
def test_every_network_of_windows_lifts_alike(name: str) -> None:
    runner = OnnxRunner(TorchRunner())
    faster = small(name, runner, **WINDOWS[name])
    assert runner.runtime == "ONNX Runtime"
    lifter = small(name, **WINDOWS[name])
    points = clip(lifter, 40)
    for flip in (False, True):
        expected = lifter.lift(*points, SIZE, flip=flip)
        np.testing.assert_allclose(faster.lift(*points, SIZE, flip=flip), expected, atol=1e-4)
        if not lifter.causal:
            continue
        live = LiveLifter(faster, flip=flip)
        for image, confidence, joints in zip(*points, expected, strict=True):
            np.testing.assert_allclose(live(image, confidence, SIZE), joints, atol=1e-4)


@pytest.mark.usefixtures("runtime")
@pytest.mark.parametrize("name", ["videopose3d_27f", "semgcn_16j_local", "pstmo_s_243f_L3"])
def test_outputs_are_those_of_the_original_class(name: str) -> None:
    golden = np.load(networks.GOLDEN / f"{name}.npz")
    given = networks.given(name)
    architecture, key = name.split("_")[0], "output"
    if architecture == "pstmo":
        given, key = given[..., 0].transpose(0, 2, 3, 1), "output_0"
    kind = ARCHITECTURES[architecture]
    shapes = {k: tuple(v) for k, v in networks.listings()[name].items()}
    network = networks.filled(kind.build(kind.read(shapes))).requires_grad_(False)
    found = converted(network, given.shape[1:])(np.ascontiguousarray(given))
    if architecture == "pstmo":
        found = found.transpose(0, 3, 1, 2)[..., None]
    np.testing.assert_allclose(found, golden[key], atol=1e-4)


@pytest.mark.usefixtures("runtime")
def test_it_has_as_many_threads_as_pytorch(monkeypatch: pytest.MonkeyPatch, runtime: Any) -> None:
    seen: list[int] = []
    real = runtime.InferenceSession

    def session(model: bytes, options: Any, **others: Any) -> Any:
        seen.append(options.intra_op_num_threads)
        return real(model, options, **others)

    monkeypatch.setattr(runtime, "InferenceSession", session)
    network = ARCHITECTURES["martinez"].build({"width": 8})
    for threads in (1, 2):
        monkeypatch.setattr(torch, "get_num_threads", lambda threads=threads: threads)
        OnnxRunner(TorchRunner())(network, (32,))
    assert seen == [1, 2]


@pytest.mark.usefixtures("runtime")
def test_a_wrong_input_is_told() -> None:
    runner = OnnxRunner(TorchRunner())
    run = runner(ARCHITECTURES["martinez"].build({"width": 8}), (32,))
    assert runner.runtime == "ONNX Runtime"
    with pytest.raises(EstimatorError, match="the network failed in ONNX Runtime: "):
        run(np.zeros((1, 31), np.float32))


def test_a_clip_of_any_length_is_left_to_pytorch(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> Run:
        raise AssertionError("is not converted")

    monkeypatch.setattr(onnx_running, "converted", never)
    runner = OnnxRunner(TorchRunner())
    runner(TemporalModel(17, 17, widths=(3, 3), channels=12))
    # nothing is gained where each frame needs later ones: it is never run frame by frame
    lifter = small("videopose3d", runner)
    assert runner.runtime == "PyTorch"
    assert np.isfinite(lifter.lift(*clip(lifter, 5), SIZE)).all()


def off_by(error: float) -> Callable[[Any, tuple[int, ...]], Run]:
    """A conversion whose networks err by so much."""

    def convert(network: Any, window: tuple[int, ...]) -> Run:
        run = TorchRunner()(network)
        return lambda features: (run(features) + error).astype(np.float32)

    return convert


def fails(network: Any, window: tuple[int, ...]) -> Run:
    raise SystemError("no such operator")


@pytest.mark.parametrize(
    ("convert", "runs"),
    [
        (off_by(0.0), "ONNX Runtime"),
        (off_by(5e-5), "ONNX Runtime"),
        (off_by(3e-4), "PyTorch"),
        (off_by(math.nan), "PyTorch"),
        (fails, "PyTorch"),
    ],
)
def test_pytorch_runs_what_does_not_agree(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, convert: Any, runs: str
) -> None:
    monkeypatch.setattr(onnx_running, "converted", convert)
    lifter = open_lifter(saved(tmp_path, widths=(3, 3), causal=True))
    assert lifter.runtime == runs
    assert isinstance(lifter, PointLifter)
    points = clip(lifter, 9)
    expected = lifter.lift(*points, SIZE)[-1]
    np.testing.assert_allclose(lifter.newest(*points, SIZE, True), expected, atol=1e-4)


def test_both_must_give_as_much_for_any_number_of_windows() -> None:
    def run(features: Numbers) -> Numbers:
        return features * 2

    assert alike(run, run, (4,))
    assert not alike(run, lambda features: run(features)[:1], (4,))


@pytest.mark.usefixtures("without")
def test_without_it_pytorch_runs(tmp_path: Path) -> None:
    with pytest.raises(MissingExtra, match=r"pip install 'mocap-bridge\[onnx\]'"):
        converted(ARCHITECTURES["martinez"].build({"width": 8}), (32,))
    assert open_lifter(saved(tmp_path, widths=(3, 3), causal=True)).runtime == "PyTorch"


def test_what_opens_a_lifter_says_what_runs_it(runtime: Any, tmp_path: Path) -> None:
    assert open_lifter(saved(tmp_path, widths=(3, 3), causal=True)).runtime == "ONNX Runtime"
    assert open_lifter(saved(tmp_path, widths=(3, 3))).runtime == "PyTorch"
    assert open_lifter("body").runtime == "NumPy"
    assert isinstance(fastest_runner("cpu"), OnnxRunner)


def test_a_gpu_is_left_to_pytorch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "zeros", lambda *_, **__: None)
    assert isinstance(fastest_runner("cuda"), TorchRunner)
