"""All benchmarks with one command, each in a process of its own.

    python -m benchmarks [accuracy] [coverage] [speed] [catalogue] [edge_cases] [digitizing] [constraints] [batch]
                         [months] [fuzz] [review_speed] [two_readers] [real]
                         [--cases DIR] [--edge-cases DIR] [--figures DIR] [--real DIR] [--jobs 2] [--quick]

Without names all of them run that have their inputs: accuracy on lifelines' data sets and, with ``--cases``, on an
open benchmark; coverage; speed; the catalogue; edge cases and digitizing where their folders are given; printed
statistics as constraints; a batch of figures; trials seen in whole months; random and damaged input; what the review
page waits for after an edit; two readers of a figure; published figures where their folder is given. Each writes its
section of RESULTS.md, except with ``--quick``. With a single name, its own options may follow.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from benchmarks.options import first_line

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["commands", "main"]

NAMES = (
    "accuracy",
    "coverage",
    "speed",
    "catalogue",
    "edge_cases",
    "digitizing",
    "constraints",
    "batch",
    "months",
    "fuzz",
    "review_speed",
    "two_readers",
    "real",
)
_IN_PROCESSES = ("accuracy", "coverage", "batch", "months", "fuzz", "two_readers")
_HAVE_QUICK = ("accuracy", "coverage", "speed", "digitizing", "months", "review_speed", "two_readers")
_WITHOUT_QUICK = ("catalogue", "edge_cases", "constraints", "batch", "fuzz")
_HAVE_PARTS = ("fuzz",)
"""They write RESULTS.md whatever is asked, so a quick run leaves them out unless they are named."""


def commands(arguments: Sequence[str]) -> list[list[str]]:
    """Return the command lines to run, each a benchmark's name and its arguments.

    >>> commands(["speed", "--quick"])
    [['speed', '--quick']]
    >>> commands(["coverage", "--trials", "3"])
    [['coverage', '--jobs', '1', '--trials', '3']]
    """
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=first_line(__doc__),
        epilog="Options of one benchmark: python -m benchmarks.coverage --help",
        allow_abbrev=False,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; default: all with inputs")
    parser.add_argument("--cases", metavar="DIR", default=os.environ.get("SURVRECON_BENCHMARK"), help="open benchmark")
    parser.add_argument("--edge-cases", metavar="DIR", help="faulty and extreme inputs")
    parser.add_argument("--figures", metavar="DIR", help="figures with known truth")
    parser.add_argument("--real", metavar="DIR", help="published figures with truth by hand")
    parser.add_argument("--jobs", default="1", help="processes at a time")
    parser.add_argument("--quick", action="store_true", help="small, in minutes; RESULTS.md stays as it is")
    asked, rest = parser.parse_known_args(arguments)
    if asked.names and asked.names[0] in _HAVE_PARTS:  # what follows are parts of that benchmark
        asked.names, rest = asked.names[:1], [*asked.names[1:], *rest]
    strange = [name for name in asked.names if name not in NAMES]
    if len(asked.names) != 1 and (rest or strange):
        parser.error(f"unknown: {' '.join([*strange, *rest])}; choose from {', '.join(NAMES)}")
    if asked.names and asked.names[0] not in NAMES:
        parser.error(f"unknown: {asked.names[0]}; choose from {', '.join(NAMES)}")
    found = []
    for name in asked.names or [n for n in NAMES if not (asked.quick and n in _WITHOUT_QUICK)]:
        common = ["--jobs", asked.jobs] * (name in _IN_PROCESSES) + ["--quick"] * (asked.quick and name in _HAVE_QUICK)
        folders = {"edge_cases": asked.edge_cases, "digitizing": asked.figures, "real": asked.real}
        folder = folders.get(name, "")
        if folder is None:
            if asked.names:
                option = {"edge_cases": "edge-cases", "digitizing": "figures"}.get(name, name)
                parser.error(f"{name} needs a folder: --{option} DIR")
            continue
        found.append([name, *([folder] if folder else []), *common, *rest])
        if name == "accuracy" and asked.cases:
            found.append([name, "--cases", asked.cases, *common, *rest])
    return found


def main() -> None:
    """Run them one after the other; the first that fails ends the run."""
    environment = {k: v for k, v in os.environ.items() if k != "SURVRECON_BENCHMARK"}
    for name, *arguments in commands(sys.argv[1:]):
        print(f"== {name} {' '.join(arguments)}", flush=True)
        done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *arguments], check=False, env=environment)
        if done.returncode:
            sys.exit(done.returncode)


if __name__ == "__main__":
    main()
