"""Where to send and how, as one word of the command line: `HOST:PORT,option=value,...`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mocap.errors import InvalidValue, UnknownName

Option = Callable[[str], object]


def split(what: str, spec: str, options: Mapping[str, Option]) -> tuple[str, dict[str, object]]:
    """A target taken apart: its address, perhaps empty, and the values of its options.

    Args:
        what: the kind of target, for messages.
        spec: what the user wrote.
        options: how the value of each is read; raises ValueError for one that makes no sense.

    Raises:
        UnknownName: there is no such option; lists those there are.
        InvalidValue: one without a value, twice, or with one that makes no sense.
    """
    first, *others = (piece.strip() for piece in spec.split(","))
    if "=" in first:
        first, others = "", [first, *others]
    values: dict[str, object] = {}
    for piece in others:
        key, equals, text = (part.strip() for part in piece.partition("="))
        if key not in options:
            raise UnknownName(f"option of {what}", key, options)
        if not equals or not text:
            raise InvalidValue(f"{what}: expected {key}=VALUE, got {piece!r}")
        if key in values:
            raise InvalidValue(f"{what}: {key} is given twice")
        try:
            values[key] = options[key](text)
        except InvalidValue:
            raise
        except ValueError:
            raise InvalidValue(f"{what}: {key}={text} makes no sense; expected a number") from None
    return first, values


def one_of(*known: str) -> Option:
    """Reads one of some words."""

    def read(text: str) -> str:
        if text not in known:
            raise InvalidValue(f"expected {' or '.join(known)}, got {text!r}")
        return text

    return read
