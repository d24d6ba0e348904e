"""Draw the figures in journals' styles, each with its truth, into a folder; or draw, run and write their page."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from joblib import Parallel, delayed

from examples.gallery.journals.figures import JOURNAL_FIGURES, drawn
from examples.gallery.journals.page import journals_page, save_figure
from examples.gallery.journals.score import score
from survrecon.reconstruction.summary.reconstruct import DRAWS

if TYPE_CHECKING:
    from examples.gallery.journals.figures import JournalFigure
    from examples.gallery.journals.score import Score

DOCS = Path(__file__).parents[3] / "docs"


def main() -> None:
    """Draw every figure into a folder of its own, in its first look or its second; or write the page."""
    parser = argparse.ArgumentParser(prog="python -m examples.gallery.journals", description="Draw the figures.")
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--second", action="store_true", help="in the second look of each")
    parser.add_argument("--only", help="the figure of this name")
    parser.add_argument("--page", action="store_true", help="write docs/journals.md and its pictures")
    given = parser.parse_args()
    if given.page:
        write_page()
    elif given.folder is None:
        parser.error("a folder, or --page")
    else:
        for figure in JOURNAL_FIGURES:
            if given.only in (None, figure.name):
                drawn(figure, given.folder / figure.name, second=given.second)


def write_page() -> None:
    """Write the page anew, a figure a processor core at a time."""
    pictures = DOCS / "journals"
    pictures.mkdir(parents=True, exist_ok=True)
    for old in pictures.glob("*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as name:
        scored = Parallel(n_jobs=-1)(delayed(_scored)(figure, Path(name), pictures) for figure in JOURNAL_FIGURES)
    text = journals_page(list(zip(JOURNAL_FIGURES, scored, strict=True)))
    (DOCS / "journals.md").write_text(text, encoding="utf-8")


def _scored(figure: JournalFigure, place: Path, pictures: Path) -> Score:
    """Draw, run and judge one figure, and keep its pictures."""
    folder, run = place / figure.name, place / f"{figure.name}_run"
    truth = drawn(figure, folder)
    path = folder / f"figure{figure.suffix}"
    found = score(path, truth, run, draws=DRAWS)
    save_figure(figure, path, run, pictures)
    return found


if __name__ == "__main__":
    main()
