"""Frames as plain OSC, to one address."""

from __future__ import annotations

from dataclasses import dataclass

from mocap.stream.bone_choice import chosen
from mocap.stream.datagram_sink import DatagramSink
from mocap.stream.plain_osc import FRAMES, OscEncoder, OscSettings
from mocap.stream.target import Option, one_of, split
from mocap.stream.udp import Address, parse_address

PORT = 9000
OPTIONS: dict[str, Option] = {
    "person": int,
    "bones": chosen,
    "positions": one_of(*FRAMES),
    "rotations": one_of(*FRAMES),
    "every": int,
    "rate": float,
}


@dataclass(frozen=True)
class OscTarget:
    """A receiver, and what it is told.

    Attributes:
        address: where it listens.
        settings: what it is told.
    """

    address: Address
    settings: OscSettings

    def __str__(self) -> str:
        return str(self.address)


def target_of(spec: str) -> OscTarget:
    """The receiver that a text names: `127.0.0.1:9000,person=1,rotations=global`.

    Raises:
        UnknownName: no such option or bone; lists those there are.
        InvalidValue: an address or a value that makes no sense.
    """
    place, values = split("OSC", spec, OPTIONS)
    settings = OscSettings(**values)  # type: ignore[arg-type]
    return OscTarget(parse_address(place, PORT), settings)


class OscSink(DatagramSink):
    """Sends everybody, or one person, to one receiver. Raises StreamError: no such host."""

    def __init__(self, target: OscTarget) -> None:
        super().__init__("OSC", target, OscEncoder(target.settings))
