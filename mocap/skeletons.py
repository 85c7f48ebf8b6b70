"""Skeletons by name: JSON tables in mocap/data/skeletons, shared by every host."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from mocap.errors import FormatError, InvalidValue, UnknownName
from mocap.skeleton import Skeleton

FOLDER = Path(__file__).parent / "data" / "skeletons"


def names() -> list[str]:
    """Names of the skeletons that come with the package."""
    return sorted(f.stem for f in FOLDER.glob("*.json"))


@cache
def by_name(name: str) -> Skeleton:
    """A skeleton that comes with the package. Raises UnknownName."""
    if name not in names():
        raise UnknownName("skeleton", name, names())
    return from_dict(json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")))


def humanoid() -> Skeleton:
    """The canonical skeleton: VRM 1.0 bone names, T-pose, 1.75 m tall, feet on y = 0."""
    return by_name("humanoid")


def load(path: str | Path) -> Skeleton:
    """A skeleton from a JSON file of the same form as the package's own. Raises FormatError."""
    try:
        return from_dict(json.loads(Path(path).read_text(encoding="utf-8")))
    except OSError as error:
        raise FormatError(f"cannot read the skeleton: {error.strerror}", path=path) from None
    except json.JSONDecodeError as error:
        raise FormatError(f"not JSON: {error.msg}", path=path, line=error.lineno) from None
    except InvalidValue as error:
        raise FormatError(str(error), path=path) from None


def from_dict(data: Any) -> Skeleton:
    """A skeleton from its JSON form.

    `{"name": ..., "bones": [{"name", "parent" (null for the root), "offset" [x, y, z] in
    metres, optionally "tip" [x, y, z]}, ...]}`, parents before children.

    Raises:
        InvalidValue: something is missing or wrong; the message says what.
    """
    try:
        bones = data["bones"]
        bone_names = [str(b["name"]) for b in bones]
        index = {name: i for i, name in enumerate(bone_names)}
        parents = [-1 if b.get("parent") is None else index[b["parent"]] for b in bones]
        offsets = np.array([b["offset"] for b in bones], dtype=np.float64).reshape(-1, 3)
        no_tip = [np.nan] * 3
        tips = np.array([b.get("tip") or no_tip for b in bones], dtype=np.float64).reshape(-1, 3)
    except KeyError as error:
        raise InvalidValue(f"skeleton: a bone lacks or names an unknown {error}") from None
    except (TypeError, ValueError, OverflowError, AttributeError) as error:
        raise InvalidValue(f"skeleton: expected bones with name, parent, offset; {error}") from None
    return Skeleton(
        tuple(bone_names), np.array(parents), offsets, tips, str(data.get("name", "skeleton"))
    )


def to_dict(skeleton: Skeleton) -> dict[str, Any]:
    """The JSON form of a skeleton, as `from_dict` reads it."""
    bones = []
    for i, bone in enumerate(skeleton.names):
        entry = {
            "name": bone,
            "parent": skeleton.parent(bone),
            "offset": skeleton.offsets[i].tolist(),
        }
        if np.isfinite(skeleton.tips[i]).all():
            entry["tip"] = skeleton.tips[i].tolist()
        bones.append(entry)
    return {"name": skeleton.name, "bones": bones}
