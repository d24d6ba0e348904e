"""How often intervals over draws were measured to hold the truth, and how far they are widened for it."""

from __future__ import annotations

from dataclasses import dataclass

from survrecon.model.estimate import normal_quantile
from survrecon.model.settings import USUAL_LEVEL
from survrecon.records.schema import SourceKind

__all__ = ["MEASURED_COVERAGE", "MeasuredCoverage"]


@dataclass(frozen=True, kw_only=True, slots=True)
class MeasuredCoverage:
    """Share of simulated trials whose nominal 95% interval of ln HR holds the truth, by what was given.

    The least over all that can be given beside the curves (nothing, totals of events, a risk table, censoring marks,
    all of it), so that no class of input is trusted further than where it was measured to be worst.
    ``benchmarks/RESULTS.md`` has the shares, and the calls that print them.

    Parameters
    ----------
    vector : float
        Of the drawing commands of a file.
    traced : float
        Of the columns of pixels.
    manual : float
        Of a person's clicks.
    summary : float
        Of numbers that a paper prints; on other simulated papers than those of the table.
    """

    vector: float = 0.923
    traced: float = 0.925
    manual: float = 0.912
    summary: float = 0.957

    def widening(self, kind: SourceKind) -> float:
        """Return the factor by which an interval is widened so that it would have held the truth in 95%; at least 1.

        Examples
        --------
        >>> [round(MeasuredCoverage().widening(kind), 2) for kind in (SourceKind.TRACED, SourceKind.SUMMARY)]
        [1.1, 1.0]
        """
        measured: float = getattr(self, kind.value)
        return max(1.0, normal_quantile(USUAL_LEVEL) / normal_quantile(measured))


MEASURED_COVERAGE = MeasuredCoverage()
