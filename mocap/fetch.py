"""A file fetched over HTTP: resumed where it broke off, checked, and there only when whole."""

from __future__ import annotations

import http.client
import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPMessage
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit
from urllib.request import OpenerDirector, Request

from mocap.errors import FormatError, InvalidValue, OutputError, SourceError
from mocap.weights import checksum

TIMEOUT = 30.0  # [s] without a byte
BLOCK = 1 << 18  # [bytes]
MOST = 1 << 32  # [bytes] that a file may have

Progress = Callable[[int, "int | None"], object]  # bytes here, bytes in all


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Goes on only to addresses that could have been asked for: never from https to plain http
    without a checksum."""

    def __init__(self, sha256: str) -> None:
        self._sha256 = sha256

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        try:
            _check_address(newurl, self._sha256)
        except InvalidValue as error:
            fp.close()
            raise InvalidValue(f"{req.full_url} leads elsewhere: {error}") from None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch(url: str, target: Path, *, sha256: str = "", progress: Progress | None = None) -> str:
    """Fetch a file; its sha256.

    What came of an earlier try lies beside the target, as `.NAME.part`, and is gone on with if
    the server still has the same file; a target that has the right sha256 is not fetched again.

    Args:
        url: http or https; plain http only with a checksum, also where the server redirects.
        target: where the file goes.
        sha256: what it must be; empty if nobody published it.
        progress: told of bytes that are here and bytes in all, None if the server does not say.

    Raises:
        InvalidValue: the address is none, or the one that it leads to, or the checksum.
        SourceError: the server cannot be reached, refuses, or breaks off; a later try resumes.
        FormatError: the file is not what it must be; it is thrown away.
        OutputError: it cannot be written.
    """
    _check_address(url, sha256)
    if sha256 and target.is_file() and checksum(target) == sha256:
        return sha256
    part = target.with_name(f".{target.name}.part")
    note = target.with_name(f".{target.name}.part.json")  # of which file the part is
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        opener = urllib.request.build_opener(_Redirects(sha256))
        _download(opener, url, part, note, progress)
        found = checksum(part)
        if sha256 and found != sha256:
            part.unlink()
            raise FormatError(
                f"{url}: expected sha256 {sha256}, got {found}; thrown away. The file was "
                "exchanged, or the checksum is wrong"
            )
        part.replace(target)
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror or error}") from None
    finally:
        if not part.exists():
            with suppress(OSError):
                note.unlink()
    return found


def _check_address(url: str, sha256: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidValue(f"expected an address with https://, got {url!r}")
    if parts.scheme == "http" and not sha256:
        raise InvalidValue(f"{url}: plain http can be tampered with; give its --sha256")
    if sha256 and not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise InvalidValue(f"sha256: expected 64 small hexadecimal digits, got {sha256!r}")


def _download(
    opener: OpenerDirector, url: str, part: Path, note: Path, progress: Progress | None
) -> None:
    """Bring `part` to its end. Raises SourceError, InvalidValue."""
    here = part.stat().st_size if part.exists() else 0
    request = Request(url, headers={"User-Agent": "mocap-bridge"})
    same = _told(note, url)
    if here and same:
        request.add_header("Range", f"bytes={here}-")
        request.add_header("If-Range", same)
    else:
        here = 0
    try:
        answer = opener.open(request, timeout=TIMEOUT)
    except InvalidValue:
        raise
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416 and here:  # there is no more than we have, or another file
            part.unlink()
            return _download(opener, url, part, note, progress)
        raise SourceError(f"{url}: the server says {error.code} {error.reason}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise SourceError(f"{url}: {_reason(error)}") from None
    with answer:
        if answer.status != 206:
            here = 0
        elif here and not answer.headers.get("Content-Range", "").startswith(f"bytes {here}-"):
            part.unlink()  # another part than was asked for
            return _download(opener, url, part, note, progress)
        length = answer.headers.get("Content-Length", "")
        total = here + int(length) if length.isdecimal() else None
        if total is not None and total > MOST:
            raise SourceError(f"{url}: {total} bytes are too many")
        mark = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
        # a weak mark does not promise the same bytes
        mark = "" if mark.startswith("W/") else mark
        note.write_text(json.dumps({"url": url, "mark": mark}), encoding="utf-8")
        with part.open("r+b" if here else "wb") as file:
            file.seek(here)
            while True:
                try:
                    block = answer.read(BLOCK)
                except (OSError, http.client.HTTPException) as error:
                    raise SourceError(
                        f"{url}: broke off after {here} bytes: {_reason(error)}; the same command "
                        "goes on from there"
                    ) from None
                if not block:
                    break
                here += file.write(block)
                if here > MOST:
                    raise SourceError(f"{url}: more than {MOST} bytes")
                if progress is not None:
                    progress(here, total)
    if total is not None and here < total:
        raise SourceError(
            f"{url}: broke off after {here} of {total} bytes; the same command goes on from there"
        )
    return None


def _told(note: Path, url: str) -> str:
    """The server's mark of the file of which a part is here; empty if it is of another."""
    try:
        told = json.loads(note.read_text(encoding="utf-8"))
        return str(told["mark"]) if told["url"] == url else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _reason(error: BaseException) -> str:
    reason = getattr(error, "reason", None)
    return str(reason or error or type(error).__name__)
