"""The capture of a video by the mocap command of an outside Python: found, run, looked at, ended.

Blender installs nothing and waits for nothing: the command runs beside it, writes a take, and says
how far it is on its standard error, which goes into a file that is looked at now and then. So there
is neither a pipe that could fill nor a thread. No bpy here.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from .shared.errors import TakeError

NEEDED = "install mocap-bridge in a Python of your own and name it in the add-on's preferences"
NAMES = ("mocap", "mocap.exe", "mocap.cmd")
PYTHONS = ("python3", "python", "py")
HOMES = (  # where programs are that a desktop's PATH does not name
    "~/.local/bin",
    "~/.local/share/uv/tools/mocap-bridge/bin",
    "~/.local/share/pipx/venvs/mocap-bridge/bin",
    "~/pipx/venvs/mocap-bridge/Scripts",
    "~/AppData/Roaming/uv/tools/mocap-bridge/Scripts",
    "/opt/homebrew/bin",
    "/usr/local/bin",
)
OWN = ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "VIRTUAL_ENV")  # what is Blender's alone
PATIENCE = 1.0  # [s] for a command to end
TAIL = 1 << 16  # bytes at the end of what it said that are looked at
COUNT = re.compile(r"(\d+)/(\d+)")
COUNTED = re.compile(r"(\d+) frames\b")


def program(chosen=""):
    """The command to run, as the first of its arguments.

    Args:
        chosen: by the user: the mocap command, a Python that has it, or the folder of either;
            empty to look for it.

    Raises:
        TakeError: there is none.
    """
    if chosen.strip():
        return _chosen(Path(os.path.expanduser(chosen.strip().strip('"'))))
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(os.path.expanduser, HOMES)])
    found = shutil.which("mocap", path=path)
    if found:
        return [found]
    for name in PYTHONS:
        found = shutil.which(name)
        if found and not _is_blenders(found) and _has_mocap(found):
            return [found, "-m", "mocap"]
    raise TakeError(f"found no mocap command; {NEEDED}")


def _chosen(path):
    if path.is_dir():
        inside = [path / sub for sub in (".", "bin", "Scripts")]
        names = (*NAMES, *PYTHONS, "python.exe")
        files = (folder / name for name in names for folder in inside)
        path = next((file for file in files if file.is_file()), path)
    if not path.is_file():
        raise TakeError(f"{path}: there is no such program; {NEEDED}")
    if not os.access(path, os.X_OK):
        raise TakeError(f"{path}: is no program; choose the mocap command or a Python that has it")
    if re.match(r"(python|pypy|py\b)", path.name.lower()):
        return [str(path), "-m", "mocap"]
    return [str(path)]


def _is_blenders(path):
    return Path(path).resolve().parent == Path(sys.executable).resolve().parent


def _has_mocap(python):
    """Whether a Python knows the package; asks without importing it."""
    ask = "import importlib.util as u, sys; sys.exit(u.find_spec('mocap.cli') is None)"
    try:
        done = subprocess.run(
            [python, "-c", ask], env=_environment(), timeout=10, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **_hidden(),
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def _environment():
    """Blender's environment without what would make another Python look into Blender's."""
    kept = {key: value for key, value in os.environ.items() if key not in OWN}
    return {**kept, "PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1", "MOCAP_PROGRESS": "1"}


def _hidden():
    """No console window, and a group of its own so that it is ended with all that it started."""
    if os.name == "nt":
        return {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


class Capture:
    """A video on its way to a take.

    Args:
        command: as `program` gives it.
        video: the file.
        options: more arguments of `mocap capture`, as ["--people", "2"].

    Attributes:
        video: the file.
        share: 0 to 1 how much is done; None while unknown.
        frames: how many are done.

    Raises:
        TakeError: the video is not there, or the command cannot be started.
    """

    def __init__(self, command, video, options=()):
        self.video = Path(video)
        if not self.video.is_file():
            raise TakeError(f"{self.video}: there is no such file")
        self.share, self.frames = None, 0
        self._folder = Path(tempfile.mkdtemp(prefix="mocap_bridge_"))
        self._take = self._folder / "take.json"
        arguments = ["capture", str(self.video), "-o", str(self._take), "--json", *options]
        try:
            with (self._folder / "out").open("wb") as out, (self._folder / "said").open(
                "wb"
            ) as err:
                self._process = subprocess.Popen(
                    [*command, *arguments], stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                    cwd=str(self._folder), env=_environment(), **_hidden(),
                )  # fmt: skip
        except OSError as error:
            self._clean()
            raise TakeError(f"cannot run {command[0]}: {error.strerror or error}") from None

    def poll(self):
        """Look at how far it is; returns the path of the take once it is there, else None.

        Raises:
            TakeError: it ended without a take; says why in one line.
        """
        status = self._process.poll()
        said = self._said()
        self._measure(said)
        if status is None:
            return None
        if status == 0 and self._take.is_file():
            self.share = 1.0
            return self._take
        self._clean()
        raise TakeError(_reason(said, status))

    def _said(self):
        """The end of what the command said so far, as lines; a bar is drawn over and over."""
        try:
            with (self._folder / "said").open("rb") as file:
                file.seek(0, os.SEEK_END)
                file.seek(max(0, file.tell() - TAIL))
                text = file.read().decode("utf-8", "replace")
        except OSError:
            return []
        return [line.strip() for line in re.split(r"[\r\n]", text) if line.strip()]

    def _measure(self, said):
        for line in reversed(said):
            if line.startswith("mocap:"):
                continue
            count = COUNT.search(line)
            if count and int(count[2]) > 0:
                self.frames = int(count[1])
                self.share = min(1.0, self.frames / int(count[2]))
                return
            count = COUNTED.search(line)
            if count:
                self.frames = int(count[1])
                return

    @property
    def notes(self):
        """Sentences that the command found worth telling."""
        mark = "mocap: note: "
        return [line[len(mark) :] for line in self._said() if line.startswith(mark)]

    def close(self):
        """End the command at once, with all that it started, and remove its files."""
        if self._process.poll() is None:
            try:
                if os.name == "nt":
                    tree = ["taskkill", "/T", "/F", "/PID", str(self._process.pid)]
                    subprocess.run(tree, capture_output=True, timeout=PATIENCE, **_hidden())
                else:
                    os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait(PATIENCE)
            except (OSError, subprocess.SubprocessError):
                self._process.kill()
        self._clean()

    def _clean(self):
        shutil.rmtree(self._folder, ignore_errors=True)


def _reason(said, status):
    """Why a command ended, in one line: what it complained of last."""
    complaints = [line for line in said if line.startswith("mocap: ")]
    complaints = [line[7:] for line in complaints if not line.startswith("mocap: note: ")]
    if complaints:
        return complaints[-1][:500]
    last = said[-1][:300] if said else ""
    if "No module named mocap" in last or "No module named 'mocap'" in last:
        return f"this Python has no mocap; {NEEDED}"
    if not last:
        return f"the mocap command ended with status {status} and said nothing"
    return f"the mocap command ended with status {status}: {last}"
