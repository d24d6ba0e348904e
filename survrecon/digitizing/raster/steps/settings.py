"""Numbers of fitting steps to a line with a name, a unit and a reason."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["COVER", "EDGES", "STAIRCASE", "CoverSettings", "EdgeSettings", "StaircaseSettings"]


@dataclass(frozen=True, kw_only=True)
class EdgeSettings:
    """A line read by its upper and lower edge."""

    tiny: float = 1e-09
    """Guards a division."""
    seen: float = 0.4
    """Coverage from which a column shows the line."""
    around: float = 1.5
    """Pixels beyond the line's width that are looked at."""
    beyond: float = 0.12
    """Coverage below which the line has ended."""
    full: float = 0.95
    """Coverage of a pixel that lies within the line: compression leaves less than all."""
    thin: float = 0.3
    """Quantile of a line's height in columns that is its width: marks and steps are higher."""
    guess: float = 0.03
    """Weight of a column where another curve hides this one."""
    surely: float = 10.0
    """Error added to levels on less than a column, which go first."""
    clip: float = 3.0
    """Pixels: residuals further away are marks and count as this far."""
    step_price: float = 0.02
    """Pixels squared: the same where there is no noise."""
    step_noise: float = 8.0
    """Squares of the noise that a further step must explain."""
    mad: float = 1.4826
    """Standard deviation of a normal law in units of its median absolute deviation."""
    fewest: int = 20
    """Columns in which edges are seen, at least."""
    roughest: float = 0.4
    """Pixels of usual distance: marks all along the line, or a blurred one, have no such edges."""
    long: float = 2.5
    """Columns: a level is told apart on more."""
    unsure: float = 0.35
    """Standard error of a level, in pixels, above which its two steps are told as one."""
    farthest: float = 4.0
    """Pixels: the same at first, or a step set wrong passes for a mark."""
    far: float = 0.25
    """Pixels from which a residual counts less: marks, crossings."""
    least_length: float = 1e-06
    """Columns: guards weights of levels that have no length."""
    quietest: float = 0.03
    """Pixels: no edge is read better."""
    ridge: float = 1e-06
    """Keeps a matrix invertible."""
    still: float = 0.005
    """Pixels: smaller changes end the fit."""
    time_damping: float = 0.05
    """Pixels squared of a step: keeps times of low steps where they are."""
    level_damping: float = 0.0001
    """Keeps levels that no column tells where they are."""
    noisiest: float = 0.15
    """Pixels: a noisier edge is that of marks."""
    lowest: float = 0.12
    """Pixels: a lower step is noise."""
    same_level: float = 0.05
    """Pixels: a lower step is none."""
    thick_line: float = 2.5
    """Pixels: a thicker line's stroke takes two columns."""
    noise_price: float = 60.0
    """Squares of the noise: the same."""
    least_price: float = 0.03
    """Pixels squared that a step must explain at least."""
    quiet: float = 0.2
    """Quantile of height differences between columns that is noise: most columns have no step."""
    hidden_weight: float = 0.001
    """Weight of one that is hidden."""
    sure: float = 0.25
    """Weight of a column that is seen and no guess."""


EDGES = EdgeSettings()


@dataclass(frozen=True, kw_only=True)
class CoverSettings:
    """The pixels near a line, and what hides it."""

    join: float = 0.2
    """Half line widths: round joins are not taken as steeper."""
    mark_edge: float = 1.5
    """Pixels of a mark's soft edge."""
    marked: float = 0.1
    """Weight of ink beyond the line beside a mark."""
    darkest: float = 0.45
    """The same up to which it can be."""
    pale: float = 0.03
    """Strength of a band beneath a line from which it is allowed for."""
    hidden: float = 0.15
    """Coverage by something else from which a pixel tells nothing of this line."""


COVER = CoverSettings()


@dataclass(frozen=True, kw_only=True)
class StaircaseSettings:
    """A step curve fitted to the pixels of its line."""

    mad: float = 1.4826
    """Standard deviation of a normal law in units of its median absolute deviation."""
    edge_slope: float = 0.2
    """Coverage a pixel: from here on a pixel lies on an edge."""
    hairline: float = 0.8
    """Pixels: half a width below which a line's ink may be stronger than a pixel can show."""
    palest: float = 0.9
    """Strength of a line's ink, at least."""
    darker: float = 0.1
    """Strength of ink by which it changes in a step."""
    thickest_half: float = 12.0
    """The same at most."""
    thinnest_half: float = 0.3
    """Pixels: half a line's width, at least."""
    thicker: float = 0.1
    """Pixels by which half the width changes in a step."""
    tiny: float = 1e-09
    """Guards a division."""
    done: float = 0.001
    """Of the loss: a smaller gain ends the fit."""
    more_damping: float = 0.1
    """Added after a step that made the fit worse."""
    least_damping: float = 0.01
    """Keeps corners that no pixel tells where they are."""
    damping: float = 0.01
    """Damping of the first step of Levenberg-Marquardt."""
    smeared: float = 2.5
    """The same where it was blurred much."""
    blurred: float = 1.9
    """The same where it was blurred."""
    softened: float = 1.4
    """Width of a pixel's view where the picture was softened; 1 where it is sharp."""
    quietest: float = 0.02
    """Noise of coverage, at least."""
    narrow: float = 0.25
    """The same at last."""
    wide: float = 0.6
    """Coverage from which a residual counts less, at first."""
    ridge: float = 0.001
    """Keeps a matrix invertible."""
    least_run: float = 1e-06
    """Columns: guards weights of levels that are joined."""
    end_level: float = 20.0
    """Columns that the last level is taken to last where levels are joined."""
    least_spread: float = 1e-12
    """Guards a division by a variance."""
    least_length: float = 0.1
    """Columns: guards weights of levels that have no length."""
    last_level: float = 10.0
    """Columns that the last level is taken to last."""
    thinnest: float = 0.05
    """Pixels' worth of edge on either side of a cut."""
    low: float = 0.15
    """Rows: a lower step is noise."""
    unsure: float = 0.3
    """Rows: standard error of a level that is not known."""
    close: float = 6.0
    """Columns within which two steps may be told as one."""
    nearest: float = 0.12
    """Columns between strokes below which they are one."""
    apart: float = 0.25
    """Columns between strokes that are told apart."""
    price: float = 20.0
    """Squares of the noise that a further step must explain."""


STAIRCASE = StaircaseSettings()
