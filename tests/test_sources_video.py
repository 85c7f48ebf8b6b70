"""Video files: true times, exact ranges, upright pictures, and what broken files give."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from footage import (
    corner_names,
    corners,
    number_of,
    numbered,
    set_display_matrix,
    write_film,
    write_silence,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mocap.errors import InvalidValue, SourceError
from mocap.sources import SourceWarning
from mocap.sources.clock import Clock
from mocap.sources.picture import Picture
from mocap.sources.video import VideoSource, probe, timestamps

LONG_GOP = {"g": "250", "bf": "3", "b_strategy": "0", "sc_threshold": "0"}
OPEN_GOP = {"g": "12", "bf": "3", "x264-params": "open-gop=1:b-adapt=0:scenecut=0"}
MILLISECOND = Fraction(1, 1000)
# A phone in the dark: no two steps alike, and a hole.
UNEVEN = np.cumsum([0, *[33, 20, 50, 100, 17, 41] * 6, 900, 33, 33]).tolist()


def film(path: Path, count: int, size=(64, 48), **options) -> Path:
    return write_film(path, [numbered(i, size) for i in range(count)], **options)


def numbers(source) -> list[int]:
    return [number_of(frame.image) for frame in source]


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("films")
    return {
        "plain": film(folder / "plain.mp4", 30),
        "long GOP": film(folder / "long.mp4", 90, options=LONG_GOP),
        "open GOP": film(folder / "open.mp4", 60, options=OPEN_GOP),
        "B-frames in Matroska": film(folder / "b.mkv", 60, options=OPEN_GOP),
        "transport stream": film(folder / "b.ts", 60, options=OPEN_GOP),
        "AVI": film(folder / "b.avi", 40, options={"g": "10", "bf": "2"}),
        "uneven": film(
            folder / "uneven.mp4",
            len(UNEVEN),
            ticks=UNEVEN,
            time_base=MILLISECOND,
            options={"g": "10", "bf": "2"},
        ),
        "VP9": film(folder / "v.webm", 30, codec="libvpx-vp9", options={"g": "10"}),
        "no times at all": film(folder / "raw.h264", 20, options={"g": "5", "bf": "2"}),
        "late start": film(folder / "late.mkv", 20, ticks=[i + 50 for i in range(20)]),
        "one frame": film(folder / "one.mp4", 1),
    }


KINDS = [
    *("plain", "long GOP", "open GOP", "B-frames in Matroska", "transport stream", "AVI"),
    *("uneven", "VP9", "no times at all", "late start", "one frame"),
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_frame_comes_once_in_order(films, kind):
    source = VideoSource(films[kind])
    frames = list(source)
    times = [frame.t for frame in frames]
    assert numbers(frames) == list(range(len(frames)))
    assert times[0] == 0
    assert (np.diff(times) > 0).all()
    assert all(frame.size == source.size == (64, 48) for frame in frames)
    assert not source.live


@pytest.mark.parametrize("kind", KINDS)
def test_timestamps_are_those_of_a_full_read(films, kind):
    assert timestamps(films[kind]).tolist() == [frame.t for frame in VideoSource(films[kind])]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_chunks_joined_are_the_whole(films, kind, data):
    whole = [(frame.t, frame.image.tobytes()) for frame in VideoSource(films[kind])]
    # Cuts on frames, as parallel workers make them, and anywhere.
    times = st.sampled_from([t for t, _ in whole]) | st.floats(0, whole[-1][0] + 0.1)
    cuts = sorted(data.draw(st.sets(times.filter(lambda t: t > 0), max_size=3)))
    parts = [
        (frame.t, frame.image.tobytes())
        for start, stop in zip([0.0, *cuts], [*cuts, None], strict=True)
        for frame in VideoSource(films[kind], start=start, stop=stop)
    ]
    assert parts == whole


def test_a_source_can_be_read_again(films):
    with VideoSource(films["plain"], start=0.2, stop=0.5) as source:
        assert numbers(source) == numbers(source) == list(range(6, 15))
        assert source.frame_count == 9


def test_a_loop_may_be_left_early(films):
    source = VideoSource(films["plain"])
    assert number_of(next(iter(source)).image) == 0
    assert len(numbers(source)) == 30


def test_times_are_the_true_ones(films):
    times = timestamps(films["uneven"])
    assert times == pytest.approx(np.array(UNEVEN) / 1000)


@pytest.mark.parametrize(("fps", "count"), [(5, 6), (1000, 50), (Fraction(30000, 1001), 12)])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_rates(tmp_path, fps, count, suffix):
    path = film(tmp_path / f"clip{suffix}", count, fps=fps)
    info = probe(path)
    assert info.fps == pytest.approx(float(fps), rel=1e-3)
    assert info.frames == count
    assert info.duration == pytest.approx(count / fps, abs=0.002)
    assert not info.variable
    assert timestamps(path) == pytest.approx(np.arange(count) / float(fps), abs=0.0006)


def test_a_varying_rate_is_noticed(films):
    assert probe(films["uneven"]).variable
    assert not probe(films["late start"]).variable


@pytest.mark.parametrize("size", [(8, 8), (8, 64), (130, 70)])
def test_sizes(tmp_path, size):
    path = film(tmp_path / "clip.mp4", 3, size)
    assert probe(path).size == size
    assert numbers(VideoSource(path)) == [0, 1, 2]


@pytest.mark.parametrize(
    ("codec", "pix_fmt", "suffix"),
    [
        ("libx264", "yuv444p", ".mp4"),
        ("libx264", "yuv420p10le", ".mp4"),
        ("ffv1", "bgr0", ".mkv"),
        ("ffv1", "gray", ".mkv"),
        ("mjpeg", "yuvj420p", ".avi"),
        ("mpeg4", "yuv420p", ".mp4"),
    ],
)
def test_pixel_formats(tmp_path, codec, pix_fmt, suffix):
    path = film(tmp_path / f"clip{suffix}", 5, codec=codec, pix_fmt=pix_fmt)
    frames = list(VideoSource(path))
    assert numbers(frames) == list(range(5))
    assert frames[0].image.shape == (48, 64, 3)


@pytest.mark.parametrize(
    ("matrix", "degrees", "seen"),
    [
        ((1, 0, 0, 1), 0, "rgbw"),
        ((0, 1, -1, 0), 90, "brwg"),
        ((-1, 0, 0, -1), 180, "wbgr"),
        ((0, -1, 1, 0), 270, "gwrb"),
        ((-1, 0, 0, 1), None, "grwb"),  # mirrored left to right
        ((1, 0, 0, -1), None, "bwrg"),  # and upside down
        ((0, 1, 1, 0), None, "rbgw"),
    ],
)
def test_pictures_are_upright(tmp_path, matrix, degrees, seen):
    path = write_film(tmp_path / "phone.mp4", [corners((64, 32))] * 3)
    set_display_matrix(path, matrix)
    source = VideoSource(path)
    frames = list(source)
    assert [corner_names(frame.image) for frame in frames] == [seen] * 3
    assert source.size == frames[0].size == ((64, 32) if matrix[0] else (32, 64))
    if degrees is not None:
        assert source.info.rotation == degrees


@pytest.mark.skipif(not hasattr(av.VideoFrame, "rotation"), reason="PyAV 14 and newer")
def test_rotation_agrees_with_ffmpeg(tmp_path):
    path = write_film(tmp_path / "phone.mp4", [corners()])
    set_display_matrix(path, (0, 1, -1, 0))
    with av.open(str(path)) as container:
        counterclockwise = next(container.decode(video=0)).rotation
    assert -counterclockwise % 360 == probe(path).rotation == 90


def test_a_turn_is_seen_beside_side_data_that_pyav_does_not_know():
    class Frame:
        width, height, rotation = 64, 48, -90

        @property
        def side_data(self):
            raise ValueError("29 is not a valid Type")

    picture = Picture(Frame(), 0, Fraction(1))
    assert (picture.rotation, picture.size) == (90, (48, 64))


def test_pixels_are_square(tmp_path):
    path = film(tmp_path / "wide.mp4", 2, aspect=Fraction(4, 3))
    source = VideoSource(path)
    assert source.size == (85, 48)
    assert [frame.size for frame in source] == [(85, 48)] * 2


def test_sound_is_ignored(tmp_path):
    path = film(tmp_path / "loud.mkv", 15, sound=2.0)
    assert numbers(VideoSource(path)) == list(range(15))
    assert probe(path).duration == pytest.approx(0.5, abs=0.01)


def test_a_cover_is_no_film(tmp_path):
    path = tmp_path / "cover.mp4"
    with av.open(str(path), "w") as output:
        film_stream = output.add_stream("libx264", rate=30)
        cover = output.add_stream("mjpeg", rate=1)
        try:
            cover.disposition = av.stream.Disposition.attached_pic
        except (AttributeError, TypeError):
            pytest.skip("this PyAV cannot write covers")
        film_stream.width, film_stream.height, film_stream.pix_fmt = 64, 48, "yuv420p"
        cover.width, cover.height, cover.pix_fmt = 320, 240, "yuvj420p"
        for stream, count, size in ((cover, 1, (320, 240)), (film_stream, 10, (64, 48))):
            for i in range(count):
                frame = av.VideoFrame.from_ndarray(numbered(i, size), format="rgb24")
                frame.pts = i
                output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
    assert probe(path).size == (64, 48)
    assert numbers(VideoSource(path)) == list(range(10))


def test_names_mean_nothing_to_ffmpeg(tmp_path):
    path = film(tmp_path / "Übung 50%d 走る #1.mp4", 3)
    assert numbers(VideoSource(path)) == [0, 1, 2]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_truncated_file_gives_what_it_has_and_says_so(tmp_path, suffix):
    whole = film(
        tmp_path / f"whole{suffix}",
        90,
        codec="mpeg4",
        container={"movflags": "faststart"} if suffix == ".mp4" else {},
    )
    data = whole.read_bytes()
    cut = tmp_path / f"cut{suffix}"
    cut.write_bytes(data[: len(data) * 3 // 4])
    source = VideoSource(cut)
    with pytest.warns(SourceWarning, match=r"ends early: \d+ of about 90 frames"):
        seen = numbers(source)
    assert seen == list(range(len(seen)))
    assert 10 < len(seen) < 90


def test_damage_in_the_middle_is_skipped_and_told(tmp_path):
    path = film(tmp_path / "clip.mkv", 12, codec="mjpeg", pix_fmt="yuvj420p")
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        packet = [bytes(p) for p in container.demux(video=0) if p.size][5]
    at = data.index(packet)
    data[at : at + len(packet)] = bytes(len(packet))
    path.write_bytes(bytes(data))
    with pytest.warns(SourceWarning, match="1 damaged packets were skipped"):
        frames = list(VideoSource(path))
    assert numbers(frames) == [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]
    assert frames[5].t == pytest.approx(6 / 30, abs=0.001)


def _write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_no_video(tmp_path, films):
    whole = films["plain"].read_bytes()
    cases = {
        "no such file": tmp_path / "missing.mp4",
        "empty": _write(tmp_path / "empty.mp4", b""),
        "no video": _write(tmp_path / "text.mp4", b"hello\n" * 50),
        "cut off before its index": _write(tmp_path / "cut.mp4", whole[: len(whole) // 2]),
        "(not a|no) video": _write(tmp_path / "notes.txt", b"hello\n" * 50),
        "folder": tmp_path,
    }
    for why, path in cases.items():
        for read in (probe, timestamps, VideoSource):
            with pytest.raises(SourceError, match=why) as caught:
                read(path)
            assert str(path) in str(caught.value)
            assert "\n" not in str(caught.value)


def test_sound_alone_is_no_video(tmp_path):
    path = tmp_path / "song.mp4"
    with av.open(str(path), "w") as output:
        write_silence(output, 1.0)
    with pytest.raises(SourceError, match="only audio"):
        VideoSource(path)


def test_nothing_decodes(tmp_path):
    path = film(tmp_path / "clip.mp4", 10)
    data = bytearray(path.read_bytes())
    at = data.index(b"mdat") + 4
    end = data.index(b"moov") - 4
    data[at:end] = b"\xff" * (end - at)
    path.write_bytes(bytes(data))
    with pytest.raises(SourceError, match="no picture in it can be decoded"):
        VideoSource(path)


@pytest.mark.parametrize(("start", "stop"), [(-1.0, None), (1.0, 1.0), (2.0, 1.0)])
def test_empty_ranges(films, start, stop):
    with pytest.raises(InvalidValue, match="start < stop"):
        VideoSource(films["plain"], start=start, stop=stop)


def test_a_range_behind_the_end_is_empty(films):
    assert list(VideoSource(films["plain"], start=99.0)) == []


ticks = st.lists(st.none() | st.integers(-(10**6), 10**6), min_size=1, max_size=40)


@given(ticks, st.none() | st.integers(-100, 100))
def test_the_clock_always_runs_forward(ticks, origin):
    clock = Clock(MILLISECOND, 30.0, origin)
    times = [clock(tick) for tick in ticks]
    assert (np.diff(times) > 0).all()
    if origin is None:
        assert times[0] == 0


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=40, unique=True))
def test_the_clock_leaves_good_times_alone(ticks):
    ticks.sort()
    clock = Clock(MILLISECOND, 30.0)
    assert [clock(tick) for tick in ticks] == [(tick - ticks[0]) / 1000 for tick in ticks]


def test_the_clock_mends():
    clock = Clock(MILLISECOND, 10.0)
    given_ticks = [0, 100, None, 300, 300, 400, -5000, -4900, -4000]
    expected = [0, 0.1, 0.2, 0.3, 0.35, 0.4, 0.5, 0.6, 1.5]
    assert [clock(tick) for tick in given_ticks] == pytest.approx(expected)
