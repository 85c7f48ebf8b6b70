"""Open Sound Control 1.0 (opensoundcontrol.org/spec-1_0): messages and bundles, every type said.

The only importer of python-osc. That guesses types: a Python `0` becomes an integer, and a
receiver that waits for a float drops the message without a word. Here nothing is guessed.

A frame sends the same messages again and again with other numbers. A `Template` has python-osc
build them once and then exchanges the numbers alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from mocap.arrays import Array
from mocap.errors import InvalidValue

LARGEST = 1472  # [bytes] of a datagram that crosses an Ethernet in one piece
KINDS: dict[str, type | tuple[type, ...]] = {"i": int, "f": (int, float), "s": str}
BUNDLE_HEAD, MESSAGE_HEAD = 16, 4  # [bytes] before all the messages of a bundle, before each
FLOAT = np.dtype(">f4")
MOST = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class Message:
    """One message.

    Attributes:
        address: begins with a slash.
        tags: the type of each value: i (32 bit integer), f (32 bit float), s (text).
        values: as many as there are tags.
    """

    address: str
    tags: str = ""
    values: tuple[str | int | float, ...] = ()

    def __post_init__(self) -> None:
        if not self.address.startswith("/"):
            raise InvalidValue(f"OSC address: expected one that begins with /, got {self.address}")
        if len(self.tags) != len(self.values):
            raise InvalidValue(
                f"{self.address}: expected a value for each of {self.tags!r}, got {self.values}"
            )
        for tag, value in zip(self.tags, self.values, strict=True):
            if tag not in KINDS or not isinstance(value, KINDS[tag]):
                raise InvalidValue(
                    f"{self.address}: expected types {', '.join(KINDS)}, got {value!r} as {tag!r}"
                )

    def encoded(self) -> bytes:
        """The message as a datagram of its own."""
        return self._built().dgram

    def _built(self) -> OscMessage:
        builder = OscMessageBuilder(self.address)
        for tag, value in zip(self.tags, self.values, strict=True):
            builder.add_arg(value, tag)
        return builder.build()


def bundle(messages: Sequence[Message]) -> bytes:
    """Messages as one datagram, to be obeyed at once."""
    builder = OscBundleBuilder(IMMEDIATELY)
    for message in messages:
        builder.add_content(message._built())
    return builder.build().dgram


def packed(messages: Sequence[Message], most: int, size: int = LARGEST) -> list[list[Message]]:
    """Messages in their order, in groups that fit into one bundle.

    Args:
        messages: each of them smaller than a bundle may be.
        most: messages in a bundle.
        size: [bytes] of a bundle.
    """
    groups: list[list[Message]] = []
    filled = size
    for message in messages:
        length = MESSAGE_HEAD + len(message.encoded())
        if filled + length > size or len(groups[-1]) == most:
            groups.append([])
            filled = BUNDLE_HEAD
        groups[-1].append(message)
        filled += length
    return groups


class Template:
    """A datagram of which the floats alone change: one message by itself, or a bundle of several.

    The floats of a message come after its other values.
    """

    def __init__(self, messages: Sequence[Message], *, bundled: bool) -> None:
        if not bundled and len(messages) != 1:
            raise InvalidValue("several messages need a bundle")
        whole = bundle(messages) if bundled else messages[0].encoded()
        self.floats = 0
        self._pieces: list[bytes] = []  # what is between the floats
        self._ends: list[int] = []  # [bytes] of floats before each of these and after it
        at = done = BUNDLE_HEAD if bundled else 0
        done = 0
        for message in messages:
            others = message.tags.rstrip("f")
            if "f" in others:
                raise InvalidValue(f"{message.address}: expected floats last, got {message.tags}")
            count = len(message.tags) - len(others)
            at += len(message.encoded()) + (MESSAGE_HEAD if bundled else 0)
            self._pieces.append(whole[done : at - FLOAT.itemsize * count])
            self.floats += count
            self._ends.append(FLOAT.itemsize * self.floats)
            done = at

    def filled(self, values: Array) -> bytes:
        """The datagram with these values, in the order of the messages; of any shape."""
        # what no 32 bit float can hold must not become infinite
        flat = np.clip(np.ravel(values), -MOST, MOST).astype(FLOAT).tobytes()
        if len(flat) != self._ends[-1]:
            raise InvalidValue(f"expected {self.floats} floats, got {len(flat) // FLOAT.itemsize}")
        begun, parts = 0, []
        for piece, end in zip(self._pieces, self._ends, strict=True):
            parts += [piece, flat[begun:end]]
            begun = end
        return b"".join(parts)
