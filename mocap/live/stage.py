"""The live stage: what was found in each frame goes in, everyone's poses come out. No threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mocap import skeletons
from mocap.body_filters import Filter, Unfiltered
from mocap.camera import Camera
from mocap.errors import InvalidValue, Refused
from mocap.estimators import Tracker
from mocap.landmarks import MEDIAPIPE_POSE, Landmarks, Observation
from mocap.lifting import require_fit
from mocap.live.calibration import Placement
from mocap.live.performer import Performer
from mocap.models.lifter import Lifter
from mocap.motion import Pose
from mocap.nobody import Doorkeeper
from mocap.people import GHOST
from mocap.smoothing import LiveFilter
from mocap.solve import MOST_AHEAD, SolveSettings
from mocap.stream.frames import Cast, LiveFrame, LivePerson

AWAY = 3.0  # [s] after which someone lost leaves the stage
BLINK = 3  # frames unseen, after which somebody begins to be seen anew
LATEST = 0.2  # [s] that looking ahead may take; where frames come slowly, it is for fewer of them
PACE = 15  # frames whose distance tells how fast they come
STRAY = 1.0  # [s] unseen, after which somebody who never was on stage is forgotten
REMEMBERED = 16  # people at most whose bodies are known when they come back
MOST_PEOPLE = 8  # on stage, where everyone is wanted


@dataclass(frozen=True)
class StageSettings:
    """Choices that may change while the stage is live.

    Attributes:
        people: how many at most; 0 for everyone.
        look_ahead: frames, 0 to 5, by which poses come later and steadier.
        solve: how to solve.
        filter: what poses go through afterwards.

    Raises:
        InvalidValue: out of range, or a filter that cannot work live.
    """

    people: int = 0
    look_ahead: int = 3
    solve: SolveSettings = field(default_factory=SolveSettings)
    filter: Filter = field(default_factory=Unfiltered)

    def __post_init__(self) -> None:
        if not 0 <= self.people <= MOST_PEOPLE:
            raise InvalidValue(
                f"people: expected 1 to {MOST_PEOPLE}, or 0 for everyone, got {self.people}"
            )
        if not 0 <= self.look_ahead <= MOST_AHEAD:
            raise InvalidValue(
                f"look_ahead: expected 0 to {MOST_AHEAD} frames, got {self.look_ahead}"
            )
        LiveFilter(self.filter, skeletons.humanoid())  # raises if it needs what follows


@dataclass(frozen=True)
class Step:
    """What a frame brought.

    Attributes:
        observation: who was in it of those on stage, by the ids of the stage.
        frame: everyone's poses, mostly of a frame some time ago; None at first.
        cast: who is on stage from this frame on; None if that has not changed.
        appeared: ids of people who were never there before.
    """

    observation: Observation
    frame: LiveFrame | None = None
    cast: Cast | None = None
    appeared: tuple[int, ...] = ()


@dataclass
class _Known:
    """Somebody the tracker follows: seen without a break `since`, last when `seen` [s], and not in
    as many frames `missed` since then; without an id until they come on stage."""

    performer: Performer
    since: float
    seen: float
    missed: int = 0
    id: int | None = None
    on_stage: bool = False


class Stage:
    """Everyone who is seen, by stable ids, solved together on one floor.

    Things, and whoever was seen for a moment only, do not come on stage. Someone lost for a
    while leaves it, and is known again when they come back.

    Args:
        camera: what everyone is seen through.
        settings: choices of the user.
        fps: [1/s] at which frames come, about.
        lifter: says more of everyone's depth; None leaves it to the estimator.

    Raises:
        InvalidValue: the lifter cannot lift live, or gives no pose.
    """

    def __init__(
        self,
        camera: Camera,
        settings: StageSettings | None = None,
        fps: float = 30.0,
        lifter: Lifter | None = None,
    ) -> None:
        self._camera, self._fps, self._lifter = camera, fps, lifter
        self.settings = settings or StageSettings()
        if lifter is not None:
            require_fit(MEDIAPIPE_POSE, lifter)
            lifter.live(camera)
        self.reset()

    def reset(self) -> None:
        """Forget everyone; afterwards equal to a new stage."""
        self._tracker, self._doorkeeper = Tracker(), Doorkeeper()
        self._known: dict[int, _Known] = {}  # by the tracker's id
        self._placement: Placement | None = None
        self._waiting: deque[float] = deque()  # [s] of frames whose poses are still to come
        self._cast: Cast | None = None
        self._times: deque[float] = deque(maxlen=PACE)
        self._look_ahead = self.settings.look_ahead
        self._people = self._frames = 0

    @property
    def ids(self) -> list[int]:
        """Of those on stage."""
        return sorted(k.id for k in self._known.values() if k.on_stage and k.id is not None)

    def retune(self, settings: StageSettings) -> None:
        """Go on with other choices. Raises InvalidValue, and then nothing has changed."""
        if settings.solve.height != self.settings.solve.height:
            self._placement = None  # everything is nearer or farther now
        self._look_ahead = self._within_reach(settings.look_ahead)
        for known in self._known.values():
            known.performer.retune(settings.solve, self._look_ahead)
            if settings.filter != self.settings.filter:
                known.performer.smooth_by(settings.filter)
        self.settings = settings

    def step(self, t: float, people: Sequence[Landmarks]) -> Step:
        """Take in what was found in a frame.

        Args:
            t: [s] later than the frame before.
            people: without duplicates or not, in no particular order, ids without meaning.
        """
        self._keep_up(t)
        observed = self._doorkeeper(self._tracker.update(t, people))
        found = {p.person: p for p in observed.people}
        for tracked in found:
            if tracked not in self._known:
                self._known[tracked] = self._newcomer(t)
            known = self._known[tracked]
            if known.missed > BLINK:
                known.since = t
            known.seen, known.missed = t, -1
        for known in self._known.values():
            known.missed += 1
        poses = {
            tracked: known.performer.push(t, found.get(tracked))
            for tracked, known in self._known.items()
            if known.on_stage or tracked in found
        }
        appeared = self._enter_and_leave(t)
        seen = {
            known.id: found[tracked].with_person(known.id)
            for tracked, known in self._known.items()
            if known.on_stage and known.id is not None and tracked in found
        }
        observation = Observation(t, tuple(seen[id] for id in sorted(seen)))
        self._waiting.append(t)
        due = None
        while len(self._waiting) > self._look_ahead:
            due = self._waiting.popleft()
        frame = None if due is None else self._frame(due, poses)
        return Step(observation, frame, self._changed_cast(), appeared)

    def flush(self) -> list[LiveFrame]:
        """The frames still to come, at the end of a source."""
        rest = {tracked: k.performer.flush() for tracked, k in self._known.items() if k.on_stage}
        frames = []
        for t in self._waiting:
            poses = {
                tracked: next((pose for pose in poses if pose.t == t), None)
                for tracked, poses in rest.items()
            }
            frames.append(self._frame(t, poses))
        self._waiting.clear()
        return frames

    def calibrate(self, height: float | None = None) -> list[int]:
        """Learn bodies, floor and facing from those who stand in a T-pose.

        Args:
            height: [m] of them, if it is known.

        Returns:
            Their ids; the first stands at x = z = 0 and faces +Z from now on.

        Raises:
            Refused: nobody does; says what is not as it should be.
        """
        refusal = Refused("calibrate: nobody is on stage")
        found: dict[int, Placement] = {}
        for known in self._known.values():
            if known.on_stage and known.id is not None:
                try:
                    found[known.id] = known.performer.calibrate(height)
                except Refused as error:
                    refusal = error
        if not found:
            raise refusal
        self._placement = found[min(found)]
        return sorted(found)

    def _keep_up(self, t: float) -> None:
        """Look ahead by fewer frames where they come slowly: late is worse than rough."""
        self._times.append(t)
        most = self._within_reach(self.settings.look_ahead)
        # more of them only with room to spare: not at every whim of the machine
        least = self._within_reach(self.settings.look_ahead, margin=1.3)
        look_ahead = min(max(self._look_ahead, least), most)
        if look_ahead != self._look_ahead:
            self._look_ahead = look_ahead
            for known in self._known.values():
                known.performer.retune(self.settings.solve, look_ahead)

    def _within_reach(self, look_ahead: int, margin: float = 1.0) -> int:
        """How many of these frames come within LATEST seconds."""
        if len(self._times) < PACE:
            return look_ahead
        step = margin * (self._times[-1] - self._times[0]) / (PACE - 1)
        return min(look_ahead, int(LATEST / step + 1e-6))

    def _newcomer(self, t: float) -> _Known:
        settings = self.settings
        lifter = None if self._lifter is None else self._lifter.live(self._camera)
        performer = Performer(
            self._camera, settings.solve, self._look_ahead, settings.filter, self._fps, lifter
        )
        return _Known(performer, since=t, seen=t)

    def _enter_and_leave(self, t: float) -> tuple[int, ...]:
        """Bring people on stage and off it; ids of those who are new."""
        appeared = []
        most = self.settings.people or MOST_PEOPLE
        for known in self._known.values():
            lost = known.performer.lost_since
            if known.on_stage and lost is not None and t - lost > AWAY:
                known.on_stage = False
        for id in self.ids[most:]:
            next(k for k in self._known.values() if k.id == id).on_stage = False
        for known in self._known.values():
            if known.on_stage or known.seen < t or len(self.ids) >= most:
                continue
            if known.id is None and t - known.since < GHOST:
                continue
            known.on_stage = True
            if known.id is None:
                known.id = self._people
                self._people += 1
                appeared.append(known.id)
        self._forget(t)
        return tuple(appeared)

    def _forget(self, t: float) -> None:
        """Forget strays, and those who are away for longest if there are too many."""
        absent = sorted(
            (tracked for tracked, k in self._known.items() if not k.on_stage),
            key=lambda tracked: self._known[tracked].seen,
        )
        too_many = len(absent) - REMEMBERED
        for i, tracked in enumerate(absent):
            known = self._known[tracked]
            if i < too_many or (known.id is None and t - known.seen > STRAY):
                del self._known[tracked]

    def _frame(self, t: float, poses: dict[int, Pose | None]) -> LiveFrame:
        people = {
            known.id: self._placed(pose)
            for tracked, known in self._known.items()
            if known.on_stage
            and known.id is not None
            # of one who was away, poses may come that wait since then
            and (pose := poses.get(tracked)) is not None
            and pose.t == t
        }
        self._frames += 1
        everyone = tuple(LivePerson(id, people[id]) for id in sorted(people))
        return LiveFrame(self._frames, t, everyone)

    def _placed(self, pose: Pose) -> Pose:
        if self._placement is None:  # the first place of the first person is the origin
            self._placement = Placement(place=pose.root * [1.0, 0.0, 1.0])
        where = self._placement
        return replace(pose, root=where.root(pose.root), rotations=where.rotations(pose.rotations))

    def _changed_cast(self) -> Cast | None:
        """Who is on stage, if that or a skeleton is not as it was."""
        skeletons = {
            k.id: k.performer.skeleton
            for k in self._known.values()
            if k.on_stage and k.id is not None
        }
        before = None if self._cast is None else self._cast.skeletons
        if (
            before is not None
            and before.keys() == skeletons.keys()
            and all(before[id] is skeletons[id] for id in skeletons)
        ):
            return None
        self._cast = Cast(skeletons, self._fps)
        return self._cast
