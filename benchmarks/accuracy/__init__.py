"""How accurate the solve is, method beside method: `python -m benchmarks.accuracy --help`."""
