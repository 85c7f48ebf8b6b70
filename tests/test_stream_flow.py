"""How much is on its way to a client: simulated readers on a clock of their own."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocap.stream.flow import MOST, OLDEST, SLOW, SPAN, Allowance, Flow

STEP = 0.001  # [s] of the simulation


@dataclass
class Reader:
    """A client that takes one message off its socket every `period` seconds.

    Attributes:
        speaks: it says `seen`; if not, it answers a ping when it comes to it.
        ages: [s] of the frames when it read them.
    """

    period: float
    speaks: bool
    trip: float = 0.0005
    socket: deque[tuple[float, int, int | None]] = field(default_factory=deque)
    ages: list[float] = field(default_factory=list)
    seqs: list[int] = field(default_factory=list)


def simulate(reader: Reader, fps: float, seconds: float, slow_from: float = 0.0) -> None:
    """A server that sends the newest of `fps` frames a second when the flow allows it."""
    flow, words = Flow(), deque[tuple[float, bool, int]]()
    newest, sent, made, next_read = -1, -1, 0.0, 0.0
    for tick in range(int(seconds / STEP)):
        now = tick * STEP
        if now >= (newest + 1) / fps:
            newest, made = newest + 1, now
        while words and words[0][0] <= now:
            _, seen, number = words.popleft()
            flow.seen(number, now) if seen else flow.pong(number, now)
        if newest > sent and flow.may_send(now) and now - made <= OLDEST:
            sent = newest
            reader.socket.append((made, newest, flow.sent(newest, now)))
        if now >= next_read and reader.socket:
            since, number, ping = reader.socket.popleft()
            reader.ages.append(now - since)
            reader.seqs.append(number)
            if reader.speaks:
                words.append((now + reader.trip, True, number))
            elif ping is not None:
                words.append((now + reader.trip, False, ping))
            next_read = now + (reader.period if now >= slow_from else 0.0)


@given(st.floats(0.0, 0.06), st.sampled_from([24.0, 30.0, 60.0, 120.0]), st.booleans())
def test_a_steady_reader_never_sees_the_past(period: float, fps: float, speaks: bool) -> None:
    reader = Reader(period, speaks)
    simulate(reader, fps, 3.0)
    assert max(reader.ages) <= OLDEST
    assert reader.seqs == sorted(set(reader.seqs))


@pytest.mark.parametrize("speaks", [True, False])
def test_a_reader_of_20_of_60_frames(speaks: bool) -> None:
    reader = Reader(0.05, speaks)
    simulate(reader, 60, 20.0)
    assert max(reader.ages) <= OLDEST
    assert len(reader.ages) > 0.9 * 20 * 20  # and it gets as many as it can read


@given(st.floats(0.0, 0.075))
def test_who_speaks_and_slows_down_suddenly_sees_nothing_old(period: float) -> None:
    reader = Reader(period, speaks=True)
    simulate(reader, 60, 4.0, slow_from=1.0)
    assert max(reader.ages) <= OLDEST


@given(st.floats(0.0, 0.2))
def test_who_speaks_sees_little_of_the_past_however_slow(period: float) -> None:
    """One frame on its way: it is as old as the pause between two looks, and a frame time."""
    reader = Reader(period, speaks=True)
    simulate(reader, 60, 4.0)
    assert max(reader.ages[8:], default=0.0) <= max(period, SLOW) + SPAN + 2 / 60


@pytest.mark.parametrize("fps", [30, 60, 120])
@pytest.mark.parametrize("speaks", [True, False])
def test_a_quick_reader_gets_every_frame(fps: int, speaks: bool) -> None:
    reader = Reader(0.0, speaks)
    simulate(reader, fps, 5.0)
    assert reader.seqs == list(range(len(reader.seqs)))
    assert len(reader.seqs) >= 5 * fps - 1


def test_a_far_reader_still_gets_a_stream() -> None:
    """Whose word takes 80 ms for the way alone."""
    reader = Reader(0.0, speaks=True, trip=0.08)
    simulate(reader, 60, 5.0)
    assert len(reader.seqs) > 5 * 10


def test_nothing_is_sent_to_whom_says_nothing() -> None:
    flow = Flow()
    flow.sent(1, 0.0)
    flow.seen(1, 0.001)
    flow.sent(2, 0.01)
    assert flow.may_send(0.02)
    assert not flow.may_send(0.01 + 1.1 * SPAN)
    assert not flow.may_send(1e6)
    flow.seen(2, 1e6)
    assert flow.may_send(1e6)
    flow.sent(9, 1e6)
    assert not flow.may_send(1e6)  # so slow a reader has one at a time


def test_words_that_mean_nothing_change_nothing() -> None:
    flow = Flow()
    flow.sent(1, 0.0)
    flow.seen(1, 0.001)
    flow.sent(5, 0.01)
    for seq in (4, 1, 99, 2**40):
        flow.seen(seq, 0.02)
        flow.pong(seq, 0.02)
    assert flow.delay == pytest.approx(0.001)
    assert not flow.may_send(1.0)
    flow.seen(5 + 2**32, 1.0)  # a reader of bytes knows the number modulo 2^32
    assert flow.may_send(1.0)


def test_memory_does_not_grow_with_who_never_answers() -> None:
    flow = Flow()
    flow.seen(0, 0.0)
    for i in range(5000):
        flow.sent(i, i / 1e6)
    assert len(flow._on_their_way) <= MOST


@pytest.mark.parametrize("every", [2, 3])
def test_who_speaks_only_now_and_then_is_not_stuck_for_good(every: int) -> None:
    """After a pause, one frame at a time, of which such a client says nothing."""
    flow, sent, read, before = Flow(), 0, 0, 0
    flow.seen(0, 0.0)
    for tick in range(6000):  # milliseconds
        now = tick / 1000
        if tick % 17 == 0 and flow.may_send(now):
            sent += 1
            flow.sent(sent, now)
        if read < sent and not 1.0 < now < 1.3:
            read += 1
            if read % every == 0:
                flow.seen(read, now)
        if tick == 5000:
            before = sent
    assert sent - before > 10


def test_an_allowance_refills() -> None:
    allowance = Allowance(rate=10, burst=3)
    assert [allowance.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert [allowance.take(0.1), allowance.take(0.1)] == [True, False]
    assert [allowance.take(100.0) for _ in range(4)] == [True, True, True, False]
