"""Draw, run and measure every figure, and write ``docs/gallery.md`` with its pictures."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from joblib import Parallel, delayed

from examples.gallery.figures import FIGURES
from examples.gallery.measure import measure
from examples.gallery.page import gallery_page, save_pictures
from survrecon.reconstruction.summary.reconstruct import DRAWS

if TYPE_CHECKING:
    from examples.gallery.figures import GalleryFigure
    from examples.gallery.measure import PanelMeasure

DOCS = Path(__file__).parents[2] / "docs"


def main() -> None:
    """Write the page anew, a figure a processor core at a time."""
    pictures = DOCS / "gallery"
    pictures.mkdir(parents=True, exist_ok=True)
    for old in pictures.glob("*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as name:
        work = (delayed(_measured)(figure, Path(name), pictures) for figure in FIGURES)
        measured = Parallel(n_jobs=-1)(work)
    (DOCS / "gallery.md").write_text(gallery_page(list(zip(FIGURES, measured, strict=True))), encoding="utf-8")


def _measured(figure: GalleryFigure, folder: Path, pictures: Path) -> list[PanelMeasure]:
    """Draw, run and measure one figure, and keep its pictures."""
    panels = measure(figure, folder, draws=DRAWS)
    save_pictures(figure, panels, folder / figure.name, pictures)
    return panels


if __name__ == "__main__":
    main()
