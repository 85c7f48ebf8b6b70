"""Public checkpoints taken in: read safely, held to their architecture, kept as safetensors."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mocap import weights
from mocap.errors import FormatError, InvalidValue
from mocap.models.checkpoint import network_state, read_checkpoint
from mocap.models.numbers import State
from mocap.models.opening import (
    COUNTER,
    NOTE,
    SUFFIX,
    entry_of_file,
    filled_network,
    output_layout,
)
from mocap.models.registry import ARCHITECTURES, Architecture, architecture
from mocap.models.safetensors import dump_safetensors, is_safetensors, read_safetensors
from mocap.models.tensorflow import DATA, GRAPH, INDEX, is_bundle, linear_baseline, read_bundle


@dataclass(frozen=True)
class Wish:
    """What a user says of a checkpoint; empty where the list of known weights may say it.

    Attributes:
        architecture, name, inputs, outputs, licence, source: as of `weights.Entry`.
        causal: the network was trained to see no future, which no checkpoint tells.
    """

    architecture: str = ""
    name: str = ""
    inputs: str = ""
    outputs: str = ""
    licence: str = ""
    source: str = ""
    causal: bool = False


def take_in(path: Path, wish: Wish) -> weights.Found:
    """Convert a checkpoint into the user's folder.

    A file of ours, from an earlier import or from `mocap train`, says itself what it is, and keeps
    all that it says; one that the list of weights knows by its name brings layouts, licence and
    source.

    Raises:
        FormatError: the file cannot be read safely, or its weights are of another architecture.
        InvalidValue: something must be said that is known from nowhere.
        UnknownName: no such architecture or layout.
        OutputError: the folder cannot be written.
    """
    if not path.is_file():
        why = "a folder; give a file in it" if path.is_dir() else "there is no such file"
        raise FormatError(why, path=path)
    notes = _notes(path)
    entry = _entry(path, wish, [entry_of_file(path)] if NOTE in notes else [])
    kind = architecture(entry.architecture)
    state = _state(path, kind)
    kept, settings = _held(kind, state, entry, path)
    if kind.inputs:
        inputs = kind.input_layout(entry.inputs)
        if settings.get("points", len(inputs)) != len(inputs):
            raise InvalidValue(
                f"{path}: the network takes {settings['points']} points, but {inputs.name} has "
                f"{len(inputs)}"
            )
        entry = replace(entry, inputs=inputs.name)
    if kind.outputs:
        entry = replace(entry, outputs=_outputs(kind, entry, settings.get("joints")))
    if NOTE not in notes or not entry.original_sha256:
        entry = replace(entry, original_sha256=weights.checksum(path))
    entry = replace(entry, file=entry.name + SUFFIX)
    told = {k: v for k, v in entry.to_dict().items() if k not in ("file", "url")}
    data = dump_safetensors(kept, {**notes, NOTE: json.dumps(told, sort_keys=True)})
    weights.add(entry, data)
    return weights.by_name(entry.name)


def says_what_it_is(path: Path) -> bool:
    """Whether a file is one of ours, from an earlier import or from `mocap train`. Raises
    FormatError."""
    return NOTE in _notes(path)


def _notes(path: Path) -> dict[str, str]:
    """The notes of a safetensors file, none of another. Raises FormatError."""
    with path.open("rb") as file:
        if not is_safetensors(file.read(9)):
            return {}
    return read_safetensors(path.read_bytes(), path)[1]


def _held(
    kind: Architecture, state: State, entry: weights.Entry, path: Path
) -> tuple[State, dict[str, Any]]:
    """Weights held to their architecture, and all its settings. Raises FormatError."""
    if kind.plain is not None:  # without PyTorch
        kind.plain(state, entry.settings, name=entry.name, licence=entry.licence, path=path)
        return state, dict(entry.settings)
    network, settings = filled_network(kind, state, entry.settings, path=path)
    return {k: state.get(k, np.zeros((), np.int64)) for k in network.state_dict()}, settings


def _entry(path: Path, wish: Wish, carried: list[weights.Entry]) -> weights.Entry:
    """What is known of a checkpoint: from the user, from itself and from the list of weights."""
    known = [found.entry for found in weights.every()]
    alike = [*carried, *(e for e in known if wish.name == e.name)]
    alike += [e for e in known if e.original == path.name]
    # one file may hold several networks
    alike = [e for e in alike if wish.architecture in ("", e.architecture)]
    entry = alike[0] if alike else weights.Entry(_plain_name(path))
    said = {k: v for k, v in vars(wish).items() if v and k != "causal"}
    settings = {**entry.settings, **({"causal": True} if wish.causal else {})}
    entry = replace(entry, **said, settings=settings)
    if not entry.architecture:
        raise InvalidValue(
            f"{path}: does not say which network it is of; say it with --arch, one of "
            f"{', '.join(ARCHITECTURES)}"
        )
    return entry


def _plain_name(path: Path) -> str:
    stem = path.name
    for suffix in (".tar", ".pth", ".pt", ".bin", ".ckpt", ".pkl", SUFFIX, INDEX, DATA, GRAPH):
        stem = stem.removesuffix(suffix)
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in stem)
    return plain.strip("._-") or "weights"


def _state(path: Path, kind: Architecture) -> State:
    """The weights of the network. Raises FormatError."""
    if is_bundle(path):
        return _checked(linear_baseline(read_bundle(path)), path)
    content = read_checkpoint(path)
    part = kind.part if isinstance(content, dict) and kind.part in content else ""
    return _checked(network_state(content, part, path=path), path)


def _checked(state: State, path: Path) -> State:
    """Weights in single precision. Raises FormatError if some are no numbers."""
    for key, array in state.items():
        if array.dtype.kind == "f":
            if not np.isfinite(array).all():
                raise FormatError(f"{key} holds numbers that are not finite", path=path)
            state[key] = array.astype(np.float32)
        elif key.endswith(COUNTER):
            state[key] = array.astype(np.int64)
    return state


def _outputs(kind: Architecture, entry: weights.Entry, joints: int | None) -> str:
    """The layout of the joints that come out. Raises InvalidValue, UnknownName."""
    if entry.outputs:
        names: tuple[str, ...] = (entry.outputs,)
    elif entry.inputs in kind.outputs:  # both of a data set of its own
        names = (entry.inputs,)
    else:
        names = kind.outputs
    for name in names:
        if joints in (None, len(output_layout(name))):
            return name
    raise InvalidValue(
        f"the network of {entry.name} gives {joints} joints, but {' and '.join(names)} "
        f"{'has' if len(names) == 1 else 'have'} another number; say which with --outputs"
    )
