"""Which panels of a figure are read, by letter or title, and reading them one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

from survrecon.callers import option_name
from survrecon.digitizing.geometry import Affine, Box, around
from survrecon.digitizing.panels.settings import REGIONS
from survrecon.digitizing.result import DigitizedFigure, FailedPanel
from survrecon.digitizing.words.names import same_name
from survrecon.errors import DigitizingError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from survrecon.digitizing.panels.regions import Region

__all__ = ["choose", "listing_of", "read_each"]


class _Named(Protocol):
    """What has a letter or number, and a title."""

    @property
    def name(self) -> str | None: ...

    @property
    def title(self) -> str | None: ...


_Panel = TypeVar("_Panel", bound=_Named)


def listing_of(regions: Sequence[_Named]) -> str:
    """Return the panels' letters and titles in one line."""
    return "; ".join(" ".join([r.name or "", f"({r.title})" if r.title else ""]).strip() for r in regions)


def choose(where: str, regions: Sequence[_Panel], wanted: str | None, *, every: bool) -> list[_Panel]:
    """Return the panels asked for.

    Raises
    ------
    DigitizingError
        If there are several and none or an unknown one is named.
    """
    if every or wanted == "all" or (wanted is None and len(regions) == 1):
        return list(regions)
    listing = listing_of(regions)
    if wanted is None:
        raise DigitizingError(
            where,
            "one panel to read",
            f"{len(regions)} panels: {listing}",
            f"choose with {option_name('panel')}, or give {option_name('panel', 'all')} or {option_name('crop')}",
        )
    if not any(r.name or r.title for r in regions):
        raise DigitizingError(
            where,
            f"a panel called {wanted!r}",
            "a figure of one panel, without letter or title",
            f"leave {option_name('panel')} out",
        )
    exact = [r for r in regions if (r.name or "").lower() == wanted.strip().lower()]
    titled = [
        r
        for r in regions
        if r.title and (wanted.lower() in r.title.lower() or same_name(wanted, r.title) > REGIONS.alike)
    ]
    if len(exact or titled) != 1:
        raise DigitizingError(where, f"a panel called {wanted!r}", f"panels {listing}", "name one of these")
    return exact or titled


def read_each(
    regions: Sequence[Region],
    read: Callable[[Region], DigitizedFigure],
    failed: list[FailedPanel] | None,
    *,
    place: Affine | None = None,
) -> list[DigitizedFigure]:
    """Read panels; with a list for failures, one that cannot be read goes there and the others are still read.

    ``place`` is the map from the regions' coordinates to the file's, where they differ.
    """
    figures = []
    for region in regions:
        try:
            figures.append(read(region))
        except DigitizingError as error:
            if failed is None:
                raise
            box = around(w.box for w in region.tick_words) if region.tick_words else region.box
            x, y = (place or Affine())(np.array([box.x0, box.x1]), np.array([box.y0, box.y1]))
            at = Box(x0=float(x[0]), y0=float(y[0]), x1=float(x[1]), y1=float(y[1]))
            failed.append(FailedPanel(panel=region.name, error=error, title=region.title, place=at))
    return figures
