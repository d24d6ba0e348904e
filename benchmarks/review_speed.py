"""How long the review page waits for what is rebuilt after an edit, in seconds of the processor.

    python -m benchmarks.review_speed [--patients 120,250,500] [--quick]

Two arms of a figure are drawn with censoring marks and numbers at risk, as drawing commands (PDF) and as pixels (PNG),
and read. Then a corner is moved by a fraction of a pixel, by more and down, one is deleted, a number at risk is changed
by one, and so is N: each time the arm that changed is rebuilt with the page's draws, the other one is kept. Told are
the median and the longest of these, which take from making the record to the JSON of the result pane.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import median
from time import process_time
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.options import first_line
from benchmarks.results import markdown_table, write_section
from examples.gallery import patients as true
from examples.gallery.drawing import Panel, Style, draw_figure
from survrecon.review.folder import make_review, open_reader
from survrecon.review.session import ReviewSession

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["after_edits", "main"]

_PATIENTS = "120,250,500"
_END, _EVERY = 48.0, 6.0
_MEDIANS = {"Control": 16.0, "Drug": 24.0}
_BARS = {"pdf": 0.5, "png": 3.0}
"""Seconds at most, for up to 500 patients in the figure."""
_DRAWN = {"pdf": "drawing commands", "png": "pixels"}


def _figure(folder: Path, patients: int, kind: str) -> Path:
    """Draw two arms of so many patients, and return the file."""
    arms = {
        name: true.simulated(seed, {name: middle}, patients, end=_END)[name]
        for seed, (name, middle) in enumerate(_MEDIANS.items(), start=1)
    }
    panel = Panel(arms=true.cut_at(arms, _END), end=_END, risk_times=tuple(np.arange(0.0, _END + 1, _EVERY).tolist()))
    style = Style(size=(7.0, 5.2), dpi=130, step=12, marks="|", table=True, legend="upper right")
    path = folder / f"figure_{patients}.{kind}"
    draw_figure(path, [(panel, style)])
    return path


def _edits(session: ReviewSession) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield edits of either arm, each of the record as it is read."""
    state = session.progress.state
    for arm in state.arms:
        for part in (1 / 4, 3 / 4):
            index = int(part * len(arm.corners))
            x, y = arm.corners[index]
            for right, down in ((0.2, 0.0), (3.0, 1.0), (0.0, 0.4)):
                yield "move_corner", {"arm": arm.id, "index": index, "x": x + right, "y": y + down}
            yield "delete_corner", {"arm": arm.id, "index": index}
        yield "set_n", {"arm": arm.id, "value": (arm.n or 0) + 1}
    for row in state.table.rows:
        for column in (2, 5):
            yield "set_cell", {"row": row.id, "column": column, "value": (row.cells[column].value or 0) + 1}


def after_edits(folder: Path, patients: int, kind: str, shorter: int = 1) -> list[float]:
    """Return the seconds that each result takes after an edit, of every ``shorter``-th edit."""
    review = make_review(_figure(folder, patients, kind), {}, folder / f"review_{patients}_{kind}")
    session = ReviewSession(review, open_reader(review, "reader"))
    session.warm_up()
    session.result_view()
    seconds = []
    for op, given in list(_edits(session))[::shorter]:
        before = session.revision
        start = process_time()
        session.edit(before, op, given)
        session.result_view()
        seconds.append(process_time() - start)
        session.undo(session.revision)
        session.result_view()
    return seconds


def main(arguments: Sequence[str] | None = None) -> None:
    """Time the edits, print what they took, and write the section of RESULTS.md unless ``--quick``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.review_speed", description=first_line(__doc__))
    parser.add_argument("--patients", default=_PATIENTS, help="of an arm, joined by commas")
    parser.add_argument("--quick", action="store_true", help="a fifth of the edits; RESULTS.md stays as it is")
    asked = parser.parse_args(arguments)
    rows = []
    with tempfile.TemporaryDirectory() as name:
        for kind, drawn in _DRAWN.items():
            for patients in (int(part) for part in asked.patients.split(",")):
                seconds = after_edits(Path(name), patients, kind, 5 if asked.quick else 1)
                rows.append(
                    [f"{drawn}, {patients} an arm", f"{median(seconds):.2f}", f"{max(seconds):.2f}", f"{_BARS[kind]}"]
                )
    table = markdown_table(["figure", "median", "longest", "bar, up to 250 an arm"], rows)
    print(table)
    if not asked.quick and asked.patients == _PATIENTS:
        write_section("Recomputation after an edit", "python -m benchmarks.review_speed", table)


if __name__ == "__main__":
    main()
