"""BVH files (.bvh), the dialects that programs write. No bpy here, and not Blender's own importer,
which makes an armature of every file: here a file moves a rig that is there.

+Y is up. Position channels are the joint's position in its parent and take the place of its OFFSET;
an axis without a channel stays there. Rotation channels multiply in the order of the file: "Z X Y"
is Rz Rx Ry. Every ROOT is a person. There is no standard; the description followed is that in
"Motion Capture File Formats Explained" (Meredith and Maddock, University of Sheffield, 2001).
"""

import re

import numpy as np

from . import turns
from .clips import LIMIT, Clip, Skeleton, Take, TakeError, checked

UNITS = {"CM": 0.01, "M": 1.0}
GUESSES = (("centimetres", 0.01), ("metres", 1.0), ("inches", 0.0254), ("millimetres", 0.001))
PLAUSIBLE = (0.7, 3.0)  # [m] largest extent of a person's rest pose
USUAL = 1.75  # [m] that of somebody whose file fits no unit
SHORTEST, LONGEST = 1e-5, 60.0  # [s] frame times that somebody can mean
MOVED = 1e-6  # [m] a bone that leaves its offset by less only repeats it in its channels
PIECE = re.compile(r"[{}]|[^{}]+")
CHANNEL = re.compile(r"([XYZ])(position|rotation)", re.IGNORECASE)
END_SITE = -2  # in place of a joint's number


class Joint:
    """One ROOT or JOINT: name, parent (-1 for a ROOT), offset, channels as (axis, kind), tip."""

    def __init__(self, name, parent):
        self.name = name
        self.parent = parent
        self.offset = None
        self.channels = []
        self.tip = None


def loads(data, unit_name="AUTO"):
    """The take of a file's contents.

    Args:
        data: bytes.
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
    values, cut = _rows(lines, at, sum(len(joint.channels) for joint in joints))
    notes = []
    if cut or int(said) != len(values):
        notes.append(f"the file says {said[:12]} frames and has {len(values)} whole ones")
    scale, note = _scale(joints, unit_name)
    clips, column = [], 0
    roots = [i for i, joint in enumerate(joints) if joint.parent < 0]
    for person, (first, after) in enumerate(zip(roots, [*roots[1:], len(joints)], strict=True)):
        own = joints[first:after]
        width = sum(len(joint.channels) for joint in own)
        skeleton = _skeleton(own, first, scale)
        clips.append(_clip(person, own, skeleton, values[:, column : column + width], step, scale))
        column += width
    return Take(tuple(clips), (*notes, *note))


def _hierarchy(lines):
    """The joints, and the index of the line after MOTION."""
    joints, opened = [], []  # opened: joints whose braces are open, outermost first
    awaiting = None  # what the next brace opens
    for number, line in enumerate(lines, 1):
        for piece in PIECE.findall(line):
            keyword, _, rest = " ".join(piece.split(None, 1)).partition(" ")
            keyword, rest = keyword.lower(), rest.strip()
            inside = opened[-1] if opened else None
            if not keyword:
                continue
            if (keyword == "{") != (awaiting is not None):
                raise TakeError(f"line {number}: unexpected {piece.strip()[:40]!r}")
            if keyword == "{":
                opened.append(awaiting)
                awaiting = None
            elif keyword == "}" and opened:
                closed = opened.pop()
                if closed != END_SITE and joints[closed].offset is None:
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


def _number(word, line):
    """A number as programs of any country write it: `.5`, `1e-3`, `0,5`."""
    try:
        number = float(word.rstrip(",").replace(",", "."))
    except ValueError:
        number = np.nan
    if not abs(number) <= LIMIT:
        raise TakeError(f"line {line}: expected a number up to {LIMIT:g}, got {word[:40]!r}")
    return number


def _offset(rest, line):
    words = rest.split()
    if len(words) != 3:
        raise TakeError(f"line {line}: expected OFFSET with 3 numbers, got {len(words)}")
    return [_number(word, line) for word in words]


def _channels(rest, line):
    count, *words = rest.split() or ["nothing"]
    matches = [CHANNEL.fullmatch(word) for word in words]
    if count != str(len(words)) or not all(matches):
        raise TakeError(f"line {line}: expected CHANNELS with so many names as Xrotation")
    found = [("XYZ".index(m[1].upper()), m[2].lower()) for m in matches]
    if len(set(found)) < len(found):
        raise TakeError(f"line {line}: a channel is named twice")
    return found


def _header(lines, at, wanted):
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


def _rows(lines, start, channels):
    """The numbers (T, channels) of the complete rows, and whether the last one was cut short."""
    rows = [(line, number) for number, line in enumerate(lines[start:], start + 1) if line.strip()]
    cut = len(rows) > 1 and len(rows[-1][0].split()) < channels
    if cut:
        rows.pop()
    if any("," in line for line, _ in rows):
        # decimal commas, unless there are points too: then the commas stand between numbers
        point = " " if any("." in line for line, _ in rows) else "."
        rows = [(line.replace(",", point), number) for line, number in rows]
    words = [(line.split(), number) for line, number in rows]
    for row, number in words:
        if len(row) != channels:
            raise TakeError(f"line {number}: expected {channels} numbers, got {len(row)}")
    values = np.empty((len(words), channels))
    for i, (row, number) in enumerate(words):
        try:
            values[i] = row
        except ValueError:
            values[i] = [_number(word, number) for word in row]
        if not (np.abs(values[i]) <= LIMIT).all():
            raise TakeError(f"line {number}: expected numbers up to {LIMIT:g}")
    return values, cut


def _scale(joints, unit_name):
    """[m] one unit of the file, and notes about it."""
    if unit_name in UNITS:
        return UNITS[unit_name], ()
    places = []
    for joint in joints:
        around = places[joint.parent] if joint.parent >= 0 else np.zeros(3)
        places.append(around + np.array(joint.offset))
    ends = [p + np.array(j.tip) for p, j in zip(places, joints, strict=True) if j.tip is not None]
    extent = float(np.ptp([*places, *ends], axis=0).max())
    for name, scale in GUESSES:
        if PLAUSIBLE[0] <= extent * scale <= PLAUSIBLE[1]:
            return scale, () if name == "centimetres" else (f"its unit seems to be {name}",)
    if extent < 1e-6:
        return UNITS["CM"], ()
    return USUAL / extent, (f"its unit fits no person; the skeleton is taken to be {USUAL} m",)


def _skeleton(joints, first, scale):
    """The rest pose of joints of which the first is number `first` of the file."""
    names = {}  # a dictionary for its order
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
            np.array([joint.offset for joint in joints]) * scale,
            np.array([joint.tip or [np.nan] * 3 for joint in joints]) * scale,
        ),
        "HIERARCHY",
    )


def _clip(person, joints, skeleton, values, step, scale):
    """The motion of one person from the columns of all its channels (T, C)."""
    if len(values) == 0:  # the file only describes a skeleton
        still = np.zeros((1, len(joints), 4)) + [0.0, 0.0, 0.0, 1.0]
        return Clip(person, skeleton, np.zeros(1), skeleton.offsets[:1], still)
    places = np.tile(skeleton.offsets, (len(values), 1, 1))
    rotations = np.empty((len(values), len(joints), 4))
    column = 0
    for i, joint in enumerate(joints):
        order, angles = "", np.zeros((len(values), 3))
        for axis, kind in joint.channels:
            if kind == "position":
                places[:, i, axis] = values[:, column] * scale
            else:
                angles[:, len(order)] = np.radians(values[:, column])
                order += "XYZ"[axis]
            column += 1
        order += "".join(axis for axis in "XYZ" if axis not in order)
        rotations[:, i] = turns.from_euler(angles, order)
    moving = np.abs(places[:, 1:] - skeleton.offsets[1:]).max(initial=0.0) > MOVED
    times = np.arange(len(values)) * step
    return Clip(person, skeleton, times, places[:, 0], rotations, places if moving else None)
