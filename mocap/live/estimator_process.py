"""An estimator in a process of its own.

Native code of a model can end its process, or hang, and must not take the session with it; and
the session does not wait for the lock of the interpreter while the model runs. Pictures go
through shared memory, what was found comes back through a pipe.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable

from mocap.errors import EstimatorError
from mocap.estimators import Estimator
from mocap.frame import Frame
from mocap.landmarks import Landmarks
from mocap.live.child import Canvas, Child, Died, Refused
from mocap.lookout import open_live

PATIENCE = 10.0  # [s] for one frame, after which the process hangs
LOADING = 120.0  # [s] the same for opening the model, and for its first frame
MOST_DEATHS, WITHIN = 5, 30.0  # so many in so many seconds [s], or in a row: it will not work


class EstimatorProcess(Estimator):
    """Runs an estimator elsewhere, and starts it again whenever it dies, raises or hangs.

    The frame that this happened to is skipped, and so are those that come before it is ready
    again: nobody is found in them. It may be closed by another thread than the one that calls.
    """

    def __init__(
        self,
        factory: Callable[[], Estimator] = open_live,
        tell: Callable[[str], object] = lambda _: None,
        *,
        patience: float = PATIENCE,
        loading: float = LOADING,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Start the process and wait until its estimator is open.

        Args:
            factory: opens the estimator; a function of a module, or a `functools.partial` of
                one. Pictures of its frames are only good until it returns.
            tell: told, as a line for people, whenever the process is started again.
            patience: [s] for one frame.
            loading: [s] for opening the estimator, and for its first frame.
            now: monotonic clock [s].

        Raises:
            EstimatorError: the estimator cannot be opened.
        """
        self.name = "estimator"
        self._factory, self._tell, self._now = factory, tell, now
        self._patience, self._loading = patience, loading
        self._deaths: list[tuple[float, str]] = []
        self._in_a_row = 0
        self._closed = False
        self._calling = threading.RLock()
        self._child: Child | None = None
        self._starting = threading.Lock()  # no child is started after closing
        self._canvas = Canvas()
        weakref.finalize(self, self._canvas.close)  # also if nobody closes this
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def __call__(self, frame: Frame) -> list[Landmarks]:
        with self._calling:
            try:
                if not self._ready(0.0):
                    return []
                assert self._child is not None
                patience = self._patience if self._child.answered else self._loading
                picture = self._canvas.show(frame.image)
                found = self._child.ask(("see", frame.t, *picture), patience)
                self._in_a_row = 0
                return [
                    Landmarks(self.layout, image, world, confidence, appearance=looks)
                    for image, world, confidence, looks in found
                ]
            except Died as why:
                self._died(str(why))
                return []
            except BaseException:
                self._end()  # an answer that nobody took would be taken for the next
                raise

    def reset(self) -> None:
        with self._calling:
            try:
                if self._child is not None and self._ready(0.0):
                    self._child.ask(("reset",), self._loading)
            except Died as why:  # the next is as good as new
                self._died(str(why))

    def close(self) -> None:
        """End the process, at once if it is at work; a call of another thread finds nobody."""
        with self._starting:
            self._closed = True
        if not self._calling.acquire(blocking=False):
            child = self._child
            if child is not None:
                child.kill()
            self._calling.acquire()
        try:
            self._end()
            self._canvas.close()
        finally:
            self._calling.release()

    def _open(self) -> None:
        """The first time: whatever the model itself says against it is final."""
        while True:
            try:
                if self._ready(self._loading):
                    return
            except Refused as why:
                raise EstimatorError(str(why)) from None
            except Died as why:
                self._died(str(why))

    def _ready(self, patience: float) -> bool:
        """Whether the estimator is open, after waiting for it for so long [s]."""
        if self._child is None:
            self._start()
        if self._child is None:
            return False
        if not self._child.is_open:
            opened = self._child.opened(patience)
            if opened is None and self._now() - self._child.began > self._loading:
                raise Died(f"did not open within {self._loading:g} s")
            if opened is None:
                return False
            self.name, self.licence, self.device, self.layout = opened
        return True

    def _start(self) -> None:
        with self._starting:
            if not self._closed:
                self._child = Child(self._factory, self._now())

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end()

    def _died(self, why: str) -> None:
        """Start again, unless that has been tried too often."""
        self._end()
        if self._closed:
            return
        now = self._now()
        self._in_a_row += 1
        self._deaths = [*self._deaths[1 - MOST_DEATHS :], (now, why)]
        often = len(self._deaths) == MOST_DEATHS and now - self._deaths[0][0] <= WITHIN
        if often or self._in_a_row >= MOST_DEATHS:
            seen = "; ".join(dict.fromkeys(why for _, why in self._deaths))
            self._deaths, self._in_a_row = [], 0
            raise EstimatorError(
                f"{self.name}: its process was started {MOST_DEATHS} times and always failed: it "
                f"{seen}; another --model or a smaller picture may work"
            )
        self._tell(f"{self.name}: its process {why}; started again, frames are skipped meanwhile")
        self._start()
