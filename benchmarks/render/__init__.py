"""Renders moving people with exact ground truth: `python -m benchmarks.render --help`."""
