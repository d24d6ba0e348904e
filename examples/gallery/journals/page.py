"""The figures in journals' styles as a page of Markdown: what was read of each, beside the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from examples.gallery.journals.score import summary
from examples.gallery.page import shown_pixels, small_picture, table
from survrecon import __version__
from survrecon.report.settings import OVERLAY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from examples.gallery.journals.figures import JournalFigure
    from examples.gallery.journals.score import Score

__all__ = ["journals_page", "save_figure"]

_HEAD = """# Figures as journals print them

{count} figures in the styles of journals, drawn by this project from simulated patients; every name of a treatment is
invented. Each went through `survrecon run FIGURE` as it stands, with nothing typed: {states}.
A figure is *right* when its arms, names, numbers of patients, printed cells, curves, their ends and the hazard ratio
are; *flagged* when one of them is wrong and the reading says so; *refused* when the program ends with a clear error;
*silent* when something is wrong and nothing says so.
`make docs` has all of it drawn, run and written anew when the code has changed
(`python -m examples.gallery.journals --page`; survrecon {version});
`python -m examples.gallery.journals DIR` draws the figures with their truth, `--second` in another look.

"""


def journals_page(scored: Sequence[tuple[JournalFigure, Score]]) -> str:
    """Return the text of ``docs/journals.md``; its pictures are in ``journals/`` beside it."""
    counts = summary([score for _, score in scored])
    states = ", ".join(f"{number} {state.value}" for state, number in counts.items() if number)
    rows = [_row(figure, score) for figure, score in scored]
    header = (
        "figure",
        "state",
        "arms",
        "names",
        "patients",
        "cells",
        "error of S",
        "error of ln HR",
        "grade",
        "doubts",
    )
    head = _HEAD.format(count=len(scored), states=states, version=__version__)
    return head + table(header, rows) + "".join(_section(figure, score) for figure, score in scored)


def save_figure(figure: JournalFigure, drawn: Path, run: Path, pictures: Path) -> None:
    """Save the figure and, where there is one, the overlay of its reading as small pictures."""
    (pictures / f"{figure.name}.png").write_bytes(small_picture(shown_pixels(drawn)))
    if (run / OVERLAY).is_file():
        (pictures / f"{figure.name}_overlay.png").write_bytes(small_picture((run / OVERLAY).read_bytes()))


def _row(figure: JournalFigure, score: Score) -> tuple[str, ...]:
    anchor = figure.title.lower().replace(",", "").replace(" ", "-")
    return (
        f"[{figure.title}](#{anchor})",
        score.state.value,
        *(
            "-" if not of else f"{right} of {of}"
            for right, of in (score.arms, score.names, score.patients, score.cells)
        ),
        "-" if score.survival is None else f"{score.survival:.4f}",
        "-" if score.log_error is None else f"{score.log_error:+.4f}",
        score.grade or "-",
        str(score.doubts),
    )


def _section(figure: JournalFigure, score: Score) -> str:
    shown = [f'<img src="journals/{figure.name}.png" width="49%" alt="{figure.title}: the figure">']
    if score.overlay:
        shown.append(f'<img src="journals/{figure.name}_overlay.png" width="49%" alt="{figure.title}: what was read">')
    wrong = "; ".join(f"{thing} {text}" for thing, text in score.wrong.items())
    told = f" Wrong: {wrong}." if wrong else ""
    pictures = "\n".join(shown)
    return f"\n## {figure.title}\n\n{figure.about} Read: {score.state.value}.{told}\n\n{pictures}\n"
