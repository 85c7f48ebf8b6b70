"""Who may connect to a server of poses: whoever can, sees and commands everything.

A program on this machine may. A web page may only if it is served from this machine or was named:
any page that a user looks at can otherwise open a WebSocket to his own machine. From elsewhere
only those who know the token.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import parse_qs, urlsplit

from mocap.errors import InvalidValue

SHORTEST_TOKEN = 8  # characters
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(\[[0-9a-f:.]+\]|[^\s/:@?#\[\]\\]+)(:[0-9]{1,5})?")
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\s/:@?#\[\]\\]+)(:[0-9]{1,5})?")


def is_loopback(host: str) -> bool:
    """Whether a name or address, perhaps in brackets, is this machine and nobody else's."""
    name = host.lower().strip("[]").rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def new_token() -> str:
    """A token that nobody guesses."""
    return secrets.token_urlsafe(16)


@dataclass(frozen=True)
class Refusal:
    """Why a connection is not opened.

    Attributes:
        status: of HTTP.
        message: for whoever knocks; says what would work, never what the token is.
    """

    status: int
    message: str


@dataclass(frozen=True)
class Access:
    """The rules of one server.

    Attributes:
        host: name or address it listens on.
        token: what every client must show; None asks for none.
        no_token: nobody needs a token, although others can reach the host.
        origins: pages that may connect, as browsers write it ("https://example.org"), besides
            those from this machine.
    """

    host: str = "127.0.0.1"
    token: str | None = field(default=None, repr=False)
    no_token: bool = False
    origins: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        origins = tuple(origin.lower().rstrip("/") for origin in self.origins)
        object.__setattr__(self, "origins", origins)
        for origin in origins:
            if origin != "null" and not _ORIGIN.fullmatch(origin):
                raise InvalidValue(
                    f"origin: expected one like https://example.org:8080, got {origin[:80]!r}"
                )
        if self.token is not None and self.no_token:
            raise InvalidValue("token: given, although nobody is to need one; leave out either")
        if self.token is not None and not (
            len(self.token) >= SHORTEST_TOKEN and self.token.isascii() and self.token.isprintable()
        ):
            raise InvalidValue(
                f"token: expected at least {SHORTEST_TOKEN} letters, digits and signs of ASCII"
            )
        if self.token is None and not self.no_token and not is_loopback(self.host):
            raise InvalidValue(
                f"host: others can reach {self.host}, and whoever connects can watch and record; "
                "give a token that they must show, or say that none is needed"
            )

    def refusal(self, path: str, headers: Iterable[tuple[str, str]]) -> Refusal | None:
        """Why this request to open a connection is refused; None if it is not.

        Args:
            path: of the request, with its query.
            headers: names and values, as often as each was sent.
        """
        sent: dict[str, list[str]] = {}
        for name, value in headers:
            sent.setdefault(name.lower(), []).append(value.strip())
        return (
            self._wrong_host(sent.get("host", []))
            or self._wrong_origin(sent.get("origin", []))
            or self._wrong_token(path, sent.get("authorization", []))
        )

    def _wrong_host(self, hosts: list[str]) -> Refusal | None:
        """A page can give its own name an address of this machine (DNS rebinding); then it is
        of the same origin as the server, but browsers still say the name."""
        if len(hosts) != 1:
            return Refusal(400, f"expected one Host header, got {len(hosts)}")
        match = _HOST.fullmatch(hosts[0].lower())
        if match is None:
            return Refusal(400, "the Host header is no host and port")
        name = match[1]
        if is_loopback(self.host) and not is_loopback(name):
            return Refusal(
                403, f"this server is for {self.host}, not for {name[:80]}; use the address itself"
            )
        return None

    def _wrong_origin(self, origins: list[str]) -> Refusal | None:
        if not origins:
            return None  # no browser: those always say one
        if len(origins) > 1:
            return Refusal(400, f"expected one Origin header, got {len(origins)}")
        origin = origins[0].lower()
        if origin in self.origins:
            return None
        match = _ORIGIN.fullmatch(origin)
        if match and origin.startswith(("http://", "https://")) and is_loopback(match[1]):
            return None
        return Refusal(
            403,
            f"web pages of {origin[:80]} may not connect; allowed are pages from this machine"
            + "".join(f", {known}" for known in self.origins),
        )

    def _wrong_token(self, path: str, authorizations: list[str]) -> Refusal | None:
        if self.token is None:
            return None
        shown = [words.partition(" ")[2] for words in authorizations if _bearer(words)]
        try:
            shown += parse_qs(urlsplit(path).query, max_num_fields=100).get("token", [])
        except ValueError:
            return Refusal(400, "the query of the address cannot be read")
        # every one is compared, so that the time taken says nothing of which came near
        token = self.token.encode()
        right = [hmac.compare_digest(word.encode(errors="surrogatepass"), token) for word in shown]
        if any(right):
            return None
        asked = "a wrong token" if shown else "no token"
        return Refusal(
            401,
            f"{asked}: connect to ...?token=TOKEN or send the header Authorization: Bearer TOKEN",
        )


def _bearer(words: str) -> bool:
    return words.lower().startswith("bearer ")
