"""Names of the cameras of this computer, by the index OpenCV opens them with."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

LINUX = Path("/sys/class/video4linux")


def device_names() -> dict[int, str]:
    """Index and name of each camera the system tells of; empty where it tells nothing."""
    if sys.platform == "linux":
        return linux_names(LINUX)
    if sys.platform == "win32":
        return _windows_names()
    if sys.platform == "darwin":
        return _macos_names()
    return {}


def linux_names(folder: Path) -> dict[int, str]:
    """Cameras below a folder laid out like /sys/class/video4linux."""
    names = {}
    for node in folder.glob("video*"):
        number = node.name.removeprefix("video")
        # A camera has several nodes; those after the first carry metadata, not pictures.
        if number.isdecimal() and _text(node / "index") in {"", "0"}:
            names[int(number)] = _text(node / "name") or f"camera {number}"
    return dict(sorted(names.items()))


def macos_names(profile: str) -> dict[int, str]:
    """Cameras in the JSON of `system_profiler`, in OpenCV's order: that of their unique ids."""
    cameras = json.loads(profile).get("SPCameraDataType", [])
    cameras.sort(key=lambda camera: camera.get("spcamera_unique-id", ""))
    return {i: camera.get("_name", f"camera {i}") for i, camera in enumerate(cameras)}


def _macos_names() -> dict[int, str]:
    command = ["system_profiler", "SPCameraDataType", "-json"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
        return macos_names(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return {}


def _windows_names() -> dict[int, str]:
    # Both FFmpeg and OpenCV's DirectShow walk the system's one list of video inputs in order.
    from mocap.sources.decode import input_devices

    return dict(enumerate(input_devices("dshow")))


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace").strip()
    except OSError:
        return ""
