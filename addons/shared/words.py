"""What every host tells its user in the same words."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from .address import Address
from .errors import Refused
from .messages import plain


def sentence(message: Mapping[str, Any]) -> str:
    """An answer or note of the server in words."""
    kind, of = message.get("type"), message.get("of")
    if kind in ("error", "note"):
        return str(message["message"])
    if of == "record":
        return f"the server records {word(message, 'take')}"
    if of == "stop":
        return f"the server recorded {word(message, 'take')}: {word(message, 'file')}"
    if of == "calibrate":
        return "stand in a T-pose"
    if of == "set":
        return f"{word(message, 'option')} is {word(message, 'value')} now"
    return ""


def word(message: Mapping[str, Any], key: str) -> str:
    """What a message says of something, fit to be shown, whatever that is."""
    value = message.get(key)
    return "?" if isinstance(value, (dict, list)) else plain(str(value), 100)


def people(clips: Sequence[Any]) -> str:
    """The people of some clips, each of which has a `person`."""
    numbers = [str(clip.person) for clip in clips]
    if len(numbers) == 1:
        return f"person {numbers[0]}"
    return f"persons {', '.join(numbers[:-1])} and {numbers[-1]}"


def spoken(human: str) -> str:
    """A bone's name as people read it: leftUpperArm becomes Left upper arm."""
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in human)
    return words[:1].upper() + words[1:]


def is_elsewhere(url: str) -> bool:
    """Whether an address means another computer, which asks for a token."""
    try:
        return not Address(url).is_loopback
    except Refused:
        return False
