"""JSON as the project writes it: strict, and saying in which world its numbers are."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from .errors import TakeError

AXES = {"up": "+Y", "forward": "+Z", "handedness": "right", "quaternion": "xyzw"}


def value_of(data: bytes) -> Any:
    """What JSON bytes say, without NaN and Infinity. Raises TakeError."""
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=no_constant)
    except json.JSONDecodeError as error:
        line = f"line {error.lineno}: " if b"\n" in data else ""
        raise TakeError(f"{line}not JSON: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        raise TakeError(f"not JSON: {error}") from None


def no_constant(name: str) -> NoReturn:
    """What json calls for NaN and Infinity. Raises ValueError."""
    raise ValueError(f"{name} is not a JSON number")


def check_world(told: dict[str, Any], version: int) -> None:
    """Raise TakeError unless a file's version, unit and axes are those that are read here."""
    found = told.get("version")
    if type(found) is not int or found != version:
        newer = type(found) is int and found > version
        raise TakeError(
            f"version: expected {version}, got {str(found)[:40]}"
            + ("; a newer version of this add-on can read it" if newer else "")
        )
    for key, expected in (("unit", "m"), ("axes", AXES)):
        if told.get(key) != expected:
            raise TakeError(f"{key}: expected {json.dumps(expected)}")
