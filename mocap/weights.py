"""Weights of networks: which there are, under which licence, and where their files lie.

Two folders hold them: what comes with the package, and the user's own. In each a `manifest.json`
lists entries; the user's are looked at first. An entry without a file tells where weights can be
had that are not ours to ship.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from mocap.errors import FormatError, InvalidValue, OutputError, UnknownName

PACKAGE = Path(__file__).parent
MANIFEST = "manifest.json"
FORMAT = "mocap-weights"
VERSION = 1
VARIABLE = "MOCAP_WEIGHTS"  # of the environment: another folder for the user's own
UNKNOWN = "unknown"  # licence
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_RESTRICTED = re.compile(r"(?i)(^|[^a-z])nc([^a-z]|$)|non.?commercial|research|academic")


@dataclass(frozen=True)
class Entry:
    """Weights of one network.

    Attributes:
        name: what they are asked for by.
        architecture: of `mocap.models.registry`; empty for files of other kinds.
        inputs, outputs: layouts of the points that go in and the joints that come out.
        settings: of the architecture, where they cannot be read off the weights.
        licence: an SPDX name, as far as there is one.
        source: the page or file they come from.
        url: where `mocap weights fetch` finds the original; empty if only a person can get it.
        original: the name of that file.
        original_sha256: of that file; empty if nobody published it.
        file: the name in the folder; empty if it is not there.
        sha256: of the file in the folder.
        size: of the file in the folder [bytes].
        about: what they were trained on, how well they do.
    """

    name: str
    architecture: str = ""
    inputs: str = ""
    outputs: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    licence: str = UNKNOWN
    source: str = ""
    url: str = ""
    original: str = ""
    original_sha256: str = ""
    file: str = ""
    sha256: str = ""
    size: int = 0
    about: str = ""

    def __post_init__(self) -> None:
        for of in fields(self):
            value = getattr(self, of.name)
            kind = {"settings": Mapping, "size": int}.get(of.name, str)
            if not isinstance(value, kind):
                raise InvalidValue(f"weights: {of.name} cannot be {value!r}")
        if not _NAME.match(self.name):
            raise InvalidValue(
                f"weights: {self.name!r} is no name; use letters, digits, dots and dashes"
            )
        if self.file and not _NAME.match(self.file):
            raise InvalidValue(f"weights {self.name}: {self.file!r} is no plain file name")
        for what in ("sha256", "original_sha256"):
            if getattr(self, what) and not _SHA256.match(getattr(self, what)):
                raise InvalidValue(
                    f"weights {self.name}: {what} must be 64 small hexadecimal digits, "
                    f"got {getattr(self, what)!r}"
                )

    @property
    def restriction(self) -> str:
        """What a user must know of the licence before using these; empty if it is free."""
        if self.licence == UNKNOWN:
            return f"{self.name}: the licence is not known; ask its authors before you publish"
        if _RESTRICTED.search(self.licence):
            return f"{self.name}: licence {self.licence}, not for commercial use"
        return ""

    def to_dict(self) -> dict[str, Any]:
        """As in a manifest: what is empty is left out."""
        return {k: v for k, v in asdict(self).items() if v or k == "name"}


@dataclass(frozen=True)
class Found:
    """An entry and its file, None if that is not on this computer."""

    entry: Entry
    path: Path | None


def own_folder() -> Path:
    """The folder of the user's own weights: $MOCAP_WEIGHTS, or as the system has it."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).expanduser()
    home = Path.home()
    if sys.platform == "win32":
        data = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        data = home / "Library" / "Application Support"
    else:
        told = os.environ.get("XDG_DATA_HOME", "")
        data = Path(told) if Path(told).is_absolute() else home / ".local" / "share"
    return data / "mocap-bridge" / "weights"


def shipped_folder() -> Path:
    """The folder of weights that come with the package: in it if it was installed, else in the
    checkout. Raises FormatError."""
    places = (PACKAGE / "data" / "weights", PACKAGE.parent / "weights")
    for place in places:
        if (place / MANIFEST).is_file():
            return place
    raise FormatError(
        f"the list of weights is missing: neither {places[0]} nor {places[1]} has a {MANIFEST}"
    )


def read_manifest(folder: Path) -> list[Entry]:
    """The entries of a folder; none if it has no manifest. Raises FormatError."""
    path = folder / MANIFEST
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise FormatError(f"not a readable list of weights: {error}", path=path) from None
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise FormatError(f'not a list of weights: no "format": "{FORMAT}"', path=path)
    if told.get("version") != VERSION:
        raise FormatError(
            f"version {told.get('version')!r}, but this program reads {VERSION}", path=path
        )
    known = {of.name for of in fields(Entry)}
    try:
        return [Entry(**{k: v for k, v in one.items() if k in known}) for one in told["weights"]]
    except (InvalidValue, TypeError, KeyError, AttributeError) as error:
        raise FormatError(f"not a list of weights: {error}", path=path) from None


def write_manifest(folder: Path, entries: Iterable[Entry]) -> None:
    """Replace the manifest of a folder. Raises OutputError."""
    told = {"format": FORMAT, "version": VERSION, "weights": [e.to_dict() for e in entries]}
    write_whole(folder / MANIFEST, (json.dumps(told, indent=1) + "\n").encode())


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that replaces what was there only when whole. Raises OutputError."""
    part = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        part = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        part.chmod(0o644)
        part.replace(path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from None
    finally:
        if part is not None:
            with suppress(OSError):
                part.unlink()


def every() -> list[Found]:
    """All weights known, the user's own first; of a name in both folders the one that has a
    file."""
    found: dict[str, Found] = {}
    for folder in (own_folder(), shipped_folder()):
        for entry in read_manifest(folder):
            path = folder / entry.file if entry.file else None
            one = Found(entry, path if path is not None and path.is_file() else None)
            before = found.get(entry.name)
            if before is None or (before.path is None and one.path is not None):
                found[entry.name] = one
    return list(found.values())


def by_name(name: str) -> Found:
    """Weights by name, whether their file is here or not. Raises UnknownName."""
    known = {found.entry.name: found for found in every()}
    if name not in known:
        raise UnknownName("weights", name, known)
    return known[name]


def add(entry: Entry, data: bytes) -> Path:
    """Keep weights in the user's folder, in place of those of the same name; the path.

    `entry.file` says what the file is called; checksum and size are worked out here.

    Raises:
        OutputError: the folder cannot be written.
    """
    folder = own_folder()
    entry = replace(entry, sha256=hashlib.sha256(data).hexdigest(), size=len(data))
    path = folder / entry.file
    write_whole(path, data)
    others = [e for e in read_manifest(folder) if e.name != entry.name]
    write_manifest(folder, [*others, entry])
    return path


def whole_file(found: Found) -> Path:
    """The file of an entry. Raises FormatError if it is not here, or not as long as it was."""
    entry, path = found.entry, found.path
    if path is None:
        raise FormatError(how_to_get(entry))
    size = path.stat().st_size
    if entry.size and size != entry.size:
        raise FormatError(
            f"expected {entry.size} bytes, found {size}: damaged; get it anew", path=path
        )
    return path


def verify(found: Found) -> None:
    """Raise FormatError unless the file is here and is what its entry says."""
    entry, path = found.entry, whole_file(found)
    seen = checksum(path)
    if seen != entry.sha256:
        raise FormatError(
            f"expected sha256 {entry.sha256}, found {seen}: damaged or exchanged; get it anew",
            path=path,
        )


def checksum(path: Path) -> str:
    """The sha256 of a file."""
    sum_ = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            sum_.update(block)
    return sum_.hexdigest()


def how_to_get(entry: Entry) -> str:
    """What a user does to have weights that are not here."""
    if entry.url:
        return f"the weights {entry.name} are not here; mocap weights fetch {entry.name} gets them"
    file = entry.original or "FILE"
    return (
        f"the weights {entry.name} are not here; download {file} from {entry.source}, then "
        f"mocap weights import {file} --name {entry.name}"
    )
