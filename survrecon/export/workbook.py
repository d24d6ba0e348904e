"""A workbook whose formulas give S(t) of every fit, with the Cholesky factor of the total covariance and samples.

Each model has its sheet. Its working parameters (logarithms and logits, on which errors are close to normal) have their
mean over draws and the lower Cholesky factor L of their total covariance: sampling, and what reading leaves open. A
sample is mean + L z with z standard normal; the numbers z are values, so that the same workbook gives the same samples
everywhere. The sheet ``Control`` says which sample is used: 0 is the mean.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from survrecon import __version__
from survrecon.analysis.fits.models import Link
from survrecon.analysis.fits.results import JOINT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from survrecon.analysis.fits.models import Model, Parameter
    from survrecon.analysis.fits.results import FitSet, ModelFit
    from survrecon.arrays import FloatArray
    from survrecon.export.trial import ExportedTrial

__all__ = ["link_formula", "pooled_working", "survival_formula", "workbook_bytes", "workbook_times"]

CONTROL = "Control"
_PICK = f"{CONTROL}!$B$2"
_FIRST_ROW = 3
"""Row, from 0, at which the tables of a sheet begin."""
_GAP = 2
"""Empty columns between the blocks of two arms."""
_TIMES = 121
"""Rows of S(t)."""
_BEYOND = 3
"""S(t) goes to this multiple of the last event, beyond which no extrapolation is asked to be believed."""
_NEAR_ZERO = "0.001"
"""|Q| below which a generalised gamma is told by its expansion in Q: its error is below 1e-6, and that of the gamma
function at a shape of Q^-2 is not."""
_FLAT = "0.00000001"
"""|shape| of Gompertz below which it is told as an exponential."""


def pooled_working(fit: ModelFit) -> tuple[FloatArray, FloatArray]:
    """Return the mean of the working parameters over draws (p,), and their total covariance (p, p).

    The total is the mean of the draws' sampling covariances, and (1 + 1 / M) times the covariance of their estimates
    (Rubin's rules).
    """
    rows = fit.pooled_rows()
    theta, within = fit.theta[rows], fit.pooled_covariance().mean(axis=0)
    if rows.size == 1:
        return theta[0], within
    between = np.atleast_2d(np.cov(theta, rowvar=False))
    return theta.mean(axis=0), within + (1 + 1 / rows.size) * between


def workbook_times(trial: ExportedTrial) -> FloatArray:
    """Return the times of S(t): from 0 to three times the last event of any arm."""
    last = max(float(one.time[one.event].max()) for one in trial.central.values() if one.events)
    return np.linspace(0, _BEYOND * last, _TIMES)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Block:
    """The place of one fit on its sheet: rows and columns from 0.

    Parameters
    ----------
    fit : ModelFit
        Identified.
    left : int
        First column.
    mean, factor : array of float
        Of the working parameters, (p,), and Cholesky factor (p, p).
    z : array of float, shape (s, p)
        Standard normal numbers.
    """

    fit: ModelFit
    left: int
    mean: FloatArray
    factor: FloatArray
    z: FloatArray

    @property
    def size(self) -> int:
        return int(self.mean.size)

    @property
    def arms(self) -> tuple[str, ...]:
        return self.fit.arms

    @property
    def factor_row(self) -> int:
        return _FIRST_ROW + 1 + self.size + 2

    @property
    def places_row(self) -> int:
        return self.factor_row + self.size + 2

    @property
    def samples_row(self) -> int:
        return self.places_row + _TIMES + 4

    @property
    def width(self) -> int:
        return max(4 + len(self.arms), 2 * self.size + 1, 3 + len(self.arms)) + _GAP


def workbook_bytes(trial: ExportedTrial, fits: FitSet, notices: Sequence[str]) -> bytes:
    """Return the workbook.

    Parameters
    ----------
    trial : ExportedTrial
        For times, samples and the seed.
    fits : FitSet
        Those that are identified are written.
    notices : sequence of str
        What the sheet ``README`` says first.
    """
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": f"{trial.study}: {trial.endpoint}", "comments": f"survrecon {__version__}"})
    _readme(book, notices)
    control = book.add_worksheet(CONTROL)
    control.write_row(0, 0, ["what", "value", "meaning"])
    control.write_row(1, 0, ["sample", 0, f"0 is the pooled mean, 1 to {trial.samples} a sample; all sheets follow it"])
    control.write_row(2, 0, ["samples", trial.samples, "a sheet"])
    control.set_column(0, 0, 12)
    told = [fit for fit in fits.fits if fit.identified]
    for name in dict.fromkeys(fit.name for fit in told):
        sheet = book.add_worksheet(name)
        left = 0
        for fit in (one for one in told if one.name == name):
            block = _block(fit, left, trial)
            _write_block(sheet, block, trial)
            left += block.width
    book.close()
    return stream.getvalue()


def _readme(book: Any, notices: Sequence[str]) -> None:
    sheet = book.add_worksheet("README")
    sheet.set_column(0, 0, 118)
    lines = [*notices, "", *_HOW_TO]
    for row, line in enumerate(lines):
        sheet.write_string(row, 0, line)


_HOW_TO = (
    "How to use it: each model has a sheet, each arm (or the joint fit) a block on it. The column 'used' takes the",
    "pooled mean, or the sample that the sheet Control names; S(t) follows by its formula. For a probabilistic",
    "analysis, let Control!B2 run from 1 to the number of samples.",
    "Working parameters are logarithms, negatives or logits of those that a reader sees, as 'from working' says.",
    "L is the lower Cholesky factor of their total covariance: sampling, and what the figure leaves open, together.",
    "A sample is mean + L z, z standard normal. Different models are alternatives: their spread is no variance.",
)


def _block(fit: ModelFit, left: int, trial: ExportedTrial) -> _Block:
    mean, covariance = pooled_working(fit)
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    factor = np.asarray(
        np.linalg.qr(root.T, mode="r")
    ).T  # the lower factor, of a covariance that may be singular by round-off
    factor = factor * np.where(np.diag(factor) < 0, -1.0, 1.0)
    z = np.random.default_rng(trial.seed).standard_normal((trial.samples, mean.size))
    return _Block(fit=fit, left=left, mean=mean, factor=np.tril(factor), z=z)


def _write_block(sheet: Any, block: _Block, trial: ExportedTrial) -> None:
    """Write parameters, Cholesky factor, knots, S(t) and samples of one fit."""
    name = "all arms jointly" if block.fit.arm == JOINT else f"arm {block.fit.arm}"
    sheet.write_string(0, block.left, f"{block.fit.name}, {name}; times in {trial.time_unit}")
    sheet.set_column(block.left, block.left, 14)
    _write_parameters(sheet, block)
    for i, row in enumerate(block.factor.tolist()):
        sheet.write_row(block.factor_row + i, block.left, row)
    sheet.write_string(block.factor_row - 1, block.left, "Cholesky factor L of the total covariance")
    _write_survival(sheet, block, trial)
    _write_samples(sheet, block)


def _write_parameters(sheet: Any, block: _Block) -> None:
    from xlsxwriter.utility import xl_rowcol_to_cell as cell

    top, left, fit = _FIRST_ROW, block.left, block.fit
    own = fit.model.parameters
    heads = ["working", "mean", "SE", "used", *(f"{arm}" for arm in block.arms)]
    sheet.write_row(top, left, heads)
    errors = np.sqrt((block.factor**2).sum(axis=1))
    first, last = block.samples_row + 1, block.samples_row + len(block.z)
    for j in range(block.size):
        column = left + 1 + block.size + j
        samples = f"{cell(first, column, True, True)}:{cell(last, column, True, True)}"
        mean = cell(top + 1 + j, left + 1)
        sheet.write_string(top + 1 + j, left, _working_name(fit, j))
        sheet.write_number(top + 1 + j, left + 1, float(block.mean[j]))
        sheet.write_number(top + 1 + j, left + 2, float(errors[j]))
        used = f"=IF({_PICK}<1,{mean},INDEX({samples},{_PICK}))"
        sheet.write_formula(top + 1 + j, left + 3, used, None, float(block.mean[j]))
    seen = _seen_by_arm(block)
    for k in range(len(block.arms)):
        for place, parameter in enumerate(own):
            working = _working_of(block, parameter.index, k)
            at = top + 1 + parameter.index, left + 4 + k
            sheet.write_formula(*at, f"={link_formula(parameter, working)}", None, float(seen[k][place]))


def _working_name(fit: ModelFit, index: int) -> str:
    one = next(parameter for parameter in fit.parameters if parameter.index == index)
    words = {"same": one.name, "exp": f"ln {one.name}", "logistic": f"logit {one.name}"}
    return words.get(str(one.link), f"-ln {one.name}" if "exp" in str(one.link) else f"-{one.name}")


def _working_of(block: _Block, index: int, arm: int) -> str:
    """Return the expression of an arm's working parameter: the used one, and the arm's coefficient where it has one."""
    from xlsxwriter.utility import xl_rowcol_to_cell as cell

    family = block.fit.model.family
    used: str = cell(_FIRST_ROW + 1 + index, block.left + 3, True, True)
    if not block.fit.joint or arm == 0 or not family.shifted[index]:
        return used
    coefficient: str = cell(_FIRST_ROW + 1 + family.size + arm - 1, block.left + 3, True, True)
    return f"{used}+{coefficient}"


def _seen_by_arm(block: _Block) -> list[list[float]]:
    """Return each arm's parameters at the mean, in the model's order."""
    family, found = block.fit.model.family, []
    for k in range(len(block.arms)):
        theta = block.mean[: family.size].copy()
        if block.fit.joint and k > 0:
            theta += family.shifted * block.mean[family.size + k - 1]
        found.append([float(one.link.seen(theta[one.index])) for one in block.fit.model.parameters])
    return found


def _write_survival(sheet: Any, block: _Block, trial: ExportedTrial) -> None:
    """Write knots or cuts, and S(t) by formula."""
    from xlsxwriter.utility import xl_rowcol_to_cell as cell

    top, left, fit = block.places_row, block.left, block.fit
    knots = fit.model.knots if fit.model.knots is not None else fit.model.cuts
    places = [] if knots is None else knots.tolist()
    what = "" if knots is None else "knots, log time" if fit.model.knots is not None else "cuts"
    times = workbook_times(trial)
    sheet.write_row(top, left, [what, f"time, {trial.time_unit}", *(f"S(t), {arm}" for arm in block.arms)])
    if places:
        sheet.write_column(top + 1, left, places)
    at = [cell(top + 1 + i, left, True, True) for i in range(len(places))]
    sheet.write_column(top + 1, left + 1, times.tolist())
    for k, arm in enumerate(block.arms):
        survival = fit.survival(times, block.mean[None], arm)[0]
        own = fit.model.parameters
        cells = {one.name: cell(_FIRST_ROW + 1 + one.index, left + 4 + k, True, True) for one in own}
        for i, value in enumerate(survival.tolist()):
            formula = survival_formula(fit.model, cells, at, cell(top + 1 + i, left + 1))
            sheet.write_formula(top + 1 + i, left + 2 + k, formula, None, value)


def _write_samples(sheet: Any, block: _Block) -> None:
    """Write standard normal numbers as values, and the sampled working parameters as mean + L z."""
    from xlsxwriter.utility import xl_rowcol_to_cell as cell

    top, left, p = block.samples_row, block.left, block.size
    heads = ["sample", *(f"z{j + 1}" for j in range(p)), *(f"sampled {_working_name(block.fit, j)}" for j in range(p))]
    sheet.write_row(top, left, heads)
    theta = block.mean + block.z @ block.factor.T
    for i, row in enumerate(block.z.tolist()):
        sheet.write_row(top + 1 + i, left, [i + 1, *row])
        for j in range(p):
            terms = [
                f"{cell(block.factor_row + j, left + m, True, True)}*{cell(top + 1 + i, left + 1 + m)}"
                for m in range(j + 1)
            ]
            formula = f"={cell(_FIRST_ROW + 1 + j, left + 1, True, True)}+{'+'.join(terms)}"
            sheet.write_formula(top + 1 + i, left + 1 + p + j, formula, None, float(theta[i, j]))


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
