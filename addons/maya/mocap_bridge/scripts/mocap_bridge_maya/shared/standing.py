"""How the connection to a server stands, in words and figures for a panel."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from .client import Client
from .messages import plain
from .words import sentence, word

STALE = 2.0  # [s] without a frame, after which nobody is shown
MESSAGES = 20  # answers and notes of the server that are kept
TEXTS = {
    "connecting": "connecting",
    "connected": "connected",
    "waiting": "waiting for the server",
    "closed": "not connected",
}


def standing(
    client: Client | None,
    people: Sequence[tuple[int, str]],
    problem: str,
    messages: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """What a panel shows.

    Args:
        client: in use; None while not connected on purpose.
        people: id and state of those in the newest frame.
        problem: why nothing moves, besides what the client knows; "" if nothing is wrong.
        messages: what the server answered and noted, oldest first.

    Returns:
        text: how the connection is; fps: frames a second that come; latency_ms: age of the newest
        frame, None while unknown; people: id and state of each; dropped: frames that came too
        fast for the host; problem: a sentence, "" if nothing is wrong; message: what the server
        said last, "" if nothing; recording: name of the take that the server records, or None.
    """
    told: dict[str, Any] = {
        "text": TEXTS["closed"],
        "fps": 0.0,
        "latency_ms": None,
        "people": [],
        "dropped": 0,
        "problem": problem,
        "message": sentence(messages[-1] if messages else {}),
        "recording": None,
    }
    if client is None:
        return told
    text = TEXTS[client.state]
    if client.state == "connected" and client.hello is not None:
        source = client.status.get("state", "")
        text = client.hello.server or text
        text = f"{text}, {source}" if source else text
    recorded = client.status.get("recording")
    told.update(
        text=plain(text, 120),
        fps=client.fps,
        latency_ms=None if client.latency is None else 1000 * client.latency,
        people=list(people),
        dropped=client.dropped,
        problem=client.problem or problem,
        recording=word(recorded, "name") if isinstance(recorded, dict) else None,
    )
    return told
