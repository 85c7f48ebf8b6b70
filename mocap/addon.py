"""Add-ons for other programs, packed so that those install them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import mocap
from exporters.files import check_writable, replacing
from mocap.errors import OutputError, UnknownName

PACKAGE = Path(__file__).parent
DATA = ("bone_maps", "skeletons")  # of mocap/data, which add-ons need beside them
ROOT = "mocap_bridge"  # folder of everything in a zip
LEFT_OUT = {"__pycache__"}
EPOCH = (1980, 1, 1, 0, 0, 0)  # the time of every file: the same content makes the same zip
READABLE = 0o100644 << 16  # an ordinary file that all may read


@dataclass(frozen=True)
class Host:
    """A program that add-ons are made for.

    Attributes:
        title: its name for people.
        folder: where its add-on lies, inside the folder of all add-ons.
        steps: how to install what was packed; `{file}` stands for it.
    """

    title: str
    folder: str
    steps: tuple[str, ...]


HOSTS = {
    "blender": Host(
        "Blender",
        "blender/mocap_bridge",
        (
            "Blender 4.2 or later: drag {file} into its window and confirm",
            "Blender 3.6 to 4.1: Edit > Preferences > Add-ons > Install, choose {file}, "
            "tick Mocap Bridge",
            "then press N in the 3D viewport and open the tab Mocap; mocap live sends motion",
        ),
    ),
}


def host_of(name: str) -> Host:
    """The host of a name; raises UnknownName."""
    if name not in HOSTS:
        raise UnknownName("add-on", name, HOSTS)
    return HOSTS[name]


def sources() -> Path:
    """The folder of all add-ons: in the package if it was installed, else in the checkout."""
    places = (PACKAGE / "addons", PACKAGE.parent / "addons")
    for place in places:
        if (place / "blender").is_dir():
            return place
    raise OutputError(f"the add-ons are missing: neither {places[0]} nor {places[1]} is there")


def contents(name: str) -> Iterator[tuple[str, Path]]:
    """Names in the zip, sorted, and the files that they are made of."""
    folder = sources() / host_of(name).folder
    found = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and not LEFT_OUT & set(path.relative_to(folder).parts)
    }
    for kind in DATA:
        for path in (PACKAGE / "data" / kind).glob("*.json"):
            found[f"data/{kind}/{path.name}"] = path
    for inside in sorted(found):
        yield f"{ROOT}/{inside}", found[inside]


def pack(name: str, folder: Path) -> Path:
    """Write the add-on for a host into a folder; the path of the zip.

    The same sources give the same bytes, wherever and whenever it is done.

    Raises:
        UnknownName: there is no add-on for that host.
        OutputError: the zip cannot be written there, or the add-ons were not installed.
    """
    host_of(name)
    target = folder / f"{ROOT}-{name}-{mocap.__version__}.zip"
    check_writable(target)
    with replacing(target) as part, zipfile.ZipFile(part, "w") as archive:
        for inside, path in contents(name):
            info = zipfile.ZipInfo(inside, EPOCH)
            info.create_system = 3  # otherwise it tells where the zip was made
            info.external_attr = READABLE
            archive.writestr(info, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
    return target
