"""The real Blender, with a window on a screen that nobody sees.

    python tests/hosts/blender_app.py FOLDER --seconds 300
    python tests/hosts/blender_app.py FOLDER --blender /path/to/blender --source clip.mp4

Installs the add-on from its zip and works with it as `blender_inside.py` says, while this process
runs `mocap live` and restarts it when asked. Pictures of the screen and what was found stay in
FOLDER.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mocap.addon

INSIDE = Path(__file__).with_name("blender_inside.py")
TOOLS = ("Xvfb", "xdotool", "import")  # the last is of ImageMagick
SIZE = (1280, 800)
PATIENCE = 240.0  # [s] beyond the time that was asked for


def missing(blender: str = "blender") -> list[str]:
    """The programs that are not on this machine."""
    return [name for name in (shlex.split(blender)[0], *TOOLS) if shutil.which(name) is None]


@contextmanager
def screen() -> Iterator[str]:
    """A screen in memory; its name."""
    read, write = os.pipe()
    size = f"{SIZE[0]}x{SIZE[1]}x24"
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", size, "+extension", "GLX", "-noreset"],
        pass_fds=[write], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    try:
        with os.fdopen(read) as told:
            yield f":{told.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


class Server:
    """`mocap live` in a process of its own, on a port that stays the same."""

    def __init__(self, source: Path, folder: Path) -> None:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.port: int = one.getsockname()[1]
        self._source, self._folder = source, folder
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        command = [
            *(sys.executable, "-m", "mocap", "live", "--source", str(self._source), "--loop"),
            *("--port", str(self.port), "--no-panel", "--takes", str(self._folder / "takes")),
        ]
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)

    def stop(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(10.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def work(folder: Path, source: Path, seconds: float, blender: str = "blender") -> dict[str, Any]:
    """Let Blender work with the add-on.

    Args:
        folder: where pictures and findings go.
        source: what `mocap live` plays, again and again.
        seconds: how long it is disturbed: undo, edit mode, loading, restarts of the server.
        blender: the program, and words before it that lead to it, as "chroot /other blender".

    Returns:
        What was found inside, and "rc", how Blender ended.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found, restart = folder / "found.json", folder / "restart"
    found.unlink(missing_ok=True)
    restart.unlink(missing_ok=True)
    server = Server(source, folder)
    told = {
        "folder": str(folder.resolve()),
        "zip": str(mocap.addon.pack("blender", folder).resolve()),
        "url": f"ws://127.0.0.1:{server.port}",
        "seconds": seconds,
    }
    command = [
        *(
            *shlex.split(blender),
            "--factory-startup",
            "--window-geometry",
            "0",
            "0",
            *map(str, SIZE),
        ),
        *("--python", str(INSIDE), "--", json.dumps(told)),
    ]
    try:
        with screen() as display, tempfile.TemporaryDirectory(dir=folder.resolve()) as home:
            surroundings = {"HOME": home, "DISPLAY": display, "LIBGL_ALWAYS_SOFTWARE": "1"}
            with (folder / "blender.log").open("wb") as log:
                process = subprocess.Popen(
                    command, stdout=log, stderr=log, env={**os.environ, **surroundings}
                )
            end = time.monotonic() + seconds + PATIENCE
            while process.poll() is None and time.monotonic() < end:
                if restart.exists():
                    server.stop()
                    restart.unlink()
                    time.sleep(2.0)
                    server.start()
                time.sleep(0.2)
            if process.poll() is None:
                process.kill()
            status = process.wait()
    finally:
        server.stop()
    outcome: dict[str, Any] = json.loads(found.read_text("utf-8")) if found.exists() else {}
    return {**outcome, "rc": status}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--blender", default="blender")
    arguments = parser.parse_args()
    found = work(arguments.folder, arguments.source, arguments.seconds, arguments.blender)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
