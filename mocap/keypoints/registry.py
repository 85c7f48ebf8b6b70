"""Which format a path has, and how large the pictures were."""

from __future__ import annotations

from pathlib import Path

from mocap.errors import FormatError, InvalidValue, SourceError
from mocap.keypoints import alphapose, arrays, baseline, openpose
from mocap.keypoints.found import (
    Keypoints,
    require_inside,
    require_size,
    shares_to_pixels,
)
from mocap.keypoints.names import load_json

FPS = 30.0  # of frames that tell none, as of a folder of images
BROKEN = (openpose.SKIP, openpose.STOP)


def is_keypoints(path: str | Path) -> bool:
    """Whether a path looks like points of a detector: a folder of JSON files, an archive, or a
    JSON file that is no take. A folder of pictures may hold other JSON files."""
    path = Path(path)
    if path.is_dir():
        files = openpose.files_of(path)
        named = any(f.name.endswith(openpose.ENDING) for f in files)
        return named or (bool(files) and _pictures_beside(path) is None)
    if not path.is_file():
        return False
    if path.suffix.lower() == ".npz":
        return True
    if path.suffix.lower() != ".json":
        return False
    try:
        with open(path, "rb") as file:
            begin = file.read(4096)
    except OSError:
        return False
    # a take says in its first line what it is; results begin with a list or an image
    return b'"format"' not in begin and (
        begin.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")
        or baseline.is_flat(begin)
        or any(key in begin for key in (b'"image_id"', b'"keypoints"', b'"bodies"', b'"people"'))
    )


def read_keypoints(
    path: str | Path,
    *,
    size: tuple[int, int] | None = None,
    fps: float | None = None,
    broken: str = openpose.SKIP,
    clip: str | None = None,
) -> Keypoints:
    """Read what a detector found.

    Args:
        path: a folder of OpenPose files, one such file, results of AlphaPose, 2d_data.json of
            3d-pose-baseline, or an archive.
        size: width and height of the pictures [px]; None reads it from the archive or from
            pictures beside the files. It is never assumed.
        fps: rate of the frames, 30 if None.
        broken: "skip" leaves out files of a folder that cannot be read, and notes their names;
            "stop" raises.
        clip: which video, of an archive of several.

    Raises:
        FormatError: not such a file; names what cannot be read.
        InvalidValue: the size of the pictures is not told, or cannot be true; or a clip is named
            where there is only one.
    """
    path = Path(path)
    if broken not in BROKEN:
        raise InvalidValue(f"broken files: expected {' or '.join(BROKEN)}, got {broken!r}")
    if not path.exists():
        raise FormatError("no such file or folder", path=path)
    if clip is not None and path.suffix.lower() != ".npz":
        raise InvalidValue(f"{path}: is of one video; --clip {clip} names one of an archive (.npz)")
    size, size_note = _size(path, size, clip)
    rate = FPS if fps is None else fps
    if path.is_dir():
        found = openpose.read(path, size, rate, broken)
    elif path.suffix.lower() == ".npz":
        found = arrays.read(path, size, rate, clip)
    else:
        found = _read_file(path, size, rate)
    frames, shares = shares_to_pixels(found.frames, size)
    notes = (*found.notes, size_note, shares, require_inside(frames, size))
    return Keypoints(
        found.detector,
        found.layout,
        frames,
        size,
        found.tracked,
        tuple(note for note in notes if note is not None),
    )


def _read_file(path: Path, size: tuple[int, int], fps: float) -> Keypoints:
    with open(path, "rb") as file:
        begin = file.read(4096)
    if baseline.is_flat(begin):
        return baseline.read(path, size, fps)
    if alphapose.is_results(load_json(path)):
        return alphapose.read(path, size, fps)
    return openpose.read_one(path, size, fps)


def _size(
    path: Path, size: tuple[int, int] | None, clip: str | None
) -> tuple[tuple[int, int], str | None]:
    """The size of the pictures, and a sentence if it was found beside the points."""
    if size is not None:
        require_size(size)
        return size, None
    if path.is_file() and path.suffix.lower() == ".npz":
        told = arrays.size_of(path, clip)
        if told is not None:
            try:
                require_size(told)
            except InvalidValue as error:
                raise InvalidValue(f"{path}: {error}; give the true one as --image-size") from None
            return told, None
    beside = _pictures_beside(path)
    if beside is not None:
        width, height = beside
        return beside, f"the size of the pictures, {width}x{height}, is that of the pictures beside"
    raise InvalidValue(
        f"{path}: does not tell how large the pictures were; give it, as --image-size 1920x1080"
    )


def _pictures_beside(path: Path) -> tuple[int, int] | None:
    """[px] the size of pictures in the same folder, as OpenPose writes them on request."""
    from mocap.sources.images import ImageSource

    try:
        return ImageSource(path if path.is_dir() else path.parent).size
    except SourceError:
        return None
