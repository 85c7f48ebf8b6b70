"""The doctor finds what is wrong, and never falls ill itself."""

from __future__ import annotations

import importlib.metadata
import json
import sys
from collections.abc import Callable

import pytest
from commands import Command

from mocap import doctor
from mocap.doctor import Finding, examine
from mocap.sources import camera

Installed = Callable[..., None]


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Installed:
    """Makes packages seem installed in a version, or not installed where that is None."""

    def install(**versions: str | None) -> None:
        def version(package: str) -> str:
            found = versions.get(package.replace("-", "_"), "1.0")
            if found is None:
                raise importlib.metadata.PackageNotFoundError(package)
            return found

        monkeypatch.setattr(doctor, "version", version)

    return install


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what runs a model or reads a video."""
    for name in ("_model", "_video"):
        monkeypatch.setattr(doctor, name, lambda: Finding("left out", True, ""))


def found(what: str) -> Finding:
    (finding,) = [f for f in examine(cameras=False) if f.what == what]
    return finding


ONE_OPENCV = {
    "opencv_python": None,
    "opencv_python_headless": None,
    "opencv_contrib_python_headless": None,
}


def test_this_installation_works(command: Command) -> None:
    shown = command("doctor", "--no-cameras")
    assert (shown.status, shown.err) == (0, "")
    assert "FAIL" not in shown.out
    assert "frames a second" in shown.out


@pytest.mark.usefixtures("quick")
def test_findings_as_json(command: Command, installed: Installed) -> None:
    installed(**ONE_OPENCV)
    shown = command("doctor", "--no-cameras", "--json")
    assert shown.status == 0
    findings = json.loads(shown.out)
    assert {"python", "mediapipe", "cv2", "temporary"} <= {f["what"] for f in findings}
    assert all(set(f) == {"what", "ok", "says", "needed"} for f in findings)


@pytest.mark.usefixtures("quick")
def test_a_missing_package(command: Command, installed: Installed) -> None:
    installed(mediapipe=None, **ONE_OPENCV)
    shown = command("doctor", "--no-cameras")
    assert shown.status == 1
    assert "FAIL  mediapipe    not installed; pip install mediapipe\n" in shown.out


@pytest.mark.usefixtures("quick")
def test_an_extra_that_is_not_installed_is_a_note(command: Command, installed: Installed) -> None:
    installed(torch=None, onnxruntime=None, **ONE_OPENCV)
    shown = command("doctor", "--no-cameras")
    assert shown.status == 0
    assert "note  torch        not installed; pip install 'mocap-bridge[torch]'" in shown.out
    assert "note  onnxruntime  not installed; pip install 'mocap-bridge[onnx]'" in shown.out


@pytest.mark.usefixtures("quick")
def test_two_opencvs(command: Command, installed: Installed) -> None:
    installed(**{**ONE_OPENCV, "opencv_python": "4.9"})
    finding = found("cv2")
    assert not finding.ok
    assert "opencv-python 4.9 and opencv-contrib-python 1.0 overwrite each other" in finding.says
    assert command("doctor", "--no-cameras").status == 0  # it may work all the same


@pytest.mark.usefixtures("quick")
def test_a_package_of_no_version(installed: Installed) -> None:
    installed(numpy="")
    assert found("numpy") == Finding("numpy", True, "of unknown version")


@pytest.mark.usefixtures("quick")
def test_a_python_that_is_too_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 14, 0))
    finding = found("python")
    assert not finding.ok
    assert "mediapipe needs Python 3.10-3.12" in finding.says


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ImportError("libGL.so.1: cannot open shared object file"), "apt install libgl1"),
        (AttributeError("module 'cv2' has no attribute\n'VideoCapture'"), "'cv2' has no attribute"),
        (ZeroDivisionError(), "ZeroDivisionError"),
    ],
)
def test_whatever_is_broken_is_a_finding_of_one_line(
    monkeypatch: pytest.MonkeyPatch, error: Exception, says: str
) -> None:
    def broken(*_: object, **__: object) -> object:
        raise error

    monkeypatch.setattr("mocap.sources.video.probe", broken)
    monkeypatch.setattr("mocap.estimators.open_estimator", broken)
    monkeypatch.setattr(camera, "list_cameras", broken)
    findings = {f.what: f for f in examine()}
    for what in ("video", "model", "cameras"):
        assert not findings[what].ok
        assert says in findings[what].says
        assert "\n" not in findings[what].says


@pytest.mark.usefixtures("quick")
def test_cameras_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    webcam = camera.Camera(0, "webcam", (640, 480), 30.0)
    monkeypatch.setattr(camera, "list_cameras", lambda: (webcam,))
    assert examine()[-1] == Finding("camera", True, "0 (webcam)", needed=False)
    monkeypatch.setattr(camera, "list_cameras", tuple)
    assert "none found" in examine()[-1].says
