"""Virtual Motion Capture protocol V3.1, the performer's side, to datagrams (protocol.vmc.info).

A frame is, in this order: the root, the bones in bundles, the face if it is sent, whether a
person is there (OK), and the time (T), by which receivers count frames. All in the axes of
Unity: left-handed, +Y up, facing +Z; the mirror image along x of those used here.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from mocap import bone_map, rotation
from mocap.arrays import Array
from mocap.motion import Pose, TrackState
from mocap.skeleton import Skeleton
from mocap.stream.frames import Cast, LiveFrame
from mocap.stream.osc import Message, Template, bundle, packed
from mocap.stream.pace import Pace
from mocap.stream.vmc_settings import VmcSettings

MIRROR_POSITION = np.array([-1.0, 1.0, 1.0])
MIRROR_ROTATION = np.array([1.0, -1.0, -1.0, 1.0])
UP = np.array([0.0, 1.0, 0.0])
PLACE_OF_REST = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)

# VRM 0 names, which receivers know for avatars of either version
FACE_AT_REST = (
    *(
        Message("/VMC/Ext/Blend/Val", "sf", (name, 0.0))
        for name in "Neutral A I U E O Blink Blink_L Blink_R Joy Angry Sorrow Fun".split()
    ),
    Message("/VMC/Ext/Blend/Apply"),
)
LOADED, CALIBRATED, NORMAL = 1, 3, 0  # the avatar is there, calibrated, and not in mixed reality


class VmcEncoder:
    """Frames to the datagrams for one receiver.

    The person stays as they were last seen while they are away; nobody is there before that.
    """

    def __init__(self, settings: VmcSettings | None = None) -> None:
        self.settings = settings or VmcSettings()
        self._root = Template([_transform("Root", "root")], bundled=False)
        self._time = Template([Message("/VMC/Ext/T", "f", (0.0,))], bundled=False)
        if not self.settings.face:
            self._face = []
        elif self.settings.bundle:
            self._face = [bundle(FACE_AT_REST)]
        else:
            self._face = [message.encoded() for message in FACE_AT_REST]
        self._pace = Pace(self.settings.every, self.settings.rate)
        self.reset()

    def reset(self) -> None:
        """Forget everybody."""
        self._pace.reset()
        self._cast = Cast()
        self._person = self.settings.person
        self._figure: Figure | None = None
        self._pose: Pose | None = None
        self._tracked = False

    def open(self, cast: Cast) -> None:
        """The frames that follow are of these people."""
        self._cast = cast

    def encode(self, frame: LiveFrame) -> list[bytes]:
        """The datagrams of a frame, in the order to send them; none if it is to be left out."""
        self._look(frame)
        if not self._pace.due(frame.t):
            return []
        datagrams = []
        if self._figure is not None and self._pose is not None:
            root, bones = self._figure.placed(self._pose)
            datagrams.append(self._root.filled(root))
            datagrams += self._figure.datagrams(bones)
            datagrams += self._face
        datagrams += [self._ok(self._pose is not None), self._time.filled(np.array(frame.t))]
        return datagrams

    def farewell(self) -> list[bytes]:
        """What to send last: nobody is there any more."""
        return [self._ok(False)]

    def _look(self, frame: LiveFrame) -> None:
        """Take up the person followed from a frame."""
        cast = self._cast.skeletons
        people = {p.id: p.pose for p in frame.people if p.id in cast}
        if self.settings.person is None and self._person not in cast:
            tracked = (i for i, pose in people.items() if pose.state == TrackState.TRACKED)
            self._person = next(tracked, self._person)
        self._tracked = False
        if self._person is None or self._person not in people:
            return
        pose = people[self._person]
        self._tracked = pose.state != TrackState.LOST
        if self._pose is None and not self._tracked:
            return
        skeleton = cast[self._person]
        if self._figure is None or self._figure.skeleton is not skeleton:
            self._figure = Figure(skeleton, self.settings)
        self._pose = pose

    def _ok(self, there: bool) -> bytes:
        values = (LOADED, CALIBRATED, NORMAL, int(self._tracked)) if there else (0, 0, 0, 0)
        return _ok(values[: self.settings.ok])


class Figure:
    """A skeleton made ready for one receiver.

    Attributes:
        skeleton: whose bones.
        names: S bones sent, as Unity calls them.
    """

    def __init__(self, skeleton: Skeleton, settings: VmcSettings) -> None:
        self.skeleton = skeleton
        unity = bone_map.by_name("unity").pairs
        # what Unity has no bone for, no avatar has
        lacking = settings.without | (set(skeleton.names) - set(unity))
        sent = [i for i, n in enumerate(skeleton.names) if n in settings.bones - lacking]
        self.names = tuple(unity[skeleton.names[i]] for i in sent)
        self._settings = settings
        self._sent = np.array(sent, dtype=np.int64)
        self._folded = [
            (at, chain) for at, i in enumerate(sent) if (chain := _left_out(skeleton, i, set(sent)))
        ]
        self._places = np.array([_offset(skeleton, i, lacking) for i in sent]).reshape(-1, 3)
        self._places *= settings.scale * MIRROR_POSITION
        self._places += 0.0  # no minus zeros
        self._turn = rotation.axis_angle(UP, np.radians(settings.yaw))
        self._templates = _templates(self.names, settings.bundle)

    def placed(self, pose: Pose) -> tuple[Array, Array]:
        """Position and rotation, in Unity's axes, of the root (7,) and of the bones (S, 7), each
        in its parent."""
        local = pose.rotations.copy()
        local[0] = rotation.mul(self._turn, local[0])
        turns = local[self._sent]
        for at, chain in self._folded:
            for bone in chain:
                turns[at] = rotation.mul(local[bone], turns[at])
        bones = np.empty((len(self._sent), 7))
        bones[:, :3] = self._places
        bones[:, 3:] = rotation.normalize(turns) * MIRROR_ROTATION
        root = np.array(PLACE_OF_REST)
        place = rotation.rotate(self._turn, pose.root) * MIRROR_POSITION * self._settings.scale
        if self._settings.travel == "root":
            rest = self.skeleton.offsets[0] * MIRROR_POSITION * self._settings.scale
            root[:3] = place - rest
        elif len(self._sent) and self._sent[0] == 0:
            bones[0, :3] = place
        return root, bones

    def datagrams(self, bones: Array) -> list[bytes]:
        """The bones (S, 7) as `placed` gives them."""
        datagrams, at = [], 0
        for template in self._templates:
            following = at + template.floats // 7
            datagrams.append(template.filled(bones[at:following]))
            at = following
        return datagrams


def _left_out(skeleton: Skeleton, bone: int, sent: set[int]) -> list[int]:
    """The bones above one, up to the next that is sent: what its rotation has to make up for."""
    chain: list[int] = []
    above = int(skeleton.parents[bone])
    while above >= 0 and above not in sent:
        chain.append(above)
        above = int(skeleton.parents[above])
    return chain


def _offset(skeleton: Skeleton, bone: int, lacking: frozenset[str]) -> Array:
    """(3,) [m] where a bone rests in the next above that the avatar has."""
    offset = skeleton.offsets[bone].copy()
    above = int(skeleton.parents[bone])
    while above >= 0 and skeleton.names[above] in lacking:
        offset += skeleton.offsets[above]
        above = int(skeleton.parents[above])
    return offset


def _transform(kind: str, name: str) -> Message:
    return Message(f"/VMC/Ext/{kind}/Pos", "sfffffff", (name, *PLACE_OF_REST))


@lru_cache(maxsize=32)
def _templates(names: tuple[str, ...], most: int) -> tuple[Template, ...]:
    """The datagrams of bones, which differ in their numbers alone."""
    messages = [_transform("Bone", name) for name in names]
    if most == 0:
        return tuple(Template([message], bundled=False) for message in messages)
    return tuple(Template(group, bundled=True) for group in packed(messages, most))


@lru_cache(maxsize=32)
def _ok(values: tuple[int, ...]) -> bytes:
    return Message("/VMC/Ext/OK", "i" * len(values), values).encoded()
