"""Recording what comes from the server: kept outside the scene of a host, then written in one step.

Frames are kept with the times at which their pictures were taken, which is what keys are made of:
the rate of neither camera nor timer matters. Nothing of a scene is touched until the recording is
written.
"""

from __future__ import annotations

import time

from .clip import Clip
from .errors import TakeError
from .gathering import Gatherer
from .messages import Frame, Hello
from .sources import skeleton_of

NAME_LENGTH = 100  # letters of a take's name that a server takes
AGAIN = 1.0  # [s] a clock that goes back by more is that of another session


def named(name: str) -> str:
    """The name of a take: what the user wrote, or date and time."""
    return name.strip() or time.strftime("take %Y-%m-%d %H.%M.%S")


class Recording:
    """What was recorded so far.

    Attributes:
        running: whether there is one, also one that has ended and waits for a character.
        ended: whether no more frames are taken in.
        name: of the take.
        first: frame of the scene at which it begins.
        on_server: whether the server was asked to record, too.
        problem: why no more frames are taken in; "" if nothing is wrong.
    """

    def __init__(self) -> None:
        self._gathered = Gatherer()
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.running = self.ended = False
        self.name, self.first = "", 1.0
        self.on_server = False
        self.problem = ""
        self._gathered.reset()
        self._hello: Hello | None = None
        self._shift = 0.0  # [s] what is added to the server's times
        self._last, self._came = float("-inf"), 0.0  # [s] of the last frame: its time, and ours

    def begin(self, name: str, first: float) -> None:
        """Forget what there was and take frames in."""
        self.reset()
        self.name, self.first, self.running = name, first, True

    def push(self, frame: Frame, now: float, hello: Hello) -> None:
        """Take a frame in; what cannot be is told by `problem`.

        Args:
            frame: as of the client.
            now: [s] on a clock of this computer.
            hello: who is on stage.
        """
        if not self.running or self.ended or self.problem:
            return
        try:
            if hello is not self._hello:
                skeletons = {i: skeleton_of(hello, i) for i in hello.people}
                self._gathered.settle(skeletons)
                self._hello = hello
            t = frame.t + self._shift
            if t <= self._last:
                if t > self._last - AGAIN:
                    return  # there already
                # the server was started anew, and its clock, too: go on as ours did
                self._shift += self._last + max(now - self._came, 1e-3) - t
                t = frame.t + self._shift
            known = hello.people
            poses = {p.id: (p.root, p.rotations, None) for p in frame.people if p.id in known}
            if poses or len(self._gathered):  # it begins when the first person comes
                self._gathered.add(t, poses)
                self._last, self._came = t, now
        except TakeError as error:
            self.problem = f"the recording ended early: {error}"

    def __len__(self) -> int:
        return len(self._gathered)

    @property
    def seconds(self) -> float:
        """[s] from the first frame to the last."""
        times = self._gathered.times
        return times[-1] - times[0] if len(times) else 0.0

    def clips(self) -> tuple[Clip, ...]:
        """The clip of everyone who was there. Raises TakeError if there is nobody."""
        clips = self._gathered.clips() if len(self._gathered) else ()
        if not clips:
            raise TakeError("nobody was seen while it was recorded")
        return clips
