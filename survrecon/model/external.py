"""What other sources tell: life tables and the population they describe, ages and sexes, survival at later times."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from survrecon.errors import AnalysisError
from survrecon.model.settings import DAYS_IN
from survrecon.model.show import BriefRepr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from survrecon.arrays import FloatArray

__all__ = ["Cohort", "ExternalPoint", "LifeTable", "Population", "Sex", "cohort_of", "units_in_a_year"]

_SURE_DEATH = 0.999
"""Largest yearly probability of death that is used: the last row of a life table closes it with 1."""
_NARROWEST = 0.5
"""Years of age between the groups of a cohort whose ages are given by mean and SD."""
_WIDEST = 3.5
"""Standard deviations of age to which such a cohort reaches: 5 in 10 000 lie beyond."""


class Sex(StrEnum):
    """As life tables tell it."""

    FEMALE = "female"
    MALE = "male"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class LifeTable(BriefRepr):
    """Yearly probabilities of death.

    Parameters
    ----------
    ages : array of int, shape (a,)
        In full years, one after the other.
    years : array of int, shape (y,)
        Calendar years, rising; one year stands for all.
    q : mapping of Sex to array of float, shape (a, y)
        Probability of dying before the next birthday, from 0 to 1.
    name : str
        Where it comes from.
    """

    ages: FloatArray
    years: FloatArray
    q: Mapping[Sex, FloatArray]
    name: str = "life table"

    def hazard(self, sex: Sex, age: FloatArray, year: FloatArray) -> FloatArray:
        """Return the yearly hazard -log(1 - q) at ages and years; the oldest age and the last year go on for ever."""
        row = np.clip(np.floor(age) - self.ages[0], 0, self.ages.size - 1).astype(int)
        column = np.clip(np.searchsorted(self.years, np.floor(year), side="right") - 1, 0, None)
        return np.asarray(-np.log1p(-np.minimum(self.q[sex][row, column], _SURE_DEATH)))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Cohort(BriefRepr):
    """Ages and sexes at the start of follow-up.

    Parameters
    ----------
    ages : array of float, shape (g,)
        In years.
    sexes : tuple of Sex, length g
        Of each group.
    shares : array of float, shape (g,)
        Of each group; they are divided by their sum.
    start_year : float
        Calendar year at which follow-up starts, in the middle of recruitment, say.
    """

    ages: FloatArray
    sexes: tuple[Sex, ...]
    shares: FloatArray
    start_year: float

    def __post_init__(self) -> None:
        ages, shares = np.asarray(self.ages, dtype=float), np.asarray(self.shares, dtype=float)
        if not (ages.size == shares.size == len(self.sexes) > 0):
            raise AnalysisError("cohort", "age, sex and share of each group", "unlike numbers", "give all three")
        if not np.isfinite(ages).all() or ages.min() < 0:
            raise AnalysisError("cohort", "ages from 0", f"{ages.min():g}", "correct the age")
        if not np.isfinite(shares).all() or shares.min() < 0 or shares.sum() <= 0:
            raise AnalysisError("cohort", "shares from 0, some above", f"{shares.min():g}", "correct the share")
        object.__setattr__(self, "ages", ages)
        object.__setattr__(self, "shares", shares / shares.sum())

    @classmethod
    def from_summary(
        cls, *, mean_age: float, sd_age: float, male: float, start_year: float, youngest: float = 18.0
    ) -> Cohort:
        """Return a cohort whose ages are normal, cut at the youngest age that the trial admits.

        Parameters
        ----------
        mean_age, sd_age : float
            In years, as a paper prints them; an SD of 0 has all at one age.
        male : float
            Share of men.
        start_year : float
            Calendar year of the start.
        youngest : float
            In years.
        """
        if not 0 <= male <= 1:
            raise AnalysisError("male", "a share between 0 and 1", f"{male:g}", "write 0.6 for 60%")
        if not sd_age >= 0:
            raise AnalysisError("sd_age", "years from 0", f"{sd_age:g}", "correct it")
        reach = _WIDEST * sd_age
        ages = np.arange(-reach, reach + _NARROWEST / 2, _NARROWEST) + mean_age if sd_age > 0 else np.array([mean_age])
        ages = ages[ages >= youngest]
        if not ages.size:
            raise AnalysisError("mean_age", f"ages from {youngest:g}", f"{mean_age:g}", "lower the youngest age")
        density = np.exp(-(((ages - mean_age) / sd_age) ** 2) / 2) if sd_age > 0 else np.ones(1)
        both = [(Sex.MALE, male), (Sex.FEMALE, 1 - male)]
        groups = [(sex, share) for sex, share in both if share > 0]
        return cls(
            ages=np.tile(ages, len(groups)),
            sexes=tuple(sex for sex, _ in groups for _ in ages),
            shares=np.concatenate([share * density for _, share in groups]),
            start_year=start_year,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ExternalPoint:
    """Survival that another source tells, to be drawn in: a registry, a longer trial, experts.

    Parameters
    ----------
    time, survival : float
        In the unit of the fits, as a fraction.
    low, high : float or None
        Its interval.
    arm : str or None
        Of which arm; ``None`` for all.
    source : str
        Where it comes from.
    """

    time: float
    survival: float
    low: float | None = None
    high: float | None = None
    arm: str | None = None
    source: str = ""


def cohort_of(groups: Sequence[tuple[float, Sex, float]], start_year: float) -> Cohort:
    """Return a cohort from groups of age, sex and share."""
    ages, sexes, shares = zip(*groups, strict=True)
    return Cohort(ages=np.array(ages), sexes=tuple(sexes), shares=np.array(shares), start_year=start_year)


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
    if time_unit not in DAYS_IN:
        raise AnalysisError("time unit", f"one of {', '.join(DAYS_IN)}, to enter a life table", time_unit, "state it")
    return DAYS_IN["years"] / DAYS_IN[time_unit]
