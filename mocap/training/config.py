"""What a training does: the published schedules by name, and what a user changes of them.

The schedules are files of `configs/`, JSON with the fields of `Config`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from mocap.errors import FormatError, InvalidValue, UnknownName
from mocap.models.registry import architecture

FOLDER = Path(__file__).parent / "configs"
TRAINERS = ("supervised", "semi", "masked", "refine", "body")
LOSSES = ("mpjpe", "mse")
LARGEST = {"int": 1e18, "float": 1e100}  # that numbers may be
POSITIVE = ("epochs", "batch", "learning_rate", "rate", "stride", "every", "validate")
SHARES = ("masked_frames", "dropout", "decay", "drop")
NOT_NEGATIVE = (
    "velocity", "steps", "decay_steps", "drop_epochs", "clip", "max_norm", "patience", "warm_up",
    "reprojection", "bone_lengths", "masked_points", "noise", "seed",
)  # fmt: skip


@dataclass(frozen=True)
class Config:
    """How one network is trained.

    Attributes:
        architecture: of `mocap.models.registry`.
        about: where the schedule comes from.
        trainer: "supervised" by true joints; "semi", also by people whose joints are unknown;
            "masked", to guess points that were hidden; "refine", what another network says;
            "body", our own lifter by what it alone is shown.
        inputs, outputs: layouts of the points that go in and the joints that come out.
        network: settings of the architecture.
        loss: "mpjpe", mean distance of joints, or "mse".
        velocity: weight of the mean error of the steps between frames, for networks that are
            taught whole windows.
        epochs: how many times all frames are shown.
        steps: at most so many batches an epoch; 0 for all frames.
        batch: frames.
        learning_rate: at first.
        decay: what it is multiplied by after each epoch, or after each `decay_steps` steps.
        decay_steps: 0 for epochs.
        staircase: the rate falls at once after those steps, not a little at each.
        drop, drop_epochs: it is also multiplied by this, each time so many epochs are over.
        amsgrad: of Adam.
        norm_momentum: of batch norms in the first epoch and, falling evenly on a scale of
            logarithms, after the last; None leaves 0.1.
        clip: the largest norm of a gradient; 0 for any.
        max_norm: the largest norm of the weights of a fully connected layer; 0 for any.
        flip: each frame is also shown in the mirror.
        rate: [Hz] of the motion shown, as near as leaving out frames comes to it.
        stride: frames between those of a window, in frames of that rate.
        every: only one in so many frames is taught.
        patience: epochs without a better validation after which training stops; 0 goes on.
        warm_up: epochs of "semi" before people whose joints are unknown are shown.
        reprojection, bone_lengths: weights of what "semi" learns from these.
        masked_frames: share of frames that "masked" hides.
        masked_points: points that it hides in each of the others.
        train, unlabelled, held_out: patterns of subjects, or of the names of clips of a corpus,
            to learn from, to learn from without their joints, and to validate with.
        validate: frames to validate with, at most.
        noise: [share of the body's height in the picture] how far points are off, as a normal
            distribution has it, in motion that made-up cameras see.
        dropout: share of points that these do not see.
        room: made-up cameras stand up to so many times as far away as they must.
        seed: of all that is random.
        mixed: half precision where a GPU gains by it.
        cpu_half: bfloat16 on a CPU too; those that know it are nearly twice as fast, others slow.
    """

    architecture: str
    about: str = ""
    trainer: str = "supervised"
    inputs: str = "h36m17"
    outputs: str = "h36m17"
    network: Mapping[str, Any] = field(default_factory=dict)
    loss: str = "mpjpe"
    velocity: float = 0.0
    epochs: int = 80
    steps: int = 0
    batch: int = 1024
    learning_rate: float = 1e-3
    decay: float = 1.0
    decay_steps: int = 0
    staircase: bool = True
    drop: float = 1.0
    drop_epochs: int = 0
    amsgrad: bool = False
    norm_momentum: tuple[float, float] | None = None
    clip: float = 0.0
    max_norm: float = 0.0
    flip: bool = True
    rate: float = 50.0
    stride: int = 1
    every: int = 1
    patience: int = 0
    warm_up: int = 1
    reprojection: float = 1.0
    bone_lengths: float = 1.0
    masked_frames: float = 0.8
    masked_points: int = 2
    train: tuple[str, ...] = ("*",)
    unlabelled: tuple[str, ...] = ()
    held_out: tuple[str, ...] = ()
    validate: int = 4096
    noise: float = 0.006
    dropout: float = 0.02
    room: float = 2.0
    seed: int = 0
    mixed: bool = True
    cpu_half: bool = False

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        for of in fields(self):
            set_(self, of.name, _checked(of.name, str(of.type), getattr(self, of.name)))
        architecture(self.architecture)
        for what, known in (("trainer", TRAINERS), ("loss", LOSSES)):
            if getattr(self, what) not in known:
                raise UnknownName(what, getattr(self, what), known)
        for what in POSITIVE:
            if not getattr(self, what) > 0:
                raise InvalidValue(f"{what}: expected more than 0, got {getattr(self, what)}")
        for what in NOT_NEGATIVE:
            if not getattr(self, what) >= 0:
                raise InvalidValue(f"{what}: expected 0 or more, got {getattr(self, what)}")
        for what in SHARES:
            if not 0 <= getattr(self, what) <= 1:
                raise InvalidValue(f"{what}: expected 0 to 1, got {getattr(self, what)}")
        if self.norm_momentum is not None and not all(0 < m <= 1 for m in self.norm_momentum):
            raise InvalidValue(f"norm_momentum: expected 0 to 1, got {self.norm_momentum}")
        if self.room < 1:
            raise InvalidValue(f"room: expected 1 or more, got {self.room}")

    def to_dict(self) -> dict[str, Any]:
        """As in a file."""
        told = asdict(self)
        return {k: list(v) if isinstance(v, tuple) else v for k, v in told.items()}

    def changed(self, **changes: Any) -> Config:
        """The same but for some fields; the settings of the network are merged with its own.

        Raises:
            InvalidValue: no such field, or a value that cannot be.
        """
        known = {of.name for of in fields(self)}
        for name in changes:
            if name not in known:
                raise InvalidValue(f"no setting {name!r}; there are {', '.join(sorted(known))}")
        if isinstance(changes.get("network"), Mapping):
            changes["network"] = {**self.network, **changes["network"]}
        return replace(self, **changes)


def known() -> list[str]:
    """The names of the schedules."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def by_name(name: str) -> Config:
    """A published schedule. Raises UnknownName."""
    if name not in known():
        raise UnknownName("network to train", name, known())
    return Config(**_read(FOLDER / f"{name}.json"))


def changed_by_file(config: Config, path: Path) -> Config:
    """A schedule changed as a file says. Raises FormatError."""
    try:
        return config.changed(**_read(path))
    except (InvalidValue, UnknownName) as error:
        raise FormatError(str(error), path=path) from None


def changed_by_words(config: Config, words: list[str]) -> Config:
    """A schedule changed as KEY=VALUE says, values being JSON or plain text, the settings of the
    network under network.KEY. Raises InvalidValue, UnknownName."""
    for word in words:
        key, equals, text = word.partition("=")
        if not equals:
            raise InvalidValue(f"expected KEY=VALUE, as in batch=256, got {word!r}")
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        part, dot, inner = key.partition(".")
        config = config.changed(**{part: {inner: value} if dot else value})
    return config


def _read(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FormatError(f"cannot be read: {error.strerror or error}", path=path) from None
    except ValueError as error:
        raise FormatError(f"not JSON: {error}", path=path) from None
    if not isinstance(told, dict):
        raise FormatError("expected an object with the settings of a training", path=path)
    return told


def _checked(name: str, kind: str, value: Any) -> Any:
    """The value as its field wants it. Raises InvalidValue."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    number = number and abs(value) < LARGEST.get(kind, 0)  # which NaN is not
    if kind == "float" and number:
        return float(value)
    if kind == "int" and number and value == int(value):
        return int(value)
    if kind == "bool" and isinstance(value, bool):
        return value
    if kind == "str" and isinstance(value, str):
        return value
    if kind.startswith("Mapping") and isinstance(value, Mapping):
        return dict(value)
    if kind == "tuple[str, ...]" and isinstance(value, (list, tuple)):
        if all(isinstance(one, str) for one in value):
            return tuple(value)
    elif kind.startswith("tuple[float") and (value is None or _is_pair(value)):
        return None if value is None else tuple(map(float, value))
    raise InvalidValue(f"{name}: expected {_spoken(kind)}, got {value!r}")


def _is_pair(value: Any) -> bool:
    return (
        isinstance(value, (list, tuple))
        and len(value) == 2
        and all(isinstance(one, (int, float)) for one in value)
    )


def _spoken(kind: str) -> str:
    return {
        "float": "a number", "int": "a whole number", "bool": "true or false", "str": "a text",
        "tuple[str, ...]": "a list of texts",
    }.get(kind, "an object" if kind.startswith("Mapping") else "two numbers, or null")  # fmt: skip
