"""Draw, run and measure every figure, and write ``docs/gallery.md`` with its pictures."""

from __future__ import annotations

import tempfile
from pathlib import Path

from examples.gallery.figures import FIGURES
from examples.gallery.measure import measure
from examples.gallery.page import gallery_page, save_pictures
from survrecon.reconstruction.summary.reconstruct import DRAWS

DOCS = Path(__file__).parents[2] / "docs"


def main() -> None:
    """Write the page anew."""
    pictures = DOCS / "gallery"
    pictures.mkdir(parents=True, exist_ok=True)
    for old in pictures.glob("*.png"):
        old.unlink()
    measured = []
    with tempfile.TemporaryDirectory() as name:
        for figure in FIGURES:
            panels = measure(figure, Path(name), draws=DRAWS)
            save_pictures(figure, panels, Path(name) / figure.name, pictures)
            measured.append((figure, panels))
    (DOCS / "gallery.md").write_text(gallery_page(measured), encoding="utf-8")


if __name__ == "__main__":
    main()
