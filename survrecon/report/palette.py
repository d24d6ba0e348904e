"""Colours that colour-blind readers can tell apart, with a dash each, so that print in grey works too."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["GREY", "INK", "ArmStyle", "arm_style"]

INK = "#222222"
GREY = "#6b6b6b"


@dataclass(frozen=True, slots=True)
class ArmStyle:
    """How an arm is drawn."""

    colour: str
    dash: str | tuple[int, tuple[float, ...]]
    hatch: str


_STYLES = (
    ArmStyle("#0072b2", "solid", "////"),
    ArmStyle("#c44e00", (0, (6.0, 1.6)), "\\\\\\\\"),
    ArmStyle("#00795a", (0, (4.0, 1.4, 1.0, 1.4)), "----"),
    ArmStyle("#a8458a", (0, (1.4, 1.2)), "||||"),
    ArmStyle("#5b5b5b", (0, (8.0, 2.0, 2.0, 2.0)), "...."),
)


def arm_style(position: int) -> ArmStyle:
    """Return the style of the arm at a position, control first (Okabe and Ito's colours, darkened for text)."""
    return _STYLES[position % len(_STYLES)]
