"""How each network is taught and measured. `mocap.training.loop` does the teaching."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from mocap import layouts
from mocap.arrays import Array, BoolArray, IntArray
from mocap.errors import InvalidValue
from mocap.metrics import pa_errors
from mocap.models.backend import nn, torch
from mocap.models.linear import LinearBaseline
from mocap.models.opening import output_layout
from mocap.models.pstmo import PSTMO
from mocap.models.pstmo_mae import MaskedPSTMO
from mocap.models.registry import architecture
from mocap.models.videopose3d import TemporalModel
from mocap.models.windows import reach
from mocap.protocols import distances, mpjpe
from mocap.training import losses
from mocap.training.config import Config
from mocap.training.examples import Batch, Examples, Floats, batch, shuffled, spread
from mocap.training.forms import Form
from mocap.training.seen import ROOT

Pick = tuple[IntArray, BoolArray]  # frames, and whether they are mirrored
Said = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True, eq=False)
class Data:
    """What is shown in one epoch.

    Attributes:
        known: frames with their joints.
        unknown: frames of people whose joints are not to be looked at; None without any.
    """

    known: Examples
    unknown: Examples | None = None


class Trainer(ABC):
    """Teaches networks.

    Args:
        config: of the training.
        network: the one that is to come out.

    Attributes:
        networks: all that learn, by the name of their architecture.
        around: (R,) the frames of a window, from the one it is about.
        figure: the one of `measure` by which networks are compared, the less the better.
    """

    figure = "mpjpe_mm"
    whole = False  # the joints of all frames of a window are wanted

    def __init__(self, config: Config, network: nn.Module) -> None:
        self.config = config
        self.network = network
        self.networks: dict[str, nn.Module] = {config.architecture: network}
        self.form = Form(config, network)
        self.around = _around(network) * config.stride
        self.device = torch.device("cpu")

    def to(self, device: torch.device) -> None:
        """Go to another device."""
        self.device = device
        for network in self.networks.values():
            network.to(device)

    def train(self, on: bool) -> None:
        """Whether dropout and batch norms are those of training."""
        for network in self.networks.values():
            network.train(on)

    def parameters(self) -> list[Any]:
        """What learns."""
        return [p for n in self.networks.values() for p in n.parameters() if p.requires_grad]

    def weights(self) -> dict[str, dict[str, Any]]:
        """What is to be kept of the networks, by the name of their architecture."""
        return {name: network.state_dict() for name, network in self.networks.items()}

    def plan(self, data: Data, rng: np.random.Generator, epoch: int) -> Sequence[Any]:
        """What each step of an epoch shows."""
        config = self.config
        return shuffled(data.known, config.batch, rng, every=config.every, flip=config.flip)

    @abstractmethod
    def loss(self, data: Data, shown: Any) -> torch.Tensor:
        """What is to become less, for one of `plan`."""

    @abstractmethod
    def measure(self, held_out: Examples) -> dict[str, float]:
        """Figures of frames that were not learned from."""

    def cut(self, of: Examples, pick: Pick) -> Batch:
        """The windows of a step."""
        return batch(of, *pick, self.around, whole=self.whole)

    def tensor(self, array: Any) -> torch.Tensor:
        """On the device."""
        return torch.from_numpy(np.ascontiguousarray(array)).to(self.device)


class PoseTrainer(Trainer):
    """Teaches one network by true joints."""

    def __init__(self, config: Config, network: nn.Module) -> None:
        super().__init__(config, network)
        self.running: Said = network
        if isinstance(network, TemporalModel):
            self.running = network.one_frame()
        if config.max_norm:
            if not isinstance(network, LinearBaseline):
                raise InvalidValue("max_norm: only martinez and semgcn-linear have such layers")
            self.running = self.limited
        self.temporal = hasattr(network, "receptive_field")
        self.whole = isinstance(network, PSTMO)
        if config.velocity and not self.whole:
            raise InvalidValue(
                "velocity: only P-STMO is taught whole windows, whose steps have an error"
            )

    def loss(self, data: Data, shown: Any) -> torch.Tensor:
        given = self.cut(data.known, shown)
        features = self.tensor(given.features)
        if isinstance(self.network, PSTMO):
            truth = self.tensor(given.joints)
            middle, every = self.network.with_sequence(features)
            loss = losses.middle_and_all(middle, every, truth)
            if self.config.velocity:
                loss = loss + self.config.velocity * losses.velocity(every, truth)
            return loss
        said = self.said(features)
        truth = self.tensor(self.form.numbers(given.joints[:, 0]))
        if self.config.loss == "mse":
            return losses.mse(said, truth)
        if isinstance(self.network, LinearBaseline):  # numbers in a row
            said, truth = said.unflatten(-1, (-1, 3)), truth.unflatten(-1, (-1, 3))
        return losses.mpjpe(said, truth)

    def said(self, features: torch.Tensor) -> torch.Tensor:
        """What the network says (B, ...) of the frames that windows (B, R, ...) are about."""
        said = self.running(features)[:, 0] if self.temporal else self.running(features[:, 0])
        return said.float()  # of half precision

    def limited(self, features: torch.Tensor) -> torch.Tensor:
        """What the network says with weights that are not too large."""
        return torch.func.functional_call(self.network, self._limits(), (features,))

    def weights(self) -> dict[str, dict[str, Any]]:
        kept = super().weights()
        if self.config.max_norm:
            kept[self.config.architecture] |= self._limits()
        return kept

    def _limits(self) -> dict[str, torch.Tensor]:
        """The weights of fully connected layers, scaled down to the largest norm. Those that learn
        stay as large as they are: how fast a layer learns depends on it."""
        most = self.config.max_norm
        return {
            f"{name}.weight": layer.weight * (most / layer.weight.norm().clamp(min=most))
            for name, layer in self.network.named_modules()
            if isinstance(layer, nn.Linear)
        }

    def measure(self, held_out: Examples) -> dict[str, float]:
        numbers, given = self.answers(held_out, self.said)
        return figures(self.form.joints(numbers), given.joints[:, 0], self.form)

    def answers(self, held_out: Examples, said: Said) -> tuple[Floats, Batch]:
        """What something says (N, ...) of some frames, and what it was told, less the windows."""
        found, told = [], []
        middle = np.abs(self.around) == np.abs(self.around).min()
        with torch.inference_mode():
            for frames in spread(held_out, self.config.validate, self.config.batch):
                given = batch(held_out, frames, np.zeros(len(frames), bool), self.around)
                found.append(said(self.tensor(given.features)).float().cpu().numpy())
                told.append(replace(given, features=given.features[:, middle]))
        parts = {of.name: [getattr(one, of.name) for one in told] for of in fields(Batch)}
        whole = Batch(**{name: np.concatenate(part) for name, part in parts.items()})
        return np.concatenate(found), whole


class TrajectoryTrainer(PoseTrainer):
    """Teaches VideoPose3D where the root is."""

    figure = "root_mm"

    def loss(self, data: Data, shown: Any) -> torch.Tensor:
        given = self.cut(data.known, shown)
        said = self.said(self.tensor(given.features))
        return root_loss(said, self.tensor(given.root))

    def measure(self, held_out: Examples) -> dict[str, float]:
        said, given = self.answers(held_out, self.said)
        return {"root_mm": root_error(said, given.root)}


def root_loss(said: torch.Tensor, root: torch.Tensor) -> torch.Tensor:
    """How far the root is off, less for those far away; both (B, 1, 3) [m]."""
    return losses.weighted_mpjpe(said, root, 1 / root[..., 2])


def root_error(said: Floats, root: Floats) -> float:
    """[mm] mean distance of roots (N, 1, 3) [m]."""
    return float(distances(said.astype(np.float64), root.astype(np.float64)).mean())


def figures(said: Array, truth: Floats, form: Form) -> dict[str, float]:
    """MPJPE and PA-MPJPE of joints (N, J, 3) [m]."""
    root = form.outputs.index(ROOT)
    points = said - said[:, root : root + 1]
    joints = truth.astype(np.float64)
    return {
        "mpjpe_mm": float(mpjpe(points, joints).mean()),
        "pa_mpjpe_mm": float(pa_errors(points, joints).mean()),
    }


def built(config: Config) -> nn.Module:
    """A new network, as the seed has it. Raises InvalidValue."""
    torch.manual_seed(config.seed)
    kind = architecture(config.architecture)
    for what, known in (("inputs", kind.inputs), ("outputs", kind.outputs)):
        if known and getattr(config, what) not in known:
            raise InvalidValue(
                f"{what}: {kind.title} wants {' or '.join(known)}, got {getattr(config, what)}"
            )
    points, joints = layouts.by_name(config.inputs), output_layout(config.outputs)
    try:
        return kind.build({**kind.sizes(len(points), len(joints)), **config.network})
    except TypeError as error:
        raise InvalidValue(f"network: {kind.title} has no such setting: {error}") from None


def begin_with(network: nn.Module, begin: nn.Module) -> None:
    """Have a network begin with the weights of another. Raises InvalidValue."""
    try:
        if isinstance(begin, MaskedPSTMO) and isinstance(network, PSTMO):
            begin.begin(network)
        else:
            network.load_state_dict(begin.state_dict())
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise InvalidValue(f"cannot begin with a network of other layers: {reason}") from None


def _around(network: nn.Module) -> IntArray:
    """(R,) the frames that a network sees, from the one that it is about."""
    frames = getattr(network, "receptive_field", 1)
    before, after = reach(frames, getattr(network, "causal", False))
    return np.arange(-before, after + 1)
