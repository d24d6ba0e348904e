"""Trials whose truth is exchangeable with the draws: what a figure leaves open is made by the test itself."""

from __future__ import annotations

import numpy as np

from survrecon.model.diagnostics import Diagnostics
from survrecon.model.ipd import PseudoIPD, Reconstruction
from survrecon.model.published import PublishedFact

__all__ = ["data_set", "fact", "reconstruction"]


def data_set(rng: np.random.Generator, arm: str, hazard: float, n: int = 80) -> PseudoIPD:
    """One data set that a figure might show: nearly the same curve, with how many were censored less known."""
    places = (np.arange(n) + rng.random(n)) / n
    died = -np.log1p(-places) / (hazard * np.exp(rng.normal(0, 0.02)))
    left = (
        40 * np.exp(rng.normal(0, 0.2)) * (np.arange(n) * 0.6180339887 % 1)
    )  # evenly over any stretch of the patients
    return PseudoIPD(time=np.minimum(died, left), event=died <= left, arm=arm)


def reconstruction(arm: str, hazard: float, seed: int) -> Reconstruction:
    """Draws of one arm, endless and repeatable."""

    def drawer(k: int) -> list[PseudoIPD]:
        rng = np.random.default_rng([seed, len(arm)])
        return [data_set(rng, arm, hazard) for _ in range(k)]

    return Reconstruction(ipd=drawer(1)[0], method="test", drawer=drawer, diagnostics=Diagnostics(largest_residual=0.1))


def fact(quantity: str, **keys: object) -> PublishedFact:
    """A printed fact with what every fact has."""
    told: dict[str, object] = {"quantity": quantity, "place": "text", "source": "paper"}
    if quantity in ("hazard_ratio", "logrank_p", "p_value"):
        told["model"] = "unadjusted"
    return PublishedFact.model_validate(told | keys)
