"""Everything that an export consists of, as files by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from survrecon.callers import option_name
from survrecon.errors import ReportError
from survrecon.export.for_r import in_days, loop_script, patient_files
from survrecon.export.trial import ExportTarget, notice_lines, refuse_as_patients
from survrecon.files.tables import csv_rows, csv_text
from survrecon.model.settings import DAYS_IN

if TYPE_CHECKING:
    from pathlib import Path

    from survrecon.arrays import FloatArray
    from survrecon.export.trial import ExportedTrial

__all__ = ["export_files", "read_survivors"]

_SURVIVORS = ("start", "stop", "n", "r")


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
                _SURVIVORS, [[f"{value:.10g}" for value in row] for row in scaled.tolist()]
            )
            said.append("external.csv: of n patients alive at start, r are alive at stop (survivors, not deaths).")
    return files, said


def _fits(trial: ExportedTrial, target: ExportTarget) -> tuple[dict[str, str | bytes], list[str]]:
    if trial.fits is None:
        raise ReportError(f"{trial.study}: {option_name('to', str(target))}", "fits", "none", "fit models first")
    from survrecon.export.for_r import flexsurv_files, hesim_files, left_out

    said = [*_SAID[target], f"Likelihood: {trial.fits.options.words}.", *left_out(trial.fits, target)]
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


def read_survivors(path: Path) -> FloatArray:
    """Read external data: columns start, stop, n (alive at the start) and r (of them alive at the stop), (k, 4).

    Raises
    ------
    ReportError
        If a column is missing, a cell is no number, or a row cannot be of survivors.
    """
    rows = list(csv_rows(path, ReportError))
    header = [name.strip().lower() for name in rows[0][1]] if rows else []
    missing = [name for name in _SURVIVORS if name not in header]
    if missing or len(rows) < 2:
        got = ", ".join(header)[:80] or "nothing"
        raise ReportError(str(path), f"columns {', '.join(_SURVIVORS)}, and a row or more", got, "add what is missing")
    found = []
    for line, cells in rows[1:]:
        try:
            start, stop, n, r = (float(cells[header.index(name)]) for name in _SURVIVORS)
        except (ValueError, IndexError):
            got = ", ".join(cells)[:80]
            raise ReportError(f"{path}, line {line}", "four numbers", got, "correct the row") from None
        if not (0 <= start < stop < np.inf and 0 <= r <= n < np.inf):
            raise ReportError(
                f"{path}, line {line}",
                "a stop after its start, and at most n survivors r",
                f"start {start:g}, stop {stop:g}, n {n:g}, r {r:g}",
                "correct the row; r counts survivors, not deaths",
            )
        found.append([start, stop, n, r])
    return np.array(found)
