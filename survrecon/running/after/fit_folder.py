"""The folder of fits: its tables, and ``fit.json``, how they came about."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from survrecon import __version__
from survrecon.analysis.fits.choice import HANGS_ON_THE_READING, HANGS_ON_THE_SAMPLE, CriterionSpread, ModelChoice
from survrecon.analysis.fits.extrapolation import DIFFERENCE_COLUMNS, EXTRAPOLATION_COLUMNS
from survrecon.analysis.fits.results import pooled_parameter_rows
from survrecon.analysis.fits.settings import EXTRAPOLATING
from survrecon.files.outputs import publish, refuse_foreign, staging
from survrecon.files.tables import csv_text
from survrecon.running.after.fitting import FITS_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from survrecon.running.after.fitting import FitOptions, FittedModels

__all__ = ["write_fits"]

_DIGITS = 10
"""Significant digits in tables."""


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
