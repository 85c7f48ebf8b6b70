"""Folders of images."""

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from footage import corner_names, corners, number_of, numbered

from mocap.errors import InvalidValue, SourceError
from mocap.sources.images import ImageSource


def save(path: Path, image) -> Path:
    good, data = cv2.imencode(path.suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    assert good
    path.write_bytes(data.tobytes())
    return path


def turned_by_exif(path: Path, orientation: int) -> None:
    """Put an EXIF orientation into a JPEG."""
    tiff = b"II*\0\x08\0\0\0" + b"\x01\0" + b"\x12\x01\x03\0\x01\0\0\0"
    tiff += orientation.to_bytes(4, "little") + bytes(4)
    body = b"Exif\0\0" + tiff
    data = path.read_bytes()
    path.write_bytes(data[:2] + b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body + data[2:])


def test_natural_order_and_times(tmp_path):
    for i in (10, 2, 1, 33):
        save(tmp_path / f"img{i}.png", numbered(i))
    (tmp_path / "notes.txt").write_text("not a picture")
    (tmp_path / "._img1.png").write_bytes(b"left by macOS")
    source = ImageSource(tmp_path, fps=10)
    frames = list(source)
    assert [number_of(frame.image) for frame in frames] == [1, 2, 10, 33]
    assert [frame.t for frame in frames] == [0, 0.1, 0.2, 0.3]
    assert (source.size, source.fps, source.frame_count, source.live) == ((64, 48), 10, 4, False)


def test_order_does_not_depend_on_case_or_padding(tmp_path):
    for i, name in enumerate(["a1.png", "A2.PNG", "a03.png", "a10b2.png", "a10b11.png", "b.png"]):
        save(tmp_path / name.lower(), numbered(i)).rename(tmp_path / name)
    assert [number_of(frame.image) for frame in ImageSource(tmp_path)] == list(range(6))


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".webp", ".tif"])
def test_formats(tmp_path, suffix):
    save(tmp_path / f"Bild ü 走{suffix}", corners())
    (frame,) = ImageSource(tmp_path)
    assert corner_names(frame.image) == "rgbw"


def test_deep_and_gray_pictures_become_rgb(tmp_path):
    for name, image in (("a", numbered(5)[..., 0]), ("b", numbered(6).astype(np.uint16) * 257)):
        (tmp_path / f"{name}.png").write_bytes(cv2.imencode(".png", image)[1].tobytes())
    assert [number_of(frame.image) for frame in ImageSource(tmp_path)] == [5, 6]


@pytest.mark.parametrize(
    ("orientation", "seen"), [(1, "rgbw"), (3, "wbgr"), (6, "brwg"), (8, "gwrb")]
)
def test_exif_rotation(tmp_path, orientation, seen):
    path = save(tmp_path / "phone.jpg", corners((64, 32)))
    turned_by_exif(path, orientation)
    source = ImageSource(tmp_path)
    (frame,) = source
    assert corner_names(frame.image) == seen
    assert frame.size == source.size == ((64, 32) if orientation < 5 else (32, 64))


def test_a_single_picture(tmp_path):
    path = save(tmp_path / "one.png", numbered(7))
    assert [number_of(frame.image) for frame in ImageSource(path)] == [7]


def test_chunks_joined_are_the_whole(tmp_path):
    for i in range(7):
        save(tmp_path / f"{i}.png", numbered(i))
    whole = [frame.t for frame in ImageSource(tmp_path, fps=3)]
    cuts = [0.0, 1 / 3, 1.1, None]
    parts = [
        frame.t
        for start, stop in pairwise(cuts)
        for frame in ImageSource(tmp_path, fps=3, start=start, stop=stop)
    ]
    assert parts == whole


def test_a_different_size_is_named(tmp_path):
    save(tmp_path / "1.png", numbered(1))
    save(tmp_path / "2.png", numbered(2, (64, 50)))
    frames = iter(ImageSource(tmp_path))
    next(frames)
    with pytest.raises(SourceError, match=r"2\.png: expected 64x48 .* like 1\.png, got 64x50"):
        next(frames)


def test_unreadable_pictures_are_named(tmp_path):
    save(tmp_path / "1.png", numbered(1))
    (tmp_path / "2.png").write_bytes(b"\x89PNG but not really")
    (tmp_path / "3.png").write_bytes(b"")
    frames = iter(ImageSource(tmp_path))
    next(frames)
    with pytest.raises(SourceError, match=r"2\.png: not a readable picture"):
        next(frames)
    with pytest.raises(SourceError, match=r"3\.png"):
        ImageSource(tmp_path / "3.png")


def test_nothing_to_show(tmp_path):
    with pytest.raises(SourceError, match="no pictures in this folder"):
        ImageSource(tmp_path)
    with pytest.raises(SourceError, match="no such file or folder"):
        ImageSource(tmp_path / "missing")


@pytest.mark.parametrize(
    "options", [{"fps": 0}, {"fps": -1}, {"fps": float("nan")}, {"start": 2, "stop": 1}]
)
def test_bad_options(tmp_path, options):
    save(tmp_path / "1.png", numbered(1))
    with pytest.raises(InvalidValue):
        ImageSource(tmp_path, **options)
