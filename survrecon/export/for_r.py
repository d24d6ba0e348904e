"""Files for R: patients, a file a draw; fits as data and a script that fits again; samples for hesim."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from survrecon.callers import option_name
from survrecon.errors import ReportError
from survrecon.export.trial import ExportedTrial, ExportTarget
from survrecon.files.tables import csv_text
from survrecon.model.settings import DAYS_IN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.analysis.fits.results import FitSet, ModelFit
    from survrecon.arrays import FloatArray
    from survrecon.model.ipd import PseudoIPD

__all__ = [
    "R_DISTRIBUTIONS",
    "flexsurv_files",
    "hesim_files",
    "in_days",
    "left_out",
    "loop_script",
    "patient_files",
    "r_script",
    "r_string",
    "safe_name",
    "sampled",
]

_YEARS = "years"
R_DISTRIBUTIONS = {
    "exponential": "exp",
    "weibull": "weibull",
    "gompertz": "gompertz",
    "lognormal": "lnorm",
    "loglogistic": "llogis",
    "gamma": "gamma",
    "gengamma": "gengamma",
}
"""The distributions as R's programs name them."""
_POSITIVE = {
    "exponential": ("rate",),
    "weibull": ("shape", "scale"),
    "gompertz": ("rate",),
    "lognormal": ("sdlog",),
    "loglogistic": ("shape", "scale"),
    "gamma": ("shape", "rate"),
    "gengamma": ("sigma",),
}
"""Parameters that hesim takes as logarithms."""
_LOCATION = {
    "exponential": "rate",
    "weibull": "scale",
    "gompertz": "rate",
    "lognormal": "meanlog",
    "loglogistic": "scale",
    "gamma": "rate",
    "gengamma": "mu",
}
"""The parameter that an arm's coefficient is added to, on the scale of its logarithm where it is positive."""
_TIMES = 8
"""At which S(t) is given to be compared."""
_SPLINE_SCALES = {"hazard": "log_cumhazard", "odds": "log_cumodds", "normal": "inv_normal"}


def patient_files(trial: ExportedTrial, target: ExportTarget) -> dict[str, str]:
    """Return the files of patients, by name.

    Raises
    ------
    ReportError
        If times must be in days, or years, and their unit is not known.
    """
    return {name: _table(trial, target, patients) for name, patients in trial.data_sets}


def _table(trial: ExportedTrial, target: ExportTarget, patients: Sequence[PseudoIPD]) -> str:
    if target is ExportTarget.MULTINMA:
        rows = [[trial.study, one.arm, f"{time:.10g}", event] for one in patients for time, event in _times(one)]
        return csv_text(("study", "trt", "eventtime", "status"), rows)
    if target is ExportTarget.MAICPLUS:
        factor = in_days(trial, target)
        rows = [
            [f"{trial.study}-{place}-{number}", one.arm, f"{factor * time:.10g}", event]
            for place, one in enumerate(patients, start=1)
            for number, (time, event) in enumerate(_times(one), start=1)
        ]
        return csv_text(("USUBJID", "ARM", "TIME", "EVENT"), rows)
    if target is ExportTarget.SURVEXTRAP:
        factor = in_days(trial, target) / DAYS_IN[_YEARS]
        rows = [[f"{factor * time:.10g}", event, one.arm] for one in patients for time, event in _times(one)]
        return csv_text(("years", "status", "treat"), rows)
    rows = [[f"{time:.17g}", event, one.arm] for one in patients for time, event in _times(one)]
    return csv_text(("time", "event", "arm"), rows)


def _times(one: PseudoIPD) -> list[tuple[float, int]]:
    return list(zip(one.time.tolist(), one.event.astype(int).tolist(), strict=True))


def in_days(trial: ExportedTrial, target: ExportTarget) -> float:
    """Return how many days the unit of the times has.

    Raises
    ------
    ReportError
        If the unit is not known.
    """
    factor = DAYS_IN.get(trial.time_unit)
    if factor is None:
        raise ReportError(
            f"{trial.study}: {option_name('to', str(target))}",
            f"times in {', '.join(DAYS_IN)}, to be told in another unit",
            trial.time_unit,
            "state the unit when the run is made",
        )
    return factor


def loop_script(trial: ExportedTrial, target: ExportTarget) -> str:
    """Return the R script that reads every file of an export, one after the other, and pools what comes of them."""
    control = next(iter(trial.central))
    return r_script("files") + r_script(str(target)).replace("@CONTROL@", r_string(control))


def r_script(name: str) -> str:
    """Return a script of the folder ``scripts``."""
    return (Path(__file__).parent / "scripts" / f"{name}.R").read_text(encoding="utf-8")


def r_string(text: str) -> str:
    r"""Return text as R writes it.

    Examples
    --------
    >>> print(r_string('a "b"'))
    "a \"b\""
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'


def safe_name(text: str) -> str:
    """Return a name as part of a file's name.

    Examples
    --------
    >>> safe_name("Arm A / high dose")
    'Arm-A-high-dose'
    """
    return re.sub(r"[^\w.-]+", "-", text).strip("-") or "arm"


def flexsurv_files(trial: ExportedTrial, fits: FitSet) -> dict[str, str]:
    """Return patients, our fits as tables, and the script that makes the same fits and compares."""
    knots = [
        [fit.arm, fit.name, place, f"{value:.17g}"]
        for fit in fits.fits
        for place, value in enumerate(_places(fit), start=1)
    ]
    parameters = [
        [*row[:4], f"{row[4]:.17g}", "" if np.isnan(row[5]) else f"{row[5]:.17g}"] for row in fits.parameter_rows()
    ]
    likelihoods = [[*row[:3], f"{row[3]:.17g}", row[6]] for row in fits.fit_rows()]
    return {
        **patient_files(trial, ExportTarget.FLEXSURV),
        "our_fits.csv": csv_text(("arm", "model", "data_set", "loglik", "identified"), likelihoods),
        "our_parameters.csv": csv_text(("arm", "model", "data_set", "parameter", "estimate", "se"), parameters),
        "our_survival.csv": csv_text(("arm", "model", "time", "survival"), _survival_rows(trial, fits)),
        "knots.csv": csv_text(("arm", "model", "place", "value"), knots),
        "rebuild.R": r_script("rebuild").replace("@ARMS@", ", ".join(map(r_string, trial.central))),
    }


def _survival_rows(trial: ExportedTrial, fits: FitSet) -> list[list[object]]:
    """Return S(t) of the central data set by each model of a single arm, up to twice the last time."""
    last = max(float(one.time[-1]) for one in trial.central.values())
    times = 2 * last * np.arange(1, _TIMES + 1) / _TIMES
    return [
        [fit.arm, fit.name, f"{time:.17g}", f"{survival:.17g}"]
        for fit in fits.fits
        if not fit.joint
        for time, survival in zip(times.tolist(), fit.survival(times, fit.theta[:1])[0].tolist(), strict=True)
    ]


def _places(fit: ModelFit) -> Sequence[float]:
    """Return the log times of a spline's knots, or the times at which a piecewise hazard changes."""
    found = fit.model.knots if fit.model.knots is not None else fit.model.cuts
    return [] if found is None else found.tolist()


def left_out(fits: FitSet, target: ExportTarget) -> list[str]:
    """Return which fits are not handed over, and why."""
    found = []
    for fit in fits.fits:
        if target is ExportTarget.HESIM and fit.name.startswith("cure-"):
            found.append(f"{fit.name}, {fit.arm}: left out, hesim has no cure models")
        elif not fit.identified and target is not ExportTarget.FLEXSURV:
            found.append(f"{fit.name}, {fit.arm}: left out, not identified: {fit.identification.reason}")
    return found


def sampled(fit: ModelFit, trial: ExportedTrial) -> FloatArray:
    """Return samples of a fit's parameters as a reader sees them, (n, p): equally many of each draw of the patients."""
    rng = np.random.default_rng(trial.seed)
    return fit.seen(fit.samples(trial.samples, rng))


def hesim_files(trial: ExportedTrial, fits: FitSet) -> dict[str, str]:
    """Return samples of each fit on hesim's scales, knots, and the script that makes its objects of them."""
    files: dict[str, str] = {}
    blocks, scales = [], []
    for fit in fits.fits:
        if not fit.identified or fit.name.startswith("cure-"):
            continue
        name = f"samples/{fit.name}_{safe_name(fit.arm)}.csv"
        values, logged = sampled(fit, trial), _logged(fit)
        shown = np.where(logged, np.log(np.where(logged, values, 1.0)), values)
        files[name] = csv_text(fit.parameter_names, [[f"{v:.17g}" for v in row] for row in shown.tolist()])
        scales += [
            [fit.arm, fit.name, parameter, "log" if log else "identity"]
            for parameter, log in zip(fit.parameter_names, logged, strict=True)
        ]
        blocks.append(_hesim_block(fit, name))
    files["scales.csv"] = csv_text(("arm", "model", "parameter", "scale"), scales)
    files["hesim.R"] = r_script("hesim") + "\n".join(blocks)
    return files


def _logged(fit: ModelFit) -> list[bool]:
    """Return which parameters hesim takes as logarithms."""
    if fit.name == "piecewise":
        return [name.startswith("rate") for name in fit.parameter_names]
    return [name in _POSITIVE.get(fit.name, ()) for name in fit.parameter_names]


def _hesim_block(fit: ModelFit, file: str) -> str:
    """Return the R lines that make one object of a file of samples."""
    own = [one.name for one in fit.model.parameters]
    more = [name for name in fit.parameter_names if name not in own]
    moved = _LOCATION.get(fit.name, "gamma0")
    parts = []
    for name in own:
        shifted = more if name == moved or fit.name == "piecewise" else []
        columns = [f"`(Intercept)` = s[[{r_string(name)}]]", *(f"{_r_name(m)} = s[[{r_string(m)}]]" for m in shifted)]
        parts.append(f"{name} = data.frame({', '.join(columns)}, check.names = FALSE)")
    dist, aux = R_DISTRIBUTIONS.get(fit.name, ""), ""
    if fit.model.knots is not None:
        scale = _SPLINE_SCALES[fit.name.split("-")[1]]
        dist, aux = (
            "survspline",
            f', aux = list(knots = {_r_vector(_places(fit))}, scale = "{scale}", timescale = "log")',
        )
    elif fit.model.cuts is not None:
        dist, aux = "pwexp", f", aux = list(time = {_r_vector([0.0, *_places(fit)])})"
    coefs = ",\n    ".join(parts)
    key = r_string(f"{fit.name}, {fit.arm}")
    return (
        f"s <- read.csv({r_string(file)}, check.names = FALSE)\n"
        f"models[[{key}]] <- params_surv(\n  coefs = list(\n    {coefs}),\n  dist = {r_string(dist)}{aux})\n"
    )


def _r_name(text: str) -> str:
    return "`" + text.replace("`", "'") + "`"


def _r_vector(values: Sequence[float]) -> str:
    return f"c({', '.join(f'{value:.17g}' for value in values)})"
