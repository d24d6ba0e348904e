"""Patients for fits: data sets that lifelines ships, and draws made of them."""

from __future__ import annotations

from functools import cache

import numpy as np

from survrecon.analysis.comparison import ArmData
from survrecon.model.ipd import PseudoIPD

__all__ = ["bootstrapped", "gbsg2", "lung", "simulated"]

_DAYS = 30.4375  # in a month


@cache
def gbsg2() -> tuple[PseudoIPD, PseudoIPD]:
    """Return the arms without and with hormonal therapy, in months."""
    from lifelines.datasets import load_gbsg2

    found = load_gbsg2()
    first, second = (found[found["horTh"] == arm] for arm in ("no", "yes"))
    return _arm(first["time"], first["cens"], "no"), _arm(second["time"], second["cens"], "yes")


@cache
def lung() -> tuple[PseudoIPD, PseudoIPD]:
    """Return men and women, in months."""
    from lifelines.datasets import load_lung

    found = load_lung()
    first, second = (found[found["sex"] == sex] for sex in (1, 2))
    return _arm(first["time"], first["status"], "men"), _arm(second["time"], second["status"], "women")


def _arm(days: object, event: object, name: str) -> PseudoIPD:
    return PseudoIPD(time=np.asarray(days, dtype=float) / _DAYS, event=np.asarray(event, dtype=bool), arm=name)


def bootstrapped(central: PseudoIPD, draws: int, seed: int = 1) -> ArmData:
    """Return an arm with bootstraps as its draws."""
    rng = np.random.default_rng(seed)
    rows = [rng.integers(0, central.n, central.n) for _ in range(draws)]
    again = [PseudoIPD(time=central.time[row], event=central.event[row], arm=central.arm) for row in rows]
    return ArmData(central=central, draws=tuple(again))


def simulated(times: np.ndarray[tuple[int], np.dtype[np.float64]], end: float, name: str = "arm") -> PseudoIPD:
    """Return patients who are followed up to ``end``."""
    return PseudoIPD(time=np.minimum(times, end), event=times <= end, arm=name)
