"""Patients typed in as lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from survrecon.model.ipd import PseudoIPD

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["patients"]


def patients(time: Iterable[float], event: Iterable[int], arm: str = "arm", time_unit: str = "months") -> PseudoIPD:
    """Return one arm; ``event`` is 1 or 0."""
    times, flags = np.array(list(time), dtype=float), np.array(list(event), dtype=bool)
    return PseudoIPD(time=times, event=flags, arm=arm, time_unit=time_unit)
