"""The example web page in a real browser, at a real server."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from avatars import avatar
from chromium import Page, browser, executable, until
from numpy.typing import NDArray
from stages import CAST, Obedient, playing

from mocap.motion import Pose
from mocap.rotation import identity
from mocap.stream.frames import LiveFrame, LivePerson
from mocap.stream.server import WebSocketServer
from mocap.threads import Worker

WEB = Path(__file__).parent.parent.parent / "examples" / "web"
ESBUILD = WEB / "node_modules" / ".bin" / "esbuild"
pytestmark = [
    pytest.mark.skipif(executable() is None, reason="Chromium is not installed"),
    pytest.mark.skipif(
        not ESBUILD.exists(), reason="the page is not built: npm install in examples/web is needed"
    ),
]
DROP = """(data => {
    const dropped = new DataTransfer();
    dropped.items.add(new File([Uint8Array.from(atob(data), c => c.charCodeAt(0))], "a.vrm"));
    document.body.dispatchEvent(new DragEvent("drop", {bubbles: true, dataTransfer: dropped}));
})"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page as it is built, on a web server."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(WEB / "index.html", folder)
    build = [str(ESBUILD), "main.js", "--bundle", f"--outdir={folder / 'dist'}"]
    subprocess.run(build, cwd=WEB, check=True, capture_output=True)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as web:
        worker = Worker("site", web.serve_forever)
        yield f"http://127.0.0.1:{web.server_port}"
        web.shutdown()
        worker.join()


def t_pose(seq: int, t: float) -> LiveFrame:
    """Somebody at rest, who faces the viewer."""
    body = CAST.skeleton
    return LiveFrame(seq, t, (LivePerson(0, Pose(t, body.offsets[0], identity(len(body)))),))


def columns(picture: NDArray[np.uint8], colour: str) -> list[int]:
    """The columns of the pixels that are orange, blue or red, once for each."""
    b, g, r = (picture[..., i].astype(int) for i in range(3))
    there = {
        "orange": (r > g + 40) & (g > b + 20),
        "blue": (b > r + 60) & (b > g + 20),
        "red": (r > 60) & (r > 3 * g) & (r > 3 * b),
    }[colour]
    return list(np.nonzero(there)[1])


def shown(page: Page, colour: str, pixels: int = 50) -> list[int]:
    """The columns of a colour, once enough of it is to be seen."""

    def look() -> list[int]:
        found = columns(page.picture(), colour)
        return found if len(found) >= pixels else []

    found: list[int] = until(look, f"something {colour}")
    return found


def test_people_and_avatars_face_the_viewer(site: str) -> None:
    session = Obedient()
    with browser((800, 600)) as new_page, WebSocketServer(session, port=0) as server:
        page = new_page()
        page.open(f"{site}/?server={server.url}")
        with playing(server, session, 20.0, t_pose):
            page.wait_for("document.querySelector('#state.connected') !== null")
            page.wait_for("document.body.innerText.includes('person 0 tracked')")
            left, right = shown(page, "orange"), shown(page, "blue")
            assert np.median(left) > np.median(right)  # their left is on our right
            for version in (0, 1):
                data = base64.b64encode(avatar(CAST.skeleton, version)).decode()
                page.evaluate(f"{DROP}({json.dumps(data)})")
                nose = shown(page, "red", 10)  # which is only seen from in front
                assert np.median(shown(page, "orange")) > np.median(nose)
            page.evaluate(f"{DROP}({json.dumps(base64.b64encode(b'no avatar').decode())})")
            page.wait_for("document.body.innerText.includes('the avatar cannot be shown')")
    assert page.said == []
