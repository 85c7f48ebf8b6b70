"""What works on this machine and what does not, each with what would mend it."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

NEEDED = (
    "numpy",
    "scipy",
    "threadpoolctl",
    "mediapipe",
    "opencv-contrib-python",
    "av",
    "pillow",
    "matplotlib",
    "tqdm",
    "websockets",
    "python-osc",
    "viser",
)
EXTRAS = {  # by package: the extra that brings it, and what for
    "torch": ("torch", "networks of others and training"),
    "onnxruntime": ("onnx", "faster networks on the CPU"),
}
OPENCVS = (
    "opencv-python",
    "opencv-contrib-python",
    "opencv-python-headless",
    "opencv-contrib-python-headless",
)


@dataclass(frozen=True)
class Finding:
    """One thing looked at.

    Attributes:
        what: its name.
        ok: whether it works.
        says: what was found, and what would help.
        needed: whether capturing from files fails without it.
    """

    what: str
    ok: bool
    says: str
    needed: bool = True

    def __str__(self) -> str:
        mark = "ok  " if self.ok else "FAIL" if self.needed else "note"
        return f"{mark}  {self.what:12} {self.says}"

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def examine(cameras: bool = True) -> list[Finding]:
    """Look at everything; never raises."""
    findings = [_python(), *_packages(), _opencv(), _video(), _model(), _temporary()]
    if cameras:
        findings.extend(_cameras())
    return findings


def _python() -> Finding:
    found = (
        f"{platform.python_version()} on {platform.platform(terse=True)}, {os.cpu_count()} cores"
    )
    good = (3, 10) <= sys.version_info[:2] <= (3, 12)
    return Finding("python", good, found if good else f"{found}; mediapipe needs Python 3.10-3.12")


def _packages() -> Iterator[Finding]:
    for package in NEEDED:
        found = _version(package)
        yield Finding(package, bool(found), found or f"not installed; pip install {package}")
    for package, (extra, purpose) in EXTRAS.items():
        found = _version(package)
        help_ = f"not installed; pip install 'mocap-bridge[{extra}]' for {purpose}"
        yield Finding(package, bool(found), found or help_, needed=False)


def _version(package: str) -> str | None:
    try:
        return version(package) or "of unknown version"
    except PackageNotFoundError:
        return None


def _opencv() -> Finding:
    """Two distributions of cv2 overwrite each other's files."""
    found = [f"{package} {v}" for package in OPENCVS if (v := _version(package))]
    if len(found) > 1:
        says = (
            f"{' and '.join(found)} overwrite each other; pip uninstall all of them, then "
            "pip install opencv-contrib-python"
        )
        return Finding("cv2", False, says, needed=False)
    return Finding("cv2", bool(found), " ".join(found) or "not installed")


def _guarded(what: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, check())
    except Exception as error:  # a broken package may raise anything
        return Finding(what, False, _reason(error))


def _reason(error: Exception) -> str:
    says = " ".join(str(error).split()) or type(error).__name__
    if "libGL" in says or "libgthread" in says:
        says += "; on Debian and Ubuntu: apt install libgl1 libglib2.0-0"
    return says


def _video() -> Finding:
    def check() -> str:
        from mocap.sample import CLIP
        from mocap.sources.video import probe

        info = probe(CLIP)
        return f"reads the sample clip: {info.codec}, {info.size[0]}x{info.size[1]}"

    return _guarded("video", check)


def _model() -> Finding:
    def check() -> str:
        from mocap.estimators import open_estimator
        from mocap.sample import CLIP
        from mocap.sources import open_source

        with open_estimator() as estimator, open_source(CLIP, stop=0.5) as source:
            frames = list(source)
            estimator(frames[0])
            begin = time.perf_counter()
            found = sum(len(estimator(frame)) for frame in frames[1:])
            took = (time.perf_counter() - begin) / max(len(frames) - 1, 1)
        if not found:
            raise RuntimeError(f"{estimator.name} runs but found nobody in the sample clip")
        return f"{estimator.name}, {1 / took:.0f} frames a second on the CPU"

    return _guarded("model", check)


def _temporary() -> Finding:
    def check() -> str:
        with tempfile.TemporaryFile() as file:
            file.write(b"x" * 1024)
        return tempfile.gettempdir()

    return _guarded("temporary", check)


def _cameras() -> list[Finding]:
    try:
        from mocap.sources.camera import list_cameras

        found = list_cameras()
    except Exception as error:
        return [Finding("cameras", False, _reason(error), needed=False)]
    if not found:
        says = "none found; files and streams work without one"
        return [Finding("cameras", False, says, needed=False)]
    return [Finding("camera", True, str(camera), needed=False) for camera in found]
