"""URLs, served on the loopback."""

import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import pytest
from footage import number_of, numbered, write_film

from mocap.errors import SourceError
from mocap.sources import SourceWarning, open_source
from mocap.sources.stream import StreamSource

PICTURES = [numbered(i) for i in range(30)]


@contextmanager
def served(answer):
    """A server whose GET is `answer(handler)`; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            answer(self)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/clip"
    finally:
        server.shutdown()
        server.server_close()


def sends(data, *, length=None, kind="video/mp4", then=lambda: None):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", kind)
        if length is None:
            handler.send_header("Connection", "close")
        else:
            handler.send_header("Content-Length", str(length))
        handler.end_headers()
        try:
            for part in data:
                handler.wfile.write(part)
            handler.wfile.flush()
            then()
        except OSError:
            pass  # the client left

    return answer


def numbers(source):
    return [number_of(frame.image) for frame in source]


def until_lost(source):
    frames = []
    with pytest.raises(SourceError, match=r"the connection broke off|the sender ended"):
        frames.extend(iter(source))
    return frames


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("stream") / "clip.mp4"
    write_film(
        path, PICTURES, container={"movflags": "faststart"}, codec="mpeg4", options={"g": "1"}
    )
    return path.read_bytes()


@pytest.fixture(scope="module")
def broadcast(tmp_path_factory):
    return write_film(tmp_path_factory.mktemp("stream") / "clip.ts", PICTURES).read_bytes()


def test_a_file_on_a_server_is_read_whole(film):
    with served(sends([film], length=len(film))) as url, open_source(url + ".mp4") as source:
        frames = list(source)
    assert isinstance(source, StreamSource)
    assert numbers(frames) == list(range(30))
    assert [frame.t for frame in frames] == pytest.approx([i / 30 for i in range(30)])
    assert (source.size, source.fps, source.frame_count) == ((64, 48), 30, 30)
    assert not source.live


def test_a_connection_that_breaks_off_is_an_error_after_what_came(film):
    half = film[: len(film) // 2]
    with served(sends([half], length=len(film))) as url, StreamSource(url) as source:
        frames = iter(source)
        assert numbers(next(frames) for _ in range(5)) == list(range(5))
        with pytest.raises(SourceError, match="cannot be read on: the connection broke off"):
            list(frames)


def test_a_truncated_file_on_a_server_is_told(film):
    half = film[: len(film) // 2]
    with served(sends([half], length=len(half))) as url, StreamSource(url) as source:
        seen = []
        with pytest.warns(SourceWarning, match="ends early"):
            seen += numbers(source)
    assert seen == list(range(len(seen)))
    assert 5 < len(seen) < 30


def test_a_broadcast_is_live(broadcast):
    with served(sends([broadcast], kind="video/mp2t")) as url, StreamSource(url) as source:
        frames = until_lost(source)
    assert source.live
    assert source.frame_count is None
    assert numbers(frames) == list(range(30))
    assert frames[0].t == 0
    assert frames[-1].t == pytest.approx(29 / 30, abs=0.001)


def test_a_webcam_server_has_times_of_arrival():
    parts = []
    for image in PICTURES[:5]:
        jpeg = cv2.imencode(".jpg", image)[1].tobytes()
        head = f"--next\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
        parts += [head.encode(), jpeg, b"\r\n"]
    kind = "multipart/x-mixed-replace;boundary=next"
    clock = iter([50.0, 50.3, 50.4, 51.4, 51.5])
    with (
        served(sends([*parts, b"--next--\r\n"], kind=kind)) as url,
        StreamSource(url, now=lambda: next(clock)) as source,
    ):
        frames = until_lost(source)
    assert source.live
    assert numbers(frames) == [0, 1, 2, 3, 4]
    assert [frame.t for frame in frames] == pytest.approx([0, 0.3, 0.4, 1.4, 1.5], abs=1e-3)


def test_a_broadcast_that_stops_is_an_error_after_what_came(broadcast):
    gone = threading.Event()
    with served(sends([broadcast], kind="video/mp2t", then=lambda: gone.wait(20))) as url:
        with StreamSource(url, timeout=1.5) as source:
            frames = iter(source)
            assert numbers(next(frames) for _ in range(20)) == list(range(20))
            with pytest.raises(SourceError, match=r"cannot be read on: no data for 1\.5 s"):
                list(frames)
        gone.set()


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_a_server_that_says_nothing(scheme):
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"{scheme}://user:secret@127.0.0.1:{server.getsockname()[1]}/x"
        with pytest.raises(SourceError, match=r"user:\*\*\*@.*no data for 0\.3 s") as caught:
            StreamSource(url, timeout=0.3)
    assert "secret" not in str(caught.value)


def test_no_video_at_the_address(film):
    with (
        served(lambda handler: handler.send_error(404)) as url,
        pytest.raises(SourceError, match="Not Found"),
    ):
        StreamSource(url)
    with (
        served(sends([b"<html>hello</html>"], length=18, kind="text/html")) as url,
        pytest.raises(SourceError, match="no video"),
    ):
        StreamSource(url)


def test_nobody_listens():
    with served(lambda handler: None) as url:
        pass
    for address in (url, url.replace("http", "rtsp")):
        with pytest.raises(SourceError, match="refused"):
            StreamSource(address, timeout=5.0)
