"""Fit models to patients of a file or of a run's folder, carry them on to a horizon, and write the folder of fits."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from survrecon import __version__
from survrecon.analysis.comparison import ArmData
from survrecon.analysis.fits.choice import (
    HANGS_ON_THE_READING,
    HANGS_ON_THE_SAMPLE,
    CriterionSpread,
    ModelChoice,
    model_choice,
)
from survrecon.analysis.fits.extrapolate import excess_of, extrapolate
from survrecon.analysis.fits.extrapolation import (
    DIFFERENCE_COLUMNS,
    EXTRAPOLATION_COLUMNS,
    Extrapolation,
    PopulationUse,
)
from survrecon.analysis.fits.fit import fit_arms
from survrecon.analysis.fits.likelihood import LikelihoodOptions
from survrecon.analysis.fits.results import pooled_parameter_rows
from survrecon.analysis.fits.settings import EXTRAPOLATING
from survrecon.callers import Wording, option_name
from survrecon.errors import AnalysisError
from survrecon.files.external import read_cohort, read_external, read_life_table
from survrecon.files.ipd_csv import DRAWS_FILE, file_hash
from survrecon.files.outputs import publish, refuse_foreign, staging
from survrecon.files.tables import csv_text
from survrecon.model.external import Cohort, Population
from survrecon.running.after.patients import TrialPatients, read_run_patients, read_trial

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from survrecon.analysis.fits.results import FitSet
    from survrecon.model.external import ExternalPoint

__all__ = ["FITS_FILE", "CohortSummary", "FitOptions", "FittedModels", "fit_source", "write_fits"]

FITS_FILE = "fit.json"
"""What says how the files of a folder of fits came about, with their hashes."""
_PATIENTS = "ipd.csv"
_DIGITS = 10
"""Significant digits in tables."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CohortSummary:
    """Ages and sexes as a paper prints them.

    Parameters
    ----------
    mean_age, sd_age : float or None
        In years.
    male : float or None
        Share of men.
    file : Path or None
        A table of ages, sexes and shares instead.
    start_year : float or None
        Calendar year at the start of follow-up.
    """

    mean_age: float | None = None
    sd_age: float | None = None
    male: float | None = None
    file: Path | None = None
    start_year: float | None = None

    @property
    def stated(self) -> tuple[str, ...]:
        """The names of what is stated."""
        names = {
            "mean_age": self.mean_age, "sd_age": self.sd_age, "male": self.male, "cohort": self.file,
            "start_year": self.start_year,
        }  # fmt: skip
        return tuple(name for name, value in names.items() if value is not None)

    def cohort(self) -> Cohort:
        """Return the cohort.

        Raises
        ------
        AnalysisError
            If something is missing, or stated twice.
        """
        where = option_name("life_table")
        if self.start_year is None:
            rule = f"the year of the start ({option_name('start_year', 'YEAR')})"
            raise AnalysisError(where, rule, "none", "state it: mortality falls from year to year")
        summary = (self.mean_age, self.sd_age, self.male)
        if self.file is not None:
            if summary != (None, None, None):
                both = "a table, and their summary"
                raise AnalysisError(option_name("cohort"), "ages and sexes once", both, "leave one out")
            return read_cohort(self.file, self.start_year)
        if self.mean_age is None or self.sd_age is None or self.male is None:
            wanted = ", ".join(option_name(name) for name in ("mean_age", "sd_age", "male"))
            rule = f"ages and sexes of the patients: {wanted}, or a table ({option_name('cohort')})"
            raise AnalysisError(where, rule, "not all of them", "state them")
        return Cohort.from_summary(
            mean_age=self.mean_age, sd_age=self.sd_age, male=self.male, start_year=self.start_year
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class FitOptions:
    """What ``survrecon fit`` is told.

    Parameters
    ----------
    models : str or None
        Names, "all" or "standard".
    joint : bool
        Whether all arms are fitted with one model besides.
    control : str or None
        The first arm.
    horizon : float or None
        Of means.
    at : tuple of float
        Times of milestones and restricted means.
    life_table, external : Path or None
        Files.
    population_use : str or None
        "floor" or "excess".
    patients : CohortSummary
        Ages and sexes.
    entry : float or None
        Time at which all patients come under observation.
    visit_gap : float or None
        Time between visits.
    endpoint, time_unit : str or None
        Where the files do not tell.
    bootstraps : int
        Of the central data set, for the choice of a model.
    seed : int
        Of what is drawn from the fits.
    """

    models: str | None = None
    joint: bool = False
    control: str | None = None
    horizon: float | None = None
    at: tuple[float, ...] = ()
    life_table: Path | None = None
    external: Path | None = None
    population_use: str | None = None
    patients: CohortSummary = CohortSummary()
    entry: float | None = None
    visit_gap: float | None = None
    endpoint: str | None = None
    time_unit: str | None = None
    bootstraps: int = 0
    seed: int = 0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FittedModels:
    """What came of a source.

    Parameters
    ----------
    fits : FitSet
        All models.
    extrapolation : Extrapolation
        The identified ones, to the horizon.
    choice : tuple of ModelChoice
        Models beside each other.
    notes : tuple of str
        How the source was understood, and what is offered.
    inputs : mapping of str to str
        Hashes of the files, by name.
    """

    fits: FitSet
    extrapolation: Extrapolation
    choice: tuple[ModelChoice, ...]
    notes: tuple[str, ...]
    inputs: Mapping[str, str]


def fit_source(source: Path, options: FitOptions, *, draw_files: Sequence[Path] = ()) -> FittedModels:
    """Fit models to the patients of a file or a run's folder, over all draws that stand beside them.

    Parameters
    ----------
    source : Path
        ``ipd.csv`` or any file of patients, or the folder of a run.
    options : FitOptions
        What was stated.
    draw_files : sequence of Path
        Draws of the same arms; default those that lie beside ``source`` under its name.

    Raises
    ------
    AnalysisError
        If patients or options cannot be used.
    """
    patients, draws, notes = _files(source, draw_files)
    trial = _trial(source, draws, options)
    arms = _arms(trial)
    external = () if options.external is None else read_external(options.external)
    _refuse_unknown_arms(external, trial)
    endpoint = options.endpoint or _endpoint(patients)
    population = _population(options, arms[0].central.time_unit)
    excess = population is not None and options.population_use == PopulationUse.EXCESS
    background = excess_of(population, endpoint) if population is not None and excess else None
    fits = fit_arms(
        arms,
        models=options.models,
        joint=options.joint,
        options=LikelihoodOptions(
            entry=_entries(arms, options.entry), visit_gap=options.visit_gap, background=background
        ),
        endpoint=endpoint,
        seed=options.seed,
    )
    carried = extrapolate(
        fits,
        horizon=options.horizon,
        at=options.at,
        population=population,
        population_use=options.population_use,
        external=external,
    )
    used = [patients, *draws, *(path for path in (options.life_table, options.patients.file, options.external) if path)]
    return FittedModels(
        fits=fits,
        extrapolation=carried,
        choice=model_choice(fits, bootstraps=options.bootstraps),
        notes=(*notes, *trial.notes, *_visits(fits)),
        inputs={path.name: file_hash(path) for path in used},
    )


def _files(source: Path, draw_files: Sequence[Path]) -> tuple[Path, list[Path], list[str]]:
    """Return the file of patients, those of draws, and what is to be said of them."""
    patients = source / _PATIENTS if source.is_dir() else source
    if draw_files and source.is_dir():
        got = f"{source}, a folder that has its own"
        raise AnalysisError(option_name("draw_files"), "an option for a file of patients", got, "leave it out")
    if draw_files:
        return patients, list(draw_files), []
    stem = patients.name.removesuffix(".gz").removesuffix(".csv")
    beside = [patients.with_name(name) for name in (f"{stem}_draws.csv", f"{stem}_draws.csv.gz")]
    found = [path for path in beside if path.is_file()][:1]
    if found:
        return patients, found, [f"draws: {found[0].name}, which lies beside {patients.name}"]
    return patients, [], [f"no draws ({DRAWS_FILE}): what the reading leaves open is not in the intervals"]


def _trial(source: Path, draws: Sequence[Path], options: FitOptions) -> TrialPatients:
    """Return the patients of a run's folder or a file, control first."""
    if source.is_dir():
        if options.time_unit is not None:
            got = f"{source}, a folder that tells its unit"
            raise AnalysisError(option_name("time_unit"), "an option for a file of patients", got, "leave it out")
        return read_run_patients(source, control=options.control)
    return read_trial([source], draw_files=draws, control=options.control, time_unit=options.time_unit)


def _arms(trial: TrialPatients) -> list[ArmData]:
    """Return the arms, control first; either all of them have draws, or none."""
    if trial.draws and len(trial.draws) < len(trial.central):
        lacking = next(name for name in trial.central if name not in trial.draws)
        raise AnalysisError(option_name("draw_files"), "draws of every arm", f"none of {lacking}", "give them too")
    return [ArmData(central=ipd, draws=tuple(trial.draws.get(name) or (ipd,))) for name, ipd in trial.central.items()]


def _entries(arms: Sequence[ArmData], entry: float | None) -> tuple[np.ndarray[Any, np.dtype[np.float64]], ...] | None:
    """Return everybody's time of entry."""
    if entry is None:
        return None
    for arm in arms:
        first = min(float(one.time[0]) for one in (arm.central, *arm.draws))
        if not 0 <= entry < first:
            raise AnalysisError(
                option_name("entry"), f"a time before all events and censorings of {arm.name}, {first:g}", f"{entry:g}",
                "correct it, or leave it out",
            )  # fmt: skip
    return tuple(np.full(arm.central.n, entry) for arm in arms)


def _endpoint(patients: Path) -> str | None:
    """Return the endpoint that the file's own ``.json`` tells."""
    for name in (patients.with_suffix(".json"), patients.with_name("ipd.json")):
        try:
            told = json.loads(name.read_text(encoding="utf-8"))["endpoint"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        return None if told is None else str(told)
    return None


def _population(options: FitOptions, time_unit: str) -> Population | None:
    """Return the general population alike to the patients."""
    if options.life_table is None:
        stated = (*options.patients.stated, *(("population_use",) if options.population_use else ()))
        if stated:
            raise AnalysisError(
                option_name(stated[0]), "a life table that it goes with", f"no {option_name('life_table')}",
                "give one, or leave it out",
            )  # fmt: skip
        return None
    return Population(table=read_life_table(options.life_table), cohort=options.patients.cohort(), time_unit=time_unit)


def _refuse_unknown_arms(external: Sequence[ExternalPoint], trial: TrialPatients) -> None:
    odd = next((point.arm for point in external if point.arm not in (None, *trial.central)), None)
    if odd is not None:
        known = ", ".join(trial.central)
        raise AnalysisError(option_name("external"), f"arms {known}", repr(odd), "correct the arm's name")


def _visits(fits: FitSet) -> list[str]:
    """Offer the likelihood of visits where events lie at multiples of one time."""
    from survrecon.reconstruction.statespace.patients import find_visits

    if fits.options.visit_gap is not None:
        return []
    found: list[str] = []
    for arm in fits.arms:
        visits = find_visits(*arm.central.kaplan_meier())
        if visits is not None:
            offered = option_name("visit_gap", f"{visits.apart:g}")
            seen = f"{arm.name}: events lie at multiples of {visits.apart:g} {fits.time_unit}, as at visits"
            found.append(Wording(f"{seen}; {offered} has each somewhere in the time before"))
    return found


def write_fits(fitted: FittedModels, folder: Path, options: FitOptions, *, overwrite: bool = False) -> None:
    """Write the tables of fits, parameters, extrapolation and choice, and ``fit.json``, how they came about.

    Raises
    ------
    ReportError
        If the folder holds something else, was changed by a person, or cannot be written to.
    """
    refuse_foreign(folder, FITS_FILE, overwrite=overwrite)
    fits, carried = fitted.fits, fitted.extrapolation
    tables = {
        "fits.csv": csv_text(
            ("arm", "model", "data_set", "loglik", "aic", "bic", "identified", "reason"), _plain(fits.fit_rows())
        ),
        "parameters.csv": csv_text(
            ("arm", "model", "data_set", "parameter", "estimate", "se"), _plain(fits.parameter_rows())
        ),
        "extrapolation.csv": csv_text(EXTRAPOLATION_COLUMNS, _plain(carried.rows())),
        "pooled_parameters.csv": csv_text(_POOLED_COLUMNS, _plain(pooled_parameter_rows(fits, EXTRAPOLATING.samples))),
        "differences.csv": csv_text(DIFFERENCE_COLUMNS, _plain(carried.difference_rows())),
        "choice.csv": csv_text(_CHOICE_COLUMNS, _plain(map(_choice_row, fitted.choice))),
    }
    with staging(folder) as place:
        made = place / "fits"
        made.mkdir()
        for name, text in tables.items():
            (made / name).write_text(text, encoding="utf-8")
        publish(made, folder, FITS_FILE, _facts(fitted, options), overwrite=overwrite)


_POOLED_COLUMNS = ("arm", "model", "parameter", "value", "low", "high", "se_sampling", "se_reconstruction", "scale")


_CHOICE_COLUMNS = (
    *("arm", "model", "identified", "aic", "bic", "aic_median", "aic_low", "aic_high", "bic_median", "bic_low"),
    *("bic_high", "behind_best_median", "behind_best_low", "behind_best_high", "lowest_in_draws"),
    *("lowest_in_bootstraps", "reason"),
)


def _choice_row(one: ModelChoice) -> tuple[object, ...]:
    def spread(found: CriterionSpread | None) -> tuple[float | None, ...]:
        return (None, None, None) if found is None else (found.median, found.low, found.high)

    return (
        *(one.arm, one.model, "yes" if one.identified else "no", one.aic, one.bic),
        *(*spread(one.aic_spread), *spread(one.bic_spread), *spread(one.behind_best)),
        *(one.lowest_in_draws, one.lowest_in_bootstraps, one.reason),
    )


def _plain(rows: Any) -> list[list[object]]:
    """Return rows as they are written: numbers to ten digits, those that are not finite as empty cells."""
    return [
        [(f"{cell:.{_DIGITS}g}" if np.isfinite(cell) else None) if isinstance(cell, float) else cell for cell in row]
        for row in rows
    ]


def _facts(fitted: FittedModels, options: FitOptions) -> dict[str, Any]:
    """Return how the tables came about."""
    fits, carried, patients = fitted.fits, fitted.extrapolation, options.patients
    people = {
        "mean_age": patients.mean_age, "sd_age": patients.sd_age, "male": patients.male,
        "start_year": patients.start_year,
    }  # fmt: skip
    return {
        "program": "survrecon",
        "version": __version__,
        "arms": list(fits.arm_names),
        "draws": max((fit.draws for fit in fits.fits), default=0),
        "time_unit": fits.time_unit,
        "endpoint": fits.endpoint,
        "likelihood": fits.options.words,
        "models": list(fits.models),
        **_of_models(fitted),
        "horizon": carried.horizon,
        "horizon_rule": carried.horizon_rule,
        "population_use": None if carried.population_use is None else str(carried.population_use),
        "population": people if patients.stated else None,
        "cautions": {
            one.arm: {"few_at_risk": one.few_at_risk, "last_event": one.last_event, "far": one.far}
            for one in carried.cautions
        },
        "lowest_in_draws": HANGS_ON_THE_READING,
        "lowest_in_bootstraps": HANGS_ON_THE_SAMPLE,
        "bootstraps": options.bootstraps,
        "seed": options.seed,
        "notes": [*fitted.notes, *fits.notes, *carried.notes],
        "inputs_sha256": dict(fitted.inputs),
    }


def _of_models(fitted: FittedModels) -> dict[str, Any]:
    """Return what is to be known of single models: knots, cuts, limits of cured shares, where a floor binds."""
    fits = fitted.fits.fits
    models = fitted.extrapolation.models
    return {
        "log_knots": {f"{f.name}, {f.arm}": f.model.knots.tolist() for f in fits if f.model.knots is not None},
        "cuts": {f"{f.name}, {f.arm}": f.model.cuts.tolist() for f in fits if f.model.cuts is not None},
        "arm_coefficient": {f.name: str(f.model.effect) for f in fits if f.joint},
        "cured_share_upper_limit": {
            f"{f.name}, {f.arm}": f.identification.cured_upper for f in fits if f.identification.cured_upper is not None
        },
        "floor": {f"{one.model}, {one.arm}": asdict(one.floor) for one in models if one.floor is not None},
    }
