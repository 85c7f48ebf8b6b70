"""Time and memory of reading and writing a BVH file, beside pybvh where it is installed.

    python -m benchmarks.bvh FILE [--json]

All are run alternately in one process, so that a busy machine slows them alike. pybvh stops at
Euler angles; its row "with quaternions" does what our reader does.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from exporters import bvh
from exporters.format import FormatWarning, Options

try:
    import pybvh  # type: ignore[import-untyped]
except ImportError:
    pybvh = None

ROUNDS = 15


def measure(path: str | Path, rounds: int = ROUNDS) -> dict[str, Any]:
    """Median milliseconds of `rounds` runs, and peak memory over file size, for one file.

    Keys: "file", "bytes"; "read_ms", "write_ms", "read_memory", "write_memory" of ours; and if
    pybvh is installed "pybvh" (its version), "pybvh_read_ms", "pybvh_read_quaternions_ms",
    "pybvh_write_ms".
    """
    path = Path(path)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", FormatWarning)
        ours, theirs = Path(folder, "ours.bvh"), Path(folder, "theirs.bvh")
        take = bvh.read(path, Options())
        jobs: dict[str, Callable[[], Any]] = {
            "read_ms": lambda: bvh.read(path, Options()),
            "write_ms": lambda: bvh.write(take, ours, Options()),
        }
        if pybvh is not None:
            other = pybvh.read_bvh_file(path)
            jobs["pybvh_read_ms"] = lambda: pybvh.read_bvh_file(path)
            jobs["pybvh_read_quaternions_ms"] = lambda: pybvh.read_bvh_file(path).to_quat()
            jobs["pybvh_write_ms"] = lambda: pybvh.write_bvh_file(other, theirs)
        times = {name: median(column) for name, column in _alternate(jobs, rounds).items()}
        size = path.stat().st_size
        read_peak = _peak(jobs["read_ms"]) / size
        write_peak = _peak(jobs["write_ms"]) / ours.stat().st_size
    return {
        "file": path.name,
        "bytes": size,
        **times,
        "read_memory": read_peak,
        "write_memory": write_peak,
        **({} if pybvh is None else {"pybvh": _version()}),
    }


def _alternate(jobs: dict[str, Callable[[], Any]], rounds: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, job in jobs.items():
            start = time.perf_counter()
            job()
            times[name].append(1e3 * (time.perf_counter() - start))
    return times


def _peak(job: Callable[[], Any]) -> int:
    """Most bytes that `job` had allocated at once."""
    tracemalloc.start()
    try:
        job()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _version() -> str:
    from importlib.metadata import version

    return version("pybvh")


def main() -> None:
    """Print what `measure` finds."""
    parser = argparse.ArgumentParser(prog="benchmarks.bvh", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    arguments = parser.parse_args()
    found = measure(arguments.file)
    if arguments.json:
        print(json.dumps(found, indent=1))
        return
    print(f"{found['file']}: {found['bytes'] / 1e6:.2f} MB")
    print(f"{'':24}{'read ms':>10}{'write ms':>10}{'read mem':>10}{'write mem':>11}")
    print(
        f"{'ours':24}{found['read_ms']:10.1f}{found['write_ms']:10.1f}"
        f"{found['read_memory']:9.1f}x{found['write_memory']:10.1f}x"
    )
    if "pybvh" in found:
        name = f"pybvh {found['pybvh']}"
        print(f"{name:24}{found['pybvh_read_ms']:10.1f}{found['pybvh_write_ms']:10.1f}")
        print(f"{'  with quaternions':24}{found['pybvh_read_quaternions_ms']:10.1f}")


if __name__ == "__main__":
    main()
