"""Recordings as journals of JSON lines, written by a live session; only read here.

What a journal holds is told in `exporters.journal_lines`. A recording that was cut off, padded
with zeros after a power failure or damaged in between is read as far as it is whole, and a
FormatWarning says what was lost.

In the take everyone has one time line, from 0 on: all times at which something was seen or solved.
`made["recording"]` tells when that 0 was, in UTC and on the session's own clock, which counts in
the journal. Who is not in a frame keeps the last pose, or before the first one that, "held" for
half a second and then "lost". A skeleton settles after somebody was seen for a while: the take has
the last one of each person, with which the first seconds stand a little higher or lower than they
did live, since roots are left as they were; solving the take again mends that.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from exporters.format import Format, FormatWarning, Options
from exporters.journal_decode import Decoder, moment_of, read_header
from exporters.journal_lines import CastLine, EndLine, FrameLine, Header, Line, NoteLine, utc_text
from exporters.journal_people import People
from mocap.errors import FormatError, InvalidValue
from mocap.landmarks import Observation
from mocap.take import Take

LONGEST_LINE = 1 << 24  # bytes; a thousand people do not fill it
ENDS = 1 << 17  # bytes of head and tail that a summary looks at


class Journal:
    """The lines of a journal in order, each by itself; damaged ones are counted and left out.

    Args:
        file: of bytes, at its beginning; stays open.
        path: for messages.

    Attributes:
        header: what was known when the recording began.
        complete: whether the end was reached, and is one made on purpose.
        damaged: lines lost so far.

    Raises:
        FormatError: it does not begin with the header of a journal.
    """

    def __init__(self, file: BinaryIO, path: Path | None = None) -> None:
        self._lines = _lines(file, path)
        self._path = path
        self.complete, self.damaged = False, 0
        self._first: tuple[int, str] | None = None
        self._seen = self._posed = -float("inf")
        try:
            self.header: Header = read_header(next(self._lines, b""))
        except InvalidValue as error:
            raise FormatError(str(error), path=path, line=1) from None

    def __iter__(self) -> Iterator[Line]:
        decode = Decoder(self.header)
        for number, line in enumerate(self._lines, 2):
            text = line.strip(b"\0 \t\r\n")
            if not text:
                # zeros are what a power failure leaves of lines; an empty line is no loss
                if b"\0" in line:
                    self._lose(number, "zeros")
                continue
            try:
                told = decode(text)
                self._check_order(told)
            except InvalidValue as error:
                self._lose(number, str(error))
                continue
            self.complete = isinstance(told, EndLine)
            if told is not None:
                yield told

    def _check_order(self, told: Line | None) -> None:
        """Raise InvalidValue for something that is not later than what came before."""
        if isinstance(told, Observation):
            if told.t <= self._seen:
                raise InvalidValue(f"expected a time after {self._seen:g} s, got {told.t:g} s")
            self._seen = told.t
        elif isinstance(told, FrameLine):
            if told.t <= self._posed:
                raise InvalidValue(f"expected a time after {self._posed:g} s, got {told.t:g} s")
            self._posed = told.t

    def _lose(self, number: int, why: str) -> None:
        self.damaged += 1
        self._first = self._first or (number, why)

    @property
    def loss(self) -> str | None:
        """After the last line: what of the recording is lost, in a sentence; None if nothing is."""
        told = []
        if self._first is not None:
            number, why = self._first
            lines = "line was" if self.damaged == 1 else "lines were"
            told.append(f"{self.damaged} damaged {lines} left out (line {number}: {why[:200]})")
        if not self.complete:
            told.append("the recording was cut off; what is whole was read")
        return "; ".join(told) or None


def _lines(file: BinaryIO, path: Path | None) -> Iterator[bytes]:
    """Lines of a file; of one too long for any journal only a part, that cannot be read."""
    try:
        while line := file.readline(LONGEST_LINE):
            yield line
            while len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                line = file.readline(LONGEST_LINE)
    except OSError as error:
        raise FormatError(f"cannot read: {error.strerror or error}", path=path) from None


def read(path: Path, options: Options) -> Take:
    """The take of a journal; warns with FormatWarning about what is lost.

    Raises:
        FormatError: the file cannot be read, or is no journal.
    """
    take, loss = recovered(path)
    if loss is not None:
        warnings.warn(f"{path}: {loss}", FormatWarning, stacklevel=3)
    return take


def recovered(path: Path) -> tuple[Take, str | None]:
    """The take of a journal, and what of the recording is lost; None if nothing is.

    Raises:
        FormatError: the file cannot be read, or is no journal.
    """
    try:
        with path.open("rb") as file:
            return load(file, path)
    except OSError as error:
        raise FormatError(f"cannot read: {error.strerror or error}", path=path) from None


def load(file: BinaryIO, path: Path | None = None) -> tuple[Take, str | None]:
    """As `recovered`, of an open file; `path` is for the messages."""
    journal = Journal(file, path)
    header = journal.header
    people = People(header.layout, header.size)
    notes: list[str] = []
    for line in journal:
        if isinstance(line, FrameLine):
            people.pose(line.t, line.people)
        elif isinstance(line, Observation):
            people.see(line)
        elif isinstance(line, CastLine):
            people.cast(line.people)
        elif isinstance(line, NoteLine):
            notes.append(line.text)
    first = people.first
    try:
        recording = {
            "name": header.name,
            "note": header.note,
            "started": utc_text(header.started if first is None else header.utc(first)),
            "clock": header.clock if first is None else first,
            "complete": journal.complete,
            "notes": notes,
        }
        take = Take(people.people(), {**header.made, "recording": recording})
    except InvalidValue as error:
        raise FormatError(str(error), path=path) from None
    return take, journal.loss


@dataclass(frozen=True)
class Summary:
    """A journal in short.

    Attributes:
        header: what was known when the recording began.
        seconds: from the first thing recorded to the last.
        people: how many; where there is no end, those of the first and last lines.
        complete: whether it has an end.
    """

    header: Header
    seconds: float
    people: int
    complete: bool


def summary(path: Path) -> Summary:
    """What the head and the tail of a journal tell, without reading all of it.

    Raises:
        FormatError: the file cannot be read, or is no journal.
    """
    try:
        with path.open("rb") as file:
            head = file.read(ENDS)
            file.seek(max(0, os.fstat(file.fileno()).st_size - ENDS))
            tail = file.read(ENDS)
    except OSError as error:
        raise FormatError(f"cannot read: {error.strerror or error}", path=path) from None
    first, _, rest = head.partition(b"\n")
    try:
        header = read_header(first)
    except InvalidValue as error:
        raise FormatError(str(error), path=path, line=1) from None
    last = tail.rstrip(b"\0 \t\r\n").rpartition(b"\n")[2]
    try:
        end = Decoder(header)(last)
        if isinstance(end, EndLine):
            return Summary(header, end.seconds, len(end.people), True)
    except InvalidValue:
        pass
    times: list[float] = []
    people: set[int] = set()
    for line in (*rest.split(b"\n"), *tail.split(b"\n")):
        try:
            t, ids = moment_of(line)
        except InvalidValue:
            continue
        times.append(t)
        people.update(ids)
    seconds = max(times) - min(times) if times else 0.0
    return Summary(header, seconds, len(people), False)


FORMAT: Format = Format(
    "journal", (".jsonl",), "recordings of a live session, landmarks too; only read", read, None
)
