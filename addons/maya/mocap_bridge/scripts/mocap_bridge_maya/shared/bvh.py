"""BVH files (.bvh), the dialects that programs write, read as the numbers that they hold.

+Y is up. Position channels are the joint's position in its parent and take the place of its OFFSET;
an axis without a channel stays there. Rotation channels are degrees and multiply in the order of
the file: "Z X Y" is Rz Rx Ry. Every ROOT is a person. There is no standard; the description
followed is that in "Motion Capture File Formats Explained" (Meredith and Maddock, University of
Sheffield, 2001).
"""

from __future__ import annotations

import math
import re
from array import array
from dataclasses import dataclass, replace
from typing import NamedTuple, Sequence, Tuple

from . import turns
from .errors import TakeError
from .skeleton import LIMIT, Skeleton, checked, rest_positions
from .turns import Vec

UNITS = {"CM": 0.01, "M": 1.0}
GUESSES = (("centimetres", 0.01), ("metres", 1.0), ("inches", 0.0254), ("millimetres", 0.001))
PLAUSIBLE = (0.7, 3.0)  # [m] largest extent of a person's rest pose
USUAL = 1.75  # [m] that of somebody whose file fits no unit
SHORTEST, LONGEST = 1e-5, 60.0  # [s] frame times that somebody can mean
PIECE = re.compile(r"[{}]|[^{}]+")
CHANNEL = re.compile(r"([XYZ])(position|rotation)", re.IGNORECASE)
MOVED = 1e-6  # [m] a bone that leaves its offset by less only repeats it in its channels
NOTHING, END_SITE = -1, -2  # in place of a joint's number


Channel = Tuple[int, str]  # 0 to 2 for X to Z, and "position" or "rotation"


class Joint:
    """One ROOT or JOINT, as the file has it: in its unit, unscaled.

    Attributes:
        name: not always of this joint alone.
        parent: number of the joint that carries it, a smaller one; -1 of a ROOT.
        offset: x, y, z in the parent.
        channels: what the columns of a row mean, in their order.
        tip: x, y, z of its end site; None if it has none.
    """

    def __init__(self, name: str, parent: int) -> None:
        self.name = name
        self.parent = parent
        self.offset: Vec = ()  # type: ignore[assignment]  # until the file tells it
        self.channels: list[Channel] = []
        self.tip: Vec | None = None


class Person(NamedTuple):
    """A ROOT with all that it carries.

    Attributes:
        skeleton: in metres, every bone's name its own.
        channels: of each bone.
        column: of a row, at which theirs begin.
    """

    skeleton: Skeleton
    channels: tuple[Sequence[Channel], ...]
    column: int


@dataclass(frozen=True, eq=False)
class Bvh:
    """What a file holds, T frames of C channels.

    Attributes:
        joints: in the order of the file.
        frame_time: [s] from frame to frame.
        rows: T C, the numbers of all channels, frame after frame; none if the file has no frames.
        scale: [m] one unit of the file.
        people: by number, a ROOT each.
        notes: sentences about what was repaired or guessed.
    """

    joints: tuple[Joint, ...]
    frame_time: float
    rows: array[float]
    scale: float
    people: tuple[Person, ...]
    notes: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """C, how many numbers a row has."""
        return sum(len(joint.channels) for joint in self.joints)

    def __len__(self) -> int:
        return len(self.rows) // max(self.width, 1)


def loads(data: bytes, unit_name: str = "AUTO") -> Bvh:
    """A file of its contents.

    Args:
        unit_name: "CM", "M", or "AUTO" for the one in which the rest pose is as large as people.

    Raises:
        TakeError: names the line.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    lines = text.split("\n" if "\n" in text else "\r")
    joints, at = _hierarchy(lines)
    said, at = _header(lines, at, "Frames")
    seconds, at = _header(lines, at, "Frame Time")
    step = _number(seconds, at)
    if not SHORTEST <= step <= LONGEST:
        raise TakeError(f"line {at}: expected a frame time of {SHORTEST} to {LONGEST:g} seconds")
    scale, notes = _scale(joints, unit_name)
    file = Bvh(tuple(joints), step, array("d"), scale, _people(joints, scale), notes)
    frames, cut = _rows(lines, at, file.width, file.rows)
    if cut or int(said) != frames:
        told = f"the file says {said[:12]} frames and has {frames} whole ones"
        file = replace(file, notes=(told, *notes))
    return file


def _hierarchy(lines: Sequence[str]) -> tuple[list[Joint], int]:
    """The joints, and the index of the line after MOTION."""
    joints: list[Joint] = []
    opened: list[int] = []  # joints whose braces are open, outermost first
    awaiting = NOTHING  # what the next brace opens
    for number, line in enumerate(lines, 1):
        for piece in PIECE.findall(line):
            keyword, _, rest = " ".join(piece.split(None, 1)).partition(" ")
            keyword, rest = keyword.lower(), rest.strip()
            inside = opened[-1] if opened else NOTHING
            if not keyword:
                continue
            if (keyword == "{") != (awaiting != NOTHING):
                raise TakeError(f"line {number}: unexpected {piece.strip()[:40]!r}")
            if keyword == "{":
                opened.append(awaiting)
                awaiting = NOTHING
            elif keyword == "}" and opened:
                closed = opened.pop()
                if closed != END_SITE and not joints[closed].offset:
                    raise TakeError(f"line {number}: {joints[closed].name[:40]!r} has no OFFSET")
            elif keyword == "root" and not opened and rest:
                awaiting = len(joints)
                joints.append(Joint(rest, -1))
            elif keyword == "joint" and opened and inside != END_SITE and rest:
                awaiting = len(joints)
                joints.append(Joint(rest, inside))
            elif keyword == "end" and opened and inside != END_SITE:
                awaiting = END_SITE
            elif keyword == "offset" and opened:
                offset = _offset(rest, number)
                if inside != END_SITE:
                    joints[inside].offset = offset
                elif joints[opened[-2]].tip is None:
                    joints[opened[-2]].tip = offset
            elif keyword == "channels" and opened and inside != END_SITE:
                joints[inside].channels = _channels(rest, number)
            elif keyword == "motion" and joints and not opened:
                return joints, number
            elif keyword != "hierarchy" or joints:
                raise TakeError(f"line {number}: unexpected {piece.strip()[:40]!r}")
    if not joints:
        raise TakeError("not a BVH file: it has no ROOT")
    raise TakeError(f"line {len(lines)}: the file ends before MOTION")


def _number(word: str, line: int) -> float:
    """A number as programs of any country write it: `.5`, `1e-3`, `0,5`."""
    try:
        number = float(word.rstrip(",").replace(",", "."))
    except ValueError:
        number = math.nan
    if not abs(number) <= LIMIT:
        raise TakeError(f"line {line}: expected a number up to {LIMIT:g}, got {word[:40]!r}")
    return number


def _offset(rest: str, line: int) -> Vec:
    words = rest.split()
    if len(words) != 3:
        raise TakeError(f"line {line}: expected OFFSET with 3 numbers, got {len(words)}")
    x, y, z = (_number(word, line) for word in words)
    return x, y, z


def _channels(rest: str, line: int) -> list[Channel]:
    count, *words = rest.split() or ["nothing"]
    matches = [match for match in map(CHANNEL.fullmatch, words) if match]
    if count != str(len(words)) or len(matches) < len(words):
        raise TakeError(f"line {line}: expected CHANNELS with so many names as Xrotation")
    found = [("XYZ".index(m[1].upper()), m[2].lower()) for m in matches]
    if len(set(found)) < len(found):
        raise TakeError(f"line {line}: a channel is named twice")
    return found


def _header(lines: Sequence[str], at: int, wanted: str) -> tuple[str, int]:
    """The value of the next line that is not blank, and the index of the line after it."""
    while at < len(lines) and not lines[at].strip():
        at += 1
    name, colon, value = lines[at].partition(":") if at < len(lines) else ("", "", "")
    plain = "".join(name.split()).lower()
    if plain != wanted.replace(" ", "").lower() or not colon or len(value.split()) != 1:
        raise TakeError(f"line {min(at + 1, len(lines))}: expected '{wanted}:' and a number")
    if wanted == "Frames" and not (value.strip().isdecimal() and len(value.strip()) < 10):
        raise TakeError(f"line {at + 1}: expected a number of frames, got {value.strip()[:40]!r}")
    return value.strip(), at + 1


def _rows(
    lines: Sequence[str], start: int, channels: int, values: array[float]
) -> tuple[int, bool]:
    """Add the numbers of the complete rows to `values`; how many rows, and whether the last one
    was cut short."""
    rows = [(line, number) for number, line in enumerate(lines[start:], start + 1) if line.strip()]
    cut = len(rows) > 1 and len(rows[-1][0].split()) < channels
    if cut:
        rows.pop()
    if any("," in line for line, _ in rows):
        # decimal commas, unless there are points too: then the commas stand between numbers
        point = " " if any("." in line for line, _ in rows) else "."
        rows = [(line.replace(",", point), number) for line, number in rows]
    for line, number in rows:
        words = line.split()
        if len(words) != channels:
            raise TakeError(f"line {number}: expected {channels} numbers, got {len(words)}")
        try:
            row = list(map(float, words))
        except ValueError:
            row = [_number(word, number) for word in words]
        if not sum(map(abs, row)) <= LIMIT and not all(abs(n) <= LIMIT for n in row):
            raise TakeError(f"line {number}: expected numbers up to {LIMIT:g}")
        values.extend(row)
    return len(rows), cut


def _scale(joints: Sequence[Joint], unit_name: str) -> tuple[float, tuple[str, ...]]:
    """[m] one unit of the file, and notes about it."""
    if unit_name in UNITS:
        return UNITS[unit_name], ()
    offsets = [joint.offset for joint in joints]
    places = rest_positions([joint.parent for joint in joints], offsets)
    ends = [
        turns.plus(place, joint.tip)
        for place, joint in zip(places, joints)
        if joint.tip is not None
    ]
    extent = max(max(axis) - min(axis) for axis in zip(*places, *ends))
    for name, scale in GUESSES:
        if PLAUSIBLE[0] <= extent * scale <= PLAUSIBLE[1]:
            return scale, () if name == "centimetres" else (f"its unit seems to be {name}",)
    if extent < 1e-6:
        return UNITS["CM"], ()
    return USUAL / extent, (f"its unit fits no person; the skeleton is taken to be {USUAL} m",)


def _people(joints: Sequence[Joint], scale: float) -> tuple[Person, ...]:
    """Everyone in a file, by number."""
    roots = [i for i, joint in enumerate(joints) if joint.parent < 0]
    found, column = [], 0
    for first, after in zip(roots, [*roots[1:], len(joints)]):
        own = joints[first:after]
        channels = tuple(joint.channels for joint in own)
        found.append(Person(_skeleton(own, first, scale), channels, column))
        column += sum(map(len, channels))
    return tuple(found)


def _skeleton(joints: Sequence[Joint], first: int, scale: float) -> Skeleton:
    """The rest pose of joints of which the first is number `first` of the file."""
    names: dict[str, Joint] = {}  # a dictionary for its order
    for joint in joints:
        name, count = joint.name, 1
        while name in names:
            count += 1
            name = f"{joint.name}_{count}"
        names[name] = joint
    return checked(
        Skeleton(
            tuple(names),
            tuple(max(joint.parent - first, -1) for joint in joints),
            tuple(turns.scaled(joint.offset, scale) for joint in joints),
            tuple(joint.tip and turns.scaled(joint.tip, scale) for joint in joints),
        ),
        "HIERARCHY",
    )
