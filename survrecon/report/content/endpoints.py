"""What is told of progression-free and overall survival together: as tables of words, and as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from survrecon.analysis.endpoints.dependence import Dependence
from survrecon.analysis.endpoints.results import CURVE_COLUMNS, TIME_COLUMNS, DrawPairing
from survrecon.model.estimate import format_decimals
from survrecon.report.content.words import NOT_REAL
from survrecon.report.settings import ENDPOINT_TABLES
from survrecon.report.table import TextTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.analysis.endpoints.fitted import EndpointFits
    from survrecon.analysis.endpoints.results import EndpointArm, PairedEndpoints

__all__ = ["endpoint_lines", "endpoint_tables", "endpoints_title", "endpoints_to_dict"]


def endpoints_title(found: PairedEndpoints) -> str:
    """Return what the result is of, in one line."""
    of = f"{found.trial}: " if found.trial else ""
    return f"{of}progression-free and overall survival, {found.time_unit}"


def endpoint_tables(found: PairedEndpoints) -> list[TextTable]:
    """Return how draws were paired, the time alive with progression, the share over time, and the fits."""
    tables = [_pairing(found), _times(found), _shares(found)]
    return tables if found.fits is None else [*tables, *_fits(found.fits)]


def _pairing(found: PairedEndpoints) -> TextTable:
    rows = [(arm.name, str(arm.n), *map(_events, (arm.pfs.draws, arm.os.draws)), *_moved(arm)) for arm in found.arms]
    return TextTable(
        heading=endpoints_title(found),
        columns=("arm", "patients", "PFS events", "deaths", "PFS mean moved, SD", "OS mean moved, SD"),
        rows=tuple(rows),
        notes=endpoint_lines(found),
        numeric=("patients",),
    )


def _events(draws: Sequence[Any]) -> str:
    counts = [one.events for one in draws]
    low, high = min(counts), max(counts)
    return str(low) if low == high else f"{low} to {high}"


def _moved(arm: EndpointArm) -> list[str]:
    return [f"{one.shift:+.2f}" for one in (arm.moved["pfs"], arm.moved["os"])]


def endpoint_lines(found: PairedEndpoints) -> tuple[str, ...]:
    """Return how draws were paired and what a reader must know, a line each."""
    slack = f", within {found.time_slack:.2g} {found.time_unit} of reading" if found.time_slack else ""
    lines = [
        f"{found.admissible:.0%} of all pairs of draws can be of the same patients{slack}; "
        f"{len(found.pairs)} pairs, {found.unmatched:.0%} of the draws without a partner"
    ]
    if found.pairing is DrawPairing.MATCHED:
        lines.append(
            "each pair agrees with both figures and admits patients none of whom is followed longer for progression "
            "than for death; who progressed first, survival after progression and causes of death are not told"
        )
    else:
        lines.append(
            "too few draws have a partner, so they are paired at random: what the two figures leave open is taken as "
            "independent, and no pair is claimed to be of the same patients"
        )
    for arm in found.arms:
        if arm.crossing is not None:
            one = arm.crossing
            lines.append(
                f"{arm.name}: the printed curves cross: progression-free survival is above overall survival from "
                f"{one.first:.3g} {found.time_unit} on, by {one.largest:.3f} at {one.at:.3g}; kept as it is"
            )
        if arm.late_deaths:
            lines.append(
                f"{arm.name}: {arm.late_deaths} deaths more than progression-free events: as many patients at least "
                "died after their progression-free time was censored"
            )
    return (*lines, *found.notes)


def _times(found: PairedEndpoints) -> TextTable:
    decimals = ENDPOINT_TABLES.time_decimals
    rows = []
    for arm in found.arms:
        for dependence, one in arm.time_progressed.items():
            errors = (one.sampling_se, one.reconstruction_se)
            shown = ("" if se is None else format_decimals(se, decimals) for se in errors)
            rows.append((arm.name, dependence.words, one.format(decimals), *shown))
    return TextTable(
        heading=f"Mean time alive with progression up to {found.tau:.4g} {found.time_unit} ({found.tau_rule})",
        columns=("arm", "how the two times of a patient go together", "time (95% CI)", "sampling SE", "reading SE"),
        rows=tuple(rows),
        notes=(
            "the area between the two curves; the figures do not tell who is who, and by rank and least bound what "
            "that leaves open",
        ),
        numeric=("sampling SE", "reading SE"),
    )


def _shares(found: PairedEndpoints) -> TextTable:
    rows = []
    for arm in found.arms:
        one = arm.progressed
        for k in np.linspace(0, one.time.size - 1, ENDPOINT_TABLES.rows + 1).astype(int)[1:]:
            ratio = f"{one.se_if_independent[k] / one.se_sampling[k]:.2f}" if one.se_sampling[k] > 0 else ""
            read = "" if one.se_reconstruction is None else f"{one.se_reconstruction[k]:.4f}"
            shown = (f"{value:.3f}" for value in (one.pfs[k], one.os[k], one.value[k]))
            interval = f"{one.low[k]:.3f} to {one.high[k]:.3f}"
            rows.append((arm.name, f"{one.time[k]:.3g}", *shown, interval, f"{one.se_sampling[k]:.4f}", read, ratio))
    return TextTable(
        heading="Share of patients alive with progression",
        columns=(
            *("arm", f"time, {found.time_unit}", "PFS", "OS", "progressed", "95% CI", "sampling SE", "reading SE"),
            "SE if independent, over it",
        ),
        rows=tuple(rows),
        notes=("overall less progression-free survival, with the covariance of two curves of the same patients",),
        numeric=(f"time, {found.time_unit}", "sampling SE", "reading SE", "SE if independent, over it"),
    )


def _fits(fits: EndpointFits) -> list[TextTable]:
    decimals, unit = ENDPOINT_TABLES.time_decimals, fits.time_unit
    rows = [
        (
            arm.name,
            arm.time_progressed.format(decimals),
            *(format_decimals(arm.spread[one], decimals) for one in Dependence),
            f"{arm.crossing_share:.1%}",
            "" if arm.first_crossing is None else f"{arm.first_crossing:.3g}",
            "" if arm.earliest_crossing is None else f"{arm.earliest_crossing:.3g}",
        )
        for arm in fits.arms
    ]
    cap = "held at overall survival where it exceeds it" if fits.capped else "as fitted"
    return [
        TextTable(
            heading=f"Fits: PFS {fits.pfs_model}, OS {fits.os_model}, up to {fits.horizon:.4g} {unit} "
            f"({fits.horizon_rule})",
            columns=(
                *("arm", "time alive with progression (95% CI)", *(f"its SD, {one}" for one in Dependence)),
                *("samples that cross", "first, median", "first, earliest"),
            ),
            rows=tuple(rows),
            notes=(
                f"{len(fits.arms[0].pair)} samples of the parameters of both fits; patients' times {fits.dependence}; "
                f"progression-free survival {cap}",
            ),
        )
    ]


def endpoints_to_dict(found: PairedEndpoints) -> dict[str, Any]:
    """Return both endpoints as a mapping of plain names."""
    times = [dict(zip(TIME_COLUMNS, row, strict=True)) for row in found.time_rows()]
    curves = [dict(zip(CURVE_COLUMNS, row, strict=True)) for row in found.curve_rows()]
    return {
        "trial": found.trial,
        "time_unit": found.time_unit,
        "horizon": {"tau": found.tau, "rule": found.tau_rule},
        "pairing": str(found.pairing),
        "pairs": len(found.pairs),
        "admissible_share": found.admissible,
        "unmatched_share": found.unmatched,
        "time_slack": found.time_slack,
        "arms": [_arm_to_dict(arm) for arm in found.arms],
        "time_progressed": times,
        "curves": curves,
        "fits": None if found.fits is None else _fits_to_dict(found.fits),
        "notes": list(endpoint_lines(found)),
        "notice": NOT_REAL,
    }


def _arm_to_dict(arm: EndpointArm) -> dict[str, Any]:
    crossing = arm.crossing
    return {
        "name": arm.name,
        "n": arm.n,
        "crossing": None
        if crossing is None
        else {"first": crossing.first, "largest": crossing.largest, "at": crossing.at},
        "moved": {name: {"shift_sd": one.shift, "sd_ratio": one.sd_ratio} for name, one in arm.moved.items()},
        "late_deaths_at_least": arm.late_deaths,
    }


def _fits_to_dict(fits: EndpointFits) -> dict[str, Any]:
    return {
        "pfs_model": fits.pfs_model,
        "os_model": fits.os_model,
        "horizon": fits.horizon,
        "dependence": str(fits.dependence),
        "capped": fits.capped,
        "arms": [
            {
                "name": arm.name,
                "samples": len(arm.pair),
                "crossing_share": arm.crossing_share,
                "first_crossing": arm.first_crossing,
                "earliest_crossing": arm.earliest_crossing,
                "time_progressed": arm.time_progressed.value,
                "low": None if arm.time_progressed.interval is None else arm.time_progressed.interval.low,
                "high": None if arm.time_progressed.interval is None else arm.time_progressed.interval.high,
                "sd": {str(one): value for one, value in arm.spread.items()},
            }
            for arm in fits.arms
        ],
    }
