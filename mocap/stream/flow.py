"""How much may be on its way to one client, so that what it reads is never old.

What is handed to a socket cannot be taken back: megabytes fit into the buffers on the way, and
whoever reads slowly would see seconds of the past. So a client's own word that it has read (its
`seen`, or the pong of a WebSocket ping from those who say nothing) decides what follows. Times
are arguments: nothing here looks at a clock.
"""

from __future__ import annotations

from collections import deque

OLDEST = 0.25  # [s] a frame that waited for longer is not sent any more
MOST = 3  # frames on their way to whom says `seen`
SPAN = 0.05  # [s] nothing more is sent to whom has not read what was sent so long ago
SLOW = 0.1  # [s] whose word takes longer has one frame at a time
QUICK = 0.05  # [s] until a word comes as fast as this
STUCK = 0.5  # [s] then another: there are clients that say `seen` for some frames alone
PROBE = 0.1  # [s] from ping to ping for those who do not say `seen`
PROBE_QUICK = 0.01  # [s] as QUICK, for pongs
TRUST = 10  # quick pongs in a row: the first may come from a socket that nobody reads from
WRAP = 2**32  # a binary frame carries its number modulo this


class Flow:
    """What is on its way to one client.

    Attributes:
        delay: [s] from the sending of a frame to the client's word that it was read; None
            before the first.
        answers: whether the client says `seen`; if not, pings are sent along.
    """

    def __init__(self) -> None:
        self.delay: float | None = None
        self.answers = False
        self._on_their_way: deque[tuple[int, float]] = deque(maxlen=MOST)  # number, when
        self._one_at_a_time = True  # until its words come quickly
        self._quick = 0  # words in a row that did
        self._ping: tuple[int, float] | None = None  # number, when; unanswered
        self._pings = 0
        self._last_ping = float("-inf")

    def may_send(self, now: float) -> bool:
        """Whether another frame would be read soon."""
        if not self.answers:
            return self._ping is None or (not self._one_at_a_time and now - self._ping[1] <= SPAN)
        count = len(self._on_their_way)
        if count == 0:
            return True
        if count == MOST:
            return False
        if self._one_at_a_time:
            return now - self._on_their_way[-1][1] > STUCK
        return now - self._on_their_way[0][1] <= SPAN

    def sent(self, seq: int, now: float) -> int | None:
        """A frame was sent; the number of the ping that is to follow it, None for no ping."""
        if self.answers:
            self._on_their_way.append((seq % WRAP, now))
            return None
        self._on_their_way.clear()
        self._on_their_way.append((seq % WRAP, now))
        due = self._one_at_a_time or now - self._last_ping >= PROBE
        if self._ping is not None or not due:
            return None
        self._pings = (self._pings + 1) % WRAP
        self._ping = (self._pings, now)
        self._last_ping = now
        return self._pings

    def seen(self, seq: int, now: float) -> None:
        """The client has read the frame of this number and all before it."""
        self.answers = True
        self._ping = None
        if not any(number == seq % WRAP for number, _ in self._on_their_way):
            return  # told before, or never sent
        number, since = self._on_their_way.popleft()
        while number != seq % WRAP:
            number, since = self._on_their_way.popleft()
        self._heard(now - since)

    def pong(self, number: int, now: float) -> None:
        """The client's answer to a ping has come."""
        if self._ping is not None and self._ping[0] == number:
            since = self._ping[1]
            self._ping = None
            self._heard(now - since)

    def _heard(self, delay: float) -> None:
        self.delay = delay
        quick, trust = (QUICK, 1) if self.answers else (PROBE_QUICK, TRUST)
        self._quick = self._quick + 1 if delay <= quick else 0
        if self._one_at_a_time:
            self._one_at_a_time = self._quick < trust
        else:
            self._one_at_a_time = delay > SLOW


class Allowance:
    """So many things a second, some of them at once.

    Attributes:
        rate: [1/s] in the long run.
        burst: as many at once.
    """

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst = rate, burst
        self._left, self._then = burst, 0.0

    def take(self, now: float) -> bool:
        """Whether one more is allowed at [s] `now`."""
        self._left = min(self.burst, self._left + (now - self._then) * self.rate)
        self._then = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
