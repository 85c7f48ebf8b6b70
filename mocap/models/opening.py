"""Lifters by name, and networks filled with weights."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mocap import layouts, weights
from mocap.errors import FormatError, InvalidValue, UnknownName
from mocap.landmarks import Layout
from mocap.models.lifter import Lifter
from mocap.models.numbers import State
from mocap.models.registry import ARCHITECTURES, Architecture, Runner, architecture
from mocap.models.safetensors import read_safetensors

if TYPE_CHECKING:
    from mocap.models.backend import nn

NOTE = "mocap"  # of a safetensors file: the entry of its weights, as JSON
SUFFIX = ".safetensors"
COUNTER = "num_batches_tracked"  # kept by norms since PyTorch 0.4.1; nothing depends on it


def open_lifter(name: str, *, device: str = "cpu") -> Lifter:
    """A lifter ready to run.

    Args:
        name: of weights; of an architecture, for the first weights of it that are here; or the
            path of a safetensors file that was imported.
        device: "cpu", "cuda" or "auto".

    Raises:
        UnknownName: no such weights or architecture.
        FormatError: the weights are not here, which says how to get them, or damaged.
        InvalidValue: no such device.
        MissingExtra: PyTorch is not installed.
    """
    found = find(name)
    entry = found.entry
    kind = architecture(entry.architecture)
    if kind.lifter is None and kind.plain is None:
        raise InvalidValue(f"the weights {entry.name} are of {kind.title}, which lifts nothing")
    path = weights.whole_file(found)
    if kind.plain is not None:
        state, _ = read_safetensors(path.read_bytes(), path)
        return kind.plain(state, entry.settings, name=entry.name, licence=entry.licence, path=path)
    assert kind.lifter is not None
    runner = fastest_runner(device)
    state, _ = read_safetensors(path.read_bytes(), path)
    network, _ = filled_network(kind, state, entry.settings, path=path)
    lifter = kind.lifter(
        network,
        runner,
        name=entry.name,
        licence=entry.licence,
        inputs=layouts.by_name(entry.inputs),
        outputs=output_layout(entry.outputs),
    )
    lifter.runtime = runner.runtime
    return lifter


def fastest_runner(device: str) -> Runner:
    """What runs networks on a device: PyTorch, and on the CPU also ONNX Runtime, if it is there.

    Raises:
        InvalidValue: no such device.
        MissingExtra: PyTorch is not installed.
    """
    from mocap.models.onnx_running import OnnxRunner
    from mocap.models.running import TorchRunner

    runner = TorchRunner(device)
    return OnnxRunner(runner) if runner.device.type == "cpu" else runner


def find(name: str) -> weights.Found:
    """Weights of a lifter; see `open_lifter`. Raises UnknownName, FormatError."""
    if name.endswith(SUFFIX):
        return weights.Found(entry_of_file(Path(name)), Path(name))
    every = [found for found in weights.every() if found.entry.architecture]
    for found in every:
        if found.entry.name == name:
            return found
    of_kind = [found for found in every if found.entry.architecture == name]
    for found in of_kind:
        if found.path is not None:
            return found
    if len(of_kind) == 1:
        raise FormatError(weights.how_to_get(of_kind[0].entry))
    if of_kind:
        names = ", ".join(found.entry.name for found in of_kind)
        raise FormatError(
            f"no weights of {name} are here; mocap weights list tells how to get {names}"
        )
    if name in ARCHITECTURES:
        raise FormatError(
            f"no weights of {name} are here; mocap weights import FILE --arch {name} takes them in"
        )
    if Path(name).is_file():
        raise FormatError(
            "no weights that can be used by their path, which end in .safetensors; "
            f"mocap weights import {name} --arch NAME makes such of a checkpoint"
        )
    lifting = {n for n, kind in ARCHITECTURES.items() if kind.lifter or kind.plain}
    raise UnknownName("lifter", name, lifting | {found.entry.name for found in every})


def entry_of_file(path: Path) -> weights.Entry:
    """The entry that an imported file carries. Raises FormatError."""
    try:
        _, notes = read_safetensors(path.read_bytes(), path)
    except OSError as error:
        raise FormatError(f"cannot be read: {error.strerror or error}", path=path) from None
    known = {of.name for of in fields(weights.Entry)}
    try:
        told = {k: v for k, v in json.loads(notes[NOTE]).items() if k in known}
        return replace(weights.Entry(**told), file="", sha256="", size=0)
    except (KeyError, ValueError, TypeError, AttributeError):
        raise FormatError(
            "does not say which network it is of; mocap weights import it with --arch", path=path
        ) from None


def output_layout(name: str) -> Layout:
    """The layout of joints. Raises UnknownName."""
    from mocap.models.lifters import TRAJECTORY

    return TRAJECTORY if name == TRAJECTORY.name else layouts.by_name(name)


def filled_network(
    kind: Architecture, state: State, settings: Mapping[str, Any], *, path: object = None
) -> tuple[nn.Module, dict[str, Any]]:
    """A network with these weights, and all its settings.

    Args:
        kind: its architecture.
        state: the weights.
        settings: those that the shapes of the weights do not tell.
        path: for messages.

    Raises:
        FormatError: the weights are of another architecture; names the first that differ.
    """
    from mocap.models.running import tensors

    shapes = {key: array.shape for key, array in state.items()}
    try:
        whole = {**kind.read(shapes), **settings}
    except (ValueError, IndexError):  # shapes of something else; what is expected will be told
        whole = dict(settings)
    try:
        network = kind.build(whole)
    except (TypeError, RuntimeError) as error:
        raise FormatError(f"{kind.title} cannot be built of {whole}: {error}", path=path) from None
    given = tensors(state)
    wanted = network.state_dict()
    for key, tensor in wanted.items():
        if key.endswith(COUNTER):
            given.setdefault(key, tensor)
    missing = [key for key in wanted if key not in given]
    unexpected = [key for key in given if key not in wanted]
    if missing or unexpected:
        raise FormatError(
            f"not the weights of {kind.title}: {_first('missing', missing)}, "
            f"{_first('unexpected', unexpected)}",
            path=path,
        )
    for key, tensor in wanted.items():
        if tensor.shape != given[key].shape:
            raise FormatError(
                f"not the weights of {kind.title}: {key} should have shape "
                f"{tuple(tensor.shape)}, but has {tuple(given[key].shape)}",
                path=path,
            )
    network.load_state_dict(given)
    return network, whole


def _first(what: str, keys: list[str]) -> str:
    if not keys:
        return f"nothing {what}"
    more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
    return f"{what} {keys[0]}{more}"
