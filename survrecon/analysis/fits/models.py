"""Models by name: their family, the parameters that a reader sees, and what an arm's coefficient means.

Parameters are named and scaled as in R's flexsurv and flexsurvcure, so that what is printed here can be put in there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from survrecon.analysis.fits.families import (
    EXPONENTIAL,
    Family,
    GompertzFamily,
    LocationScale,
    MixtureCure,
    NonMixtureCure,
    PiecewiseExponential,
    RestrictedCubicSpline,
)
from survrecon.analysis.fits.standard import (
    EXTREME_VALUE,
    LOG_GAMMA,
    LOGISTIC,
    NORMAL,
    PRENTICE_GAMMA,
    StandardDistribution,
)
from survrecon.callers import option_name
from survrecon.errors import AnalysisError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray

__all__ = ["ALL_MODELS", "STANDARD_MODELS", "Effect", "Link", "Model", "Parameter", "model_named", "model_names"]

_CURED = ("weibull", "lognormal", "loglogistic")
_MOST_KNOTS = 3
_PIECES = 4
"""Pieces of the piecewise exponential, with as many events each in the central data set."""

STANDARD_MODELS = ("exponential", "weibull", "gompertz", "lognormal", "loglogistic", "gamma", "gengamma")
"""The seven of NICE DSU Technical Support Document 14, in its order."""
ALL_MODELS = (
    *STANDARD_MODELS,
    *(f"rp-{scale}-{knots}" for scale in ("hazard", "odds", "normal") for knots in range(1, _MOST_KNOTS + 1)),
    *(f"cure-{kind}-{name}" for kind in ("mixture", "nonmixture") for name in _CURED),
    "piecewise",
)
"""Every model by name."""


class Effect(StrEnum):
    """What the coefficient of an arm in a joint fit is."""

    HAZARD = "log hazard ratio"
    TIME = "log ratio of times"
    RATE = "log ratio of rates, the negative of that of times"
    ODDS = "log ratio of the odds of the event"
    PROBIT = "difference of the probits of the event"
    CURED = "log ratio of the odds of being cured"


class Link(StrEnum):
    """How a parameter that a reader sees comes from a working one."""

    SAME = "same"
    NEGATIVE = "negative"
    EXP = "exp"
    EXP_NEGATIVE = "exp of the negative"
    LOGISTIC = "logistic"

    def seen(self, working: FloatArray) -> FloatArray:
        """Return the parameter as a reader sees it.

        Examples
        --------
        >>> float(Link.EXP_NEGATIVE.seen(np.array(0.0))), float(Link.LOGISTIC.seen(np.array(0.0)))
        (1.0, 0.5)
        """
        match self:
            case Link.SAME:
                return working
            case Link.NEGATIVE:
                return -working
            case Link.EXP:
                return np.asarray(np.exp(working))
            case Link.EXP_NEGATIVE:
                return np.asarray(np.exp(-working))
        return np.asarray(np.exp(-np.logaddexp(0.0, -working)))

    def working(self, seen: FloatArray) -> FloatArray:
        """Return the working parameter of one that a reader sees."""
        match self:
            case Link.SAME:
                return seen
            case Link.NEGATIVE:
                return -seen
            case Link.EXP:
                return np.asarray(np.log(seen))
            case Link.EXP_NEGATIVE:
                return np.asarray(-np.log(seen))
        return np.asarray(np.log(seen) - np.log1p(-seen))

    def slope(self, working: FloatArray) -> FloatArray:
        """Return the derivative of `seen`."""
        match self:
            case Link.SAME:
                return np.ones_like(working)
            case Link.NEGATIVE:
                return np.full_like(working, -1.0)
            case Link.EXP:
                return np.asarray(np.exp(working))
            case Link.EXP_NEGATIVE:
                return np.asarray(-np.exp(-working))
        share = self.seen(working)
        return share * (1 - share)


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    """A parameter as a reader sees it.

    Parameters
    ----------
    name : str
        As in flexsurv.
    index : int
        Which working parameter it comes from.
    link : Link
        How.
    """

    name: str
    index: int
    link: Link = Link.SAME


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Model:
    """A model ready to be fitted: a spline has its knots, a piecewise exponential its cuts.

    Parameters
    ----------
    name : str
        One of `ALL_MODELS`.
    family : Family
        In working parameters.
    parameters : tuple of Parameter
        In the order in which they are printed.
    effect : Effect
        What the coefficient of an arm is, in a joint fit.
    effect_link : Link
        How that coefficient comes from the working one.
    """

    name: str
    family: Family
    parameters: tuple[Parameter, ...]
    effect: Effect
    effect_link: Link = Link.SAME

    @property
    def knots(self) -> FloatArray | None:
        """Log times of the knots of a spline, boundaries first and last."""
        return self.family.knots if isinstance(self.family, RestrictedCubicSpline) else None

    @property
    def cuts(self) -> FloatArray | None:
        """Times between the pieces of a piecewise exponential."""
        return self.family.cuts if isinstance(self.family, PiecewiseExponential) else None

    def with_arms(self, arms: Sequence[str]) -> tuple[Parameter, ...]:
        """Return the parameters of a joint fit: those of the first arm, and a coefficient for each further one."""
        names = ["arm"] if len(arms) == 2 else [f"arm {name}" for name in arms[1:]]
        size = self.family.size
        more = (Parameter(name=n, index=size + j, link=self.effect_link) for j, n in enumerate(names))
        return (*self.parameters, *more)


def model_names(asked: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the names of models from what a caller asks for: names, "all", or "standard" (the seven of TSD 14).

    Raises
    ------
    AnalysisError
        If a name is none of them, or comes twice.

    Examples
    --------
    >>> model_names("weibull, rp-hazard-2"), len(model_names("all"))
    (('weibull', 'rp-hazard-2'), 23)
    """
    words = ["standard"] if asked is None else re.split(r"[,\s]+", asked.strip()) if isinstance(asked, str) else asked
    groups = {"all": ALL_MODELS, "standard": STANDARD_MODELS}
    names = [name for word in words for name in groups.get(word, (word,))]
    where = option_name("models")
    for name in names:
        if name not in ALL_MODELS:
            raise AnalysisError(where, f"all, standard, or some of {', '.join(ALL_MODELS)}", repr(name), "name one")
        if names.count(name) > 1:
            raise AnalysisError(where, "each model once", f"{name} twice", "name it once")
    return tuple(names)


def model_named(name: str, event_times: FloatArray) -> Model:
    """Return a model by its name.

    Parameters
    ----------
    name : str
        One of `ALL_MODELS`.
    event_times : array of float
        Times of the events of the central data set, of all arms where it is fitted to them jointly: knots of splines
        are quantiles of their logarithms, cuts of a piecewise exponential quantiles of themselves.

    Raises
    ------
    AnalysisError
        If there are too few different event times for its knots or cuts.
    """
    kind, *rest = name.split("-")
    if kind == "rp":
        return _spline(name, rest[0], int(rest[1]), event_times)
    if kind == "cure":
        return _cure(name, rest[0], rest[1])
    if kind == "piecewise":
        cuts = np.unique(np.quantile(event_times, np.linspace(0, 1, _PIECES + 1)[1:-1]))
        _refuse_few(name, event_times, _PIECES)
        rates = tuple(Parameter(name=f"rate{j + 1}", index=j, link=Link.EXP) for j in range(cuts.size + 1))
        return Model(name=name, family=PiecewiseExponential(cuts=cuts), parameters=rates, effect=Effect.HAZARD)
    return _simple(name)


def _simple(name: str) -> Model:
    """Return one of the standard seven."""
    shape_and_scale = (
        Parameter(name="shape", index=1, link=Link.EXP_NEGATIVE),
        Parameter(name="scale", index=0, link=Link.EXP),
    )
    rate = Parameter(name="rate", index=0, link=Link.EXP_NEGATIVE)
    log_moments = (Parameter(name="meanlog", index=0), Parameter(name="sdlog", index=1, link=Link.EXP))
    family: Family
    match name:
        case "exponential":
            return Model(
                name=name, family=EXPONENTIAL, parameters=(rate,), effect=Effect.HAZARD, effect_link=Link.NEGATIVE
            )
        case "weibull":
            family = LocationScale(standard=EXTREME_VALUE)
            return Model(name=name, family=family, parameters=shape_and_scale, effect=Effect.TIME)
        case "gompertz":
            pair = (Parameter(name="shape", index=1), Parameter(name="rate", index=0, link=Link.EXP))
            return Model(name=name, family=GompertzFamily(), parameters=pair, effect=Effect.HAZARD)
        case "lognormal":
            family = LocationScale(standard=NORMAL)
            return Model(name=name, family=family, parameters=log_moments, effect=Effect.TIME)
        case "loglogistic":
            family = LocationScale(standard=LOGISTIC)
            return Model(name=name, family=family, parameters=shape_and_scale, effect=Effect.TIME)
        case "gamma":
            family = LocationScale(standard=LOG_GAMMA, has_scale=False, has_shape=True)
            both = (Parameter(name="shape", index=1, link=Link.EXP), rate)
            return Model(name=name, family=family, parameters=both, effect=Effect.RATE, effect_link=Link.NEGATIVE)
    family = LocationScale(standard=PRENTICE_GAMMA, has_shape=True)
    three = (
        Parameter(name="mu", index=0),
        Parameter(name="sigma", index=1, link=Link.EXP),
        Parameter(name="Q", index=2),
    )
    return Model(name=name, family=family, parameters=three, effect=Effect.TIME)


def _cure(name: str, kind: str, of: str) -> Model:
    """Return a model with a cured share."""
    base = _simple(of)
    assert isinstance(base.family, LocationScale)
    family: Family = MixtureCure(others=base.family) if kind == "mixture" else NonMixtureCure(others=base.family)
    moved = (Parameter(name=one.name, index=one.index + 1, link=one.link) for one in base.parameters)
    cured = Parameter(name="theta", index=0, link=Link.LOGISTIC)
    return Model(name=name, family=family, parameters=(cured, *moved), effect=Effect.CURED)


def _spline(name: str, scale: str, inner: int, event_times: FloatArray) -> Model:
    """Return a spline with its knots."""
    _refuse_few(name, event_times, inner + 2)
    knots = np.quantile(np.log(event_times), np.linspace(0, 1, inner + 2))
    kinds: dict[str, tuple[StandardDistribution, Effect]] = {
        "hazard": (EXTREME_VALUE, Effect.HAZARD),
        "odds": (LOGISTIC, Effect.ODDS),
        "normal": (NORMAL, Effect.PROBIT),
    }
    standard, effect = kinds[scale]
    family = RestrictedCubicSpline(standard=standard, knots=knots)
    gammas = tuple(Parameter(name=f"gamma{j}", index=j) for j in range(inner + 2))
    return Model(name=name, family=family, parameters=gammas, effect=effect)


def _refuse_few(name: str, event_times: FloatArray, needed: int) -> None:
    different = int(np.unique(event_times).size)
    if different < needed:
        raise AnalysisError(
            name, f"{needed} different event times or more", f"{different}", "ask for a model with fewer parameters"
        )
