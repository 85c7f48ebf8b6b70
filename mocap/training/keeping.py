"""A training kept in a file, to be gone on with: weights, optimiser, place and figures."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mocap.errors import FormatError, InvalidValue
from mocap.models.backend import torch
from mocap.training.config import Config
from mocap.weights import write_whole

FORMAT = "mocap-training"
VERSION = 1
ZIP = b"PK"
MAY_CHANGE = ("epochs", "patience", "about")  # of a schedule, between two runs

Row = dict[str, float]


@dataclass
class State:
    """Where a training is.

    Attributes:
        epoch: how many epochs are over.
        step: how many steps of the next one are.
        steps: how many steps in all.
        seconds: spent so far.
        loss: sum of the losses of this epoch's steps.
        rows: the figures of each epoch, those before the first one too.
        best: the weights of the networks after the best epoch, by name.
    """

    epoch: int = 0
    step: int = 0
    steps: int = 0
    seconds: float = 0.0
    loss: float = 0.0
    rows: list[Row] = field(default_factory=list)
    best: dict[str, dict[str, Any]] = field(default_factory=dict)


def write(path: Path, state: State, config: Config, data: str, tensors: dict[str, Any]) -> None:
    """Replace the file once the new one is whole.

    Args:
        path: of the file.
        state: where the training is.
        config: its schedule.
        data: what it learns from, in words.
        tensors: states of networks and optimiser.

    Raises:
        OutputError: it cannot be written.
    """
    told = {
        "format": FORMAT,
        "version": VERSION,
        "config": json.dumps(config.to_dict()),
        "data": data,
        "state": vars(state),
        "tensors": tensors,
    }
    file = io.BytesIO()
    torch.save(told, file)
    write_whole(path, file.getvalue())


def read(path: Path, config: Config, data: str) -> tuple[State, dict[str, Any]]:
    """What `write` kept.

    Args:
        path: of the file.
        config: the schedule to go on with.
        data: what is to be learned from.

    Raises:
        FormatError: it is missing, damaged, or of something else.
        InvalidValue: it is of another schedule or other data; says what differs.
    """
    try:
        content = path.read_bytes()
        if not content.startswith(ZIP):
            raise ValueError("it does not begin as one")
        # nothing but tensors and plain containers is ever made of what is in it
        told = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except OSError as error:
        raise FormatError(
            f"no training to go on with ({error.strerror or error}); leave out --resume", path=path
        ) from None
    except (
        RuntimeError, ValueError, KeyError, EOFError, TypeError, AttributeError, IndexError,
        pickle.UnpicklingError, zipfile.BadZipFile,
    ) as error:  # fmt: skip
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise FormatError(
            f"not a training that was kept, or cut off: {reason}", path=path
        ) from None
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise FormatError("a checkpoint of something else than mocap train", path=path)
    if told.get("version") != VERSION:
        raise FormatError(
            f"version {told.get('version')!r}, but this program reads {VERSION}", path=path
        )
    try:
        before, wanted = json.loads(told["config"]), config.to_dict()
        differ = [
            f"{key} was {before.get(key)!r} and is {wanted[key]!r}"
            for key in wanted
            if key not in MAY_CHANGE and before.get(key) != json.loads(json.dumps(wanted[key]))
        ]
        if told["data"] != data:
            differ.append(f"the data was {told['data']!r} and is {data!r}")
        state = State(**told["state"])
        tensors = dict(told["tensors"])
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(f"damaged: {error}", path=path) from None
    if differ:
        raise InvalidValue(f"{path}: cannot go on with another training: {'; '.join(differ)}")
    return state, tensors
