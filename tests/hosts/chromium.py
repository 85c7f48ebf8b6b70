"""A real browser without a window, steered over the Chrome DevTools protocol."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from websockets.sync.client import ClientConnection, connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PATIENCE = 90.0  # [s] drawing 3D without a graphics card is slow, the more so on a busy machine
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--remote-debugging-port=0",
    "--no-first-run",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--force-device-scale-factor=1",
)


def executable() -> str | None:
    """The browser, None if none is installed."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Page:
    """A page of the browser.

    Attributes:
        requests: every address that was asked for.
        said: what went wrong on the page, as its console tells it.
    """

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._count = 0
        self.requests: list[str] = []
        self.said: list[str] = []
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Have the browser do something; returns what comes of it."""
        self._count += 1
        self._socket.send(json.dumps({"id": self._count, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=PATIENCE))
            if message.get("id") == self._count:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self._hear(message.get("method"), message.get("params", {}))

    def _hear(self, method: str | None, event: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.requests.append(event["request"]["url"][:200])
        elif method == "Network.webSocketCreated":
            self.requests.append(event["url"])
        elif method == "Runtime.exceptionThrown":
            self.said.append(event["exceptionDetails"]["text"])
        elif method == "Log.entryAdded" and event["entry"]["level"] == "error":
            self.said.append(event["entry"]["text"])

    def open(self, url: str) -> None:
        """Go to a page."""
        self.call("Page.navigate", url=url)

    def evaluate(self, script: str) -> Any:
        """What an expression of JavaScript comes to; promises are waited for."""
        result = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"])
        return result["result"].get("value")

    def wait_for(self, script: str) -> Any:
        """What an expression comes to once that is true."""
        return until(lambda: self.evaluate(script), script)

    def text(self) -> str:
        """What can be read on the page."""
        return str(self.evaluate("document.body?.innerText ?? ''"))

    def click(self, text: str, kind: str = "button") -> None:
        """Click the element that reads like this, as a hand with a mouse does."""
        self._press(
            f"[...document.querySelectorAll({json.dumps(kind)})].find("
            f"e => e.innerText.trim() === {json.dumps(text)} && e.offsetParent)"
        )

    def fill(self, label: str, text: str) -> None:
        """Type into the field with this label."""
        self._press(
            "(() => { let e = [...document.querySelectorAll('label')].find("
            f"e => e.innerText.trim() === {json.dumps(label)} && e.offsetParent);"
            "while (e && !e.querySelector('input')) e = e.parentElement;"
            "return e?.querySelector('input'); })()"
        )
        self.call("Input.insertText", text=text)

    def _press(self, element: str) -> None:
        """Press the left button in the middle of what an expression finds."""
        x, y = self.wait_for(
            f"(() => {{ const e = {element}; if (!e) return null;"
            "e.scrollIntoView({block: 'nearest'}); const r = e.getBoundingClientRect();"
            "return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def picture(self) -> NDArray[np.uint8]:
        """(H, W, 3) BGR: how the page looks."""
        data = self.call("Page.captureScreenshot", format="png")["data"]
        image = cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR)
        return np.asarray(image, dtype=np.uint8)


def until(there: Callable[[], Any], what: str) -> Any:
    """What is there, as soon as it is."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = there()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"waited {PATIENCE:.0f} s for {what}")


@contextmanager
def browser(size: tuple[int, int] = (1280, 800)) -> Iterator[Callable[[], Page]]:
    """A browser; what it yields opens a new page in it."""
    program = executable()
    assert program is not None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process = subprocess.Popen(
            [program, *FLAGS, f"--window-size={size[0]},{size[1]}", f"--user-data-dir={folder}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        sockets: list[ClientConnection] = []
        try:
            told = Path(folder) / "DevToolsActivePort"
            until(lambda: told.exists() and len(told.read_text().split()) == 2, "the browser")
            port, path = told.read_text().split()
            whole = connect(f"ws://127.0.0.1:{port}{path}", max_size=None, max_queue=None)
            sockets.append(whole)

            def new_page() -> Page:
                whole.send(
                    json.dumps(
                        {"id": 1, "method": "Target.createTarget", "params": {"url": "about:blank"}}
                    )
                )
                while "result" not in (answer := json.loads(whole.recv(timeout=PATIENCE))):
                    pass
                target = answer["result"]["targetId"]
                socket = connect(
                    f"ws://127.0.0.1:{port}/devtools/page/{target}", max_size=None, max_queue=None
                )
                sockets.append(socket)
                page = Page(socket)
                page.call(
                    "Emulation.setDeviceMetricsOverride",
                    width=size[0], height=size[1], deviceScaleFactor=1, mobile=False,
                )  # fmt: skip
                return page

            yield new_page
        finally:
            process.kill()  # nothing of it is kept
            process.wait(PATIENCE)
            for socket in sockets:
                socket.close()
