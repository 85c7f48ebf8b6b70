"""What `open_source` makes of what it is given."""

import subprocess
import sys

import cv2
import pytest
from footage import numbered, write_film

from mocap.errors import SourceError
from mocap.sources import camera, open_source
from mocap.sources.images import ImageSource
from mocap.sources.video import VideoSource


@pytest.fixture
def no_cameras(monkeypatch):
    monkeypatch.setattr(camera, "list_cameras", lambda **parts: ())


def test_nothing_heavy_is_imported():
    code = "import sys, mocap.sources; print({'numpy', 'av', 'cv2'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_files_and_folders(tmp_path):
    video = write_film(tmp_path / "clip.mp4", [numbered(i) for i in range(9)])
    image = tmp_path / "images" / "1.PNG"
    image.parent.mkdir()
    image.write_bytes(cv2.imencode(".png", numbered(1))[1].tobytes())
    assert isinstance(open_source(video), VideoSource)
    assert isinstance(open_source(str(image.parent)), ImageSource)
    assert isinstance(open_source(image), ImageSource)
    assert [f.t for f in open_source(video, start=0.1, stop=0.2)] == pytest.approx(
        [0.1, 4 / 30, 5 / 30]
    )
    assert open_source(image.parent, fps=12.5).fps == 12.5


def test_a_file_may_be_called_like_a_camera(tmp_path, monkeypatch):
    write_film(tmp_path / "clip.mp4", [numbered(1)]).rename(tmp_path / "0")
    monkeypatch.chdir(tmp_path)
    assert isinstance(open_source("0"), VideoSource)


@pytest.mark.parametrize("text", ["dance.mp4", "folder/dance", "C:\\films\\dance", "dance.MOV"])
def test_a_missing_file_is_no_camera(no_cameras, text):
    with pytest.raises(SourceError) as caught:
        open_source(text)
    assert str(caught.value) == f"{text}: no such file or folder"


def test_what_is_neither_file_nor_camera(no_cameras):
    with pytest.raises(SourceError, match=r"no file or folder 'dance', and no camera 'dance'"):
        open_source("dance")


def test_options_that_do_not_apply(tmp_path):
    video = write_film(tmp_path / "clip.mp4", [numbered(1)])
    for what, option in (
        (video, {"fps": 30.0}),
        (video, {"size": (640, 480)}),
        ("0", {"start": 1.0}),
        ("rtsp://127.0.0.1/x", {"stop": 1.0}),
    ):
        with pytest.raises(SourceError, match="takes no"):
            open_source(what, **option)
