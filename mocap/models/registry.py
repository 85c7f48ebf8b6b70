"""Architectures by name: what a checkpoint of each must hold, and how it lifts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from mocap import layouts
from mocap.errors import InvalidValue, UnknownName
from mocap.landmarks import Layout
from mocap.models.lifter import Lifter

if TYPE_CHECKING:
    from mocap.models.backend import nn
    from mocap.models.lifters import Run
    from mocap.models.numbers import State

Settings = dict[str, Any]
Shapes = Mapping[str, tuple[int, ...]]

MOST_LAYERS = 100  # of one kind, that are counted


class Runner(Protocol):
    """Makes networks into functions of arrays.

    Attributes:
        runtime: what runs them, as messages say it.
    """

    runtime: str

    def __call__(self, network: nn.Module, window: tuple[int, ...] = ()) -> Run:
        """The network, for lifting only.

        Args:
            network: with its weights.
            window: the shape of one input, if it is the same for all; empty for a network that
                sees clips of any length.
        """


@dataclass(frozen=True)
class Architecture:
    """A kind of network.

    Attributes:
        title: what people call it, inside a sentence.
        inputs: layouts of points that it may have been trained on; weights say which.
        outputs: layouts of joints that it may give, told apart by their number, else weights say.
        build: the network of given settings.
        read: the settings, as far as the shapes of a checkpoint tell them.
        sizes: the settings that follow from how many points go in and how many joints come out.
        lifter: the lifter of a network, what runs networks, name, licence, inputs and outputs;
            None if the network is a part of training.
        part: of a checkpoint that holds several networks.
        plain: the lifter of weights, their settings, name, licence and path, of a network that
            needs no PyTorch to run; None of all others.
    """

    title: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    build: Callable[[Settings], nn.Module]
    read: Callable[[Shapes], Settings]
    sizes: Callable[[int, int], Settings]
    lifter: Callable[..., Lifter] | None = None
    part: str = ""
    plain: Callable[..., Lifter] | None = None

    def input_layout(self, name: str) -> Layout:
        """The layout of the points that weights take. Raises InvalidValue, UnknownName."""
        if name:
            return layouts.by_name(name)
        if len(self.inputs) > 1:
            raise InvalidValue(
                f"{self.title} is trained on points of {' or '.join(self.inputs)}; say which "
                "with --inputs"
            )
        return layouts.by_name(self.inputs[0])


def architecture(name: str) -> Architecture:
    """An architecture. Raises UnknownName."""
    try:
        return ARCHITECTURES[name]
    except KeyError:
        raise UnknownName("architecture", name, ARCHITECTURES) from None


# What follows from how many points go in and joints come out.


def _any(points: int, joints: int) -> Settings:
    return {}


def _both(points: int, joints: int) -> Settings:
    return {"points": points, "joints": joints}


def _in(points: int, joints: int) -> Settings:
    return {"points": points}


def _out(points: int, joints: int) -> Settings:
    return {"joints": joints}


def _in_a_row(points: int, joints: int) -> Settings:
    return {"inputs": 2 * points, "outputs": 3 * (joints - 1)}  # but for the root


# Each function imports its own packages when it is called.


def _linear(settings: Settings) -> nn.Module:
    from mocap.models.linear import LinearBaseline

    return LinearBaseline(**settings)


def _read_linear(shapes: Shapes) -> Settings:
    width, inputs = shapes.get("w1.weight", (1024, 32))
    return {"inputs": inputs, "outputs": shapes.get("w2.bias", (48,))[0], "width": width}


def _semgcn(settings: Settings) -> nn.Module:
    from mocap.models.semgcn import SemGCN

    return SemGCN(**settings)


def _semgcn_nonlocal(settings: Settings) -> nn.Module:
    from mocap.models.semgcn import GROUPS_16, SemGCN

    return SemGCN(groups=GROUPS_16, **settings)


def _read_semgcn(shapes: Shapes) -> Settings:
    _, features, width = shapes.get("gconv_input.0.gconv.W", (2, 2, 128))
    blocks = _count(shapes, "gconv_layers.{}.gconv1.gconv.W")
    return {"features": features, "width": width, "blocks": blocks or 4}


def _videopose3d(settings: Settings) -> nn.Module:
    from mocap.models.videopose3d import TemporalModel

    return TemporalModel(**settings)


def _read_videopose3d(shapes: Shapes) -> Settings:
    from mocap.models.videopose3d import widths_of

    channels, inputs, first = shapes.get("expand_conv.weight", (1024, 34, 3))
    names = [f"layers_conv.{i}.weight" for i in range(0, MOST_LAYERS, 2)]
    widths, dense = widths_of([first, *(shapes[name][2] for name in names if name in shapes)])
    joints = shapes.get("shrink.bias", (51,))[0] // 3
    return {
        "points": inputs // 2,
        "joints": joints,
        "widths": list(widths),
        "dense": dense,
        "channels": channels,
    }


def _pstmo(settings: Settings) -> nn.Module:
    from mocap.models.pstmo import PSTMO

    return PSTMO(**settings)


def _read_pstmo(shapes: Shapes) -> Settings:
    _, frames, channels = shapes.get("Transformer.pos_embedding", (1, 243, 256))
    layers = _count(shapes, "Transformer.model.layers.{}.feed_forward.w_1.bias")
    return {
        "points": shapes.get("encoder.fc_1.weight", (512, 34, 1))[1] // 2,
        "joints": shapes.get("fcn.1.bias", (51,))[0] // 3,
        "frames": frames,
        "layers": layers or 3,
        "channels": channels,
    }


def _masked_pstmo(settings: Settings) -> nn.Module:
    from mocap.models.pstmo_mae import MaskedPSTMO

    return MaskedPSTMO(**settings)


def _read_masked_pstmo(shapes: Shapes) -> Settings:
    settings = _read_pstmo(shapes)
    del settings["joints"]
    return settings


def _refine(settings: Settings) -> nn.Module:
    from mocap.models.pstmo_refine import Refine

    return Refine(**settings)


def _read_refine(shapes: Shapes) -> Settings:
    width, inputs = shapes.get("post_refine.0.weight", (1024, 102))
    return {"joints": inputs // 6, "width": width}


def _body(settings: Settings) -> nn.Module:
    from mocap.models.body_module import BodyModule

    return BodyModule(**settings)


def _read_body(shapes: Shapes) -> Settings:
    channels = shapes.get("last.weight", (48, 256))[1]
    return {"channels": channels, "blocks": _count(shapes, "reach.{}.weight") or 2}


def _body_lifter(state: State, settings: Settings, name: str, licence: str, path: Path) -> Lifter:
    from mocap.models.body_lifter import BodyLifter
    from mocap.models.body_network import BodyNetwork

    causal = bool(settings.get("causal", False))
    return BodyLifter(BodyNetwork.of(state, causal, path), name, licence)


def _count(shapes: Shapes, name: str) -> int:
    """How many layers there are of a name with a place for their number."""
    return sum(name.format(i) in shapes for i in range(MOST_LAYERS))


def _frame_lifter(network: nn.Module, runner: Runner, **told: Any) -> Lifter:
    from mocap.models.lifters import MovedFrameLifter

    return MovedFrameLifter(runner(network, (len(told["inputs"]), 2)), **told)


def _rootless_lifter(network: nn.Module, runner: Runner, **told: Any) -> Lifter:
    from mocap.models.lifters import RootlessFrameLifter

    return RootlessFrameLifter(runner(network, (2 * len(told["inputs"]),)), **told)


def _standard_lifter(network: nn.Module, runner: Runner, **told: Any) -> Lifter:
    from mocap.models.lifters import StandardFrameLifter

    return StandardFrameLifter(runner(network, (2 * len(told["inputs"]),)), **told)


def _dilated_lifter(network: nn.Module, runner: Runner, **told: Any) -> Lifter:
    from mocap.models.lifters import DilatedLifter

    # frame by frame it runs live alone, which only a causal one can
    window = (network.receptive_field, len(told["inputs"]), 2) if network.causal else ()
    return DilatedLifter(
        runner(network),
        runner(network.one_frame(), window),
        receptive_field=network.receptive_field,
        causal=network.causal,
        **told,
    )


def _trajectory_lifter(network: nn.Module, runner: Runner, **told: Any) -> Lifter:
    return _dilated_lifter(network, runner, relative=False, **told)


def _window_lifter(network: nn.Module, runner: Runner, **told: Any) -> Lifter:
    from mocap.models.lifters import WindowLifter

    field = network.receptive_field
    run = runner(network, (field, len(told["inputs"]), 2))
    return WindowLifter(run, receptive_field=field, **told)


_DETECTED = ("h36m17", "coco17")
_PSTMO = (*_DETECTED, "mpi_inf_3dhp17")

ARCHITECTURES: dict[str, Architecture] = {
    "body": Architecture(
        "our own lifter", ("mediapipe_pose",), ("body12",), _body, _read_body, _any,
        plain=_body_lifter,
    ),
    "martinez": Architecture(
        "the linear baseline", ("h36m16",), ("h36m17",), _linear, _read_linear, _in_a_row,
        _standard_lifter,
    ),
    "semgcn": Architecture(
        "SemGCN", ("h36m16",), ("h36m16",), _semgcn, _read_semgcn, _any, _frame_lifter
    ),
    "semgcn-nonlocal": Architecture(
        "the non-local SemGCN", ("h36m16",), ("h36m16",), _semgcn_nonlocal, _read_semgcn,
        _any, _frame_lifter,
    ),
    "semgcn-linear": Architecture(
        "the linear variant of SemGCN", ("h36m16",), ("h36m16",), _linear, _read_linear,
        _in_a_row, _rootless_lifter,
    ),
    "videopose3d": Architecture(
        "VideoPose3D", _DETECTED, ("h36m17", "humaneva15"), _videopose3d, _read_videopose3d,
        _both, _dilated_lifter,
    ),
    "videopose3d-trajectory": Architecture(
        "the trajectory network of VideoPose3D", _DETECTED, ("root",), _videopose3d,
        _read_videopose3d, _both, _trajectory_lifter, part="model_traj",
    ),
    "pstmo": Architecture(
        "P-STMO", _PSTMO, ("h36m17", "mpi_inf_3dhp17"), _pstmo, _read_pstmo, _both,
        _window_lifter,
    ),
    "pstmo-mae": Architecture(
        "the pre-training network of P-STMO", _PSTMO, (), _masked_pstmo, _read_masked_pstmo, _in
    ),
    "pstmo-refine": Architecture("the refinement of P-STMO", (), (), _refine, _read_refine, _out),
}  # fmt: skip
