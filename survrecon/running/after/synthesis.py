"""Several trials together: their contrasts from runs' folders and from tables, pooled or compared indirectly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from survrecon.analysis.comparison import arm_data, compare_arms, kaplan_meier_curves
from survrecon.analysis.medians import survival_difference
from survrecon.analysis.synthesis.contrasts import ContrastMeasure, TrialContrast
from survrecon.callers import option_name
from survrecon.errors import AnalysisError, ReportError
from survrecon.files.outputs import write_whole
from survrecon.files.tables import csv_lines, csv_rows
from survrecon.running.after.patients import TrialPatients, read_run_patients

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from survrecon.analysis.synthesis.pooling import PooledContrast
    from survrecon.model.estimate import Estimate

__all__ = ["read_contrasts", "read_one", "write_forest"]


@dataclass(frozen=True, kw_only=True, slots=True)
class _EffectColumns:
    """Where a table has the numbers of one measure."""

    effect: str
    variance: str
    reconstruction: str
    tau: str | None


_COLUMNS = {
    ContrastMeasure.HAZARD_RATIO: _EffectColumns(
        effect="yi", variance="vi", reconstruction="vi_reconstruction", tau=None
    ),
    ContrastMeasure.RMST: _EffectColumns(
        effect="rmst_difference", variance="rmst_vi", reconstruction="rmst_vi_reconstruction", tau="tau"
    ),
    ContrastMeasure.SURVIVAL: _EffectColumns(
        effect="survival_difference",
        variance="survival_vi",
        reconstruction="survival_vi_reconstruction",
        tau="survival_at",
    ),
}
_NAMES = ("study", "endpoint", "of", "over")


def read_contrasts(
    sources: Sequence[Path], measure: ContrastMeasure = ContrastMeasure.HAZARD_RATIO, *, tau: float | None = None
) -> list[TrialContrast]:
    """Read the contrasts of trials, in the order of their sources.

    Parameters
    ----------
    sources : sequence of Path
        Folders of runs, or tables in the layout of ``contrasts.csv`` that an export for a meta-analysis writes.
    measure : ContrastMeasure
        Which of a source's contrasts is wanted.
    tau : float, optional
        For folders: up to which time restricted means go, or at which survival is compared.

    Raises
    ------
    AnalysisError
        If a table lacks a column or a number, a folder is no run's or its curves have no patients, or ``tau`` is
        missing where a folder needs it, given where nothing uses it, or not the one of a table.
    """
    _refuse_tau(sources, measure, tau)
    found: list[TrialContrast] = []
    for source in sources:
        if source.is_dir():
            found += _of_run(source, measure, tau)
        else:
            found += _of_rows(str(source), [*csv_rows(source, AnalysisError)], measure)
    for one in found:
        if tau is not None and one.tau != tau:
            raise AnalysisError(
                option_name("tau"), f"{one.tau:g}, as {one.study} has it", f"{tau:g}", "give that one, or its folder"
            )
    return found


def read_one(
    source: Path, measure: ContrastMeasure = ContrastMeasure.HAZARD_RATIO, *, tau: float | None = None
) -> TrialContrast:
    """Read the one contrast of a source.

    Raises
    ------
    AnalysisError
        As `read_contrasts`, and if there are several.
    """
    found = read_contrasts([source], measure, tau=tau)
    if len(found) != 1:
        got = ", ".join(f"{one.of} over {one.over}" for one in found) or "none"
        raise AnalysisError(str(source), "one contrast", got, "give a table of the one that is meant")
    return found[0]


def write_forest(found: PooledContrast, path: Path, *, overwrite: bool = False) -> Path:
    """Write the forest plot of pooled trials as SVG in which text is text.

    Raises
    ------
    ReportError
        If there is a file of that name, or the name is no SVG's.
    """
    from survrecon.report.plots.forest import plot_pooled
    from survrecon.report.plots.shape import editable_svg

    if path.suffix.lower() != ".svg":
        raise ReportError(str(path), "a name that ends in .svg", path.name, "name an SVG")
    if path.exists() and not overwrite:
        raise ReportError(
            str(path), "a new file", "a file of that name", f"name another, or use {option_name('overwrite')}"
        )
    return write_whole(path, editable_svg(plot_pooled(found), str(found)))


def _refuse_tau(sources: Sequence[Path], measure: ContrastMeasure, tau: float | None) -> None:
    if measure is ContrastMeasure.HAZARD_RATIO and tau is not None:
        raise AnalysisError(option_name("tau"), "no tau with a hazard ratio", f"{tau:g}", "leave it out")
    if measure is ContrastMeasure.SURVIVAL and tau is None and any(one.is_dir() for one in sources):
        raise AnalysisError(option_name("tau"), "the time at which survival is compared", "nothing", "give it")


def _of_rows(where: str, rows: list[tuple[int, list[str]]], measure: ContrastMeasure) -> list[TrialContrast]:
    """Return the contrasts of a table's rows."""
    columns = _COLUMNS[measure]
    needed = [*_NAMES, columns.effect, columns.variance, *([columns.tau] if columns.tau else [])]
    header = [cell.strip() for cell in rows[0][1]] if rows else []
    missing = [name for name in needed if name not in header]
    if missing:
        raise AnalysisError(
            where,
            f"columns {', '.join(needed)} for the {measure.words}",
            f"no {', '.join(missing)}",
            "write one row a trial under these names, as an export for a meta-analysis does",
        )
    found = []
    for line, cells in rows[1:]:
        if len(cells) != len(header):
            raise AnalysisError(f"{where}, line {line}", f"{len(header)} cells", f"{len(cells)}", "correct the line")
        row = dict(zip(header, (cell.strip() for cell in cells), strict=True))
        found.append(_of_row(f"{where}, line {line}", row, measure))
    return found


def _of_row(where: str, row: dict[str, str], measure: ContrastMeasure) -> TrialContrast:
    columns = _COLUMNS[measure]
    for name in (*_NAMES, columns.effect, columns.variance):
        if not row[name]:
            why = f"nothing ({row['note']})" if row.get("note") else "nothing"
            raise AnalysisError(f"{where}, {name}", "a value in every row", why, "fill it in, or leave out the row")
    variance = _number(where, columns.variance, row)
    read = _number(where, columns.reconstruction, row) if row.get(columns.reconstruction) else 0.0
    if read > variance:
        raise AnalysisError(
            f"{where}, {columns.reconstruction}",
            f"a part of {columns.variance}, {variance:g}",
            f"{read:g}",
            "give the whole variance as the first of them",
        )
    return TrialContrast(
        study=row["study"],
        endpoint=row["endpoint"],
        of=row["of"],
        over=row["over"],
        measure=measure,
        effect=_number(where, columns.effect, row),
        sampling_variance=variance - read,
        reconstruction_variance=read,
        tau=_number(where, columns.tau, row) if columns.tau else None,
        time_unit=row.get("time_unit", "") if columns.tau else "",
        source=_source(row, measure),
        non_proportional_p=_number(where, "non_proportional_p", row) if row.get("non_proportional_p") else None,
    )


def _source(row: dict[str, str], measure: ContrastMeasure) -> str:
    """Return where an effect is from: the column tells it of the hazard ratio, the other measures are rebuilt."""
    if measure is not ContrastMeasure.HAZARD_RATIO:
        return "rebuilt"
    return row.get("source") or "published"


def _number(where: str, name: str, row: dict[str, str]) -> float:
    try:
        return float(row[name])
    except ValueError:
        raise AnalysisError(f"{where}, {name}", "a number", repr(row[name]), "correct the cell") from None


def _of_run(folder: Path, measure: ContrastMeasure, tau: float | None) -> list[TrialContrast]:
    """Return the contrasts of a run: each treatment of its record over the control."""
    from survrecon.export.meta import meta_files
    from survrecon.export.trial import ExportTarget, no_patients_because
    from survrecon.running.after.hand_over import ExportSettings, exported_trial

    trial = read_run_patients(folder)
    unusable = no_patients_because(trial.document)
    if unusable and measure is not ContrastMeasure.HAZARD_RATIO:
        raise AnalysisError(str(folder), "curves of patients", unusable, "leave it out, or pool hazard ratios")
    if measure is ContrastMeasure.HAZARD_RATIO:
        text = meta_files(exported_trial(trial, None, ExportSettings(target=ExportTarget.META)))["contrasts.csv"]
        return _of_rows(str(folder), [*csv_lines(text, str(folder), AnalysisError)], measure)
    return [_difference(trial, over, of, measure, tau) for over, of in _pairs(trial)]


def _pairs(trial: TrialPatients) -> list[tuple[str, str]]:
    names = list(trial.central)
    if trial.document is None:
        return [(names[0], other) for other in names[1:]]
    return [(over.name, of.name) for over, of in trial.document.contrasts if of.name in trial.central]


def _difference(trial: TrialPatients, over: str, of: str, measure: ContrastMeasure, tau: float | None) -> TrialContrast:
    """Return a difference of restricted means or of survival probabilities, from the rebuilt patients."""
    if measure is ContrastMeasure.RMST:
        found = compare_arms(control=trial.patients[over], treatment=trial.patients[of], tau=tau).rmst_difference
        return _contrast(trial, over, of, measure, found.difference, found.tau)
    assert tau is not None
    control, treatment = (kaplan_meier_curves(arm_data(trial.patients[name], draws=0).draws) for name in (over, of))
    difference = survival_difference(control, treatment, tau, of=of, over=over)
    return _contrast(trial, over, of, measure, difference, tau)


def _contrast(
    trial: TrialPatients, over: str, of: str, measure: ContrastMeasure, found: Estimate, tau: float
) -> TrialContrast:
    assert found.value is not None
    return TrialContrast(
        study=trial.study,
        endpoint=trial.endpoint,
        of=of,
        over=over,
        measure=measure,
        effect=found.value,
        sampling_variance=(found.sampling_se or 0.0) ** 2,
        reconstruction_variance=(found.reconstruction_se or 0.0) ** 2,
        tau=tau,
        time_unit=trial.time_unit,
    )
