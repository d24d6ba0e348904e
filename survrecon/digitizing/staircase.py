"""A step curve fitted to every pixel of its line: times and levels together.

The coverage of single pixels tells more than the edges of whole columns: where two steps stand in one column, the
rows between the levels show one stroke a little to the right of the other.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

from survrecon.digitizing.geometry import FloatArray
from survrecon.digitizing.line_cover import Seen, Stairs, normal_matrix, seen_through
from survrecon.digitizing.line_pixels import Pixels
from survrecon.digitizing.stair_count import in_order, join, leave_out, split

__all__ = ["fit_staircase"]

_TURNS = 3  # of splitting
_STEPS = 8  # of Gauss-Newton in a turn
_WIDE, _NARROW = 0.6, 0.25  # coverage from which a residual counts less, at first and at last
_QUIETEST = 0.02  # noise of coverage, at least
_ENOUGH = 200  # pixels that tell the noise
_FURTHEST = 0.5  # pixels that a corner moves in one turn of Gauss-Newton
_SPREADS = (1.0, 1.4, 1.9, 2.5)  # widths of a pixel's view: sharp, softened, blurred


def fit_staircase(pixels: Pixels, x: FloatArray, y: FloatArray, half: float) -> tuple[FloatArray, FloatArray, float]:
    """Fit the corners of a step curve to the pixels of its line.

    Parameters
    ----------
    pixels : Pixels
        What was seen.
    x, y : numpy.ndarray, shape (m,)
        First corners: each level holds from its x on; x rises from 0, y never falls.
    half : float
        Half the line's width.

    Returns
    -------
    tuple of x, y, noise
        Fitted corners, and the usual distance of a pixel's coverage from the fit.
    """
    if not len(pixels.column):
        return x, y, _NARROW
    stairs = Stairs(at=np.array(x[1:], float), level=np.array(y, float), half=half, ink=1.0, spread=1.0)
    first, stairs.spread = min((_cost(pixels, replace(stairs, spread=s)), s) for s in _SPREADS)
    noise = _NARROW
    for turn in range(_TURNS + 2):
        scale = max(_NARROW, _WIDE / 2**turn)
        rest, seen, weight = _settle(pixels, stairs, scale)
        if turn == 0:
            sharp = replace(stairs, round=False)
            if _cost(pixels, sharp) < pixels.loss(rest, _NARROW):
                stairs.round = False
                rest, seen, weight = _settle(pixels, stairs, scale)
        noise = _noise(pixels, rest, seen)
        if turn < _TURNS:
            split(pixels, stairs, rest, seen, weight, noise)
        else:
            join(stairs, seen, weight, noise)
    rest, seen, weight = _settle(pixels, stairs, _NARROW)
    leave_out(stairs, rest, seen, weight, noise)
    if _cost(pixels, stairs) > first:
        return x, y, noise
    return np.concatenate([[0.0], stairs.at]), stairs.level, noise


def _cost(pixels: Pixels, stairs: Stairs) -> float:
    return pixels.loss(pixels.coverage - seen_through(pixels, stairs).cover, _NARROW)


def _settle(pixels: Pixels, stairs: Stairs, scale: float) -> tuple[FloatArray, Seen, FloatArray]:
    """Levenberg-Marquardt; changes the stairs, returns residuals, model and weights."""
    seen = seen_through(pixels, stairs)
    rest = pixels.coverage - seen.cover
    loss = pixels.loss(rest, scale)
    damping, stuck = 0.01, False
    for _ in range(_STEPS):
        if not stuck:
            weight = pixels.trust(rest, scale)
            normal, jacobian = normal_matrix(seen, weight)
            pull = jacobian.T @ (weight * rest)
            thicker, darker = (_alone(weight, rest, slope) for slope in (seen.by_half, seen.by_ink))
        damped = normal + sparse.diags(damping * normal.diagonal() + 0.01, format="csc")
        tried = _moved(stairs, linalg.spsolve(damped, pull), thicker / (1 + damping), darker / (1 + damping))
        further = seen_through(pixels, tried)
        left = pixels.coverage - further.cover
        cost = pixels.loss(left, scale)
        stuck = cost >= loss
        if stuck:
            damping = 10 * damping + 0.1
            continue
        done = loss - cost < 1e-3 * loss
        vars(stairs).update(vars(tried))
        seen, rest, loss, damping = further, left, cost, damping / 5
        if done:
            break
    return rest, seen, pixels.trust(rest, scale)


def _alone(weight: FloatArray, rest: FloatArray, slope: FloatArray) -> float:
    """Return the change of one parameter that explains most of the residuals."""
    return float((weight * rest * slope).sum() / max((weight * slope * slope).sum(), 1e-9))


def _moved(stairs: Stairs, change: FloatArray, thicker: float, darker: float) -> Stairs:
    steps = len(stairs.at)
    tried = Stairs(
        at=stairs.at + np.clip(change[:steps], -_FURTHEST, _FURTHEST),
        level=stairs.level + np.clip(change[steps:], -_FURTHEST, _FURTHEST),
        half=float(np.clip(stairs.half + np.clip(thicker, -0.1, 0.1), 0.3, 12.0)),
        ink=float(np.clip(stairs.ink + np.clip(darker, -0.1, 0.1), 0.9, 1.0 if stairs.half > 0.8 else 2.0)),
        spread=stairs.spread,
        round=stairs.round,
    )
    in_order(tried)
    return tried


def _noise(pixels: Pixels, rest: FloatArray, seen: Seen) -> float:
    slopes = np.asarray(abs(seen.by_level).sum(axis=1)).ravel() + np.asarray(abs(seen.by_time).sum(axis=1)).ravel()
    edge = slopes > 0.2
    if (edge & ~pixels.marked).sum() > _ENOUGH:
        edge &= ~pixels.marked
    return max(_QUIETEST, 1.4826 * float(np.median(np.abs(rest[edge])))) if edge.any() else _NARROW
