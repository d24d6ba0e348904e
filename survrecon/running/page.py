"""What a run of all panels leaves beside the panels' own folders: page.json and a picture of the page."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survrecon.callers import in_shell
from survrecon.digitizing.overlay import draw_page, place_of
from survrecon.errors import SurvreconError
from survrecon.files.outputs import not_ours, publish, read_state, refuse_changed, staging
from survrecon.records.folder import RUN_FILE, STATE_FILE
from survrecon.report.settings import OVERLAY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from survrecon.digitizing import DigitizedFigure, FailedPanel
    from survrecon.digitizing.geometry import Box

__all__ = [
    "PAGE_FILE",
    "PanelFate",
    "PanelOutcome",
    "folder_name",
    "folder_names",
    "outcomes",
    "read_outcomes",
    "refuse_other_page",
    "write_page",
]

PAGE_FILE = "page.json"


class PanelFate(StrEnum):
    """What came of a panel."""

    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class PanelOutcome:
    """A panel of a page, and what came of it.

    Parameters
    ----------
    name : str
        Its letter, or its number among the panels.
    title : str or None
        Its title.
    folder : str or None
        Its folder, beside the file; None where it failed.
    place : dict of str to float, or None
        Its place, ``x0``, ``y0``, ``x1``, ``y1`` in pixels of a picture or points of a page.
    outcome : PanelFate
        Whether it was read.
    error : str or None
        Why not.
    arms : tuple of str
        The names of its curves.
    estimator : str or None
        What the curves are.
    """

    name: str
    title: str | None
    folder: str | None
    place: dict[str, float] | None
    outcome: PanelFate
    error: str | None = None
    arms: tuple[str, ...] = ()
    estimator: str | None = None

    @property
    def words(self) -> str:
        """One line about it."""
        title = f" ({self.title})" if self.title else ""
        return f"panel {self.name}{title}: {self.outcome}" + (f": {self.error}" if self.error else "")


def outcomes(
    figures: Sequence[DigitizedFigure], folders: Mapping[int, str], failed: Sequence[FailedPanel]
) -> list[PanelOutcome]:
    """Return what came of each panel, in the order of their names.

    Parameters
    ----------
    figures : sequence of DigitizedFigure
        The panels whose curves were read.
    folders : mapping of int to str
        For each figure, by its place in the sequence, the folder that it would have.
    failed : sequence of FailedPanel
        The panels that failed, then or later.
    """
    lost = {panel.panel: panel for panel in failed}
    read = [
        PanelOutcome(
            name=figure.panel or "1",
            title=figure.title,
            folder=folders[k],
            place=_rounded(place_of(figure)),
            outcome=PanelFate.READ,
            arms=tuple(arm.name for arm in figure.arms),
            estimator=str(figure.estimator),
        )
        for k, figure in enumerate(figures)
        if figure.panel not in lost
    ]
    places = {figure.panel: (place_of(figure), figure.title) for figure in figures}
    gone = []
    for panel in failed:
        place, title = places.get(panel.panel, (panel.place, panel.title))
        error = panel.error.told(in_shell) if isinstance(panel.error, SurvreconError) else repr(panel.error)
        gone.append(
            PanelOutcome(
                name=panel.panel or "?",
                title=title,
                folder=None,
                place=None if place is None else _rounded(place),
                outcome=PanelFate.FAILED,
                error=error,
            )
        )
    return sorted([*read, *gone], key=lambda panel: panel.name)


def _rounded(box: Box) -> dict[str, float]:
    return {key: round(value, 1) for key, value in asdict(box).items()}


def folder_names(figures: Sequence[DigitizedFigure]) -> list[str]:
    """Return a folder name for each panel, each once."""
    names: list[str] = []
    for number, figure in enumerate(figures, start=1):
        stem = folder_name(figure.panel) or f"panel-{number}"
        names.append(stem if stem not in names else f"{stem}-{number}")
    return names


def folder_name(panel: str | None) -> str:
    """Return a panel's letter or title as the name of a folder; empty where it has none."""
    return re.sub(r"[^A-Za-z0-9]+", "-", panel or "").strip("-")


def refuse_other_page(folder: Path, *, overwrite: bool = False) -> None:
    """Refuse a folder whose page.json or picture a person changed or put there; before long work is done for it.

    The picture that a refused figure left may be replaced.

    Raises
    ------
    ReportError
        If that is so, and ``overwrite`` is not given.
    """
    refused = [state for state in (RUN_FILE, STATE_FILE) if "refused" in read_state(folder, state)]
    if overwrite or any(not not_ours(folder, state, [OVERLAY]) for state in refused):
        return
    refuse_changed(folder, not_ours(folder, PAGE_FILE, [OVERLAY]))


def write_page(
    folder: Path,
    path: str | Path,
    figures: Sequence[DigitizedFigure],
    folders: Sequence[str],
    failed: Sequence[FailedPanel],
    *,
    page: int | None = None,
    overwrite: bool = False,
) -> None:
    """Write page.json and the picture of the page into the folder of its panels.

    Parameters
    ----------
    folder : Path
        Where the panels' folders are.
    path : str or Path
        The figure.
    figures : sequence of DigitizedFigure
        The panels whose curves were read.
    folders : sequence of str
        The name of each one's folder.
    failed : sequence of FailedPanel
        The panels that failed, then or later.
    page : int or None
        Page of a PDF.
    overwrite : bool
        Whether files that a person changed or put there are replaced.

    Raises
    ------
    ReportError
        If the folder has files of these names that are not the program's.
    """
    refuse_other_page(folder, overwrite=overwrite)
    panels = outcomes(figures, dict(enumerate(folders)), failed)
    known: dict[str, Any] = {
        "file": Path(path).name,
        "page": page,
        "panels": [asdict(panel) | {"outcome": str(panel.outcome)} for panel in panels],
    }
    lost = {panel.panel for panel in failed}
    kept = [figure for figure in figures if figure.panel not in lost]
    with staging(folder) as place:
        made = place / "page"
        made.mkdir()
        (made / OVERLAY).write_bytes(draw_page(path, kept, _placed(figures, failed), page=page))
        publish(made, folder, PAGE_FILE, known, overwrite=True)


def _placed(figures: Sequence[DigitizedFigure], failed: Sequence[FailedPanel]) -> list[FailedPanel]:
    """Return the panels that failed, with the places of those whose curves were read before."""
    places = {figure.panel: place_of(figure) for figure in figures}
    return [replace(panel, place=panel.place or places.get(panel.panel)) for panel in failed]


def read_outcomes(folder: Path) -> list[PanelOutcome]:
    """Return what page.json of a folder says of each panel."""
    known = json.loads((folder / PAGE_FILE).read_text(encoding="utf-8"))
    return [
        PanelOutcome(**{**panel, "outcome": PanelFate(panel["outcome"]), "arms": tuple(panel["arms"])})
        for panel in known["panels"]
    ]
