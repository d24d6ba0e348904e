"""What a paper prints of two arms whose patients are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from survrecon import PublishedFact
from survrecon.analysis.cox import contrast

if TYPE_CHECKING:
    from survrecon.model.ipd import PseudoIPD

__all__ = ["printed_contrast"]


def printed_contrast(control: PseudoIPD, treatment: PseudoIPD, *, of: str, over: str) -> list[PublishedFact]:
    """Return hazard ratio with its interval to two decimals, and p to two, three below 0.10, or "<0.001".

    Parameters
    ----------
    control, treatment : PseudoIPD
        The patients.
    of, over : str
        Names of treatment and control as the paper prints them.
    """
    fit = contrast(control, treatment)
    value, low, high = (round(float(np.exp(fit.log_hr + side * 1.959964 * fit.se)), 2) for side in (0, -1, 1))
    p = float(2 * ndtr(-abs(fit.logrank_z)))
    decimals = 2 if p >= 0.1 else 3
    small = {"value": 0.001, "bound": "less than"} if p < 0.001 else {"value": round(p, decimals)}
    shared = {"model": "unadjusted", "place": "simulated", "source": "simulated"}
    ratio = {"of": of, "over": over, "value": value, "interval": [low, high], "decimals": 2}
    return [
        PublishedFact.model_validate({"quantity": "hazard_ratio", **ratio, **shared}),
        PublishedFact.model_validate({"quantity": "logrank_p", "decimals": decimals, **small, **shared}),
    ]
