"""Read another panel of the figure under review, or a part of it that the reader chose."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survrecon.digitizing.picture import picture_as_png
from survrecon.errors import ReviewError
from survrecon.review.start import read_start

if TYPE_CHECKING:
    from survrecon.review.folder import ReviewFolder
    from survrecon.review.state import BoxInPicture, ReviewState

__all__ = ["read_part"]


def read_part(review: ReviewFolder, panel: Any = None, crop: Any = None) -> ReviewState:
    """Return what the program reads of a panel, or of a part of the picture, in the pixels of the picture.

    Parameters
    ----------
    review : ReviewFolder
        The figure under review.
    panel : str or None
        The panel's letter or title.
    crop : four floats or None
        Left, top, right, bottom in pixels of the picture.

    Raises
    ------
    SurvreconError
        If they are none, or nothing can be read there.
    """
    if not (panel is None or isinstance(panel, str)):
        raise ReviewError("panel", "a panel's letter or title", repr(panel)[:80], "choose one of the panels")
    options = {name: value for name, value in review.options.items() if name not in ("panel", "crop")}
    options |= {} if not panel else {"panel": panel}
    known = review.automatic.figure
    if crop is None:
        state = read_start(review.figure, options).state
        _refuse_unread(state)
        if (state.figure.width, state.figure.height) != (known.width, known.height):
            rule, got = "a panel of the same picture", f"{panel}, a picture of its own in the file"
            raise ReviewError("panel", rule, got, "review it by itself, naming the panel when you start")
        return _with_panels(state, known.panels)
    x0, y0, x1, y1 = box = _box(crop, known.width, known.height)
    with tempfile.TemporaryDirectory(prefix="survrecon-") as place:
        part = Path(place) / "part.png"
        part.write_bytes(picture_as_png(review.image[round(y0) : round(y1), round(x0) : round(x1)]))
        state = read_start(part, options).state
    _refuse_unread(state)
    figure = state.figure.model_copy(
        update={
            "name": known.name, "sha256": known.sha256, "width": known.width, "height": known.height, "crop": box,
            "page": known.page, "plot": _moved(state.figure.plot, round(x0), round(y0)),
        }
    )  # fmt: skip
    return _with_panels(_shifted(state, round(x0), round(y0)).model_copy(update={"figure": figure}), known.panels)


def _box(crop: Any, width: int, height: int) -> BoxInPicture:
    numbers = isinstance(crop, list) and len(crop) == 4 and all(isinstance(v, int | float) for v in crop)
    if not numbers or not (0 <= crop[0] < crop[2] <= width and 0 <= crop[1] < crop[3] <= height):
        rule = f"left, top, right, bottom within {width} x {height} pixels"
        raise ReviewError("crop", rule, repr(crop)[:80], "draw it again")
    return (float(crop[0]), float(crop[1]), float(crop[2]), float(crop[3]))


def _refuse_unread(state: ReviewState) -> None:
    if not state.arms:
        got = state.figure.message or "none"
        raise ReviewError(
            "figure", "curves that the program can read there", got, "read it by hand, or choose another part"
        )


def _with_panels(state: ReviewState, panels: tuple[str, ...]) -> ReviewState:
    names = tuple(dict.fromkeys((*panels, *state.figure.panels)))
    return state.model_copy(update={"figure": state.figure.model_copy(update={"panels": names})})


def _moved(box: BoxInPicture | None, dx: float, dy: float) -> BoxInPicture | None:
    return None if box is None else (box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy)


def _shifted(state: ReviewState, dx: float, dy: float) -> ReviewState:
    """Return a state whose places are those of a picture that begins further left and above."""

    def axis(name: str, by: float) -> Any:
        found = getattr(state, name)
        handles = tuple(h.model_copy(update={"pixel": h.pixel + by}) for h in found.handles)
        return found.model_copy(update={"handles": handles})

    arms = tuple(
        arm.model_copy(
            update={
                "corners": tuple((x + dx, y + dy) for x, y in arm.corners),
                "marks": None if arm.marks is None else tuple(x + dx for x in arm.marks),
            }
        )
        for arm in state.arms
    )
    rows = tuple(
        row.model_copy(update={"cells": tuple(c.model_copy(update={"box": _moved(c.box, dx, dy)}) for c in row.cells)})
        for row in state.table.rows
    )
    doubts = tuple(
        d if d.at is None else d.model_copy(update={"at": (d.at[0] + dx, d.at[1] + dy)}) for d in state.doubts
    )
    return state.model_copy(
        update={
            "time_axis": axis("time_axis", dx), "survival_axis": axis("survival_axis", dy), "arms": arms,
            "table": state.table.model_copy(update={"rows": rows}), "doubts": doubts,
        }
    )  # fmt: skip
