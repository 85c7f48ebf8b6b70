"""Trained networks written as weights that open by their path, with how they came about."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mocap
from mocap import weights
from mocap.models.backend import nn
from mocap.models.opening import NOTE, SUFFIX, entry_of_file, filled_network
from mocap.models.registry import architecture
from mocap.models.safetensors import dump_safetensors, read_safetensors
from mocap.training.config import Config
from mocap.training.keeping import Row
from mocap.training.loop import Trained

TRAINING = "training"  # a note of the file: schedule, data and figures, as JSON


def write(path: Path, trained: Trained, config: Config, data: str, licence: str) -> list[Path]:
    """Write the best weights.

    Args:
        path: NAME.safetensors; a second network becomes NAME-ARCHITECTURE.safetensors.
        trained: what came out.
        config: the schedule.
        data: what it learned from, in words.
        licence: of the weights.

    Returns:
        The files.

    Raises:
        OutputError: they cannot be written.
    """
    facts = {
        "program": f"mocap {mocap.__version__}",
        "config": config.to_dict(),
        "data": data,
        "ended_by": trained.why,
        "seconds": round(trained.seconds, 1),
        "rows": [_rounded(row) for row in trained.rows],
    }
    written = []
    for name, state in trained.best.items():
        main = name == config.architecture
        file = path if main else path.with_name(f"{path.stem}-{name}{SUFFIX}")
        entry = weights.Entry(
            file.stem,
            architecture=name,
            inputs=config.inputs,
            outputs=_outputs(name, config),
            settings={k: v for k, v in config.network.items() if k != "dropout"},
            licence=licence,
            about=about(trained.rows, data),
        )
        notes = {
            NOTE: json.dumps(entry.to_dict(), sort_keys=True),
            TRAINING: json.dumps(facts, sort_keys=True),
        }
        arrays = {key: tensor.numpy() for key, tensor in state.items()}
        weights.write_whole(file, dump_safetensors(arrays, notes))
        written.append(file)
    return written


def about(rows: Sequence[Row], data: str) -> str:
    """How well weights do, and what they learned from, in words."""
    last = rows[-1]
    errors = {k: v for k, v in last.items() if k.endswith(("_mm", "_permille"))}
    best = min(rows, key=lambda row: row[next(iter(errors))])
    told = ", ".join(f"{k} {best[k]:.1f}" for k in errors)
    return f"trained on {data}; after epoch {best['epoch']:g} of {last['epoch']:g}: {told}"


def begun(path: Path) -> nn.Module:
    """The network of a file of weights, to begin with. Raises FormatError."""
    entry = entry_of_file(path)
    state, _ = read_safetensors(path.read_bytes(), path)
    network, _ = filled_network(architecture(entry.architecture), state, entry.settings, path=path)
    return network


def _outputs(name: str, config: Config) -> str:
    known = architecture(name).outputs
    return config.outputs if config.outputs in known else (known[0] if known else "")


def _rounded(row: Row) -> dict[str, Any]:
    return {k: float(f"{v:.6g}") for k, v in row.items()}
