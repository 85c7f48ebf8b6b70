"""Takes as JSON: everything this package knows of a recording, readable without it.

One document per file, strict JSON (no NaN), UTF-8, one frame per line:

    {"format": "mocap-take", "version": 1, "fps": 30.0, "unit": "m",
     "axes": {"up": "+Y", "forward": "+Z", "handedness": "right", "quaternion": "xyzw"},
     "times": [T seconds],
     "people": [{"id": 0,
                 "skeleton": {"name", "bones": [{"name", "parent", "offset", "tip"}]},
                 "root": T x [x, y, z],
                 "rotations": T x [x0, y0, z0, w0, x1, ...],
                 "state": T x "tracked" | "held" | "lost",
                 "confidence": T x [one per bone],
                 "contacts": {bone: T x true | false},
                 "translations": T x [x0, y0, z0, x1, ...], only if bones move in their parents,
                 "landmarks": {"layout", "points", "lines", "size": [w, h],
                               "image": T x [x0, y0, ...], "world": T x [x0, y0, z0, ...],
                               "confidence": T x [one per point]}}],
     "made": {how the take was made}}

A motion lies between "skeleton" and "translations", landmarks are separate; a person has either
or both. A frame without landmarks is null, as is a coordinate that is not known. A person, or
landmarks, with other times than the document's carry their own "times". "fps" is the rate of
"times", for those who read the file by eye. Unknown keys are ignored.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from exporters.files import replacing
from exporters.format import Format, Options
from mocap import rotation, skeletons
from mocap.arrays import Array
from mocap.errors import FormatError, InvalidValue, OutputError
from mocap.landmarks import LAYOUTS, LandmarkTrack, Layout
from mocap.motion import Motion, TrackState
from mocap.take import Person, Take

NAME, VERSION = "mocap-take", 1
AXES = {"up": "+Y", "forward": "+Z", "handedness": "right", "quaternion": "xyzw"}
STATES = {state.name.lower(): state for state in TrackState}
LENGTH, TURN, PIXEL, DEPTH, SHARE = 6, 7, 2, 4, 3  # decimals: m, quaternion, px, m, confidence
LIMIT = 1e12  # no number of a take is larger; beyond it sums and squares begin to overflow
UNIT_NORM = 1e-3  # quaternions of norm further from 1 were not meant as rotations


def read(path: Path, options: Options) -> Take:
    """The take of a file.

    Raises:
        FormatError: the file cannot be read, names the line of what is not JSON or the key of
            what is not a take.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FormatError(f"cannot read: {error.strerror or error}", path=path) from None
    return loads(data, path)


def loads(data: bytes, path: Path | None = None) -> Take:
    """The take of a file's contents, as `read`; `path` is for the messages."""
    try:
        document = json.loads(data.decode("utf-8-sig"), parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise FormatError(f"not JSON: {error.msg}", path=path, line=error.lineno) from None
    except (ValueError, RecursionError) as error:
        raise FormatError(f"not JSON: {error}", path=path) from None
    try:
        return _take(document)
    except InvalidValue as error:
        raise FormatError(str(error), path=path) from None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _take(document: Any) -> Take:
    if not isinstance(document, dict) or document.get("format") != NAME:
        raise InvalidValue(f'not a take: expected a JSON object with "format": "{NAME}"')
    version = _get(document, "version", int, "")
    if version != VERSION:
        raise InvalidValue(
            f"version: expected {VERSION}, got {version}"
            + ("; a newer version of the program can read it" if version > VERSION else "")
        )
    for key, expected in (("unit", "m"), ("axes", AXES)):
        if document.get(key) != expected:
            raise InvalidValue(f"{key}: expected {json.dumps(expected)}")
    people = [
        _person(entry, document, f"people[{i}]")
        for i, entry in enumerate(_get(document, "people", list, ""))
    ]
    return Take(tuple(people), made=_get(document, "made", dict, "", {}))


def _person(entry: Any, document: dict[str, Any], at: str) -> Person:
    _expect(entry, dict, at)
    times = _times(entry, document, at)
    motion = landmarks = None
    number = _get(entry, "id", int, at)
    if "skeleton" in entry:
        motion = _motion(entry, times, at)
    if "landmarks" in entry:
        seen = _get(entry, "landmarks", dict, at)
        landmarks = _landmarks(seen, times, number, f"{at}.landmarks")
    return Person(number, motion, landmarks)


def _motion(entry: dict[str, Any], times: Array, at: str) -> Motion:
    frames = len(times)
    try:
        skeleton = skeletons.from_dict(_get(entry, "skeleton", dict, at))
    except (InvalidValue, OverflowError) as error:
        raise InvalidValue(f"{at}.skeleton: {error}") from None
    if not _within(skeleton.offsets) or not _within(skeleton.tips):
        raise InvalidValue(f"{at}.skeleton: expected lengths up to {LIMIT:g} m")
    bones = len(skeleton)
    rotations = _table(entry, "rotations", frames, 4 * bones, at).reshape(frames, bones, 4)
    norms = np.linalg.norm(np.clip(rotations, -2.0, 2.0), axis=-1)
    if frames and np.abs(norms - 1).max() > UNIT_NORM:
        t, bone = np.unravel_index(np.argmax(np.abs(norms - 1)), norms.shape)
        raise InvalidValue(
            f"{at}.rotations[{t}]: expected unit quaternions, got {rotations[t, bone].tolist()} "
            f"for {skeleton.names[bone]}"
        )
    moved = None
    if "translations" in entry:
        moved = _table(entry, "translations", frames, 3 * bones, at).reshape(frames, bones, 3)
    state = _get(entry, "state", list, at)
    if len(state) != frames or not all(isinstance(s, str) and s in STATES for s in state):
        raise InvalidValue(f"{at}.state: expected {frames} of {', '.join(sorted(STATES))}")
    contacts = _get(entry, "contacts", dict, at, {})
    for foot, on in contacts.items():
        if not isinstance(on, list) or len(on) != frames or not set(map(type, on)) <= {bool}:
            raise InvalidValue(f"{at}.contacts.{foot}: expected {frames} of true, false")
    try:
        return Motion(
            skeleton,
            times=times,
            root=_table(entry, "root", frames, 3, at),
            rotations=rotation.normalize(rotations),
            translations=moved,
            state=np.array([STATES[s] for s in state], dtype=np.int64),
            confidence=_shares(entry, frames, bones, at),
            contacts={foot: np.array(on, dtype=np.bool_) for foot, on in contacts.items()},
        )
    except InvalidValue as error:
        raise InvalidValue(f"{at}: {error}") from None


def _landmarks(seen: dict[str, Any], times: Array, person: int, at: str) -> LandmarkTrack:
    if "times" in seen:
        times = _times(seen, {}, at)
    frames = len(times)
    layout = _layout(seen, at)
    count = len(layout)
    size = _get(seen, "size", list, at)
    if len(size) != 2 or not all(type(n) is int and 0 < n < LIMIT for n in size):
        raise InvalidValue(f"{at}.size: expected [width, height] in pixels")
    world = None
    if seen.get("world") is not None:
        world = _table(seen, "world", frames, 3 * count, at, gaps=True).reshape(frames, count, 3)
    return LandmarkTrack(
        layout,
        times=times,
        image=_table(seen, "image", frames, 2 * count, at, gaps=True).reshape(frames, count, 2),
        world=world,
        confidence=_shares(seen, frames, count, at),
        size=(size[0], size[1]),
        person=person,
    )


def _layout(seen: dict[str, Any], at: str) -> Layout:
    name = _get(seen, "layout", str, at)
    known = LAYOUTS.get(name)
    if "points" not in seen and known is not None:
        return known
    points = _get(seen, "points", list, at)
    if not all(isinstance(p, str) for p in points) or len(set(points)) != len(points):
        raise InvalidValue(f"{at}.points: expected names, each once")
    lines = _get(seen, "lines", list, at, [])
    if not all(isinstance(ends, list) and len(ends) == 2 for ends in lines) or not all(
        isinstance(end, str) and end in points for ends in lines for end in ends
    ):
        raise InvalidValue(f"{at}.lines: expected pairs of points")
    layout = Layout(name, tuple(points), tuple((a, b) for a, b in lines))
    return known if layout == known else layout


def _times(owner: dict[str, Any], document: dict[str, Any], at: str) -> Array:
    """(T,) [s] the owner's own times or else the document's."""
    holder, where = (owner, at) if "times" in owner else (document, "")
    times = _numbers(_get(holder, "times", list, where), _join(where, "times"))
    if len(times) > 1 and np.diff(times).min() <= 0:
        first = int(np.argmax(np.diff(times) <= 0)) + 1
        raise InvalidValue(f"{_join(where, 'times')}[{first}]: expected increasing seconds")
    return times


def _join(at: str, key: str) -> str:
    return f"{at}.{key}" if at else key


def _get(owner: dict[str, Any], key: str, kind: type, at: str, default: Any = None) -> Any:
    """The value of a key, checked to be of a kind; without a default it must be there."""
    value = owner.get(key, default)
    if value is None:
        raise InvalidValue(f"{_join(at, key)}: missing")
    return _expect(value, kind, _join(at, key))


def _expect(value: Any, kind: type, at: str) -> Any:
    kinds = {dict: "an object", list: "a list", str: "a string", int: "a whole number"}
    if type(value) is not kind:  # not isinstance: true and false are no numbers here
        raise InvalidValue(f"{at}: expected {kinds[kind]}, got {_show(value)}")
    return value


def _table(
    owner: dict[str, Any], key: str, frames: int, width: int, at: str, *, gaps: bool = False
) -> Array:
    """(frames, width) numbers; with `gaps` a row or a number may be null, NaN in the result."""
    rows = _get(owner, key, list, at)
    where = _join(at, key)
    if len(rows) != frames:
        raise InvalidValue(f"{where}: expected {frames} rows, one per time, got {len(rows)}")
    blank = [None] * width
    if gaps:
        rows = [blank if row is None else row for row in rows]
    for i, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != width:
            got = len(row) if isinstance(row, list) else _show(row)
            raise InvalidValue(f"{where}[{i}]: expected {width} numbers, got {got}")
    flat = list(chain.from_iterable(rows))
    return _numbers(flat, where, width, gaps=gaps).reshape(frames, width)


def _numbers(flat: list[Any], where: str, width: int = 1, *, gaps: bool = False) -> Array:
    """(N,) float64; the message counts in rows of `width`."""
    allowed = {int, float, type(None)} if gaps else {int, float}
    try:
        if set(map(type, flat)) <= allowed:
            numbers = np.array(flat, dtype=np.float64)
            if _within(numbers):
                return numbers
    except OverflowError:
        pass
    wrong = next(
        i
        for i, n in enumerate(flat)
        if type(n) not in allowed or not (n is None or abs(n) <= LIMIT)
    )
    raise InvalidValue(
        f"{where}[{wrong // width}]: expected numbers up to {LIMIT:g}, got {_show(flat[wrong])}"
    )


def _within(numbers: Array) -> bool:
    return not (np.abs(numbers) > LIMIT).any()


def _shares(owner: dict[str, Any], frames: int, width: int, at: str) -> Array:
    """(frames, width) the confidences of an owner."""
    table = _table(owner, "confidence", frames, width, at)
    if table.size and not 0.0 <= table.min() <= table.max() <= 1.0:
        frame = int(np.argmax(((table < 0) | (table > 1)).any(axis=1)))
        raise InvalidValue(f"{at}.confidence[{frame}]: expected numbers from 0 to 1")
    return table


def _show(value: Any) -> str:
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    return json.dumps(value)[:40]


def write(take: Take, path: Path, options: Options) -> list[Path]:
    """Write the whole take to one file; returns it.

    Options: `fps` and `interpolation` resample the motions (landmarks stay as they were seen),
    `landmarks=False` leaves those out and with them people that have nothing else.

    Raises:
        InvalidValue: `made` holds something that JSON cannot.
        OutputError: nothing is left to write, or the file cannot be written.
    """
    if take.people and not options.landmarks and not any(p.motion for p in take.people):
        raise OutputError(f"cannot write {path}: without landmarks nothing of the take is left")
    with replacing(path) as part, part.open("w", encoding="ascii", newline="\n") as file:
        file.writelines(dump(take, options))
    return [path]


def dump(take: Take, options: Options | None = None) -> Iterator[str]:
    """The contents of a take's file, piece by piece; raises InvalidValue as `write`."""
    options = options or Options()
    people = []
    for person in take.people:
        motion = person.motion
        if motion is not None:
            motion = options.paced(motion)
        landmarks = person.landmarks if options.landmarks else None
        if motion is not None or landmarks is not None:
            people.append((person.id, motion, landmarks))
    tracks = [t for _, *both in people for t in both if t is not None]
    times = tracks[0].times if tracks else np.empty(0)
    fps = 1.0 / float(np.median(np.diff(times))) if len(times) > 1 else None
    try:
        made = json.dumps(dict(take.made), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InvalidValue(f"made: expected what JSON can hold; {error}") from None
    yield f'{{\n"format": {json.dumps(NAME)},\n"version": {VERSION},\n'
    yield f'"fps": {json.dumps(fps and round(fps, 3))},\n'
    yield f'"unit": "m",\n"axes": {json.dumps(AXES)},\n'
    yield f'"times": {json.dumps(times.tolist())},\n"people": ['
    for i, (number, motion, landmarks) in enumerate(people):
        yield f'{"," if i else ""}\n{{"id": {int(number)}'
        if motion is not None:
            yield from _dump_motion(motion, times)
        if landmarks is not None:
            yield from _dump_landmarks(landmarks, times if motion is None else motion.times)
        yield "}"
    yield f'\n],\n"made": {made}\n}}\n'


def _dump_motion(motion: Motion, times: Array) -> Iterator[str]:
    if not np.array_equal(motion.times, times):
        yield f',\n"times": {json.dumps(motion.times.tolist())}'
    yield f',\n"skeleton": {json.dumps(skeletons.to_dict(motion.skeleton))}'
    yield from _dump_table("root", motion.root, LENGTH)
    yield from _dump_table("rotations", motion.rotations, TURN)
    names = [TrackState(state).name.lower() for state in motion.state.tolist()]
    yield f',\n"state": {json.dumps(names)}'
    yield from _dump_table("confidence", np.clip(motion.confidence, 0.0, 1.0), SHARE)
    contacts = {foot: on.tolist() for foot, on in motion.contacts.items()}
    yield f',\n"contacts": {json.dumps(contacts)}'
    if motion.translations is not None:
        yield from _dump_table("translations", motion.translations, LENGTH)


def _dump_landmarks(track: LandmarkTrack, times: Array) -> Iterator[str]:
    points, lines = json.dumps(track.layout.points), json.dumps(track.layout.lines)
    yield f',\n"landmarks": {{"layout": {json.dumps(track.layout.name)}'
    if not np.array_equal(track.times, times):
        yield f',\n"times": {json.dumps(track.times.tolist())}'
    yield f',\n"points": {points},\n"lines": {lines}'
    yield f',\n"size": {json.dumps([int(n) for n in track.size])}'
    yield from _dump_table("image", track.image, PIXEL)
    if track.world is not None:
        yield from _dump_table("world", track.world, DEPTH)
    yield from _dump_table("confidence", np.clip(track.confidence, 0.0, 1.0), SHARE)
    yield "}"


def _dump_table(key: str, table: Array, decimals: int) -> Iterator[str]:
    """A key with the numbers (T, ...) of one frame per line; null for what is not finite."""
    yield f',\n"{key}": ['
    flat = table.reshape(len(table), -1)
    known = np.isfinite(flat)
    some, every = known.any(axis=1).tolist(), known.all(axis=1).tolist()
    # adding zero turns negative zeros into positive ones
    for i, row in enumerate((np.round(flat, decimals) + 0.0).tolist()):
        if not every[i]:
            row = [n if ok else None for n, ok in zip(row, known[i], strict=True)]
        text = json.dumps(row, separators=(",", ":")) if some[i] else "null"
        yield f"{',' if i else ''}\n{text}"
    yield "\n]"


FORMAT: Format = Format(
    "json", (".json",), "everything of a take, landmarks too, as JSON", read, write
)
