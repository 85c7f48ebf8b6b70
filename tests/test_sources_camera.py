"""Webcams, with a make-believe OpenCV capture in place of one."""

import json
import sys

import cv2
import numpy as np
import pytest
from footage import number_of, numbered

from mocap.errors import SourceError
from mocap.sources import SourceWarning, camera, open_source
from mocap.sources.camera import CameraSource, list_cameras
from mocap.sources.devices import linux_names, macos_names


class FakeCapture:
    """A camera that shows numbers, one every 40 ms, until it is unplugged."""

    def __init__(self, clock, *, pictures=10**6, size=(64, 48), sizes=((64, 48),), opened=True):
        self.clock, self.pictures, self.opened = clock, pictures, opened
        self.sizes, self.wanted, self.size = sizes, list(size), size
        self.reads = 0
        self.asked = {}
        self.released = False

    def isOpened(self):
        return self.opened

    def read(self):
        self.clock.t += 0.04
        if self.reads >= self.pictures:
            return False, None
        image = numbered(self.reads % 256, self.size)
        self.reads += 1
        return True, image[..., ::-1]

    def get(self, property):
        return 25.0 if property == cv2.CAP_PROP_FPS else 0.0

    def set(self, property, value):
        self.asked[property] = value
        if property in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT):
            self.wanted[property - cv2.CAP_PROP_FRAME_WIDTH] = value
            if tuple(self.wanted) in self.sizes:
                self.size = tuple(self.wanted)
        return True

    def release(self):
        self.released = True


class Clock:
    t = 100.0

    def __call__(self):
        return self.t


class Computer:
    """What `capture` and `names` of a camera are on a computer with these cameras."""

    def __init__(self, cameras, names=None):
        self.now = Clock()
        self.names = {} if names is None else names
        self.made = []
        self._cameras = cameras

    def capture(self, index):
        options = self._cameras.get(index, {"opened": False})
        self.made.append(FakeCapture(self.now, **options))
        return self.made[-1]

    @property
    def parts(self):
        return {"capture": self.capture, "names": lambda: self.names, "now": self.now}


def take(source, count):
    frames = iter(source)
    return [next(frames) for _ in range(count)]


def test_frames_carry_the_time_they_were_read():
    computer = Computer({0: {}}, {0: "HD Webcam"})
    with CameraSource(0, **computer.parts) as source:
        computer.now.t += 5  # a model is loaded meanwhile
        frames = take(source, 4)
        assert (source.name, source.size, source.fps) == ("HD Webcam", (64, 48), 25)
        assert source.live
        assert source.frame_count is None
    assert [frame.t for frame in frames] == pytest.approx([0, 0.04, 0.08, 0.12])
    assert [number_of(frame.image) for frame in frames] == [1, 2, 3, 4]
    assert computer.made[-1].released


def test_colours_are_rgb():
    computer = Computer({0: {}})
    source = CameraSource(0, **computer.parts)
    red = np.zeros((48, 64, 3), np.uint8)
    red[..., 2] = 200  # as OpenCV has it
    computer.made[-1].read = lambda: (True, red)
    (frame,) = take(source, 1)
    assert frame.image[0, 0].tolist() == [200, 0, 0]


def test_a_size_and_rate_can_be_asked_for():
    computer = Computer({0: {"sizes": ((64, 48), (128, 72))}})
    source = CameraSource(0, size=(128, 72), fps=60, **computer.parts)
    asked = computer.made[-1].asked
    assert source.size == take(source, 1)[0].size == (128, 72)
    assert asked[cv2.CAP_PROP_FPS] == 60
    assert asked[cv2.CAP_PROP_BUFFERSIZE] == 1
    assert list(asked).index(cv2.CAP_PROP_FOURCC) > list(asked).index(cv2.CAP_PROP_FRAME_HEIGHT)


def test_another_size_than_asked_for_is_told():
    computer = Computer({0: {}}, {0: "HD Webcam"})
    with pytest.warns(SourceWarning, match="HD Webcam: asked for 1920x1080, gives 64x48"):
        source = CameraSource(0, size=(1920, 1080), **computer.parts)
    assert source.size == (64, 48)


def test_unplugged_in_the_middle():
    computer = Computer({0: {"pictures": 4}}, {0: "HD Webcam"})
    frames = iter(CameraSource(0, patience=0.1, **computer.parts))
    assert [number_of(next(frames).image) for _ in range(3)] == [1, 2, 3]
    with pytest.raises(SourceError, match=r"HD Webcam: no picture for 0\.1 s"):
        next(frames)


def test_a_few_failing_reads_do_not_matter():
    computer = Computer({0: {}})
    source = CameraSource(0, **computer.parts)
    capture = computer.made[-1]
    works, fails = capture.read, iter([True, True, False] * 3)
    capture.read = lambda: (False, None) if next(fails) else works()
    assert [number_of(frame.image) for frame in take(source, 3)] == [1, 2, 3]


def test_a_camera_that_opens_but_shows_nothing():
    computer = Computer({0: {"pictures": 0}})
    with pytest.raises(SourceError, match="camera 0: no picture"):
        CameraSource(0, patience=0.0, **computer.parts)
    assert computer.made[-1].released


def test_an_absent_camera_names_those_there_are():
    computer = Computer({0: {}, 2: {}}, {0: "HD Webcam", 2: "Phone"})
    with pytest.raises(
        SourceError, match=r"camera 1 cannot .* found: 0 \(HD Webcam\), 2 \(Phone\)"
    ):
        CameraSource(1, **computer.parts)
    assert all(capture.released for capture in computer.made[1:])
    with pytest.raises(SourceError, match="cameras found: none"):
        CameraSource(0, **Computer({}).parts)


def test_by_name():
    names = {0: "HD Webcam", 1: "Logitech C920", 2: "Logitech C920 Pro"}
    computer = Computer({0: {}, 1: {}, 2: {}}, names)
    for text, name in (("webcam", "HD Webcam"), ("logitech c920", names[1]), ("pro", names[2])):
        assert CameraSource(text, **computer.parts).name == name
    with pytest.raises(SourceError, match=r"several .*'logi': 1 \(Logitech C920\), 2 \("):
        CameraSource("logi", **computer.parts)
    with pytest.raises(SourceError, match=r"no camera 'kinect'; cameras found: 0 \(HD Webcam\)"):
        CameraSource("kinect", **computer.parts)


def test_listing_measures():
    computer = Computer({0: {"size": (128, 72)}, 1: {"pictures": 0}, 2: {}})
    found = list_cameras(**computer.parts)
    assert [(c.index, c.name, c.size) for c in found] == [
        (0, "camera 0", (128, 72)),
        (1, "camera 1", None),
        (2, "camera 2", (64, 48)),
    ]
    assert found[0].fps == pytest.approx(25)
    assert found[1].fps is None
    assert all(capture.released for capture in computer.made)


def test_listing_keeps_a_camera_in_use_and_skips_gaps():
    computer = Computer({0: {"opened": False}, 4: {}}, {0: "HD Webcam", 4: "Phone"})
    found = list_cameras(**computer.parts)
    assert [(c.index, c.name, c.size) for c in found] == [
        (0, "HD Webcam", None),
        (4, "Phone", (64, 48)),
    ]


def test_names_that_cannot_belong_are_not_used():
    computer = Computer({0: {}, 1: {}}, {0: "HD Webcam"})
    assert [c.name for c in list_cameras(**computer.parts)] == ["camera 0", "camera 1"]


def test_names_on_linux(tmp_path):
    for node, index, name in (("video0", "0", "HD"), ("video1", "1", "HD"), ("video10", "0", "C")):
        (tmp_path / node).mkdir()
        (tmp_path / node / "index").write_text(index + "\n")
        (tmp_path / node / "name").write_text(name + "\n")
    (tmp_path / "video2").mkdir()
    (tmp_path / "v4l-subdev0").mkdir()
    assert linux_names(tmp_path) == {0: "HD", 2: "camera 2", 10: "C"}
    assert linux_names(tmp_path / "missing") == {}


def test_names_on_macos_are_in_the_order_of_opencv():
    cameras = [
        {"_name": "FaceTime HD", "spcamera_unique-id": "47B4B64B"},
        {"_name": "USB Camera", "spcamera_unique-id": "0x11000000c45636d"},
    ]
    profile = json.dumps({"SPCameraDataType": cameras})
    assert macos_names(profile) == {0: "USB Camera", 1: "FaceTime HD"}
    assert macos_names("{}") == {}


def test_open_source_opens_cameras(monkeypatch):
    asked = []
    monkeypatch.setattr(camera, "CameraSource", lambda *a, **k: asked.append((a, k)))
    open_source("0")
    open_source("/dev/video3", size=(640, 480), fps=60)
    open_source("Logitech")
    assert asked == [
        ((0,), {"size": None, "fps": None}),
        ((3,), {"size": (640, 480), "fps": 60}),
        (("Logitech",), {"size": None, "fps": None}),
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="asks the computer's own cameras")
def test_real_opencv_answers_quietly(capfd):
    with pytest.raises(SourceError, match="camera 93 cannot be opened"):
        CameraSource(93, names=dict)
    assert capfd.readouterr() == ("", "")
