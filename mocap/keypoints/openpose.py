"""OpenPose: a folder with one JSON file for each frame.

`<name>_<number>_keypoints.json` holds `{"people": [{"pose_keypoints_2d": [x, y, c, ...]}]}`, 25
points (BODY_25) or 18 (COCO); `pose_keypoints` in old versions. AlphaPose writes the same, or
`{"bodies": [{"joints": [...]}]}`, for each frame or all in one file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mocap.errors import FormatError
from mocap.keypoints.found import Keypoints, frames_of, number, numbered, person, triples
from mocap.keypoints.names import frame_number, load_json
from mocap.landmarks import Landmarks, Layout
from mocap.layouts import by_name

LAYOUTS = ("openpose_coco18", "openpose_body25")
ENDING = "_keypoints.json"
SKIP, STOP = "skip", "stop"
PEOPLE = ("people", "bodies")
POINTS = ("pose_keypoints_2d", "pose_keypoints", "joints")


def files_of(folder: Path) -> list[Path]:
    """The JSON files of a folder, by name."""
    # names with a leading dot are what macOS leaves on foreign disks
    return sorted(
        f
        for f in folder.iterdir()
        if f.suffix.lower() == ".json" and not f.name.startswith(".") and f.is_file()
    )


def read_one(path: Path, size: tuple[int, int], fps: float) -> Keypoints:
    """The points of a single frame, as `read`."""
    return _read([path], path, size, fps, STOP)


def read(folder: Path, size: tuple[int, int], fps: float, broken: str = SKIP) -> Keypoints:
    """The points of a folder.

    Args:
        folder: with one file for each frame.
        size: of the pictures [px].
        fps: of the frames.
        broken: SKIP leaves out files that cannot be read, and names them; STOP does not.

    Raises:
        FormatError: no file can be read, or one cannot and `broken` is STOP; names it.
    """
    files = files_of(folder)
    if not files:
        raise FormatError("no JSON files in this folder", path=folder)
    return _read(files, folder, size, fps, broken)


def _read(
    files: Sequence[Path], folder: Path, size: tuple[int, int], fps: float, broken: str
) -> Keypoints:
    numbers = _numbers(files, folder)
    found: dict[int, list[Landmarks]] = {}
    bad: list[FormatError] = []
    layout: Layout | None = None
    every_id = True
    for file, at in zip(files, numbers, strict=True):
        try:
            seen, layout_here, with_ids = people_of(load_json(file), layout, file)
        except FormatError as error:
            if broken == STOP:
                raise
            bad.append(error)
            continue
        layout = layout or layout_here
        every_id &= with_ids
        found[at] = seen
    if layout is None and not found:
        raise FormatError(
            f"none of its {len(files)} JSON files can be read; the first: {bad[0]}", path=folder
        )
    if not every_id:
        found = {at: numbered(people) for at, people in found.items()}
    return Keypoints(
        "OpenPose",
        layout or by_name(LAYOUTS[-1]),
        frames_of(found, fps, folder),
        size,
        tracked=every_id and layout is not None,
        notes=_told(bad, len(files)),
    )


def _numbers(files: Sequence[Path], folder: Path) -> list[int]:
    numbers = [frame_number(f.name) for f in files]
    if len(files) == 1:
        return [numbers[0] or 0]
    first: dict[int, Path] = {}
    for file, at in zip(files, numbers, strict=True):
        if at is None:
            raise FormatError(
                f"no frame number in the name {file.name!r}; expected names such as "
                "clip_000000000012_keypoints.json",
                path=folder,
            )
        if at in first:
            raise FormatError(
                f"{first[at].name!r} and {file.name!r} are both frame {at}; give a folder of one "
                "clip",
                path=folder,
            )
        first[at] = file
    return [at for at in numbers if at is not None]


def _told(bad: Sequence[FormatError], files: int) -> tuple[str, ...]:
    if not bad:
        return ()
    more = f" and {len(bad) - 3} more" if len(bad) > 3 else ""
    named = "; ".join(str(error) for error in bad[:3])
    return (f"{len(bad)} of {files} files could not be read and were left out: {named}{more}",)


def people_of(
    document: Any, layout: Layout | None, path: object
) -> tuple[list[Landmarks], Layout | None, bool]:
    """Everyone in the document of one frame.

    Args:
        document: as JSON gives it.
        layout: that the other frames have; None if it is not known yet.

    Returns:
        The people, their layout (None if nobody is there) and whether each has an id of their own.

    Raises:
        FormatError: not such a document, or of another layout.
    """
    entries = document_people(document, path)
    seen: list[Landmarks] = []
    ids: list[int | None] = []
    for entry in entries:
        values = next((entry[key] for key in POINTS if entry.get(key)), None)
        if values is None:  # a face or a hand without a body
            continue
        if not isinstance(values, list):
            raise FormatError("points: expected a list of numbers", path=path)
        here = _layout(len(values), path) if layout is None else layout
        somebody = person(triples(values, here, path), here, path=path)
        layout = here
        if somebody is not None:
            ids.append(number(entry.get("person_id")))
            seen.append(somebody.with_person(ids[-1] or 0))
    return seen, layout, None not in ids and len(set(ids)) == len(ids)


def document_people(document: Any, path: object) -> list[dict[str, Any]]:
    """The entries of people in a document. Raises FormatError."""
    if isinstance(document, dict):
        entries = next((document[key] for key in PEOPLE if key in document), None)
        if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries):
            return entries
    raise FormatError('expected {"people": [{"pose_keypoints_2d": [...]}, ...]}', path=path)


def _layout(values: int, path: object) -> Layout:
    """The layout of a list of so many numbers. Raises FormatError."""
    layouts = [by_name(name) for name in LAYOUTS]
    for each in (3, 2):  # with confidence, without
        for layout in layouts:
            if values == each * len(layout):
                return layout
    expected = ", ".join(f"{3 * len(layout)} ({layout.name})" for layout in layouts)
    raise FormatError(f"expected {expected} numbers for a person, got {values}", path=path)
