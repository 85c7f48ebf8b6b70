"""The lifters that come along, which everything uses unless it is told otherwise."""

from __future__ import annotations

from functools import cache

from mocap.models.lifter import Lifter
from mocap.models.opening import open_lifter

WHOLE, LIVE = "body", "body-live"  # names of their weights


@cache
def own_lifter(*, live: bool = False) -> Lifter:
    """Our own lifter, of whole clips or of frames as they come.

    Raises:
        FormatError: its weights are missing or damaged.
    """
    return open_lifter(LIVE if live else WHOLE)
