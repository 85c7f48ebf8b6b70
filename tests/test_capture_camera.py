"""What a capture knows of its camera, and whom it believes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pretend import BLANK, Pretending, blank_film, somebody

from mocap.camera import Camera
from mocap.capture import Captured, CaptureSettings, capture, capture_landmarks


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Pictures whose lens is one of 40 mm on film."""
    data = Image.Exif()
    data[0x0112] = 1  # upright; one without any would not be written
    data.get_ifd(0x8769)[0xA405] = 40
    folder = tmp_path / "photos"
    folder.mkdir()
    for i in range(10):
        Image.fromarray(BLANK).save(folder / f"{i}.jpg", exif=data)
    return folder


def fov(captured: Captured) -> float:
    return Camera.from_dict(captured.take.made["camera"]).fov


def test_the_user_knows_better_than_the_footage(
    photos: Path, tmp_path: Path, pretending: Pretending
) -> None:
    pretending(somebody())
    calibrated = tmp_path / "camera.json"
    size = (BLANK.shape[1], BLANK.shape[0])
    calibrated.write_text(json.dumps(Camera.from_fov(size, 35).to_dict()))
    cases: list[tuple[Path, dict[str, Any], str, float]] = [
        (photos, {"camera": calibrated, "fov": 50.0}, "file", 35),
        (photos, {"fov": 50.0}, "option", 50),
        (photos, {}, "metadata", Camera.from_focal_35mm(size, 40).fov),
        (blank_film(tmp_path / "film.mp4"), {}, "assumed", 60),
    ]
    for source, chosen, who, degrees in cases:
        captured = capture(source, CaptureSettings(**chosen))
        assert captured.take.made["camera_from"] == who
        assert fov(captured) == pytest.approx(degrees, abs=0.01)
        told = [note for note in captured.notes if "on 35 mm film" in note]
        assert len(told) == (who == "metadata")
    (note,) = capture(photos).notes
    assert f"sees {Camera.from_focal_35mm(size, 40).fov:.0f} degrees" in note
    assert "(40 mm on 35 mm film)" in note


def test_a_take_remembers_its_camera(photos: Path, pretending: Pretending) -> None:
    pretending(somebody())
    take = capture(photos).take
    again = capture_landmarks(take)
    assert again.take.made["camera_from"] == "metadata"
    assert fov(again) == pytest.approx(fov(capture(photos)))
    other = capture_landmarks(take, CaptureSettings(fov=50))
    assert other.take.made["camera_from"] == "option"
    bare = replace(take, made={})
    assert capture_landmarks(bare).take.made["camera_from"] == "assumed"
    assert np.isfinite(fov(other))
