"""The contrast of one trial, as a synthesis takes it, and what must hold before several are put together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from math import isfinite, sqrt
from typing import TYPE_CHECKING

from survrecon.errors import AnalysisError
from survrecon.model.estimate import Scale

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["ContrastMeasure", "TrialContrast", "refuse_unlike"]


class ContrastMeasure(StrEnum):
    """What a contrast of two arms is measured by."""

    HAZARD_RATIO = "hr"
    """ln of the hazard ratio."""
    RMST = "rmst"
    """Difference of restricted mean survival times up to ``tau``."""
    SURVIVAL = "survival"
    """Difference of survival probabilities at ``tau``."""

    @property
    def scale(self) -> Scale:
        """The scale that effects and variances of this measure are on."""
        return Scale.LOG if self is ContrastMeasure.HAZARD_RATIO else Scale.IDENTITY

    @property
    def words(self) -> str:
        """What it is called in a table."""
        return _WORDS[self]


_WORDS = {
    ContrastMeasure.HAZARD_RATIO: "hazard ratio",
    ContrastMeasure.RMST: "difference of restricted mean survival times",
    ContrastMeasure.SURVIVAL: "difference of survival probabilities",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialContrast:
    """The effect of ``of`` over ``over`` in one trial.

    Parameters
    ----------
    study, endpoint : str
        Which trial, and of what.
    of, over : str
        The treatment and its comparator.
    measure : ContrastMeasure
        What ``effect`` is.
    effect : float
        On the measure's scale: ln of a hazard ratio, a difference of means or of probabilities.
    sampling_variance : float
        Of ``effect``, as the true patients have it: from the printed interval where the ratio is a published one.
    reconstruction_variance : float
        Of ``effect``, due to the reading of the figure; 0 where the effect is a published one.
    tau : float or None
        Up to which time a restricted mean goes, or at which survival is compared, in ``time_unit``.
    time_unit : str
        Of ``tau``.
    source : str
        ``published`` or ``rebuilt``.
    non_proportional_p : float or None
        Of the Grambsch-Therneau test on the rebuilt patients.

    Raises
    ------
    AnalysisError
        If the effect is not finite, a variance is negative, both are 0, or ``tau`` is missing where it is needed.
    """

    study: str
    endpoint: str
    of: str
    over: str
    effect: float
    sampling_variance: float
    reconstruction_variance: float = 0.0
    measure: ContrastMeasure = ContrastMeasure.HAZARD_RATIO
    tau: float | None = None
    time_unit: str = ""
    source: str = "rebuilt"
    non_proportional_p: float | None = None

    def __post_init__(self) -> None:
        where = f"{self.study}, {self.of} over {self.over}"
        variances = (self.sampling_variance, self.reconstruction_variance)
        if not isfinite(self.effect):
            raise AnalysisError(where, "an effect is a finite number", f"{self.effect}", "correct or leave out the row")
        if not all(isfinite(v) and v >= 0 for v in variances) or not sum(variances):
            raise AnalysisError(
                where,
                "variances are 0 or more, and not both 0",
                f"sampling {variances[0]}, reconstruction {variances[1]}",
                "give the variance of the effect, the square of its standard error",
            )
        if (self.tau is None) is not (self.measure is ContrastMeasure.HAZARD_RATIO):
            rule = "no tau with a hazard ratio" if self.tau is not None else f"a tau with a {self.measure.words}"
            raise AnalysisError(where, rule, f"{self.tau}", "give the measure and its tau together")
        if self.of == self.over:
            raise AnalysisError(where, "two different arms", repr(self.of), "name the treatment and its comparator")

    @property
    def variance(self) -> float:
        """Sampling and reconstruction variance together."""
        return self.sampling_variance + self.reconstruction_variance

    @property
    def se(self) -> float:
        """Standard error of ``effect``, both sources together."""
        return sqrt(self.variance)

    def turned(self) -> TrialContrast:
        """Return the same contrast the other way round."""
        return replace(self, of=self.over, over=self.of, effect=-self.effect)


def refuse_unlike(contrasts: Sequence[TrialContrast], *, same_arms: bool = True) -> None:
    """Refuse contrasts that are not of one measure, endpoint and tau, or not of different trials.

    Two rows of one trial share patients: two treatments over one control, or two endpoints of the same patients. Taken
    as independent they count those patients twice.

    Parameters
    ----------
    contrasts : sequence of TrialContrast
        One a trial.
    same_arms : bool
        Whether all must be of the same treatment over the same comparator.

    Raises
    ------
    AnalysisError
        Naming the first row that does not go with the first.
    """
    tests: list[tuple[str, Callable[[TrialContrast], object], str]] = [
        ("one measure", lambda c: c.measure.words, "pool one measure at a time"),
        ("one endpoint: those of one trial are of the same patients", lambda c: _plain(c.endpoint), "pool each alone"),
        ("one tau, as differences grow with it", lambda c: c.tau, "give the same tau for every trial"),
        ("one time unit", lambda c: c.time_unit, "give every trial in one unit"),
    ]
    if same_arms:
        words = "one treatment over one comparator, by the same names"
        advice = "rename arms that are the same treatment, or turn the row round; pool others apart"
        tests.append((words, lambda c: (_plain(c.of), _plain(c.over)), advice))
    for rule, value, advice in tests:
        first = value(contrasts[0])
        for one in contrasts[1:]:
            if value(one) != first:
                got = f"{_shown(first)} in {contrasts[0].study}, {_shown(value(one))} in {one.study}"
                raise AnalysisError("synthesis", rule, got, advice)
    seen: set[str] = set()
    for one in contrasts:
        if _plain(one.study) in seen:
            raise AnalysisError(
                "synthesis",
                "one row a trial: two rows of one trial share patients",
                f"a second row of {one.study}",
                "choose one of its contrasts, or combine its arms",
            )
        seen.add(_plain(one.study))


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _shown(value: object) -> str:
    return " over ".join(value) if isinstance(value, tuple) else str(value)
