"""How our own lifter is taught: by sessions, and by what the detector said of rendered people."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mocap import rotation
from mocap.arrays import BoolArray, IntArray
from mocap.errors import InvalidValue
from mocap.metrics import pa_errors
from mocap.models.backend import nn, torch
from mocap.models.body_lifter import at_rate
from mocap.models.body_view import CHANNELS, JOINTS, body_view, mirrored, mirrored_joints
from mocap.training.config import Config
from mocap.training.corpus import apart, recordings
from mocap.training.detections import Detection, load
from mocap.training.examples import Floats
from mocap.training.noise import fitted
from mocap.training.sessions import NONE, Session, session
from mocap.training.sources import Source
from mocap.training.trainers import Trainer

FRAMES = 136  # of a session
TAUGHT = 82  # of them in a row, by what is around them, as far as that goes
SESSIONS = 256  # made for each epoch
KEPT = 16  # epochs for which they are shown
HELD_OUT = 160  # sessions to validate with
DETECTED = 0.25  # share of what is shown that the detector really said
HIDDEN = 0.2  # weight of a joint out of the picture
UNSURE = 0.01  # weight of saying how far off one may be
UNIT = 0.05  # [m] off, if a joint is unsure by 0
SMOOTH = 0.998  # of the mean of the weights over the steps, which is what comes out


@dataclass(frozen=True, eq=False)
class Shown:
    """Sessions of one length, as arrays.

    Attributes:
        features: (N, T, WIDTH).
        world, joints: (N, T, 12, 3) [m].
    """

    features: Floats
    world: Floats
    joints: Floats

    @classmethod
    def of(cls, sessions: Sequence[Session]) -> Shown:
        """Those of some sessions."""
        kinds = ("features", "world", "joints")
        return cls(*(np.stack([getattr(s, k) for s in sessions]).astype(np.float32) for k in kinds))

    def pick(self, which: IntArray, frames: IntArray) -> Shown:
        """Some of them (B,), of each some frames (B, F)."""
        rows = which[:, None]
        return Shown(*(values[rows, frames] for values in vars(self).values()))

    def joined(self, other: Shown) -> Shown:
        """These and others."""
        return Shown(
            *(
                np.concatenate(both)
                for both in zip(vars(self).values(), vars(other).values(), strict=True)
            )
        )


@dataclass(frozen=True, eq=False)
class Step:
    """What one step shows: sessions by number, and from which frame on they are taught; clips
    likewise, and whether they are mirrored."""

    sessions: IntArray
    begin: IntArray
    clips: IntArray
    clips_begin: IntArray
    mirrored: BoolArray


@dataclass(frozen=True, eq=False)
class Lessons:
    """What an epoch may show: sessions, and clips of at least TAUGHT frames."""

    made: Shown
    clips: tuple[Session, ...]


class BodySource(Source):
    """Recorded and made-up motion through the noise model, other in every epoch, beside what the
    detector said of rendered people.

    Args:
        folder: of recorded motion, see `corpus`.
        config: says who is held out.
    """

    def __init__(self, folder: Path, config: Config) -> None:
        self._config = config
        self._train, self._held_out = apart(recordings(folder), config.held_out)
        if not (self._train and self._held_out):
            raise InvalidValue(
                f"{folder}: of its clips {len(self._train)} are left to learn from and "
                f"{len(self._held_out)} to validate with; --held-out says which"
            )
        self._model = fitted()
        self._clips = tuple(lesson(one) for one in load())
        self._made: dict[int, Shown] = {}
        self.about = (
            f"{len(self._train)} clips of {folder.name}, made-up motion, and {len(self._clips)} "
            "rendered clips"
        )

    def epoch(self, epoch: int) -> Any:
        wanted = range(max(epoch + 1 - KEPT, 0), epoch + 1)
        self._made = {i: self._made.get(i) or self._sessions(i) for i in wanted}
        made = list(self._made.values())
        whole = made[0]
        for more in made[1:]:
            whole = whole.joined(more)
        return Lessons(whole, self._clips)

    def held_out(self) -> Any:
        rng = np.random.default_rng([self._config.seed, 1])
        made = [session(self._held_out, self._model, FRAMES, rng, NONE) for _ in range(HELD_OUT)]
        return Shown.of(made)

    def _sessions(self, epoch: int) -> Shown:
        rng = np.random.default_rng([self._config.seed, 2, epoch])
        return Shown.of([session(self._train, self._model, FRAMES, rng) for _ in range(SESSIONS)])


class BodyTrainer(Trainer):
    """Teaches the network of our own lifter; what comes out is the mean over its last steps."""

    figure = "pa_mpjpe_mm"

    def __init__(self, config: Config, network: nn.Module) -> None:
        super().__init__(config, network)
        self.mean = copy.deepcopy(network)
        self.networks = {config.architecture: self.mean, "learning": network}

    def parameters(self) -> list[Any]:
        return list(self.network.parameters())

    def weights(self) -> dict[str, dict[str, Any]]:
        return {self.config.architecture: self.mean.state_dict()}

    def plan(self, data: Any, rng: np.random.Generator, epoch: int) -> Sequence[Any]:
        lengths = np.array([len(clip.joints) for clip in data.clips])
        detected = round(DETECTED * self.config.batch) if len(lengths) else 0
        made = self.config.batch - detected
        plan = []
        for _ in range(self.config.steps):
            clips = rng.integers(max(len(lengths), 1), size=detected)
            plan.append(
                Step(
                    rng.integers(len(data.made.joints), size=made),
                    rng.integers(data.made.joints.shape[1] - TAUGHT + 1, size=made),
                    clips,
                    rng.integers(lengths[clips] - TAUGHT + 1) if detected else clips,
                    rng.random(detected) < 0.5,
                )
            )
        return plan

    def loss(self, data: Any, shown: Any) -> torch.Tensor:
        self._follow()
        given = data.made.pick(
            shown.sessions, self._seen(shown.begin, TAUGHT, data.made.joints.shape[1])
        )
        if len(shown.clips):
            given = given.joined(self._cut(data.clips, shown))
        joints, unsure = self.network(self.tensor(given.features), self.tensor(given.world))
        taught = slice(-self.around[0], TAUGHT - self.around[0])
        truth = self.tensor(given.joints[:, taught])
        weight = self.tensor(weights_of(given.features[:, taught]))
        off = torch.linalg.vector_norm(joints - truth, dim=-1)
        steps = torch.diff(joints, dim=1) - torch.diff(truth, dim=1)
        # the likelihood of a Laplace distribution, which must not draw the joints themselves
        likely = torch.exp(-unsure) * off.detach() / UNIT + unsure
        moved = torch.linalg.vector_norm(steps, dim=-1) * weight[:, 1:]
        pose = (weight * off).mean() + self.config.velocity * moved.mean()
        return pose + UNSURE * likely.mean()

    def measure(self, held_out: Any) -> dict[str, float]:
        said, frames = [], held_out.joints.shape[1]
        with torch.inference_mode():
            for i in range(0, len(held_out.joints), 32):
                which = np.arange(i, min(i + 32, len(held_out.joints)))
                given = held_out.pick(which, self._seen(0 * which, frames, frames))
                joints, _ = self.mean(self.tensor(given.features), self.tensor(given.world))
                said.append(joints.cpu().numpy())
        found = np.concatenate(said).astype(np.float64)
        truth = held_out.joints.astype(np.float64)
        found, truth = found.reshape(-1, *found.shape[2:]), truth.reshape(-1, *truth.shape[2:])
        off = np.linalg.norm(found - truth, axis=-1)
        return {
            "pa_mpjpe_mm": float(pa_errors(found, truth).mean()),
            "mpjpe_mm": 1000 * float(off.mean()),
        }

    def _seen(self, begin: IntArray, taught: int, frames: int) -> IntArray:
        """(B, F) the frames seen to teach some in a row; beyond the ends the first and last."""
        span = np.arange(self.around[0], taught + self.around[-1])
        return np.clip(begin[:, None] + span, 0, frames - 1)

    def _cut(self, clips: Sequence[Session], step: Step) -> Shown:
        parts = []
        for number, begin, mirror in zip(step.clips, step.clips_begin, step.mirrored, strict=True):
            clip = clips[number]
            (part,) = self._seen(begin[None], TAUGHT, len(clip.joints))
            features, world, joints = clip.features[part], clip.world[part], clip.joints[part]
            if mirror:
                features, world, joints = (
                    mirrored(features),
                    mirrored_joints(world),
                    mirrored_joints(joints),
                )
            parts.append(Session(features, world, joints))
        return Shown.of(parts)

    def _follow(self) -> None:
        """Have the mean take in the weights after the last step."""
        steps = int(self.network.first_norm.num_batches_tracked)
        keep = min(SMOOTH, steps / (steps + 20))
        with torch.no_grad():
            pairs = zip(
                self.mean.state_dict().values(), self.network.state_dict().values(), strict=True
            )
            for mean, new in pairs:
                if mean.dtype.is_floating_point:
                    mean.mul_(keep).add_(new, alpha=1 - keep)


def weights_of(features: Floats) -> Floats:
    """(..., 12) what joints count in frames of features (..., WIDTH): those out of the picture
    little, since nobody can tell where they are."""
    seen = features[..., CHANNELS - 1 : len(JOINTS) * CHANNELS : CHANNELS] > 0
    hidden = seen.any(axis=-1, keepdims=True) & ~seen
    return np.where(hidden, HIDDEN, 1.0).astype(np.float32)


def lesson(detection: Detection) -> Session:
    """What the lifter sees of a detection, at the rate that it knows; a short one stands still."""
    track = detection.track
    view = body_view(track, detection.camera)
    truth = rotation.rotate(view.turn[:, None], detection.joints)
    found = [at_rate(values, track.times) for values in (view.features, view.world, truth)]
    more = max(TAUGHT - len(found[0]), 0)
    return Session(*(np.concatenate([v, np.repeat(v[-1:], more, axis=0)]) for v in found))
