"""After the hazard ratio: the shape of hazards, and hand-over, from a run's folder or files of patients."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from survrecon import __version__
from survrecon.analysis.comparison import ArmData
from survrecon.analysis.fits.likelihood import LikelihoodOptions
from survrecon.analysis.shape.shape import survival_shape
from survrecon.analysis.shape.weighted_tests import TestSide
from survrecon.callers import option_name
from survrecon.errors import AnalysisError, ReportError
from survrecon.export.trial import ExportedTrial, ExportTarget
from survrecon.export.write import export_files
from survrecon.files.external import read_survivors
from survrecon.files.outputs import publish, refuse_changed, refuse_foreign, staging, write_whole
from survrecon.files.tables import csv_rows
from survrecon.records.folder import RECORD_FILE, read_document
from survrecon.records.schema import SourceKind
from survrecon.running.after.fitting import FITS_FILE
from survrecon.running.after.patients import TrialPatients, read_run_patients, read_trial

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from survrecon.analysis.fits.results import FitSet
    from survrecon.analysis.shape.results import SurvivalShape
    from survrecon.running.after.fitting import FittedModels

__all__ = [
    "ExportSettings",
    "arms_of_trial",
    "export_run",
    "exported_trial",
    "hand_over",
    "publish_files",
    "refuse_changed_page",
    "refuse_changed_shape",
    "shape_of_files",
    "write_fits_page",
    "write_shape",
]

_EXPORT_STATE = "export.json"
_SHAPE_STATE = "shape.json"
_FITS_TABLE = "fits.csv"
_FITS_PAGE = "fits.html"


def arms_of_trial(trial: TrialPatients) -> list[ArmData]:
    """Return each arm's central data set and draws, control first."""
    return [ArmData(central=ipd, draws=tuple(trial.draws.get(name) or (ipd,))) for name, ipd in trial.central.items()]


def shape_of_files(
    files: Sequence[Path],
    *,
    draw_files: Sequence[Path] = (),
    control: str | None = None,
    time_unit: str | None = None,
    cuts: Sequence[float] = (),
    landmarks: Sequence[float] = (),
    one_sided: bool = False,
) -> SurvivalShape:
    """Look at the hazards of patients from files, or of a run's folder.

    Parameters
    ----------
    files, draw_files, control, time_unit
        As of `survrecon.running.after.patients.read_trial`.
    cuts, landmarks : sequence of float
        As of `survrecon.survival_shape`.
    one_sided : bool
        Whether p values are of fewer events under treatment.

    Raises
    ------
    AnalysisError
        As of both.
    """
    trial = read_trial(files, draw_files=draw_files, control=control, time_unit=time_unit)
    first, *others = trial.patients.values()
    return survival_shape(
        control=first,
        treatments=others,
        cuts=cuts,
        landmarks=landmarks,
        side=TestSide.TREATMENT_BETTER if one_sided else TestSide.TWO_SIDED,
    )


def write_shape(shape: SurvivalShape, folder: Path, *, source: Path | None = None, overwrite: bool = False) -> Path:
    """Write ``shape.html``, its tables as CSV and its plots as SVG to a folder, and return the page.

    Parameters
    ----------
    shape : SurvivalShape
        What was found.
    folder : Path
        Where they go.
    source : Path or None
        The run's folder, or the file, that it is of.
    overwrite : bool
        Whether files that a person changed are replaced.

    Raises
    ------
    ReportError
        If the folder holds something else, or files of it were changed by a person.
    """
    from survrecon.report.fits_page import shape_files

    files = shape_files(shape, from_summary=_is_summary(source))
    publish_files(files, folder, _SHAPE_STATE, {"what": "shape of hazards"}, overwrite=overwrite)
    return folder / "shape.html"


def refuse_changed_page(folder: Path, *, run: Path | None = None, overwrite: bool = False) -> None:
    """Refuse to go on where a person changed the page of fits that stands there, before long work.

    Raises
    ------
    ReportError
        If so.
    """
    from survrecon.report.fits_page import is_changed_page

    page = (folder if run is None else run) / _FITS_PAGE
    if page.exists() and not overwrite and is_changed_page(page.read_text(encoding="utf-8", errors="replace")):
        refuse_changed(page.parent, [page.name])


def refuse_changed_shape(folder: Path, *, overwrite: bool = False) -> None:
    """Refuse a folder to which the shape of hazards may not be written, before long work.

    Raises
    ------
    ReportError
        If it holds something else, or files of it were changed by a person.
    """
    refuse_foreign(folder, _SHAPE_STATE, overwrite=overwrite)


def write_fits_page(fitted: FittedModels, folder: Path, *, run: Path | None = None, overwrite: bool = False) -> Path:
    """Write ``fits.html`` beside a run's ``report.html``, or into the folder of the fits, and return it.

    Raises
    ------
    ReportError
        If a person changed the page that stands there.
    """
    from survrecon.report.fits_page import fits_page

    place = folder if run is None else run
    page = place / _FITS_PAGE
    refuse_changed_page(folder, run=run, overwrite=overwrite)
    first, *others = ([*arm.draws] if len(arm.draws) > 1 else arm.central for arm in fitted.fits.arms)
    try:
        shape: SurvivalShape | None = survival_shape(control=first, treatments=others)
    except AnalysisError:  # too few events: fits alone are shown
        shape = None
    return write_whole(page, fits_page(fitted.extrapolation, fitted.choice, shape, from_summary=_is_summary(run)))


def _is_summary(source: Path | None) -> bool:
    """Return whether a run's folder is of a record of printed numbers."""
    if source is None or not (source / RECORD_FILE).is_file():
        return False
    return read_document(source).digitized.kind is SourceKind.SUMMARY


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportSettings:
    """What an export was asked for.

    Parameters
    ----------
    target : ExportTarget
        The program that it is for.
    fits : Path or None
        A folder of fits, whose models are handed over; the seven standard ones where left out.
    external : Path or None
        Data of other patients, followed for longer.
    samples, seed : int
        Samples of parameters.
    control : str or None
        The control arm; as the record says where left out.
    """

    target: ExportTarget
    fits: Path | None = None
    external: Path | None = None
    samples: int = 1000
    seed: int = 0
    control: str | None = None


def export_run(run: Path, output: Path, settings: ExportSettings, *, overwrite: bool = False) -> list[str]:
    """Hand the patients, fits or contrasts of a run over to another program, and return the files written.

    Raises
    ------
    SurvreconError
        If the folder is no run's, an option has no use in this export, or the curve has no patients to hand over.
    """
    _refuse_unused(settings)
    refuse_foreign(output, _EXPORT_STATE, overwrite=overwrite)
    trial = read_run_patients(run, control=settings.control)
    fits = _fits_of(trial, settings) if settings.target.has_fits else None
    files = export_files(exported_trial(trial, fits, settings), settings.target)
    facts = {"what": f"for {settings.target}", "source": run.name, "samples": settings.samples, "seed": settings.seed}
    publish_files(files, output, _EXPORT_STATE, facts, overwrite=overwrite)
    return sorted(files)


def hand_over(
    run: str | Path,
    to: ExportTarget | str,
    output: str | Path,
    *,
    fits: str | Path | None = None,
    external: str | Path | None = None,
    samples: int = 1000,
    seed: int = 0,
    control: str | None = None,
    overwrite: bool = False,
) -> list[Path]:
    """Hand the patients, fits or contrasts of a run over to another program.

    Parameters
    ----------
    run : str or Path
        The run's folder.
    to : ExportTarget or str
        "multinma", "maicplus", "flexsurv", "survextrap", "hesim", "excel" or "meta".
    output : str or Path
        A folder: new, empty, or written by the same call.
    fits : str or Path, optional
        A folder of fits of this run, for flexsurv, hesim and excel; the seven standard models where left out.
    external : str or Path, optional
        For survextrap: a table with columns start, stop, n and r, the survivors.
    samples, seed : int
        Samples of parameters, for hesim and excel.
    control : str, optional
        The control arm; as the record says where left out.
    overwrite : bool
        Whether files that a person changed are replaced.

    Returns
    -------
    list of Path
        The files written, README.txt among them.

    Raises
    ------
    SurvreconError
        If the folder is no run's, an option has no use in this export, or the curve has no patients to hand over.
    """
    known = [str(one) for one in ExportTarget]
    if str(to) not in known:
        raise ReportError(option_name("to"), f"one of {', '.join(known)}", repr(str(to)), "choose one of them")
    settings = ExportSettings(
        target=ExportTarget(to),
        fits=None if fits is None else Path(fits),
        external=None if external is None else Path(external),
        samples=samples,
        seed=seed,
        control=control,
    )
    names = export_run(Path(run), Path(output), settings, overwrite=overwrite)
    return [Path(output) / name for name in names]


def exported_trial(trial: TrialPatients, fits: FitSet | None, settings: ExportSettings) -> ExportedTrial:
    """Return a run as it is handed over."""
    return ExportedTrial(
        study=trial.study,
        endpoint=trial.endpoint,
        time_unit=trial.time_unit,
        central=trial.central,
        draws=trial.draws,
        document=trial.document,
        fits=fits,
        samples=settings.samples,
        seed=settings.seed,
        external=None if settings.external is None else read_survivors(settings.external),
    )


def _refuse_unused(settings: ExportSettings) -> None:
    """Refuse what would have no say in this export, instead of dropping it in silence."""
    target = settings.target
    for name, given, used in (
        ("fits", settings.fits, target.has_fits),
        ("external", settings.external, target is ExportTarget.SURVEXTRAP),
    ):
        if given is not None and not used:
            raise ReportError(
                option_name(name), f"an option that an export for {target} uses", str(given), "leave it out"
            )


def _fits_of(trial: TrialPatients, settings: ExportSettings) -> FitSet:
    """Return the fits to hand over: those of a folder are made again from its models, and held against its numbers."""
    from survrecon.analysis.fits.fit import fit_arms

    endpoint = None if trial.document is None else trial.document.analysis.endpoint
    if settings.fits is None:
        return fit_arms(arms_of_trial(trial), endpoint=endpoint, seed=settings.seed)
    kept = _kept_likelihoods(settings.fits)
    _refuse_other_likelihood(settings.fits)
    models = list(dict.fromkeys(model for _, model in kept))
    joint = any(arm == "joint" for arm, _ in kept)
    fits = fit_arms(arms_of_trial(trial), models=models, joint=joint, endpoint=endpoint, seed=settings.seed)
    for fit in fits.fits:
        before, now = kept.get((fit.arm, fit.name)), float(fit.log_likelihood[0])
        if before is not None and abs(before - now) > 10**-_LIKELIHOOD_DECIMALS:
            raise ReportError(
                f"{settings.fits}: {fit.name}, {fit.arm}",
                "fits of the patients of this run",
                f"a log likelihood of {before:.4f} there, {now:.4f} here",
                "fit the run again",
            )
    return fits


def _refuse_other_likelihood(folder: Path) -> None:
    """Refuse fits with entry times, visits or a life table: no other program would make the same of the patients."""
    plain = LikelihoodOptions().words
    try:
        told = json.loads((folder / FITS_FILE).read_text(encoding="utf-8"))["likelihood"]
    except (OSError, ValueError, KeyError, TypeError):
        told = plain
    if told != plain:
        raise ReportError(
            f"{folder}: likelihood", f"fits with {plain}, which can be handed over", str(told), "fit without them"
        )


_LIKELIHOOD_DECIMALS = 3
"""Decimals to which log likelihoods of two fits of the same patients agree: convergence leaves a tenth of the last."""


def _kept_likelihoods(folder: Path) -> Mapping[tuple[str, str], float]:
    """Return the log likelihood of each arm and model of the central data set, as a folder of fits tells."""
    path = folder / _FITS_TABLE
    rows = [cells for _, cells in csv_rows(path, ReportError)]
    names = ("arm", "model", "data_set", "loglik")
    if not rows or any(name not in rows[0] for name in names):
        raise ReportError(
            str(path), f"columns {', '.join(names)}", ", ".join(rows[0])[:80] if rows else "nothing", "fit"
        )
    at = [rows[0].index(name) for name in names]
    central = [[row[k] for k in at] for row in rows[1:] if row[at[2]] == "central"]
    try:
        return {(arm, model): float(value) for arm, model, _, value in central}
    except ValueError as error:
        raise ReportError(str(path), "log likelihoods are numbers", str(error), "fit the run again") from None


def publish_files(
    files: Mapping[str, str | bytes], folder: Path, state: str, facts: Mapping[str, object], *, overwrite: bool
) -> None:
    """Put files into a folder, whole or not at all."""
    refuse_foreign(folder, state, overwrite=overwrite)
    with staging(folder) as place:
        made = place / "made"
        made.mkdir()
        for name, content in files.items():
            write_whole(made / name, content)
        publish(made, folder, state, {**facts, "version": __version__}, overwrite=overwrite)
