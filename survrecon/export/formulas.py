"""S(t) of each model as a formula of a spreadsheet, in functions that every spreadsheet program has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from survrecon.analysis.fits.models import Link

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from survrecon.analysis.fits.models import Model, Parameter

__all__ = ["link_formula", "survival_formula"]

_NEAR_ZERO = "0.001"
"""|Q| below which a generalised gamma is told by its expansion in Q: its error is below 1e-6, and that of the gamma
function at a shape of Q^-2 is not."""
_FLAT = "0.00000001"
"""|shape| of Gompertz below which it is told as an exponential."""


def link_formula(parameter: Parameter, working: str) -> str:
    """Return how a parameter comes from its working value, a cell or an expression.

    Examples
    --------
    >>> from survrecon.analysis.fits.models import Parameter
    >>> link_formula(Parameter(name="rate", index=0, link=Link.EXP_NEGATIVE), "B2")
    'EXP(-(B2))'
    """
    return {
        Link.SAME: f"({working})",
        Link.NEGATIVE: f"-({working})",
        Link.EXP: f"EXP({working})",
        Link.EXP_NEGATIVE: f"EXP(-({working}))",
        Link.LOGISTIC: f"1/(1+EXP(-({working})))",
    }[parameter.link]


def survival_formula(model: Model, cells: Mapping[str, str], places: Sequence[str], time: str) -> str:
    """Return the formula of S at a time.

    Parameters
    ----------
    model : Model
        Any but that it must be one of ours.
    cells : mapping of str to str
        The cell of each parameter, by its name.
    places : sequence of str
        Cells of a spline's knots (log times, boundaries first and last), or of the times at which a hazard changes.
    time : str
        The cell of the time.
    """
    kind, *rest = model.name.split("-")
    if kind == "rp":
        inner = _spline(rest[0], list(cells.values()), places, time)
    elif kind == "cure":
        others = _survival(rest[1], cells, time)
        share = cells["theta"]
        inner = f"{share}+(1-{share})*({others})" if rest[0] == "mixture" else f"{share}^(1-({others}))"
    elif kind == "piecewise":
        inner = _piecewise(list(cells.values()), places, time)
    else:
        inner = _survival(model.name, cells, time)
    return f"=IF({time}<=0,1,{inner})"


def _survival(name: str, cells: Mapping[str, str], t: str) -> str:
    """Return S of one of the seven distributions, for a time above 0."""
    if name == "exponential":
        return f"EXP(-({cells['rate']}*{t}))"
    if name == "weibull":
        return f"EXP(-(({t}/{cells['scale']})^{cells['shape']}))"
    if name == "gompertz":
        b, a = cells["shape"], cells["rate"]
        return f"IF(ABS({b})<{_FLAT},EXP(-({a}*{t})),EXP(-({a}/{b}*(EXP({b}*{t})-1))))"
    if name == "lognormal":
        return f"NORMSDIST(-((LN({t})-{cells['meanlog']})/{cells['sdlog']}))"
    if name == "loglogistic":
        return f"1/(1+({t}/{cells['scale']})^{cells['shape']})"
    if name == "gamma":
        return f"1-GAMMADIST({t}*{cells['rate']},{cells['shape']},1,TRUE)"
    return _generalised_gamma(cells, t)


def _generalised_gamma(cells: Mapping[str, str], t: str) -> str:
    """Return S of Prentice's generalised gamma: a gamma's lower or upper tail by the sign of Q, log-normal near 0.

    Near Q = 0, S = Phi(-w) - Q phi(w) (w^2 + 2) / 6 up to Q^2, from the cumulants of the logarithm of a gamma.
    """
    q = cells["Q"]
    w = f"((LN({t})-{cells['mu']})/{cells['sigma']})"
    near = f"NORMSDIST(-({w}))-{q}*EXP(-({w}^2/2))/SQRT(2*PI())*({w}^2+2)/6"
    lower = f"GAMMADIST(EXP({q}*{w})/({q}^2),1/({q}^2),1,TRUE)"
    return f"IF(ABS({q})<{_NEAR_ZERO},{near},IF({q}>0,1-{lower},{lower}))"


def _spline(scale: str, gammas: Sequence[str], knots: Sequence[str], t: str) -> str:
    """Return S of Royston and Parmar's spline: of its value z on the scale of the log hazard, log odds or probit."""
    low, high = knots[0], knots[-1]
    x = f"LN({t})"
    z = f"{gammas[0]}+{gammas[1]}*{x}"
    for gamma, knot in zip(gammas[2:], knots[1:-1], strict=True):
        share = f"(({high}-{knot})/({high}-{low}))"
        basis = f"MAX(0,{x}-{knot})^3-{share}*MAX(0,{x}-{low})^3-(1-{share})*MAX(0,{x}-{high})^3"
        z += f"+{gamma}*({basis})"
    return {
        "hazard": f"EXP(-(EXP({z})))",
        "odds": f"1/(1+EXP({z}))",
        "normal": f"NORMSDIST(-({z}))",
    }[scale]


def _piecewise(rates: Sequence[str], cuts: Sequence[str], t: str) -> str:
    """Return S of a hazard that is constant between cuts."""
    starts = ["0", *cuts]
    spent = [
        f"{rate}*MAX(0,MIN({t},{end})-{start})" for rate, start, end in zip(rates[:-1], starts[:-1], cuts, strict=True)
    ]
    return f"EXP(-({'+'.join([*spent, f'{rates[-1]}*MAX(0,{t}-{starts[-1]})'])}))"
