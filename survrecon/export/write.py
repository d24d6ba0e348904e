"""Everything that an export consists of, as files by name: patients, fits and samples for R, workbooks, contrasts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from survrecon.callers import option_name
from survrecon.errors import ReportError
from survrecon.export.trial import ExportedTrial, ExportTarget, notice_lines, refuse_as_patients
from survrecon.files.external import SURVIVOR_COLUMNS
from survrecon.files.tables import csv_text
from survrecon.model.settings import DAYS_IN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.analysis.fits.results import FitSet, ModelFit
    from survrecon.arrays import FloatArray
    from survrecon.model.ipd import PseudoIPD

__all__ = [
    "R_DISTRIBUTIONS",
    "export_files",
    "fits_left_out",
    "flexsurv_files",
    "hesim_files",
    "in_days",
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


def export_files(trial: ExportedTrial, target: ExportTarget) -> dict[str, str | bytes]:
    """Return the files of an export, by name, with ``README.txt``.

    Parameters
    ----------
    trial : ExportedTrial
        What is handed over.
    target : ExportTarget
        To which program.

    Raises
    ------
    ReportError
        If the curve is weighted, adjusted or of competing events and the export holds patients, or its time unit is
        not known and must be changed.
    """
    refuse_as_patients(trial, target)
    files, said = _files(trial, target)
    words = [*notice_lines(trial, target), "", *said]
    if target is ExportTarget.EXCEL and trial.fits is not None:
        from survrecon.export.workbook import workbook_bytes

        files["fits.xlsx"] = workbook_bytes(trial, trial.fits, words)
    return {**files, "README.txt": "\n".join(words).rstrip() + "\n"}


def _files(trial: ExportedTrial, target: ExportTarget) -> tuple[dict[str, str | bytes], list[str]]:
    """Return the files that are text, and what is said of this export alone."""
    if target is ExportTarget.META:
        from survrecon.export.meta import meta_files

        return {**meta_files(trial)}, _META
    if target.has_fits:
        return _fits(trial, target)
    files: dict[str, str | bytes] = {**patient_files(trial, target), "loop.R": loop_script(trial, target)}
    said = list(_SAID[target])
    if target is ExportTarget.MAICPLUS:
        said.append(f"TIME is in days: the figure's {trial.time_unit} times {in_days(trial, target):g}.")
    if target is ExportTarget.SURVEXTRAP:
        years = in_days(trial, target) / DAYS_IN["years"]
        said.append(f"years: the figure's {trial.time_unit} times {years:.10g}.")
        if trial.external is not None:
            scaled = trial.external * np.array([years, years, 1, 1])
            files["external.csv"] = csv_text(
                SURVIVOR_COLUMNS, [[f"{value:.10g}" for value in row] for row in scaled.tolist()]
            )
            said.append("external.csv: of n patients alive at start, r are alive at stop (survivors, not deaths).")
    return files, said


def _fits(trial: ExportedTrial, target: ExportTarget) -> tuple[dict[str, str | bytes], list[str]]:
    if trial.fits is None:
        raise ReportError(f"{trial.study}: {option_name('to', str(target))}", "fits", "none", "fit models first")
    said = [*_SAID[target], f"Likelihood: {trial.fits.options.words}.", *fits_left_out(trial.fits, target)]
    if target is ExportTarget.FLEXSURV:
        return {**flexsurv_files(trial, trial.fits)}, said
    if target is ExportTarget.HESIM:
        return {**hesim_files(trial, trial.fits)}, said
    return {}, said


_META = [
    "contrasts.csv: one row a contrast. yi is ln HR of 'of' over 'over', vi its variance. A published ratio is used",
    "where one of the two curves is printed with its interval; where not, the ratio of the rebuilt patients is, and",
    "vi_reconstruction is the part of vi that is due to reading it from a figure. Restricted means are always of the",
    "rebuilt patients, up to tau: rows of different tau cannot be pooled. In R: metafor::rma(yi, vi, data = ...).",
    "Arms of one trial, and its endpoints, share patients: one row a trial and endpoint goes into a meta-analysis.",
]


_SAID = {
    ExportTarget.MULTINMA: [
        "Columns: study, trt, eventtime, status (1 event, 0 censored). central.csv; draws/ with a file a draw; loop.R.",
        "They are set_agd_surv() data: outcomes of an aggregate study, with covariate summaries from its paper.",
    ],
    ExportTarget.MAICPLUS: [
        "Columns: USUBJID, ARM, TIME, EVENT (1 event, 0 censored). central.csv; draws/ with a file a draw; loop.R.",
        "They are pseudo_ipd of the external trial; weights come from its printed baseline characteristics, not here.",
    ],
    ExportTarget.SURVEXTRAP: [
        "Columns: years, status (1 event, 0 censored), treat. central.csv; draws/ with a file a draw; loop.R.",
    ],
    ExportTarget.FLEXSURV: [
        "central.csv and draws/: time, event, arm. our_fits.csv, our_parameters.csv, knots.csv: our fits of each data",
        "set, parameters named and scaled as in flexsurv and flexsurvcure. rebuild.R makes the same fits and compares;",
        "it also puts our parameters into flexsurv's functions, which give our S(t), our_survival.csv.",
    ],
    ExportTarget.HESIM: [
        "samples/: a file a model and arm, a row a sample, on hesim's scales (scales.csv says which are logarithms).",
        "hesim.R makes params_surv objects of them. Samples are of all draws equally, each with its sampling error.",
    ],
    ExportTarget.EXCEL: [
        "fits.xlsx: a sheet a model, with parameters, the Cholesky factor of their total covariance, samples, and S(t)",
        "by formula. It holds no patients.",
    ],
}


"""What is said of each export beside what is said of all."""


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
    """Return a script of the folder ``scripts``, which ends with one line where a package it needs is not installed."""
    folder = Path(__file__).parent / "scripts"
    packages = (folder / "packages.R").read_text(encoding="utf-8")
    return (folder / f"{name}.R").read_text(encoding="utf-8").replace("@PACKAGES@", packages)


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


def fits_left_out(fits: FitSet, target: ExportTarget) -> list[str]:
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
