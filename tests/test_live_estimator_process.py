"""An estimator in a process of its own: the same answers, whatever happens to the process."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from pretend import BLANK, Seer, somebody

from mocap.errors import EstimatorError
from mocap.estimators import Estimator
from mocap.frame import Frame
from mocap.landmarks import MEDIAPIPE_POSE, Landmarks
from mocap.live import child
from mocap.live.estimator_process import MOST_DEATHS, EstimatorProcess

SOON = 60.0  # [s] far longer than anything here takes
WALL = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)


class Pretender(Estimator):
    """Finds one person whose points are what the picture's first bytes say."""

    name, licence, layout, device = "pretender", "none", MEDIAPIPE_POSE, "abacus"

    def __call__(self, frame: Frame) -> list[Landmarks]:
        points = frame.image.reshape(-1)[:66].reshape(33, 2).astype(float)
        looks = np.array([frame.t, os.getpid(), *frame.size])
        return [Landmarks(MEDIAPIPE_POSE, points, None, np.ones(33), appearance=looks)]


class Accident(Pretender):
    """Something happens to it in frames of negative time."""

    def __init__(self, what: Callable[[], object]) -> None:
        self._what = what

    def __call__(self, frame: Frame) -> list[Landmarks]:
        if frame.t < 0:
            self._what()
        return super().__call__(frame)


def seer() -> Estimator:
    return Seer([somebody(30), somebody(30, x=-0.7)])


def refused() -> Estimator:
    raise EstimatorError("no model file none.task; give a .task file")


def broken() -> Estimator:
    os._exit(3)


def fail() -> None:
    raise ZeroDivisionError("by nothing")


def hang() -> None:
    time.sleep(3600)


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def abort() -> None:
    os.close(2)  # it would be told at length
    os.abort()


def leave() -> None:
    os._exit(7)


class Known(SharedMemory):
    """Shared memory that remembers what it was called."""

    names: ClassVar[list[str]] = []

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.names.append(self.name)


def is_left(name: str) -> bool:
    """Whether there is shared memory of this name."""
    if Path("/dev/shm").is_dir():  # opening it would make it ours, for who cleans up after us
        return Path("/dev/shm", name).exists()
    try:
        SharedMemory(name).close()
    except FileNotFoundError:
        return False
    return True


@pytest.fixture(autouse=True)
def nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    Known.names.clear()
    monkeypatch.setattr(child, "SharedMemory", Known)
    yield
    assert multiprocessing.active_children() == []
    assert not any(map(is_left, Known.names))


def pid_of(people: list[Landmarks]) -> int:
    looks = people[0].appearance
    assert looks is not None
    return int(looks[1])


def until_found(estimator: EstimatorProcess, frame: Frame) -> list[Landmarks]:
    """What it finds as soon as it is there again."""
    end = time.monotonic() + SOON
    while time.monotonic() < end:
        if found := estimator(frame):
            return found
        time.sleep(0.01)
    raise AssertionError("it never came back")


def test_it_finds_what_the_estimator_finds() -> None:
    here = seer()
    with EstimatorProcess(seer) as there:
        assert (there.name, there.licence, there.device) == ("seer", "none", "CPU")
        assert there.layout is not here.layout
        assert there.layout == here.layout
        for i in range(40):
            frame = Frame(i / 30, BLANK)
            for a, b in zip(here(frame), there(frame), strict=True):
                np.testing.assert_array_equal(a.image, b.image)
                assert a.world is not None
                assert b.world is not None
                np.testing.assert_array_equal(a.world, b.world)
                np.testing.assert_array_equal(a.confidence, b.confidence)
                assert a.appearance is b.appearance is None


@pytest.mark.parametrize("sizes", [[(48, 64), (480, 640), (6, 16), (1080, 1920)]])
def test_it_is_shown_each_picture_whatever_its_size(sizes: list[tuple[int, int]]) -> None:
    random = np.random.default_rng(1)
    with EstimatorProcess(Pretender) as estimator:
        for t, size in enumerate(sizes * 2):
            image = random.integers(0, 255, (*size, 3), np.uint8)
            for picture in (image, image[:, ::-1]):  # a view is no block of memory
                (found,) = estimator(Frame(float(t), picture))
                expected = picture.reshape(-1)[:66].reshape(33, 2)
                np.testing.assert_array_equal(found.image, expected)
                assert found.appearance is not None
                assert found.appearance[[0, 2, 3]].tolist() == [t, size[1], size[0]]
                assert found.appearance[1] != os.getpid()
        assert 1 <= len(Known.names) <= 3, "it only grows"
        assert [is_left(name) for name in Known.names] == [False] * (len(Known.names) - 1) + [True]


POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows has no signals")


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (fail, "raised ZeroDivisionError: by nothing"),
        (leave, "ended with status 7"),
        pytest.param(kill, "ended by SIGKILL", marks=POSIX),
        pytest.param(abort, "ended by SIGABRT", marks=POSIX),
        (hang, "gave no answer for 0.5 s"),
    ],
)
def test_whatever_happens_to_it_a_frame_is_skipped_and_it_is_started_again(
    what: Callable[[], object], said: str
) -> None:
    told: list[str] = []
    patience = 0.5 if what is hang else SOON
    with EstimatorProcess(partial(Accident, what), told.append, patience=patience) as estimator:
        first = pid_of(until_found(estimator, Frame(1.0, WALL)))
        assert estimator(Frame(-1.0, WALL)) == []
        assert said in told[0]
        again = until_found(estimator, Frame(2.0, WALL))
        assert pid_of(again) != first
        np.testing.assert_array_equal(again[0].image.reshape(-1), WALL.reshape(-1)[:66])


@POSIX
def test_killed_from_outside_between_two_frames() -> None:
    told: list[str] = []
    with EstimatorProcess(Pretender, told.append) as estimator:
        first = pid_of(estimator(Frame(0.0, WALL)))
        os.kill(first, signal.SIGKILL)
        assert pid_of(until_found(estimator, Frame(1.0, WALL))) != first
    assert len(told) == 1
    assert "ended by SIGKILL" in told[0]


def test_what_never_works_is_given_up() -> None:
    told: list[str] = []
    with EstimatorProcess(partial(Accident, leave), told.append) as estimator:
        with pytest.raises(EstimatorError, match=r"pretender: .* 5 times .* status 7; another"):
            until_found(estimator, Frame(-1.0, WALL))
        assert len(told) == MOST_DEATHS - 1
        assert until_found(estimator, Frame(1.0, WALL)), "asked again, it tries again"


def test_a_few_accidents_over_a_long_time_are_survived() -> None:
    clock = [0.0]
    with EstimatorProcess(partial(Accident, leave), now=lambda: clock[0]) as estimator:
        for _ in range(MOST_DEATHS + 1):
            until_found(estimator, Frame(1.0, WALL))
            assert estimator(Frame(-1.0, WALL)) == []
            clock[0] += 10.0


def test_what_cannot_be_opened_says_so_at_once() -> None:
    with pytest.raises(EstimatorError, match=r"^no model file none\.task; give a"):
        EstimatorProcess(refused)


def test_what_dies_while_it_is_opened_is_given_up() -> None:
    with pytest.raises(EstimatorError, match=r"5 times .* ended with status 3"):
        EstimatorProcess(broken)


def test_reset_reaches_the_estimator() -> None:
    with EstimatorProcess(partial(Counter)) as estimator:
        assert [len(estimator(Frame(float(i), BLANK))) for i in range(3)] == [0, 1, 2]
        estimator.reset()
        assert [len(estimator(Frame(float(i), BLANK))) for i in range(3)] == [0, 1, 2]


class Counter(Pretender):
    """Finds as many people as frames were seen before."""

    def __init__(self) -> None:
        self._frames = 0

    def __call__(self, frame: Frame) -> list[Landmarks]:
        self._frames += 1
        return super().__call__(frame) * (self._frames - 1)

    def reset(self) -> None:
        self._frames = 0


def test_closing_ends_a_call_of_another_thread() -> None:
    estimator = EstimatorProcess(partial(Accident, hang), patience=SOON)
    found: list[object] = []
    caller = threading.Thread(target=lambda: found.append(estimator(Frame(-1.0, WALL))))
    caller.start()
    time.sleep(0.2)  # it may or may not be at work by now
    estimator.close()
    caller.join(SOON)
    assert not caller.is_alive()
    assert found == [[]]
    assert estimator(Frame(1.0, WALL)) == [], "and it is not started again"
    estimator.close()


def test_closing_in_the_middle_of_being_told() -> None:
    def close(_: str) -> None:
        estimator.close()

    estimator = EstimatorProcess(partial(Accident, leave), close)
    assert estimator(Frame(-1.0, WALL)) == []
    assert estimator(Frame(1.0, WALL)) == []


PROGRAM = """
import os, signal, sys, time
from test_live_estimator_process import Known, Pretender, WALL, pid_of, until_found
from mocap.frame import Frame
from mocap.live import child
from mocap.live import child
from mocap.live.estimator_process import EstimatorProcess

if __name__ == "__main__":
    child.SharedMemory = Known
    estimator = EstimatorProcess(Pretender)
    pid = pid_of(until_found(estimator, Frame(0.0, WALL)))
    try:
        print(pid, Known.names[0], flush=True)
        time.sleep({seconds})
    except KeyboardInterrupt:
        sys.exit(None if pid_of(estimator(Frame(1.0, WALL))) == pid else "it died too")
"""


def run(folder: Path, seconds: int, stop: Callable[[subprocess.Popen[str]], object]) -> str:
    """Run a program that never closes its estimator; returns what it complains of."""
    program = folder / "program.py"
    program.write_text(PROGRAM.format(seconds=seconds))
    paths = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[1])])
    with subprocess.Popen(
        [sys.executable, str(program)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        pid, memory = process.stdout.readline().split()
        stop(process)
        _, errors = process.communicate(timeout=SOON)
    end = time.monotonic() + SOON
    while time.monotonic() < end and (alive(int(pid)) or is_left(memory)):
        time.sleep(0.01)
    assert not alive(int(pid))
    assert not is_left(memory)
    return errors


def alive(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


@POSIX
def test_a_program_that_ends_without_closing_leaves_nothing(tmp_path: Path) -> None:
    assert run(tmp_path, 0, lambda process: None) == ""


@POSIX
def test_ctrl_c_is_for_the_program_alone(tmp_path: Path) -> None:
    def press(process: subprocess.Popen[str]) -> None:
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the program and the child

    assert run(tmp_path, 3600, press) == ""


@POSIX
def test_a_killed_program_leaves_nothing(tmp_path: Path) -> None:
    run(tmp_path, 3600, lambda process: process.kill())
