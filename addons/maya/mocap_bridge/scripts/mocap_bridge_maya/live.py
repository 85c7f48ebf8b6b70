"""A live session: the connection, who is seen, and which rigs follow; no Maya and no thread here.

`Session.tick` is called some 60 times a second by a timer of the host, reads what has arrived and
returns. What goes wrong in a tick becomes a sentence for the panel: an exception would be told to
the script editor 60 times a second. Scenes change at any time (undo, files, deleted joints), so
each tick asks the scene anew who follows, and a rig is looked over before it is posed.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Any, Callable, NamedTuple

from . import characters, rig
from .characters import Character
from .scene import Node, Scene
from .shared.client import Client
from .shared.errors import RigError
from .shared.messages import Frame, Hello, plain
from .shared.recording import Recording
from .shared.skeleton import Skeleton
from .shared.sources import skeleton_of
from .shared.standing import MESSAGES, STALE, standing

LOOK_AGAIN = 2.0  # [s] between two looks at whether a rig is still as it was, which take a while


class Known(NamedTuple):
    """What was worked out for a rig.

    Attributes:
        key: what it hangs on.
        rigged: the rig made ready; None if that failed.
        why: it failed.
        looked_at: [s] when the scene was last asked whether it still holds.
    """

    key: tuple[rig.Settings, Skeleton, str]
    rigged: rig.Rigged | None
    why: str
    looked_at: float


class Session:
    """A connection and what moves by it.

    Args:
        scene: whose rigs follow.
        clock: [s] that never jumps.

    Attributes:
        client: polled by `tick`; None while not connected on purpose.
        people: id and state of those in the newest frame.
        problem: why nothing moves, besides what the client knows; "" if nothing is wrong.
        problems: by first joint of a rig, why it did not follow the last frame.
        notes: by first joint of a rig, what of it does not follow, though the rest does.
        messages: what the server answered and noted, dicts of the protocol, oldest first.
        recording: what is recorded.
    """

    def __init__(self, scene: Scene, clock: Callable[[], float] = time.perf_counter) -> None:
        self.scene = scene
        self._clock = clock
        self.client: Client | None = None
        self.recording = Recording()
        self.reset()

    def reset(self) -> None:
        """End the connection and forget everything about it; what is recorded stays."""
        if self.client is not None:
            self.client.close()
        self.client = None
        self.people: list[tuple[int, str]] = []
        self.problem = ""
        self.problems: dict[Node, str] = {}
        self.notes: dict[Node, str] = {}
        self.messages: deque[dict[str, Any]] = deque(maxlen=MESSAGES)
        self._frame_at = float("-inf")
        self._sources: dict[int, tuple[Hello, Skeleton]] = {}
        self._known: dict[Node, Known] = {}
        self._text = ""
        self._characters: list[Character] = []

    # The connection.

    def connect(self, url: str, token: str = "") -> None:
        """Connect to a server and follow it until `disconnect`.

        Looks the name of a computer up at once, which may take a while; an address in numbers
        does not. What is wrong is told by `state`.
        """
        self.reset()
        self.client = Client(url, token)
        if self.client.state == "closed":
            self._end()

    def disconnect(self) -> None:
        """End the connection; rigs stay as they are."""
        self.reset()

    def send(self, kind: str, **values: Any) -> int:
        """Ask the server for something; its answer comes into the panel. The number of the
        request, 0 if there is no connection."""
        return self.client.send(kind, **values) if self.client is not None else 0

    @property
    def hello(self) -> Hello | None:
        """Who is on stage; None while unknown."""
        return self.client.hello if self.client is not None else None

    @property
    def is_connected(self) -> bool:
        """Whether the server listens to commands."""
        return self.client is not None and self.client.state == "connected"

    def tick(self) -> bool:
        """Read what has arrived and move who follows.

        Returns:
            Whether something may have moved.
        """
        one = self.client
        if one is None:
            return False
        moved = False
        try:
            moved = self._follow(one, self._clock())
        except Exception as error:  # whatever it is, the next frame comes
            self.problem = plain(f"the frame could not be applied: {type(error).__name__}: {error}")
        if one.state == "closed":  # no other try would help
            self._end()
        return moved

    def _end(self) -> None:
        problem = self.client.problem if self.client is not None else ""
        self.reset()
        self.problem = problem

    def _follow(self, one: Client, now: float) -> bool:
        one.every = self.recording.running
        frame = one.poll(now)
        self.messages.extend(one.answers())
        if frame is None or one.hello is None:
            if now - self._frame_at > STALE:
                self.people = []
            return False
        self._frame_at = now
        self.people = [(person.id, person.state) for person in frame.people]
        if self.recording.running:
            for each in one.batch:
                self.recording.push(each, now, one.hello)
        return self._pose(frame)

    # The rigs.

    def characters(self) -> list[Character]:
        """The characters of the scene, those whose rigs are there."""
        text = self.scene.remembered()
        if text != self._text:
            self._text, self._characters = text, characters.loads(text)
        return characters.there(self.scene, self._characters)

    def _pose(self, frame: Frame) -> bool:
        """Pose who follows; `problem` and `problems` tell who cannot."""
        people = {person.id: person for person in frame.people}
        self.problems, self.notes, moved = {}, {}, False
        for character in self.characters():
            person = people.get(character.person)
            if person is None or not character.enabled:
                continue
            try:
                source = self.source_of(person.id)
                rigged = self.rigged_of(character, source)
                rigged.apply(person.root, person.rotations)
                moved = True
                if rigged.notes:
                    self.notes[character.node] = "; ".join(rigged.notes)
            except RigError as error:
                self.problems[character.node] = str(error)
        told = next(iter(self.problems.items()), None)
        self.problem = f"{self.scene.name_of(told[0])}: {told[1]}" if told else ""
        return moved

    def source_of(self, person: int) -> Skeleton:
        """The skeleton of a person, with their own lengths where the server tells them.

        Raises:
            RigError: no server has said anything about people yet.
        """
        hello = self.hello
        if hello is None:
            raise RigError("connect first: the server tells which bones people have")
        known = self._sources.get(person)
        if known is not None and known[0] is hello:
            return known[1]
        made = skeleton_of(hello, person)
        if known is not None and made == known[1]:
            made = known[1]
        self._sources[person] = (hello, made)
        return made

    def rigged_of(self, character: Character, source: Skeleton) -> rig.Rigged:
        """The rig of a character made ready for a person of this skeleton.

        What was worked out is remembered until anything that it hangs on changes, which is looked
        for now and then; so is why it cannot be.

        Raises:
            RigError: it cannot follow; says why.
        """
        now, node = self._clock(), character.node
        key = (character.settings, source, self.scene.text(node, rig.REST))
        known = self._known.get(node)
        if known is not None and known.key == key:
            if now - known.looked_at < LOOK_AGAIN:
                if known.rigged is None:
                    raise RigError(known.why)
                return known.rigged
            if known.rigged is not None and known.rigged.valid():
                self._known[node] = known._replace(looked_at=now)
                return known.rigged
        try:
            made = rig.Rigged(self.scene, node, source, character.settings)
        except RigError as error:
            self._known[node] = Known(key, None, str(error), now)
            raise
        key = (character.settings, source, self.scene.text(node, rig.REST))
        self._known[node] = Known(key, made, "", now)
        return made

    def state(self) -> dict[str, Any]:
        """What the panel shows, as `shared.standing` tells it."""
        return standing(self.client, self.people, self.problem, self.messages)
