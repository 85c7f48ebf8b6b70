"""Add-ons for other programs, packed so that those install them."""

from __future__ import annotations

import gzip
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import mocap
from exporters.files import check_writable, replacing
from mocap.errors import OutputError, UnknownName

PACKAGE = Path(__file__).parent
BONE_DATA = ("bone_maps", "skeletons")  # of mocap/data, which add-ons in Python need beside them
NAME = "mocap_bridge"
LEFT_OUT = {"__pycache__"}
EPOCH = (1980, 1, 1, 0, 0, 0)  # the time of every file: the same content makes the same package
READABLE = 0o100644  # an ordinary file that all may read


@dataclass(frozen=True)
class Host:
    """A program that add-ons are made for.

    Attributes:
        title: its name for people.
        folder: where its add-on lies, in a checkout and in an installed package alike.
        root: the folder of everything in what is packed; empty for none.
        data: where in there the bone maps and skeletons go; None where they are not needed.
        suffix: of what is packed, .zip or .tgz.
        steps: how to install what was packed; `{file}` stands for it.
    """

    title: str
    folder: str
    root: str
    data: str | None
    suffix: str
    steps: tuple[str, ...]


HOSTS = {
    "blender": Host(
        "Blender",
        folder=f"addons/blender/{NAME}",
        root=NAME,
        data="data",
        suffix=".zip",
        steps=(
            "Blender 4.2 or later: drag {file} into its window and confirm",
            "Blender 3.6 to 4.1: Edit > Preferences > Add-ons > Install, choose {file}, "
            "tick Mocap Bridge",
            "then press N in the 3D viewport and open the tab Mocap; mocap live sends motion",
        ),
    ),
    "maya": Host(
        "Maya",
        folder="addons/maya",
        root=f"{NAME}_maya",
        data=f"{NAME}/scripts/{NAME}_maya/data",
        suffix=".zip",
        steps=(
            "unpack {file}, drag install_mocap_bridge.py, which is in it, into a viewport of Maya",
            "then press Panel on the shelf Mocap, and Connect; mocap live sends motion",
        ),
    ),
    "unity": Host(
        "Unity",
        folder="unity_bridge",
        root="package",
        data=None,
        suffix=".tgz",
        steps=(
            "Unity: Window > Package Manager > + > Add package from tarball, choose {file}",
            "then GameObject > Mocap Bridge > Live Avatar; mocap live sends motion",
        ),
    ),
}


def host_of(name: str) -> Host:
    """The host of a name; raises UnknownName."""
    if name not in HOSTS:
        raise UnknownName("add-on", name, HOSTS)
    return HOSTS[name]


def source(host: Host) -> Path:
    """The folder of an add-on: in the package if that was installed, else in the checkout."""
    places = (PACKAGE / host.folder, PACKAGE.parent / host.folder)
    for place in places:
        if place.is_dir():
            return place
    raise OutputError(
        f"the add-on for {host.title} is missing: neither {places[0]} nor {places[1]} is there"
    )


def contents(name: str) -> Iterator[tuple[str, Path]]:
    """Names in the package, sorted, and the files that they are made of."""
    host = host_of(name)
    folder = source(host)
    found = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and not any(map(_left_out, path.relative_to(folder).parts))
    }
    for kind in BONE_DATA if host.data is not None else ():
        for path in (PACKAGE / "data" / kind).glob("*.json"):
            found[f"{host.data}/{kind}/{path.name}"] = path
    for inside in sorted(found):
        yield f"{host.root}/{inside}", found[inside]


def _left_out(name: str) -> bool:
    return name in LEFT_OUT or name.startswith(".")


def pack(name: str, folder: Path) -> Path:
    """Write the add-on for a host into a folder; the path of the package.

    The same sources give the same bytes, wherever and whenever it is done.

    Raises:
        UnknownName: there is no add-on for that host.
        OutputError: the package cannot be written there, or the add-ons were not installed.
    """
    host = host_of(name)
    target = folder / f"{NAME}-{name}-{mocap.__version__}{host.suffix}"
    check_writable(target)
    with replacing(target) as part:
        (_zip if host.suffix == ".zip" else _tarball)(part, contents(name))
    return target


def _zip(path: Path, files: Iterator[tuple[str, Path]]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for inside, file in files:
            info = zipfile.ZipInfo(inside, EPOCH)
            info.create_system = 3  # otherwise it tells where the zip was made
            info.external_attr = READABLE << 16
            archive.writestr(info, file.read_bytes(), zipfile.ZIP_DEFLATED, 9)


def _tarball(path: Path, files: Iterator[tuple[str, Path]]) -> None:
    """As npm packs, whose format Unity reads."""
    epoch = int(datetime(*EPOCH, tzinfo=timezone.utc).timestamp())
    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", 9, raw, mtime=epoch) as packed,
        tarfile.open(mode="w", fileobj=packed, format=tarfile.USTAR_FORMAT) as archive,
    ):
        for inside, file in files:
            info = tarfile.TarInfo(inside)
            info.size, info.mtime, info.mode = file.stat().st_size, epoch, READABLE & 0o777
            with file.open("rb") as opened:
                archive.addfile(info, opened)
