"""A figure drawn with two step lines, its reading, and reviews of it, without a second of digitizing."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from survrecon.digitizing.picture import picture_as_png
from survrecon.digitizing.result import CountSource, PrintedStatistic
from survrecon.files.outputs import sha256_of
from survrecon.review.folder import ReviewFolder, open_reader, write_start
from survrecon.review.rebuilt import Rebuilder, accepted_result
from survrecon.review.session import ReviewSession
from survrecon.review.start import start_of
from tests.digitizing.made import a_figure, a_table, an_arm

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from survrecon.arrays import ImageArray
    from survrecon.digitizing import DigitizedFigure
    from survrecon.review.state import ReviewState, StartedFrom

BLUE, RED = (31, 119, 180), (214, 39, 40)
CONTROL = ([2, 5, 9, 14, 20, 28], [0.9, 0.75, 0.6, 0.45, 0.3, 0.3])
DRUG = ([3, 8, 12, 18, 25, 30], [0.95, 0.85, 0.75, 0.65, 0.55, 0.55])


def a_reading(**keys: Any) -> DigitizedFigure:
    """Return the reading of a figure with two arms, a table and a printed ratio."""
    control = an_arm("control", *CONTROL, n=100, n_source=CountSource.RISK_TABLE, censor_times=np.array([10.0, 22.0]))
    drug = an_arm("drug", *DRUG, n=100, n_source=CountSource.RISK_TABLE, colour="#d62728")
    printed = PrintedStatistic(
        quantity="hazard_ratio", value=0.52, low=0.35, high=0.77, level=0.95, decimals=2, of="drug", over="control",
        text="HR 0.52 (95% CI 0.35-0.77)",
    )  # fmt: skip
    table = a_table([0, 6, 12, 18, 24], control=[100, 75, 59, 44, 28], drug=[100, 95, 75, 64, 63])
    return replace(a_figure(control, drug, table=table, printed=(printed,)), image=a_picture(), **keys)


def a_picture() -> ImageArray:
    """Return the picture of both curves, lines two pixels wide, as `tests.digitizing.made.a_figure` has its axes."""
    image = np.full((500, 500, 3), 255, np.uint8)
    for (times, levels), ink in ((CONTROL, BLUE), (DRUG, RED)):
        x = [50, *(round(50 + 10 * t) for t in times)]
        y = [50, *(round(450 - 400 * s) for s in levels)]
        for k in range(len(x) - 1):
            image[y[k] - 1 : y[k] + 1, x[k] : x[k + 1] + 1] = ink
            image[y[k] - 1 : y[k + 1] + 1, x[k + 1] - 1 : x[k + 1] + 1] = ink
    return image


def a_state(**keys: Any) -> ReviewState:
    """Return the working record of the reading."""
    return start_of(a_reading(**keys)).state


def a_review(folder: Path, **keys: Any) -> ReviewFolder:
    """Return the review of the figure, in a folder below this one."""
    figure = folder / "figure.png"
    figure.write_bytes(picture_as_png(a_picture()))
    reading = replace(a_reading(), path=figure, sha256=sha256_of(figure.read_bytes()), **keys)
    return write_start(figure, folder / "review", start_of(reading))


def a_session(
    folder: Path, name: str | None = None, started_from: StartedFrom | None = None, review: ReviewFolder | None = None
) -> ReviewSession:
    """Return a reader at work on the figure."""
    review = a_review(folder) if review is None else review
    return ReviewSession(review, open_reader(review, name, started_from=started_from))


def with_few_draws(session: ReviewSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a session rebuild two data sets an arm, after an edit and when it is accepted."""
    session._rebuilder = Rebuilder(draws=2)
    monkeypatch.setattr("survrecon.review.session.accepted_result", partial(accepted_result, draws=2))


def edited(session: ReviewSession, op: str, **given: Any) -> None:
    """Apply an operation to the newest state."""
    session.edit(session.revision, op, given)
