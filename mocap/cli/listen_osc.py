"""What arrives as OSC, of VMC or any other kind, told in figures."""

from __future__ import annotations

import json
import socket
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from mocap.errors import InvalidValue, StreamError
from mocap.stream.osc_reader import Heard, messages_of

LARGEST = 65536  # [bytes] of a datagram
SECOND = 1.0  # [s] from line to line


@dataclass
class Second:
    """What came in a second.

    Attributes:
        senders: datagrams by address of the sender.
        largest: [bytes] the longest datagram.
        kinds: messages by address and types.
        named: values of the newest message, by address and first text: those of a bone, say.
        broken: what was wrong with a datagram that is no OSC, None if none was.
        length: [s] that it really lasted.
    """

    senders: Counter[str] = field(default_factory=Counter)
    largest: int = 0
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    named: dict[tuple[str, str], tuple[Any, ...]] = field(default_factory=dict)
    broken: str | None = None
    length: float = SECOND

    def take(self, datagram: bytes, sender: str) -> None:
        self.senders[sender] += 1
        self.largest = max(self.largest, len(datagram))
        try:
            messages = messages_of(datagram)
        except InvalidValue as error:
            self.broken = str(error)
            return
        for message in messages:
            self.kinds[message.address, message.tags] += 1
            self._name(message)

    def _name(self, message: Heard) -> None:
        if message.tags.startswith("s"):
            name, *values = message.values
            self.named[message.address, name] = tuple(values)

    def told(self, bones: bool) -> dict[str, Any]:
        """The figures, of JSON values."""
        told: dict[str, Any] = {
            "datagrams": round(sum(self.senders.values()) / self.length, 1),
            "senders": list(self.senders),
            "largest": self.largest,
            "messages": [
                {
                    "address": address,
                    "types": tags,
                    "rate": round(count / self.length, 1),
                    "names": sum(a == address for a, _ in self.named),
                }
                for (address, tags), count in sorted(self.kinds.items())
            ],
            "broken": self.broken,
        }
        if bones:
            told["named"] = {
                f"{address} {name}": [v if isinstance(v, (str, int, float)) else str(v) for v in vs]
                for (address, name), vs in sorted(self.named.items())
            }
        return told


def listen(port: int, seconds: float | None, bones: bool, as_json: bool) -> None:
    """Print what arrives at a UDP port of this machine, a line a second.

    Args:
        seconds: [s] how long; without end if None.
        bones: also the newest values of everything that has a name.

    Raises:
        StreamError: the port cannot be listened to.
    """
    end = None if seconds is None else time.monotonic() + seconds
    with _open(port) as ear:
        if not as_json:
            print(f"listening to OSC at UDP port {port} of this computer", flush=True)
        while end is None or time.monotonic() < end:
            told = _second(ear, end).told(bones)
            lines = [json.dumps(told)] if as_json else _lines(told, port)
            print(*lines, sep="\n", flush=True)


def _open(port: int) -> socket.socket:
    ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        ear.bind(("", port))
    except (OSError, OverflowError) as error:
        ear.close()
        why = getattr(error, "strerror", None) or error
        raise StreamError(
            f"cannot listen to UDP port {port}: {why}; close the program that receives there, or "
            "have both sides use another port"
        ) from None
    return ear


def _second(ear: socket.socket, end: float | None) -> Second:
    begun = time.monotonic()
    until = begun + SECOND if end is None else min(begun + SECOND, end)
    second = Second()
    while (left := until - time.monotonic()) > 0:
        ear.settimeout(left)
        try:
            datagram, sender = ear.recvfrom(LARGEST)
        except TimeoutError:
            break
        except OSError:  # Windows: somebody we never wrote to is gone
            continue
        second.take(datagram, sender[0])
    second.length = max(time.monotonic() - begun, 1e-3)
    return second


def _lines(told: dict[str, Any], port: int) -> list[str]:
    if not told["senders"]:
        return [f"nothing arrives; does the sender send to port {port} of this computer?"]
    senders = ", ".join(told["senders"])
    lines = [f"{told['datagrams']:.0f} datagrams/s from {senders}, up to {told['largest']} bytes"]
    for kind in told["messages"]:
        names = f", {kind['names']} names" if kind["names"] else ""
        lines.append(f"    {kind['address']} {kind['types'] or '-'} {kind['rate']:.0f}/s{names}")
    if told["broken"] is not None:
        lines.append(f"    not understood: {told['broken']}")
    for name, values in told.get("named", {}).items():
        shown = " ".join(f"{v:8.3f}" if isinstance(v, float) else str(v) for v in values)
        lines.append(f"    {name:<44} {shown}")
    return lines
