"""Live from pictures: source, estimator, solve, and a recording of it all.

Three threads: one reads pictures (of a live source only the newest counts), one estimates, one
solves and sends. Each hands the newest to the next, so whoever is slow drops frames rather than
falling behind; with `every_frame` each waits for the next instead.
"""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from mocap.body_filters import Unfiltered, parse
from mocap.capture import ASSUMED, camera_for, made_of
from mocap.errors import InvalidValue, Refused
from mocap.estimators import Estimator
from mocap.live.calibration import SECONDS
from mocap.live.clock import FrameClock, SessionClock, Stamped
from mocap.live.gauges import Gauge
from mocap.live.session import Say, Seen, Session, milliseconds
from mocap.live.settings import LiveSettings
from mocap.live.stage import Stage, StageSettings
from mocap.sources import Source
from mocap.sources.prefetch import Prefetched
from mocap.stream.commands import Calibrate, Record, Set
from mocap.takes.folder import TakeFolder
from mocap.takes.recorder import Recorder
from mocap.threads import Mailbox, Worker

CALIBRATING = 6.0  # [s] after the countdown in which a T-pose is looked for
RETRY = 0.25  # [s] between two looks
IDLE = 0.5  # [s] a thread waits before it looks whether the session ends
DEFAULT_FPS = 30.0
# [s] for which a thread may keep the interpreter from those that have only a picture to pass on;
# with Python's own 5 ms the model would stand still while the solve computes.
TURN = 5e-4

Tell = Callable[[str], object]  # what went wrong
OpenSource = Callable[[Tell], Source]
OpenEstimator = Callable[[int, Tell], Estimator]  # for how many people, 0 for everyone


class Capturing(Session):
    """A live capture.

    Args:
        open_source: opens what gives the pictures.
        open_estimator: for so many people; called again when that changes.
        settings: choices of the user.
        takes: where recordings go.
        say: hears of everything that people should know.

    Raises:
        MocapError: source, camera or estimator cannot be opened.
    """

    picture: Mailbox[Seen]

    def __init__(
        self,
        open_source: OpenSource,
        open_estimator: OpenEstimator,
        settings: LiveSettings | None = None,
        takes: TakeFolder | None = None,
        say: Say = lambda *_: None,
    ) -> None:
        self.settings = settings = settings or LiveSettings()
        clock = FrameClock() if settings.every_frame else SessionClock()
        super().__init__(takes or TakeFolder("takes"), say, clock)
        self.picture = Mailbox()
        self._looked_at = False
        self._busy = self._silent = False  # the estimator; the source
        self._performed = -math.inf  # [s] time of the newest frame on stage
        self._changing = threading.RLock()  # held by whoever changes the stage or the recording
        source = open_source(self.complain)
        self._pictures = Prefetched(Stamped(source, self._clock))
        try:
            self._see_through(source)
            self._looks_for = settings.stage.people
            self._estimator = open_estimator(self._looks_for, self.complain)
        except BaseException:
            self._pictures.close()
            raise
        self._open_estimator = open_estimator
        self.estimator, self.device = self._estimator.name, self._estimator.device
        self._found: Mailbox[Seen] = Mailbox()
        self._read, self._estimated, self._solved = Gauge(), Gauge(), Gauge()
        self._recorder: Recorder | None = None
        self._calibration: tuple[float, float | None] | None = None  # [s] from when on, height
        self._next_try = 0.0

    def _see_through(self, source: Source) -> None:
        """Take what is to be known of a source: its name and size, its camera."""
        settings = self.settings
        self.source, self._source_fps, self._size = source.name, source.fps, source.size
        camera, camera_from = camera_for(
            source.size, settings.camera, settings.fov, source.focal_35mm
        )
        solving = replace(settings.stage.solve, refine_focal=camera_from == ASSUMED)
        self._made = made_of(source.name, settings.model, solving, camera, camera_from)
        self._stage = Stage(
            camera,
            replace(settings.stage, solve=solving),
            source.fps or DEFAULT_FPS,
            settings.lifter,
        )
        if settings.lifter is not None:
            told = {"name": settings.lifter.name, "licence": settings.lifter.licence}
            self._made["lifter"] = told

    def start(self) -> None:
        sys.setswitchinterval(min(TURN, sys.getswitchinterval()))
        self._estimating = Worker("estimate", self._estimate)
        self._workers.append(self._estimating)
        super().start()

    def look(self, wanted: bool) -> None:
        self._looked_at = wanted

    def close(self) -> None:
        self._closing.set()
        self._found.close()
        self._pictures.close()
        self.picture.close()
        super().close()
        with self._changing:
            self._finish_recording()
        self._estimator.close()

    # -- the thread that estimates

    def _estimate(self) -> None:
        hand = self._found.hand if self.settings.every_frame else self._found.put
        try:
            for frame in self._pictures:
                if self._closing.is_set():
                    return
                self._busy = True
                self._look_for(self._stage.settings.people)
                begin = self.clock()
                people = tuple(self._estimator(frame))
                done = self.clock()
                self._read.add(done, begin - frame.t)
                self._estimated.add(done, done - begin)
                hand(Seen(frame, people))
                self._busy = False
        finally:
            self._found.close()

    def _look_for(self, people: int) -> None:
        """Change the estimator if others are to be found than so far."""
        if people != self._looks_for:
            self.tell("the model starts anew, to look for other people; this takes a moment")
            self._estimator.close()
            self._estimator = self._open_estimator(people, self.complain)
            self._looks_for, self.estimator = people, self._estimator.name

    # -- the thread that solves and sends

    def _run(self) -> None:
        while not self._found.closed:
            seen = self._found.take(IDLE)
            self._silent = seen is None and not self._busy and not self.settings.every_frame
            with self._changing:
                if seen is not None:
                    self._perform(seen.frame.t, seen)
                elif self._silent:  # a camera that is away shows nobody, and time goes on
                    self._perform(self.clock())
        with self._changing:
            for frame in self._stage.flush():
                self.write(frame)
            self._finish_recording()
        self._estimating.join()
        if self._estimating.error is not None and not self._closing.is_set():
            raise self._estimating.error

    def _perform(self, t: float, seen: Seen | None = None) -> None:
        if t <= self._performed:
            return
        begin, self._performed = self.clock(), t
        step = self._stage.step(t, () if seen is None else seen.people)
        for id in step.appeared:
            self.tell(f"person {id} is on stage")
        if step.cast is not None:
            self.outlets.open(step.cast)
        if self._recording is not None:
            self._recording.saw(step.observation)
        if step.frame is not None:
            self.write(step.frame)
        if self._looked_at and seen is not None:
            self.picture.put(Seen(seen.frame, step.observation.people))
        if self._calibration is not None:
            self._look_for_t_pose(t, *self._calibration)
        self._solved.add(self.clock(), self.clock() - begin)

    def _look_for_t_pose(self, t: float, begin: float, height: float | None) -> None:
        if t < max(begin + SECONDS, self._next_try):
            return
        self._next_try = t + RETRY
        try:
            people = self._stage.calibrate(height)
        except Refused as refusal:
            if t > begin + CALIBRATING:
                self._calibration = None
                self.complain(str(refusal))
            return
        self._calibration = None
        self.tell(
            f"calibrated person {' and '.join(map(str, people))}: bone lengths, floor, facing"
        )

    # -- commands, from any thread

    @property
    def _recording(self) -> Recorder | None:
        """The recorder, unless it failed."""
        return None if self._recorder is None or self._recorder.failed else self._recorder

    def _record(self, command: Record) -> dict[str, Any]:
        with self._changing:
            if self._recording is not None:
                raise Refused(
                    f"record: {self._recording.path.stem} is being recorded; stop it first"
                )
            self._finish_recording()  # one that failed
            stage, started = self._stage.settings, datetime.now(timezone.utc)
            made = {
                **self._made,
                "created": started.isoformat(timespec="seconds"),
                "solve": stage.solve.to_dict(),
                "look_ahead": stage.look_ahead,
            }
            if not isinstance(stage.filter, Unfiltered):
                made["filter"] = str(stage.filter)
            self._recorder = Recorder(
                self.takes.new(command.name),
                name=command.name or "",
                note=command.note,
                made=made,
                layout=self._estimator.layout,
                size=self._size,
                started=started,
                clock=self.clock(),
                on_failure=self._recording_failed,
            )
            self.add(self._recorder)
            self.tell(f"recording {self._recorder.path.stem}")
            return {"take": self._recorder.path.stem}

    def _recording_failed(self, why: str) -> None:
        if self._recorder is not None:
            self.outlets.remove(self._recorder)
        self.complain(why)

    def _stop(self) -> dict[str, Any]:
        with self._changing:
            if self._recording is None:
                raise Refused("stop: nothing is being recorded")
            take = self._recording
            self._finish_recording()
        return {
            "take": take.path.stem,
            "seconds": round(take.seconds, 3),
            "frames": take.frames,
            "file": take.path.name,
        }

    def _finish_recording(self) -> None:
        if self._recorder is None:
            return
        self.outlets.remove(self._recorder)
        self._recorder.close()
        if not self._recorder.failed:
            self.tell(f"recorded {self._recorder.path.stem}, {self._recorder.seconds:.1f} s")
        self._recorder = None

    def _calibrate(self, command: Calibrate) -> dict[str, Any]:
        with self._changing:
            self._calibration = self.clock() + command.delay, command.height
            self._next_try = 0.0
        self.tell(
            f"calibrating in {command.delay:g} s: stand still in a T-pose, facing the camera; it "
            f"is looked for during {CALIBRATING:g} s"
        )
        return {"delay": command.delay}

    def _set(self, command: Set) -> dict[str, Any]:
        with self._changing:
            settings = changed(self._stage.settings, command.option, command.value)
            self._stage.retune(settings)
        self.outlets.tell({"type": "status", **self.status()})
        return {"option": command.option, "value": command.value}

    def status(self) -> dict[str, Any]:
        recording, stage = self._recording, self._stage.settings
        return {
            **super().status(),
            "source_fps": self._source_fps,
            "latency": {
                "read": milliseconds(self._read),
                "estimate": milliseconds(self._estimated),
                "solve": milliseconds(self._solved),
                "total": milliseconds(self._written),
            },
            "dropped": self._pictures.dropped + self._found.dropped,
            "recording": None
            if recording is None
            else {
                "name": recording.path.stem,
                "seconds": round(recording.seconds, 1),
                "frames": recording.frames,
            },
            "options": options_of(stage),
        }

    def facts(self) -> list[tuple[str, str]]:
        width, height = self._size
        rate = f", {self._source_fps:g} frames a second" if self._source_fps else ""
        return [
            ("source", f"{self.source}, {width}x{height}{rate}"),
            ("model", f"{self.estimator} on {self.device}"),
        ]

    @property
    def state(self) -> str:
        return "waiting" if self._silent and not self.ended.is_set() else super().state


def options_of(settings: StageSettings) -> dict[str, Any]:
    """What clients may set, as it is now."""
    return {
        "smoothing": settings.solve.smoothing,
        "look_ahead": settings.look_ahead,
        "people": settings.people,
        "height": settings.solve.height,
        "filter": str(settings.filter),
    }


def changed(settings: StageSettings, option: str, value: Any) -> StageSettings:
    """Settings with one option set.

    Raises:
        InvalidValue: a value of the wrong kind or out of range.
    """
    if option == "smoothing":
        solve = replace(settings.solve, smoothing=_kind(option, value, bool, "true or false"))
        return replace(settings, solve=solve)
    if option == "look_ahead":
        return replace(settings, look_ahead=_kind(option, value, int, "a whole number of frames"))
    if option == "people":
        return replace(settings, people=_kind(option, value, int, "a whole number"))
    if option == "height":
        height = None
        if value is not None:
            height = float(_kind(option, value, (int, float), "metres or null"))
        return replace(settings, solve=replace(settings.solve, height=height))
    return replace(settings, filter=parse(_kind(option, value, str, "a name of a filter")))


def _kind(option: str, value: Any, kind: type | tuple[type, ...], expected: str) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise InvalidValue(f"{option}: expected {expected}, got {str(value)[:40]!r}")
    return value
