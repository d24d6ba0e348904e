"""``python -m benchmarks coverage [--quick]``: one benchmark by its name."""

from __future__ import annotations

import sys

from benchmarks import coverage

if __name__ == "__main__":
    if sys.argv[1:2] != ["coverage"]:
        sys.exit("usage: python -m benchmarks coverage [options]")
    coverage.main(sys.argv[2:])
