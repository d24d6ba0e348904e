"""The gallery as a page of Markdown, with pictures small in bytes."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from survrecon import __version__
from survrecon.report.settings import OVERLAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from examples.gallery.figures import GalleryFigure
    from examples.gallery.measure import ContrastMeasure, PanelMeasure

__all__ = ["gallery_page", "save_pictures", "shown_pixels", "small_picture", "table"]

_WIDEST = 820  # pixels
_COLOURS = 128
_HEAD = """# Gallery

{count} figures in the styles of papers, drawn by this project from patients that are known: data sets of lifelines,
and simulated trials. Each went through `survrecon run FIGURE` as it stands, with nothing typed{options}.
Beside each figure stands the overlay that every run writes: what was read, drawn over the figure. Below it stands what
was rebuilt beside the truth. The same figures are the end-to-end tests (`tests/end_to_end/`).
[More figures](journals.md) follow how journals set theirs.
`make docs` has all of it drawn, run and written anew when the code has changed (`python -m examples.gallery`;
survrecon {version}).

Error of ln HR over the {contrasts} contrasts: median {median:.4f}, 90th percentile {p90:.4f}, largest {largest:.4f}.

"""


def gallery_page(measured: Sequence[tuple[GalleryFigure, list[PanelMeasure]]]) -> str:
    """Return the text of ``docs/gallery.md``; its pictures are in ``gallery/`` beside it."""
    errors = np.array([c.log_error for _, panels in measured for panel in panels for c in panel.contrasts])
    told = [f"`{' '.join(figure.options)}` for {figure.title.lower()}" for figure, _ in measured if figure.options]
    head = _HEAD.format(
        count=len(measured),
        options=f" but {', '.join(told)}" if told else "",
        version=__version__,
        contrasts=errors.size,
        median=np.median(errors),
        p90=np.quantile(errors, 0.9),
        largest=errors.max(),
    )
    return head + _overview(measured) + "".join(_section(figure, panels) for figure, panels in measured)


def save_pictures(figure: GalleryFigure, panels: Sequence[PanelMeasure], source: Path, folder: Path) -> None:
    """Save the figure and the overlay of each panel into ``folder``, as palette PNGs."""
    stem = Path(figure.name).stem
    (folder / f"{stem}.png").write_bytes(small_picture(shown_pixels(source)))
    for panel in panels:
        overlay = (panel.folder / OVERLAY).read_bytes()
        (folder / _overlay_name(stem, panel)).write_bytes(small_picture(overlay))


def _overview(measured: Iterable[tuple[GalleryFigure, list[PanelMeasure]]]) -> str:
    rows = [
        (
            f"[{figure.title}](#{figure.anchor})" + (f", {panel.panel.letter}" if panel.panel.letter else ""),
            panel.kind.value,
            _contrast_name(panel, contrast),
            "-" if contrast is None else f"{contrast.true_ratio:.3f}",
            "-" if contrast is None else f"{contrast.ratio:.3f} ({contrast.low:.2f} to {contrast.high:.2f})",
            "-" if contrast is None else f"{contrast.log_error:.4f}",
        )
        for figure, panels in measured
        for panel in panels
        for contrast in (panel.contrasts or (None,))
    ]
    head = ("figure", "read from", "contrast", "true HR", "rebuilt (95% CI)", "error of ln HR")
    return table(head, rows)


def _section(figure: GalleryFigure, panels: Sequence[PanelMeasure]) -> str:
    stem = Path(figure.name).stem
    pictures = [f'<img src="gallery/{stem}.png" width="49%" alt="{figure.title}: the figure">']
    pictures += [
        f'<img src="gallery/{_overlay_name(stem, panel)}" width="49%" alt="{figure.title}: what was read">'
        for panel in panels
    ]
    words = " ".join(("survrecon run", figure.name, *figure.options, "-o", f"{stem}_run"))
    text = f"\n## {figure.title}\n\n{figure.about} `{words}`\n\n" + "\n".join(pictures) + "\n\n"
    return text + "\n".join(_panel(panel) for panel in panels)


def _panel(panel: PanelMeasure) -> str:
    """Return the tables of one panel: its arms, its contrasts."""
    head = ("arm", "patients (true)", "events (true)", "numbers at risk as printed", "mean error of S as read",
            "largest residual", "root mean square residual")  # fmt: skip
    rows = [
        (
            arm.name,
            f"{arm.n} ({arm.true_n})",
            f"{arm.events:.1f} ({arm.true_events})",
            f"{arm.cells_exact} of {arm.cells}" if arm.cells else "none printed",
            f"{arm.mean_error:.2g}",
            "-" if arm.fit is None else f"{arm.fit.largest:.2g}",
            "-" if arm.fit is None else f"{arm.fit.root_mean_square:.2g}",
        )
        for arm in panel.arms
    ]
    title = f"Panel {panel.panel.letter}\n\n" if panel.panel.letter else ""
    text = title + table(head, rows)
    if not panel.contrasts:
        return text
    verdicts = {check.label: check.verdict.value for check in panel.result.checks if check.quantity == "hazard_ratio"}
    contrasts = [
        (
            f"{c.of} over {c.over}",
            f"{c.true_ratio:.4f}",
            panel.panel.printed_ratio or "not printed",
            f"{c.ratio:.4f} ({c.low:.2f} to {c.high:.2f})",
            f"{c.log_error:.4f}",
            next((v for label, v in verdicts.items() if c.of in label), "-"),
        )
        for c in panel.contrasts
    ]
    columns = ("hazard ratio", "true patients' Cox", "printed", "rebuilt (95% CI)", "error of ln HR", "verdict")
    return text + "\n" + table(columns, contrasts)


def _contrast_name(panel: PanelMeasure, contrast: ContrastMeasure | None) -> str:
    return f"{panel.names[0]} alone" if contrast is None else f"{contrast.of} over {contrast.over}"


def _overlay_name(stem: str, panel: PanelMeasure) -> str:
    letter = f"_{panel.panel.letter}" if panel.panel.letter else ""
    return f"{stem}{letter}_overlay.png"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown, with the end of its last line."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def shown_pixels(source: Path) -> bytes:
    """Return a figure file as an image; an SVG or PDF as a reader sees it."""
    if source.suffix in (".png", ".jpg"):
        return source.read_bytes()
    from PIL import Image

    from survrecon.digitizing import digitize

    shown = io.BytesIO()
    Image.fromarray(digitize(source).image).save(shown, format="PNG")
    return shown.getvalue()


def small_picture(picture: bytes) -> bytes:
    """Return a PNG of few colours, no wider than the page needs."""
    from PIL import Image

    image = Image.open(io.BytesIO(picture)).convert("RGB")
    if image.width > _WIDEST:
        image = image.resize((_WIDEST, round(image.height * _WIDEST / image.width)), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.quantize(_COLOURS, kmeans=1, dither=Image.Dither.NONE).save(out, format="PNG", optimize=True)
    return out.getvalue()
