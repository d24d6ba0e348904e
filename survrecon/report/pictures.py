"""The pictures of a report, in the order in which a page shows them.

To add one, write the function that draws it, in `survrecon.report.plots`, as SVG bytes, and list its `Picture` in
`_DRAWERS`.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from survrecon.records.schema import SourceKind
from survrecon.report.content.fit import residuals
from survrecon.report.content.words import NOT_REAL, WATERMARK
from survrecon.report.settings import DRAWN_OVERLAY, OVERLAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from survrecon.checks.results import RecordResult

__all__ = ["Picture", "PictureSection", "pictures_of"]


class PictureSection(StrEnum):
    """Where on a page a picture stands."""

    CURVES = "curves"
    AS_READ = "as read"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Picture:
    """One picture of a report.

    Parameters
    ----------
    name : str
        By which a page finds the table that belongs below it.
    section : PictureSection
        Where it stands.
    title : str
        Its heading; empty for the first of its section.
    data : bytes
        The picture.
    media : str
        Its media type.
    alt : str
        The same in words, for readers who do not see it.
    caption : str
        What stands below it.
    small : bool
        Whether it is less high than the curves.
    files : tuple of (str, bytes)
        Files of the report's folder that hold it.
    """

    name: str
    section: PictureSection
    data: bytes
    alt: str
    caption: str
    title: str = ""
    media: str = "image/svg+xml"
    small: bool = False
    files: tuple[tuple[str, bytes], ...] = ()

    @property
    def embedded(self) -> str:
        """The picture as the address of an image, so that a page needs no other file."""
        return f"data:{self.media};base64,{b64encode(self.data).decode('ascii')}"


def pictures_of(result: RecordResult) -> tuple[Picture, ...]:
    """Return the pictures of a result, those that there are."""
    return tuple(picture for draw in _DRAWERS if (picture := draw(result)) is not None)


def _curves(result: RecordResult) -> Picture | None:
    """Return the rebuilt curves."""
    if not result.arms:
        return None
    from survrecon.report.plots.curves import rendered_curves

    svg, png = rendered_curves(result)
    words = f"{WATERMARK}." if result.record.kind is SourceKind.SUMMARY else ""
    return Picture(
        name="curves",
        section=PictureSection.CURVES,
        data=svg,
        alt=f"Rebuilt Kaplan-Meier curves of {result.record.endpoint} in {result.record.trial}, with printed points "
        f"and numbers at risk. {words}".rstrip(),
        caption=f"{NOT_REAL} {words}".rstrip(),
        files=(("curves.svg", svg), ("curves.png", png)),
    )


def _residuals(result: RecordResult) -> Picture | None:
    """Return the differences of the rebuilt curves from the curves as read."""
    found = residuals(result)
    if not found:
        return None
    from survrecon.report.plots.curves import rendered_residuals

    return Picture(
        name="residuals",
        section=PictureSection.CURVES,
        title="Residuals: rebuilt minus read survival",
        data=rendered_residuals(result, found),
        alt="Rebuilt minus read survival at every point that was read, by arm, with the resolution of the figure as a "
        "grey zone",
        caption="At every point that was read, to the column it was read in. Grey zone: the resolution of the figure.",
        small=True,
    )


def _overlay(result: RecordResult) -> Picture | None:
    """Return what was read drawn over the published figure, where a figure was digitized."""
    picture = result.record.folder / OVERLAY
    if not picture.is_file():
        return _drawn(result)
    return Picture(
        name="overlay",
        section=PictureSection.AS_READ,
        data=picture.read_bytes(),
        media="image/png",
        alt="The published figure with the curves, ticks and marks as they were read drawn over it",
        caption="The published figure, lightened, with what was read drawn over it: check it before use.",
    )


def _drawn(result: RecordResult) -> Picture | None:
    """Return what was read as a drawing, of a record that keeps no picture of its figure."""
    drawing = result.record.folder / DRAWN_OVERLAY
    if not drawing.is_file():
        return None
    return Picture(
        name="overlay",
        section=PictureSection.AS_READ,
        data=drawing.read_bytes(),
        alt="The axes, curves, marks and numbers at risk as they were read from the figure",
        caption="What was read from the figure, drawn anew: the figure itself is its publisher's and not kept.",
    )


_DRAWERS: tuple[Callable[[RecordResult], Picture | None], ...] = (_curves, _residuals, _overlay)
