"""Survival and hazard of the general population, alike in age and sex to a trial's patients, from a life table.

Patients of different ages die of other causes at unlike rates, and the old leave first: the hazard of the group is the
mean hazard of those still alive, h(t) = sum w S_i(t) h_i(t) / S(t) with S(t) = sum w S_i(t), not the hazard at the mean
age. Age and calendar time run on together, and the table is entered anew at each birthday and each new year.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from survrecon.errors import AnalysisError
from survrecon.model.show import BriefRepr

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray
    from survrecon.model.external import Cohort, LifeTable, Sex

__all__ = ["YEAR_IN", "Population", "units_in_a_year"]

YEAR_IN = {"years": 1.0, "months": 12.0, "weeks": 365.25 / 7, "days": 365.25}
"""A year in each unit of time."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Population(BriefRepr):
    """The general population alike in age and sex to a cohort.

    Parameters
    ----------
    table : LifeTable
        Of the patients' country.
    cohort : Cohort
        At the start of follow-up.
    time_unit : str
        Of the times asked for: days, weeks, months or years.

    Raises
    ------
    AnalysisError
        If the table lacks an age, a sex or the first year of the cohort.
    """

    table: LifeTable
    cohort: Cohort
    time_unit: str = "months"
    _per_year: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_per_year", units_in_a_year(self.time_unit))
        table, cohort = self.table, self.cohort
        lacking = sorted({sex for sex in cohort.sexes if sex not in table.q})
        if lacking:
            raise AnalysisError(table.name, "rows of each sex in the cohort", f"none of {lacking[0]}", "add them")
        if cohort.ages.min() < table.ages[0]:
            got = f"the first at {table.ages[0]:g}, patients of {cohort.ages.min():g}"
            raise AnalysisError(table.name, "rows from the youngest patient's age on", got, "add them")
        if table.years.size > 1 and cohort.start_year < table.years[0]:
            got = f"{table.years[0]:g}, and a start in {cohort.start_year:g}"
            raise AnalysisError(table.name, "a first year no later than the start of follow-up", got, "add years")

    def survival_and_hazard(self, times: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return S(t) and the hazard at times (T,) from 0, the hazard per unit of time."""
        years = np.asarray(times, dtype=float) / self._per_year
        alive, dying = np.zeros(years.shape), np.zeros(years.shape)
        for age, sex, share in zip(self.cohort.ages, self.cohort.sexes, self.cohort.shares, strict=True):
            survival, hazard = self._one(float(age), sex, years)
            alive += share * survival
            dying += share * survival * hazard
        with np.errstate(invalid="ignore", divide="ignore"):
            return alive, dying / alive / self._per_year

    def _one(self, age: float, sex: Sex, years: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return survival and yearly hazard of patients of one age and sex."""
        last = float(years.max(initial=0.0)) + 1
        start = self.cohort.start_year
        # The hazard changes at each birthday and each new year.
        birthdays = np.arange(np.floor(age) + 1, age + last) - age
        new_years = np.arange(np.floor(start) + 1, start + last) - start
        edges = np.unique(np.concatenate([[0.0], birthdays, new_years, [last]]))
        middle = (edges[1:] + edges[:-1]) / 2
        rates = self.table.hazard(sex, age + middle, start + middle)
        reached = np.concatenate([[0.0], np.cumsum(rates * np.diff(edges))])
        place = np.clip(np.searchsorted(edges, years, side="right") - 1, 0, rates.size - 1)
        return np.exp(-np.interp(years, edges, reached)), rates[place]

    def notes(self, horizon: float) -> tuple[str, ...]:
        """Return what is assumed of the years and ages up to a horizon that the table lacks."""
        end = horizon / self._per_year
        told = []
        last_year, last_age = float(self.table.years[-1]), float(self.table.ages[-1])
        if self.table.years.size == 1:
            told.append(f"{self.table.name}: mortality of {last_year:g} is taken for every year")
        elif self.cohort.start_year + end >= last_year + 1:
            told.append(f"{self.table.name}: mortality of {last_year:g}, its last year, is taken for later years")
        if self.cohort.ages.max() + end >= last_age + 1:
            told.append(f"{self.table.name}: mortality at {last_age:g}, its last age, is taken for higher ages")
        return tuple(told)


def units_in_a_year(time_unit: str) -> float:
    """Return how many units of time a year has.

    Raises
    ------
    AnalysisError
        If the unit is not known.

    Examples
    --------
    >>> units_in_a_year("months")
    12.0
    """
    found = YEAR_IN.get(time_unit)
    if found is None:
        raise AnalysisError("time unit", f"one of {', '.join(YEAR_IN)}, to enter a life table", time_unit, "state it")
    return found
