"""What can be asked of a server: the message, and how its answer reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from mocap.stream.commands import Calibrate, Record, Set

T = TypeVar("T")
Message = Mapping[str, Any]


@dataclass(frozen=True)
class Request(Generic[T]):
    """Attributes:
    message: of JSON values, with its "type".
    read: makes what the caller wants of the answer.
    """

    message: Message
    read: Callable[[Message], T]


def record(name: str | None, note: str) -> Request[str]:
    wish = Record(name, note)
    named = {} if wish.name is None else {"name": wish.name}
    return Request({"type": "record", **named, "note": wish.note}, lambda a: str(a["take"]))


def stop() -> Request[dict[str, Any]]:
    return Request({"type": "stop"}, _plain)


def calibrate(height: float | None, delay: float) -> Request[float]:
    wish = Calibrate(height, delay)
    known = {} if wish.height is None else {"height": wish.height}
    return Request({"type": "calibrate", **known, "delay": wish.delay}, lambda a: float(a["delay"]))


def set_option(option: str, value: Any) -> Request[Any]:
    wish = Set(option, value)
    return Request(
        {"type": "set", "option": wish.option, "value": wish.value}, lambda a: a["value"]
    )


def takes() -> Request[list[dict[str, Any]]]:
    return Request({"type": "takes"}, lambda a: list(a["takes"]))


def ping(now: float) -> Request[None]:
    """`now` [s] is on the clock that arrivals are told by."""
    return Request({"type": "ping", "t": now}, lambda _: None)


def _plain(answer: Message) -> dict[str, Any]:
    return {k: v for k, v in answer.items() if k not in ("type", "of", "request")}
