"""A strict receiver of VMC, from the facts of OSC 1.0 and of the protocol alone.

It shares no code with the sender: an OSC parser of its own, a table of what each address may
carry, and an avatar that takes positions and rotations as EVMC4U does. Whatever a real receiver
might stumble over is an error here.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

LARGEST = 1472  # [bytes] of UDP in an Ethernet frame
AT_ONCE = 1  # the time tag that means now
MOST_BONES = 16

# UnityEngine.HumanBodyBones without LastBone, each with the bone above it
PARENTS: dict[str, str | None] = {
    "Hips": None,
    "Spine": "Hips",
    "Chest": "Spine",
    "UpperChest": "Chest",
    "Neck": "UpperChest",
    "Head": "Neck",
    "LeftEye": "Head",
    "RightEye": "Head",
    "Jaw": "Head",
}
for side in ("Left", "Right"):
    above = "UpperChest"
    for part in ("Shoulder", "UpperArm", "LowerArm", "Hand"):
        PARENTS[side + part] = above
        above = side + part
    for finger in ("Thumb", "Index", "Middle", "Ring", "Little"):
        above = side + "Hand"
        for part in ("Proximal", "Intermediate", "Distal"):
            PARENTS[side + finger + part] = above
            above = side + finger + part
    above = "Hips"
    for part in ("UpperLeg", "LowerLeg", "Foot", "Toes"):
        PARENTS[side + part] = above
        above = side + part
assert len(PARENTS) == 55

BLENDS = set("Neutral A I U E O Blink Blink_L Blink_R Joy Angry Sorrow Fun".split())

Values = tuple[str | int | float, ...]
Place = tuple[float, float, float]
Turn = tuple[float, float, float, float]
STILL: Turn = (0.0, 0.0, 0.0, 1.0)


class Wrong(AssertionError):
    """What was received is not as it must be."""


def demand(true: bool, why: str) -> None:
    if not true:
        raise Wrong(why)


# --- OSC 1.0 ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Received:
    """One message."""

    address: str
    tags: str
    values: Values


def _string(data: bytes, at: int) -> tuple[str, int]:
    end = data.find(b"\0", at)
    demand(end >= 0, "a string without its end")
    following = end + 4 - end % 4
    demand(following <= len(data), "a string without its padding")
    demand(not any(data[end:following]), "padding that is not zero")
    return data[at:end].decode("ascii"), following


def message(data: bytes) -> Received:
    demand(len(data) % 4 == 0, "a message whose size is no multiple of 4")
    address, at = _string(data, 0)
    demand(address.startswith("/"), f"an address without a slash: {address!r}")
    demand(not set(address) & set(" #*,?[]{}"), f"an address with signs it may not have: {address}")
    tags, at = _string(data, at)
    demand(tags.startswith(","), f"{address}: type tags without a comma")
    values: list[str | int | float] = []
    for tag in tags[1:]:
        demand(tag in "ifs", f"{address}: a type that the protocol has not: {tag}")
        if tag == "s":
            text, at = _string(data, at)
            values.append(text)
        else:
            demand(at + 4 <= len(data), f"{address}: values that are missing")
            values.append(struct.unpack_from(">" + tag, data, at)[0])
            at += 4
    demand(at == len(data), f"{address}: bytes after the last value")
    return Received(address, tags[1:], tuple(values))


def packet(datagram: bytes) -> tuple[bool, list[Received]]:
    """Whether a datagram is a bundle, and its messages."""
    demand(0 < len(datagram) < LARGEST, f"a datagram of {len(datagram)} bytes")
    if not datagram.startswith(b"#bundle\0"):
        return False, [message(datagram)]
    demand(struct.unpack_from(">Q", datagram, 8)[0] == AT_ONCE, "a bundle for another time")
    messages, at = [], 16
    while at < len(datagram):
        demand(at + 4 <= len(datagram), "a bundle cut off")
        (size,) = struct.unpack_from(">i", datagram, at)
        demand(size > 0 and size % 4 == 0, f"a message of {size} bytes in a bundle")
        demand(at + 4 + size <= len(datagram), "a bundle cut off")
        element = datagram[at + 4 : at + 4 + size]
        demand(not element.startswith(b"#bundle"), "a bundle in a bundle")
        messages.append(message(element))
        at += 4 + size
    demand(bool(messages), "an empty bundle")
    return True, messages


# --- VMC -------------------------------------------------------------------------------------


@dataclass
class Heard:
    """One frame, from its first message to its time."""

    root: tuple[Place, Turn] | None = None
    bones: dict[str, tuple[Place, Turn]] = field(default_factory=dict)
    blends: dict[str, float] = field(default_factory=dict)
    ok: tuple[int, ...] = ()
    t: float = math.nan
    bundles: list[int] = field(default_factory=list)  # bones in each
    datagrams: int = 0


def _transform(values: Values) -> tuple[str, tuple[Place, Turn]]:
    name, *numbers = values
    demand(all(math.isfinite(n) for n in numbers), f"{name}: a number that is none")  # type: ignore[arg-type]
    x, y, z, *q = (float(n) for n in numbers)
    norm = math.sqrt(sum(c * c for c in q))
    demand(abs(norm - 1) < 1e-6, f"{name}: a rotation of length {norm}")
    return str(name), ((x, y, z), (q[0], q[1], q[2], q[3]))


class Receiver:
    """Takes datagrams in order and gathers frames, which have to come in the order of the sample
    of the protocol: Root, Bone, Blend and Apply, OK, T."""

    ORDER = ("Root/Pos", "Bone/Pos", "Blend/Val", "Blend/Apply", "OK", "T")
    TAGS = ("sfffffff", "sfffffff", "sf", "", None, "f")

    def __init__(self) -> None:
        self.frames: list[Heard] = []
        self._frame = Heard()
        self._stage = 0

    def take(self, datagram: bytes) -> None:
        bundled, messages = packet(datagram)
        kinds = {m.address.removeprefix("/VMC/Ext/") for m in messages}
        if bundled:
            demand(kinds in ({"Bone/Pos"}, {"Blend/Val", "Blend/Apply"}), f"a bundle of {kinds}")
        if bundled and "Bone/Pos" in kinds:
            demand(len(messages) <= MOST_BONES, f"{len(messages)} bones in a bundle")
            self._frame.bundles.append(len(messages))
        self._frame.datagrams += 1
        for each in messages:
            self._obey(each)

    def _obey(self, each: Received) -> None:
        demand(each.address.startswith("/VMC/Ext/"), f"unknown address {each.address}")
        kind = each.address.removeprefix("/VMC/Ext/")
        demand(kind in self.ORDER, f"unknown address {each.address}")
        stage = self.ORDER.index(kind)
        tags = self.TAGS[stage]
        if tags is None:
            demand(each.tags in ("i", "iii", "iiii"), f"{kind}: types {each.tags}")
        else:
            demand(each.tags == tags, f"{kind}: types {each.tags} in place of {tags}")
        again = stage == self._stage and kind in ("Bone/Pos", "Blend/Val")
        first = stage == 0 and self._frame.root is None
        demand(stage > self._stage or again or first, f"{kind} out of order")
        demand(
            self._stage != self.ORDER.index("Blend/Val")
            or stage <= self.ORDER.index("Blend/Apply"),
            "blends that are not applied",
        )
        self._stage = stage
        frame = self._frame
        if kind == "Root/Pos":
            name, frame.root = _transform(each.values)
            demand(name == "root", f"a root called {name}")
        elif kind == "Bone/Pos":
            name, placed = _transform(each.values)
            demand(name in PARENTS, f"a bone called {name}")
            demand(name not in frame.bones, f"{name} twice")
            frame.bones[name] = placed
        elif kind == "Blend/Val":
            name, value = str(each.values[0]), float(each.values[1])
            demand(name in BLENDS, f"a blend called {name}")
            demand(0 <= value <= 1, f"blend {name} of {value}")
            frame.blends[name] = value
        elif kind == "OK":
            frame.ok = tuple(int(v) for v in each.values)
            loaded, state, mode, tracking = (*frame.ok, *(3, 0, 1)[len(frame.ok) - 1 :])
            demand(loaded in (0, 1), f"loaded {loaded}")
            demand(state in range(4) and mode in range(3), f"calibration {state}, {mode}")
            demand(tracking in (0, 1), f"tracking {tracking}")
            demand(frame.root is not None or not loaded, "somebody there without a pose")
        elif kind == "T":
            frame.t = float(each.values[0])
            demand(math.isfinite(frame.t) and frame.t >= 0, f"time {frame.t}")
            demand(bool(frame.ok), "a frame without OK")
            self.frames.append(frame)
            self._frame, self._stage = Heard(), 0


# --- an avatar -------------------------------------------------------------------------------


def _mul(a: Turn, b: Turn) -> Turn:
    ax, ay, az, aw = a
    bx, by, bz, bw = b
    return (
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
        aw * bw - ax * bx - ay * by - az * bz,
    )


def _rotate(q: Turn, v: Place) -> Place:
    x, y, z, _ = _mul(_mul(q, (*v, 0.0)), (-q[0], -q[1], -q[2], q[3]))
    return x, y, z


class Avatar:
    """The bones of a character in Unity: left-handed, +Y up, facing +Z.

    Args:
        rest: where each of its bones rests in the one above, rotations being none.
        positions: whether received positions are taken, as EVMC4U does unless told otherwise.
    """

    def __init__(self, rest: Mapping[str, Place], *, positions: bool = True) -> None:
        self._local = {name: (place, STILL) for name, place in rest.items()}
        self._root: tuple[Place, Turn] = ((0.0, 0.0, 0.0), STILL)
        self._positions = positions

    def apply(self, frame: Heard) -> None:
        if frame.root is not None:
            self._root = frame.root
        for name, (place, turn) in frame.bones.items():
            if name in self._local:  # what the avatar has not is lost
                self._local[name] = (place if self._positions else self._local[name][0], turn)

    def world(self) -> dict[str, tuple[Place, Turn]]:
        """Where each bone is, and how it is turned."""
        found: dict[str, tuple[Place, Turn]] = {}

        def place(name: str) -> tuple[Place, Turn]:
            if name not in found:
                above = PARENTS[name]
                while above is not None and above not in self._local:
                    above = PARENTS[above]
                at, turn = self._root if above is None else place(above)
                offset, local = self._local[name]
                x, y, z = _rotate(turn, offset)
                found[name] = ((at[0] + x, at[1] + y, at[2] + z), _mul(turn, local))
            return found[name]

        for name in self._local:
            place(name)
        return found
