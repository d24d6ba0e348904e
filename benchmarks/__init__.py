"""Accuracy, coverage and speed, run on demand: ``python -m benchmarks --help``; results in `RESULTS.md`."""
