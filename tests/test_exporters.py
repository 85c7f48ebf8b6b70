from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import exporters
from exporters import Format, Options, files, registry
from mocap import rotation, skeletons
from mocap.errors import FormatError, InvalidValue, OutputError, UnknownName
from mocap.motion import Motion
from mocap.take import Person, Take


def standing(frames: int = 200) -> Take:
    body = skeletons.humanoid()
    motion = Motion(
        body,
        times=np.arange(frames) / 30,
        root=np.tile(body.offsets[0], (frames, 1)),
        rotations=rotation.identity(frames, len(body)),
    )
    return Take((Person(0, motion),))


@pytest.mark.parametrize("suffix", [".bvh", ".json", ".BVH", ".Json"])
def test_every_suffix_reads_what_it_wrote(tmp_path: Path, suffix: str) -> None:
    take, path = standing(5), tmp_path / f"a.b{suffix}"
    assert exporters.write(take, path) == [path]
    motion = exporters.read(str(path)).people[0].motion
    assert motion is not None
    np.testing.assert_allclose(motion.fk()[0], take.people[0].motion.fk()[0], atol=1e-5)  # type: ignore[union-attr]


def test_unknown_suffix_lists_the_known_ones(tmp_path: Path) -> None:
    for job in (
        exporters.format_of,
        exporters.read,
        lambda path: exporters.write(standing(1), path),
    ):
        with pytest.raises(UnknownName, match=r"'a.xyz' '.xyz'; known: .bvh, .*.json"):
            job("a.xyz")


def test_formats_of_other_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = Format("fbx", (".fbx",), "only written", None, lambda take, path, options: [path])
    ours_again = Format("bvh", (".bvh",), "not ours", None, None)

    class Entry:
        def __init__(self, value: Format) -> None:
            self.load = lambda: value

    def entry_points(*, group: str) -> list[Entry]:
        assert group == "mocap.formats"
        return [Entry(theirs), Entry(ours_again)]

    monkeypatch.setattr(registry, "entry_points", entry_points)
    registry.formats.cache_clear()
    try:
        assert exporters.format_of("a.fbx") is theirs
        assert exporters.format_of("a.bvh") is not ours_again
        assert exporters.write(standing(1), "a.fbx") == [Path("a.fbx")]
        with pytest.raises(FormatError, match=r"a.fbx: fbx files can be written, not read"):
            exporters.read("a.fbx")
    finally:
        monkeypatch.undo()
        registry.formats.cache_clear()


def test_format_that_is_only_read(monkeypatch: pytest.MonkeyPatch) -> None:
    only_read = Format("c3d", (".c3d",), "only read", lambda path, options: standing(1), None)
    monkeypatch.setattr(registry, "formats", lambda: {"c3d": only_read})
    assert len(exporters.read("a.c3d").people) == 1
    with pytest.raises(FormatError, match=r"a.c3d: c3d files can be read, not written"):
        exporters.write(standing(1), "a.c3d")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"unit": "inch"}, UnknownName),
        ({"names": "short"}, UnknownName),
        ({"fps": 0}, InvalidValue),
        ({"fps": float("nan")}, InvalidValue),
        ({"fps": 1e9}, InvalidValue),
    ],
)
def test_options_are_checked(wrong: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        Options(**wrong)


def everything_in(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file of this process may grow beyond `size` bytes, as on a full disk."""
    resource = pytest.importorskip("resource", reason="this system does not limit file sizes")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("suffix", [".bvh", ".json"])
def test_full_disk_keeps_the_old_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"take{suffix}"
    exporters.write(standing(3), path)
    before = everything_in(tmp_path)
    with largest_file(10_000), pytest.raises(OutputError, match=rf"cannot write .*take{suffix}: "):
        exporters.write(standing(500), path)
    assert everything_in(tmp_path) == before


@pytest.mark.parametrize("suffix", [".bvh", ".json"])
def test_no_space_left(tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def __init__(self, part: Path) -> None:
            with open(part, "wb") as file:
                file.write(b"half")

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None: ...

        def writelines(self, pieces: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "open", lambda self, *_, **__: Full(self))
    with pytest.raises(OutputError, match=r"No space left on device"):
        exporters.write(standing(3), tmp_path / f"take{suffix}")
    assert everything_in(tmp_path) == {}


def test_any_other_error_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "take.json"
    path.write_text("old")
    with pytest.raises(InvalidValue, match="made"):
        exporters.write(Take((), made={"a": object()}), path)
    assert everything_in(tmp_path) == {"take.json": b"old"}


def test_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "take.bvh"
    assert exporters.write(standing(1), path) == [path]
    assert list(everything_in(tmp_path)) == ["take.bvh"]


def test_places_where_no_file_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file")
    (tmp_path / "folder.bvh").mkdir()
    for path in (tmp_path / "file" / "take.bvh", tmp_path / "folder.bvh"):
        with pytest.raises(OutputError, match=rf"cannot write {path}"):
            exporters.write(standing(1), path)
        with pytest.raises(OutputError, match=rf"cannot write {path}"):
            files.check_writable(path)
    assert everything_in(tmp_path) == {"file": b"a file"}


def test_read_only_places_are_found_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # simulated: for the superuser, as in many containers, nothing is read-only
    def refuse(**_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    path = tmp_path / "take.bvh"
    files.check_writable(path)
    assert everything_in(tmp_path) == {}
    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "TemporaryFile", refuse)
        with pytest.raises(OutputError, match=r"take.bvh: Permission denied"):
            files.check_writable(path)
    path.write_text("old")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OutputError, match=r"take.bvh: the file is write-protected"):
        files.check_writable(path)
