"""Which random numbers an arm is rebuilt with: those of the seed and of what is given, and of nothing else."""

from __future__ import annotations

import hashlib

import numpy as np

from survrecon.curve import FloatArray, RiskTable, SurvivalCurve

__all__ = ["stream_of"]

_DIGITS = 10  # what is beyond them is round-off of units and percent, and makes no other input


def stream_of(
    rng: np.random.Generator,
    curve: SurvivalCurve,
    *,
    n: int,
    risk_table: RiskTable | None = None,
    events: int | None = None,
    censor_times: FloatArray | None = None,
) -> np.random.Generator:
    """Return the generator of an arm: the next of ``rng``, and other numbers for other inputs.

    Without the inputs, two arms that are rebuilt from one seed would share their random numbers, and the errors that
    their draws have by chance would be alike. Names do not enter, nor does the unit of time.

    Parameters
    ----------
    rng : Generator
        The caller's; it is moved on by one number.
    curve, n, risk_table, events, censor_times
        The arm's inputs.
    """
    span = float(np.max(curve.time, initial=0.0)) or 1.0
    order = np.lexsort((-curve.survival, curve.time))
    parts: list[object] = [n, events, _digits(curve.time[order] / span), _digits(curve.survival[order])]
    if risk_table is not None:
        parts += [_digits(risk_table.time / span), risk_table.at_risk.tolist(), str(risk_table.convention)]
    if censor_times is not None:
        parts.append(_digits(censor_times / span))
    content = int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:16], "big")
    return np.random.default_rng([int(rng.integers(2**63)), content])


def _digits(values: FloatArray) -> list[float]:
    rounded: list[float] = (np.round(np.asarray(values, dtype=float), _DIGITS) + 0.0).tolist()  # + 0.0: no minus zero
    return rounded
