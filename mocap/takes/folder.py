"""The folder that recordings go to, and names for them that cannot lead out of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from exporters.journal import Summary, summary
from exporters.journal_lines import utc_text
from mocap.errors import FormatError, InvalidValue

SUFFIX = ".jsonl"
LONGEST = 120  # bytes of a name in UTF-8; with what exports add, any file system has room for it
FALLBACK = "take"
# what Windows gives to devices, whatever the suffix
RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)", re.IGNORECASE
)
FORBIDDEN = '<>:"/\\|?*'


@dataclass(frozen=True)
class TakeInfo:
    """What a list of takes tells of each.

    Attributes:
        name: of the file, without suffix; asks for it again.
        title: as its user wrote it.
        note: what its user wanted to remember.
        started: UTC at its beginning, with a time zone.
        seconds: from the first thing recorded to the last.
        people: how many people are in it; of a recording that was cut off, those at its beginning
            and end.
        complete: whether it was ended on purpose.
    """

    name: str
    title: str
    note: str
    started: datetime
    seconds: float
    people: int
    complete: bool

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, as clients are told."""
        return {
            "name": self.name,
            "title": self.title,
            "note": self.note,
            "started": utc_text(self.started),
            "seconds": round(self.seconds, 3),
            "people": self.people,
            "complete": self.complete,
        }


class TakeFolder:
    """Takes in a folder, by name.

    Args:
        path: of the folder; made when the first take is recorded.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).expanduser().resolve()

    def new(self, name: str | None = None) -> Path:
        """Where to record a take: a file in the folder that is not there yet.

        Args:
            name: anything at all; None makes one of date and time.
        """
        wanted = safe_name(name or f"take_{datetime.now():%Y-%m-%d_%H-%M-%S}")
        # not only journals: what a take is exported to lies beside it, under the same name
        taken = {_key(path.stem) for path in self._paths()}
        count, free = 1, wanted
        while _key(free) in taken:
            count += 1
            ending = f"_{count}"
            free = _cut(wanted, LONGEST - len(ending)) + ending
        return self.path / f"{free}{SUFFIX}"

    def list(self) -> list[TakeInfo]:
        """All takes, the newest first; what is no journal is left out."""
        found = []
        for path in self._journals():
            try:
                found.append(_info(path.stem, summary(path)))
            except FormatError:
                continue
        return sorted(found, key=lambda take: (take.started, take.name), reverse=True)

    def path_of(self, name: str) -> Path:
        """The journal of a take.

        Args:
            name: as in the list.

        Raises:
            InvalidValue: there is none of this name; the message lists a few.
        """
        files = {_key(path.stem): path for path in self._journals()}
        try:
            return files[_key(name)]
        except KeyError:
            known = ", ".join(sorted(path.stem for path in files.values())[:10])
            raise InvalidValue(
                f"no take {name[:LONGEST]!r} in {self.path}; there are: {known or 'none'}"
            ) from None

    def _paths(self) -> Iterable[Path]:
        try:
            return sorted(self.path.iterdir())
        except OSError:  # not made yet
            return []

    def _journals(self) -> Iterable[Path]:
        """Those that really lie in the folder, whatever links say."""
        for path in self._paths():
            if path.suffix == SUFFIX and path.is_file() and not path.is_symlink():
                yield path


def safe_name(name: str) -> str:
    """A file name without suffix that every system takes, as near to the name as can be."""
    composed = unicodedata.normalize("NFC", name)
    allowed = re.sub(r"\.{2,}", ".", "".join("_" if _refused(c) else c for c in composed))
    # hidden files begin with a dot, options with a dash; Windows drops dots and spaces at the end
    bare = allowed.lstrip("._- ")
    if RESERVED.match(bare):
        bare = f"{FALLBACK}_{bare}"
    return _cut(bare, LONGEST).rstrip(". ") or FALLBACK


def _refused(character: str) -> bool:
    """Whether a character has no place in a file name: separators, control characters and the
    like, those that Windows refuses."""
    kind = unicodedata.category(character)
    return character in FORBIDDEN or kind[0] == "C" or kind in ("Zl", "Zp")


def _cut(text: str, size: int) -> str:
    """As much of a text as fits into so many bytes."""
    return text.encode("utf-8")[:size].decode("utf-8", "ignore")


def _key(name: str) -> str:
    """Names with the same key may be one file: some systems see no difference of case or form."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _info(name: str, found: Summary) -> TakeInfo:
    header = found.header
    return TakeInfo(
        name=name,
        title=header.name,
        note=header.note,
        started=header.started,
        seconds=found.seconds,
        people=found.people,
        complete=found.complete,
    )
