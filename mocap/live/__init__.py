"""Live: pictures or a recorded take in, motion out to everyone who listens, as it happens."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from mocap.errors import InvalidValue
from mocap.live.session import Say, Session
from mocap.live.settings import LiveSettings
from mocap.takes.folder import TakeFolder

__all__ = ["LiveSettings", "Session", "open_session"]


def open_session(
    what: str,
    settings: LiveSettings | None = None,
    takes: TakeFolder | None = None,
    say: Say = lambda *_: None,
) -> Session:
    """A session that brings frames from a camera, stream, video, folder of images or take.

    Args:
        what: as `open_source` takes it, or the file of a take.
        settings: choices of the user.
        takes: where recordings are.
        say: hears of everything that people should know, and whether it is a problem.

    Raises:
        MocapError: it cannot be opened, or an option does not apply to it.
    """
    settings, takes = settings or LiveSettings(), takes or TakeFolder(Path("takes"))
    if is_take(Path(what)):
        from mocap.live.replaying import Replaying

        return Replaying(Path(what), settings, takes, say)
    from mocap.estimators import Estimator
    from mocap.live.capturing import Capturing, Tell
    from mocap.live.estimator_process import EstimatorProcess
    from mocap.lookout import open_live
    from mocap.sources import Source, open_source
    from mocap.sources.live import open_live_source

    def pictures(tell: Tell) -> Source:
        if settings.every_frame:
            return open_source(what, fps=settings.fps, size=settings.size)
        return open_live_source(
            what, loop=settings.loop, fps=settings.fps, size=settings.size, tell=tell
        )

    def estimator(people: int, tell: Tell) -> Estimator:
        return EstimatorProcess(partial(open_live, people, settings.model), tell)

    if settings.every_frame and settings.loop:
        raise InvalidValue("loop: keeps pace with the clock; every frame is worked on once")
    return Capturing(pictures, estimator, settings, takes, say)


def is_take(path: Path) -> bool:
    """Whether a path is the file of a take rather than footage."""
    from exporters import formats

    return path.is_file() and any(path.suffix.lower() in f.suffixes for f in formats().values())
