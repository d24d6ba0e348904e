"""Printed facts and patients few enough for a pencil."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from survrecon.model.published import PublishedFact
from tests.analysis.patients import patients

if TYPE_CHECKING:
    from survrecon.model.ipd import PseudoIPD

__all__ = ["arm", "fact", "ratio"]


def fact(quantity: str, value: Any, decimals: int = 2, **more: Any) -> PublishedFact:
    return PublishedFact.model_validate(
        {"quantity": quantity, "value": value, "decimals": decimals, "place": "text", "source": "paper", **more}
    )


def ratio(value: float, decimals: int = 2, **more: Any) -> PublishedFact:
    return fact("hazard_ratio", value, decimals, **{"of": "drug", "over": "placebo", "model": "unadjusted", **more})


def arm(*times: float, events: int | None = None) -> PseudoIPD:
    """Patients of whom the first ``events`` have one."""
    d = len(times) if events is None else events
    return patients(time=times, event=[1] * d + [0] * (len(times) - d), arm="drug")
