"""The training of a network: epochs of steps, measured after each, kept and gone on with.

What is random in a step depends on the seed and the number of the step alone, so that a training
that was interrupted ends with the very weights of one that was not.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mocap.errors import EstimatorError, InvalidValue
from mocap.models.backend import nn, torch
from mocap.training import keeping
from mocap.training.config import Config
from mocap.training.keeping import Row, State
from mocap.training.schedules import learning_rate, norm_momentum
from mocap.training.sources import Source
from mocap.training.trainers import Data, Trainer

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
SEEDS = 2**63


@dataclass(frozen=True)
class Trained:
    """What came out.

    Attributes:
        rows: the figures of each epoch, and before the first; the last may be of part of one.
        best: the weights after the best epoch, by architecture.
        why: what ended it: "epochs", "patience" or "time".
        seconds: of teaching and measuring, earlier runs too.
    """

    rows: tuple[Row, ...]
    best: dict[str, dict[str, Any]]
    why: str
    seconds: float


@dataclass
class Watching:
    """What is told while training.

    Attributes:
        stop: asked before each step whether time is up.
        rows: told the figures of all epochs, after each one.
        step: told how many steps were done, and how many the epoch has.
        clock: [s].
    """

    stop: Callable[[], bool] = lambda: False
    rows: Callable[[Sequence[Row]], object] = lambda _: None
    step: Callable[[int, int], object] = lambda _, __: None
    clock: Callable[[], float] = time.monotonic


def device(name: str) -> torch.device:
    """A device by name, "auto" being a GPU if there is one; on a GPU the same is computed each
    time. Raises InvalidValue."""
    from mocap.models.running import TorchRunner

    found = TorchRunner(name).device
    if found.type == "cuda":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True, warn_only=True)
        torch.backends.cudnn.benchmark = False
    return found


def train(
    trainer: Trainer,
    source: Source,
    keep: Path | None = None,
    *,
    resume: bool = False,
    watching: Watching | None = None,
) -> Trained:
    """Teach until the epochs are over, nothing gets better, or time is up.

    Args:
        trainer: on the device it is to learn on.
        source: of what it learns.
        keep: the file in which the training is kept after each epoch; None keeps nothing.
        resume: go on with what is in that file.
        watching: is told what happens.

    Raises:
        FormatError, InvalidValue: the file to go on with is not of this training.
        OutputError: the file cannot be written.
        EstimatorError: the loss is no number any more.
    """
    return _Run(trainer, source, keep, watching or Watching()).through(resume)


class _Run:
    """One training while it goes on."""

    def __init__(
        self, trainer: Trainer, source: Source, keep: Path | None, watching: Watching
    ) -> None:
        self.trainer, self.source, self.keep, self.watching = trainer, source, keep, watching
        self.config: Config = trainer.config
        self.optimiser = torch.optim.Adam(
            trainer.parameters(),
            lr=self.config.learning_rate,
            amsgrad=self.config.amsgrad,
            fused=True,  # a fifth of a step of a wide network would else go here
        )
        on_gpu = trainer.device.type == "cuda"
        wide = not on_gpu or torch.cuda.is_bf16_supported()
        self.half = torch.bfloat16 if wide else torch.float16
        self.mixed = self.config.mixed if on_gpu else self.config.cpu_half
        # numbers of float16 would vanish; those of bfloat16 reach as far as float32
        self.scaler = torch.amp.GradScaler("cuda", enabled=self.mixed and not wide)
        self.held_out = source.held_out()
        self.state = State()
        self.since = watching.clock()

    def through(self, resume: bool) -> Trained:
        if resume:
            if self.keep is None:
                raise InvalidValue("to go on, say where the training was kept")
            self._restore(self.keep)
        if not self.state.rows:
            self._measured(0.0)
        why = "epochs"
        while self.state.epoch < self.config.epochs:
            if self._worn_out():
                why = "patience"
                break
            if not self._epoch():
                self._save()
                if self.state.step:
                    self._measured(self.state.loss / self.state.step, kept=False)
                why = "time"
                break
            self._save()
        return Trained(tuple(self.state.rows), self.state.best, why, self._seconds())

    def _epoch(self) -> bool:
        """One epoch, or what is left of it; false if time was up before."""
        state, config = self.state, self.config
        data = self.source.epoch(state.epoch)
        rng = np.random.default_rng([config.seed, state.epoch])
        plan = self.trainer.plan(data, rng, state.epoch)
        plan = plan[: config.steps] if config.steps else plan
        self._set_norms(norm_momentum(config, state.epoch))
        self.trainer.train(True)
        total = torch.tensor(state.loss, dtype=torch.float64, device=self.trainer.device)
        while state.step < len(plan):
            if self.watching.stop():
                state.loss = float(total)
                return False
            total += self._step(data, plan[state.step])
            state.step += 1
            state.steps += 1
            self.watching.step(state.step, len(plan))
        loss = float(total) / max(len(plan), 1)
        state.epoch, state.step, state.loss = state.epoch + 1, 0, 0.0
        self._measured(loss)
        return True

    def _step(self, data: Data, shown: Any) -> torch.Tensor:
        """One step; its loss."""
        config, state = self.config, self.state
        seeds = np.random.SeedSequence([config.seed, state.epoch, state.step])
        torch.manual_seed(int(seeds.generate_state(1, np.uint64)[0]) % SEEDS)
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(config, state.epoch, state.steps)
        self.optimiser.zero_grad(set_to_none=True)
        with torch.autocast(self.trainer.device.type, self.half, enabled=self.mixed):
            loss = self.trainer.loss(data, shown)
        self.scaler.scale(loss).backward()
        if config.clip:
            self.scaler.unscale_(self.optimiser)
            torch.nn.utils.clip_grad_norm_(self.trainer.parameters(), config.clip)
        self.scaler.step(self.optimiser)
        self.scaler.update()
        return loss.detach().double()

    def _measured(self, loss: float, *, kept: bool = True) -> None:
        """Measure; a row for it, and the weights if they are the best so far."""
        state = self.state
        if not math.isfinite(loss):
            raise EstimatorError(
                f"the loss of epoch {state.epoch} is {loss}: learn more slowly, with "
                f"learning_rate below {self.config.learning_rate:g}"
            )
        self.trainer.train(False)
        figures = self.trainer.measure(self.held_out)
        row: Row = {"epoch": state.epoch, "steps": state.steps, "seconds": self._seconds()}
        if state.steps:
            row["loss"] = loss
            row["learning_rate"] = self.optimiser.param_groups[0]["lr"]
        if not kept:
            row["epoch"] = state.epoch + 1
        row |= figures
        figure = self.trainer.figure
        if not state.rows or row[figure] < min(r[figure] for r in state.rows):
            state.best = {
                name: {k: v.detach().cpu().clone() for k, v in weights.items()}
                for name, weights in self.trainer.weights().items()
            }
        state.rows.append(row)
        self.watching.rows(state.rows)

    def _worn_out(self) -> bool:
        """Nothing got better for as long as one is patient."""
        figures = [row[self.trainer.figure] for row in self.state.rows]
        since = len(figures) - 1 - int(np.argmin(figures))
        return 0 < self.config.patience <= since

    def _set_norms(self, momentum: float) -> None:
        for network in self.trainer.networks.values():
            for layer in network.modules():
                if isinstance(layer, NORMS):
                    layer.momentum = momentum

    def _seconds(self) -> float:
        return self.state.seconds + self.watching.clock() - self.since

    def _save(self) -> None:
        if self.keep is None:
            return
        self.state.seconds, self.since = self._seconds(), self.watching.clock()
        tensors = {
            "networks": {name: n.state_dict() for name, n in self.trainer.networks.items()},
            "optimiser": self.optimiser.state_dict(),
            "scaler": self.scaler.state_dict(),
        }
        keeping.write(self.keep, self.state, self.config, self.source.about, tensors)

    def _restore(self, path: Path) -> None:
        self.state, tensors = keeping.read(path, self.config, self.source.about)
        try:
            for name, network in self.trainer.networks.items():
                network.load_state_dict(tensors["networks"][name])
            self.optimiser.load_state_dict(tensors["optimiser"])
            self.scaler.load_state_dict(tensors["scaler"])
        except (RuntimeError, KeyError, ValueError) as error:
            reason = str(error).splitlines()[-1].strip()
            raise InvalidValue(f"{path}: is of a network of other layers: {reason}") from None
