"""Linear algebra in one thread: the solve's matrices are so small that more only get in each
other's way, several times slower with two, and worse beside an estimator that uses the cores."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController


@cache
def _controller() -> ThreadpoolController:
    # finding the libraries takes milliseconds, limiting them then microseconds
    return ThreadpoolController()


def one_thread() -> AbstractContextManager[object]:
    """While this lasts, BLAS and LAPACK use one thread, in the whole process."""
    limit: AbstractContextManager[object] = _controller().limit(limits=1, user_api="blas")
    return limit
