"""How fast a network learns, and how long its norms remember, as training goes on."""

from __future__ import annotations

import math

from mocap.training.config import Config

USUAL_MOMENTUM = 0.1  # of batch norms


def learning_rate(config: Config, epoch: int, step: int) -> float:
    """The learning rate.

    Args:
        config: says how it falls.
        epoch: how many epochs are over.
        step: how many steps are over, since the beginning.
    """
    times: float = epoch
    if config.decay_steps:
        times = step / config.decay_steps
        times = math.floor(times) if config.staircase else times
    rate = config.learning_rate * config.decay**times
    if config.drop_epochs:
        rate *= config.drop ** (epoch // config.drop_epochs)
    return rate


def norm_momentum(config: Config, epoch: int) -> float:
    """The momentum of batch norms: how much a batch counts against those before it.

    It falls from the first value to the second evenly on a scale of logarithms, so that at the
    end the norms are those of very many batches.
    """
    if config.norm_momentum is None:
        return USUAL_MOMENTUM
    first, last = config.norm_momentum
    return first * (last / first) ** (epoch / config.epochs)
