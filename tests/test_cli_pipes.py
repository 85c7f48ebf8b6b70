"""What becomes of a command whose output nobody reads to its end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mocap import cli
from mocap.cli import pipes

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes of Unix")

UNREAD = [
    "weights list",
    "weights list --json",
    "--help",
    "evaluate --help",
    "--version",
]


def run(
    arguments: str, stdout: int, stderr: int = subprocess.PIPE, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "mocap", *arguments.split()],
        stdout=stdout,
        stderr=stderr,
        env={**os.environ, **environment},
        check=False,
    )


@pytest.fixture
def unread() -> int:
    """The end to write to of a pipe whose reader has left."""
    read, write = os.pipe()
    os.close(read)
    return write


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", UNREAD)
def test_a_reader_who_left_ends_a_command_without_a_word(
    unread: int, arguments: str, unbuffered: str
) -> None:
    done = run(arguments, unread, PYTHONUNBUFFERED=unbuffered)
    os.close(unread)
    assert b"rror" not in done.stderr
    assert b"pipe" not in done.stderr.lower()
    if not (unbuffered and "-" in arguments):  # argparse keeps that one for itself
        assert done.returncode == 128 + 13


def test_a_reader_of_errors_who_left(unread: int) -> None:
    done = run("report none.bvh", subprocess.PIPE, unread)
    os.close(unread)
    assert (done.returncode, done.stdout) == (128 + 13, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_is_an_error_in_one_line() -> None:
    with open("/dev/full", "wb") as full:
        done = run("weights list --json", full.fileno(), PYTHONUNBUFFERED="")
    assert done.stderr == b"mocap: [Errno 28] No space left on device\n"
    assert done.returncode == 2


def test_a_broken_pipe_of_something_else_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def torn(_: object) -> int:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(cli.COMMANDS["doctor"], "run", torn)
    monkeypatch.setattr(pipes, "reader_left", lambda: False)
    assert cli.main(["doctor"]) == 2
    assert capsys.readouterr().err == "mocap: [Errno 32] Broken pipe\n"
