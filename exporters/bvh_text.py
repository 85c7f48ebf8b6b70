"""The text of a BVH file: hierarchy, rows of numbers, names. No poses, no metres.

BVH has no standard. The source is the description of Biovision's format in "Motion Capture File
Formats Explained" (Meredith and Maddock, University of Sheffield, 2001), section 4, and, where
it is silent, what programs write in practice.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from exporters.format import FormatWarning
from mocap.arrays import Array
from mocap.errors import FormatError, InvalidValue

LIMIT = 1e12  # no length or angle is larger; beyond it sums and squares begin to overflow
SHORTEST, LONGEST = 1e-5, 60.0  # [s] frame times that somebody can mean
DECIMALS = 6
LARGEST = 1e9  # that six decimals of a float are exact for
BLOCK = 8192  # numbers formatted at a time: their digits fit the processor's cache

_PIECE = re.compile(r"[{}]|[^{}]+")
_CHANNEL = re.compile(r"([XYZ])(position|rotation)", re.IGNORECASE)
_FRAMES = re.compile(r"\s*Frames\s*:\s*(\S+)\s*", re.IGNORECASE)
_FRAME_TIME = re.compile(r"\s*Frame\s*Time\s*:\s*(\S+)\s*", re.IGNORECASE)
_END_SITE = -2  # in place of a joint's index


@dataclass(slots=True)
class Joint:
    """One ROOT or JOINT as it stands in the file.

    Attributes:
        name: all of the line after the keyword.
        parent: index of the joint around it; -1 for a ROOT.
        offset: OFFSET; None until it is read.
        channels: axis (0 to 2) and kind ("position", "rotation") of each, in file order.
        tip: OFFSET of its first End Site, None without one.
    """

    name: str
    parent: int
    offset: tuple[float, ...] | None = None
    channels: list[tuple[int, str]] = field(default_factory=list)
    tip: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file.

    Attributes:
        joints: in file order, parents first.
        frame_time: [s] from one frame to the next.
        values: (T, C) the numbers of each frame, C channels of all joints.
    """

    joints: list[Joint]
    frame_time: float
    values: Array


class _Fault(Exception):
    """What is wrong in which line, before it is known in which file."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def decode(data: bytes) -> str:
    """UTF-8, with or without a byte order mark, or else Latin-1, which fits any bytes."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def parse(text: str, path: object = None) -> Document:
    """The document in `text`.

    Warns with FormatWarning where the rows are not as many as the file says or the last one is
    cut short; the complete rows are used.

    Raises:
        FormatError: naming the line.
    """
    # of "\r\n" the first is white space at the end of a line, ignored like any other
    lines = text.split("\n" if "\n" in text else "\r")
    try:
        joints, at = _hierarchy(lines)
        said, at = _header(lines, at, _FRAMES, "Frames:")
        seconds, at = _header(lines, at, _FRAME_TIME, "Frame Time:")
        if not said.isdecimal() or len(said) > 9:
            raise _Fault(at - 1, f"expected a number of frames, got {_short(said)}")
        frame_time = _number(seconds, at)
        if not SHORTEST <= frame_time <= LONGEST:
            raise _Fault(
                at,
                f"expected a frame time from {SHORTEST} to {LONGEST:g} seconds, got {frame_time:g}",
            )
        values, cut = _rows(lines, at, sum(len(j.channels) for j in joints))
    except _Fault as fault:
        raise FormatError(str(fault), path=path, line=fault.line) from None
    if cut or len(values) != int(said):
        ending = ", the last one cut short" if cut else ""
        warnings.warn(
            f"{path or 'BVH'}: the header says {int(said)} frames but the file has "
            f"{len(values) + cut}{ending}; using the {len(values)} complete ones",
            FormatWarning,
            stacklevel=2,
        )
    return Document(joints, frame_time, values)


def _hierarchy(lines: Sequence[str]) -> tuple[list[Joint], int]:
    """The joints, and the index of the line after MOTION."""
    joints: list[Joint] = []
    opened: list[int] = []  # joints (or End Sites) whose braces are open, outermost first
    awaiting: int | None = None  # what the next brace will open
    for number, line in enumerate(lines, 1):
        for piece in _PIECE.findall(line):
            keyword, _, rest = " ".join(piece.split(None, 1)).partition(" ")
            match keyword.lower():
                case "":
                    continue
                case "{" if awaiting is not None:
                    opened.append(awaiting)
                    awaiting = None
                case _ if awaiting is not None:
                    raise _Fault(number, f"expected '{{', got {_short(piece)}")
                case "}" if opened:
                    closed = opened.pop()
                    if closed != _END_SITE and joints[closed].offset is None:
                        raise _Fault(number, f"joint {_short(joints[closed].name)} has no OFFSET")
                case "root" if not opened and rest.strip():
                    awaiting = len(joints)
                    joints.append(Joint(rest.strip(), -1))
                case "joint" if opened and opened[-1] != _END_SITE and rest.strip():
                    awaiting = len(joints)
                    joints.append(Joint(rest.strip(), opened[-1]))
                case "end" if opened and opened[-1] != _END_SITE:
                    awaiting = _END_SITE
                case "offset" if opened and opened[-1] != _END_SITE:
                    joints[opened[-1]].offset = _offset(rest, number)
                case "offset" if opened:
                    around = joints[opened[-2]]
                    around.tip = around.tip or _offset(rest, number)
                case "channels" if opened and opened[-1] != _END_SITE:
                    joints[opened[-1]].channels = _channels(rest, number)
                case "motion" if joints and not opened:
                    return joints, number
                case "hierarchy" if not joints:
                    continue
                case _:
                    where = _inside(opened, joints) or " outside of any joint"
                    raise _Fault(number, f"unexpected {_short(piece)}{where}")
    if not joints:
        raise _Fault(len(lines), "not a BVH file: it has no ROOT")
    raise _Fault(len(lines), f"the file ends before MOTION{_inside(opened, joints)}")


def _inside(opened: Sequence[int], joints: Sequence[Joint]) -> str:
    if not opened:
        return ""
    if opened[-1] == _END_SITE:
        return f" inside the End Site of {_short(joints[opened[-2]].name)}"
    return f" inside joint {_short(joints[opened[-1]].name)}"


def _short(text: str) -> str:
    text = text.strip()
    return repr(text if len(text) <= 40 else text[:37] + "...")


def _number(word: str, line: int) -> float:
    """A number as programs of any country write it: `.5`, `1e-3`, `0,5`."""
    try:
        number = float(word.rstrip(",").replace(",", "."))
    except ValueError:
        raise _Fault(line, f"expected a number, got {_short(word)}") from None
    if not abs(number) <= LIMIT:
        raise _Fault(line, f"expected a number up to {LIMIT:g}, got {_short(word)}")
    return number


def _offset(rest: str, line: int) -> tuple[float, ...]:
    words = rest.split()
    if len(words) != 3:
        raise _Fault(line, f"expected OFFSET with 3 numbers, got {len(words)}")
    return tuple(_number(word, line) for word in words)


def _channels(rest: str, line: int) -> list[tuple[int, str]]:
    count, *words = rest.split() or ["nothing"]
    if count != str(len(words)):
        raise _Fault(line, f"CHANNELS says {_short(count)} and names {len(words)}")
    found = []
    for word in words:
        match = _CHANNEL.fullmatch(word)
        if match is None:
            raise _Fault(line, f"expected a channel such as Xrotation, got {_short(word)}")
        found.append(("XYZ".index(match[1].upper()), match[2].lower()))
    if len(set(found)) < len(found):
        raise _Fault(line, f"a channel is named twice in {_short(' '.join(words))}")
    return found


def _header(
    lines: Sequence[str], at: int, pattern: re.Pattern[str], wanted: str
) -> tuple[str, int]:
    """The value of the next line that is not blank, and the index of the line after it."""
    while at < len(lines) and not lines[at].strip():
        at += 1
    match = pattern.fullmatch(lines[at]) if at < len(lines) else None
    if match is None:
        found = _short(lines[at]) if at < len(lines) else "the end of the file"
        raise _Fault(min(at + 1, len(lines)), f"expected {wanted!r} and a number, got {found}")
    return match[1], at + 1


def _rows(lines: Sequence[str], start: int, channels: int) -> tuple[Array, bool]:
    """The numbers (T, channels) of the complete rows, and whether the last one was cut."""
    rows = [(line, number) for number, line in enumerate(lines[start:], start + 1) if line.strip()]
    cut = bool(rows) and len(rows[-1][0].split()) < channels
    if cut:
        last = rows.pop()
        if not rows:
            found = len(last[0].split())
            raise _Fault(last[1], f"expected {channels} numbers, one per channel, got {found}")
    if not rows:
        return np.empty((0, channels)), cut
    if any("," in line for line, _ in rows):
        # decimal commas, unless there are points too: then the commas stand between numbers
        point = " " if any("." in line for line, _ in rows) else "."
        rows = [(line.replace(",", point), number) for line, number in rows]
    try:
        values = np.loadtxt([line for line, _ in rows], comments=None, ndmin=2)
    except ValueError:
        values = None
    if values is None or values.shape != (len(rows), channels) or not _within(values, LIMIT):
        values = _rows_one_by_one(rows, channels)
    return values, cut


def _within(values: Array, limit: float) -> bool:
    # not `abs`, which would double the memory; comparisons with NaN are false
    return values.size == 0 or bool(values.max() <= limit and values.min() >= -limit)


def _rows_one_by_one(rows: Sequence[tuple[str, int]], channels: int) -> Array:
    """Slowly what NumPy refused or read as something else: names the line that is wrong."""
    values = []
    for line, number in rows:
        words = line.split()
        if len(words) != channels:
            raise _Fault(number, f"expected {channels} numbers, one per channel, got {len(words)}")
        values.append([_number(word, number) for word in words])
    return np.array(values).reshape(len(rows), channels)


def format_hierarchy(joints: Sequence[Joint]) -> str:
    """HIERARCHY and all below it; the joints depth first, as the numbers of a frame are."""
    text = ["HIERARCHY\n"]
    opened: list[int] = []
    for i, joint in enumerate(joints):
        while opened and opened[-1] != joint.parent:
            opened.pop()
            text.append("\t" * len(opened) + "}\n")
        indent = "\t" * len(opened)
        opened.append(i)
        names = " ".join("XYZ"[axis] + kind for axis, kind in joint.channels)
        text.append(
            f"{indent}{'ROOT' if joint.parent < 0 else 'JOINT'} {joint.name}\n"
            f"{indent}{{\n"
            f"{indent}\tOFFSET {_format_offset(joint.offset)}\n"
            f"{indent}\tCHANNELS {len(joint.channels)} {names}\n"
        )
        if joint.tip is not None:
            text.append(
                f"{indent}\tEnd Site\n"
                f"{indent}\t{{\n"
                f"{indent}\t\tOFFSET {_format_offset(joint.tip)}\n"
                f"{indent}\t}}\n"
            )
    while opened:
        opened.pop()
        text.append("\t" * len(opened) + "}\n")
    return "".join(text)


def _format_offset(offset: tuple[float, ...] | None) -> str:
    # adding zero turns a negative zero into a positive one
    return " ".join(f"{round(x, DECIMALS) + 0.0:.{DECIMALS}f}" for x in offset or (0.0, 0.0, 0.0))


def _four_digits() -> NDArray[np.uint32]:
    numbers = np.arange(10_000)
    digits = numbers[:, None] // np.array([1000, 100, 10, 1]) % 10
    return (digits + ord("0")).astype(np.uint8).view(np.uint32)[:, 0]


_FOUR_DIGITS = _four_digits()  # the ASCII codes of 0000 to 9999, four bytes in one number


def format_rows(values: Array) -> Iterator[bytes]:
    """Rows of numbers (T, C), six decimals each, as text: a piece of whole rows at a time.

    Every number is laid out in a field of the same width, four digits per table look-up, and
    the unused bytes of the fields are then left out: some ten times faster than formatting one
    number after the other.

    Raises:
        InvalidValue: a number is not finite or larger than LARGEST.
    """
    if not _within(values, LARGEST):
        raise InvalidValue(f"BVH: expected finite numbers up to {LARGEST:g}")
    step = max(1, BLOCK // max(1, values.shape[1]))
    for start in range(0, len(values), step):
        yield _format_block(values[start : start + step])


def _format_block(values: Array) -> bytes:
    rows, columns = values.shape
    scaled = np.rint(values.ravel() * 10.0**DECIMALS).astype(np.int64)
    units = np.abs(scaled)
    whole = 2  # digits before the point that the fields have room for
    while units.max(initial=0) >= 10 ** (whole + DECIMALS):
        whole += 4
    digits = np.empty((units.size, (whole + DECIMALS) // 4), np.uint32)
    for group in reversed(range(digits.shape[1])):
        units, four = np.divmod(units, 10_000)
        digits[:, group] = _FOUR_DIGITS[four]
    ascii_digits = digits.view(np.uint8)
    # a field: sign, digits, point, decimals, separator
    fields = np.empty((scaled.size, whole + DECIMALS + 3), np.uint8)
    fields[:, 0] = ord("-")
    fields[:, 1 : whole + 1] = ascii_digits[:, :whole]
    fields[:, whole + 1] = ord(".")
    fields[:, whole + 2 : -1] = ascii_digits[:, whole:]
    fields[:, -1] = ord(" ")
    fields[:, -1].reshape(rows, columns)[:, -1:] = ord("\n")
    used = np.ones(fields.shape, np.bool_)
    used[:, 0] = scaled < 0
    for place in range(1, whole):
        used[:, place] = np.abs(scaled) >= 10 ** (whole - place + DECIMALS)
    return fields[used].tobytes()


def safe_names(names: Iterable[str], *, exact: bool = False) -> list[str]:
    """Names that programs accept, one for each of `names`, none used twice.

    Args:
        names: any strings.
        exact: only replace what would break the file (braces, control characters, outer white
            space); otherwise keep to ASCII letters, digits and underscores, no digit first, as
            Maya demands.
    """
    found: list[str] = []
    taken: set[str] = set()
    for name in names:
        if exact:
            name = re.sub(r"[{}\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", "_", name).strip()
        else:
            plain = unicodedata.normalize("NFKD", name).strip()
            name = re.sub(r"[^0-9A-Za-z_]", "_", re.sub(r"[\u0300-\u036f]", "", plain))
            name = re.sub(r"^(?=[0-9])", "_", name)
        name = name or "bone"
        unique, count = name, 1
        while unique in taken:
            count += 1
            unique = f"{name}_{count}"
        taken.add(unique)
        found.append(unique)
    return found
