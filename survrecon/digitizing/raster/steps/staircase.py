"""How many steps a curve has: adding those that pixels show, joining those that they do not tell apart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import linalg

from survrecon.arrays import monotone_fit
from survrecon.digitizing.raster.steps.line_cover import Pixels, Seen, Stairs, normal_matrix, seen_through
from survrecon.digitizing.raster.steps.settings import STAIRCASE

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray, IntArray

__all__ = ["fit_staircase", "join", "leave_out", "put_in_order", "split"]

_TOLD = 0.5  # pixels' worth of edge below which a corner is hidden


def put_in_order(stairs: Stairs) -> None:
    """Keep times and levels rising: what has passed its neighbour stops beside it."""
    if (np.diff(stairs.at) < 0).any():
        stairs.at = monotone_fit(stairs.at, np.ones(len(stairs.at)))
    stairs.at = np.maximum(stairs.at, 0.0)
    if (np.diff(stairs.level) < 0).any():
        length = (
            np.diff(np.concatenate([[0.0], stairs.at, [stairs.at[-1] + STAIRCASE.last_level]])) + STAIRCASE.least_length
        )
        stairs.level = monotone_fit(stairs.level, length)


def _moves(
    jacobian: sparse.csr_matrix, rest: FloatArray, weight: FloatArray, place: IntArray, size: int
) -> tuple[FloatArray, FloatArray]:
    """Return by how much each parameter would move if one row (or column) of pixels alone were asked; and weights."""
    found = jacobian.tocoo()
    key = found.col.astype(np.int64) * size + place[found.row]
    total = jacobian.shape[1] * size
    pull = np.bincount(key, found.data * weight[found.row] * rest[found.row], minlength=total).reshape(-1, size)
    mass = np.bincount(key, found.data**2 * weight[found.row], minlength=total).reshape(-1, size)
    return np.asarray(pull, float), np.asarray(mass, float)


@dataclass(frozen=True, kw_only=True)
class _Cuts:
    """The best cut in two of each parameter's pixels, with the later part further on; shape (q,) each."""

    gain: FloatArray
    place: IntArray
    before: FloatArray
    after: FloatArray


def _best_cuts(pull: FloatArray, mass: FloatArray) -> _Cuts:
    """Return the best cut along each row of what single pixels ask for, and its part's means; no gain where none is."""
    m, p = np.cumsum(mass, axis=1), np.cumsum(pull, axis=1)
    before, after = m[:, :-1], m[:, -1:] - m[:, :-1]
    ok = (before > STAIRCASE.thinnest) & (after > STAIRCASE.thinnest)
    first = np.where(ok, p[:, :-1] / np.maximum(before, STAIRCASE.tiny), 0.0)
    second = np.where(ok, (p[:, -1:] - p[:, :-1]) / np.maximum(after, STAIRCASE.tiny), 0.0)
    whole = np.maximum(m[:, -1:], STAIRCASE.tiny)
    gain = np.where(ok & (second > first), before * after / whole * (second - first) ** 2, 0.0)
    place = gain.argmax(axis=1)
    each = np.arange(len(place))
    return _Cuts(gain=gain[each, place], place=place, before=first[each, place], after=second[each, place])


def split(pixels: Pixels, stairs: Stairs, rest: FloatArray, seen: Seen, weight: FloatArray, noise: float) -> None:
    """Add steps: where the lower part of a stroke stands further right, and where a level falls along it."""
    price = STAIRCASE.price * noise**2
    rows, columns = int(pixels.row.max()) + 1, int(pixels.column.max()) + 1
    strokes = _best_cuts(*_moves(seen.by_time, rest, weight, pixels.row, rows))
    levels = _best_cuts(*_moves(seen.by_level, rest, weight, pixels.column, columns))
    stroke_falls = (strokes.gain > price) & (strokes.after - strokes.before > STAIRCASE.apart)
    level_falls = (levels.gain > price) & (levels.after - levels.before > STAIRCASE.low)
    at, level = stairs.at, stairs.level
    new_at: list[float] = []
    new_level: list[float] = []
    for k in range(len(level)):
        new_level.append(float(level[k]))
        place = float(levels.place[k] + 1)
        lo, hi = (at[k - 1] if k else 0.0), (at[k] if k < len(at) else np.inf)
        if level_falls[k] and lo + 0.5 < place < hi - 0.5:
            new_at.append(place)
            new_level[-1] = float(level[k] + levels.before[k])
            new_level.append(float(level[k] + levels.after[k]))
        if k == len(at):
            break
        middle = float(strokes.place[k] + 1)
        if stroke_falls[k] and level[k] + STAIRCASE.low < middle < level[k + 1] - STAIRCASE.low:
            new_at += [float(at[k] + strokes.before[k]), float(at[k] + strokes.after[k])]
            new_level.append(middle)
        else:
            new_at.append(float(at[k]))
    stairs.at, stairs.level = np.array(new_at), np.array(new_level)
    put_in_order(stairs)


def join(stairs: Stairs, seen: Seen, weight: FloatArray, noise: float) -> None:
    """Make one step of two whose strokes or levels are not told apart."""
    steps = len(stairs.at)
    if not steps:
        return
    normal, _ = normal_matrix(seen, weight)
    told = normal.diagonal() > _TOLD
    spread = np.linalg.inv(normal.toarray() + STAIRCASE.ridge * np.eye(2 * steps + 1)) * noise**2
    at, level = stairs.at, stairs.level
    t, y = spread[:steps, :steps], spread[steps : 2 * steps + 1, steps : 2 * steps + 1]
    low = np.diff(level) ** 2 / np.maximum(np.diag(y)[1:] + np.diag(y)[:-1] - 2 * np.diag(y, 1), STAIRCASE.least_spread)
    low[np.diff(level) < STAIRCASE.low] = 0.0
    low[~(told[steps + 1 :] & told[steps:-1]) & (np.diff(level) > STAIRCASE.low)] = np.inf
    near = np.diff(at) ** 2 / np.maximum(np.diag(t)[1:] + np.diag(t)[:-1] - 2 * np.diag(t, 1), STAIRCASE.least_spread)
    near[~(told[1:steps] & told[: steps - 1])] = np.inf  # hidden: what was found before stays
    near[np.diff(at) < STAIRCASE.nearest] = 0.0
    doubts = [(float(v), k, "low") for k, v in enumerate(low)] + [(float(v), k, "near") for k, v in enumerate(near)]
    touched = np.zeros(steps + 2, bool)
    gone_at, gone_level = np.zeros(steps, bool), np.zeros(steps + 1, bool)
    at, level = at.copy(), level.copy()
    for value, k, what in sorted(doubts):
        if value > STAIRCASE.price / 2:
            break
        if touched[max(0, k - 1) : k + 3].any():
            continue
        touched[k : k + 2] = True
        if what == "near":  # the level between strokes k and k + 1 goes
            share = (level[k + 1] - level[k]) / max(level[k + 2] - level[k], STAIRCASE.tiny)
            at[k] = share * at[k] + (1 - share) * at[k + 1]
            gone_at[k + 1] = gone_level[k + 1] = True
        else:  # stroke k goes
            ends = np.concatenate([[0.0], stairs.at, [stairs.at[-1] + STAIRCASE.end_level]])
            a, b = ends[k + 1] - ends[k] + STAIRCASE.least_run, ends[k + 2] - ends[k + 1] + STAIRCASE.least_run
            level[k] = (a * level[k] + b * level[k + 1]) / (a + b)
            gone_at[k] = gone_level[k + 1] = True
    stairs.at, stairs.level = at[~gone_at], level[~gone_level]


def _group_start(at: FloatArray, gone: npt.NDArray[np.bool_], k: int) -> float:
    """Return the first of the steps that were made one up to step ``k``."""
    while k > 0 and gone[k]:
        k -= 1
    return float(at[k])


def leave_out(stairs: Stairs, rest: FloatArray, seen: Seen, weight: FloatArray, noise: float) -> None:
    """Make one step of two close ones between which the level is not known: a wrong level misleads, a tie does not."""
    steps = len(stairs.at)
    if steps < 2:
        return
    normal, _ = normal_matrix(seen, weight)
    spread = np.diag(np.linalg.inv(normal.toarray() + STAIRCASE.ridge * np.eye(2 * steps + 1)))[steps:]
    squares = seen.by_level.multiply(seen.by_level)
    misfit = np.sqrt((squares.T @ (weight * rest**2)) / np.maximum(squares.T @ weight, STAIRCASE.tiny))
    error = np.maximum(misfit, noise) * np.sqrt(spread)
    doubt = np.where(np.diff(stairs.at) <= STAIRCASE.close, error[1:-1], 0.0)
    at, level = stairs.at.copy(), stairs.level
    gone = np.zeros(steps + 1, bool)
    for k in range(steps - 1):
        if doubt[k] <= STAIRCASE.unsure or stairs.at[k + 1] - _group_start(stairs.at, gone, k) > STAIRCASE.close:
            continue
        before = level[np.flatnonzero(~gone[: k + 1])[-1]]
        share = (level[k + 1] - before) / max(level[k + 2] - before, STAIRCASE.tiny)
        at[k + 1] = share * at[k] + (1 - share) * at[k + 1]
        gone[k + 1] = True
    stairs.at, stairs.level = at[~gone[1:]], level[~gone]


_TURNS = 3  # of splitting
_STEPS = 8  # of Gauss-Newton in a turn
_WIDE, _NARROW = STAIRCASE.wide, STAIRCASE.narrow  # coverage from which a residual counts less, at first and at last
_ENOUGH = 200  # pixels that tell the noise
_FURTHEST = 0.5  # pixels that a corner moves in one turn of Gauss-Newton
_SPREADS = (
    1.0,
    STAIRCASE.softened,
    STAIRCASE.blurred,
    STAIRCASE.smeared,
)  # widths of a pixel's view: sharp, softened, blurred


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
    damping, stuck = STAIRCASE.damping, False
    for _ in range(_STEPS):
        if not stuck:
            weight = pixels.trust(rest, scale)
            normal, jacobian = normal_matrix(seen, weight)
            pull = jacobian.T @ (weight * rest)
            thicker, darker = (_alone(weight, rest, slope) for slope in (seen.by_half, seen.by_ink))
        damped = normal + sparse.diags(damping * normal.diagonal() + STAIRCASE.least_damping, format="csc")
        tried = _moved(stairs, linalg.spsolve(damped, pull), thicker / (1 + damping), darker / (1 + damping))
        further = seen_through(pixels, tried)
        left = pixels.coverage - further.cover
        cost = pixels.loss(left, scale)
        stuck = cost >= loss
        if stuck:
            damping = 10 * damping + STAIRCASE.more_damping
            continue
        done = loss - cost < STAIRCASE.done * loss
        vars(stairs).update(vars(tried))
        seen, rest, loss, damping = further, left, cost, damping / 5
        if done:
            break
    return rest, seen, pixels.trust(rest, scale)


def _alone(weight: FloatArray, rest: FloatArray, slope: FloatArray) -> float:
    """Return the change of one parameter that explains most of the residuals."""
    return float((weight * rest * slope).sum() / max((weight * slope * slope).sum(), STAIRCASE.tiny))


def _moved(stairs: Stairs, change: FloatArray, thicker: float, darker: float) -> Stairs:
    steps = len(stairs.at)
    tried = Stairs(
        at=stairs.at + np.clip(change[:steps], -_FURTHEST, _FURTHEST),
        level=stairs.level + np.clip(change[steps:], -_FURTHEST, _FURTHEST),
        half=float(
            np.clip(
                stairs.half + np.clip(thicker, -STAIRCASE.thicker, STAIRCASE.thicker),
                STAIRCASE.thinnest_half,
                STAIRCASE.thickest_half,
            )
        ),
        ink=float(
            np.clip(
                stairs.ink + np.clip(darker, -STAIRCASE.darker, STAIRCASE.darker),
                STAIRCASE.palest,
                1.0 if stairs.half > STAIRCASE.hairline else 2.0,
            )
        ),
        spread=stairs.spread,
        round=stairs.round,
    )
    put_in_order(tried)
    return tried


def _noise(pixels: Pixels, rest: FloatArray, seen: Seen) -> float:
    slopes = np.asarray(abs(seen.by_level).sum(axis=1)).ravel() + np.asarray(abs(seen.by_time).sum(axis=1)).ravel()
    edge = slopes > STAIRCASE.edge_slope
    if (edge & ~pixels.marked).sum() > _ENOUGH:
        edge &= ~pixels.marked
    return max(STAIRCASE.quietest, STAIRCASE.mad * float(np.median(np.abs(rest[edge])))) if edge.any() else _NARROW
