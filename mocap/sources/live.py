"""Whatever there is, as a live source: cameras and streams that come back, files played."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from mocap.errors import SourceError
from mocap.sources import Source, open_source


def open_live_source(
    what: str | Path,
    *,
    loop: bool = False,
    fps: float | None = None,
    size: tuple[int, int] | None = None,
    tell: Callable[[str], object] = lambda _: None,
) -> Source:
    """A source whose pictures come in their own time, and do not end because a plug was pulled.

    Args:
        what: as `open_source` takes it.
        loop: begin a file anew at its end, again and again.
        fps, size: as `open_source` takes them.
        tell: told, as lines for people, when a camera or stream is lost and when it is back.

    Raises:
        SourceError: as `open_source`, or it cannot be played in a loop.
    """
    source = open_source(what, fps=fps, size=size)
    stream = "://" in str(what)
    if loop and (source.live or stream):
        source.close()
        raise SourceError(f"{source.name}: only files and folders can be played in a loop")
    if not source.live:
        from mocap.sources.paced import Paced

        return Paced(source, loop=loop)
    from mocap.sources.steady import Steady

    def reopen() -> Source:
        if stream:
            return open_source(what)
        return _camera(str(what), source.name, fps, size)

    return Steady(reopen, tell, first=source)


def _camera(what: str, name: str, fps: float | None, size: tuple[int, int] | None) -> Source:
    """The camera of this name, wherever it is by now: where others come and go, indices change."""
    from mocap.sources.devices import device_names

    number = re.search(r"\d+$", what)
    index = int(number[0]) if number else None
    names = device_names()
    places = [place for place, known in names.items() if known == name]
    if places:
        what = str(index if index in places else places[0])
    elif names and name != f"camera {index}":
        raise SourceError(f"{name}: not connected; cameras: {', '.join(names.values())}")
    return open_source(what, fps=fps, size=size)
