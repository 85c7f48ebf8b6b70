"""The live benchmark itself: that its figures are what they say. No figure is judged here."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pretend import somebody
from stages import CAST, Obedient, frame_of, playing

from benchmarks.live import __main__ as command
from benchmarks.live import (
    beside,
    crowd,
    delivery,
    encoding,
    material,
    readers,
    rows,
    serving,
    soak,
    whole,
)
from benchmarks.live.beside import Beside
from benchmarks.live.crowd import Crowd, Got, Light
from benchmarks.live.delivery import Effort, Measured
from benchmarks.live.material import Played
from benchmarks.live.rows import Row, Section
from mocap.stream import binary, protocol
from mocap.stream.connection import binary_frame, text_frame
from mocap.stream.server import WebSocketServer

FPS = 60.0
LITTLE = Effort(warm=0.2, seconds=0.6, many=3, crowd=4, stalled=1)
WALKER = somebody(40)


@pytest.fixture(scope="module")
def played() -> Played:
    return material.played(WALKER, 12)


# ---- what is told


def test_a_row_says_whether_its_target_is_met() -> None:
    assert Row("x", 4.0, "ms", 5.0).met
    assert Row("x", 4.0, "ms", 5.0, at_least=True).met is False
    assert Row("x", 4.0, "ms").met is None
    assert Row("x", float("nan"), "ms", 5.0).met is False, "where nothing came, nothing is met"
    assert Row("x", float("nan"), "ms", 5.0, at_least=True).met is False
    assert "MISSED" in Row("x", 9.0, "ms", 5.0).line
    assert "most" not in Row("x", 9.0, "ms").line


def test_a_section_is_plain_json() -> None:
    part = Section("of what", [Row("x", 1.0, "ms", 5.0)], (0.5, 1.5), 12.0)
    told = json.loads(json.dumps(part.to_dict()))
    assert told["rows"] == [
        {"name": "x", "value": 1.0, "unit": "ms", "target": 5.0, "at_least": False, "met": True}
    ]
    assert "load 0.5 to 1.5" in "\n".join(part.lines)
    assert rows.load() >= 0


def test_figures_of_what_was_measured() -> None:
    looks = [beside.Used(10.0 + i, 2.0 + 0.25 * i, 100.0 + i, 60 * i) for i in range(8)]
    got = [
        Got(np.arange(10.0), np.full(10, 0.002)),
        Got(np.arange(0.0, 10.0, 2.0), np.full(5, 0.008)),
    ]
    found = Measured(got, looks, np.zeros(3))
    assert found.cpu == pytest.approx(0.25)
    assert found.share == pytest.approx(0.5), "that of the worst"
    assert found.growth == pytest.approx(6.0)
    np.testing.assert_allclose(sorted(found.ages), [2.0] * 10 + [8.0] * 5)
    nobody = Measured([Got(np.zeros(0), np.zeros(0))], looks, np.zeros(3))
    assert nobody.share == 0
    assert np.isnan(delivery.p99(nobody.ages))


def test_memory_that_grows_is_told_from_memory_that_breathes() -> None:
    grows, breathes = np.arange(200.0), np.tile([0.0, 1.0, 5.0], 66)
    assert soak.growth(list(grows)) == pytest.approx(75, abs=1)
    assert soak.growth(list(breathes)) == pytest.approx(0)
    assert soak.growth([0.0] * 100 + [50.0] * 100) == pytest.approx(0), "the first half is free"


def test_the_rate_between_two_frames_is_that_of_those_that_came() -> None:
    came = np.array([[1, 0.0], [2, 0.1], [5, 0.4], [9, 0.8], [10, 9.0]])
    assert whole.rate(came, 2, 9) == pytest.approx(10)
    assert whole.rate(came, 3, 8) == pytest.approx(10), "between 5 and 9"


# ---- what is streamed


def test_another_rate_is_the_same_movement() -> None:
    twice = material.at_rate(WALKER, 60.0)
    np.testing.assert_allclose(twice.image[::2][:30], WALKER.image[:30], atol=1e-9)
    np.testing.assert_allclose(twice.image[1], WALKER.image[:2].mean(axis=0))
    assert twice.times[1] == pytest.approx(1 / 60)


def test_ticks_that_were_slept_through_are_left_out() -> None:
    ticks = material.ticks(100.0)
    times = [next(ticks)]
    time.sleep(0.2)
    times += [next(ticks) for _ in range(3)]
    assert times == sorted(times)
    assert times[1] >= 0.2
    assert times[-1] - times[1] >= 0.01, "nothing is made up for"


def test_a_remembering_model_plays_to_and_fro() -> None:
    source = material.Ticking(WALKER.size, 1000.0)
    model = material.Remembering(WALKER)
    frames: Iterator[object] = iter(source)
    first = next(frames)
    found = [model(first)[0] for _ in range(2 * len(WALKER) - 2 + 1)]  # type: ignore[arg-type]
    np.testing.assert_array_equal(found[0].image, found[-1].image)
    np.testing.assert_array_equal(found[1].image, found[-2].image)
    source.close()
    assert next(frames, None) is None


# ---- light clients


@pytest.mark.parametrize("people", [(0,), (0, 1)])
def test_number_and_time_are_read_from_both_encodings(people: tuple[int, ...]) -> None:
    frame = frame_of(412, 13.733, people)
    for wire in (
        text_frame(protocol.encode_frame(frame)),
        binary_frame(binary.encode_frame(frame)),
    ):
        other = text_frame(protocol.encode_note("a note"))
        stream = other + wire + wire
        found = [crowd.frame_in(k, stream, b) for k, b, _ in crowd.messages(stream + wire[:-1])]
        assert found == [None, (412, 13.733), (412, 13.733)]


@pytest.mark.parametrize("encoding", ["json", "bin"])
@pytest.mark.parametrize("says_seen", [False, True])
def test_a_light_client_gets_every_frame(encoding: str, says_seen: bool) -> None:
    control = Obedient()
    zero = time.perf_counter() - control.clock()
    with WebSocketServer(control, port=0) as server:
        client = Light(server.port, encoding, zero, says_seen)
        with playing(server, control):
            while len(client.seqs) < 30:
                client.read(100)  # pieces of messages
        client.socket.close()
    got = client.take()
    assert (np.diff(got.seqs) >= 1).all()
    assert (got.ages > 0).all(), "nothing comes before it was captured"
    assert not client.seqs


def test_a_stalled_client_is_connected_and_reads_nothing(played: Played) -> None:
    with (
        Beside(serving.frames, played, 1, FPS) as server,
        Beside(crowd.run, server.said["port"], 0.0, Crowd(1, stalled=2)) as clients,
    ):
        assert clients.said == 3
        time.sleep(0.5)
        (got,) = clients.ask("got")
        assert len(got.seqs)
        assert server.ask("used").frames >= got.seqs.max()


# ---- the measurements, small


def test_the_cost_of_a_server(played: Played) -> None:
    found = delivery.cost(played, LITTLE)
    assert len(found) == 3
    assert all(row.target == 10 and row.value > 0 for row in found)


def test_latency_with_and_without_the_solve(played: Played) -> None:
    track = material.at_rate(WALKER, FPS)
    for server in ((serving.frames, played, 1, FPS), (serving.session, track, FPS, 0)):
        found = delivery.measured(server, readers.own, (), LITTLE)
        assert len(found.ages)
        assert (found.ages > 0).all()
        assert 0 < found.share <= 1
        assert len(found.late)
        assert np.isnan(found.solve) == (server[0] is serving.frames)


def test_many_clients(played: Played) -> None:
    names = [row.name for row in delivery.many(played, LITTLE)]
    assert names[0].startswith("frames that each healthy client got")
    assert len(names) == 6


@pytest.mark.parametrize("kind", ["plain", "library", "seen", "own"])
def test_a_client_that_takes_a_third_sees_fewer_frames(played: Played, kind: str) -> None:
    server = (serving.frames, played, 1, FPS)
    found = delivery.measured(server, readers.slow, (kind, 20.0), LITTLE)
    (got,) = found.got
    assert 0 < len(got.seqs) <= 20 * (LITTLE.seconds + 1)
    assert (got.ages > 0).all()


def test_frames_encoded_a_second(played: Played) -> None:
    found = {row.name: row.value for row in encoding.measure(played, 0.01)}
    assert found["binary, 1 person: size"] == 4 + 24 + 24 + 16 * len(CAST.skeleton)
    assert found["JSON, 5 people: size"] > 4 * found["JSON, 1 person: size"]
    assert all(value > 0 for value in found.values())


def test_a_short_soak() -> None:
    found = {row.name: row.value for row in soak.measure(WALKER, 90)}
    assert found["frames"] == 90 - 3, "those looked ahead for come no more"
    assert found["people who came on stage"] >= 1
    assert found["recorded"] > 0


def test_people_come_and_go_in_the_soak() -> None:
    there = [len(people) for _, people in soak.visitors(WALKER, 30 * 30)]
    assert set(there) == {1, 2}
    changes = int(np.count_nonzero(np.diff(there)))
    assert changes >= 3


def test_the_command_prints_a_table_and_writes_the_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "landmarks", lambda frames: WALKER)
    out = tmp_path / "live.json"
    arguments = ["live", "--quick", "--only", "encoding", "--json", str(out)]
    monkeypatch.setattr(sys, "argv", arguments)
    assert command.main() == 0
    assert "binary, 5 people" in capsys.readouterr().out
    (part,) = json.loads(out.read_text(encoding="utf-8"))["sections"]
    assert part["title"] == "encoding"
    assert len(part["rows"]) == 8
