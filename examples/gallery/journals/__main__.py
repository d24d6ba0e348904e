"""Draw every figure in a journal's style, with its truth, into a folder each: DIR [--second]."""

from __future__ import annotations

import argparse
from pathlib import Path

from examples.gallery.journals.figures import JOURNAL_FIGURES, drawn


def main() -> None:
    """Draw them in their first look, or in their second."""
    parser = argparse.ArgumentParser(prog="python -m examples.gallery.journals", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--second", action="store_true", help="in the second look of each")
    parser.add_argument("--only", help="the figure of this name")
    given = parser.parse_args()
    for figure in JOURNAL_FIGURES:
        if given.only in (None, figure.name):
            drawn(figure, given.folder / figure.name, second=given.second)


if __name__ == "__main__":
    main()
