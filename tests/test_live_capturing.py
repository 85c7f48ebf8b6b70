"""A live capture with a pretended source and estimator: threads, commands, recordings, failures."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pretend import Pictures, Seer, somebody
from waiting import eventually
from walkers import frames_of

import exporters
from mocap.errors import EstimatorError, InvalidValue, MocapError, Refused, SourceError
from mocap.frame import Frame
from mocap.landmarks import Landmarks
from mocap.live import LiveSettings, Session
from mocap.live.capturing import Capturing
from mocap.live.replaying import Replaying
from mocap.live.stage import Stage, StageSettings
from mocap.models import own_lifter
from mocap.motion import TrackState
from mocap.sources import Source
from mocap.stream.commands import Calibrate, Command, ListTakes, Record, Set, Stop
from mocap.stream.frames import Cast, LiveFrame
from mocap.stream.sink import Sink
from mocap.takes.folder import TakeFolder

PATIENCE = 60.0  # [s] a test waits for what must come
FRAMES = 45
EVERY_FRAME = LiveSettings(every_frame=True)


class Kept(Sink):
    """Keeps what it gets."""

    name = "kept"

    def __init__(self) -> None:
        self.casts: list[Cast] = []
        self.frames: list[LiveFrame] = []
        self.told: list[Any] = []
        self.closed = 0

    def open(self, cast: Cast) -> None:
        self.casts.append(cast)

    def write(self, frame: LiveFrame) -> None:
        self.frames.append(frame)

    def tell(self, message: Any) -> None:
        self.told.append(message)

    def close(self) -> None:
        self.closed += 1


class Broken(Kept):
    name = "broken"

    def write(self, frame: LiveFrame) -> None:
        raise OSError("no such thing")


class Always(Seer):
    """Sees somebody, whenever it is."""

    def __call__(self, frame: Frame) -> list[Landmarks]:
        return super().__call__(replace(frame, t=0.0))


class Held(Source):
    """A source whose frames come when the test says so."""

    name, size, fps, frame_count = "held", (640, 720), 30.0, None

    def __init__(self, live: bool = False) -> None:
        self.live = live
        self._go = threading.Semaphore(0)
        self._ended = threading.Event()
        self.closed = threading.Event()
        self.asked = 0  # for a frame

    def give(self, frames: int = 1) -> None:
        self._go.release(frames)

    def end(self) -> None:
        self._ended.set()
        self._go.release()

    def __iter__(self) -> Iterator[Frame]:
        for i in range(10_000):
            self.asked += 1
            self._go.acquire()
            if self._ended.is_set() or self.closed.is_set():
                return
            yield Frame(i / 30, np.zeros((720, 640, 3), np.uint8))

    def close(self) -> None:
        self.closed.set()
        self._go.release()


def capturing(
    tmp_path: Path,
    source: Source | None = None,
    seer: Seer | None = None,
    settings: LiveSettings = EVERY_FRAME,
    say: Callable[[str, bool], None] = lambda *_: None,
) -> Capturing:
    return Capturing(
        lambda _: source or Pictures(FRAMES),
        lambda *_: seer or Seer([somebody(FRAMES)]),
        settings,
        TakeFolder(tmp_path),
        say,
    )


def finished(session: Session) -> None:
    session.start()
    assert session.ended.wait(PATIENCE)


def states(frames: list[LiveFrame]) -> set[TrackState]:
    return {person.pose.state for frame in frames for person in frame.people}


def same(a: LiveFrame, b: LiveFrame) -> bool:
    return (
        a.seq == b.seq
        and a.t == b.t
        and [p.id for p in a.people] == [p.id for p in b.people]
        and all(
            (p.pose.root == q.pose.root).all()
            and (p.pose.rotations == q.pose.rotations).all()
            and (p.pose.confidence == q.pose.confidence).all()
            and p.pose.state == q.pose.state
            and p.pose.contacts == q.pose.contacts
            for p, q in zip(a.people, b.people, strict=True)
        )
    )


def test_what_is_streamed_is_what_the_stage_makes(tmp_path: Path) -> None:
    kept = Kept()
    with capturing(tmp_path) as session:
        session.add(kept)
        finished(session)
        lifter = own_lifter(live=True)
        stage = Stage(session._stage._camera, session._stage.settings, lifter=lifter)
    expected = [
        stage.step(t, [] if p is None else [p]).frame for t, p in frames_of(somebody(FRAMES))
    ]
    wanted = [f for f in expected if f is not None] + stage.flush()
    assert len(kept.frames) == FRAMES
    assert all(map(same, kept.frames, wanted))
    assert kept.closed == 1
    assert [list(cast.skeletons) for cast in kept.casts] == [[], [], [0]]


def test_a_sink_that_breaks_disturbs_nobody(tmp_path: Path) -> None:
    kept, said = Kept(), []
    with capturing(tmp_path, say=lambda *message: said.append(message)) as session:
        session.add(Broken())
        session.add(kept)
        finished(session)
    assert len(kept.frames) == FRAMES
    assert ("broken failed and gets no more: no such thing", True) in said


def test_a_live_source_is_never_behind(tmp_path: Path) -> None:
    """What comes while one frame is worked on is left out, but the newest."""
    source, busy, go = Held(live=True), threading.Event(), threading.Event()

    class Slow(Seer):
        def __call__(self, frame: Frame) -> list[Landmarks]:
            busy.set()
            assert go.wait(PATIENCE)
            return super().__call__(frame)

    seer = Slow([somebody(FRAMES)])
    with capturing(tmp_path, source, seer, LiveSettings()) as session:
        session.start()
        source.give()
        assert busy.wait(PATIENCE)
        source.give(10)
        eventually(lambda: source.asked == 12)
        go.set()
        eventually(lambda: len(seer.asked) == 2)
        assert session.status()["dropped"] >= 9
        time.sleep(0.05)
        assert len(seer.asked) == 2


def test_while_a_camera_is_away_its_people_fade(tmp_path: Path) -> None:
    """Receivers go on hearing of them, and times go on growing when it is back."""
    kept, source = Kept(), Held(live=True)
    with capturing(tmp_path, source, Always([somebody(1)]), LiveSettings()) as session:
        session.add(kept)
        session.start()
        for _ in range(30):
            source.give()
            time.sleep(0.02)
        eventually(lambda: kept.frames and kept.frames[-1].people)
        eventually(lambda: session.status()["state"] == "waiting")
        eventually(lambda: TrackState.LOST in states(kept.frames))
        away = len(kept.frames)
        for _ in range(30):
            source.give()
            time.sleep(0.02)
        eventually(lambda: TrackState.TRACKED in states(kept.frames[away:]))
    assert (np.diff([frame.t for frame in kept.frames]) > 0).all()
    assert {p.id for frame in kept.frames for p in frame.people} == {0}


def test_a_recording_holds_what_was_streamed_and_plays_again(tmp_path: Path) -> None:
    kept, source = Kept(), Held()
    with capturing(tmp_path, source) as session:
        session.add(kept)
        session.start()
        source.give(20)
        eventually(lambda: len(kept.frames) >= 15)
        assert session.obey(Record("dance/../1", note="first")) == {"take": "dance_._1"}
        begin = len(kept.frames)
        assert session.status()["recording"]["name"] == "dance_._1"
        with pytest.raises(Refused, match="dance"):
            session.obey(Record())
        source.give(20)
        eventually(lambda: len(kept.frames) >= 35)
        answer = session.obey(Stop())
        assert answer["file"] == "dance_._1.jsonl"
        end = begin + answer["frames"]
        with pytest.raises(Refused, match="nothing"):
            session.obey(Stop())
        (take,) = session.obey(ListTakes())["takes"]
        assert (take["name"], take["note"], take["complete"]) == ("dance_._1", "first", True)
    again = Kept()
    path = tmp_path / "dance_._1.jsonl"
    with Replaying(path, EVERY_FRAME, TakeFolder(tmp_path)) as session:
        session.add(again)
        finished(session)
        assert session.failure is None
    assert len(again.frames) >= 18
    assert all(map(same, again.frames, kept.frames[begin:end]))
    assert {id for cast in again.casts for id in cast.skeletons} == {0}
    (person,) = exporters.read(path).people
    assert person.landmarks is not None
    assert person.motion is not None


def test_what_is_being_recorded_is_whole_when_the_source_ends(tmp_path: Path) -> None:
    with capturing(tmp_path) as session:
        session.obey(Record("all"))
        finished(session)
    (take,) = TakeFolder(tmp_path).list()
    assert take.complete
    (person,) = exporters.read(tmp_path / "all.jsonl").people
    assert person.motion is not None
    assert len(person.motion) > FRAMES - 12


def test_a_full_disk_ends_the_recording_and_not_the_stream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mocap.takes import recorder

    kept, source = Kept(), Held()
    with capturing(tmp_path, source) as session:
        session.add(kept)
        session.start()
        session.obey(Record("full"))
        source.give(12)
        eventually(lambda: len(kept.frames) >= 9)

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(recorder.Recorder, "_put", full)
        source.give(12)
        eventually(lambda: any(m["type"] == "error" and "space" in m["message"] for m in kept.told))
        assert session.status()["recording"] is None
        with pytest.raises(Refused):
            session.obey(Stop())
        monkeypatch.undo()
        source.give(12)
        eventually(lambda: len(kept.frames) >= 30)
        session.obey(Record("after"))
        session.obey(Stop())
    assert not next(t for t in TakeFolder(tmp_path).list() if t.name == "full").complete


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("smoothing", 1),
        ("smoothing", "off"),
        ("look_ahead", True),
        ("look_ahead", 6),
        ("look_ahead", 1.5),
        ("people", -1),
        ("people", "two"),
        ("height", 9),
        ("height", [1]),
        ("filter", "gaussian"),
        ("filter", "best"),
        ("filter", None),
    ],
)
def test_wrong_values_of_options_are_refused_and_change_nothing(
    tmp_path: Path, option: str, value: object
) -> None:
    with capturing(tmp_path) as session:
        before = session.status()["options"]
        with pytest.raises(MocapError):
            session.obey(Set(option, value))
        assert session.status()["options"] == before


@pytest.mark.parametrize(
    ("option", "value", "shown"),
    [
        ("smoothing", False, False),
        ("look_ahead", 0, 0),
        ("people", 2, 2),
        ("height", 1.8, 1.8),
        ("height", None, None),
        ("filter", "one_euro", "one_euro:min_cutoff=2,beta=8"),
    ],
)
def test_options_are_set(tmp_path: Path, option: str, value: object, shown: object) -> None:
    with capturing(tmp_path) as session:
        assert session.obey(Set(option, value)) == {"option": option, "value": value}
        told = session.status()["options"][option]
        assert told == shown or str(told).startswith(str(shown).partition(":")[0])


def test_for_other_people_another_estimator_is_opened(tmp_path: Path) -> None:
    opened: list[tuple[int, Seer]] = []

    def open_estimator(people: int, _: object) -> Seer:
        opened.append((people, Seer([somebody(FRAMES)])))
        return opened[-1][1]

    source = Held()
    with Capturing(lambda _: source, open_estimator, EVERY_FRAME, TakeFolder(tmp_path)) as session:
        session.start()
        source.give(3)
        eventually(lambda: opened[0][1].asked)
        session.obey(Set("people", 2))
        source.give(3)
        eventually(lambda: len(opened) == 2 and opened[1][1].asked)
    assert [people for people, _ in opened] == [0, 2]
    assert [seer.closed for _, seer in opened] == [1, 1]


def test_an_estimator_that_gives_up_ends_the_session_with_a_word(tmp_path: Path) -> None:
    class Failing(Seer):
        def __call__(self, frame: Frame) -> list[Landmarks]:
            if frame.t > 0.5:
                raise EstimatorError("the model is gone")
            return super().__call__(frame)

    kept = Kept()
    with capturing(tmp_path, seer=Failing([somebody(FRAMES)])) as session:
        session.add(kept)
        session.obey(Record("until then"))
        finished(session)
        assert isinstance(session.failure, EstimatorError)
        assert session.status()["state"] == "ended"
    assert any(m["type"] == "error" and "model is gone" in m["message"] for m in kept.told)
    assert TakeFolder(tmp_path).list()[0].complete


def test_a_source_that_fails_says_so(tmp_path: Path) -> None:
    with capturing(tmp_path, Pictures(5, error=SourceError("the cable is cut"))) as session:
        finished(session)
    assert isinstance(session.failure, SourceError)


def test_nothing_stays_open_when_it_cannot_begin(tmp_path: Path) -> None:
    source = Held()

    def refuse(*_: object) -> Seer:
        raise EstimatorError("no model")

    with pytest.raises(EstimatorError):
        Capturing(lambda _: source, refuse, EVERY_FRAME, TakeFolder(tmp_path))
    assert source.closed.is_set()


def test_a_calibration_nobody_stands_for_is_complained_about(tmp_path: Path) -> None:
    kept = Kept()
    source = Pictures(330)
    with capturing(tmp_path, source, Seer([somebody(330, step=0.0)])) as session:
        session.add(kept)
        assert session.obey(Calibrate(delay=0.5)) == {"delay": 0.5}
        finished(session)
    (said,) = [m["message"] for m in kept.told if m["type"] == "error"]
    assert "straight out sideways" in said


def test_pictures_are_given_to_those_who_look_alone(tmp_path: Path) -> None:
    with capturing(tmp_path) as session:
        finished(session)
        assert session.picture.take(0) is None
    with capturing(tmp_path) as session:
        session.look(True)
        finished(session)
        seen = session.picture.take(0)
    assert seen is not None
    assert [person.person for person in seen.people] == [0]


def test_a_session_that_ended_obeys_no_more(tmp_path: Path) -> None:
    orders: list[Command] = [Record(), Stop(), Calibrate(), Set("people", 1)]
    with capturing(tmp_path) as session:
        finished(session)
        for order in orders:
            with pytest.raises(Refused, match="ended"):
                session.obey(order)
        assert session.obey(ListTakes()) == {"takes": []}


def test_closing_in_the_middle_ends_everything(tmp_path: Path) -> None:
    before = threading.active_count()
    source, kept = Held(), Kept()
    session = capturing(tmp_path, source)
    session.add(kept)
    session.start()
    source.give(10)
    eventually(lambda: kept.frames)
    session.close()
    assert session.ended.is_set()
    source.give()  # a camera that hangs is closed once it comes loose
    eventually(source.closed.is_set)
    eventually(lambda: threading.active_count() == before)


# -- takes played again


def test_a_take_in_a_loop_goes_on_in_time(tmp_path: Path) -> None:
    with capturing(tmp_path) as session:
        session.obey(Record("loop"))
        finished(session)
    kept = Kept()
    settings = LiveSettings(every_frame=True, loop=True)
    with Replaying(tmp_path / "loop.jsonl", settings, TakeFolder(tmp_path)) as session:
        session.add(kept)
        session.start()
        eventually(lambda: len(kept.frames) > 150)
    times = np.array([frame.t for frame in kept.frames])
    numbers = np.array([frame.seq for frame in kept.frames])
    assert (np.diff(times) > 0).all()
    assert (np.diff(numbers) > 0).all()
    assert all(p.pose.t == f.t for f in kept.frames for p in f.people)


@pytest.mark.parametrize("order", [Record(), Stop(), Calibrate(), Set("look_ahead", 1)])
def test_a_take_that_is_played_cannot_be_changed(tmp_path: Path, order: Command) -> None:
    with capturing(tmp_path) as session:
        session.obey(Record("take"))
        finished(session)
    with (
        Replaying(tmp_path / "take.jsonl", EVERY_FRAME, TakeFolder(tmp_path)) as session,
        pytest.raises(Refused),
    ):
        session.obey(order)


def test_what_needs_pictures_is_refused_for_a_take(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="fov"):
        Replaying(tmp_path / "take.jsonl", LiveSettings(fov=60), TakeFolder(tmp_path))


def test_settings_of_the_stage_are_those_of_the_user(tmp_path: Path) -> None:
    settings = LiveSettings(every_frame=True, stage=StageSettings(look_ahead=0, people=1))
    with capturing(tmp_path, settings=settings) as session:
        told = session.status()["options"]
    assert (told["look_ahead"], told["people"]) == (0, 1)
