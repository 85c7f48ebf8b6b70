"""What footage says of its lens, in pictures and videos made here with other libraries."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from footage import numbered, set_display_matrix, write_film
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from mocap.camera import Camera
from mocap.sources.images import ImageSource
from mocap.sources.lens import focal_of_picture, focal_of_quicktime, focal_of_tags
from mocap.sources.prefetch import Prefetched
from mocap.sources.video import VideoSource

KEY = "com.apple.quicktime.camera.focal_length.35mm_equivalent"
# a phone: 4.25 mm on a sensor of 5.64 mm by 4.23 mm, whose diagonal is 7.05 mm
PHONE = {0x920A: IFDRational(425, 100), 0xA20E: 64 / 5.64, 0xA20F: 48 / 4.23, 0xA210: 4}
PHONE_35MM = 4.25 * np.hypot(36, 24) / 7.05


def picture(path: Path, exif: dict[int, Any], size: tuple[int, int] = (64, 48)) -> Path:
    data = Image.Exif()
    data[0x0112] = 1  # upright; one without any would not be written
    data.get_ifd(0x8769).update(exif)
    Image.new("RGB", size, (90, 120, 150)).save(path, exif=data)
    return path


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_a_picture_tells_its_35_mm_equivalent(tmp_path: Path, suffix: str) -> None:
    picture(tmp_path / f"Bild ü{suffix}", {0xA405: 26})
    assert ImageSource(tmp_path).focal_35mm == 26
    assert Prefetched(ImageSource(tmp_path)).focal_35mm == 26


def test_the_sensor_tells_where_the_equivalent_is_not_written(tmp_path: Path) -> None:
    found = focal_of_picture(picture(tmp_path / "a.jpg", PHONE))
    assert found == pytest.approx(PHONE_35MM, rel=1e-3)
    inches = {**PHONE, 0xA20E: PHONE[0xA20E] * 25.4, 0xA20F: PHONE[0xA20F] * 25.4}
    del inches[0xA210]  # inches are what is meant then
    assert focal_of_picture(picture(tmp_path / "b.jpg", inches)) == pytest.approx(found, rel=1e-3)


def test_a_picture_made_smaller_still_tells_of_its_sensor(tmp_path: Path) -> None:
    exif = {**PHONE, 0xA002: 640, 0xA003: 480, 0xA20E: 640 / 5.64, 0xA20F: 480 / 4.23}
    found = focal_of_picture(picture(tmp_path / "a.jpg", exif))
    assert found == pytest.approx(PHONE_35MM, rel=1e-3)


@pytest.mark.parametrize(
    "exif",
    [
        {},
        {0xA405: 0},
        {0xA405: 2},
        {0xA405: 40000},
        {0x920A: IFDRational(425, 100)},
        {**PHONE, 0xA20E: IFDRational(0, 1)},
        {**PHONE, 0xA20E: IFDRational(1, 0)},
        {**PHONE, 0xA20E: 1e-3, 0xA20F: 1e-3},
        {**PHONE, 0xA210: 1},
        {**PHONE, 0x920A: IFDRational(0, 0)},
    ],
)
def test_what_no_lens_has_is_ignored(tmp_path: Path, exif: dict[int, Any]) -> None:
    assert focal_of_picture(picture(tmp_path / "a.jpg", exif)) is None


def test_what_is_no_picture_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8 hello")
    for path in (tmp_path / "a.jpg", tmp_path / "none.jpg", tmp_path):
        assert focal_of_picture(path) is None
        assert focal_of_quicktime(path) is None


@given(data=st.data())
def test_damaged_exif_harms_nobody(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.jpg"
    whole = bytearray(picture(path, {**PHONE, 0xA405: 26}).read_bytes())
    first = whole.index(b"Exif")
    last = first + int.from_bytes(whole[first - 2 : first], "big") - 3
    for _ in range(data.draw(st.integers(1, 12))):
        at = data.draw(st.integers(first, last))
        whole[at] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(whole))
    found = focal_of_picture(path)
    assert found is None or 5 <= found <= 1000
    assert ImageSource(path).focal_35mm == found


@given(st.binary(max_size=300))
def test_any_bytes_as_exif_harm_nobody(
    tmp_path_factory: pytest.TempPathFactory, rubbish: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "rubbish.jpg"
    Image.new("RGB", (8, 8)).save(path, exif=b"Exif\0\0" + rubbish)
    found = focal_of_picture(path)
    assert found is None or 5 <= found <= 1000


# --- videos ----------------------------------------------------------------------------------


def box(kind: bytes, contents: bytes) -> bytes:
    return struct.pack(">I4s", len(contents) + 8, kind) + contents


def metadata(kind: int, value: bytes, *, full: bool = False, key: str = KEY) -> bytes:
    """A box of metadata with one number, as QuickTime has it, or (full) MP4."""
    others = [b"mdta" + b"com.apple.quicktime.make", b"mdta" + key.encode()]
    keys = b"".join(struct.pack(">I", len(k) + 4) + k for k in others)
    items = box(b"\0\0\0\2", box(b"data", struct.pack(">II", kind, 0) + value))
    parts = box(b"hdlr", bytes(8) + b"mdta" + bytes(13))
    parts += box(b"keys", struct.pack(">II", 0, len(others)) + keys) + box(b"ilst", items)
    return box(b"meta", bytes(4) * full + parts)


def put_into(path: Path, parents: list[bytes], added: bytes) -> Path:
    """Add a box at the end of the first box that is found along a path of names."""
    data = bytearray(path.read_bytes())
    at, grown = 0, []
    for name in parents:
        while bytes(data[at + 4 : at + 8]) != name:
            at += int.from_bytes(data[at : at + 4], "big")
        grown.append(at)
        at += 8
    end = grown[-1] + int.from_bytes(data[grown[-1] : grown[-1] + 4], "big")
    data[end:end] = added
    for begin in grown:
        size = int.from_bytes(data[begin : begin + 4], "big") + len(added)
        data[begin : begin + 4] = size.to_bytes(4, "big")
    path.write_bytes(bytes(data))
    return path


def film(path: Path) -> Path:
    return write_film(path, [numbered(i) for i in range(3)])


@pytest.mark.parametrize("parents", [[b"moov"], [b"moov", b"trak"]], ids=["film", "track"])
@pytest.mark.parametrize(
    ("kind", "value", "focal"),
    [
        (1, b"26", 26),
        (21, struct.pack(">h", 26), 26),
        (21, struct.pack(">q", 26), 26),
        (67, struct.pack(">i", 26), 26),
        (77, struct.pack(">I", 26), 26),
        (23, struct.pack(">f", 26.5), 26.5),
        (24, struct.pack(">d", 26.5), 26.5),
        (1, b"about 26", None),
        (21, struct.pack(">i", -13), None),
        (23, struct.pack(">f", np.nan), None),
        (23, b"1", None),
        (13, b"26", None),
    ],
)
def test_quicktime_tells_in_any_type(
    tmp_path: Path, parents: list[bytes], kind: int, value: bytes, focal: float | None
) -> None:
    for suffix, full in ((".mov", False), (".mp4", True)):
        path = put_into(film(tmp_path / f"a{suffix}"), parents, metadata(kind, value, full=full))
        assert focal_of_quicktime(path) == focal
        source = VideoSource(path)
        assert len(list(source)) == 3
        assert source.focal_35mm == source.info.focal_35mm == focal


def test_a_portrait_video_has_the_lens_of_a_landscape_one(tmp_path: Path) -> None:
    path = put_into(film(tmp_path / "a.mov"), [b"moov", b"trak"], metadata(1, b"26"))
    lying = VideoSource(path)
    set_display_matrix(path, (0, 1, -1, 0))
    upright = VideoSource(path)
    assert upright.size == lying.size[::-1]
    cameras = [Camera.from_focal_35mm(s.size, s.focal_35mm or 0) for s in (lying, upright)]
    np.testing.assert_array_equal(cameras[0].focal, cameras[1].focal)


def test_other_containers_tell_by_tags(tmp_path: Path) -> None:
    whole = film(tmp_path / "a.mkv")
    tagged = tmp_path / "b.mkv"
    with av.open(str(whole)) as source, av.open(str(tagged), "w") as output:
        output.metadata["FocalLengthIn35mmFilm"] = "35"
        stream = output.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                output.mux(packet)
    assert VideoSource(tagged).focal_35mm == 35
    assert VideoSource(whole).focal_35mm is None


def test_tags() -> None:
    assert focal_of_tags({"title": "26", KEY: "26"}) == 26
    assert focal_of_tags({"FocalLengthIn35mmFormat": "0", KEY: "24.5"}) == 24.5
    assert focal_of_tags({"focal_length": "4.2", "encoder": "focal length 35 mm"}) is None


@given(data=st.data())
def test_damaged_boxes_harm_nobody(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.mov"
    trak = box(b"trak", box(b"tkhd", bytes(20)) + metadata(21, struct.pack(">i", 26)))
    whole = bytearray(box(b"ftyp", b"qt  ") + box(b"moov", trak + metadata(1, b"26")))
    for _ in range(data.draw(st.integers(0, 12))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    found = focal_of_quicktime(path)
    assert found is None or 5 <= found <= 1000


def test_boxes_within_boxes_within_boxes_end(tmp_path: Path) -> None:
    deep = b""
    for _ in range(5000):
        deep = box(b"moov", deep)
    (tmp_path / "deep.mov").write_bytes(deep)
    assert focal_of_quicktime(tmp_path / "deep.mov") is None
