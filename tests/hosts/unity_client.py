"""The Unity package's core as a program of its own, played against servers: what it says, line by
line; and a way to it that is slow."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import unity_build
from waiting import PATIENCE

Line = dict[str, Any]
Running = TypeVar("Running", bound="Program")


class Program:
    """A running program.

    Attributes:
        said: the lines that it wrote until now.
    """

    def __init__(
        self, program: Path, *arguments: object, environment: Mapping[str, str] | None = None
    ) -> None:
        self.said: list[str] = []
        self._process = subprocess.Popen(
            unity_build.with_mono(program, *map(str, arguments), environment=environment),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self: Running) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(BrokenPipeError):
                pipe.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.said.append(line.rstrip("\n"))

    def say(self, text: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(text + "\n")
        self._process.stdin.flush()

    def end(self) -> None:
        """Ends its input, upon which it ends."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.wait(PATIENCE) == 0, self.said[-20:]
        self._reader.join()


class Client(Program):
    """The client of tests/unity; every line that it writes is a JSON object."""

    def __init__(
        self, program: Path, *arguments: object, environment: Mapping[str, str] | None = None
    ) -> None:
        self._lines: list[Line] = []
        self._known = 0  # states that were waited for
        super().__init__(program, *arguments, environment=environment)

    @property
    def lines(self) -> list[Line]:
        """What it wrote until now; fails if that is an exception."""
        for text in self.said[len(self._lines) :]:
            assert text.startswith("{"), "\n".join(self.said[len(self._lines) :])
            self._lines.append(json.loads(text))
        return self._lines

    def of(self, key: str) -> list[Line]:
        """The lines that have a key, in order."""
        return [line for line in self.lines if key in line]

    @property
    def frames(self) -> list[Line]:
        return self.of("seq")

    @property
    def state(self) -> Line:
        """The newest state, with its problem."""
        states = self.of("state")
        return states[-1] if states else {"state": "", "problem": ""}

    def until(self, condition: Callable[[], object]) -> None:
        """Wait until something is so."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"it never came to be: {self.state}"
            time.sleep(0.01)

    def until_state(self, state: str, problem: str = "") -> None:
        """Wait until a state was told, with a problem of these words."""
        self.until(
            lambda: any(
                line["state"] == state and problem in line["problem"]
                for line in self.of("state")[self._known :]
            )
        )
        self._known = len(self.of("state")) - 1

    def last(self) -> Line:
        """Ends it; its last line."""
        self.end()
        return self.lines[-1]


@contextmanager
def slowly(port: int, rate: float) -> Iterator[int]:
    """A way to a server of this machine on which so many bytes a second come from it.

    What is under way is little: 4 KiB in each buffer.

    Yields:
        The port to connect to.
    """
    over = threading.Event()
    threads: list[threading.Thread] = []
    plugs: list[socket.socket] = []

    def carry(source: socket.socket, goal: socket.socket, pause: float) -> None:
        with suppress(OSError):
            while not over.is_set() and (data := source.recv(1024)):
                goal.sendall(data)
                time.sleep(pause * len(data))

    def accept(listener: socket.socket) -> None:
        with suppress(OSError):
            while not over.is_set():
                plug, _ = listener.accept()
                ahead = socket.socket()
                ahead.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                ahead.connect(("127.0.0.1", port))
                plug.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
                plugs.extend((plug, ahead))
                for ends in ((plug, ahead, 0.0), (ahead, plug, 1 / rate)):
                    threads.append(threading.Thread(target=carry, args=ends, daemon=True))
                    threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepting = threading.Thread(target=accept, args=(listener,), daemon=True)
        accepting.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            for plug in (listener, *plugs):
                with suppress(OSError):
                    plug.shutdown(socket.SHUT_RDWR)
                plug.close()
            for thread in (accepting, *threads):
                thread.join(5)
