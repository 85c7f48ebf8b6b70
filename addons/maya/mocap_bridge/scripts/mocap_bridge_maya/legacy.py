"""Motion of older pipelines around 3d-pose-baseline, `3d_data.json` and `2d_data.json`, with the
pictures in which it was seen.

The 3D file becomes a skeleton like that of any other take; on request its points become locators,
too. Pictures beside the file, `image_plane/image.<number>.png`, become an image plane behind the
person, in their size where the 2D file is beside them. The 2D file by itself becomes locators.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import Mapping, NamedTuple, Sequence

from . import legacy_points, legacy_pose, own
from .legacy_points import JOINTS, NAMES, Points
from .names import legal, unique
from .own import Loaded
from .scene import TRANSLATE, Curve, Node, Picture, Scene, Vec
from .shared.clip import Clip
from .shared.errors import TakeError
from .skeleton_make import METRE, upright

FOLDER = "image_plane"
PICTURE = re.compile(r".*?(\d+)\.png", re.IGNORECASE)
BEHIND = 150.0  # [cm] from the person to the pictures
TALL = 250.0  # [cm] height of pictures of which nothing tells the size
PIXELS = (1280, 720)  # of pictures that are not there
NECK, HIPS = 1, (8, 11)  # COCO numbers of the neck and of the hip joints
COCO = (
    *("nose", "neck", "rightShoulder", "rightElbow", "rightWrist", "leftShoulder", "leftElbow"),
    *("leftWrist", "rightHip", "rightKnee", "rightAnkle", "leftHip", "leftKnee", "leftAnkle"),
    *("rightEye", "leftEye", "rightEar", "leftEar"),
)


class Canvas(NamedTuple):
    """Where pictures stand.

    Attributes:
        size: [px] width and height.
        pixel: [cm] width of one.
        centre: [cm] with +Y up and +Z to the front.
    """

    size: tuple[int, int]
    pixel: float
    centre: Vec

    def place(self, point: Sequence[float]) -> Vec:
        """[cm] of a point [px]."""
        x, y = point
        return (
            self.centre[0] + (x - 0.5 * self.size[0]) * self.pixel,
            self.centre[1] + (0.5 * self.size[1] - y) * self.pixel,
            self.centre[2],
        )


def load(
    scene: Scene,
    path: str | Path,
    first: float = 1.0,
    fps: float | None = None,
    locators: bool = False,
    pictures: bool = True,
    namespace: str = "",
) -> Loaded:
    """Make what a file of an older pipeline holds.

    Args:
        scene: gets it.
        path: of `3d_data.json` or `2d_data.json`.
        first: frame of the scene for the first frame of the file.
        fps: of the pictures, which the file does not tell; None for the rate of the scene.
        locators: of a 3D file, whether its points become locators, too.
        pictures: whether pictures beside the file become an image plane.
        namespace: of the joints; "" for none.

    Raises:
        TakeError: the file cannot be read.
    """
    path = Path(path)
    points = legacy_points.read(path)
    fps = scene.rate if fps is None else fps
    if not fps > 0:
        raise TakeError(f"fps: expected a positive rate, got {fps:g}")
    frames = [first + (n - points.numbers[0]) * scene.rate / fps for n in points.numbers]
    found = _pictures(path.parent / FOLDER) if pictures else {}
    notes: list[str] = []
    with scene.undo_chunk(f"Import {path.name}"):
        if points.size == 3:
            clip = legacy_pose.clip_of(points, fps)
            loaded = own.load(scene, [clip], "person", first=first, namespace=namespace)
            canvas = _canvas(found, points, clip, path.parent)
            if locators:
                places = {name: _column(points, clip, name) for name in JOINTS}
                _locators(scene, "points", frames, places)
        else:
            canvas = Canvas(_pixels(found), TALL / _pixels(found)[1], (0.0, TALL / 2, 0.0))
            root = _locators(scene, "points2d", frames, _flat(points, canvas))
            scene.show_frames(first, frames[-1])
            count = int(frames[-1] - first + 1e-6) + 1
            loaded = Loaded((root,), (), count, ())
        if found:
            number = min(found, key=lambda n: (n < points.numbers[0], n))
            # frames of the scene count pictures only where each picture is a frame
            _make_plane(scene, canvas, found[number], first + number - points.numbers[0], number)
            if abs(scene.rate / fps - 1) > 1e-3:
                notes.append("the image plane shows a picture per frame of the scene")
    return loaded._replace(notes=(*loaded.notes, *notes))


def _column(points: Points, clip: Clip, name: str) -> list[Vec | None]:
    """[cm] a point over time, level and on the floor as the clip is."""
    column: list[Vec | None] = []
    turn = legacy_pose.level(points)
    for n, row in enumerate(points.rows):
        body = legacy_pose.turned(legacy_pose.placed(row), turn)
        shift = [clip.root[3 * n + axis] - body["hips"][axis] for axis in range(3)]
        x, y, z = (METRE * (body[name][axis] + shift[axis]) for axis in range(3))
        column.append((x, y, z))
    return column


def _flat(points: Points, canvas: Canvas) -> dict[str, list[Vec | None]]:
    """[cm] the points of a 2D file over time, by name; None where they were not seen."""
    columns: dict[str, list[Vec | None]] = {}
    for number in sorted({number for row in points.rows for number in row}):
        name = COCO[number] if number < len(COCO) else f"point{number}"
        columns[name] = [
            canvas.place(row[number]) if number in row and any(row[number]) else None
            for row in points.rows
        ]
    return columns


def _locators(
    scene: Scene,
    name: str,
    frames: Sequence[float],
    places: Mapping[str, Sequence[Vec | None]],
) -> Node:
    """A group of locators that move; the group."""
    group = scene.make_group(unique(name, scene.is_taken), rotate=upright("y", scene.up))
    curves: list[Curve] = []
    for own_name, column in places.items():
        seen = [(frame, place) for frame, place in zip(frames, column) if place is not None]
        if not seen:
            continue
        named = unique(legal(f"{name}_{own_name}"), scene.is_taken)
        node = scene.make_locator(named, group, seen[0][1])
        times = [frame for frame, _ in seen]
        for axis, attribute in enumerate(TRANSLATE):
            curves.append(Curve(node, attribute, times, [place[axis] for _, place in seen]))
    if curves:
        scene.write_keys(curves)
    return group


# --- pictures ------------------------------------------------------------------------------


def _pictures(folder: Path) -> dict[int, Path]:
    """The pictures of a folder by the number in their name; none if there is no such folder."""
    if not folder.is_dir():
        return {}
    found = {}
    for path in sorted(folder.iterdir()):
        match = PICTURE.fullmatch(path.name)
        if match:
            found[int(match.group(1))] = path
    return found


def _pixels(pictures: Mapping[int, Path]) -> tuple[int, int]:
    """Width and height of the pictures, by the header of the first."""
    for path in list(pictures.values())[:1]:
        try:
            with path.open("rb") as file:
                head = file.read(24)
        except OSError:
            break
        if len(head) == 24 and head[:8] == b"\x89PNG\r\n\x1a\n" and head[12:16] == b"IHDR":
            width, height = struct.unpack(">II", head[16:24])
            if 0 < width < 100_000 and 0 < height < 100_000:
                return width, height
    return PIXELS


def _canvas(pictures: Mapping[int, Path], points: Points, clip: Clip, folder: Path) -> Canvas:
    """Where pictures stand so that the person before them is as large as the one in them."""
    size = _pixels(pictures)
    plain = Canvas(size, TALL / size[1], (0.0, TALL / 2, -BEHIND))
    beside = folder / NAMES[1]
    if not pictures or not beside.is_file():
        return plain
    try:
        flat = legacy_points.read(beside)
    except TakeError:
        return plain
    rows = dict(zip(flat.numbers, flat.rows)) if flat.size == 2 else {}
    torso = METRE * (clip.skeleton.offsets[1][1] + clip.skeleton.offsets[2][1])
    tall, wide, high = [], [], []
    for n, number in enumerate(points.numbers):
        row = rows.get(number, {})
        if not all(any(row.get(i, ())) for i in (NECK, *HIPS)):
            continue
        hips = [0.5 * (row[HIPS[0]][axis] + row[HIPS[1]][axis]) for axis in range(2)]
        tall.append(((row[NECK][0] - hips[0]) ** 2 + (row[NECK][1] - hips[1]) ** 2) ** 0.5)
        wide.append((METRE * clip.root[3 * n], hips[0] - 0.5 * size[0]))
        high.append((METRE * clip.root[3 * n + 1], 0.5 * size[1] - hips[1]))
    # who stands straight before the camera is the tallest
    length = sorted(tall)[int(0.9 * (len(tall) - 1))] if tall else 0.0
    if not length > 1.0:
        return plain
    pixel = torso / length
    x, y = (
        sorted(place - pixel * seen for place, seen in some)[len(some) // 2]
        for some in (wide, high)
    )
    return Canvas(size, pixel, (x, y, -BEHIND))


def _make_plane(scene: Scene, canvas: Canvas, path: Path, first: float, number: int) -> None:
    x, y, z = canvas.centre
    centre = (x, -z, y) if scene.up == "z" else (x, y, z)
    size = (canvas.size[0] * canvas.pixel, canvas.size[1] * canvas.pixel)
    name = unique("pictures", scene.is_taken)
    scene.make_picture(Picture(name, str(path), first, number, centre, size))
