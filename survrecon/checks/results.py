"""Everything that came of one record: what reports are written from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from survrecon.checks.agreement import Agreement, Verdict
from survrecon.model.show import Shown, lent

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from survrecon.analysis.results import ArmSummary, Comparison
    from survrecon.model.estimate import Estimate
    from survrecon.model.ipd import Reconstruction
    from survrecon.records.folder import FigureRecord
    from survrecon.value_of_information.results import WhatWouldHelp
    from survrecon.weighting.results import Constraints

__all__ = ["LandmarkRatio", "RecordResult", "Scenario"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """One row of the sensitivity table: what was changed, and the hazard ratio that it gives."""

    name: str
    description: str
    hazard_ratio: Estimate


@dataclass(frozen=True, kw_only=True, slots=True)
class LandmarkRatio:
    """The naive alternative: ratio of ln S of two arms at a printed time, without any reconstruction."""

    at: float
    ratio: Estimate
    note: str


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class RecordResult(Shown):
    """One record re-analysed.

    Parameters
    ----------
    record : FigureRecord
        What was given.
    reconstructions : mapping of str to Reconstruction
        By arm, control first; empty where the record is not buildable.
    arms : tuple of ArmSummary
        Control first.
    comparisons : tuple of Comparison
        Every treatment against the control.
    checks : tuple of Agreement
        Hazard ratios first.
    scenarios : tuple of Scenario
        Sensitivity of the hazard ratio.
    landmark_ratios : tuple of LandmarkRatio
        Naive alternatives.
    not_buildable : str or None
        Why nothing could be built.
    what_would_help : tuple of WhatWouldHelp
        For each comparison, where it was asked for.
    draws, seed : int
        How many data sets, from which seed.
    command : str
        The call that repeats it.
    constraints : Constraints or None
        Printed statistics that weighted the draws.
    """

    record: FigureRecord
    reconstructions: Mapping[str, Reconstruction]
    arms: tuple[ArmSummary, ...]
    comparisons: tuple[Comparison, ...]
    checks: tuple[Agreement, ...]
    scenarios: tuple[Scenario, ...] = ()
    landmark_ratios: tuple[LandmarkRatio, ...] = ()
    not_buildable: str | None = None
    what_would_help: tuple[WhatWouldHelp, ...] = ()
    draws: int = 0
    seed: int = 0
    command: str = ""
    constraints: Constraints | None = None

    def to_frame(self) -> pd.DataFrame:
        """Return the rebuilt patients of all arms as ``ipd.csv`` holds them: ``time``, ``event`` and ``arm``."""
        import pandas as pd

        if not self.arms:
            return pd.DataFrame({"time": [], "event": [], "arm": []})
        frames = [arm.central.to_frame().assign(arm=arm.name) for arm in self.arms]
        return pd.concat(frames, ignore_index=True)

    def checks_frame(self) -> pd.DataFrame:
        """Return the checks in the report's words: what the paper says, what came out, and the verdict."""
        frame: pd.DataFrame = lent("checks_frame")(self)
        return frame

    @property
    def unexplained(self) -> tuple[Agreement, ...]:
        """The checks that differ without a reason on record."""
        return tuple(c for c in self.checks if c.verdict is Verdict.DIFFERS and c.explanation is None)
